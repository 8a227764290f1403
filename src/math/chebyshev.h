/* A polynomial of the plane fitted by least squares: terms T_a(x') T_b(y') with a + b <= order.
 *
 * x' = (2 x + 1) / width - 1 runs from -1 to 1 between the outer edges of the image, y' likewise.
 */
#ifndef WELKIN_MATH_CHEBYSHEV_H
#define WELKIN_MATH_CHEBYSHEV_H

#include "welkin/status.h"

enum { WK_CHEBYSHEV_MOST = 32, WK_CHEBYSHEV_TERMS = 33 * 34 / 2 };

typedef struct wk_chebyshev {
    int order;
    double width, height;
    /* by total degree, within a degree with the power of x falling: 1, x, y, xx, xy, yy, ... */
    double c[WK_CHEBYSHEV_TERMS];
} wk_chebyshev;

typedef struct wk_chebyshev_points {
    int64_t n;
    const double *x, *y, *value; /* [n] */
    const double *weight;        /* [n]; NULL: all 1 */
} wk_chebyshev_points;

/* The number of terms: (order + 1) (order + 2) / 2. */
int wk_chebyshev_terms(int order);

/* Fit.
 *
 * Given   width, height  of the image in pixels
 *         points         those whose value or weight is not finite, or whose weight is not
 *                        positive, are left out
 *         order          0..32
 * Status  WK_NO_DATA     no point is left, or they do not determine all terms; WK_ARGUMENT;
 *                        WK_MEMORY
 * Notes   Householder's reflections on the weighted equations, a block of points at a time: at
 *         order n - 1 on n x n nodes of equal spacing the equations' condition is 1e5 for n = 20
 *         and 6e8 for n = 33; its square, which normal equations have, leaves no digit.  Terms
 *         count as not determined when, of one term's length over the points, less than 1e-8
 *         stands out of those before it; rounding leaves at most 2e-10 on such nodes, and the
 *         hardest full set has 1e-4.  Weights that differ by more than some 1e12 can be taken for
 *         that, too.
 */
wk_status wk_chebyshev_fit(wk_chebyshev *out, const wk_chebyshev_points *points, int64_t width,
                           int64_t height, int order, wk_error *error);

/* The values of row y at x, x + 1, ... x + n - 1, rounded to float32; they do not depend on where a
 * run begins and ends. */
void wk_chebyshev_run(float *out, const wk_chebyshev *fit, int64_t y, int64_t x, int64_t n);

#endif
