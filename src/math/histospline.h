/* Nodes of a spline whose means over the cells of a mesh are given.
 *
 * A level that was measured in a cell is the mean over the cell and not the value at its centre:
 * where the sky is curved they differ by a 24th of the second difference.
 */
#ifndef WELKIN_MATH_HISTOSPLINE_H
#define WELKIN_MATH_HISTOSPLINE_H

#include "welkin/status.h"

typedef enum wk_histospline_ends {
    WK_ENDS_NATURAL = 0, /* no second derivative at the outer nodes, straight beyond */
    WK_ENDS_PARABOLIC    /* the second derivative is constant in the outer intervals and beyond */
} wk_histospline_ends;

/* Turn the means over cells of equal size into the values at their centres, in place.
 *
 * Given      nodes   [ny][nx], finite
 *            ends    of the cubic spline (in both axes) that will join the nodes; it goes on to the
 *                    outer edges of the cells, half a cell beyond the outer nodes
 */
wk_status wk_histospline_nodes(double *nodes, int64_t nx, int64_t ny, wk_histospline_ends ends,
                               wk_error *error);

#endif
