/* Sums over the lines of a matrix, the inner loops of dense algebra: fast, always the same bits. */
#ifndef WELKIN_MATH_LINES_H
#define WELKIN_MATH_LINES_H

#include <stdint.h>

/* out[j] += sum over q of factors[q] lines[q * stride + j], j < n.
 *
 * Lines are taken in groups of eight, each group's sum from its first line on.  out may not
 * overlap the lines. */
void wk_lines_add(double *out, const double *lines, int64_t stride, const double *factors,
                  int64_t count, int64_t n);

/* The sum of a[j] b[j] in eight lanes by index. */
double wk_lines_dot(const double *a, const double *b, int64_t n);

/* Rows from..to-1 of the product of a symmetric matrix and a vector, and what these rows give to
 * the other rows.
 *
 * Given      matrix    [n][stride] symmetric; its lower triangle is not read
 * Returned   out       [n]; rows before from are left alone, all others must be set before
 */
void wk_lines_symmetric(double *out, const double *matrix, int64_t stride, const double *vector,
                        int64_t from, int64_t to, int64_t n);

#endif
