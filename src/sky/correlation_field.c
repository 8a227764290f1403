#include "correlation.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "memory.h"
#include "moment.h"
#include "parallel.h"
#include "status.h"

typedef double double4 __attribute__((vector_size(32), aligned(8)));
typedef float float4 __attribute__((vector_size(16), aligned(4)));
typedef int32_t int4 __attribute__((vector_size(16), aligned(4)));
typedef int64_t long4 __attribute__((vector_size(32), aligned(8)));
typedef uint8_t byte4 __attribute__((vector_size(4), aligned(1)));

enum { CHUNK = 1024, STRIP = 64 };

/* Four pixels of float32 without variances.  Counts of both kinds go into lanes. */
WK_INLINE void reduce_four(double *value, uint8_t *good, const float *single, const uint8_t *bad,
                           const wk_correlation_field *field, int4 *lost)
{
    float4 v;
    byte4 flag = {0};
    memcpy(&v, single, sizeof v);
    if (bad)
        memcpy(&flag, bad, sizeof flag);
    int4 kept = __builtin_convertvector(flag, int4) == 0;
    int4 finite = (v <= FLT_MAX) & (v >= -FLT_MAX);
    int4 in = kept & finite;
    double4 residual = (__builtin_convertvector(v, double4) - field->mean) * field->scale;
    long4 wide = __builtin_convertvector(in, long4);
    residual = (double4)((long4)residual & wide);
    byte4 mark = __builtin_convertvector(in & 1, byte4);
    memcpy(value, &residual, sizeof residual);
    memcpy(good, &mark, sizeof mark);
    *lost += kept & ~finite;
}

WK_INLINE int64_t reduce_plain(double *value, uint8_t *good, const float *single,
                               const uint8_t *bad, const wk_correlation_field *field, int64_t n)
{
    int4 lost = {0};
    int64_t i = 0;
    if (bad)
        for (; i + 4 <= n; i += 4)
            reduce_four(value + i, good + i, single + i, bad + i, field, &lost);
    else
        for (; i + 4 <= n; i += 4)
            reduce_four(value + i, good + i, single + i, NULL, field, &lost);
    if (i < n) {
        size_t rest = (size_t)(n - i);
        float last[4] = {0};
        double residual[4];
        uint8_t flag[4] = {1, 1, 1, 1}, mark[4];
        memset(flag, 0, rest);
        memcpy(last, single + i, rest * sizeof *last);
        if (bad)
            memcpy(flag, bad + i, rest);
        reduce_four(residual, mark, last, flag, field, &lost);
        memcpy(value + i, residual, rest * sizeof *residual);
        memcpy(good + i, mark, rest);
    }
    return -((int64_t)lost[0] + lost[1] + lost[2] + lost[3]);
}

WK_WIDE static int64_t reduce_wide(double *value, uint8_t *good, const float *single,
                                   const uint8_t *bad, const wk_correlation_field *field, int64_t n)
{
    return reduce_plain(value, good, single, bad, field, n);
}

/* Doubles, and all that is divided by a noise. */
static int64_t reduce_other(double *value, uint8_t *good, const wk_correlation_field *field,
                            int64_t first, int64_t n)
{
    const wk_samples *from = field->samples;
    int64_t lost = 0;
    for (int64_t i = 0; i < n; i++) {
        double v = from->single ? (double)from->single[first + i] : from->full[first + i];
        int kept = !from->bad || from->bad[first + i] == 0;
        lost += kept && !isfinite(v);
        kept &= isfinite(v) != 0;
        if (from->variance) {
            double variance = (double)from->variance[first + i];
            kept &= variance > 0.0 && variance <= (double)FLT_MAX;
            v /= kept ? sqrt(variance) : 1.0;
        }
        value[i] = kept ? (v - field->mean) * field->scale : 0.0;
        good[i] = (uint8_t)kept;
    }
    return lost;
}

int64_t wk_correlation_row(double *value, uint8_t *good, const wk_correlation_field *field,
                           int64_t y, int64_t x, int64_t n)
{
    const wk_samples *from = field->samples;
    int64_t first = y * from->width + x;
    if (!from->single || from->variance)
        return reduce_other(value, good, field, first, n);
    const uint8_t *bad = from->bad ? from->bad + first : NULL;
    if (wk_wide_usable())
        return reduce_wide(value, good, from->single + first, bad, field, n);
    return reduce_plain(value, good, from->single + first, bad, field, n);
}

/* Sums over a strip of rows, each in lanes by place. */
typedef struct strip {
    double sum, square;
    int64_t good, nonfinite;
} strip;

