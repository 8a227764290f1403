#include "summary_rank.h"

#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "memory.h"
#include "summary_order.h"

enum { BINS = 1 << 16, FEW = 1 << 16 };

/* Doubles in order as unsigned integers, and a range of them, both ends included. */
typedef struct range {
    uint64_t low, high;
} range;

struct wk_summary_ranks {
    const wk_summary_source *source;
    const wk_context *context;
    int good;
    range ends; /* of all values */
    int64_t n, most;
    range first; /* of the bulk, in the histogram that is kept */
    int64_t *counts, below, inside;
    range held; /* of the values that were gathered */
    double *values;
    int64_t gathered;
    int workers;
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

/* What is below the span is counted behind the bins. */
static void count_keys(int64_t *table, const double *values, int n, range span, int shift)
{
    for (int i = 0; i < n; i++) {
        uint64_t key = key_of(values[i]);
        if (key < span.low)
            table[BINS] += values[i] >= -DBL_MAX;
        else if (key <= span.high)
            table[(key - span.low) >> shift]++;
    }
}

static void gather_keys(wk_summary_ranks *r, const double *values, int n)
{
    double kept[WK_SUMMARY_BLOCK + 1];
    int count = 0;
    for (int i = 0; i < n; i++) {
        uint64_t key = key_of(values[i]);
        kept[count] = values[i];
        count += (key >= r->wanted.low) & (key <= r->wanted.high);
    }
    memcpy(r->values + atomic_fetch_add(&r->taken, count), kept, (size_t)count * sizeof *kept);
}

static wk_status take(void *payload, const wk_summary_block *block, wk_error *error)
{
    wk_summary_ranks *r = payload;
    (void)error;
    if (r->tables)
        count_keys(r->tables + (size_t)block->worker * (BINS + 1), block->good, block->good_count,
                   r->wanted, r->shift);
    else
        gather_keys(r, block->good, block->good_count);
    return WK_OK;
}

static wk_status pass(wk_summary_ranks *r, wk_error *error)
{
    return wk_summary_pass(r->source, r->good, take, r, r->context, error);
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

/* Values that may be gathered: one of sixteen, within half the budget. */
static int64_t choose_most(const wk_summary_source *source, const wk_context *context)
{
    const size_t usual = (size_t)1 << 30,
                 budget = context && context->memory ? context->memory : usual;
    int64_t most = (int64_t)(budget / 2 / sizeof(double));
    most = source->n / 16 < most ? source->n / 16 : most;
    return most > FEW ? most : FEW;
}

wk_status wk_summary_ranks_create(wk_summary_ranks **out, const wk_summary_source *source, int good,
                                  const wk_summary_line *line, double low, double high,
                                  const wk_context *context, wk_error *error)
{
    *out = NULL;
    wk_summary_ranks *r = wk_memory_new(1, sizeof *r, error);
    if (!r)
        return WK_MEMORY;
    r->source = source;
    r->context = context;
    r->good = good;
    /* both zeros are one value */
    r->ends = (range){key_of(line->min == 0 ? -0.0 : line->min),
                      key_of(line->max == 0 ? 0.0 : line->max)};
    low = fmax(low, line->min);
    high = fmin(high, line->max);
    r->first = low < high ? (range){key_of(low), key_of(high)} : r->ends;
    r->n = line->n;
    r->most = choose_most(source, context);
    r->workers = wk_summary_pass_workers(source, context);
    wk_status status = count_span(&r->counts, r, r->first, error);
    for (int k = 0; k < BINS && status == WK_OK; k++)
        r->inside += r->counts[k];
    r->below = status == WK_OK ? r->counts[BINS] : 0;
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
    *value = 0.0 + (span.low < span.high ? wk_summary_select(r->values, r->gathered, rank - base)
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
