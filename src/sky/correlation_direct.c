#include "correlation.h"

#include <string.h>

#include "memory.h"
#include "moment.h"
#include "parallel.h"

typedef double double4 __attribute__((vector_size(32), aligned(8), may_alias));

/* SEGMENT: pixels of a row that stay in the nearest cache; GROUP: lags in registers at once; LANES:
 * sums of one lag, by place */
enum { SEGMENT = 1024, GROUP = 8, LANES = 8, STRIP = 64, WORD = 64 };

/* Results that may be held until they are added up. */
static const int64_t HELD = 1 << 23;

/* Strips of rows, each within one row of blocks. */
typedef struct unit {
    int64_t y, end, block;
    double *product; /* [blocks x][half] */
    int64_t *pairs;
} unit;

/* The residuals and marks of the L + 1 rows that a row is paired with, in a ring. */
typedef struct ring {
    double *value;   /* [L + 1][stride], pad zeros before each row and some behind */
    uint64_t *marks; /* [L + 1][words], a bit a pixel, pad zeros before */
    double *lanes;   /* [blocks x][half][LANES] */
    uint64_t own[SEGMENT / WORD];
} ring;

typedef struct direct {
    const wk_correlation_field *field;
    const wk_correlation_sums *sums;
    int64_t pad, stride, words;
    unit *units;
    ring *rings;
} direct;

WK_INLINE void sum_step(double4 *sum, const double *a, const double *b, const int count,
                        const int vectors)
{
    for (int v = 0; v < vectors; v++) {
        double4 first = *(const double4 *)(const void *)(a + 4 * v);
        for (int j = 0; j < count; j++)
            sum[j * vectors + v] += first * *(const double4 *)(const void *)(b + 4 * v + j);
    }
}

/* Sums of a[i] b[i + j] for j = 0..count-1 in `vectors` vectors of lanes each. */
WK_INLINE void sum_lags(double *lanes, const double *a, const double *b, int64_t n, const int count,
                        const int vectors)
{
    double4 sum[GROUP];
    double last[LANES] = {0};
    int64_t whole = n / (4 * vectors) * (4 * vectors);
    for (int j = 0; j < count; j++)
        for (int v = 0; v < vectors; v++)
            sum[j * vectors + v] = *(const double4 *)(const void *)(lanes + LANES * j + 4 * v);
    for (int64_t i = 0; i < whole; i += 4 * vectors)
        sum_step(sum, a + i, b + i, count, vectors);
    if (whole < n) { /* what follows belongs to the next block */
        memcpy(last, a + whole, (size_t)(n - whole) * sizeof *last);
        sum_step(sum, last, b + whole, count, vectors);
    }
    for (int j = 0; j < count; j++)
        for (int v = 0; v < vectors; v++)
            *(double4 *)(void *)(lanes + LANES * j + 4 * v) = sum[j * vectors + v];
}

WK_INLINE void sum_group(double *lanes, const double *a, const double *b, int64_t n, int count)
{
    switch (count) {
    case 1:
        sum_lags(lanes, a, b, n, 1, 2);
        break;
    case 2:
        sum_lags(lanes, a, b, n, 2, 2);
        break;
    case 3:
        sum_lags(lanes, a, b, n, 3, 2);
        break;
    case 4:
        sum_lags(lanes, a, b, n, 4, 2);
        break;
    case 5:
        sum_lags(lanes, a, b, n, 5, 1);
        break;
    case 6:
        sum_lags(lanes, a, b, n, 6, 1);
        break;
    case 7:
        sum_lags(lanes, a, b, n, 7, 1);
        break;
    default:
        sum_lags(lanes, a, b, n, 8, 1);
        break;
    }
}

/* All lags of one row pair, in groups of about equal size. */
WK_INLINE void sum_row(double *lanes, const double *a, const double *b, int64_t n, int64_t count)
{
    int64_t groups = (count + GROUP - 1) / GROUP;
    for (int64_t g = 0; g < groups; g++) {
        int64_t j = count * g / groups, next = count * (g + 1) / groups;
        sum_group(lanes + LANES * j, a, b + j, n, (int)(next - j));
    }
}

/* Bits place, place + 1, ... of a row of bits. */
WK_INLINE uint64_t bits_at(const uint64_t *bits, int64_t place)
{
    const uint64_t *word = bits + ((uint64_t)place / WORD);
    int shift = (int)((uint64_t)place % WORD);
    return word[0] >> shift | word[1] << 1 << (WORD - 1 - shift);
}

