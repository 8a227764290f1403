#include "correlation.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "memory.h"
#include "moment.h"
#include "parallel.h"
#include "status.h"

typedef double double4 __attribute__((vector_size(32), aligned(8), may_alias));

enum { CHUNK = 1024, STRIP = 64, WORD = 64 };

/* A word of pixels of float32 without variances; returns the marks of those that are kept, not
 * looking at whether they are finite. */
static uint64_t reduce_plain(double *value, uint64_t *marks, const float *single,
                             const uint8_t *bad, const wk_correlation_field *field)
{
    uint64_t kept = 0, good = 0;
    for (int i = 0; i < WORD; i++) {
        uint64_t keep = !bad || bad[i] == 0, finite = fabsf(single[i]) <= FLT_MAX;
        kept |= keep << i;
        good |= (keep & finite) << i;
        value[i] = keep & finite ? ((double)single[i] - field->mean) * field->scale : 0.0;
    }
    *marks = good;
    return kept;
}

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

/* Eight pixels as in reduce_plain. */
WK_WIDE static inline int reduce_eight(double *value, int *good, __m256 single, __m256i keep,
                                       __m256d mean, __m256d scale)
{
    const __m256 most = _mm256_set1_ps(FLT_MAX), sign = _mm256_set1_ps(-0.0F);
    __m256 finite = _mm256_cmp_ps(_mm256_andnot_ps(sign, single), most, _CMP_LE_OQ);
    __m256i in = _mm256_and_si256(keep, _mm256_castps_si256(finite));
    __m256i low = _mm256_cvtepi32_epi64(_mm256_castsi256_si128(in));
    __m256i high = _mm256_cvtepi32_epi64(_mm256_extracti128_si256(in, 1));
    __m256d a = _mm256_cvtps_pd(_mm256_castps256_ps128(single));
    __m256d b = _mm256_cvtps_pd(_mm256_extractf128_ps(single, 1));
    a = _mm256_mul_pd(_mm256_sub_pd(a, mean), scale);
    b = _mm256_mul_pd(_mm256_sub_pd(b, mean), scale);
    _mm256_storeu_pd(value, _mm256_and_pd(a, _mm256_castsi256_pd(low)));
    _mm256_storeu_pd(value + 4, _mm256_and_pd(b, _mm256_castsi256_pd(high)));
    *good = _mm256_movemask_ps(_mm256_castsi256_ps(in));
    return _mm256_movemask_ps(_mm256_castsi256_ps(keep));
}

WK_WIDE static uint64_t reduce_wide(double *value, uint64_t *marks, const float *single,
                                    const uint8_t *bad, const wk_correlation_field *field)
{
    __m256d mean = _mm256_set1_pd(field->mean), scale = _mm256_set1_pd(field->scale);
    uint64_t kept = 0;
    *marks = 0;
    for (int i = 0; i < WORD; i += 8) {
        __m256i keep = _mm256_set1_epi32(-1);
        int good;
        if (bad) {
            __m128i flags = _mm_loadl_epi64((const __m128i *)(const void *)(bad + i));
            keep = _mm256_cvtepi8_epi32(_mm_cmpeq_epi8(flags, _mm_setzero_si128()));
        }
        kept |=
            (uint64_t)reduce_eight(value + i, &good, _mm256_loadu_ps(single + i), keep, mean, scale)
            << i;
        *marks |= (uint64_t)good << i;
    }
    return kept;
}
#else
#define reduce_wide reduce_plain
#endif

/* Whole words; returns how many of the pixels kept are not finite. */
static int64_t words_plain(double *value, uint64_t *marks, const float *single, const uint8_t *bad,
                           const wk_correlation_field *field, int64_t words)
{
    int64_t lost = 0;
    for (int64_t w = 0; w < words; w++) {
        uint64_t kept = reduce_plain(value + w * WORD, marks + w, single + w * WORD,
                                     bad ? bad + w * WORD : NULL, field);
        lost += __builtin_popcountll(kept & ~marks[w]);
    }
    return lost;
}

