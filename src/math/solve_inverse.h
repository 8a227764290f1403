/* The diagonal of the inverse from its factor, without the inverse. */
#ifndef WELKIN_MATH_SOLVE_INVERSE_H
#define WELKIN_MATH_SOLVE_INVERSE_H

#include "solve_factor.h"

/* Selected inverse: G at the places of the factor's pattern, from the last column to the first.
 *
 * Given      factor    made with noise where covariance is wanted
 * Returned   diagonal    double[nodes]: G_ii, in the network's order of nodes
 *            covariance  double[nodes]: (G M G)_ii, M the noise matrix; or NULL
 * Status     WK_MEMORY
 * Notes      Work about that of the factorisation, three times that with covariance.  Memory: the
 *            dense blocks of a path through the elimination tree.
 * Source     Takahashi, Fagan & Chin 1973; Erisman & Tinney 1975, Comm. ACM 18, 177
 */
wk_status wk_factor_inverse(double *diagonal, double *covariance, const wk_factor *factor,
                            wk_error *error);

#endif
