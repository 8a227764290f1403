/* Levels of the nodes of a graph from the differences along its edges, by least squares. */
#ifndef WELKIN_MATH_SOLVE_H
#define WELKIN_MATH_SOLVE_H

#include "welkin/status.h"

/* value = x[a] - x[b], measured with the given weight and error. */
typedef struct wk_edge {
    int64_t a, b;
    double value;
    double weight; /* of the squared residual in the sum that is minimised; > 0 */
    double error;  /* standard error of value, for the errors of the levels; NaN: unknown */
} wk_edge;

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
 * Notes      One sparse LDL factorisation a component with AMD ordering; single-threaded and
 *            deterministic.  The order of edges must not change the bits: callers sort them.
 */
wk_status wk_solve_levels(double *levels, double *errors, int64_t *component, int64_t *components,
                          int64_t nodes, const wk_edge *edges, int64_t count, wk_error *error);

#endif
