/* A handful of equations: dense elimination with pivoting. */
#ifndef WELKIN_MATH_LINEAR_H
#define WELKIN_MATH_LINEAR_H

#include <stdint.h>

/* Solve matrix x = right in place.
 *
 * Given      matrix  double[n][n], row by row; destroyed
 *            right   double[n][columns]: right-hand sides, then the answers
 * Returned   0 if the matrix is singular to rounding, else 1
 */
int wk_linear_solve(double *right, int64_t columns, double *matrix, int64_t n);

enum { wk_linear_most = 12 }; /* rows that wk_linear_invert takes */

/* Invert a matrix in place; 0 if it is singular to rounding. */
int wk_linear_invert(double *matrix, int64_t n);

#endif
