#include "correlation.h"

#include <math.h>

/* Lags that were not measured are taken for 0. */
static double rho_at(const wk_correlation *of, int64_t dy, int64_t dx)
{
    double rho = of->correlation[(dy + of->lag) * of->size + dx + of->lag];
    return isfinite(rho) ? rho : 0.0;
}

double wk_correlation_box_factor(const wk_correlation *correlation, int64_t n)
{
    if (n < 1 || !(correlation->variance > 0.0))
        return (double)NAN;
    int64_t most = correlation->lag < n - 1 ? correlation->lag : n - 1;
    double sum = 0.0, side = (double)n;
    for (int64_t dy = -most; dy <= most; dy++)
        for (int64_t dx = -most; dx <= most; dx++)
            sum += rho_at(correlation, dy, dx) * (1.0 - fabs((double)dx) / side) *
                   (1.0 - fabs((double)dy) / side);
    return sum;
}

/* Sum over p of w(p) w(p + D). */
static double overlap(const double *weights, int64_t width, int64_t height, int64_t dy, int64_t dx)
{
    double sum = 0.0;
    int64_t first = dx < 0 ? -dx : 0, last = dx < 0 ? width : width - dx;
    for (int64_t y = 0; y + dy < height; y++) {
        const double *a = weights + y * width, *b = a + dy * width + dx;
        for (int64_t x = first; x < last; x++)
            sum += a[x] * b[x];
    }
    return sum;
}

double wk_correlation_aperture_factor(const wk_correlation *correlation, const double *weights,
                                      int64_t width, int64_t height)
{
    if (width < 1 || height < 1 || !(correlation->variance > 0.0))
        return (double)NAN;
    int64_t lag = correlation->lag, rows = lag < height - 1 ? lag : height - 1;
    int64_t columns = lag < width - 1 ? lag : width - 1;
    double own = overlap(weights, width, height, 0, 0), sum = own;
    for (int64_t dy = 0; dy <= rows; dy++)
        for (int64_t dx = dy == 0 ? 1 : -columns; dx <= columns; dx++)
            sum += 2.0 * rho_at(correlation, dy, dx) * overlap(weights, width, height, dy, dx);
    return own > 0.0 ? sum / own : (double)NAN;
}
