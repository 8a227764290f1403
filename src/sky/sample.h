/* Some pixels of an image, spread over it. */
#ifndef WELKIN_SKY_SAMPLE_H
#define WELKIN_SKY_SAMPLE_H

#include "welkin/rows.h"

/* Start from all zero bytes; release with wk_sample_release. */
typedef struct wk_sample {
    float *values; /* [count], finite */
    size_t count, room;
} wk_sample;

/* Append the finite pixels of a square lattice through the first pixel, whose step is the largest
 * of those up to sqrt(pixels / size) that finds more than 0.8 size of them; step 1 takes all. */
wk_status wk_sample_lattice(wk_sample *sample, const wk_rows *rows, int64_t size, wk_error *error);

/* Append every (finite / size)-th of the finite pixels, row by row, size of them at most.
 * Given   finite_of   int32[height] finite pixels in each row */
wk_status wk_sample_every(wk_sample *sample, const wk_rows *rows, const int32_t *finite_of,
                          int64_t size, wk_error *error);

void wk_sample_release(wk_sample *sample);

#endif
