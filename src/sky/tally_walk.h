/* Walking along a row of pixels from one cell of the sky to the next.
 *
 * Places along the row are in pixels from the first one of a cell of the grid: pixel i reaches from
 * i - 0.5 to i + 0.5.
 */
#ifndef WELKIN_SKY_TALLY_WALK_H
#define WELKIN_SKY_TALLY_WALK_H

#include <stdint.h>

/* Pixels: Newton's method towards a border has come close enough when a step is shorter. */
static const double wk_tally_close = 0.02;

static inline double wk_tally_cubic(const double cubic[4], double t)
{
    return (cubic[0] + t * cubic[1]) + t * t * (cubic[2] + t * cubic[3]);
}

/* A row of the grid's cell.  Of the two coordinates in cells, 0 is the one whose borders cross the
 * row steeply, 1 the other, whose borders run along the row. */
typedef struct wk_tally_walk {
    double cubics[2][4]; /* of pixels, from the first column or row of the sums */
    double slope;        /* cells a pixel along the row, of coordinate 0; never 0 */
    double width;        /* of a cell in pixels: 1 / slope */
    double height;       /* of a pixel in cells of coordinate 1; from above 0 to 1 */
    double last[2];      /* indices of the last column and row */
    int64_t stride[2];   /* from a sum to the next one in either coordinate */
} wk_tally_walk;

/* The part of the row from one steep border to the next. */
typedef struct wk_tally_piece {
    double from, to;
    double begin, end; /* coordinate 1 there, within the sums */
    double cell;       /* coordinate 0, whole */
} wk_tally_piece;

/* Begin with the cubics of a row in cells, of an argument that grows by 1 in step pixels, and with
 * what the coordinates gain from this row to the next one; sums are counted from the cell first,
 * columns x rows of them; what lies outside is put at their edge. */
wk_tally_walk wk_tally_walk_open(const double cubic[2][4], const double gain[2], int64_t step,
                                 const int64_t first[2], int64_t columns, int64_t rows);

/* An empty piece at a place. */
wk_tally_piece wk_tally_walk_start(const wk_tally_walk *walk, double from);

/* fmin and fmax without their care for NaN, which costs calls. */
static inline double wk_tally_less(double a, double b)
{
    return a < b ? a : b;
}

static inline double wk_tally_more(double a, double b)
{
    return a > b ? a : b;
}

/* A coordinate at a place, within the sums. */
static inline double wk_tally_walk_place(const wk_tally_walk *walk, int k, double x)
{
    double place = wk_tally_cubic(walk->cubics[k], x);
    return wk_tally_less(wk_tally_more(place, 0.0), walk->last[k]);
}

/* Where coordinate 0 comes to a border, from a guess. */
double wk_tally_walk_border(const wk_tally_walk *walk, double border, double guess);

/* The piece behind, which is not empty and ends at end if no border comes first.  Here, for it is
 * asked for every few pixels. */
static inline void wk_tally_walk_next(wk_tally_piece *piece, const wk_tally_walk *walk, double end)
{
    /* pixels: so that the walk ends whatever the coordinates are, and no piece begins at the end */
    const double least = 1e-6;
    int up = walk->slope > 0.0;
    double width = up ? walk->width : -walk->width;
    /* borders lie as far apart as the last two did, or nearly so */
    double guess = piece->to + (piece->to > piece->from ? width : 0.0);
    piece->cell += up ? 1.0 : -1.0;
    piece->from = piece->to;
    piece->begin = piece->end;
    piece->to = end;
    double border = up ? piece->cell + 1.0 : piece->cell;
    if (border >= 1.0 && border <= walk->last[0]) {
        double step = (border - wk_tally_cubic(walk->cubics[0], guess)) * walk->width;
        guess += step;
        if (!(step < wk_tally_close && step > -wk_tally_close))
            guess = wk_tally_walk_border(walk, border, guess);
        guess = wk_tally_more(piece->from + least, guess);
        if (guess < end - least)
            piece->to = guess;
    }
    piece->end = wk_tally_walk_place(walk, 1, piece->to);
}

#endif
