#include "bracket.h"

#include <math.h>
#include <string.h>

enum { CHUNK = 1024 };

static void swap(float *a, float *b)
{
    float held = *a;
    *a = *b;
    *b = held;
}

static float middle(float a, float b, float c)
{
    float low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

void wk_bracket_place(float *values, int64_t n, int64_t rank)
{
    int64_t first = 0, last = n - 1;
    while (first < last) {
        float pivot = middle(values[first], values[first + (last - first) / 2], values[last]);
        int64_t i = first, j = last;
        while (i <= j) {
            while (values[i] < pivot)
                i++;
            while (pivot < values[j])
                j--;
            if (i <= j)
                swap(&values[i++], &values[j--]);
        }
        if (rank <= j)
            last = j;
        else if (rank >= i)
            first = i;
        else
            return;
    }
}

static float sample_value(float *sample, int64_t size, double rank, float none_below,
                          float none_above)
{
    if (rank < 0.0)
        return none_below;
    if (rank > (double)(size - 1))
        return none_above;
    wk_bracket_place(sample, size, (int64_t)rank);
    return sample[(int64_t)rank];
}

void wk_bracket_guess(wk_bracket *out, float *sample, int64_t size, double fraction, float lo,
                      float hi)
{
    double center = fraction * (double)size;
    double spread = 4.0 * sqrt(fmax(center * (1.0 - fraction), 1.0)) + 2.0;
    memset(out, 0, sizeof *out);
    out->lo = lo;
    out->hi = hi;
    out->low = sample_value(sample, size, center - spread, lo, hi);
    out->high = sample_value(sample, size, center + spread, lo, hi);
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

#define WIDE __attribute__((target("avx2,bmi2,popcnt")))

/* The places of the set bits of an 8-bit mask, as eight 32-bit indices. */
WIDE static inline __m256i set_places(unsigned mask)
{
    uint64_t bytes = _pdep_u64(mask, 0x0101010101010101U) * 0xff;
    uint64_t places = _pext_u64(0x0706050403020100U, bytes);
    return _mm256_cvtepu8_epi32(_mm_cvtsi64_si128((long long)places));
}

/* Pack the wanted ones of eight values to out, without a branch; eight floats are written. */
WIDE static inline int64_t pack_eight(float *out, const __m256 limits[3], const float *values,
                                      __m256i *less)
{
    __m256 value = _mm256_loadu_ps(values);
    __m256 above = _mm256_cmp_ps(value, limits[1], _CMP_GE_OQ);
    __m256 wanted = _mm256_and_ps(above, _mm256_cmp_ps(value, limits[2], _CMP_LE_OQ));
    __m256 counted = _mm256_and_ps(_mm256_cmp_ps(value, limits[0], _CMP_GE_OQ),
                                   _mm256_cmp_ps(value, limits[1], _CMP_LT_OQ));
    *less = _mm256_sub_epi32(*less, _mm256_castps_si256(counted));
    unsigned mask = (unsigned)_mm256_movemask_ps(wanted);
    _mm256_storeu_ps(out, _mm256_permutevar8x32_ps(value, set_places(mask)));
    return _mm_popcnt_u32(mask);
}

/* Whole eights of at most CHUNK values, for which there is room; returns how many were looked at.
 */
WIDE static int pack_chunk(wk_bracket *at, const float *values, int count)
{
    const __m256 limits[3] = {_mm256_set1_ps(at->lo), _mm256_set1_ps(at->low),
                              _mm256_set1_ps(at->high)};
    __m256i less = _mm256_setzero_si256();
    int i = 0;
    for (; i + 8 <= count; i += 8)
        at->gathered += pack_eight(at->values + at->gathered, limits, values + i, &less);
    int32_t lanes[8];
    _mm256_storeu_si256((__m256i *)(void *)lanes, less);
    for (int k = 0; k < 8; k++)
        at->below += lanes[k];
    return i;
}

static int packs(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
}
#else
static int pack_chunk(wk_bracket *at, const float *values, int count)
{
    (void)at;
    (void)values;
    (void)count;
    return 0;
}

static int packs(void)
{
    return 0;
}
#endif

static void take_chunk(wk_bracket *at, const float *values, int count, int packing)
{
    int i = packing ? pack_chunk(at, values, count) : 0;
    for (; i < count; i++) {
        float value = values[i];
        at->values[at->gathered] = value;
        at->gathered += (value >= at->low) & (value <= at->high);
        at->below += (value >= at->lo) & (value < at->low);
    }
}

void wk_bracket_add(wk_bracket *bracket, const float *values, int64_t n)
{
    wk_bracket at = *bracket;
    int packing = packs();
    for (int64_t start = 0; start < n && at.gathered >= 0; start += CHUNK) {
        int count = n - start < CHUNK ? (int)(n - start) : CHUNK;
        if (at.gathered + count > at.room)
            at.gathered = -1;
        else
            take_chunk(&at, values + start, count, packing);
    }
    *bracket = at;
}
