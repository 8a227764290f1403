/* The plane through the values of a mesh, where they tell one. */
#ifndef WELKIN_MATH_TREND_H
#define WELKIN_MATH_TREND_H

#include <stdint.h>

/* base + slope_x * i + slope_y * j at column i, row j. */
typedef struct wk_trend {
    double base, slope_x, slope_y;
} wk_trend;

/* Weighted least squares over the nodes of weight > 0 (their values are finite).
 *
 * A direction along which the nodes reach over less than about a seventh of the mesh gets no slope:
 * it would be drawn out far beyond what was seen.  No node: the
 * base is NaN.
 */
wk_trend wk_trend_fit(const double *values, const double *weights, int64_t nx, int64_t ny);

double wk_trend_at(const wk_trend *trend, int64_t i, int64_t j);

#endif
