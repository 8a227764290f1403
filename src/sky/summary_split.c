#include "summary_split.h"

#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "memory.h"
#include "moment.h"
#include "summary_bin.h"
#include "summary_guess.h"
#include "summary_order.h"

/* Values of a strip that only have sums. */
typedef struct lump {
    int64_t below, above; /* the window */
    double sum, square;   /* about the shift */
} lump;

/* What a worker keeps. */
typedef struct shelf {
    double *values;
    size_t count, room;
} shelf;

/* Where the kept values of a strip are. */
typedef struct place {
    int worker;
    size_t first, count;
} place;

/* Good pixels, or masked ones. */
typedef struct kind {
    lump *lumps;            /* [strips] */
    place *places;          /* [strips] */
    shelf *shelves;         /* [workers]; gone when all is gathered */
    int64_t below;          /* values of the lump below the window */
    wk_summary_part lump;   /* of all strips, but for the extremes */
    int vague;              /* nonzero: its scatter is not exact */
    double *window, *tails; /* kept values between the guessed limits, and outside, in order */
    int64_t window_count, tail_count, tails_below;
    wk_summary_part *sums; /* of the blocks of window */
} kind;

struct wk_summary_split {
    wk_summary_guess cut;
    int64_t strips, most;
    int workers, kinds; /* kinds: 1 where nothing is masked */
    int known;          /* zero: too many values were to be kept */
    _Atomic int64_t kept;
    wk_summary_strange *strange; /* [workers] */
    kind kind[2];
    wk_summary_order *order[2]; /* of the windows: finite ones, good ones */
    wk_summary_part *parts;     /* scratch, as many as a set can have */
    double room[WK_SUMMARY_BLOCK];
};

typedef double double4 __attribute__((vector_size(32)));
typedef int64_t long4 __attribute__((vector_size(32)));

/* Sums of one block in lanes by index: the same bits with wide vectors and without. */
typedef struct lanes {
    double4 sum[2], square[2];
    long4 below, above;
} lanes;

/* Four values into half of the sums; one that is in no lump adds nothing. */
WK_INLINE void add_four(lanes *all, int half, long4 *inside, const double *from,
                        const wk_summary_guess *cut)
{
    double4 value;
    memcpy(&value, from, sizeof value);
    long4 below = (value >= cut->low) & (value < cut->a);
    long4 above = (value > cut->b) & (value <= cut->high);
    *inside = below | above;
    double4 off = (double4)((long4)(value - cut->shift) & *inside);
    all->sum[half] += off;
    all->square[half] += off * off;
    all->below -= below;
    all->above -= above;
}

static void count_strange(wk_summary_strange *strange, double value)
{
    strange->nan += value != value;
    strange->infinite += fabs(value) > DBL_MAX;
    strange->negative += value < -DBL_MAX;
}

enum { PIECE = 16 };

/* Keep those finite values of a piece whose lane of inside is not set; room is there. */
WK_INLINE int put_aside(double *out, wk_summary_strange *strange, const double *values,
                        const int64_t *inside)
{
    int kept = 0, usual = 0;
    double4 zero = {0}, four;
    for (int i = 0; i < PIECE; i++) {
        out[kept] = values[i];
        kept += (int)inside[i] + 1;
    }
    for (int i = 0; i < PIECE; i += 4) {
        memcpy(&four, values + i, sizeof four);
        zero += 0 * four;
    }
    if ((zero[0] + zero[1]) + (zero[2] + zero[3]) == 0)
        return kept;
    for (int i = 0; i < PIECE; i++)
        count_strange(strange, values[i]);
    for (int i = 0; i < kept; i++) {
        out[usual] = out[i];
        usual += fabs(out[i]) <= DBL_MAX;
    }
    return usual;
}

WK_INLINE int add_piece(lanes *all, double *out, wk_summary_strange *strange, const double *values,
                        const wk_summary_guess *cut)
{
    long4 inside[PIECE / 4];
    for (int k = 0; k < PIECE / 4; k++)
        add_four(all, k % 2, &inside[k], values + 4 * k, cut);
    long4 in = (inside[0] & inside[1]) & (inside[2] & inside[3]);
    if (in[0] & in[1] & in[2] & in[3])
        return 0;
    int64_t each[PIECE];
    memcpy(each, inside, sizeof each);
    return put_aside(out, strange, values, each);
}

