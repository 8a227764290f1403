#include "stretch.h"

#include <math.h>

/* ds9 and astropy: log(1 + 1000 x) / log(1001) */
static const double log_power = 1000;
/* LSST's asinh: the slope at the lower end does not depend on Q, and a tenth of the range gets a
 * tenth of the shades */
static const double anchor = 0.1;

static double limited_q(double q)
{
    if (fabs(q) < 1.1920928955078125e-07) /* 2^-23 */
        return 0.1;
    return fmin(q, 1e10);
}

static double asinh_at(const wk_stretch *stretch, double part)
{
    double q = limited_q(stretch->q);
    return part <= 0 ? 0 : fmin(asinh(part * q) * anchor / asinh(anchor * q), 1);
}

/* The place of a value among the sorted ones, in the middle of those that equal it. */
static double rank_at(const wk_stretch *stretch, double value)
{
    int64_t low = 0, high = stretch->count, equal;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if ((double)stretch->sorted[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    for (high = stretch->count, equal = low; equal < high;) {
        int64_t middle = (equal + high) / 2;
        if ((double)stretch->sorted[middle] <= value)
            equal = middle + 1;
        else
            high = middle;
    }
    if (stretch->count < 2)
        return 0.5;
    double rank = 0.5 * (double)(low + equal - 1);
    return fmin(fmax(rank / (double)(stretch->count - 1), 0), 1);
}

double wk_stretch_at(const wk_stretch *stretch, double value)
{
    double range = stretch->high - stretch->low;
    if (isnan(value))
        return value;
    if (!(range > 0))
        return value < stretch->low ? 0 : value > stretch->high ? 1 : 0.5;
    double part = (value - stretch->low) / range, inside = fmin(fmax(part, 0), 1);
    switch (stretch->scale) {
    case WK_PREVIEW_ASINH:
        return asinh_at(stretch, part);
    case WK_PREVIEW_SQRT:
        return sqrt(inside);
    case WK_PREVIEW_LOG:
        return log1p(log_power * inside) / log1p(log_power);
    case WK_PREVIEW_HISTEQ:
        return rank_at(stretch, value);
    default:
        return inside;
    }
}

double wk_stretch_top(const wk_stretch *stretch)
{
    double q = limited_q(stretch->q), range = stretch->high - stretch->low;
    if (stretch->scale != WK_PREVIEW_ASINH)
        return stretch->high;
    double part = sinh(fmin(asinh(anchor * q) / anchor, 700)) / q;
    return stretch->low + range * part;
}
