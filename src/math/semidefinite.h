/* The pseudo-inverse of a small dense matrix that may leave directions undetermined. */
#ifndef WELKIN_MATH_SEMIDEFINITE_H
#define WELKIN_MATH_SEMIDEFINITE_H

#include "welkin/status.h"

/* Factors of the pseudo-inverse: matrix^+ = sum over k of factor[k] factor[k]'.
 *
 * Given      matrix  double[n][n], symmetric positive semidefinite up to rounding; destroyed
 *            least   pivots not above it count as zero
 * Returned   factor  double[n][n], of which the first rank rows are set
 *            rank    how many directions the matrix determines
 * Status     WK_MEMORY
 * Notes      matrix = L L' by Cholesky with the largest pivot first, L of full column rank; then
 *            matrix^+ = L (L'L)^-2 L'.  The solution is the smallest of all.
 * Source     N. J. Higham, Accuracy and Stability of Numerical Algorithms, 10.3
 */
wk_status wk_semidefinite_inverse(double *factor, int64_t *rank, double *matrix, int64_t n,
                                  double least, wk_error *error);

#endif
