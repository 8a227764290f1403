/* Random numbers that are a function of a seed and of where they are used.
 *
 * A stream is named by a seed and four numbers (a purpose, an exposure, a row, ...); its numbers
 * are those of SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
 * generators"), whose n-th value is a hash of state + n * gamma, so that any part of any stream can
 * be made by any thread.  Nothing but integer operations and +, -, *, / of IEEE numbers is used:
 * every machine and every maths library gives the same bits.
 */
#ifndef WELKIN_MATH_RANDOM_H
#define WELKIN_MATH_RANDOM_H

#include <stdint.h>

typedef struct wk_random {
    uint64_t state;
} wk_random;

/* The stream of a seed and four numbers; neighbouring numbers give unrelated streams. */
wk_random wk_random_stream(uint64_t seed, uint64_t purpose, uint64_t first, uint64_t second,
                           uint64_t third);

/* The next 64 bits. */
uint64_t wk_random_bits(wk_random *random);

/* The next number of 0 < u < 1, of 2^52 equally spaced ones. */
double wk_random_uniform(wk_random *random);

/* The next number between low and high. */
double wk_random_between(wk_random *random, double low, double high);

/* The next whole number of 0..count-1; count > 0. */
int64_t wk_random_index(wk_random *random, int64_t count);

/* The first n numbers of a normal distribution of mean 0 and standard deviation 1, made from the
 * stream's next (n+1)/2 values by Box and Muller's method in float32.  The largest magnitude that
 * can occur is 6.66. */
void wk_random_gaussian(float *out, int64_t n, wk_random random);

#endif
