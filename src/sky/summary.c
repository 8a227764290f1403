#include "welkin/summary.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "memory.h"
#include "parallel.h"
#include "status.h"
#include "summary_pass.h"

/* One measurement. */
typedef struct work {
    const wk_summary_image *image;
    const wk_summary_options *options;
    const wk_context *context;
    wk_summary *out;
    int64_t blocks;
    int workers;
    double *room;           /* [workers][2] blocks */
    wk_summary_part *parts; /* [blocks] */
    double shift;
    wk_summary_set set;
    int64_t (*strange)[3]; /* [workers]: NaN, infinite, infinite and negative; NULL: not counted */
    int64_t *counts;       /* [workers][bins]; NULL: sums are made */
    wk_summary_ranks
        *ranks[2]; /* of the finite ones and the good ones; the same where all are good */
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

static void count_strange(int64_t strange[3], const double *values, int n)
{
    for (int i = 0; i < n; i++) {
        strange[0] += values[i] != values[i];
        strange[1] += fabs(values[i]) > DBL_MAX;
        strange[2] += values[i] < -DBL_MAX;
    }
}

/* A guess, then numpy's rule: the edges themselves decide. */
static void count_bins(int64_t *counts, const wk_summary *out, const double *values, int n)
{
    const double *edges = out->edges;
    double low = edges[0], scale = out->bins / (edges[out->bins] - low);
    for (int i = 0; i < n; i++) {
        int bin = (int)((values[i] - low) * scale);
        bin = bin < out->bins ? bin : out->bins - 1;
        while (bin > 0 && values[i] < edges[bin])
            bin--;
        while (bin < out->bins - 1 && values[i] >= edges[bin + 1])
            bin++;
        counts[bin]++;
    }
}

static wk_status run_block(int64_t block, int worker, void *payload, int64_t *bytes,
                           wk_error *error)
{
    work *w = payload;
    double *room = w->room + (size_t)worker * 2 * WK_SUMMARY_BLOCK;
    double *kept = room + WK_SUMMARY_BLOCK;
    const uint8_t *bad = w->image->bad ? w->image->bad + block * WK_SUMMARY_BLOCK : NULL;
    int n;
    int64_t below = 0;
    const double *values = wk_summary_fetch(w->image, block, &n, room);
    (void)bytes;
    (void)error;
    int all = n;
    n = wk_summary_keep(kept, values, bad, n, &w->set, &below);
    if (w->strange && n < all)
        count_strange(w->strange[worker], values, all);
    if (w->counts) {
        count_bins(w->counts + (size_t)worker * (size_t)w->out->bins, w->out, kept, n);
    } else {
        w->parts[block] = wk_summary_sum(kept, n, w->shift);
        w->parts[block].below = below;
    }
    return WK_OK;
}

static wk_status run(work *w, wk_error *error)
{
    wk_context limited = w->context ? *w->context : (wk_context){0};
    limited.threads = w->workers;
    return wk_parallel_for(w->blocks, NULL, run_block, w, &limited, error);
}

static wk_status sum(wk_summary_line *line, int64_t *below, work *w, wk_summary_set set,
                     wk_error *error)
{
    w->set = set;
    wk_status status = run(w, error);
    if (status == WK_OK)
        wk_summary_join(line, below, w->parts, w->blocks, w->shift);
    return status;
}

/* A value of the image, so that sums are about nothing far away. */
static double choose_shift(work *w)
{
    const wk_summary_set all = {0, -DBL_MAX, DBL_MAX};
    for (int64_t block = 0; block < w->blocks; block++) {
        int n;
        const double *values = wk_summary_fetch(w->image, block, &n, w->room);
        double *kept = w->room + WK_SUMMARY_BLOCK;
        n = wk_summary_keep(kept, values, NULL, n, &all, NULL);
        if (n > 0)
            return wk_summary_sum(kept, n, kept[0]).mean;
    }
    return 0;
}

static wk_status measure_finite(work *w, int64_t *negative, wk_error *error)
{
    wk_summary *out = w->out;
    int64_t below;
    w->strange = wk_memory_new((size_t)w->workers, sizeof *w->strange, error);
    if (!w->strange)
        return WK_MEMORY;
    wk_status status = sum(&out->finite, &below, w, (wk_summary_set){0, -DBL_MAX, DBL_MAX}, error);
    for (int i = 0; i < w->workers; i++) {
        out->nan += w->strange[i][0];
        out->nonfinite += w->strange[i][0] + w->strange[i][1];
        *negative += w->strange[i][2];
    }
    wk_memory_free(w->strange);
    w->strange = NULL;
    return status;
}

static wk_status measure_good(work *w, wk_error *error)
{
    int64_t below;
    w->out->good = w->out->finite;
    if (!w->image->bad)
        return WK_OK;
    return sum(&w->out->good, &below, w, (wk_summary_set){1, -DBL_MAX, DBL_MAX}, error);
}

static wk_status find_medians(work *w, wk_error *error)
{
    wk_summary *out = w->out;
    wk_status status = WK_OK;
    int same = out->good.n == out->finite.n;
    if (out->finite.n)
        status =
            wk_summary_ranks_create(&w->ranks[0], w->image, 0, &out->finite, w->context, error);
    if (status == WK_OK && out->finite.n)
        status = wk_summary_ranks_median(&out->finite.median, w->ranks[0], 0, out->finite.n, error);
    out->good.median = same ? out->finite.median : (double)NAN;
    if (status != WK_OK || !out->good.n || same) {
        w->ranks[1] = w->ranks[0];
        return status;
    }
    status = wk_summary_ranks_create(&w->ranks[1], w->image, 1, &out->good, w->context, error);
    if (status == WK_OK)
        status = wk_summary_ranks_median(&out->good.median, w->ranks[1], 0, out->good.n, error);
    return status;
}

/* The rank-th of all pixels, infinite ones at both ends. */
static wk_status rank_of_all(double *value, work *w, int64_t rank, int64_t negative,
                             wk_error *error)
{
    *value = (double)(rank < negative ? -INFINITY : INFINITY);
    if (rank < negative || rank >= negative + w->out->finite.n)
        return WK_OK;
    return wk_summary_ranks_get(value, w->ranks[0], rank - negative, error);
}

static wk_status measure_plain(work *w, int64_t negative, wk_error *error)
{
    const double none = (double)NAN;
    wk_summary *out = w->out;
    wk_summary_line *plain = &out->plain;
    int64_t positive = out->nonfinite - out->nan - negative, n = out->pixels;
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
    wk_status status = rank_of_all(&pair[0], w, (n - 1) / 2, negative, error);
    if (status == WK_OK)
        status = rank_of_all(&pair[1], w, n / 2, negative, error);
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
            status = wk_summary_ranks_median(&line.median, w->ranks[1], below, line.n, error);
        take_round(last, &line);
    }
    return status;
}

