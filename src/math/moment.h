/* Count, mean and scatter of the values of an array that lie in a range. */
#ifndef WELKIN_MATH_MOMENT_H
#define WELKIN_MATH_MOMENT_H

#include <stdint.h>

/* Loops that gain from wide vectors are compiled twice, and the processor chooses.  Every sum is
 * kept in eight lanes by index, so that both give the same bits. */
#if defined(__x86_64__) && defined(__GNUC__)
#define WK_WIDE          __attribute__((target("avx2")))
#define wk_wide_usable() (__builtin_cpu_supports("avx2") != 0)
#else
#define WK_WIDE
#define wk_wide_usable() 0
#endif
#define WK_INLINE static inline __attribute__((always_inline))

/* Sums over the values v with lo <= v <= hi. */
typedef struct wk_moment {
    int64_t count;
    double shift;  /* what was taken from each value; a float32 */
    double sum;    /* of v - shift */
    double square; /* of (v - shift)^2 */
} wk_moment;

/* Values of the range [lower, upper] that lie outside [lo, hi], put aside by wk_moment_split. */
typedef struct wk_moment_tail {
    float *values;
    int64_t count, room;
    float lower, upper;
    int full; /* there was no room for all: count and values say nothing */
} wk_moment_tail;

/* Sum over lo <= v <= hi.  A shift within a few standard deviations of the mean keeps the digits of
 * the scatter.  NaN is never in range. */
wk_moment wk_moment_range(const float *values, int64_t n, float lo, float hi, float shift);

/* The same, and the values outside go to tail; its room should be 32 more than is expected. */
wk_moment wk_moment_split(const float *values, int64_t n, float lo, float hi, float shift,
                          wk_moment_tail *tail);

/* The same sums without wide vectors, for comparison. */
wk_moment wk_moment_narrow(const float *values, int64_t n, float lo, float hi, float shift,
                           wk_moment_tail *tail);

/* Two sums about one shift. */
wk_moment wk_moment_add(wk_moment a, wk_moment b);

/* Mean; NaN for none. */
double wk_moment_mean(const wk_moment *moment);

/* Standard deviation with count - 1, of the deviations from center; NaN for fewer than two. */
double wk_moment_scatter(const wk_moment *moment, double center);

/* Least and greatest value in range; INFINITY and -INFINITY when there is none. */
void wk_moment_extremes(float *min, float *max, const float *values, int64_t n, float lo, float hi);

#endif