WK_INLINE void count_row(int64_t *pairs, const uint64_t *own, int64_t words, const uint64_t *bits,
                         int64_t place, int64_t count)
{
    for (int64_t j = 0; j < count; j++) {
        int64_t sum = 0;
        for (int64_t w = 0; w < words; w++)
            sum += __builtin_popcountll(own[w] & bits_at(bits, place + j + WORD * w));
        pairs[j] += sum;
    }
}

/* The pairs whose first pixel is one of x..x+n-1 of row y. */
WK_INLINE void add_segment(const direct *all, ring *own, unit *to, int64_t block, int64_t y,
                           int64_t x, int64_t n)
{
    int64_t lag = all->sums->lag, half = all->sums->half, height = all->field->samples->height;
    double *lanes = own->lanes + block * half * LANES;
    int64_t *pairs = to->pairs + block * half, slot = y % (lag + 1), words = (n + WORD - 1) / WORD;
    const double *a = own->value + slot * all->stride + all->pad + x;
    const uint64_t *marks = own->marks + slot * all->words;
    for (int64_t w = 0; w < words; w++)
        own->own[w] = bits_at(marks, all->pad + x + WORD * w);
    if (n % WORD)
        own->own[words - 1] &= ~0ULL >> (WORD - n % WORD);
    for (int64_t dy = 0; dy <= lag && y + dy < height; dy++) {
        int64_t first = dy == 0 ? 0 : -lag, count = lag - first + 1;
        int64_t at = wk_correlation_index(lag, dy, first);
        slot = (y + dy) % (lag + 1);
        sum_row(lanes + at * LANES, a, own->value + slot * all->stride + all->pad + x + first, n,
                count);
        count_row(pairs + at, own->own, words, own->marks + slot * all->words, all->pad + x + first,
                  count);
    }
}

WK_INLINE void add_row(const direct *all, ring *own, unit *to, int64_t y)
{
    int64_t width = all->field->samples->width, blocks = all->sums->blocks[0];
    for (int64_t block = 0; block < blocks; block++) {
        int64_t x = wk_correlation_edge(width, blocks, block);
        int64_t end = wk_correlation_edge(width, blocks, block + 1);
        for (; x < end; x += SEGMENT)
            add_segment(all, own, to, block, y, x, end - x < SEGMENT ? end - x : SEGMENT);
    }
}

WK_WIDE static void add_row_wide(const direct *all, ring *own, unit *to, int64_t y)
{
    add_row(all, own, to, y);
}

static void take_row(const direct *all, ring *own, int64_t y)
{
    int64_t width = all->field->samples->width, slot = y % (all->sums->lag + 1);
    wk_correlation_row(own->value + slot * all->stride + all->pad,
                       own->marks + slot * all->words + all->pad / WORD, all->field, y, 0, width);
}

static void finish(const direct *all, const ring *own, unit *to)
{
    int64_t count = all->sums->blocks[0] * all->sums->half;
    for (int64_t i = 0; i < count; i++) {
        const double *s = own->lanes + i * LANES;
        to->product[i] = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
    }
}

static wk_status add_unit(int64_t index, int worker, void *payload, int64_t *bytes, wk_error *error)
{
    (void)error;
    const direct *all = payload;
    unit *to = &all->units[index];
    ring *own = &all->rings[worker];
    int64_t lag = all->sums->lag, height = all->field->samples->height, taken = to->y;
    size_t lanes = (size_t)(all->sums->blocks[0] * all->sums->half * LANES);
    memset(own->lanes, 0, lanes * sizeof *own->lanes);
    for (int64_t y = to->y; y < to->end; y++) {
        for (; taken <= y + lag && taken < height; taken++)
            take_row(all, own, taken);
        if (wk_wide_usable())
            add_row_wide(all, own, to, y);
        else
            add_row(all, own, to, y);
    }
    finish(all, own, to);
    *bytes = (to->end - to->y) * all->field->samples->width * (int64_t)sizeof(float);
    return WK_OK;
}

static void rings_free(ring *rings, int workers)
{
    for (int i = 0; rings && i < workers; i++) {
        wk_memory_free(rings[i].value);
        wk_memory_free(rings[i].marks);
        wk_memory_free(rings[i].lanes);
    }
    wk_memory_free(rings);
}

