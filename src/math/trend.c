#include "trend.h"

#include <math.h>

/* Least variance of the nodes along a direction, that of the whole mesh being 1. */
static const double VARIANCE_LEAST = 0.02;

/* Weighted sums of coordinates u, v, which have mean 0 and variance 1 over the mesh, and values. */
typedef struct moments {
    double weight, u, v, value;
    double uu, uv, vv, u_value, v_value;
} moments;

typedef struct scale {
    double middle_x, middle_y, width_x, width_y;
} scale;

static double width_of(int64_t n)
{
    return n > 1 ? sqrt(((double)n * (double)n - 1.0) / 12.0) : 1.0;
}

static scale scale_of(int64_t nx, int64_t ny)
{
    scale s = {0.5 * (double)(nx - 1), 0.5 * (double)(ny - 1), width_of(nx), width_of(ny)};
    return s;
}

/* Means first, then products of what differs from them. */
static moments moments_of(const double *values, const double *weights, int64_t nx, int64_t ny,
                          scale s)
{
    moments m = {0};
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t k = 0; k < nx * ny; k++) {
            double w = weights[k];
            if (!(w > 0.0))
                continue;
            double u = ((double)(k % nx) - s.middle_x) / s.width_x - (pass ? m.u : 0.0);
            double v = ((double)(k / nx) - s.middle_y) / s.width_y - (pass ? m.v : 0.0);
            double value = values[k] - (pass ? m.value : 0.0);
            if (pass) {
                m.uu += w * u * u, m.uv += w * u * v, m.vv += w * v * v;
                m.u_value += w * u * value, m.v_value += w * v * value;
            } else {
                m.weight += w, m.u += w * u, m.v += w * v, m.value += w * value;
            }
        }
        if (!pass)
            m.u /= m.weight, m.v /= m.weight, m.value /= m.weight;
    }
    m.uu /= m.weight, m.uv /= m.weight, m.vv /= m.weight;
    m.u_value /= m.weight, m.v_value /= m.weight;
    return m;
}

/* Add the slope along the direction (a, b), of length 1, if the nodes have variance along it. */
static void slope_add(double *slope_u, double *slope_v, const moments *m, double a, double b)
{
    double variance = a * a * m->uu + 2.0 * a * b * m->uv + b * b * m->vv;
    if (!(variance > VARIANCE_LEAST))
        return;
    double slope = (a * m->u_value + b * m->v_value) / variance;
    *slope_u += a * slope;
    *slope_v += b * slope;
}

wk_trend wk_trend_fit(const double *values, const double *weights, int64_t nx, int64_t ny)
{
    scale s = scale_of(nx, ny);
    moments m = moments_of(values, weights, nx, ny, s);
    double slope_u = 0.0, slope_v = 0.0;
    /* the principal axes of the nodes that count */
    double angle = m.uv != 0.0 ? 0.5 * atan2(2.0 * m.uv, m.uu - m.vv) : 0.0;
    double a = cos(angle), b = sin(angle);
    slope_add(&slope_u, &slope_v, &m, a, b);
    slope_add(&slope_u, &slope_v, &m, -b, a);
    wk_trend trend = {0.0, slope_u / s.width_x, slope_v / s.width_y};
    trend.base = m.value - slope_u * m.u - slope_v * m.v - trend.slope_x * s.middle_x -
                 trend.slope_y * s.middle_y;
    return trend;
}

double wk_trend_at(const wk_trend *trend, int64_t i, int64_t j)
{
    return trend->base + trend->slope_x * (double)i + trend->slope_y * (double)j;
}
