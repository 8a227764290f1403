/* Symmetric positive definite equations whose matrix is sparse in small dense blocks.
 *
 * A node has a few unknowns; nodes that meet are joined by a full block.  AMD orders the nodes, and
 * fronts of many nodes are eliminated together as dense Cholesky factors (multifrontal method).
 */
#ifndef WELKIN_MATH_SOLVE_BLOCKS_H
#define WELKIN_MATH_SOLVE_BLOCKS_H

#include "solve_factor.h"

enum { wk_blocks_largest = 6 }; /* unknowns of a node, at most */

/* Neighbours of each node in ascending order, each pair from both sides. */
typedef struct wk_blocks {
    int64_t nodes;
    int64_t size;     /* unknowns of each node */
    int64_t *start;   /* [nodes + 1] */
    int64_t *node;    /* neighbours */
    double *diagonal; /* [nodes][size][size] */
    double *block;    /* beside node: [size][size], first index: the unknown of the list's owner */
} wk_blocks;

/* Room for a matrix of zeros with the pairs listed; free with wk_blocks_clear, also after a
 * failure.
 *
 * Given      pairs  int64[count][2], sorted, first < second, no pair twice
 */
wk_status wk_blocks_create(wk_blocks *blocks, int64_t nodes, int64_t size,
                           const int64_t (*pairs)[2], int64_t count, wk_error *error);
void wk_blocks_clear(wk_blocks *blocks);

/* The block of nodes a != b as seen from a, or NULL where there is none. */
double *wk_blocks_find(const wk_blocks *blocks, int64_t a, int64_t b);

/* product = matrix times x, both double[nodes][size]. */
void wk_blocks_multiply(double *product, const wk_blocks *blocks, const double *x);

typedef struct wk_blocks_factor {
    wk_factor pattern; /* its numbers are not used */
    int64_t size;
    int64_t *panel;  /* [fronts + 1] where each front's columns start in lower */
    double *lower;   /* of front s: a column of all its rows for every own unknown */
    int64_t largest; /* unknowns of the largest front */
} wk_blocks_factor;

/* Factorise: matrix = L L'.  Free with wk_blocks_factor_clear, also after a failure.
 *
 * Status     WK_MEMORY; WK_NO_CONVERGENCE when the matrix is not positive definite
 * Notes      Serial; the same bits for the same matrix.
 */
wk_status wk_blocks_factor_fill(wk_blocks_factor *factor, const wk_blocks *blocks, wk_error *error);
void wk_blocks_factor_clear(wk_blocks_factor *factor);

/* x = inverse times x, double[nodes][size]; work: double[nodes * size + largest]. */
void wk_blocks_factor_solve(double *x, const wk_blocks_factor *factor, double *work);

/* The diagonal blocks of the inverse: double[nodes][size][size].
 *
 * Status     WK_MEMORY
 * Notes      Selected inverse along the factor's pattern, from the last front to the first.
 * Source     Takahashi, Fagan & Chin 1973; Erisman & Tinney 1975, Comm. ACM 18, 177
 */
wk_status wk_blocks_factor_inverse(double *diagonal, const wk_blocks_factor *factor,
                                   wk_error *error);

#endif
