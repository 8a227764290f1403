/* Sparse elimination of a grounded network, exact to a few roundings whatever its weights.
 *
 * Laplacian = L D L', but no diagonal is ever a difference: eliminating a node replaces its star of
 * conductances by the mesh between its neighbours, and all terms of that are positive.  Ordinary
 * LDL loses a weak link beside strong ones once their ratio nears 1e16; this does not.  AMD orders,
 * LDL's symbolic analysis gives the elimination tree, and columns of one pattern are eliminated
 * together in dense blocks.
 *
 * With noise, the change of every quantity is carried along when the Laplacian changes by the noise
 * matrix M: from it comes the pattern of G M G, where G is the inverse.
 */
#ifndef WELKIN_MATH_SOLVE_FACTOR_H
#define WELKIN_MATH_SOLVE_FACTOR_H

#include "network.h"
#include "welkin/status.h"

/* A block is a run of columns, first[s] to first[s + 1] - 1, that share their rows: row[begin[s]]
 * to row[begin[s + 1] - 1], ascending, own columns first, plus the ground as a last row.  Its panel
 * has a column of rows + 1 numbers for every own column, of which those below the diagonal are
 * used: share[i] is the part of the column's conductance that leads to row i, minus L. */
typedef struct wk_factor {
    int64_t nodes, blocks;
    int64_t *order;  /* [nodes] node eliminated at each step */
    int64_t *step;   /* [nodes] the inverse */
    int64_t *first;  /* [blocks + 1] */
    int64_t *parent; /* [blocks] block of the first row below; -1: none */
    int64_t *begin;  /* [blocks + 1] */
    int64_t *row;
    int64_t *panel; /* [blocks + 1] where each panel starts in share and change */
    double *share;
    double *pivot;       /* [nodes] conductance of each step to all later ones and the ground */
    double *change;      /* change of share; NULL without noise */
    double *pivot_noise; /* [nodes] change of pivot; NULL without noise */
} wk_factor;

/* Factorise; free with wk_factor_clear, also after a failure.
 *
 * Given      network  every node reaches the ground; weights >= 0
 *            noise    nonzero: carry the change by the noise matrix along
 * Status     WK_MEMORY; WK_NO_CONVERGENCE when a pivot is not a positive number
 */
wk_status wk_factor_fill(wk_factor *factor, const wk_network *network, int noise, wk_error *error);

/* x = inverse times x, in the network's order of nodes; work double[nodes]. */
void wk_factor_solve(double *x, const wk_factor *factor, double *work);

/* Own columns of a block, and its rows without the ground. */
int64_t wk_factor_columns(const wk_factor *factor, int64_t block);
int64_t wk_factor_rows(const wk_factor *factor, int64_t block);

void wk_factor_clear(wk_factor *factor);

#endif
