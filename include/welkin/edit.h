/* Copies of files in which the pixels of some planes are changed by a function. */
#ifndef WELKIN_EDIT_H
#define WELKIN_EDIT_H

#include "welkin/exposure.h"
#include "welkin/image.h"
#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum wk_plane { WK_PLANE_IMAGE = 0, WK_PLANE_NOISE } wk_plane;

/* A keyword to set in the HDU that is changed; names of more than 8 characters become HIERARCH. */
typedef struct wk_keyword {
    const char *name;
    const char *text; /* a text value; NULL: number is the value */
    double number;
    const char *comment;
    int primary; /* nonzero: set it in the primary header, too */
    int logical; /* nonzero: a truth value, T where number is not 0 */
} wk_keyword;

/* What is to become of one plane of an exposure. */
typedef struct wk_plane_edit {
    const wk_exposure *exposure;
    wk_plane plane;
    /* Change the values of a rectangle of whole rows, in physical units; called by several workers
     * at once for different rectangles (worker: 0 to their number - 1).  For the noise plane the
     * values are those stored: wk_exposure_describe()->noise says what.  NULL: only keywords are
     * set. */
    wk_status (*change)(void *payload, int worker, wk_rect rect, double *values, wk_error *error);
    void *payload;
    const wk_keyword *keywords;
    size_t keyword_count;
} wk_plane_edit;

/* Copy a file, changing some of its planes.
 *
 * Given      path      the output; it appears when it is whole, or not at all
 *            edits     of planes that are all in one file, at least one
 *            options   overwrite, durable and cards (HISTORY lines) are used; NULL for defaults
 * Status     WK_EXISTS, WK_FILE; WK_HEADER for an HDU that holds no image, or an exposure without
 *            the plane; WK_ARGUMENT for edits of different files, of a plane twice, or a keyword
 *            that is no header text or says how the file is built (NAXIS, BSCALE, ...); what
 *            change returns
 * Notes      1. float32 and float64 images without BSCALE and BZERO keep their type; values are
 *               rounded once.  All others (integers, scaled or tile-compressed images) become
 *               float32 images that are not compressed: BSCALE, BZERO and BLANK leave the header.
 *               Where change is NULL all stay as they are.
 *            2. NaN pixels are handed to change as NaN.  Everything else in the file is kept bit
 *               for bit.  CHECKSUM and DATASUM are set.  The output does not depend on the number
 *               of threads.
 *            3. Memory: some strips a worker, and what wk_exposures_write says of gzip; an image
 *               of a gzipped file that becomes float32 needs the whole file.
 */
WK_API wk_status wk_exposures_edit(const char *path, const wk_plane_edit *edits, size_t count,
                                   const wk_write_options *options, const wk_context *context,
                                   wk_error *error);

/* One output of several. */
typedef struct wk_edit_job {
    const char *path;           /* of the output; no two jobs have the same */
    const wk_plane_edit *edits; /* as for wk_exposures_edit */
    size_t count;
} wk_edit_job;

/* Write several files, each as wk_exposures_edit does; progress stage "write".
 *
 * Status     as wk_exposures_edit; WK_CANCELLED
 * Notes      1. Files are written side by side, one a thread; fewer files than threads one after
 *               the other, their rows side by side.  The worker numbers that change is given are
 *               those of one run: no two calls at once have the same.
 *            2. After a failure or a cancellation no new file is begun, and the new files of this
 *               call are removed.  One that replaced an older file stays: it is whole.
 *            3. Memory: as wk_exposures_edit, for every file that is being written.
 */
WK_API wk_status wk_exposures_edit_all(const wk_edit_job *jobs, size_t count,
                                       const wk_write_options *options, const wk_context *context,
                                       wk_error *error);

#ifdef __cplusplus
}
#endif

#endif
