/* The thin plate's kernel, r^2 ln r, from one place to many. */
#ifndef WELKIN_MATH_THIN_PLATE_KERNEL_H
#define WELKIN_MATH_THIN_PLATE_KERNEL_H

#include <stdint.h>

/* out[i] = r^2 ln r, r the distance of (x, y) and (u[i], v[i]); 0 where r is.
 *
 * Notes      The logarithm is made of +, -, *, / here, so that every machine and every maths
 *            library gives the same bits.  r^2 must be 0 or within 1e-300..1e300.
 * Accuracy   4e-16 of r^2 times the larger of 1 and |ln r| [test_thin_plate_kernel]
 */
void wk_plate_kernel(double *out, const double *u, const double *v, int64_t n, double x, double y);

/* sum of weights[q][i] r^2 ln r for both weights, in lanes by index. */
void wk_plate_kernel_sum(double sums[2], const double *const weights[2], const double *u,
                         const double *v, int64_t n, double x, double y);

#endif
