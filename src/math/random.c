#include "random.h"

#include <string.h>

/* Pairs made at once: enough to fill the vector registers, little enough for the first cache. */
#define PAIRS 64

static const uint64_t GAMMA = 0x9E3779B97F4A7C15u;

static inline uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

wk_random wk_random_stream(uint64_t seed, uint64_t purpose, uint64_t first, uint64_t second,
                           uint64_t third)
{
    uint64_t state = mix(seed + GAMMA);
    state = mix((state ^ purpose) + GAMMA);
    state = mix((state ^ first) + GAMMA);
    state = mix((state ^ second) + GAMMA);
    state = mix((state ^ third) + GAMMA);
    return (wk_random){state};
}

uint64_t wk_random_bits(wk_random *random)
{
    random->state += GAMMA;
    return mix(random->state);
}

double wk_random_uniform(wk_random *random)
{
    return ((double)(wk_random_bits(random) >> 12) + 0.5) * 0x1p-52;
}

double wk_random_between(wk_random *random, double low, double high)
{
    return low + (high - low) * wk_random_uniform(random);
}

int64_t wk_random_index(wk_random *random, int64_t count)
{
    int64_t index = (int64_t)(wk_random_uniform(random) * (double)count);
    return index < count ? index : count - 1;
}

static inline float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* -2 ln x for a normal x <= 1.  x = m 2^e with m in [0.7071, 1.4142); ln m from the series of the
 * inverse hyperbolic tangent of s = (m - 1) / (m + 1), whose next term is below 1e-9. */
static inline float minus_twice_log(float x)
{
    const uint32_t low = 0x3F3504F3u; /* 0.7071 */
    uint32_t shifted = bits_of(x) + (0x3F800000u - low);
    float exponent = (float)((int32_t)(shifted >> 23) - 127);
    float m = float_of((shifted & 0x007FFFFFu) + low);
    float s = (m - 1.0F) / (m + 1.0F);
    float q = s * s;
    float series = 1.0F + q * (1.0F / 3 + q * (1.0F / 5 + q * (1.0F / 7 + q * (1.0F / 9))));
    return -2.0F * (2.0F * s * series + exponent * 0.693147182F);
}

/* The root of 0 <= x < 100 by Newton's iteration for its inverse: sqrtf may set errno, which keeps
 * compilers from doing several at once.  The error of the first guess, 2e-3, is squared thrice. */
static inline float root(float x)
{
    float y = float_of(0x5F3759DFu - (bits_of(x) >> 1));
    float half = 0.5F * x;
    y = y * (1.5F - half * y * y);
    y = y * (1.5F - half * y * y);
    y = y * (1.5F - half * y * y);
    return x * y;
}

/* Sine of |x| <= pi/2; the next Taylor term is below 6e-8. */
static inline float sine(float x)
{
    float q = x * x;
    return x * (1.0F + q * (-1.0F / 6 +
                            q * (1.0F / 120 + q * (-1.0F / 5040 +
                                                   q * (1.0F / 362880 + q * (-1.0F / 39916800))))));
}

/* Cosine of |x| <= pi/2; the next Taylor term is below 1e-8. */
static inline float cosine(float x)
{
    float q = x * x;
    return 1.0F +
           q * (-0.5F + q * (1.0F / 24 + q * (-1.0F / 720 +
                                              q * (1.0F / 40320 + q * (-1.0F / 3628800 +
                                                                       q * (1.0F / 479001600))))));
}

/* One stream value gives a radius (its upper 31 bits) and an angle (its lower 32): half the angle
 * is within pi/2, where the series hold, and doubling goes round the whole circle. */
static void pairs(float *restrict out, uint64_t state)
{
    int32_t radial[PAIRS], angle[PAIRS];
    for (int i = 0; i < PAIRS; i++) {
        uint64_t bits = mix(state + (uint64_t)(i + 1) * GAMMA);
        radial[i] = (int32_t)(bits >> 33);
        angle[i] = (int32_t)(uint32_t)bits;
    }
    for (int i = 0; i < PAIRS; i++) {
        float radius = root(minus_twice_log(((float)radial[i] + 0.5F) * 0x1p-31F));
        float half = (float)angle[i] * (1.57079633F * 0x1p-31F);
        float s = sine(half), c = cosine(half);
        out[i] = radius * (1.0F - 2.0F * s * s);
        out[PAIRS + i] = radius * (2.0F * s * c);
    }
}

void wk_random_gaussian(float *out, int64_t n, wk_random random)
{
    float block[2 * PAIRS];
    for (int64_t i = 0; i < n; i += 2 * PAIRS) {
        if (n - i >= 2 * PAIRS) {
            pairs(out + i, random.state);
        } else {
            pairs(block, random.state);
            memcpy(out + i, block, (size_t)(n - i) * sizeof *out);
        }
        random.state += PAIRS * GAMMA;
    }
}
