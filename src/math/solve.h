/* Levels of the nodes of a graph from the differences along its edges, by least squares. */
#ifndef WELKIN_MATH_SOLVE_H
#define WELKIN_MATH_SOLVE_H

#include "graph.h"
#include "welkin/status.h"

/* What one source of noise adds to the value of one edge, a standard deviation with a sign. */
typedef struct wk_noise_term {
    int64_t edge;
    double coefficient;
} wk_noise_term;

/* Noise that several edges share: one random number of unit variance moves the value of every edge
 * listed by its coefficient.  Sources are independent of each other and of the edges' own errors.
 */
typedef struct wk_noise_source {
    const wk_noise_term *terms;
    int64_t count;
} wk_noise_source;

/* Minimise sum weight (value - x[a] + x[b])^2, with the mean of x zero in every connected
 * component: the minimum-norm solution.
 *
 * Given      nodes, edges; edges may repeat a pair; a != b
 * Returned   levels     double[nodes]; NaN for a node that no edge touches
 *            errors     double[nodes] or NULL: standard error of the level about its component's
 *                       mean, from the edges' errors taken as independent; NaN where one is unknown
 *                       in the component
 *            component  int64[nodes]: which connected component, numbered by its first node
 *            components their number, lone nodes included
 * Status     WK_MEMORY, WK_ARGUMENT, WK_NO_CONVERGENCE (factorisation failed)
 * Notes      1. One sparse factorisation a component with AMD ordering; single-threaded and
 *               deterministic.  The order of edges must not change the bits: callers sort them.
 *            2. Errors are the square roots of the diagonal of L+ M L+: L the weighted
 *               Laplacian, L+ its pseudo-inverse, M the covariance of the right-hand side.  They
 *               are exact for any number of nodes: no sampling, no inverse matrix.
 * Accuracy   levels: 1e-12 of the largest level, whatever the weights (tried to ratios of 1e14)
 *            errors: 1e-9 relative for weights over 6 decades; 1e-6 where clusters are tied 1e14
 *            times as strongly as they hang together  [tests/unit/test_solve.c]
 */
wk_status wk_solve_levels(double *levels, double *errors, int64_t *component, int64_t *components,
                          int64_t nodes, const wk_edge *edges, int64_t count, wk_error *error);

/* The same, with noise that edges share added to each edge's own error.
 *
 * Given      sources  their terms name edges; a coefficient that is not finite makes the errors of
 *                     the edge's component unknown; only errors depend on them
 * Notes      A source of k edges ties its up to 2 k nodes together in the factorisation for the
 *            errors, which costs nothing when they overlap each other and much when k is large.
 */
wk_status wk_solve_levels_shared(double *levels, double *errors, int64_t *component,
                                 int64_t *components, int64_t nodes, const wk_edge *edges,
                                 int64_t count, const wk_noise_source *sources,
                                 int64_t source_count, wk_error *error);

#endif
