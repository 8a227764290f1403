#include "moment.h"

#include <math.h>
#include <string.h>

typedef float float4 __attribute__((vector_size(16)));
typedef int32_t int4 __attribute__((vector_size(16)));
typedef double double4 __attribute__((vector_size(32)));

/* AHEAD: values asked for before they are wanted; the processor itself stops at every small page */
enum { BLOCK = 32, CHUNK = 1 << 16, AHEAD = 1024 };

/* Value i of an array is summed in lane i modulo 8. */
typedef struct lanes {
    double4 sum[2], square[2];
} lanes;

typedef struct range {
    float lo, hi, shift;
} range;

/* Four values into half of the lanes; a value out of range is replaced by the shift, which adds
 * nothing.  Returns minus one for each value in range. */
#define ADD_FOUR(all, half, from, where, inside)                                                   \
    do {                                                                                           \
        float4 value;                                                                              \
        memcpy(&value, (from), sizeof value);                                                      \
        int4 in = (value >= (where)->lo) & (value <= (where)->hi);                                 \
        float4 none = (float4){0} + (where)->shift;                                                \
        value = (float4)(((int4)value & in) | ((int4)none & ~in));                                 \
        double4 deviation = __builtin_convertvector(value, double4) - (double)(where)->shift;      \
        (all)->sum[half] += deviation;                                                             \
        (all)->square[half] += deviation * deviation;                                              \
        (inside) += in;                                                                            \
    } while (0)

/* One block; returns how many of its values were in range. */
WK_INLINE int add_block(lanes *all, const float *values, const range *where)
{
    int4 inside = {0};
    for (int i = 0; i < BLOCK; i += 8) {
        ADD_FOUR(all, 0, values + i, where, inside);
        ADD_FOUR(all, 1, values + i + 4, where, inside);
    }
    return -(inside[0] + inside[1] + inside[2] + inside[3]);
}

/* The values that the sums left out, if they lie within the tail's limits. */
static void put_aside(wk_moment_tail *tail, const float *values, int count, const range *where)
{
    if (tail->full || tail->count + BLOCK > tail->room) {
        tail->full = 1;
        return;
    }
    for (int i = 0; i < count; i++) {
        float value = values[i];
        tail->values[tail->count] = value;
        int inside = (value >= where->lo) & (value <= where->hi);
        int wanted = (value >= tail->lower) & (value <= tail->upper);
        tail->count += wanted & (inside ^ 1);
    }
}

WK_INLINE int64_t add_last(lanes *all, const float *values, int count, const range *where,
                           wk_moment_tail *tail)
{
    float block[BLOCK];
    for (int i = 0; i < BLOCK; i++)
        block[i] = i < count ? values[i] : NAN;
    int inside = add_block(all, block, where);
    if (tail && inside < count)
        put_aside(tail, block, count, where);
    return inside;
}

/* One chunk's sums are added to all at once: the rounding error then grows with the root of n. */
WK_INLINE int64_t add_chunk(lanes *all, const float *values, int64_t n, const range *where,
                            wk_moment_tail *tail)
{
    lanes chunk = {{{0}, {0}}, {{0}, {0}}};
    int64_t count = 0, i = 0;
    for (; i + BLOCK <= n; i += BLOCK) {
        __builtin_prefetch(values + i + AHEAD);
        __builtin_prefetch(values + i + AHEAD + BLOCK / 2);
        int inside = add_block(&chunk, values + i, where);
        if (tail && inside < BLOCK)
            put_aside(tail, values + i, BLOCK, where);
        count += inside;
    }
    if (i < n)
        count += add_last(&chunk, values + i, (int)(n - i), where, tail);
    for (int half = 0; half < 2; half++) {
        all->sum[half] += chunk.sum[half];
        all->square[half] += chunk.square[half];
    }
    return count;
}

WK_INLINE double lanes_total(const double4 *half)
{
    double4 sum = half[0] + half[1];
    return (sum[0] + sum[2]) + (sum[1] + sum[3]);
}

WK_INLINE wk_moment add_all(const float *values, int64_t n, range where, wk_moment_tail *tail)
{
    lanes all = {{{0}, {0}}, {{0}, {0}}};
    wk_moment moment = {0, (double)where.shift, 0.0, 0.0};
    for (int64_t i = 0; i < n; i += CHUNK) {
        int64_t count = n - i < CHUNK ? n - i : CHUNK;
        moment.count += add_chunk(&all, values + i, count, &where, tail);
    }
    moment.sum = lanes_total(all.sum);
    moment.square = lanes_total(all.square);
    return moment;
}

