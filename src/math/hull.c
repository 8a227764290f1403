#include "hull.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"

typedef struct corner {
    double x, y;
} corner;

static int compare(const void *left, const void *right)
{
    const corner *a = left, *b = right;
    if (a->x != b->x)
        return a->x < b->x ? -1 : 1;
    return (a->y > b->y) - (a->y < b->y);
}

/* Positive if c lies to the left of the way from a to b. */
static double turn(corner a, corner b, corner c)
{
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/* Half of Andrew's (1979) monotone chain: add a point to the corners from `first` on. */
static int64_t add(corner *corners, int64_t count, int64_t first, corner point)
{
    while (count - first >= 2 && turn(corners[count - 2], corners[count - 1], point) <= 0)
        count--;
    corners[count] = point;
    return count + 1;
}

static int64_t surround(corner *corners, const corner *points, int64_t count)
{
    int64_t made = 0;
    for (int64_t i = 0; i < count; i++)
        made = add(corners, made, 0, points[i]);
    const int64_t first = made - 1;
    for (int64_t i = count - 2; i >= 0; i--)
        made = add(corners, made, first, points[i]);
    return made > 1 ? made - 1 : made; /* the first point again */
}

static int64_t drop_twins(corner *points, int64_t count)
{
    int64_t made = 0;
    for (int64_t i = 0; i < count; i++)
        if (made == 0 || compare(&points[made - 1], &points[i]) != 0)
            points[made++] = points[i];
    return made;
}

wk_status wk_hull_make(wk_hull *hull, const double *x, const double *y, int64_t count,
                       wk_error *error)
{
    const size_t room = 2 * (size_t)count + 1;
    corner *points = wk_memory_raw(room, sizeof *points, error);
    corner *corners = wk_memory_raw(room, sizeof *corners, error);
    *hull = (wk_hull){wk_memory_raw(room, sizeof *hull->x, error),
                      wk_memory_raw(room, sizeof *hull->y, error), 0};
    wk_status status = points && corners && hull->x && hull->y ? WK_OK : WK_MEMORY;
    for (int64_t i = 0; status == WK_OK && i < count; i++)
        points[i] = (corner){x[i], y[i]};
    if (status == WK_OK && count > 0) {
        qsort(points, (size_t)count, sizeof *points, compare);
        hull->count = surround(corners, points, drop_twins(points, count));
    }
    for (int64_t i = 0; status == WK_OK && i < hull->count; i++) {
        hull->x[i] = corners[i].x;
        hull->y[i] = corners[i].y;
    }
    wk_memory_free(points);
    wk_memory_free(corners);
    if (status != WK_OK)
        wk_hull_release(hull);
    return status;
}

void wk_hull_release(wk_hull *hull)
{
    wk_memory_free(hull->x);
    wk_memory_free(hull->y);
    *hull = (wk_hull){0};
}

static void widen(double span[2], double x)
{
    span[0] = fmin(span[0], x);
    span[1] = fmax(span[1], x);
}

int wk_hull_span(const wk_hull *hull, double y, double span[2])
{
    span[0] = INFINITY;
    span[1] = -INFINITY;
    for (int64_t i = 0; i < hull->count; i++) {
        int64_t j = i + 1 < hull->count ? i + 1 : 0;
        double a = hull->y[i] - y, b = hull->y[j] - y;
        if (a == 0)
            widen(span, hull->x[i]);
        if ((a < 0 && b > 0) || (a > 0 && b < 0))
            widen(span, hull->x[i] + (hull->x[j] - hull->x[i]) * (a / (a - b)));
    }
    return span[0] <= span[1];
}
