#include "thin_plate_places.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "status.h"

/* Of the field's half extent: places nearer than this are one, and a line is this narrow.  Kernels
 * of two such places differ by less than 1e-10, and their interpolant is lost in rounding. */
static const double NEAR = 2e-6;

typedef struct entry {
    double along, across; /* scaled coordinates */
    double values[2];
    int64_t row;
} entry;

static int entry_compare(const void *a, const void *b)
{
    const entry *left = a, *right = b;
    const double l[] = {left->along, left->across, left->values[0], left->values[1]};
    const double r[] = {right->along, right->across, right->values[0], right->values[1]};
    for (int i = 0; i < 4; i++)
        if (l[i] != r[i])
            return l[i] < r[i] ? -1 : 1;
    return left->row < right->row ? -1 : left->row > right->row;
}

static wk_status finite_check(const wk_plate_points *points, wk_error *error)
{
    const double *columns[] = {points->x, points->y, points->values[0], points->values[1]};
    const char *names[] = {"x", "y", "first value", "second value"};
    for (int64_t i = 0; i < points->count; i++)
        for (int c = 0; c < 4; c++)
            if (!isfinite(columns[c][i]))
                return wk_error_set(error, WK_ARGUMENT, "", "the %s of point %lld is %g", names[c],
                                    (long long)i, columns[c][i]);
    return WK_OK;
}

/* Returns whether the field is higher than wide. */
static int frame_make(wk_plate_places *places, const wk_plate_points *points)
{
    double low_x = INFINITY, high_x = -INFINITY, low_y = INFINITY, high_y = -INFINITY;
    for (int64_t i = 0; i < points->count; i++) {
        low_x = fmin(low_x, points->x[i]), high_x = fmax(high_x, points->x[i]);
        low_y = fmin(low_y, points->y[i]), high_y = fmax(high_y, points->y[i]);
    }
    places->middle_x = 0.5 * low_x + 0.5 * high_x;
    places->middle_y = 0.5 * low_y + 0.5 * high_y;
    places->scale = 0.5 * fmax(high_x - low_x, high_y - low_y);
    places->half[0] = 0.5 * (high_x - low_x) / places->scale;
    places->half[1] = 0.5 * (high_y - low_y) / places->scale;
    return high_y - low_y > high_x - low_x;
}

static void entries_fill(entry *entries, const wk_plate_places *places,
                         const wk_plate_points *points, int high)
{
    double scale = places->scale > 0.0 ? places->scale : 1.0;
    for (int64_t i = 0; i < points->count; i++) {
        double u = (points->x[i] - places->middle_x) / scale;
        double v = (points->y[i] - places->middle_y) / scale;
        entries[i] =
            (entry){high ? v : u, high ? u : v, {points->values[0][i], points->values[1][i]}, i};
    }
    qsort(entries, (size_t)points->count, sizeof *entries, entry_compare);
}

/* The first place near an entry; places before *first are too far for this and all later ones. */
static int64_t place_find(const wk_plate_places *places, int64_t *first, const entry *one, int high)
{
    const double *along = high ? places->v : places->u, *across = high ? places->u : places->v;
    while (*first < places->count && along[*first] < one->along - NEAR)
        ++*first;
    for (int64_t k = *first; k < places->count; k++)
        if (hypot(along[k] - one->along, across[k] - one->across) < NEAR)
            return k;
    return -1;
}

static void entries_join(wk_plate_places *places, const entry *entries, int high)
{
    int64_t first = 0;
    for (int64_t i = 0; i < places->rows; i++) {
        int64_t k = place_find(places, &first, &entries[i], high);
        if (k < 0) {
            k = places->count++;
            (high ? places->v : places->u)[k] = entries[i].along;
            (high ? places->u : places->v)[k] = entries[i].across;
        }
        places->place[entries[i].row] = k;
        places->share[k] += 1.0;
        for (int q = 0; q < 2; q++)
            places->value[q][k] += entries[i].values[q];
    }
    for (int q = 0; q < 2; q++) {
        for (int64_t k = 0; k < places->count; k++)
            places->value[q][k] /= places->share[k];
        for (int64_t i = 0; i < places->rows; i++) {
            double off = entries[i].values[q] - places->value[q][places->place[entries[i].row]];
            places->scatter[q] += off * off;
        }
    }
    for (int64_t k = 0; k < places->count; k++)
        places->share[k] = sqrt(places->share[k]);
}

