#include "tally_add.h"

#include <stddef.h>

/* What a piece of a row adds to a cell, in the order of wk_tally_sum. */
typedef struct portion {
    double sum, square, x, y, good, all;
} portion;

static inline void give(wk_tally_sum *cell, const portion *share)
{
    cell->sum += share->sum;
    cell->square += share->square;
    cell->x += share->x;
    cell->y += share->y;
    cell->good += share->good;
    cell->all += share->all;
}

static inline void take(portion *share, const wk_tally_row *row, double origin, int64_t x,
                        double weight)
{
    if (row->bad[x])
        return;
    double value = (double)row->data[x] - origin, weighted = weight * value;
    share->sum += weighted;
    share->square += weighted * value;
    share->x += weight * (double)x;
    share->good += weight;
}

/* Whole pixels from..to-1, none bad; sums of even and odd ones apart, so that they need not wait
 * for each other. */
static inline void take_run(portion *share, const wk_tally_row *row, double origin, int64_t from,
                            int64_t to)
{
    const float *data = row->data;
    double sum = 0.0, square = 0.0;
    int64_t x = from;
    for (; x + 1 < to; x += 2) {
        double one = (double)data[x] - origin, other = (double)data[x + 1] - origin;
        sum += one;
        square += one * one;
        share->sum += other;
        share->square += other * other;
    }
    if (x < to) {
        double one = (double)data[x] - origin;
        sum += one;
        square += one * one;
    }
    share->sum += sum;
    share->square += square;
    share->x += 0.5 * (double)((to - from) * (from + to - 1));
    share->good += (double)(to - from);
}

/* The first good pixel of a cell is its origin. */
static inline double find_origin(wk_tally_sum *cell, const wk_tally_row *row, int64_t from,
                                 int64_t to)
{
    if (!(cell->good > 0.0)) {
        while (from < to && row->bad[from])
            from++;
        if (from < to)
            cell->origin = row->data[from];
    }
    return (double)cell->origin;
}

/* All in one cell: part of a pixel, whole ones, and part of one. */
static void add_plain(wk_tally_sum *cell, const wk_tally_row *row, double from, double to)
{
    int64_t first = (int64_t)(from + 0.5), last = (int64_t)(to + 0.5);
    double begin = wk_tally_less((double)first + 0.5, to) - from, end = to - ((double)last - 0.5);
    int64_t x = row->first + first, stop = row->first + last;
    int beyond = last > first && end > 0.0;
    double origin = find_origin(cell, row, x, stop + beyond);
    portion own = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0};
    own.all = to - from;
    take(&own, row, origin, x, begin);
    if (row->clean && x + 1 < stop)
        take_run(&own, row, origin, x + 1, stop);
    else
        for (int64_t k = x + 1; k < stop; k++)
            take(&own, row, origin, k, 1.0);
    if (beyond)
        take(&own, row, origin, stop, end);
    own.y = own.good * (double)row->y;
    give(cell, &own);
    cell->edge |= row->border || x == 0 || stop + beyond == row->width;
}

/* Rows of cells that a piece touches: the lowest, and how many more. */
typedef struct lines {
    int64_t first, more;
} lines;

static inline lines find_lines(const wk_tally_walk *walk, const wk_tally_piece *piece)
{
    double half = 0.5 * walk->height;
    double low = wk_tally_less(piece->begin, piece->end) - half;
    double high = wk_tally_more(piece->begin, piece->end) + half;
    lines out = {(int64_t)wk_tally_more(low, 0.0), 0};
    out.more = (int64_t)wk_tally_less(high, walk->last[1]) - out.first;
    return out;
}

/* The same with another origin. */
static void move_origin(portion *share, double change)
{
    share->square += change * (2.0 * share->sum + change * share->good);
    share->sum += change * share->good;
}

/* Between two cells, whose border runs along the row or crosses it at a small angle. */
static void add_shared(wk_tally_sum *cells[2], const wk_tally_walk *walk, const wk_tally_row *row,
                       const wk_tally_piece *piece, double border)
{
    int64_t first = (int64_t)(piece->from + 0.5), last = (int64_t)(piece->to + 0.5);
    double slope = (piece->end - piece->begin) / ((piece->to - piece->from) * walk->height);
    double begin = (piece->begin - border) / walk->height + 0.5 - piece->from * slope;
    portion low = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0}, high = low;
    last += last == first || piece->to > (double)last - 0.5;
    double origin = find_origin(cells[0], row, row->first + first, row->first + last);
    double other = find_origin(cells[1], row, row->first + first, row->first + last);
    for (int64_t x = first; x < last; x++) {
        double length =
            wk_tally_less((double)x + 0.5, piece->to) - wk_tally_more((double)x - 0.5, piece->from);
        double above = wk_tally_less(wk_tally_more(begin + (double)x * slope, 0.0), 1.0) * length;
        low.all += length - above;
        high.all += above;
        take(&low, row, origin, row->first + x, length - above);
        take(&high, row, origin, row->first + x, above);
    }
    move_origin(&high, origin - other);
    low.y = low.good * (double)row->y;
    high.y = high.good * (double)row->y;
    int edge = row->border || row->first + first == 0 || row->first + last == row->width;
    give(cells[0], &low);
    give(cells[1], &high);
    cells[0]->edge |= edge && low.all > 0.0;
    cells[1]->edge |= edge && high.all > 0.0;
}

static void add_piece(wk_tally_sum *column, const wk_tally_walk *walk, const wk_tally_row *row,
                      const wk_tally_piece *piece)
{
    lines touched = find_lines(walk, piece);
    wk_tally_sum *cells[2] = {column + touched.first * walk->stride[1], NULL};
    double length = piece->to - piece->from;
    if (touched.more <= 0) {
        add_plain(cells[0], row, piece->from, piece->to);
    } else if (touched.more == 1 || length < 1.0) {
        cells[1] = cells[0] + walk->stride[1];
        add_shared(cells, walk, row, piece, (double)(touched.first + 1));
    } else {
        wk_tally_piece low = *piece, high = *piece;
        low.to = high.from = piece->from + 0.5 * length;
        low.end = high.begin = 0.5 * (piece->begin + piece->end);
        add_piece(column, walk, row, &low);
        add_piece(column, walk, row, &high);
    }
}

void wk_tally_add(wk_tally_sum *sums, const wk_tally_walk *walk, const wk_tally_row *row,
                  int64_t from, int64_t to)
{
    double end = (double)to - 0.5;
    wk_tally_piece piece = wk_tally_walk_start(walk, (double)from - 0.5);
    while (piece.to < end) {
        wk_tally_walk_next(&piece, walk, end);
        double cell = wk_tally_less(wk_tally_more(piece.cell, 0.0), walk->last[0]);
        add_piece(sums + (int64_t)cell * walk->stride[0], walk, row, &piece);
    }
}
