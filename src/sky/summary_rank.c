#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "parallel.h"
#include "summary_pass.h"

enum { BINS = 1 << 16, SAMPLE = 4096, FEW = 1 << 16 };

/* Doubles in order as unsigned integers, and a range of them, both ends included. */
typedef struct range {
    uint64_t low, high;
} range;

struct wk_summary_ranks {
    const wk_summary_image *image;
    const wk_context *context;
    wk_summary_set all;
    range ends; /* of all values */
    int64_t n, most;
    range first; /* of the bulk, in the histogram that is kept */
    int64_t *counts, below, inside;
    range held; /* of the values that were gathered */
    double *values;
    int64_t gathered;
    int workers;
    double *room; /* [workers][2] blocks */
    /* of the pass that is under way */
    range wanted;
    int64_t *tables; /* [workers][BINS + 1], the last: below; NULL: values are gathered */
    int shift;
    _Atomic int64_t taken;
};

static uint64_t key_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits >> 63 ? ~bits : bits | (UINT64_C(1) << 63);
}

static double value_of(uint64_t key)
{
    uint64_t bits = key >> 63 ? key & ~(UINT64_C(1) << 63) : ~key;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static int shift_for(range span)
{
    int shift = 0;
    while ((span.high - span.low) >> shift >= BINS)
        shift++;
    return shift;
}

static void count_keys(int64_t *table, const double *values, int n, range span, int shift)
{
    for (int i = 0; i < n; i++) {
        uint64_t key = key_of(values[i]);
        if (key < span.low)
            table[BINS]++;
        else if (key <= span.high)
            table[(key - span.low) >> shift]++;
    }
}

static int gather_keys(double *out, const double *values, int n, range span)
{
    int kept = 0;
    for (int i = 0; i < n; i++) {
        uint64_t key = key_of(values[i]);
        if (key >= span.low && key <= span.high)
            out[kept++] = values[i];
    }
    return kept;
}

static wk_status run_block(int64_t block, int worker, void *payload, int64_t *bytes,
                           wk_error *error)
{
    wk_summary_ranks *r = payload;
    double *room = r->room + (size_t)worker * 2 * WK_SUMMARY_BLOCK;
    double *kept = room + WK_SUMMARY_BLOCK;
    int n;
    const double *values = wk_summary_fetch(r->image, block, &n, room);
    const uint8_t *bad = r->image->bad ? r->image->bad + block * WK_SUMMARY_BLOCK : NULL;
    (void)bytes;
    (void)error;
    n = wk_summary_keep(kept, values, bad, n, &r->all, NULL);
    if (r->tables) {
        count_keys(r->tables + (size_t)worker * (BINS + 1), kept, n, r->wanted, r->shift);
    } else {
        n = gather_keys(kept, kept, n, r->wanted);
        int64_t at = atomic_fetch_add(&r->taken, n);
        memcpy(r->values + at, kept, (size_t)n * sizeof *kept);
    }
    return WK_OK;
}

static wk_status pass(wk_summary_ranks *r, wk_error *error)
{
    wk_context limited = r->context ? *r->context : (wk_context){0};
    limited.threads = r->workers;
    return wk_parallel_for((r->image->n + WK_SUMMARY_BLOCK - 1) / WK_SUMMARY_BLOCK, NULL, run_block,
                           r, &limited, error);
}

/* A histogram of the keys of a span in the first of the tables, which the caller frees. */
static wk_status count_span(int64_t **table, wk_summary_ranks *r, range span, wk_error *error)
{
    r->tables = wk_memory_new((size_t)r->workers * (BINS + 1), sizeof *r->tables, error);
    if (!r->tables)
        return WK_MEMORY;
    r->wanted = span;
    r->shift = shift_for(span);
    wk_status status = pass(r, error);
    for (int w = 1; w < r->workers; w++)
        for (int k = 0; k <= BINS; k++)
            r->tables[k] += r->tables[(size_t)w * (BINS + 1) + (size_t)k];
    *table = r->tables;
    r->tables = NULL;
    return status;
}

static wk_status gather(wk_summary_ranks *r, range span, int64_t count, wk_error *error)
{
    if (r->values && r->held.low == span.low && r->held.high == span.high)
        return WK_OK;
    wk_memory_free(r->values);
    r->values = wk_memory_raw((size_t)count, sizeof *r->values, error);
    if (!r->values)
        return WK_MEMORY;
    r->wanted = r->held = span;
    atomic_store(&r->taken, 0);
    r->gathered = count;
    return pass(r, error);
}

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Where most values lie: the middle 98 hundredths of a sample. */
static range guess_span(const wk_summary_ranks *r, double *sample)
{
    int64_t step = r->image->n / SAMPLE > 0 ? r->image->n / SAMPLE : 1;
    int size = 0;
    for (int64_t i = 0; i < SAMPLE && i * step < r->image->n; i++) {
        wk_summary_image one = *r->image;
        int64_t at = i * step;
        one.n = 1;
        one.data = one.data ? one.data + at : NULL;
        one.wide = one.wide ? one.wide + at : NULL;
        one.minus = one.minus ? one.minus + at : NULL;
        one.minus_wide = one.minus_wide ? one.minus_wide + at : NULL;
        double room, kept;
        int n;
        const double *value = wk_summary_fetch(&one, 0, &n, &room);
        if (wk_summary_keep(&kept, value, one.bad ? one.bad + at : NULL, 1, &r->all, NULL))
            sample[size++] = kept;
    }
    if (size < 100)
        return r->ends;
    qsort(sample, (size_t)size, sizeof *sample, ascending);
    return (range){key_of(sample[size / 100]), key_of(sample[size - 1 - size / 100])};
}

static wk_status start(wk_summary_ranks *r, wk_error *error)
{
    r->room = wk_memory_raw((size_t)r->workers * 2 * WK_SUMMARY_BLOCK, sizeof *r->room, error);
    if (!r->room)
        return WK_MEMORY;
    r->first = guess_span(r, r->room);
    wk_status status = count_span(&r->counts, r, r->first, error);
    if (status != WK_OK)
        return status;
    r->below = r->counts[BINS];
    for (int k = 0; k < BINS; k++)
        r->inside += r->counts[k];
    return WK_OK;
}

wk_status wk_summary_ranks_create(wk_summary_ranks **out, const wk_summary_image *image, int good,
                                  const wk_summary_line *line, const wk_context *context,
                                  wk_error *error)
{
    *out = NULL;
    wk_summary_ranks *r = wk_memory_new(1, sizeof *r, error);
    if (!r)
        return WK_MEMORY;
    r->image = image;
    r->context = context;
    r->all = (wk_summary_set){good, line->min, line->max};
    /* both zeros are one value */
    r->ends = (range){key_of(line->min == 0 ? -0.0 : line->min),
                      key_of(line->max == 0 ? 0.0 : line->max)};
    r->n = line->n;
    r->most = image->n / 16 > FEW ? image->n / 16 : FEW;
    r->workers = wk_parallel_workers((image->n + WK_SUMMARY_BLOCK - 1) / WK_SUMMARY_BLOCK, context);
    wk_status status = start(r, error);
    if (status == WK_OK)
        *out = r;
    else
        wk_summary_ranks_free(r);
    return status;
}

void wk_summary_ranks_free(wk_summary_ranks *ranks)
{
    if (!ranks)
        return;
    wk_memory_free(ranks->counts);
    wk_memory_free(ranks->values);
    wk_memory_free(ranks->room);
    wk_memory_free(ranks);
}

/* The bin of a table in which the rank lies; *base: values before it, advanced. */
static range narrow(int64_t *base, int64_t *count, const int64_t *table, range span, int64_t rank)
{
    int shift = shift_for(span);
    uint64_t bin = 0;
    while (rank >= *base + table[bin])
        *base += table[bin++];
    *count = table[bin];
    range out = {span.low + (bin << shift),
                 span.low + (bin << shift) + ((UINT64_C(1) << shift) - 1)};
    if (out.high > span.high || out.high < out.low)
        out.high = span.high;
    return out;
}

static range find_first(int64_t *base, int64_t *count, const wk_summary_ranks *r, int64_t rank)
{
    *base = 0;
    if (rank < r->below) {
        *count = r->below;
        return (range){r->ends.low, r->first.low - 1};
    }
    *base = r->below + r->inside;
    if (rank >= *base) {
        *count = r->n - *base;
        return (range){r->first.high + 1, r->ends.high};
    }
    *base = r->below;
    return narrow(base, count, r->counts, r->first, rank);
}

/* Quickselect: parts around a middle value until the rank stands alone. */
static double select_rank(double *v, int64_t n, int64_t rank)
{
    int64_t left = 0, right = n - 1;
    while (left < right) {
        double a = v[left], b = v[left + (right - left) / 2], c = v[right];
        double pivot = a < b ? (b < c ? b : a < c ? c : a) : (a < c ? a : b < c ? c : b);
        int64_t i = left, j = right;
        while (i <= j) {
            while (v[i] < pivot)
                i++;
            while (pivot < v[j])
                j--;
            if (i <= j) {
                double swap = v[i];
                v[i++] = v[j];
                v[j--] = swap;
            }
        }
        if (rank <= j)
            right = j;
        else if (rank >= i)
            left = i;
        else
            break;
    }
    return v[rank];
}

wk_status wk_summary_ranks_get(double *value, wk_summary_ranks *r, int64_t rank, wk_error *error)
{
    int64_t base, count;
    range span = find_first(&base, &count, r, rank);
    wk_status status = WK_OK;
    while (status == WK_OK && count > r->most && span.low < span.high) {
        int64_t *table = NULL;
        status = count_span(&table, r, span, error);
        if (status == WK_OK)
            span = narrow(&base, &count, table, span, rank);
        wk_memory_free(table);
    }
    if (status == WK_OK && span.low < span.high)
        status = gather(r, span, count, error);
    if (status != WK_OK)
        return status;
    /* no zero has a sign, whichever stood at the rank */
    *value = 0.0 + (span.low < span.high ? select_rank(r->values, r->gathered, rank - base)
                                         : value_of(span.low));
    return WK_OK;
}

wk_status wk_summary_ranks_median(double *value, wk_summary_ranks *ranks, int64_t first,
                                  int64_t count, wk_error *error)
{
    double upper = 0;
    wk_status status = wk_summary_ranks_get(&upper, ranks, first + count / 2, error);
    if (status == WK_OK && count % 2 == 0)
        status = wk_summary_ranks_get(value, ranks, first + count / 2 - 1, error);
    else
        *value = upper;
    if (status == WK_OK)
        *value = *value < upper ? (*value + upper) / 2 : upper;
    return status;
}
