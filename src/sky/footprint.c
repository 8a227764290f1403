#include "footprint.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "polygon.h"
#include "status.h"

enum {
    pieces = 32,         /* points an edge is followed with */
    border = 4 * pieces, /* points around the border */
    inner = 9,           /* interior points along each axis, for the cap */
    points = border + inner * inner,
};

static const double half_turn = 3.14159265358979323846;
static const double widest =
    60.0 * 0.017453292519943295769;  /* radius beyond which we use no polygon */
static const double tolerance = 0.1; /* pixels */

/* Border points anticlockwise from the first corner, then a grid over the inside. */
static void place_points(double (*xy)[2], int64_t width, int64_t height)
{
    const double corner[5][2] = {{-0.5, -0.5},
                                 {(double)width - 0.5, -0.5},
                                 {(double)width - 0.5, (double)height - 0.5},
                                 {-0.5, (double)height - 0.5},
                                 {-0.5, -0.5}};
    for (int i = 0; i < border; i++) {
        int edge = i / pieces;
        double t = (double)(i % pieces) / pieces;
        for (int k = 0; k < 2; k++)
            xy[i][k] = corner[edge][k] + t * (corner[edge + 1][k] - corner[edge][k]);
    }
    for (int j = 0; j < inner; j++)
        for (int i = 0; i < inner; i++) {
            double *point = xy[border + j * inner + i];
            point[0] = -0.5 + (double)width * (i + 0.5) / inner;
            point[1] = -0.5 + (double)height * (j + 0.5) / inner;
        }
}

/* The cap around all finite points; returns how many there are. */
static int bound_cap(wk_footprint *out, const double (*sky)[2], double (*vectors)[3])
{
    double sum[3] = {0.0, 0.0, 0.0};
    int finite = 0;
    for (int i = 0; i < points; i++) {
        if (!isfinite(sky[i][0]))
            continue;
        wk_vector_from_sky(vectors[i], sky[i]);
        for (int k = 0; k < 3; k++)
            sum[k] += vectors[i][k];
        finite++;
    }
    memcpy(out->centre, sum, sizeof sum);
    out->radius = wk_vector_normalise(out->centre) > 1e-6 * finite ? 0.0 : half_turn;
    for (int i = 0; i < points && out->radius < half_turn; i++)
        if (isfinite(sky[i][0]))
            out->radius = fmax(out->radius, wk_vector_angle(out->centre, vectors[i]));
    return finite;
}

/* Keep what is needed between border points from and to (both kept themselves). */
static void keep_between(char *keep, const double (*vectors)[3], int from, int to, double most)
{
    double normal[3];
    wk_vector_cross(normal, vectors[from], vectors[to % border]);
    wk_vector_normalise(normal);
    int worst = -1;
    double distance = most;
    for (int i = from + 1; i < to; i++) {
        double here = fabs(wk_vector_dot(vectors[i], normal));
        if (here > distance) {
            distance = here;
            worst = i;
        }
    }
    if (worst < 0)
        return;
    keep[worst] = 1;
    keep_between(keep, vectors, from, worst, most);
    keep_between(keep, vectors, worst, to, most);
}

static wk_status keep_polygon(wk_footprint *out, const double (*sky)[2], const double (*vectors)[3],
                              wk_error *error)
{
    char keep[border] = {0};
    for (int edge = 0; edge < 4; edge++) {
        keep[edge * pieces] = 1;
        keep_between(keep, vectors, edge * pieces, (edge + 1) * pieces, tolerance * out->scale);
    }
    int64_t count = 0;
    for (int i = 0; i < border; i++)
        count += keep[i];
    out->sky = wk_memory_new((size_t)(2 * (count + 1)), sizeof *out->sky, error);
    out->vectors = wk_memory_new((size_t)count, sizeof *out->vectors, error);
    if (!out->sky || !out->vectors)
        return WK_MEMORY;
    for (int i = 0; i < border; i++)
        if (keep[i]) {
            memcpy(out->sky + 2 * out->count, sky[i], sizeof sky[i]);
            memcpy(out->vectors[out->count++], vectors[i], sizeof vectors[i]);
        }
    memcpy(out->sky + 2 * count, out->sky, 2 * sizeof *out->sky);
    return WK_OK;
}