/* The half width of the places about their mean line, across it. */
static double width_find(const wk_plate_places *places)
{
    double mean_u = 0.0, mean_v = 0.0, uu = 0.0, uv = 0.0, vv = 0.0, width = 0.0;
    for (int64_t k = 0; k < places->count; k++)
        mean_u += places->u[k], mean_v += places->v[k];
    mean_u /= (double)places->count, mean_v /= (double)places->count;
    for (int64_t k = 0; k < places->count; k++) {
        double u = places->u[k] - mean_u, v = places->v[k] - mean_v;
        uu += u * u, uv += u * v, vv += v * v;
    }
    double angle = 0.5 * atan2(2.0 * uv, uu - vv), c = cos(angle), s = sin(angle);
    for (int64_t k = 0; k < places->count; k++)
        width = fmax(width, fabs(c * (places->v[k] - mean_v) - s * (places->u[k] - mean_u)));
    return width;
}

static wk_status spread_check(const wk_plate_places *places, wk_error *error)
{
    long long rows = places->rows, count = places->count;
    if (count < 3)
        return rows == count
                   ? wk_error_set(error, WK_NO_DATA, "",
                                  "a thin plate needs three points that are not on one line; there "
                                  "%s %lld",
                                  rows == 1 ? "is" : "are", rows)
                   : wk_error_set(error, WK_NO_DATA, "",
                                  "a thin plate needs three points that are not on one line; the "
                                  "%lld points lie at %lld place%s",
                                  rows, count, count == 1 ? "" : "s");
    if (width_find(places) < NEAR)
        return wk_error_set(error, WK_NO_DATA, "",
                            "a thin plate needs three points that are not on one line; all %lld "
                            "points lie on one",
                            rows);
    return WK_OK;
}

wk_status wk_plate_places_make(wk_plate_places *places, const wk_plate_points *points,
                               wk_error *error)
{
    size_t rows = (size_t)points->count;
    memset(places, 0, sizeof *places);
    wk_status status = finite_check(points, error);
    if (status != WK_OK)
        return status;
    places->rows = points->count;
    places->u = wk_memory_new(5 * rows, sizeof *places->u, error);
    places->place = wk_memory_new(rows, sizeof *places->place, error);
    entry *entries = wk_memory_new(rows, sizeof *entries, error);
    if (!places->u || !places->place || !entries) {
        wk_memory_free(entries);
        return WK_MEMORY;
    }
    places->v = places->u + rows;
    places->share = places->v + rows;
    places->value[0] = places->share + rows;
    places->value[1] = places->value[0] + rows;
    int high = frame_make(places, points);
    entries_fill(entries, places, points, high);
    entries_join(places, entries, high);
    wk_memory_free(entries);
    return spread_check(places, error);
}

wk_status wk_plate_places_spread(wk_plate_places *places, int64_t count, wk_error *error)
{
    double *square = wk_memory_new((size_t)places->count, sizeof *square, error);
    places->spread = wk_memory_new((size_t)count, sizeof *places->spread, error);
    int64_t next = 0;
    if (!square || !places->spread) {
        wk_memory_free(square);
        return WK_MEMORY;
    }
    for (int64_t i = 0; i < places->count; i++) {
        square[i] = INFINITY;
        if (hypot(places->u[i], places->v[i]) < hypot(places->u[next], places->v[next]))
            next = i;
    }
    for (int64_t k = 0; k < count; k++) {
        double u = places->u[next], v = places->v[next], most = -1.0;
        places->spread[k] = next;
        for (int64_t i = 0; i < places->count; i++) {
            double du = places->u[i] - u, dv = places->v[i] - v;
            square[i] = fmin(square[i], du * du + dv * dv);
            if (square[i] > most)
                most = square[i], next = i;
        }
    }
    wk_memory_free(square);
    return WK_OK;
}

void wk_plate_places_release(wk_plate_places *places)
{
    wk_memory_free(places->spread);
    wk_memory_free(places->u);
    wk_memory_free(places->place);
    memset(places, 0, sizeof *places);
}
