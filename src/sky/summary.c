#include "welkin/summary.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "memory.h"
#include "status.h"
#include "summary_bin.h"
#include "summary_rank.h"
#include "summary_split.h"

/* One measurement.  What the first pass leaves unknown is found by passes of their own. */
typedef struct work {
    const wk_summary_source *source;
    const wk_summary_options *options;
    const wk_context *context;
    wk_summary *out;
    wk_summary_split *split;
    wk_summary_strange strange;
    wk_summary_ranks *ranks[2]; /* of the finite pixels, of the good ones; once they are needed */
    int workers;
    double *room; /* [workers] blocks */
    /* of the pass that is under way */
    wk_summary_part *parts; /* [strips] */
    wk_summary_set set;
    const wk_summary_bins *bins;
    int64_t *counts; /* [workers][bins] */
} work;

wk_summary_options wk_summary_options_default(void)
{
    return (wk_summary_options){3.0, 5, 20};
}

wk_status wk_summary_check(const wk_summary_options *options, wk_error *error)
{
    if (!(options->sigma > 0.0 && isfinite(options->sigma)))
        return wk_error_set(error, WK_ARGUMENT, "sigma",
                            "sigma is %g; it must be positive and finite", options->sigma);
    if (options->iterations < 0)
        return wk_error_set(error, WK_ARGUMENT, "iterations",
                            "iterations is %d; it must not be negative", options->iterations);
    if (options->bins < 1 || options->bins > 1000000)
        return wk_error_set(error, WK_ARGUMENT, "bins", "a histogram has 1 to 1000000 bins, not %d",
                            options->bins);
    return WK_OK;
}

static wk_status sum_block(void *payload, const wk_summary_block *block, wk_error *error)
{
    work *w = payload;
    double *room = w->room + (size_t)block->worker * WK_SUMMARY_BLOCK;
    int64_t below;
    (void)error;
    int n = wk_summary_keep(room, block->good, block->good_count, w->set.lo, w->set.hi, &below);
    wk_summary_part part = wk_summary_sum(room, n, wk_summary_split_shift(w->split));
    part.below = below;
    wk_summary_append(&w->parts[block->strip], &part);
    return WK_OK;
}

static wk_status sum_all(wk_summary_line *line, int64_t *below, work *w, wk_summary_set set,
                         wk_error *error)
{
    int64_t strips = w->source->strips;
    w->set = set;
    w->room = wk_memory_raw((size_t)w->workers * WK_SUMMARY_BLOCK, sizeof *w->room, error);
    w->parts = w->room ? wk_memory_new((size_t)strips, sizeof *w->parts, error) : NULL;
    wk_status status = w->parts ? WK_OK : WK_MEMORY;
    if (status == WK_OK)
        status = wk_summary_pass(w->source, set.good, sum_block, w, w->context, error);
    if (status == WK_OK)
        wk_summary_join(line, below, w->parts, strips, wk_summary_split_shift(w->split));
    wk_memory_free(w->parts);
    wk_memory_free(w->room);
    return status;
}

/* The median of line is left alone. */
static wk_status sum(wk_summary_line *line, int64_t *below, work *w, wk_summary_set set,
                     wk_error *error)
{
    if (wk_summary_split_sum(line, below, w->split, set))
        return WK_OK;
    return sum_all(line, below, w, set, error);
}

static wk_status need_ranks(work *w, int good, wk_error *error)
{
    double low, high;
    if (w->ranks[good])
        return WK_OK;
    wk_summary_split_core(&low, &high, w->split);
    return wk_summary_ranks_create(&w->ranks[good], w->source, good,
                                   good ? &w->out->good : &w->out->finite, low, high, w->context,
                                   error);
}

static wk_status find_median(double *median, work *w, int good, int64_t first, int64_t count,
                             wk_error *error)
{
    if (wk_summary_split_median(median, w->split, good, first, count))
        return WK_OK;
    good = good && w->out->good.n < w->out->finite.n;
    wk_status status = need_ranks(w, good, error);
    if (status == WK_OK)
        status = wk_summary_ranks_median(median, w->ranks[good], first, count, error);
    return status;
}