static int border_is_whole(const double (*sky)[2])
{
    for (int i = 0; i < border; i++)
        if (!isfinite(sky[i][0]))
            return 0;
    return 1;
}

wk_status wk_footprint_create(wk_footprint *out, wk_wcs *wcs, int64_t width, int64_t height,
                              wk_error *error)
{
    double xy[points][2];
    double sky[points][2];
    double vectors[points][3];
    memset(out, 0, sizeof *out);
    memset(vectors, 0, sizeof vectors);
    place_points(xy, width, height);
    wk_status status = wk_wcs_to_sky(wcs, points, &xy[0][0], &sky[0][0], error);
    if (status < 0)
        return status;
    if (bound_cap(out, (const double(*)[2])sky, vectors) == 0)
        return wk_error_set(error, WK_WCS, "", "no pixel of it has a position on the sky");
    int64_t least = width < height ? width : height;
    out->scale = 2.0 * out->radius / hypot((double)width, (double)height);
    out->growth = 1.0 + 6.0 / (double)least;
    if (!border_is_whole((const double(*)[2])sky) || out->radius > widest) {
        out->radius = half_turn;
        return WK_OK;
    }
    out->radius = out->radius * out->growth + 2.0 * out->scale;
    status = keep_polygon(out, (const double(*)[2])sky, (const double(*)[3])vectors, error);
    if (status < 0)
        wk_footprint_release(out);
    return status;
}

void wk_footprint_release(wk_footprint *footprint)
{
    if (!footprint)
        return;
    wk_memory_free(footprint->sky);
    wk_memory_free(footprint->vectors);
    footprint->sky = NULL;
    footprint->vectors = NULL;
    footprint->count = 0;
}

int wk_footprint_meet(const wk_footprint *a, const wk_footprint *b)
{
    if (wk_vector_angle(a->centre, b->centre) > a->radius + b->radius)
        return 0;
    if (a->count == 0 || b->count == 0)
        return 1;
    double middle[3];
    for (int k = 0; k < 3; k++)
        middle[k] = a->centre[k] + b->centre[k];
    if (wk_vector_normalise(middle) == 0.0)
        return 1;
    double plane_a[wk_footprint_most][2];
    double plane_b[wk_footprint_most][2];
    if (!wk_polygon_project(plane_a, (const double(*)[3])a->vectors, a->count, middle) ||
        !wk_polygon_project(plane_b, (const double(*)[3])b->vectors, b->count, middle))
        return 1;
    wk_polygon_grow(plane_a, a->count, a->growth);
    wk_polygon_grow(plane_b, b->count, b->growth);
    return wk_polygon_meet((const double(*)[2])plane_a, a->count, (const double(*)[2])plane_b,
                           b->count);
}

static int holds(const wk_footprint *footprint, const double point[3])
{
    double plane[wk_footprint_most][2], at[1][2], vector[1][3];
    memcpy(vector[0], point, sizeof vector[0]);
    return wk_polygon_project(at, (const double(*)[3])vector, 1, footprint->centre) &&
           wk_polygon_project(plane, (const double(*)[3])footprint->vectors, footprint->count,
                              footprint->centre) &&
           wk_polygon_contains((const double(*)[2])plane, footprint->count, at[0]);
}

int wk_footprint_reach(const wk_footprint *footprint, const double centre[3], double radius)
{
    if (footprint->count == 0)
        return 1;
    if (wk_vector_angle(footprint->centre, centre) > footprint->radius + radius)
        return 0;
    for (int64_t i = 0; i < footprint->count; i++)
        if (wk_vector_angle_to_arc(centre, footprint->vectors[i],
                                   footprint->vectors[(i + 1) % footprint->count]) <= radius)
            return 1;
    return holds(footprint, centre);
}
