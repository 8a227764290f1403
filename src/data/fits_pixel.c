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

/* Loops that are compiled twice, for narrow and for wide registers. */
#define INLINE static inline __attribute__((always_inline))

INLINE void widen_floats(double *to, const unsigned char *from, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t word;
        float pixel;
        memcpy(&word, from + 4 * i, sizeof word);
        word = BIG32(word);
        memcpy(&pixel, &word, sizeof pixel);
        to[i] = (double)pixel;
    }
}

/* A NaN is told by its bits, as above. */
INLINE uint64_t narrow_floats(unsigned char *pixels, const double *from, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t old, new;
        float pixel = (float)from[i];
        memcpy(&old, pixels + 4 * i, sizeof old);
        memcpy(&new, &pixel, sizeof new);
        old = BIG32(old);
        if ((old & 0x7fffffffu) > 0x7f800000u && (new & 0x7fffffffu) > 0x7f800000u)
            new = old;
        sum += new;
        new = BIG32(new);
        memcpy(pixels + 4 * i, &new, sizeof new);
    }
    return sum;
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx2")))

WIDE static inline __m128 subtract_four(__m128 pixels, __m256d level)
{
    return _mm256_cvtpd_ps(_mm256_sub_pd(_mm256_cvtps_pd(pixels), level));
}

/* Eight pixels at a time, the same numbers as one by one; sums go to *sum.  Returns how many. */
WIDE static size_t subtract_eights(unsigned char *pixels, size_t count, double level, uint64_t *sum)
{
    const __m256i order = _mm256_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 3,
                                           2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
    const __m256i low = _mm256_set1_epi64x(0xffffffff);
    const __m256d all = _mm256_set1_pd(level);
    __m256i total = _mm256_setzero_si256();
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i *place = (__m256i *)(void *)(pixels + 4 * i);
        __m256 old = _mm256_castsi256_ps(_mm256_shuffle_epi8(_mm256_loadu_si256(place), order));
        __m256 new = _mm256_set_m128(subtract_four(_mm256_extractf128_ps(old, 1), all),
                                     subtract_four(_mm256_castps256_ps128(old), all));
        __m256 kept = _mm256_blendv_ps(new, old, _mm256_cmp_ps(old, old, _CMP_UNORD_Q));
        __m256i words = _mm256_castps_si256(kept);
        total = _mm256_add_epi64(total, _mm256_and_si256(words, low));
        total = _mm256_add_epi64(total, _mm256_srli_epi64(words, 32));
        _mm256_storeu_si256(place, _mm256_shuffle_epi8(words, order));
    }
    uint64_t lanes[4];
    _mm256_storeu_si256((__m256i *)(void *)lanes, total);
    *sum += lanes[0] + lanes[1] + lanes[2] + lanes[3];
    return i;
}

/* Turn eight pixels around at a time. */
WIDE static size_t store_eights(unsigned char *to, const float *from, size_t count, uint64_t *sum)
{
    const __m256i order = _mm256_setr_epi8(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12, 3,
                                           2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
    const __m256i low = _mm256_set1_epi64x(0xffffffff);
    __m256i total = _mm256_setzero_si256();
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i words = _mm256_loadu_si256((const __m256i *)(const void *)(from + i));
        total = _mm256_add_epi64(total, _mm256_and_si256(words, low));
        total = _mm256_add_epi64(total, _mm256_srli_epi64(words, 32));
        _mm256_storeu_si256((__m256i *)(void *)(to + 4 * i), _mm256_shuffle_epi8(words, order));
    }
    uint64_t lanes[4];
    _mm256_storeu_si256((__m256i *)(void *)lanes, total);
    *sum += lanes[0] + lanes[1] + lanes[2] + lanes[3];
    return i;
}

/* Nothing but the width of the registers differs. */
WIDE static void widen_wide(double *to, const unsigned char *from, size_t count)
{
    widen_floats(to, from, count);
}

WIDE static uint64_t narrow_wide(unsigned char *pixels, const double *from, size_t count)
{
    return narrow_floats(pixels, from, count);
}

static int has_eights(void)
{
    return __builtin_cpu_supports("avx2") != 0;
}
#else
static size_t subtract_eights(unsigned char *pixels, size_t count, double level, uint64_t *sum)
{
    (void)pixels;
    (void)count;
    (void)level;
    (void)sum;
    return 0;
}

static void widen_wide(double *to, const unsigned char *from, size_t count)
{
    widen_floats(to, from, count);
}

static uint64_t narrow_wide(unsigned char *pixels, const double *from, size_t count)
{
    return narrow_floats(pixels, from, count);
}

static size_t store_eights(unsigned char *to, const float *from, size_t count, uint64_t *sum)
{
    (void)to;
    (void)from;
    (void)count;
    (void)sum;
    return 0;
}

static int has_eights(void)
{
    return 0;
}
#endif

uint64_t wk_pixel_subtract_float(unsigned char *pixels, size_t count, double level)
{
    uint64_t sum = 0;
    size_t i = has_eights() ? subtract_eights(pixels, count, level, &sum) : 0;
    for (; i < count; i++) {
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

uint64_t wk_pixel_store_floats(void *to, const float *from, size_t count)
{
    unsigned char *pixels = to;
    uint64_t sum = 0;
    size_t i = has_eights() ? store_eights(pixels, from, count, &sum) : 0;
    for (; i < count; i++) {
        uint32_t word;
        memcpy(&word, from + i, sizeof word);
        sum += word;
        word = BIG32(word);
        memcpy(pixels + 4 * i, &word, sizeof word);
    }
    return sum;
}

void wk_pixel_widen(double *to, const void *from, size_t count, int size)
{
    if (size == 8)
        wk_pixel_swap(to, from, count, size);
    else if (has_eights())
        widen_wide(to, from, count);
    else
        widen_floats(to, from, count);
}

static uint64_t narrow_doubles(unsigned char *pixels, const double *from, size_t count)
{
    const uint64_t sign = (uint64_t)1 << 63, infinity = (uint64_t)0x7ff << 52;
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t old, new;
        memcpy(&old, pixels + 8 * i, sizeof old);
        memcpy(&new, from + i, sizeof new);
        old = BIG64(old);
        if ((old & ~sign) > infinity && (new & ~sign) > infinity)
            new = old;
        sum += (new >> 32) + (new &UINT32_MAX);
        new = BIG64(new);
        memcpy(pixels + 8 * i, &new, sizeof new);
    }
    return sum;
}

uint64_t wk_pixel_narrow(void *pixels, const double *from, size_t count, int size)
{
    if (size == 8)
        return narrow_doubles(pixels, from, count);
    return has_eights() ? narrow_wide(pixels, from, count) : narrow_floats(pixels, from, count);
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
