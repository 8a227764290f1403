/* Images for correlations, and their sums pair by pair in long double. */
#ifndef WELKIN_TESTS_CORRELATION_CASE_H
#define WELKIN_TESTS_CORRELATION_CASE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "correlation.h"
#include "random.h"

typedef struct corr_image {
    int64_t width, height;
    float *values;
    uint8_t *bad;
} corr_image;

/* Gaussian noise of standard deviation 3 about 1000, a fraction of the pixels masked with NaN,
 * infinities and 1e30 below, and a few NaN that are not masked. */
static inline corr_image corr_make(int64_t width, int64_t height, double fraction, uint64_t seed)
{
    corr_image made = {width, height, NULL, NULL};
    size_t count = (size_t)(width * height);
    made.values = malloc(count * sizeof *made.values);
    made.bad = calloc(count, 1);
    assert_true(made.values && made.bad);
    wk_random_gaussian(made.values, width * height, wk_random_stream(seed, 1, 0, 0, 0));
    wk_random random = wk_random_stream(seed, 2, 0, 0, 0);
    const float wild[] = {NAN, INFINITY, -INFINITY, 1e30F};
    for (size_t i = 0; i < count; i++) {
        made.values[i] = 1000.0F + 3.0F * made.values[i];
        double u = wk_random_uniform(&random);
        if (u < fraction) {
            made.bad[i] = (uint8_t)(1 + i % 255);
            made.values[i] = wild[i % 4];
        } else if (u < 1.02 * fraction) {
            made.values[i] = wild[i % 3];
        }
    }
    return made;
}

static inline void corr_release(corr_image *image)
{
    free(image->values);
    free(image->bad);
}

static inline wk_samples corr_samples(const corr_image *image)
{
    wk_samples samples = {image->width, image->height, image->values, NULL, image->bad, NULL};
    return samples;
}

/* A value less nothing, and whether it counts. */
static inline int corr_value(double *value, const wk_samples *from, int64_t y, int64_t x)
{
    int64_t at = y * from->width + x;
    *value = from->single ? (double)from->single[at] : from->full[at];
    if ((from->bad && from->bad[at]) || !isfinite(*value))
        return 0;
    if (!from->variance)
        return 1;
    double variance = (double)from->variance[at];
    *value /= sqrt(variance);
    return variance > 0.0 && isfinite(variance);
}

static inline long double corr_mean(const wk_samples *from)
{
    long double sum = 0.0L;
    int64_t count = 0;
    double value;
    for (int64_t i = 0; i < from->width * from->height; i++)
        if (corr_value(&value, from, i / from->width, i % from->width)) {
            sum += (long double)value;
            count++;
        }
    return sum / (long double)count;
}

/* One lag's sum over pairs whose first pixel lies in a rectangle. */
static inline long double corr_sum(int64_t *pairs, const wk_samples *from, long double mean,
                                   int64_t dy, int64_t dx, const wk_rect *of)
{
    long double sum = 0.0L;
    *pairs = 0;
    for (int64_t y = of->y; y < of->y + of->height; y++)
        for (int64_t x = of->x; x < of->x + of->width; x++) {
            int64_t v = y + dy, u = x + dx;
            double a, b;
            if (v < 0 || v >= from->height || u < 0 || u >= from->width ||
                !corr_value(&a, from, y, x) || !corr_value(&b, from, v, u))
                continue;
            sum += ((long double)a - mean) * ((long double)b - mean);
            *pairs += 1;
        }
    return sum;
}

/* Sums by block against those pair by pair; tolerance is per pair. */
static inline void corr_assert_sums(const wk_correlation_sums *sums, const wk_samples *from,
                                    double tolerance)
{
    long double mean = corr_mean(from);
    for (int64_t k = 0; k < sums->blocks[0] * sums->blocks[1]; k++) {
        int64_t bx = k % sums->blocks[0], by = k / sums->blocks[0];
        wk_rect of = {from->width * bx / sums->blocks[0], from->height * by / sums->blocks[1], 0,
                      0};
        of.width = from->width * (bx + 1) / sums->blocks[0] - of.x;
        of.height = from->height * (by + 1) / sums->blocks[1] - of.y;
        for (int64_t dy = 0; dy <= sums->lag; dy++)
            for (int64_t dx = dy == 0 ? 0 : -sums->lag; dx <= sums->lag; dx++) {
                int64_t pairs, at = k * sums->half + wk_correlation_index(sums->lag, dy, dx);
                long double want = corr_sum(&pairs, from, mean, dy, dx, &of);
                assert_int_equal(sums->pairs[at], pairs);
                double allowed = tolerance * (double)(pairs > 0 ? pairs : 0);
                assert_true(fabs((double)(want - (long double)sums->product[at])) <= allowed);
            }
    }
}

typedef wk_status (*corr_way)(wk_correlation_sums *sums, const wk_correlation_field *field,
                              const wk_context *context, wk_error *error);

/* Sums of an image by one of the two ways. */
static inline wk_correlation_sums corr_sums(corr_way way, const wk_samples *from, int64_t lag,
                                            int64_t bx, int64_t by, int threads)
{
    wk_correlation_options options = {lag, WK_CORRELATION_AUTO, 0, {bx, by}};
    wk_context context = {.threads = threads};
    wk_correlation_field field;
    wk_correlation_sums sums;
    assert_int_equal(wk_correlation_field_make(&field, from, &context, NULL), WK_OK);
    assert_int_equal(wk_correlation_sums_make(&sums, from, &options, NULL), WK_OK);
    assert_int_equal(way(&sums, &field, &context, NULL), WK_OK);
    return sums;
}

static inline int corr_same_bits(const wk_correlation_sums *a, const wk_correlation_sums *b)
{
    size_t count = (size_t)(a->half * a->blocks[0] * a->blocks[1]);
    return memcmp(a->product, b->product, count * sizeof *a->product) == 0 &&
           memcmp(a->pairs, b->pairs, count * sizeof *a->pairs) == 0;
}

/* Measure float32 values without a mask. */
static inline wk_correlation *corr_measure(const float *values, int64_t width, int64_t height,
                                           int64_t lag)
{
    wk_samples samples = {width, height, values, NULL, NULL, NULL};
    wk_correlation_options options = wk_correlation_options_default();
    options.lag = lag;
    wk_correlation *out = NULL;
    assert_int_equal(wk_correlation_measure(&out, &samples, &options, NULL, NULL), WK_OK);
    return out;
}

/* A correlation with given values [size][size], for what is made from them. */
static inline wk_correlation *corr_given(int64_t lag, const double *rho, int64_t pairs)
{
    float values[6] = {1, -1, 2, 0, 1, 5};
    wk_correlation *out = corr_measure(values, 3, 2, lag);
    for (int64_t i = 0; i < out->size * out->size; i++) {
        out->correlation[i] = rho[i];
        out->covariance[i] = rho[i];
        out->pairs[i] = pairs;
    }
    out->variance = 1.0;
    out->good = pairs;
    return out;
}

#endif