WK_INLINE int add_body(lump *to, double *out, wk_summary_strange *strange, const double *values,
                       int n, const wk_summary_guess *given)
{
    const wk_summary_guess cut = *given;
    lanes all = {{{0}, {0}}, {{0}, {0}}, {0}, {0}};
    double last[PIECE];
    int kept = 0, i = 0;
    for (; i + PIECE <= n; i += PIECE)
        kept += add_piece(&all, out + kept, strange, values + i, &cut);
    for (int k = 0; k < PIECE && i < n; k++)
        last[k] = i + k < n ? values[i + k] : (double)NAN;
    if (i < n) {
        kept += add_piece(&all, out + kept, strange, last, &cut);
        strange->nan -= PIECE - (n - i); /* which were made here */
    }
    double4 sum = all.sum[0] + all.sum[1], square = all.square[0] + all.square[1];
    to->sum += (sum[0] + sum[2]) + (sum[1] + sum[3]);
    to->square += (square[0] + square[2]) + (square[1] + square[3]);
    for (int k = 0; k < 4; k++) {
        to->below += all.below[k];
        to->above += all.above[k];
    }
    return kept;
}

WK_WIDE static int add_wide(lump *to, double *out, wk_summary_strange *strange,
                            const double *values, int n, const wk_summary_guess *cut)
{
    return add_body(to, out, strange, values, n, cut);
}

static int add(lump *to, double *out, wk_summary_strange *strange, const double *values, int n,
               const wk_summary_guess *cut)
{
    return wk_wide_usable() ? add_wide(to, out, strange, values, n, cut)
                            : add_body(to, out, strange, values, n, cut);
}

static wk_status take_kind(wk_summary_split *split, int k, const wk_summary_block *block,
                           const double *values, int n, wk_error *error)
{
    kind *own = &split->kind[k];
    shelf *to = &own->shelves[block->worker];
    place *at = &own->places[block->strip];
    if (at->count == 0)
        *at = (place){block->worker, to->count, 0};
    size_t wanted = to->count + WK_SUMMARY_BLOCK + PIECE;
    if (wanted > to->room) {
        wk_status status =
            wk_memory_grow((void **)&to->values, 2 * wanted, sizeof *to->values, error);
        if (status != WK_OK)
            return status;
        to->room = 2 * wanted;
    }
    size_t kept = (size_t)add(&own->lumps[block->strip], to->values + to->count,
                              &split->strange[block->worker], values, n, &split->cut);
    if (atomic_fetch_add(&split->kept, (int64_t)kept) + (int64_t)kept > split->most)
        return WK_OK; /* counted, not kept */
    to->count += kept;
    at->count += kept;
    return WK_OK;
}

static wk_status take(void *payload, const wk_summary_block *block, wk_error *error)
{
    wk_summary_split *split = payload;
    wk_status status = take_kind(split, 0, block, block->good, block->good_count, error);
    if (status == WK_OK && block->masked_count)
        status = take_kind(split, 1, block, block->masked, block->masked_count, error);
    return status;
}

static void free_shelves(kind *own, int workers)
{
    for (int i = 0; own->shelves && i < workers; i++)
        wk_memory_free(own->shelves[i].values);
    wk_memory_free(own->shelves);
    own->shelves = NULL;
}

/* What was summed strip by strip as one part. */
static void join_lumps(wk_summary_split *split, kind *own)
{
    const double shift = split->cut.shift;
    wk_summary_part *all = &own->lump;
    wk_summary_total sum = {0}, square = {0};
    *all = (wk_summary_part){.min = (double)INFINITY, .max = -(double)INFINITY};
    for (int64_t i = 0; i < split->strips; i++) {
        const lump *one = &own->lumps[i];
        own->below += one->below;
        all->n += one->below + one->above;
        wk_summary_total_add(&sum, one->sum);
        wk_summary_total_add(&square, one->square);
    }
    if (!all->n)
        return;
    double off = (sum.sum + sum.rest) / (double)all->n;
    all->sum = sum.sum + sum.rest;
    all->mean = shift + off;
    all->square = (square.sum + square.rest) - all->sum * off;
    /* sums about a value so far from the mean would lose digits of the scatter */
    own->vague = all->sum * off > 0.5 * (square.sum + square.rest);
}

/* In the order of the strips, whoever kept them. */
static wk_status gather(wk_summary_split *split, kind *own, wk_error *error)
{
    const wk_summary_guess *cut = &split->cut;
    size_t total = 0;
    for (int i = 0; i < split->workers; i++)
        total += own->shelves[i].count;
    own->window = wk_memory_raw(total, sizeof *own->window, error);
    own->tails = own->window ? wk_memory_raw(total, sizeof *own->tails, error) : NULL;
    if (!own->tails)
        return WK_MEMORY;
    for (int64_t i = 0; i < split->strips; i++) {
        const place *at = &own->places[i];
        const double *values = own->shelves[at->worker].values + at->first;
        for (size_t k = 0; k < at->count; k++) {
            int inside = (values[k] >= cut->a) & (values[k] <= cut->b);
            own->window[own->window_count] = own->tails[own->tail_count] = values[k];
            own->window_count += inside;
            own->tail_count += !inside;
            own->tails_below += values[k] < cut->a;
        }
    }
    free_shelves(own, split->workers);
    return WK_OK;
}