/* numpy.linspace's steps. */
static void set_edges(double *edges, int bins, double low, double high)
{
    double step = (high - low) / bins;
    for (int k = 0; k < bins; k++)
        edges[k] = k * step + low;
    edges[bins] = high;
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
    w->counts = out->counts
                    ? wk_memory_new((size_t)w->workers * (size_t)bins, sizeof *w->counts, error)
                    : NULL;
    if (!w->counts)
        return WK_MEMORY;
    out->bins = bins;
    set_edges(out->edges, bins, low, high);
    w->set = (wk_summary_set){0, -DBL_MAX, DBL_MAX};
    wk_status status = run(w, error);
    for (int i = 0; i < w->workers; i++)
        for (int k = 0; k < bins; k++)
            out->counts[k] += w->counts[(size_t)i * (size_t)bins + (size_t)k];
    wk_memory_free(w->counts);
    w->counts = NULL;
    return status;
}

static wk_status measure(work *w, wk_error *error)
{
    int64_t negative = 0;
    w->room = wk_memory_raw((size_t)w->workers * 2 * WK_SUMMARY_BLOCK, sizeof *w->room, error);
    w->parts = w->room ? wk_memory_raw((size_t)w->blocks, sizeof *w->parts, error) : NULL;
    if (!w->parts)
        return WK_MEMORY;
    w->shift = choose_shift(w);
    wk_status status = measure_finite(w, &negative, error);
    if (status == WK_OK)
        status = measure_good(w, error);
    if (status == WK_OK)
        status = find_medians(w, error);
    if (status == WK_OK)
        status = measure_plain(w, negative, error);
    if (status == WK_OK)
        status = clip(w, error);
    return status == WK_OK ? count(w, error) : status;
}

wk_status wk_summary_measure(wk_summary *out, const wk_summary_image *image,
                             const wk_summary_options *options, const wk_context *context,
                             wk_error *error)
{
    const wk_summary_options usual = wk_summary_options_default();
    work w = {
        .image = image, .options = options ? options : &usual, .context = context, .out = out};
    memset(out, 0, sizeof *out);
    wk_status status = wk_summary_check(w.options, error);
    if (status == WK_OK && image->n < 1)
        status = wk_error_set(error, WK_ARGUMENT, "", "an image of %lld pixels cannot be measured",
                              (long long)image->n);
    if (status != WK_OK)
        return status;
    out->pixels = image->n;
    out->finite.median = (double)NAN;
    w.blocks = (image->n + WK_SUMMARY_BLOCK - 1) / WK_SUMMARY_BLOCK;
    w.workers = wk_parallel_workers(w.blocks, context);
    status = measure(&w, error);
    if (w.ranks[1] != w.ranks[0])
        wk_summary_ranks_free(w.ranks[1]);
    wk_summary_ranks_free(w.ranks[0]);
    wk_memory_free(w.counts);
    wk_memory_free(w.parts);
    wk_memory_free(w.room);
    if (status != WK_OK)
        wk_summary_release(out);
    return status;
}

void wk_summary_release(wk_summary *summary)
{
    wk_memory_free(summary->edges);
    wk_memory_free(summary->counts);
    memset(summary, 0, sizeof *summary);
}