WK_WIDE static wk_moment add_wide(const float *values, int64_t n, range where, wk_moment_tail *tail)
{
    return add_all(values, n, where, tail);
}

wk_moment wk_moment_narrow(const float *values, int64_t n, float lo, float hi, float shift,
                           wk_moment_tail *tail)
{
    range where = {lo, hi, shift};
    return add_all(values, n, where, tail);
}

wk_moment wk_moment_split(const float *values, int64_t n, float lo, float hi, float shift,
                          wk_moment_tail *tail)
{
    range where = {lo, hi, shift};
    if (wk_wide_usable())
        return add_wide(values, n, where, tail);
    return add_all(values, n, where, tail);
}

wk_moment wk_moment_range(const float *values, int64_t n, float lo, float hi, float shift)
{
    return wk_moment_split(values, n, lo, hi, shift, NULL);
}

wk_moment wk_moment_add(wk_moment a, wk_moment b)
{
    wk_moment both = {a.count + b.count, a.shift, a.sum + b.sum, a.square + b.square};
    return both;
}

double wk_moment_mean(const wk_moment *moment)
{
    if (moment->count < 1)
        return (double)NAN;
    return moment->shift + moment->sum / (double)moment->count;
}

double wk_moment_scatter(const wk_moment *moment, double center)
{
    if (moment->count < 2)
        return (double)NAN;
    double n = (double)moment->count, step = center - moment->shift;
    double square = moment->square - 2.0 * step * moment->sum + n * step * step;
    return sqrt(fmax(square, 0.0) / (n - 1.0));
}

/* Lanewise the lesser (or greater, of the negatives) of two. */
#define KEEP_LESS(kept, other)                                                                     \
    do {                                                                                           \
        int4 less = (other) < (kept);                                                              \
        (kept) = (float4)(((int4)(other)&less) | ((int4)(kept) & ~less));                          \
    } while (0)

/* Four values into the lesser and, with their sign changed, the greater ones. */
WK_INLINE void keep_extremes(float4 *least, float4 *most, const float *from, size_t bytes, float lo,
                             float hi)
{
    const float4 none = (float4){0} + INFINITY;
    float4 value = (float4){0} + NAN;
    memcpy(&value, from, bytes);
    int4 in = (value >= lo) & (value <= hi);
    float4 low = (float4)(((int4)value & in) | ((int4)none & ~in));
    float4 high = (float4)(((int4)-value & in) | ((int4)none & ~in));
    KEEP_LESS(*least, low);
    KEEP_LESS(*most, high);
}

/* Four chains: one would wait for itself at every step. */
WK_INLINE void extremes(float *min, float *max, const float *values, int64_t n, float lo, float hi)
{
    float4 least[4], most[4]; /* most: of the values with their sign changed */
    int64_t i = 0;
    for (int k = 0; k < 4; k++)
        least[k] = most[k] = (float4){0} + INFINITY;
    for (; i + 16 <= n; i += 16)
        for (int k = 0; k < 4; k++)
            keep_extremes(&least[k], &most[k], values + i + 4 * k, sizeof(float4), lo, hi);
    for (; i < n; i += 4)
        keep_extremes(&least[0], &most[0], values + i,
                      n - i < 4 ? (size_t)(n - i) * sizeof *values : sizeof(float4), lo, hi);
    for (int k = 1; k < 4; k++) {
        KEEP_LESS(least[0], least[k]);
        KEEP_LESS(most[0], most[k]);
    }
    float a = fminf(fminf(least[0][0], least[0][1]), fminf(least[0][2], least[0][3]));
    float b = fminf(fminf(most[0][0], most[0][1]), fminf(most[0][2], most[0][3]));
    /* adding 0 makes one zero of the two, whichever came first */
    *min = a + 0.0F;
    *max = 0.0F - b;
}

WK_WIDE static void extremes_wide(float *min, float *max, const float *values, int64_t n, float lo,
                                  float hi)
{
    extremes(min, max, values, n, lo, hi);
}

void wk_moment_extremes(float *min, float *max, const float *values, int64_t n, float lo, float hi)
{
    if (wk_wide_usable())
        extremes_wide(min, max, values, n, lo, hi);
    else
        extremes(min, max, values, n, lo, hi);
}
