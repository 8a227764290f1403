/* Levels and their errors in one connected component. */
#ifndef WELKIN_MATH_SOLVE_COMPONENT_H
#define WELKIN_MATH_SOLVE_COMPONENT_H

#include "solve_noise.h"

typedef struct wk_component {
    int64_t nodes; /* at least 2; the last one is the ground */
    const wk_edge *edges;
    int64_t count;
    const wk_noise_share *shares; /* their edges are indices into edges */
    int64_t share_count;
} wk_component;

/* Solve one component; see wk_solve_levels_shared.
 *
 * Returned   levels  double[nodes]
 *            errors  double[nodes] or NULL
 */
wk_status wk_component_solve(double *levels, double *errors, const wk_component *component,
                             wk_error *error);

#endif
