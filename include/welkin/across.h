/* Statistics over several images, pixel by pixel: mean, standard deviation, extremes, number.
 *
 * The images are files of one shape, of any layout, or lists of background models, which are
 * evaluated as they are needed.  Any number of them takes a band of rows of memory.
 */
#ifndef WELKIN_ACROSS_H
#define WELKIN_ACROSS_H

#include "welkin/exposure.h"
#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The order of the planes, and their names in a file: MEAN, STD, MIN, MAX, COUNT. */
typedef enum wk_across_plane {
    WK_ACROSS_MEAN = 0,
    WK_ACROSS_STD, /* population's: divisor is the number */
    WK_ACROSS_MIN,
    WK_ACROSS_MAX,
    WK_ACROSS_COUNT, /* of good pixels */
    WK_ACROSS_PLANES
} wk_across_plane;

/* One image: an exposure, or a file with a wk_background_list. */
typedef struct wk_across_input {
    const wk_exposure *exposure; /* NULL: it is a list */
    const char *list;
} wk_across_input;

typedef struct wk_across_file {
    const char *path;
    int overwrite, durable;
    const char *const *cards; /* HISTORY lines, NULL-terminated; may be NULL */
} wk_across_file;

/* The size that all images have.
 * Status     WK_HEADER    one differs from the first, and is named; WK_ARGUMENT for no image; what
 *                         reading a list returns */
WK_API wk_status wk_across_size(int64_t *width, int64_t *height, const wk_across_input *inputs,
                                size_t count, wk_error *error);

/* Write the planes as extensions of a FITS file.
 *
 * Status     as wk_across_size; WK_EXISTS, WK_FILE; WK_CANCELLED.  After a failure there is no file
 * Notes      1. Only good pixels count; where there are none the first four planes are NaN.
 *            2. Planes are float32, or float64 if one of the images is float64 or of integers of 32
 *               or 64 bits; COUNT is int32.  Sums are double.
 *            3. The unit, and the linear coordinates and polynomials of distortion, are those of
 *               the first image, if it is an exposure: that is the grid on which pixels are
 *               compared, whatever the sky does in the others.
 *            4. Bands of rows fill context's memory; each image is opened once a band, one at a
 *               time, and its rows of the band are read once.
 *            5. The order of the images is kept: the same bits for any number of threads and any
 *               memory.
 * Accuracy   of float64 sums by Welford's recurrence [tests/command/test_stats_across.py]
 * Source     docs/methods/summary.md
 */
WK_API wk_status wk_across_write(const wk_across_file *file, const wk_across_input *inputs,
                                 size_t count, const wk_context *context, wk_error *error);

/* The same into arrays: planes[k] is double[height][width], with the numbers that the file would
 * hold. */
WK_API wk_status wk_across_fill(double *const planes[WK_ACROSS_PLANES],
                                const wk_across_input *inputs, size_t count,
                                const wk_context *context, wk_error *error);

#ifdef __cplusplus
}
#endif

#endif