WK_WIDE static int64_t words_wide(double *value, uint64_t *marks, const float *single,
                                  const uint8_t *bad, const wk_correlation_field *field,
                                  int64_t words)
{
    int64_t lost = 0;
    for (int64_t w = 0; w < words; w++) {
        uint64_t kept = reduce_wide(value + w * WORD, marks + w, single + w * WORD,
                                    bad ? bad + w * WORD : NULL, field);
        lost += __builtin_popcountll(kept & ~marks[w]);
    }
    return lost;
}

static int64_t words_any(double *value, uint64_t *marks, const float *single, const uint8_t *bad,
                         const wk_correlation_field *field, int64_t words)
{
    if (wk_wide_usable())
        return words_wide(value, marks, single, bad, field, words);
    return words_plain(value, marks, single, bad, field, words);
}

static int64_t reduce_single(double *value, uint64_t *marks, const wk_correlation_field *field,
                             int64_t first, int64_t n)
{
    const float *single = field->samples->single + first;
    const uint8_t *bad = field->samples->bad ? field->samples->bad + first : NULL;
    int64_t whole = n / WORD * WORD;
    int64_t lost = words_any(value, marks, single, bad, field, n / WORD);
    if (whole == n)
        return lost;
    size_t rest = (size_t)(n - whole);
    float last[WORD] = {0};
    double residual[WORD];
    uint8_t flag[WORD];
    memset(flag, 1, sizeof flag);
    memset(flag, 0, rest);
    memcpy(last, single + whole, rest * sizeof *last);
    if (bad)
        memcpy(flag, bad + whole, rest);
    lost += words_any(residual, marks + n / WORD, last, flag, field, 1);
    memcpy(value + whole, residual, rest * sizeof *residual);
    return lost;
}

/* Doubles, and all that is divided by a noise. */
static int64_t reduce_other(double *value, uint64_t *marks, const wk_correlation_field *field,
                            int64_t first, int64_t n)
{
    const wk_samples *from = field->samples;
    int64_t lost = 0;
    memset(marks, 0, (size_t)((n + WORD - 1) / WORD) * sizeof *marks);
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
        marks[i / WORD] |= (uint64_t)kept << (i % WORD);
    }
    return lost;
}

int64_t wk_correlation_row(double *value, uint64_t *marks, const wk_correlation_field *field,
                           int64_t y, int64_t x, int64_t n)
{
    const wk_samples *from = field->samples;
    int64_t first = y * from->width + x;
    if (!from->single || from->variance)
        return reduce_other(value, marks, field, first, n);
    return reduce_single(value, marks, field, first, n);
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

WK_INLINE void add_chunk(strip *to, const double *value, const uint64_t *marks, int64_t n)
{
    double4 sum[2] = {{0}, {0}}, square[2] = {{0}, {0}};
    for (int64_t i = 0; i < n; i += 8) /* zeros follow the last value */
        for (int k = 0; k < 2; k++) {
            double4 v = *(const double4 *)(const void *)(value + i + 4 * k);
            sum[k] += v;
            square[k] += v * v;
        }
    for (int64_t i = 0; i < (n + WORD - 1) / WORD; i++)
        to->good += __builtin_popcountll(marks[i]);
    double4 a = sum[0] + sum[1], b = square[0] + square[1];
    to->sum += (a[0] + a[2]) + (a[1] + a[3]);
    to->square += (b[0] + b[2]) + (b[1] + b[3]);
}

WK_WIDE static void add_chunk_wide(strip *to, const double *value, const uint64_t *marks, int64_t n)
{
    add_chunk(to, value, marks, n);
}

static void add_part(strip *to, const wk_correlation_field *field, int64_t y, int64_t x, int64_t n)
{
    double value[CHUNK];
    uint64_t marks[CHUNK / WORD];
    to->nonfinite += wk_correlation_row(value, marks, field, y, x, n);
    memset(value + n, 0, (size_t)((n + 7) / 8 * 8 - n) * sizeof *value);
    if (wk_wide_usable())
        add_chunk_wide(to, value, marks, n);
    else
        add_chunk(to, value, marks, n);
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
    uint64_t mark;
    for (int64_t y = 0; y < from->height; y++)
        for (int64_t x = 0; x < from->width; x++) {
            wk_correlation_row(&value, &mark, field, y, x, 1);
            if (mark)
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