typedef struct survey {
    const wk_correlation_field *field;
    strip *strips;
} survey;

WK_INLINE void add_chunk(strip *to, const double *value, const uint8_t *good, int64_t n)
{
    double4 sum[2] = {{0}, {0}}, square[2] = {{0}, {0}};
    int64_t count = 0;
    for (int64_t i = 0; i < n; i += 8) { /* zeros follow the last value */
        for (int k = 0; k < 2; k++) {
            double4 v;
            memcpy(&v, value + i + 4 * k, sizeof v);
            sum[k] += v;
            square[k] += v * v;
        }
        uint64_t marks;
        memcpy(&marks, good + i, sizeof marks);
        count += (int64_t)((marks * 0x0101010101010101ULL) >> 56);
    }
    double4 a = sum[0] + sum[1], b = square[0] + square[1];
    to->sum += (a[0] + a[2]) + (a[1] + a[3]);
    to->square += (b[0] + b[2]) + (b[1] + b[3]);
    to->good += count;
}

WK_WIDE static void add_chunk_wide(strip *to, const double *value, const uint8_t *good, int64_t n)
{
    add_chunk(to, value, good, n);
}

static void add_part(strip *to, const wk_correlation_field *field, int64_t y, int64_t x, int64_t n)
{
    double value[CHUNK];
    uint8_t good[CHUNK];
    to->nonfinite += wk_correlation_row(value, good, field, y, x, n);
    int64_t whole = (n + 7) / 8 * 8;
    memset(value + n, 0, (size_t)(whole - n) * sizeof *value);
    memset(good + n, 0, (size_t)(whole - n));
    if (wk_wide_usable())
        add_chunk_wide(to, value, good, n);
    else
        add_chunk(to, value, good, n);
}

static wk_status add_strip(int64_t index, int worker, void *payload, int64_t *bytes,
                           wk_error *error)
{
    (void)worker;
    (void)bytes;
    (void)error;
    const survey *all = payload;
    const wk_samples *from = all->field->samples;
    int64_t end = (index + 1) * STRIP < from->height ? (index + 1) * STRIP : from->height;
    for (int64_t y = index * STRIP; y < end; y++)
        for (int64_t x = 0; x < from->width; x += CHUNK)
            add_part(&all->strips[index], all->field, y, x,
                     from->width - x < CHUNK ? from->width - x : CHUNK);
    return WK_OK;
}

/* Sums of residuals about what the field has as mean. */
static wk_status add_all(strip *sum, const wk_correlation_field *field, const wk_context *context,
                         wk_error *error)
{
    int64_t count = (field->samples->height + STRIP - 1) / STRIP;
    survey all = {field, wk_memory_new((size_t)count, sizeof(strip), error)};
    if (!all.strips)
        return WK_MEMORY;
    wk_status status = wk_parallel_for(count, NULL, add_strip, &all, context, error);
    memset(sum, 0, sizeof *sum);
    for (int64_t i = 0; i < count; i++) {
        sum->sum += all.strips[i].sum;
        sum->square += all.strips[i].square;
        sum->good += all.strips[i].good;
        sum->nonfinite += all.strips[i].nonfinite;
    }
    wk_memory_free(all.strips);
    return status;
}

/* A value of the data near their mean: sums about it lose no digit to a large offset. */
static double first_good(const wk_correlation_field *field)
{
    const wk_samples *from = field->samples;
    double value;
    uint8_t good;
    for (int64_t y = 0; y < from->height; y++)
        for (int64_t x = 0; x < from->width; x++) {
            wk_correlation_row(&value, &good, field, y, x, 1);
            if (good)
                return value;
        }
    return 0.0;
}

wk_status wk_correlation_field_make(wk_correlation_field *field, const wk_samples *samples,
                                    const wk_context *context, wk_error *error)
{
    wk_correlation_field made = {.samples = samples, .mean = 0.0, .scale = 1.0};
    made.mean = first_good(&made);
    strip sum;
    wk_status status = add_all(&sum, &made, context, error);
    if (status != WK_OK)
        return status;
    if (sum.good < 1)
        return wk_error_set(error, WK_NO_DATA, "",
                            "none of the %lld x %lld pixels is good: nothing to correlate",
                            (long long)samples->width, (long long)samples->height);
    double n = (double)sum.good, offset = sum.sum / n;
    made.mean += offset;
    made.good = sum.good;
    made.nonfinite = sum.nonfinite;
    made.square = fmax(sum.square / n - offset * offset, 0.0);
    *field = made;
    return WK_OK;
}