static wk_status measure_line(wk_summary_line *line, work *w, int good, wk_error *error)
{
    int64_t below;
    line->median = (double)NAN;
    wk_status status = sum(line, &below, w, (wk_summary_set){good, -DBL_MAX, DBL_MAX}, error);
    if (status == WK_OK && line->n)
        status = find_median(&line->median, w, good, 0, line->n, error);
    return status;
}

static wk_status measure_good(work *w, wk_error *error)
{
    w->out->good = w->out->finite;
    return w->source->masked ? measure_line(&w->out->good, w, 1, error) : WK_OK;
}

/* The rank-th of all pixels, infinite ones at both ends. */
static wk_status rank_of_all(double *value, work *w, int64_t rank, wk_error *error)
{
    const int64_t negative = w->strange.negative;
    *value = (double)(rank < negative ? -INFINITY : INFINITY);
    if (rank < negative || rank >= negative + w->out->finite.n)
        return WK_OK;
    return find_median(value, w, 0, rank - negative, 1, error);
}

static wk_status measure_plain(work *w, wk_error *error)
{
    const double none = (double)NAN;
    wk_summary *out = w->out;
    wk_summary_line *plain = &out->plain;
    int64_t negative = w->strange.negative, n = out->pixels;
    int64_t positive = w->strange.infinite - negative;
    *plain = out->finite;
    plain->n = n;
    if (out->nan)
        *plain = (wk_summary_line){n, none, none, none, none, none};
    if (out->nan || !out->nonfinite)
        return WK_OK;
    plain->min = negative ? -(double)INFINITY : out->finite.n ? plain->min : (double)INFINITY;
    plain->max = positive ? (double)INFINITY : out->finite.n ? plain->max : -(double)INFINITY;
    plain->mean = negative && positive ? none : (double)(positive ? INFINITY : -INFINITY);
    plain->std = none;
    double pair[2];
    wk_status status = rank_of_all(&pair[0], w, (n - 1) / 2, error);
    if (status == WK_OK)
        status = rank_of_all(&pair[1], w, n / 2, error);
    plain->median = pair[0] < pair[1] ? (pair[0] + pair[1]) / 2 : pair[0];
    return status;
}

static void take_round(wk_clipped *clipped, const wk_summary_line *line)
{
    clipped->n = line->n;
    clipped->mean = line->mean;
    clipped->std = line->std;
    clipped->median = line->median;
}

static wk_status clip(work *w, wk_error *error)
{
    wk_clipped *last = &w->out->clipped;
    wk_summary_line line = w->out->good;
    wk_status status = WK_OK;
    take_round(last, &line);
    last->lo = -(double)INFINITY;
    last->hi = (double)INFINITY;
    for (int round = 0; round < w->options->iterations && last->n && status == WK_OK; round++) {
        int64_t below;
        last->lo = fmax(last->lo, last->median - w->options->sigma * last->std);
        last->hi = fmin(last->hi, last->median + w->options->sigma * last->std);
        status = sum(&line, &below, w, (wk_summary_set){1, last->lo, last->hi}, error);
        if (status != WK_OK || line.n == last->n)
            break;
        line.median = (double)NAN;
        if (line.n)
            status = find_median(&line.median, w, 1, below, line.n, error);
        take_round(last, &line);
    }
    return status;
}

static wk_status count_block(void *payload, const wk_summary_block *block, wk_error *error)
{
    work *w = payload;
    (void)error;
    wk_summary_bins_count(w->counts + (size_t)block->worker * (size_t)w->bins->count, w->bins,
                          block->good, block->good_count);
    return WK_OK;
}

static wk_status count_all(work *w, wk_error *error)
{
    const size_t bins = (size_t)w->bins->count;
    w->counts = wk_memory_new((size_t)w->workers * bins, sizeof *w->counts, error);
    if (!w->counts)
        return WK_MEMORY;
    wk_status status = wk_summary_pass(w->source, 0, count_block, w, w->context, error);
    for (size_t i = 0; i < (size_t)w->workers * bins && status == WK_OK; i++)
        w->out->counts[i % bins] += w->counts[i];
    wk_memory_free(w->counts);
    return status;
}

