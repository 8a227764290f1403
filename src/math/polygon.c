#include "polygon.h"

#include <math.h>

static const double radian = 0.017453292519943295769;

void wk_vector_from_sky(double vector[3], const double sky[2])
{
    double ra = sky[0] * radian;
    double dec = sky[1] * radian;
    vector[0] = cos(dec) * cos(ra);
    vector[1] = cos(dec) * sin(ra);
    vector[2] = sin(dec);
}

double wk_vector_dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

void wk_vector_cross(double out[3], const double a[3], const double b[3])
{
    double x = a[1] * b[2] - a[2] * b[1];
    double y = a[2] * b[0] - a[0] * b[2];
    double z = a[0] * b[1] - a[1] * b[0];
    out[0] = x;
    out[1] = y;
    out[2] = z;
}

double wk_vector_normalise(double vector[3])
{
    double length = sqrt(wk_vector_dot(vector, vector));
    if (length > 0.0)
        for (int k = 0; k < 3; k++)
            vector[k] /= length;
    return length;
}

double wk_vector_angle(const double a[3], const double b[3])
{
    double cross[3];
    wk_vector_cross(cross, a, b);
    return atan2(sqrt(wk_vector_dot(cross, cross)), wk_vector_dot(a, b));
}

double wk_vector_angle_to_arc(const double point[3], const double a[3], const double b[3])
{
    double normal[3], from_a[3], from_b[3];
    wk_vector_cross(normal, a, b);
    double ends = fmin(wk_vector_angle(point, a), wk_vector_angle(point, b));
    if (wk_vector_normalise(normal) == 0.0)
        return ends;
    wk_vector_cross(from_a, normal, a);
    wk_vector_cross(from_b, b, normal);
    if (wk_vector_dot(from_a, point) <= 0.0 || wk_vector_dot(from_b, point) <= 0.0)
        return ends;
    return fabs(asin(fmax(-1.0, fmin(1.0, wk_vector_dot(normal, point)))));
}

int wk_polygon_project(double (*plane)[2], const double (*vectors)[3], int64_t n,
                       const double centre[3])
{
    double east[3] = {-centre[1], centre[0], 0.0};
    if (wk_vector_normalise(east) == 0.0)
        east[0] = 1.0; /* at a pole any direction serves */
    double north[3];
    wk_vector_cross(north, centre, east);
    for (int64_t i = 0; i < n; i++) {
        double depth = wk_vector_dot(vectors[i], centre);
        if (!(depth > 1e-6))
            return 0;
        plane[i][0] = wk_vector_dot(vectors[i], east) / depth;
        plane[i][1] = wk_vector_dot(vectors[i], north) / depth;
    }
    return 1;
}

void wk_polygon_grow(double (*plane)[2], int64_t n, double factor)
{
    double middle[2] = {0.0, 0.0};
    for (int64_t i = 0; i < n; i++) {
        middle[0] += plane[i][0] / (double)n;
        middle[1] += plane[i][1] / (double)n;
    }
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < 2; k++)
            plane[i][k] = middle[k] + factor * (plane[i][k] - middle[k]);
}

/* Positive when p, q, r turn left. */
static double turn(const double p[2], const double q[2], const double r[2])
{
    return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
}

static int boxes_apart(const double a[2], const double b[2], const double c[2], const double d[2])
{
    for (int k = 0; k < 2; k++)
        if (fmax(a[k], b[k]) < fmin(c[k], d[k]) || fmax(c[k], d[k]) < fmin(a[k], b[k]))
            return 1;
    return 0;
}

static int segments_meet(const double a[2], const double b[2], const double c[2], const double d[2])
{
    if (boxes_apart(a, b, c, d))
        return 0;
    double c_side = turn(a, b, c);
    double d_side = turn(a, b, d);
    double a_side = turn(c, d, a);
    double b_side = turn(c, d, b);
    return c_side * d_side <= 0.0 && a_side * b_side <= 0.0;
}

int wk_polygon_contains(const double (*polygon)[2], int64_t n, const double point[2])
{
    int inside = 0;
    for (int64_t i = 0, j = n - 1; i < n; j = i++) {
        const double *p = polygon[i];
        const double *q = polygon[j];
        if ((p[1] > point[1]) == (q[1] > point[1]))
            continue;
        if (point[0] < (q[0] - p[0]) * (point[1] - p[1]) / (q[1] - p[1]) + p[0])
            inside = !inside;
    }
    return inside;
}

int wk_polygon_meet(const double (*a)[2], int64_t na, const double (*b)[2], int64_t nb)
{
    if (na < 1 || nb < 1)
        return 0;
    for (int64_t i = 0, p = na - 1; i < na; p = i++)
        for (int64_t j = 0, q = nb - 1; j < nb; q = j++)
            if (segments_meet(a[p], a[i], b[q], b[j]))
                return 1;
    return wk_polygon_contains(a, na, b[0]) || wk_polygon_contains(b, nb, a[0]);
}
