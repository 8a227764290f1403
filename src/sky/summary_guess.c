#include "summary_guess.h"

#include <float.h>
#include <math.h>

#include "memory.h"
#include "summary_order.h"
#include "summary_sum.h"

/* PIECE: pixels that are read together, or a row.  FEW: of a smaller image every value may be
 * kept. */
enum { PIECES = 64, PIECE = 512, SAMPLE = 1 << 17, FEW = 1 << 16, LEAST = 1000 };

/* Standard deviations of a sample's order statistics to both sides of a median; and the share of
 * the sample's reach that is taken for safe from the limits of all. */
#define ASIDE 4
#define CORE  0.94

typedef struct sample {
    double *good, *all; /* [SAMPLE + PIECES] */
    int good_count, all_count;
    int64_t every; /* one pixel in so many */
} sample;

static void add_piece(sample *to, const wk_summary_image *image, double *room)
{
    for (int64_t block = 0; block * WK_SUMMARY_BLOCK < image->n; block++) {
        int n;
        const double *values = wk_summary_fetch(image, block, &n, room);
        int64_t first = block * WK_SUMMARY_BLOCK, skip = (to->every - first % to->every);
        for (int64_t i = skip % to->every; i < n; i += to->every) {
            if (!isfinite(values[i]) || to->all_count == SAMPLE + PIECES)
                continue;
            to->all[to->all_count++] = values[i];
            if (!image->bad || !(image->bad[first + i] & ~WK_BAD_VALUE))
                to->good[to->good_count++] = values[i];
        }
    }
}

static wk_status read_sample(sample *to, const wk_summary_source *source, double *room,
                             wk_error *error)
{
    int64_t unit = source->unit, piece = (PIECE + unit - 1) / unit * unit;
    piece = piece < source->strip ? piece : source->strip;
    int64_t pieces = source->n / 16 / piece;
    pieces = pieces < 1 ? 1 : pieces < PIECES ? pieces : PIECES;
    to->every = (piece * pieces + SAMPLE - 1) / SAMPLE;
    wk_status status = WK_OK;
    for (int64_t k = 0; k < pieces && status == WK_OK; k++) {
        int64_t first = source->n / unit * k / pieces * unit, left = source->n - first;
        wk_summary_image image;
        status =
            source->read(source->payload, 0, first, left < piece ? left : piece, 1, &image, error);
        if (status == WK_OK)
            add_piece(to, &image, room);
    }
    return status;
}

/* Of a rank that is there. */
static double at(wk_summary_order *order, int64_t rank)
{
    double value = 0;
    wk_summary_order_get(&value, order, rank);
    return value;
}

/* Widen a..b to hold the median of the n values that follow the first smallest ones. */
static double add_median(wk_summary_guess *to, wk_summary_order *order, int64_t first, int64_t n)
{
    int64_t aside = (int64_t)(ASIDE * 0.5 * sqrt((double)n)) + 1;
    int64_t low = n / 2 - aside, high = n / 2 + aside;
    to->a = fmin(to->a, at(order, first + (low > 0 ? low : 0)));
    to->b = fmax(to->b, at(order, first + (high < n ? high : n - 1)));
    return at(order, first + n / 2);
}

static wk_summary_part sum_between(const double *values, int n, double lo, double hi, double shift)
{
    double room[WK_SUMMARY_BLOCK];
    wk_summary_part all = {0};
    for (int i = 0; i < n; i += WK_SUMMARY_BLOCK) {
        int64_t below;
        int size = n - i < WK_SUMMARY_BLOCK ? n - i : WK_SUMMARY_BLOCK;
        size = wk_summary_keep(room, values + i, size, lo, hi, &below);
        wk_summary_part part = wk_summary_sum(room, size, shift);
        part.below = below;
        wk_summary_append(&all, &part);
    }
    return all;
}

/* Clip the sample as the whole will be. */
static void clip(wk_summary_guess *to, const double *values, int n, wk_summary_order *order,
                 const wk_summary_options *options)
{
    double lo = -DBL_MAX, hi = DBL_MAX;
    wk_summary_part now = sum_between(values, n, lo, hi, values[0]);
    for (int round = 0; now.n > 0; round++) {
        double reach = options->sigma * sqrt(now.square / (double)now.n);
        int64_t old = now.n;
        to->shift = add_median(to, order, now.below, now.n);
        to->low = to->shift - CORE * reach;
        to->high = to->shift + CORE * reach;
        lo = fmax(lo, to->shift - reach);
        hi = fmin(hi, to->shift + reach);
        now = sum_between(values, n, lo, hi, to->shift);
        if (round >= options->iterations || now.n == old)
            break;
    }
}

/* Leave some values outside on either side, that tell the extremes: one in FAR, or those that tie
 * with the extreme, if they are less than one in TIED. */
static void leave_tails(wk_summary_guess *to, wk_summary_order *order, int n)
{
    enum { FAR = 500, TIED = 20 };
    double low = at(order, n / FAR), high = at(order, n - 1 - n / FAR);
    if (!(low > at(order, 0)) && at(order, n / TIED) > low)
        low = nextafter(low, (double)INFINITY);
    if (!(high < at(order, n - 1)) && at(order, n - 1 - n / TIED) < high)
        high = nextafter(high, -(double)INFINITY);
    to->low = fmax(to->low, low);
    to->high = fmin(to->high, high);
}

static wk_status guess(wk_summary_guess *out, const sample *from, const wk_summary_options *options,
                       wk_error *error)
{
    wk_summary_order *good, *all;
    out->a = (double)INFINITY;
    out->b = -(double)INFINITY;
    if (!from->good_count)
        return WK_OK;
    wk_status status = wk_summary_order_create(&good, from->good, from->good_count, NULL, 0, error);
    if (status != WK_OK)
        return status;
    clip(out, from->good, from->good_count, good, options);
    leave_tails(out, good, from->good_count);
    wk_summary_order_free(good);
    if (from->all_count == from->good_count)
        return WK_OK;
    status = wk_summary_order_create(&all, from->all, from->all_count, NULL, 0, error);
    if (status == WK_OK)
        add_median(out, all, 0, from->all_count);
    wk_summary_order_free(all);
    return status;
}

wk_status wk_summary_guess_make(wk_summary_guess *out, const wk_summary_source *source,
                                const wk_summary_options *options, wk_error *error)
{
    const size_t most = SAMPLE + PIECES;
    *out = (wk_summary_guess){0};
    double *room = wk_memory_raw(2 * most + WK_SUMMARY_BLOCK, sizeof *room, error);
    if (!room)
        return WK_MEMORY;
    sample from = {room, room + most, 0, 0, 1};
    wk_status status = read_sample(&from, source, room + 2 * most, error);
    if (status == WK_OK)
        status = guess(out, &from, options, error);
    int usable = from.good_count >= LEAST && out->high > out->low && isfinite(out->high - out->low);
    if (source->n <= FEW || !usable)
        *out = (wk_summary_guess){0, -DBL_MAX, DBL_MAX, 0, out->shift};
    wk_memory_free(room);
    return status;
}