static ring *rings_make(const direct *all, int workers, wk_error *error)
{
    size_t rows = (size_t)all->sums->lag + 1;
    size_t lanes = (size_t)(all->sums->blocks[0] * all->sums->half);
    ring *rings = wk_memory_new((size_t)workers, sizeof *rings, error);
    for (int i = 0; rings && i < workers; i++) {
        ring *own = &rings[i];
        own->value = wk_memory_new(rows * (size_t)all->stride, sizeof(double), error);
        own->marks = wk_memory_new(rows * (size_t)all->words, sizeof(uint64_t), error);
        own->lanes = wk_memory_new(lanes, LANES * sizeof(double), error);
        if (!own->value || !own->marks || !own->lanes) {
            rings_free(rings, workers);
            return NULL;
        }
    }
    return rings;
}

/* Rows of a strip: few lags make short work of many rows, many leave fewer results to hold. */
static int64_t strip_rows(int64_t lag)
{
    return STRIP + 2 * lag;
}

/* How many strips there are; also fills them if units is given. */
static int64_t divide(unit *units, const wk_correlation_sums *sums, int64_t height)
{
    int64_t count = 0, rows = strip_rows(sums->lag);
    for (int64_t block = 0; block < sums->blocks[1]; block++) {
        int64_t start = wk_correlation_edge(height, sums->blocks[1], block);
        int64_t length = wk_correlation_edge(height, sums->blocks[1], block + 1) - start;
        int64_t parts = (length + rows - 1) / rows;
        for (int64_t i = 0; i < parts; i++, count++)
            if (units) {
                units[count].y = start + wk_correlation_edge(length, parts, i);
                units[count].end = start + wk_correlation_edge(length, parts, i + 1);
                units[count].block = block;
            }
    }
    return count;
}

/* Lend the units room for their results, work, and add the results in order. */
static wk_status add_wave(const direct *all, wk_correlation_sums *sums, int64_t first,
                          int64_t count, double *product, int64_t *pairs, const wk_context *context,
                          wk_error *error)
{
    int64_t size = sums->blocks[0] * sums->half;
    direct wave = *all;
    wave.units += first;
    memset(pairs, 0, (size_t)(count * size) * sizeof *pairs);
    for (int64_t i = 0; i < count; i++) {
        wave.units[i].product = product + i * size;
        wave.units[i].pairs = pairs + i * size;
    }
    wk_status status = wk_parallel_for(count, "correlate", add_unit, &wave, context, error);
    for (int64_t i = 0; i < count && status == WK_OK; i++) {
        double *into = sums->product + wave.units[i].block * size;
        int64_t *counts = sums->pairs + wave.units[i].block * size;
        for (int64_t k = 0; k < size; k++) {
            into[k] += wave.units[i].product[k];
            counts[k] += wave.units[i].pairs[k];
        }
    }
    return status;
}

static wk_status add_waves(const direct *all, wk_correlation_sums *sums, int64_t count,
                           const wk_context *context, wk_error *error)
{
    int64_t size = sums->blocks[0] * sums->half, most = HELD / size > 8 ? HELD / size : 8;
    most = most < count ? most : count;
    double *product = wk_memory_raw((size_t)(most * size), sizeof *product, error);
    int64_t *pairs = wk_memory_raw((size_t)(most * size), sizeof *pairs, error);
    wk_status status = product && pairs ? WK_OK : WK_MEMORY;
    for (int64_t i = 0; i < count && status == WK_OK; i += most)
        status = add_wave(all, sums, i, count - i < most ? count - i : most, product, pairs,
                          context, error);
    wk_memory_free(product);
    wk_memory_free(pairs);
    return status;
}

wk_status wk_correlation_direct(wk_correlation_sums *sums, const wk_correlation_field *field,
                                const wk_context *context, wk_error *error)
{
    int64_t width = field->samples->width, count = divide(NULL, sums, field->samples->height);
    int workers = wk_parallel_workers(count, context);
    direct all = {.field = field, .sums = sums};
    all.pad = (sums->lag + WORD - 1) / WORD * WORD;
    all.stride = all.pad + (width + all.pad + 2 * LANES + GROUP + 7) / 8 * 8;
    all.words = (2 * all.pad + width) / WORD + 3;
    all.units = wk_memory_new((size_t)count, sizeof *all.units, error);
    all.rings = rings_make(&all, workers, error);
    wk_status status = all.units && all.rings ? WK_OK : WK_MEMORY;
    if (status == WK_OK) {
        divide(all.units, sums, field->samples->height);
        status = add_waves(&all, sums, count, context, error);
    }
    rings_free(all.rings, workers);
    wk_memory_free(all.units);
    return status;
}

double wk_correlation_direct_cost(const wk_correlation_sums *sums, const wk_samples *samples)
{
    double pixels = (double)samples->width * (double)samples->height;
    return pixels * (1.2e-9 + 0.073e-9 * (double)sums->half);
}
