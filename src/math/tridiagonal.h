/* A symmetric matrix as U T U', T of three diagonals, and T itself.
 *
 * The reduction is Householder's, in panels (Dongarra, Hammarling and Sorensen 1989, J. Comput.
 * Appl. Math. 27, 215), so that half of the work runs in the cache.  With it, equations in
 * A + shift cost O(n^2) for one right side and the traces of cross validation O(n), for any shift.
 */
#ifndef WELKIN_MATH_TRIDIAGONAL_H
#define WELKIN_MATH_TRIDIAGONAL_H

#include "welkin/status.h"

typedef struct wk_tridiagonal {
    int64_t n;
    double *diagonal; /* [n] */
    double *side;     /* [n]; side[k] couples k and k + 1, the last is 0 */
    double *vectors;  /* [n][n] U */
} wk_tridiagonal;

/* Reduce a matrix.
 *
 * Given      matrix    [n][n] symmetric and finite; the lower triangle is not read, all is
 *                      overwritten
 * Returned   out       to be released, also after a failure
 * Status     WK_MEMORY
 * Notes      8/3 n^3 operations; the same bits for any number of threads.
 * Accuracy   |A - U T U'| below 1e-14 of the largest eigenvalue for n = 150 [test_tridiagonal]
 */
wk_status wk_tridiagonal_make(wk_tridiagonal *out, double *matrix, int64_t n,
                              const wk_context *context, wk_error *error);

void wk_tridiagonal_release(wk_tridiagonal *tridiagonal);

/* Eigenvalues of T, not sorted, in place of its diagonal; side is spoilt.  Each row of the n rows
 * of width numbers is turned along: rows that were the unit matrix become the eigenvectors, those
 * that were a vector x (width 1) its components along them.
 *
 * Status     WK_NO_CONVERGENCE
 */
wk_status wk_tridiagonal_diagonalise(double *diagonal, double *side, double *rows, int64_t n,
                                     int64_t width, wk_error *error);

/* T + shift = L D L', L of ones and ratio[k] below them.  A pivot below the rounding of the
 * largest number is replaced by that. */
void wk_tridiagonal_factor(double *pivot, double *ratio, const wk_tridiagonal *tridiagonal,
                           double shift);

/* x <- (L D L')^-1 x */
void wk_tridiagonal_solve(double *x, const double *pivot, const double *ratio, int64_t n);

/* x' (L D L')^-1 x */
double wk_tridiagonal_square(const double *x, const double *pivot, const double *ratio, int64_t n);

/* The reflection 1 - scale v v' that leaves only the first of values[0..count-1]; values become its
 * vector v.  Returns what is left in the first place. */
double wk_tridiagonal_reflection(double *scale, double *values, int64_t count);

#endif
