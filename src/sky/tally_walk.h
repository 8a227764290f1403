/* Walking along a row of pixels from one cell of the sky to the next. */
#ifndef WELKIN_SKY_TALLY_WALK_H
#define WELKIN_SKY_TALLY_WALK_H

#include <stdint.h>

static inline double wk_tally_cubic(const double cubic[4], double t)
{
    return cubic[0] + t * (cubic[1] + t * (cubic[2] + t * cubic[3]));
}

/* A row of the grid's cell: where its pixels fall. */
typedef struct wk_tally_walk {
    double u[4], v[4]; /* cubics, from the first column and row of the sums */
    double scale;      /* the step of a pixel in their argument */
    double last_u, last_v;
    int64_t columns;
    double slope[2], steps[2]; /* cells a pixel, pixels a cell */
} wk_tally_walk;

/* Where one pixel falls. */
typedef struct wk_tally_spot {
    double u, v;
    int64_t index; /* of its sum */
} wk_tally_spot;

/* Begin with the cubics of a row in cells, of an argument that grows by 1 in step pixels; sums are
 * counted from the cell first, columns x rows of them; what lies outside is put at their edge. */
wk_tally_walk wk_tally_walk_open(const double cubic[2][4], int64_t step, const int64_t first[2],
                                 int64_t columns, int64_t rows);

wk_tally_spot wk_tally_walk_spot(const wk_tally_walk *walk, int64_t i);

/* Where the run of pixels ends that begins at i < n, where from lies, and falls into one cell: the
 * first pixel of another one, whose place is next, or n. */
int64_t wk_tally_walk_end(wk_tally_spot *next, const wk_tally_walk *walk, const wk_tally_spot *from,
                          int64_t i, int64_t n);

#endif
