/* Eigenvalues and eigenvectors of a real symmetric matrix, always the same bits. */
#ifndef WELKIN_MATH_EIGEN_H
#define WELKIN_MATH_EIGEN_H

#include "welkin/status.h"

/* All of them.
 *
 * Given      matrix    [n][n] symmetric; the upper triangle is not read
 * Returned   values    [n] ascending
 *            vectors   [n][n]; row k is the vector of values[k], of length 1, its first component
 *                      of largest magnitude positive
 * Status     WK_NO_CONVERGENCE   a value that is not finite
 * Notes      Householder's reduction to three diagonals, then implicit QL; about 9 n^3 operations.
 * Accuracy   |A v - value v| below 1e-13 of the largest value for n = 100 [test_eigen]
 */
wk_status wk_eigen_symmetric(double *values, double *vectors, const double *matrix, int64_t n,
                             wk_error *error);

#endif
