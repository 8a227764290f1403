/* The noise of an image, strip by strip: what is left of its pixels without the background, and how
 * many times the noise that the variances promise that is. */
#ifndef WELKIN_SKY_VARIANCE_STREAM_H
#define WELKIN_SKY_VARIANCE_STREAM_H

#include "welkin/background.h"
#include "welkin/rows.h"
#include "welkin/status.h"

typedef struct wk_variance_stream wk_variance_stream;

/* Some pixels; a bad one is NaN in all three.
 * good = not bad in rows, residual finite, variance finite and above 0. */
typedef struct wk_variance_block {
    const float *snr; /* residual / sqrt(variance) */
    const float *residual, *variance;
    int64_t n;
} wk_variance_block;

/* Takes one block; two calls with one worker number never overlap. */
typedef wk_status (*wk_variance_take)(void *payload, int worker, const wk_variance_block *block,
                                      wk_error *error);

/* Pixels from rows that lie evenly in the region; NaN where they are bad. */
typedef struct wk_variance_sample {
    float *snr, *residual, *variance;
    int64_t size;
} wk_variance_sample;

/* Given      background, region, context   may be NULL; all is borrowed
 * Returned   out                           caller frees with wk_variance_stream_free
 * Status     WK_ARGUMENT  rows without variances, a region that is not in the image, a background
 * of another size WK_MEMORY
 */
wk_status wk_variance_stream_create(wk_variance_stream **out, const wk_rows *rows,
                                    const wk_background *background, const wk_rect *region,
                                    const wk_context *context, wk_error *error);

void wk_variance_stream_free(wk_variance_stream *stream);

int wk_variance_stream_workers(const wk_variance_stream *stream);

/* Pixels of the region. */
int64_t wk_variance_stream_pixels(const wk_variance_stream *stream);

/* Hand every pixel to take once. */
wk_status wk_variance_stream_run(const wk_variance_stream *stream, wk_variance_take take,
                                 void *payload, wk_error *error);

/* About size pixels, the same ones for any number of workers. */
wk_status wk_variance_stream_sample(wk_variance_sample *out, const wk_variance_stream *stream,
                                    int64_t size, wk_error *error);

void wk_variance_sample_release(wk_variance_sample *sample);

#endif