static wk_status count(work *w, wk_error *error)
{
    wk_summary *out = w->out;
    int bins = w->options->bins;
    double low = out->finite.min - 0.001, high = out->finite.max + 0.001;
    if (!out->finite.n || !isfinite(high - low))
        return WK_OK;
    if (low >= high) {
        low -= 0.5;
        high += 0.5;
    }
    if (low >= high)
        return WK_OK; /* numpy fails there */
    out->edges = wk_memory_raw((size_t)bins + 1, sizeof *out->edges, error);
    out->counts = out->edges ? wk_memory_new((size_t)bins, sizeof *out->counts, error) : NULL;
    if (!out->counts)
        return WK_MEMORY;
    wk_summary_bins all = wk_summary_bins_set(out->edges, bins, low, high);
    out->bins = bins;
    w->bins = &all;
    return wk_summary_split_count(out->counts, w->split, &all) ? WK_OK : count_all(w, error);
}

/* Values that the first pass may keep: a few bytes for each pixel, within the budget. */
static int64_t most_kept(const wk_summary_source *source, const wk_context *context)
{
    enum { BYTES = 16, LEAST = 1 << 17, SHARE = 4 };
    const size_t usual = (size_t)1 << 30;
    int64_t most = (int64_t)((context && context->memory ? context->memory : usual) / BYTES);
    most = source->n / SHARE < most ? source->n / SHARE : most;
    return most > LEAST ? most : LEAST;
}

static wk_status measure(work *w, wk_error *error)
{
    wk_summary *out = w->out;
    wk_status status = wk_summary_split_create(&w->split, &w->strange, w->source, w->options,
                                               most_kept(w->source, w->context), w->context, error);
    out->pixels = w->source->n;
    out->nan = w->strange.nan;
    out->nonfinite = w->strange.nan + w->strange.infinite;
    if (status == WK_OK)
        status = measure_line(&out->finite, w, 0, error);
    if (status == WK_OK)
        status = measure_good(w, error);
    if (status == WK_OK)
        status = measure_plain(w, error);
    if (status == WK_OK)
        status = clip(w, error);
    return status == WK_OK ? count(w, error) : status;
}

static wk_status measure_source(wk_summary *out, const wk_summary_source *source,
                                const wk_summary_options *options, const wk_context *context,
                                wk_error *error)
{
    const wk_summary_options usual = wk_summary_options_default();
    work w = {.source = source,
              .options = options ? options : &usual,
              .context = context,
              .out = out,
              .workers = wk_summary_pass_workers(source, context)};
    memset(out, 0, sizeof *out);
    wk_status status = wk_summary_check(w.options, error);
    if (status == WK_OK && source->n < 1)
        status = wk_error_set(error, WK_ARGUMENT, "", "an image of %lld pixels cannot be measured",
                              (long long)source->n);
    if (status == WK_OK)
        status = measure(&w, error);
    wk_summary_split_free(w.split);
    wk_summary_ranks_free(w.ranks[0]);
    wk_summary_ranks_free(w.ranks[1]);
    if (status != WK_OK)
        wk_summary_release(out);
    return status;
}

wk_status wk_summary_measure(wk_summary *out, const wk_summary_image *image,
                             const wk_summary_options *options, const wk_context *context,
                             wk_error *error)
{
    wk_summary_source source = wk_summary_source_of(image);
    return measure_source(out, &source, options, context, error);
}

wk_status wk_summary_measure_rows(wk_summary *out, const wk_rows *rows, const wk_rows *minus,
                                  int judged, const wk_summary_options *options,
                                  const wk_context *context, wk_error *error)
{
    wk_summary_reader *reader;
    memset(out, 0, sizeof *out);
    if (minus && (minus->width != rows->width || minus->height != rows->height))
        return wk_error_set(error, WK_ARGUMENT, "",
                            "%lld x %lld pixels cannot be taken off %lld x %lld",
                            (long long)minus->width, (long long)minus->height,
                            (long long)rows->width, (long long)rows->height);
    wk_status status = wk_summary_reader_open(&reader, rows, minus, judged, context, error);
    if (status != WK_OK)
        return status;
    wk_summary_source source = wk_summary_reader_source(reader);
    status = measure_source(out, &source, options, context, error);
    wk_summary_reader_close(reader);
    return status;
}

void wk_summary_release(wk_summary *summary)
{
    wk_memory_free(summary->edges);
    wk_memory_free(summary->counts);
    memset(summary, 0, sizeof *summary);
}
