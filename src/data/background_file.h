/* Lists of background models as the Rubin Observatory's software keeps them in FITS
 * (BackgroundList): for each element the statistics of its bins, their mask and their errors. */
#ifndef WELKIN_DATA_BACKGROUND_FILE_H
#define WELKIN_DATA_BACKGROUND_FILE_H

#include <stddef.h>
#include <stdint.h>

#include "welkin/status.h"

/* One model.  The styles are the numbers that the files hold. */
typedef struct wk_background_element {
    int64_t nx, ny;       /* bins */
    float *level;         /* [ny][nx]; NaN: a bin without pixels */
    float *error;         /* [ny][nx]; standard error, not squared */
    int interpstyle;      /* -1 to 6 */
    int undersamplestyle; /* 0 to 2 */
    int approxstyle;      /* -1: interpolated, 0: Chebyshev */
    int approxorderx, approxordery;
    int approxweighting;   /* nonzero: bins are weighted by their errors */
    int64_t x0, y0;        /* of the image's first pixel, in its parent's pixels */
    int64_t width, height; /* of the image, in pixels */
} wk_background_element;

/* Write a list.
 * Status     WK_ARGUMENT for no element, or one that could not be read back; as wk_fits_create
 * Notes      1. No background at all is written as one bin of level NaN and error 0.
 *            2. Masks are 0, as a bin without pixels is told by its NaN; but that one bin has
 *               NO_DATA. */
wk_status wk_background_file_write(const char *path, const wk_background_element *elements,
                                   size_t count, int overwrite, int durable, wk_error *error);

/* Read a list; the file may be gzipped.
 * Returned   out     *count elements; caller frees with wk_background_elements_free
 * Status     WK_FILE as wk_fits_open; WK_HEADER for a number of HDUs that three does not divide,
 *            planes of different sizes, a keyword that is missing or makes no sense
 * Notes      1. Files from before approximations lack their keywords: then the style is -1, the
 *               orders 1 and -1, and bins are weighted.
 *            2. The mask is not kept: bins without pixels are NaN. */
wk_status wk_background_file_read(wk_background_element **out, size_t *count, const char *path,
                                  wk_error *error);

/* NULL is allowed. */
void wk_background_elements_free(wk_background_element *elements, size_t count);

/* Nonzero if the file looks like such a list: its first image tells the size of another one.
 * Negative: there is no memory to look. */
int wk_background_file_is(const char *path);

#endif
