/* Pixels in memory.
 *
 * Pixels are float32, row-major, first index y.  A bad pixel is one that is masked or not finite.
 * Coordinates are 0-based: the centre of the first pixel is (0, 0) and its edges are at -0.5 and
 * +0.5.
 */
#ifndef WELKIN_IMAGE_H
#define WELKIN_IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "welkin/api.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A rectangle of whole pixels: x..x+width-1, y..y+height-1. */
typedef struct wk_rect {
    int64_t x, y, width, height;
} wk_rect;

/* Borrowed pixels; owns nothing and is never kept by the library. */
typedef struct wk_view {
    float *data;
    int64_t width, height;
    int64_t stride; /* floats from one row to the next */
} wk_view;

/* The planes of one exposure, in buffers that are reused from load to load.
 * Start from all zero bytes; release with wk_pixels_release. */
typedef struct wk_pixels {
    int64_t width, height;
    float *data;      /* [height][width] */
    uint8_t *bad;     /* [height][width]; nonzero: masked or not finite */
    float *variance;  /* [height][width] or NULL when not asked for or absent */
    int64_t good;     /* number of pixels with bad == 0 */
    size_t allocated; /* pixels for which data and bad have room */
    size_t allocated_variance;
    float *variance_buffer; /* where variance points when there is one; belongs to the buffers */
} wk_pixels;

/* Release the buffers and zero the struct.  NULL is allowed. */
WK_API void wk_pixels_release(wk_pixels *pixels);

#ifdef __cplusplus
}
#endif

#endif
