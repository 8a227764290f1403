#include "exposure_mark.h"

#include <math.h>
#include <string.h>

/* The bit patterns of floats, judged as integers: the loops below vectorise and no compiler flag
 * can take the NaN out of them. */
static uint32_t pattern(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

void wk_mark_nonfinite(uint8_t *restrict bad, const float *restrict pixels, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        bad[i] = (pattern(pixels[i]) & 0x7f800000u) == 0x7f800000u;
}

static void mark_flags32(uint8_t *restrict bad, const uint32_t *restrict flags, uint32_t bits,
                         uint8_t code, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        bad[i] = (uint8_t)(bad[i] | ((flags[i] & bits) != 0 ? code : 0));
}

static void mark_flags64(uint8_t *restrict bad, const uint64_t *restrict flags, uint64_t bits,
                         uint8_t code, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        bad[i] = (uint8_t)(bad[i] | ((flags[i] & bits) != 0 ? code : 0));
}

void wk_mark_flags(uint8_t *bad, const void *flags, int bytes, uint64_t bits, uint8_t code,
                   int64_t count)
{
    if (bytes == 4)
        mark_flags32(bad, flags, (uint32_t)bits, code, count);
    else
        mark_flags64(bad, flags, bits, code, count);
}

/* Positive finite floats are the patterns 1 to 0x7f7fffff; zero wraps around to the largest. */
static int is_positive(float value)
{
    return pattern(value) - 1u < 0x7f7fffffu;
}

void wk_mark_nonpositive(uint8_t *restrict bad, const float *restrict noise, uint8_t code,
                         int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        bad[i] = (uint8_t)(bad[i] | (is_positive(noise[i]) ? 0 : code));
}

void wk_mark_variance(float *variance, wk_noise noise, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        float value = variance[i];
        float result = noise == WK_NOISE_WEIGHT  ? 1.0f / value
                       : noise == WK_NOISE_ERROR ? value * value
                                                 : value;
        variance[i] = is_positive(value) && is_positive(result) ? result : NAN;
    }
}

/* In blocks whose sum fits a byte's lane: a plain sum of bytes does not vectorise well. */
int64_t wk_mark_good(const uint8_t *bad, int64_t count)
{
    enum { LANES = 64, ROUNDS = 255 };
    int64_t total = 0, i = 0;
    while (count - i >= LANES) {
        uint8_t lanes[LANES] = {0};
        for (int round = 0; round < ROUNDS && count - i >= LANES; round++, i += LANES)
            for (int lane = 0; lane < LANES; lane++)
                lanes[lane] = (uint8_t)(lanes[lane] + bad[i + lane]);
        for (int lane = 0; lane < LANES; lane++)
            total += lanes[lane];
    }
    for (; i < count; i++)
        total += bad[i];
    return count - total;
}
