/* Which points can be the nearest of a quadrant, in a block of rows and along one row. */
#ifndef WELKIN_MATH_QUADRANT_BLOCK_H
#define WELKIN_MATH_QUADRANT_BLOCK_H

#include <stdint.h>

/* One quadrant, turned so that points come in with growing u: u is x, or -x where the quadrant
 * opens to the right. */
typedef struct wk_quadrant_side {
    const double *u;    /* [count] ascending */
    const double *y;    /* [count] */
    const int32_t *row; /* [count] index that the user knows */
    int64_t low, high;  /* columns in u: whole numbers */
    int strict_u;       /* zero: a point counts in its own column */
    int above;          /* nonzero: points with y above the pixel's row, else below */
    int strict_y;       /* zero: a point counts in its own row */
} wk_quadrant_side;

/* A point of the envelope: from column `from` on. */
typedef struct wk_quadrant_step {
    int64_t from;
    int32_t point; /* index into u */
    double square; /* of its distance in y; of a block, the largest */
} wk_quadrant_step;

/* Copy to kept the points of list that may be nearest somewhere in rows first to last; steps: room
 * for count.  Returns how many. */
int64_t wk_quadrant_block_keep(int32_t *kept, wk_quadrant_step *steps, const int32_t *list,
                               int64_t count, const wk_quadrant_side *side, int64_t first,
                               int64_t last);

/* The envelope of one row, columns ascending in u; returns the number of steps.  Columns before the
 * first step have no point. */
int64_t wk_quadrant_block_row(wk_quadrant_step *steps, const int32_t *list, int64_t count,
                              const wk_quadrant_side *side, int64_t row);

#endif
