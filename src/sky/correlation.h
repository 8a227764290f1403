/* What the files of the correlation share.
 *
 * A pair of pixels is counted once, at its first pixel in reading order: the lags of one half plane
 * hold all there is to know.  They are numbered 0 (lag 0), 1..L along the row, then row by row from
 * -L to L.
 */
#ifndef WELKIN_SKY_CORRELATION_H
#define WELKIN_SKY_CORRELATION_H

#include "welkin/correlation.h"

enum {
    WK_CORRELATION_LAG_MAX = 1024,
    WK_CORRELATION_BLOCKS_MAX = 256,
    WK_CORRELATION_JACKKNIFE = 32 /* largest lag whose sums are kept by block */
};

/* What is correlated: (value - mean) * scale of the good pixels. */
typedef struct wk_correlation_field {
    const wk_samples *samples;
    double mean, scale;
    double square; /* mean of (value - mean)^2 */
    int64_t good, nonfinite;
} wk_correlation_field;

/* Sums over the pairs of each lag, by the block of the first pixel. */
typedef struct wk_correlation_sums {
    int64_t lag, half; /* half = 2 L (L + 1) + 1 lags */
    int64_t blocks[2]; /* in x and y, at least 1 */
    double *product;   /* [blocks y][blocks x][half] */
    int64_t *pairs;    /* the same */
} wk_correlation_sums;

/* The number of a lag of the half plane: dy > 0, or dy = 0 and dx >= 0. */
static inline int64_t wk_correlation_index(int64_t lag, int64_t dy, int64_t dx)
{
    return dy == 0 ? dx : lag + 1 + (dy - 1) * (2 * lag + 1) + dx + lag;
}

/* Where part i of `count` nearly equal ones of a length begins. */
static inline int64_t wk_correlation_edge(int64_t length, int64_t count, int64_t i)
{
    return length / count * i + length % count * i / count;
}

/* Pixels x..x+n-1 of row y: the residuals, 0 for those left out, and which count, one bit a pixel
 * from the lowest of marks[0] on; the bits behind the last pixel are 0.  Returns how many were left
 * out for not being finite, though not bad. */
int64_t wk_correlation_row(double *value, uint64_t *marks, const wk_correlation_field *field,
                           int64_t y, int64_t x, int64_t n);

/* Find mean, square and counts of the samples; scale is 1.  WK_NO_DATA: no good pixel. */
wk_status wk_correlation_field_make(wk_correlation_field *field, const wk_samples *samples,
                                    const wk_context *context, wk_error *error);

/* Empty sums for blocks as asked for, or one where there are none or the lag is too large. */
wk_status wk_correlation_sums_make(wk_correlation_sums *sums, const wk_samples *samples,
                                   const wk_correlation_options *options, wk_error *error);
void wk_correlation_sums_release(wk_correlation_sums *sums);

/* Add all pairs to empty sums: pixel by pixel, or by Fourier transforms of pieces of the image. */
wk_status wk_correlation_direct(wk_correlation_sums *sums, const wk_correlation_field *field,
                                const wk_context *context, wk_error *error);
wk_status wk_correlation_fourier(wk_correlation_sums *sums, const wk_correlation_field *field,
                                 const wk_context *context, wk_error *error);

/* Seconds that the two would need on a machine like those they were measured on; only which is less
 * matters. */
double wk_correlation_direct_cost(const wk_correlation_sums *sums, const wk_samples *samples);
double wk_correlation_fourier_cost(const wk_correlation_sums *sums, const wk_samples *samples);

/* Fill the errors, the test and the area's factor of a correlation whose other fields are done.
 * Given: whether the mean's variance has been added. */
wk_status wk_correlation_errors(wk_correlation *correlation, const wk_correlation_sums *sums,
                                int corrected, wk_error *error);

#endif
