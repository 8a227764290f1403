/* An image made smaller by whole numbers, and how much of it is flagged. */
#ifndef WELKIN_SKY_THUMBNAIL_H
#define WELKIN_SKY_THUMBNAIL_H

#include "welkin/preview.h"

typedef struct wk_thumbnail {
    int64_t binning, width, height;
    float *values;      /* [height][width] means of finite pixels; NaN for none */
    int32_t *finite_of; /* [rows of the image] finite pixels of each */
    int64_t pixels, finite, good;
    double min, max;           /* of the finite pixels */
    double good_min, good_max; /* of the good ones, when these were asked for */
    uint8_t *shares;  /* [planes][height][width] flagged part of the pixels, 255 for all, 0 for none
                       */
    int64_t *flagged; /* [planes] pixels */
} wk_thumbnail;

/* The least whole number by which an image fits into a box. */
int64_t wk_thumbnail_binning(int64_t width, int64_t height, int64_t most_width,
                             int64_t most_height);

/* Read the pixels once.
 *
 * Given      judge   nonzero: read masks, too, and fill good, good_min, good_max
 * Returned   out     release with wk_thumbnail_release
 * Status     what reading returns; WK_MEMORY, WK_CANCELLED
 * Notes      Sums in double, row by row: the same bits for any number of threads.
 */
wk_status wk_thumbnail_make(wk_thumbnail *out, const wk_rows *rows, int64_t binning, int judge,
                            const wk_context *context, wk_error *error);

/* Read the flags once: fills shares and flagged. */
wk_status wk_thumbnail_flag(wk_thumbnail *thumbnail, const wk_flag_rows *flags,
                            const wk_mask_plane *planes, size_t plane_count,
                            const wk_context *context, wk_error *error);

void wk_thumbnail_release(wk_thumbnail *thumbnail);

#endif
