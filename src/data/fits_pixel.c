#include "fits_pixel.h"

#include <string.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BIG16(x) __builtin_bswap16(x)
#define BIG32(x) __builtin_bswap32(x)
#define BIG64(x) __builtin_bswap64(x)
#else
#define BIG16(x) (x)
#define BIG32(x) (x)
#define BIG64(x) (x)
#endif

/* The choice is made on the bits: passing a signalling NaN through arithmetic would quieten it. */
static inline uint32_t subtract_float(uint32_t bits, double level)
{
    float pixel;
    uint32_t changed;
    memcpy(&pixel, &bits, sizeof pixel);
    pixel = (float)((double)pixel - level);
    memcpy(&changed, &pixel, sizeof changed);
    return (bits & 0x7fffffffu) > 0x7f800000u ? bits : changed;
}

static inline uint64_t subtract_double(uint64_t bits, double level)
{
    double pixel;
    uint64_t changed;
    memcpy(&pixel, &bits, sizeof pixel);
    pixel -= level;
    memcpy(&changed, &pixel, sizeof changed);
    return (bits & 0x7fffffffffffffffu) > 0x7ff0000000000000u ? bits : changed;
}

uint64_t wk_pixel_subtract_float(unsigned char *pixels, size_t count, double level)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t word;
        memcpy(&word, pixels + 4 * i, sizeof word);
        word = subtract_float(BIG32(word), level);
        sum += word;
        word = BIG32(word);
        memcpy(pixels + 4 * i, &word, sizeof word);
    }
    return sum;
}

uint64_t wk_pixel_subtract_double(unsigned char *pixels, size_t count, double level)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t word;
        memcpy(&word, pixels + 8 * i, sizeof word);
        word = subtract_double(BIG64(word), level);
        sum += (word >> 32) + (word & UINT32_MAX);
        word = BIG64(word);
        memcpy(pixels + 8 * i, &word, sizeof word);
    }
    return sum;
}

static void swap2(unsigned char *to, const unsigned char *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint16_t word;
        memcpy(&word, from + 2 * i, sizeof word);
        word = BIG16(word);
        memcpy(to + 2 * i, &word, sizeof word);
    }
}

static void swap4(unsigned char *to, const unsigned char *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t word;
        memcpy(&word, from + 4 * i, sizeof word);
        word = BIG32(word);
        memcpy(to + 4 * i, &word, sizeof word);
    }
}

static void swap8(unsigned char *to, const unsigned char *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t word;
        memcpy(&word, from + 8 * i, sizeof word);
        word = BIG64(word);
        memcpy(to + 8 * i, &word, sizeof word);
    }
}

void wk_pixel_swap(void *to, const void *from, size_t count, int size)
{
    if (size == 8)
        swap8(to, from, count);
    else if (size == 4)
        swap4(to, from, count);
    else if (size == 2)
        swap2(to, from, count);
    else
        memcpy(to, from, count);
}

uint64_t wk_pixel_load(const unsigned char *bytes, int size)
{
    uint64_t value = 0;
    for (int i = 0; i < size; i++)
        value = value << 8 | bytes[i];
    return value;
}

void wk_pixel_store(unsigned char *bytes, int size, uint64_t value)
{
    for (int i = size - 1; i >= 0; i--, value >>= 8)
        bytes[i] = (unsigned char)(value & 0xff);
}
