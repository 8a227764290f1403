#include <math.h>
#include <stdlib.h>

#include "figure_sky.h"
#include "memory.h"

static const double degree = 57.29577951308232;

static void direction(double ra, double dec, double v[3])
{
    double a = ra / degree, d = dec / degree;
    v[0] = cos(d) * cos(a);
    v[1] = cos(d) * sin(a);
    v[2] = sin(d);
}

static double dot(const double a[3], const double b[3])
{
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* The mean direction of one shape's corners; each shape counts once, however finely its border is
 * followed. */
static int shape_direction(const wk_sky_shapes *shapes, size_t index, double mean[3])
{
    int finite = 0;
    const double *p = shapes->outlines[index];
    mean[0] = mean[1] = mean[2] = 0;
    for (size_t k = 0; p && k < shapes->corners[index]; k++) {
        double v[3];
        direction(p[2 * k], p[2 * k + 1], v);
        if (!isfinite(v[0] + v[1] + v[2]))
            continue;
        finite++;
        for (int c = 0; c < 3; c++)
            mean[c] += v[c];
    }
    double length = sqrt(dot(mean, mean));
    for (int c = 0; c < 3 && length > 0; c++)
        mean[c] /= length;
    return finite >= 3;
}

/* Shapes all over the sky have no middle: then it is seen from the north pole. */
static void find_centre(wk_sky_view *view, const wk_sky_shapes *shapes)
{
    double sum[3] = {0}, mean[3];
    for (size_t k = 0; k < shapes->count; k++) {
        if (!shape_direction(shapes, k, mean))
            continue;
        view->drawn++;
        for (int c = 0; c < 3; c++)
            sum[c] += mean[c];
    }
    int scattered = sqrt(dot(sum, sum)) <= 0.2 * (double)view->drawn;
    view->dec = scattered ? 90 : atan2(sum[2], hypot(sum[0], sum[1])) * degree;
    view->ra = scattered ? 0 : atan2(sum[1], sum[0]) * degree;
    if (view->ra < 0)
        view->ra += 360;
}

static void set_axes(wk_sky_view *view)
{
    double a = view->ra / degree, d = view->dec / degree;
    direction(view->ra, view->dec, view->centre);
    view->east[0] = -sin(a);
    view->east[1] = cos(a);
    view->east[2] = 0;
    view->north[0] = -sin(d) * cos(a);
    view->north[1] = -sin(d) * sin(a);
    view->north[2] = cos(d);
}

static double distance(const wk_sky_view *view, double ra, double dec)
{
    double v[3];
    direction(ra, dec, v);
    double across = hypot(dot(v, view->east), dot(v, view->north));
    return atan2(across, dot(v, view->centre)) * degree;
}

int wk_sky_project(const wk_sky_view *view, double ra, double dec, double xy[2])
{
    double v[3];
    direction(ra, dec, v);
    double x = dot(v, view->east), y = dot(v, view->north), z = dot(v, view->centre);
    if (!isfinite(x + y + z) || (view->wide ? z <= -0.9999999 : z <= 0.01))
        return 0;
    double factor = view->wide ? sqrt(2 / (1 + z)) : 1 / z;
    xy[0] = x * factor * degree;
    xy[1] = y * factor * degree;
    return 1;
}

void wk_sky_middle(const double from[2], const double to[2], double middle[2])
{
    double a[3], b[3];
    direction(from[0], from[1], a);
    direction(to[0], to[1], b);
    double x = a[0] + b[0], y = a[1] + b[1], z = a[2] + b[2];
    middle[0] = atan2(y, x) * degree;
    middle[1] = atan2(z, hypot(x, y)) * degree;
}

/* Widen the view by one shape; returns the larger side of its box. */
static double take_in(wk_sky_view *view, const double *outline, size_t corners)
{
    double low[2] = {(double)INFINITY, (double)INFINITY},
           high[2] = {-(double)INFINITY, -(double)INFINITY}, xy[2];
    for (size_t k = 0; k < corners; k++) {
        if (!wk_sky_project(view, outline[2 * k], outline[2 * k + 1], xy))
            continue;
        for (int c = 0; c < 2; c++) {
            low[c] = fmin(low[c], xy[c]);
            high[c] = fmax(high[c], xy[c]);
        }
    }
    for (int c = 0; c < 2; c++) {
        view->low[c] = fmin(view->low[c], low[c]);
        view->high[c] = fmax(view->high[c], high[c]);
    }
    return fmax(high[0] - low[0], high[1] - low[1]);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void find_reach(wk_sky_view *view, const wk_sky_shapes *shapes)
{
    for (size_t k = 0; k < shapes->count; k++)
        for (size_t j = 0; shapes->outlines[k] && j < shapes->corners[k]; j++) {
            const double *p = shapes->outlines[k] + 2 * j;
            double reach = distance(view, p[0], p[1]);
            if (reach > view->reach)
                view->reach = reach;
        }
    view->wide = view->reach > 30;
}

wk_status wk_sky_view_fit(wk_sky_view *view, const wk_sky_shapes *shapes, wk_error *error)
{
    size_t used = 0;
    double *sides = wk_memory_raw(shapes->count, sizeof *sides, error);
    if (!sides)
        return WK_MEMORY;
    *view = (wk_sky_view){.low = {(double)INFINITY, (double)INFINITY},
                          .high = {-(double)INFINITY, -(double)INFINITY}};
    find_centre(view, shapes);
    set_axes(view);
    find_reach(view, shapes);
    for (size_t k = 0; k < shapes->count; k++) {
        double side = -1;
        if (shapes->outlines[k])
            side = take_in(view, shapes->outlines[k], shapes->corners[k]);
        if (side >= 0)
            sides[used++] = side;
    }
    qsort(sides, used, sizeof *sides, ascending);
    view->corner = used > 0 ? sides[used / 2] : 0;
    wk_memory_free(sides);
    return WK_OK;
}
