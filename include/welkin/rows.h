/* Pixels on demand: an image that is read in rectangles, not held.
 *
 * What works on images larger than memory asks a wk_rows for the rectangles it needs.  One comes
 * from an exposure in a file (wk_exposure_rows_open) or from arrays (wk_rows_of_view).
 */
#ifndef WELKIN_ROWS_H
#define WELKIN_ROWS_H

#include "welkin/exposure.h"
#include "welkin/image.h"
#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Why a pixel is bad; several may hold.  0: good. */
typedef enum wk_bad {
    WK_BAD_VALUE = 1, /* not finite */
    WK_BAD_FLAG = 2,  /* masked: one of the bad bits is set */
    WK_BAD_NOISE = 4  /* variance or weight not finite or <= 0 (ERR planes are not judged) */
} wk_bad;

/* Transparent; borrows what payload points to. */
typedef struct wk_rows {
    int64_t width, height;
    int has_variance; /* nonzero: read can give variances */
    int workers;      /* read may be called at once by workers 0..workers-1 */
    /* Read a rectangle that lies in the image.
     * Given     worker    0..workers-1; two calls with one number never overlap
     * Returned  data      float[rect.height][rect.width], or NULL: not wanted
     *           bad       uint8[rect.height][rect.width], wk_bad, or NULL
     *           variance  float[rect.height][rect.width] in units squared, NaN where there is none,
     *                     or NULL; only if has_variance */
    wk_status (*read)(void *payload, int worker, wk_rect rect, float *data, uint8_t *bad,
                      float *variance, wk_error *error);
    void *payload;
    /* The same without loss: data is double[rect.height][rect.width], of float64 and of integers
     * of 32 and 64 bits as wk_exposure_load_full gives them.  NULL: float32 holds every digit. */
    wk_status (*read_wide)(void *payload, int worker, wk_rect rect, double *data, uint8_t *bad,
                           wk_error *error);
} wk_rows;

/* Arrays as rows.  Keep this struct as long as the rows are used. */
typedef struct wk_rows_view {
    wk_view data;
    const uint8_t *mask;   /* [height][width], nonzero: masked; or NULL */
    const float *variance; /* [height][width] or NULL */
} wk_rows_view;

/* Rows that read from arrays, for any number of workers. */
WK_API wk_rows wk_rows_of_view(const wk_rows_view *view);

/* Read all rows at once, with as many workers as rows and context allow.
 *
 * Returned   data, bad, variance   as of read, [height][width]; NULL: not wanted
 * Status     what read returns; progress is not reported
 */
WK_API wk_status wk_rows_load(float *data, uint8_t *bad, float *variance, const wk_rows *rows,
                              const wk_context *context, wk_error *error);

typedef struct wk_exposure_rows wk_exposure_rows;

/* Open the planes of an exposure for reading by several workers.
 *
 * Given      exposure     kept until the close
 *            workers      how many will read at once, >= 1
 *            keep         bytes that may be used to keep pixels for a second reading
 *            judge_noise  nonzero: bad pixels by the noise plane are marked in every reading; zero:
 *                         only where variances are asked for, so that the plane need not be read
 * Returned   out          caller closes it with wk_exposure_rows_close
 * Status     WK_FILE      (also of read) missing, truncated, changed since the exposure was opened
 * Notes      1. Every worker holds a file handle for each plane it reads, from its first call on.
 *            2. Pixels of plain files are read anew each time: the system keeps them, and to copy
 *               them out of its memory is no dearer than to touch fresh memory of our own.  Those
 * of compressed tiles are kept once unpacked, if keep has room for 5 bytes a pixel.
 *            3. A gzipped file cannot be read in pieces: its pixels are held whole, whatever keep
 * is.
 */
WK_API wk_status wk_exposure_rows_open(wk_exposure_rows **out, const wk_exposure *exposure,
                                       int workers, size_t keep, int judge_noise, wk_error *error);

/* Borrowed; valid until the close. */
WK_API wk_rows wk_exposure_rows_get(wk_exposure_rows *rows);

WK_API void wk_exposure_rows_close(wk_exposure_rows *rows);

/* Bits of masks on demand.  Transparent; borrows what payload points to. */
typedef struct wk_flag_rows {
    int64_t width, height;
    int workers; /* read may be called at once by workers 0..workers-1 */
    /* Read whole rows, from y on: uint64[rows][width]. */
    wk_status (*read)(void *payload, int worker, int64_t y, int64_t rows, uint64_t *flags,
                      wk_error *error);
    void *payload;
} wk_flag_rows;

typedef struct wk_exposure_flags wk_exposure_flags;

/* Open the mask of an exposure for reading by several workers.
 *
 * Given      exposure   kept until the close
 *            workers    how many will read at once, >= 1
 * Returned   out        caller closes it with wk_exposure_flags_close
 * Status     WK_HEADER  the exposure has no mask
 *            WK_FILE    (also of read) missing, truncated, changed since the exposure was opened
 * Notes      1. Every worker holds a file handle, from its first call on.
 *            2. A gzipped file is read by one worker: every handle would unpack all of it.
 */
WK_API wk_status wk_exposure_flags_open(wk_exposure_flags **out, const wk_exposure *exposure,
                                        int workers, wk_error *error);

/* Borrowed; valid until the close. */
WK_API wk_flag_rows wk_exposure_flags_get(wk_exposure_flags *flags);

WK_API void wk_exposure_flags_close(wk_exposure_flags *flags);

#ifdef __cplusplus
}
#endif

#endif
