/* Floats in order as unsigned integers. */
#ifndef WELKIN_MATH_FLOAT_KEY_H
#define WELKIN_MATH_FLOAT_KEY_H

#include <stdint.h>
#include <string.h>

static inline uint32_t wk_float_key(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits & 0x80000000U ? ~bits : bits | 0x80000000U;
}

static inline float wk_float_of_key(uint32_t key)
{
    uint32_t bits = key & 0x80000000U ? key & 0x7fffffffU : ~key;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