static int64_t blocks_of(int64_t n)
{
    return (n + WK_SUMMARY_BLOCK - 1) / WK_SUMMARY_BLOCK;
}

/* Parts of those values in a set, a block each; returns how many parts. */
static int64_t sum_blocks(wk_summary_part *parts, wk_summary_split *split, const double *values,
                          int64_t n, wk_summary_set set)
{
    for (int64_t i = 0; i < blocks_of(n); i++) {
        int64_t left = n - i * WK_SUMMARY_BLOCK, below;
        int count = left < WK_SUMMARY_BLOCK ? (int)left : WK_SUMMARY_BLOCK;
        count = wk_summary_keep(split->room, values + i * WK_SUMMARY_BLOCK, count, set.lo, set.hi,
                                &below);
        parts[i] = wk_summary_sum(split->room, count, split->cut.shift);
        parts[i].below = below;
    }
    return blocks_of(n);
}

static wk_status sum_windows(wk_summary_split *split, wk_error *error)
{
    const wk_summary_set all = {0, -DBL_MAX, DBL_MAX};
    int64_t parts = 0;
    for (int k = 0; k < split->kinds; k++) {
        kind *own = &split->kind[k];
        own->sums = wk_memory_raw((size_t)blocks_of(own->window_count), sizeof *own->sums, error);
        if (!own->sums)
            return WK_MEMORY;
        sum_blocks(own->sums, split, own->window, own->window_count, all);
        parts += 1 + blocks_of(own->window_count) + blocks_of(own->tail_count);
    }
    split->parts = wk_memory_raw((size_t)parts, sizeof *split->parts, error);
    return split->parts ? WK_OK : WK_MEMORY;
}

static wk_status order_windows(wk_summary_split *split, wk_error *error)
{
    const kind *good = &split->kind[0], *masked = &split->kind[1];
    wk_status status =
        wk_summary_order_create(&split->order[1], good->window, good->window_count, NULL, 0, error);
    if (status == WK_OK && split->kinds == 2)
        status = wk_summary_order_create(&split->order[0], good->window, good->window_count,
                                         masked->window, masked->window_count, error);
    return status;
}

static wk_status finish(wk_summary_split *split, wk_error *error)
{
    wk_status status = WK_OK;
    split->known = atomic_load(&split->kept) <= split->most;
    for (int k = 0; k < split->kinds && split->known && status == WK_OK; k++) {
        join_lumps(split, &split->kind[k]);
        status = gather(split, &split->kind[k], error);
    }
    if (status == WK_OK && split->known)
        status = sum_windows(split, error);
    if (status == WK_OK && split->known)
        status = order_windows(split, error);
    for (int k = 0; k < split->kinds; k++)
        free_shelves(&split->kind[k], split->workers);
    return status;
}

static wk_status start(wk_summary_split *split, wk_error *error)
{
    size_t strips = (size_t)split->strips, workers = (size_t)split->workers;
    split->strange = wk_memory_new(workers, sizeof *split->strange, error);
    int good = split->strange != NULL;
    for (int k = 0; k < split->kinds && good; k++) {
        kind *own = &split->kind[k];
        own->lumps = wk_memory_new(strips, sizeof *own->lumps, error);
        own->places = own->lumps ? wk_memory_new(strips, sizeof *own->places, error) : NULL;
        own->shelves = own->places ? wk_memory_new(workers, sizeof *own->shelves, error) : NULL;
        good = own->shelves != NULL;
    }
    return good ? WK_OK : WK_MEMORY;
}

wk_status wk_summary_split_create(wk_summary_split **out, wk_summary_strange *strange,
                                  const wk_summary_source *source,
                                  const wk_summary_options *options, int64_t most,
                                  const wk_context *context, wk_error *error)
{
    *out = NULL;
    *strange = (wk_summary_strange){0};
    wk_summary_split *split = wk_memory_new(1, sizeof *split, error);
    if (!split)
        return WK_MEMORY;
    split->strips = source->strips;
    split->most = most;
    split->workers = wk_summary_pass_workers(source, context);
    split->kinds = source->masked ? 2 : 1;
    wk_status status = wk_summary_guess_make(&split->cut, source, options, error);
    if (status == WK_OK)
        status = start(split, error);
    if (status == WK_OK)
        status = wk_summary_pass(source, 1, take, split, context, error);
    if (status == WK_OK)
        status = finish(split, error);
    for (int i = 0; status == WK_OK && i < split->workers; i++) {
        strange->nan += split->strange[i].nan;
        strange->infinite += split->strange[i].infinite;
        strange->negative += split->strange[i].negative;
    }
    if (status == WK_OK)
        *out = split;
    else
        wk_summary_split_free(split);
    return status;
}

