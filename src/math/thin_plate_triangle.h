/* Cholesky's triangle of a symmetric matrix, and what is solved with it. */
#ifndef WELKIN_MATH_THIN_PLATE_TRIANGLE_H
#define WELKIN_MATH_THIN_PLATE_TRIANGLE_H

#include <stdint.h>

/* matrix [n][n] <- L in the lower triangle, A = L L'.  A pivot below the rounding of the largest
 * diagonal element is replaced by that. */
void wk_triangle_make(double *matrix, int64_t n);

/* lines [n][width] <- L^-1 lines */
void wk_triangle_solve(double *lines, const double *triangle, int64_t n, int64_t width);

/* lines [n][width] <- L'^-1 lines.  room: n */
void wk_triangle_solve_turned(double *lines, const double *triangle, int64_t n, int64_t width,
                              double *room);

/* matrix [n][n] <- L^-1 matrix L'^-1, symmetric. */
void wk_triangle_solve_both(double *matrix, const double *triangle, int64_t n);

#endif
