/* Two polynomials of the plane through the same scattered points, by least squares, with all that
 * their errors need.
 *
 * Terms are P_a(x') P_b(y') with a + b <= order; x' and y' run from -1 to 1 over the points.
 */
#ifndef WELKIN_MATH_LEGENDRE_H
#define WELKIN_MATH_LEGENDRE_H

#include "welkin/status.h"

enum { WK_LEGENDRE_MOST = 9, WK_LEGENDRE_TERMS = 55 };

typedef struct wk_legendre {
    int order, terms;
    double centre[2], half[2];
    double c[2][WK_LEGENDRE_TERMS];
    /* rows z of which |z f(x, y)|^2 times the variance of one value is the variance of the fit */
    double root[WK_LEGENDRE_TERMS][WK_LEGENDRE_TERMS];
} wk_legendre;

typedef struct wk_legendre_points {
    const double *x, *y, *value[2]; /* [count] */
    const unsigned char *used;      /* [count] zero: left out */
    int64_t count;
} wk_legendre_points;

/* The number of terms: (order + 1) (order + 2) / 2. */
int wk_legendre_terms(int order);

/* Fit.
 *
 * Returned   leverage  [count] of each used point, the part of its value that the fit there takes
 *                      from itself: residual / (1 - leverage) is that of a fit without it
 * Status     WK_NO_DATA  fewer used points than terms, or they do not determine all terms: of one
 *                        less than 1e-8 of its length stands out of those before it
 * Notes      Gram and Schmidt's method, modified and done twice: the equations' condition enters
 *            once and not squared. */
wk_status wk_legendre_fit(wk_legendre *out, double *leverage, const wk_legendre_points *points,
                          int order, wk_error *error);

/* The two values at a place. */
void wk_legendre_value(double value[2], const wk_legendre *fit, double x, double y);

/* The values at (0, y), (1, y), ... and, unless it is NULL, the factor of the variance.
 * room: count doubles for each of two rows. */
void wk_legendre_row(double *first, double *second, double *factor, const wk_legendre *fit,
                     double y, int64_t count, double *room);

#endif