void wk_summary_split_free(wk_summary_split *split)
{
    if (!split)
        return;
    for (int k = 0; k < split->kinds; k++) {
        kind *own = &split->kind[k];
        free_shelves(own, split->workers);
        wk_memory_free(own->lumps);
        wk_memory_free(own->places);
        wk_memory_free(own->window);
        wk_memory_free(own->tails);
        wk_memory_free(own->sums);
        wk_summary_order_free(split->order[k]);
    }
    if (split->kinds == 1)
        wk_summary_order_free(split->order[1]);
    wk_memory_free(split->strange);
    wk_memory_free(split->parts);
    wk_memory_free(split);
}

double wk_summary_split_shift(const wk_summary_split *split)
{
    return split->cut.shift;
}

void wk_summary_split_core(double *low, double *high, const wk_summary_split *split)
{
    *low = split->cut.low;
    *high = split->cut.high;
}

static int kinds_of(const wk_summary_split *split, int good)
{
    return good ? 1 : split->kinds;
}

/* Extremes of all are unknown where a lump has them; of less than all nobody asks. */
static int has_extremes(const wk_summary_split *split, const wk_summary_line *line,
                        wk_summary_set set)
{
    int64_t below = 0, above = 0;
    for (int k = 0; k < kinds_of(split, set.good); k++) {
        below += split->kind[k].below;
        above += split->kind[k].lump.n - split->kind[k].below;
    }
    return set.lo > -DBL_MAX || set.hi < DBL_MAX ||
           ((!below || line->min < split->cut.low) && (!above || line->max > split->cut.high));
}

int wk_summary_split_sum(wk_summary_line *line, int64_t *below, wk_summary_split *split,
                         wk_summary_set set)
{
    int64_t count = 0;
    if (!split->known)
        return 0;
    for (int k = 0; k < kinds_of(split, set.good); k++) {
        const kind *own = &split->kind[k];
        int whole = set.lo <= split->cut.a && set.hi >= split->cut.b;
        if (own->lump.n && (own->vague || set.lo > split->cut.low || set.hi < split->cut.high))
            return 0;
        split->parts[count++] = own->lump;
        int64_t blocks = blocks_of(own->window_count);
        if (whole)
            memcpy(split->parts + count, own->sums, (size_t)blocks * sizeof *own->sums);
        else
            sum_blocks(split->parts + count, split, own->window, own->window_count, set);
        count += blocks;
        count += sum_blocks(split->parts + count, split, own->tails, own->tail_count, set);
    }
    wk_summary_join(line, below, split->parts, count, split->cut.shift);
    return has_extremes(split, line, set);
}

int wk_summary_split_median(double *median, wk_summary_split *split, int good, int64_t first,
                            int64_t count)
{
    int64_t before = 0;
    if (!split->known)
        return 0;
    for (int k = 0; k < kinds_of(split, good); k++)
        before += split->kind[k].tails_below + split->kind[k].below;
    int64_t lower = first + (count - 1) / 2 - before, upper = first + count / 2 - before;
    wk_summary_order *order = split->order[good || split->kinds == 1];
    double pair[2];
    if (!wk_summary_order_get(&pair[0], order, lower) ||
        !wk_summary_order_get(&pair[1], order, upper))
        return 0;
    *median = pair[0] < pair[1] ? (pair[0] + pair[1]) / 2 : pair[1];
    return 1;
}

int wk_summary_split_count(int64_t *counts, const wk_summary_split *split,
                           const wk_summary_bins *bins)
{
    const double least = bins->edges[0], most = bins->edges[bins->count];
    int low = wk_summary_bin(bins, fmin(fmax(split->cut.low, least), most));
    int high = wk_summary_bin(bins, fmax(fmin(split->cut.high, most), least));
    int64_t lumps = 0;
    for (int k = 0; k < split->kinds; k++)
        lumps += split->kind[k].lump.n;
    if (!split->known || (lumps && low != high))
        return 0;
    counts[low] += lumps;
    for (int k = 0; k < split->kinds; k++) {
        const kind *own = &split->kind[k];
        wk_summary_bins_count(counts, bins, own->window, own->window_count);
        wk_summary_bins_count(counts, bins, own->tails, own->tail_count);
    }
    return 1;
}
