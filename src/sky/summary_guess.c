#include "summary_guess.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "memory.h"
#include "summary_sum.h"

/* PIECE: pixels that are read together, or a row.  FEW: of a smaller image every value may be
 * kept. */
enum { PIECES = 64, PIECE = 512, SAMPLE = 1 << 15, FEW = 1 << 16, LEAST = 1000 };

/* Standard deviations of a sample's order statistics to both sides of a median; and the share of
 * the sample's reach that is taken for safe from the limits of all. */
#define ASIDE 4
#define CORE  0.875

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

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Widen a..b to hold the median of sorted values. */
static void add_median(wk_summary_guess *to, const double *sorted, int n)
{
    int aside = (int)(ASIDE * 0.5 * sqrt(n)) + 1, low = n / 2 - aside, high = n / 2 + aside;
    to->a = fmin(to->a, sorted[low > 0 ? low : 0]);
    to->b = fmax(to->b, sorted[high < n ? high : n - 1]);
}

/* Clip the sorted sample as the whole will be. */
static void clip(wk_summary_guess *to, const double *sorted, int n,
                 const wk_summary_options *options)
{
    const double *first = sorted;
    to->a = (double)INFINITY;
    to->b = -(double)INFINITY;
    for (int round = 0; n > 0; round++) {
        double median = (first[(n - 1) / 2] + first[n / 2]) / 2;
        wk_summary_part part = wk_summary_sum(first, n, median);
        double reach = options->sigma * sqrt(part.square / n);
        int old = n;
        add_median(to, first, n);
        to->shift = first[n / 2];
        to->low = median - CORE * reach;
        to->high = median + CORE * reach;
        while (n > 0 && *first < median - reach) {
            first++;
            n--;
        }
        while (n > 0 && first[n - 1] > median + reach)
            n--;
        if (round >= options->iterations || n == old)
            break;
    }
}

/* Leave some values outside on either side, that tell the extremes: one in FAR, or those that tie
 * with the extreme, if they are less than one in TIED. */
static void leave_tails(wk_summary_guess *to, const double *sorted, int n)
{
    enum { FAR = 500, TIED = 20 };
    double low = sorted[n / FAR], high = sorted[n - 1 - n / FAR];
    if (!(low > sorted[0]) && sorted[n / TIED] > low)
        low = nextafter(low, (double)INFINITY);
    if (!(high < sorted[n - 1]) && sorted[n - 1 - n / TIED] < high)
        high = nextafter(high, -(double)INFINITY);
    to->low = fmax(to->low, low);
    to->high = fmin(to->high, high);
}

static void guess(wk_summary_guess *out, sample *from, int64_t n, const wk_summary_options *options)
{
    qsort(from->good, (size_t)from->good_count, sizeof *from->good, ascending);
    clip(out, from->good, from->good_count, options);
    if (from->good_count)
        leave_tails(out, from->good, from->good_count);
    if (from->all_count > from->good_count) {
        qsort(from->all, (size_t)from->all_count, sizeof *from->all, ascending);
        add_median(out, from->all, from->all_count);
    }
    if (n <= FEW || from->good_count < LEAST || !(out->high > out->low) ||
        !isfinite(out->high - out->low))
        *out = (wk_summary_guess){0, -DBL_MAX, DBL_MAX, 0, out->shift};
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
        guess(out, &from, source->n, options);
    wk_memory_free(room);
    return status;
}
