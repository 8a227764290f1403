/* Streams of values of many shapes, and their order statistics from a sorted copy. */
#ifndef WELKIN_TESTS_STREAMS_H
#define WELKIN_TESTS_STREAMS_H

#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef enum stream_shape {
    STREAM_NOISE,
    STREAM_WHOLE, /* integers with many ties */
    STREAM_EQUAL,
    STREAM_RISING,
    STREAM_FALLING,
    STREAM_TWO,
    STREAM_ZEROS, /* of both signs, among others */
    STREAM_WILD,  /* 76 decades of both signs */
    STREAM_SHAPES
} stream_shape;

static inline double stream_uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return ((double)(*state >> 11) + 0.5) / 9007199254740992.0;
}

static inline double stream_value(stream_shape shape, int64_t i, double u)
{
    switch (shape) {
    case STREAM_NOISE:
        return 0.5 + log(u / (1.0 - u));
    case STREAM_WHOLE:
        return rint(3.0 * log(u / (1.0 - u)));
    case STREAM_EQUAL:
        return -7.25;
    case STREAM_RISING:
        return (double)i;
    case STREAM_FALLING:
        return (double)-i;
    case STREAM_TWO:
        return u < 0.4 ? -1.0 : 1e-20;
    case STREAM_ZEROS:
        return u < 0.2 ? -1.0 : u < 0.5 ? -0.0 : u < 0.8 ? 0.0 : 3.0;
    default:
        return (u < 0.5 ? -1.0 : 1.0) * pow(10.0, 76.0 * (u - 0.5));
    }
}

static inline float *stream_make(stream_shape shape, int64_t n)
{
    float *values = malloc((size_t)(n + 1) * sizeof *values);
    assert_non_null(values);
    uint64_t state = 11;
    for (int64_t i = 0; i < n; i++)
        values[i] = (float)stream_value(shape, i, stream_uniform(&state));
    return values;
}

static inline int stream_ascending(const void *a, const void *b)
{
    float x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return (x > y) - (x < y);
}

static inline float *stream_sorted(const float *values, int64_t n)
{
    float *copy = malloc((size_t)(n + 1) * sizeof *copy);
    assert_non_null(copy);
    memcpy(copy, values, (size_t)n * sizeof *copy);
    qsort(copy, (size_t)n, sizeof *copy, stream_ascending);
    return copy;
}

/* numpy's linear quantile of values in order */
static inline double stream_quantile(const float *in_order, int64_t n, double fraction)
{
    double place = fraction * (double)(n - 1), part = place - floor(place);
    int64_t rank = (int64_t)floor(place);
    double low = (double)in_order[rank];
    return part > 0.0 ? low + part * ((double)in_order[rank + 1] - low) : low;
}

#endif
