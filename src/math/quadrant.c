#include "quadrant.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"
#include "quadrant_block.h"
#include "status.h"

/* Rows of the larger blocks, for which all points are looked at, and of the smaller ones.  Users
 * who go by 64 rows look at one row before and one after. */
enum { LARGE = 66, SMALL = 8, QUADRANTS = 4 };

/* Points in the order of u. */
typedef struct order {
    double *u, *y;
    int32_t *row;
} order;

struct wk_quadrants {
    int64_t count, width;
    order to_left, to_right; /* u = x, u = -x */
    wk_quadrant_side sides[QUADRANTS];
};

typedef struct level {
    int64_t rows;        /* of a block */
    int64_t first, last; /* of the block at hand */
    int32_t *lists[QUADRANTS];
    int64_t counts[QUADRANTS];
} level;

struct wk_quadrant_walk {
    const wk_quadrants *quadrants;
    int32_t *all;
    level large, small;
    wk_quadrant_step *steps[QUADRANTS];
    wk_quadrant_run *runs;
};

typedef struct item {
    double u, y;
    int32_t row;
} item;

static int compare(const void *left, const void *right)
{
    const item *a = left, *b = right;
    if (a->u != b->u)
        return a->u < b->u ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static wk_status make_order(order *out, const double *x, const double *y, int64_t count, int sign,
                            wk_error *error)
{
    const size_t n = (size_t)count + 1;
    item *items = wk_memory_raw(n, sizeof *items, error);
    out->u = wk_memory_raw(n, sizeof *out->u, error);
    out->y = wk_memory_raw(n, sizeof *out->y, error);
    out->row = wk_memory_raw(n, sizeof *out->row, error);
    if (!items || !out->u || !out->y || !out->row) {
        wk_memory_free(items);
        return WK_MEMORY;
    }
    for (int64_t i = 0; i < count; i++)
        items[i] = (item){sign * x[i], y[i], (int32_t)i};
    qsort(items, (size_t)count, sizeof *items, compare);
    for (int64_t i = 0; i < count; i++) {
        out->u[i] = items[i].u;
        out->y[i] = items[i].y;
        out->row[i] = items[i].row;
    }
    wk_memory_free(items);
    return WK_OK;
}

static void free_order(order *points)
{
    wk_memory_free(points->u);
    wk_memory_free(points->y);
    wk_memory_free(points->row);
}

static void set_sides(wk_quadrants *quadrants, wk_quadrant_rule rule)
{
    for (int k = 0; k < QUADRANTS; k++) {
        const int right = k & 1, above = k >> 1; /* where the points lie, seen from the pixel */
        const order *points = right ? &quadrants->to_right : &quadrants->to_left;
        quadrants->sides[k] = (wk_quadrant_side){
            .u = points->u,
            .y = points->y,
            .row = points->row,
            .low = right ? -(quadrants->width - 1) : 0,
            .high = right ? 0 : quadrants->width - 1,
            .strict_u = rule == WK_QUADRANT_STRICT || right == above,
            .above = above,
            .strict_y = rule == WK_QUADRANT_STRICT || right != above,
        };
    }
}

wk_status wk_quadrants_create(wk_quadrants **out, const double *x, const double *y, int64_t count,
                              int64_t width, wk_quadrant_rule rule, wk_error *error)
{
    *out = NULL;
    if (count < 0 || count > INT32_MAX - 1 || width < 1 || width > INT64_C(1) << 48)
        return wk_error_set(error, WK_ARGUMENT, "", "%lld points, %lld columns", (long long)count,
                            (long long)width);
    wk_quadrants *quadrants = wk_memory_new(1, sizeof *quadrants, error);
    if (!quadrants)
        return WK_MEMORY;
    quadrants->count = count;
    quadrants->width = width;
    wk_status status = make_order(&quadrants->to_left, x, y, count, 1, error);
    if (status == WK_OK)
        status = make_order(&quadrants->to_right, x, y, count, -1, error);
    if (status != WK_OK) {
        wk_quadrants_free(quadrants);
        return status;
    }
    set_sides(quadrants, rule);
    *out = quadrants;
    return WK_OK;
}

void wk_quadrants_free(wk_quadrants *quadrants)
{
    if (!quadrants)
        return;
    free_order(&quadrants->to_left);
    free_order(&quadrants->to_right);
    wk_memory_free(quadrants);
}

static size_t most_steps(const wk_quadrants *quadrants)
{
    return (size_t)quadrants->count + 1;
}

/* Every run ends in a column of its own. */
static size_t most_runs(const wk_quadrants *quadrants)
{
    size_t steps = QUADRANTS * most_steps(quadrants) + 1;
    return steps < (size_t)quadrants->width ? steps : (size_t)quadrants->width;
}

size_t wk_quadrant_walk_bytes(const wk_quadrants *quadrants)
{
    return sizeof(wk_quadrant_walk) + most_runs(quadrants) * sizeof(wk_quadrant_run) +
           most_steps(quadrants) *
               (QUADRANTS * sizeof(wk_quadrant_step) + (2 * QUADRANTS + 1) * sizeof(int32_t));
}

static wk_status make_level(level *out, int64_t rows, size_t count, wk_error *error)
{
    wk_status status = WK_OK;
    out->rows = rows;
    out->first = 0;
    out->last = -1;
    for (int k = 0; k < QUADRANTS && status == WK_OK; k++) {
        out->lists[k] = wk_memory_raw(count, sizeof *out->lists[k], error);
        status = out->lists[k] ? WK_OK : WK_MEMORY;
    }
    return status;
}

wk_status wk_quadrant_walk_create(wk_quadrant_walk **out, const wk_quadrants *quadrants,
                                  wk_error *error)
{
    const size_t most = most_steps(quadrants);
    *out = NULL;
    wk_quadrant_walk *walk = wk_memory_new(1, sizeof *walk, error);
    if (!walk)
        return WK_MEMORY;
    walk->quadrants = quadrants;
    walk->all = wk_memory_raw(most, sizeof *walk->all, error);
    walk->runs = wk_memory_raw(most_runs(quadrants), sizeof *walk->runs, error);
    wk_status status = walk->all && walk->runs ? WK_OK : WK_MEMORY;
    for (int k = 0; k < QUADRANTS && status == WK_OK; k++) {
        walk->steps[k] = wk_memory_raw(most, sizeof *walk->steps[k], error);
        status = walk->steps[k] ? WK_OK : WK_MEMORY;
    }
    if (status == WK_OK)
        status = make_level(&walk->large, LARGE, most, error);
    if (status == WK_OK)
        status = make_level(&walk->small, SMALL, most, error);
    if (status != WK_OK) {
        wk_quadrant_walk_free(walk);
        return status;
    }
    for (int64_t i = 0; i < quadrants->count; i++)
        walk->all[i] = (int32_t)i;
    *out = walk;
    return WK_OK;
}

void wk_quadrant_walk_free(wk_quadrant_walk *walk)
{
    if (!walk)
        return;
    for (int k = 0; k < QUADRANTS; k++) {
        wk_memory_free(walk->steps[k]);
        wk_memory_free(walk->large.lists[k]);
        wk_memory_free(walk->small.lists[k]);
    }
    wk_memory_free(walk->runs);
    wk_memory_free(walk->all);
    wk_memory_free(walk);
}

/* Make the lists of a block that begins with the row and lies in the block around it. */
static int seek(wk_quadrant_walk *walk, level *at, const level *around, int64_t row)
{
    const wk_quadrants *quadrants = walk->quadrants;
    if (row >= at->first && row <= at->last)
        return 0;
    at->first = row;
    at->last = row + at->rows - 1;
    if (around && at->last > around->last)
        at->last = around->last;
    for (int k = 0; k < QUADRANTS; k++)
        at->counts[k] = wk_quadrant_block_keep(at->lists[k], walk->steps[k],
                                               around ? around->lists[k] : walk->all,
                                               around ? around->counts[k] : quadrants->count,
                                               &quadrants->sides[k], at->first, at->last);
    return 1;
}

/* The steps of a quadrant from the left to the right: which one holds in a column, and the column
 * after the last in which it does. */
typedef struct reader {
    const wk_quadrant_side *side;
    const wk_quadrant_step *steps;
    int64_t count, at, width;
    int right;
} reader;

static int64_t reader_end(const reader *r)
{
    if (r->right)
        return r->at < 0 ? r->width : 1 - r->steps[r->at].from;
    return r->at + 1 < r->count ? r->steps[r->at + 1].from : r->width;
}

static int64_t reader_point(const reader *r)
{
    return r->at >= 0 && r->at < r->count ? r->side->row[r->steps[r->at].point] : -1;
}

/* Seen from the left, a quadrant that opens to the right begins with its last step, in which u is
 * the largest, and ends with columns without a point. */
static reader reader_start(const wk_quadrant_walk *walk, int k, int64_t count)
{
    const wk_quadrant_side *side = &walk->quadrants->sides[k];
    int right = k & 1;
    return (reader){side, walk->steps[k], count, right ? count - 1 : -1, walk->quadrants->width,
                    right};
}

static int64_t merge(wk_quadrant_run *runs, reader readers[QUADRANTS], int64_t width)
{
    int64_t made = 0, column = 0;
    while (column < width) {
        wk_quadrant_run run = {.end = width};
        for (int k = 0; k < QUADRANTS; k++) {
            reader *r = &readers[k];
            while (reader_end(r) <= column)
                r->at += r->right ? -1 : 1;
            run.point[k] = reader_point(r);
            if (reader_end(r) < run.end)
                run.end = reader_end(r);
        }
        column = run.end;
        runs[made++] = run;
    }
    return made;
}

const wk_quadrant_run *wk_quadrant_row(int64_t *count, wk_quadrant_walk *walk, int64_t row)
{
    const wk_quadrants *quadrants = walk->quadrants;
    reader readers[QUADRANTS];
    if (seek(walk, &walk->large, NULL, row))
        walk->small.last = walk->small.first - 1;
    seek(walk, &walk->small, &walk->large, row);
    for (int k = 0; k < QUADRANTS; k++) {
        int64_t steps = wk_quadrant_block_row(walk->steps[k], walk->small.lists[k],
                                              walk->small.counts[k], &quadrants->sides[k], row);
        readers[k] = reader_start(walk, k, steps);
    }
    *count = merge(walk->runs, readers, quadrants->width);
    return walk->runs;
}

/* The nearest so far above and below, on one side of a place. */
typedef struct nearest {
    const wk_quadrant_side *sides[2];
    int64_t point[2];
    double distance[2];
} nearest;

static void consider(nearest *found, double du, double y, double point_y, int32_t row)
{
    for (int k = 0; k < 2; k++) {
        const wk_quadrant_side *side = found->sides[k];
        double dv = side->above ? point_y - y : y - point_y;
        if ((side->strict_u ? du <= 0 : du < 0) || (side->strict_y ? dv <= 0 : dv < 0))
            continue;
        double distance = sqrt(du * du + dv * dv);
        if (distance < found->distance[k] ||
            (distance == found->distance[k] && row < found->point[k])) {
            found->distance[k] = distance;
            found->point[k] = row;
        }
    }
}

/* Walk away from the place over the points that lie before it in u. */
static void walk_away(nearest *found, const order *points, int64_t count, double u, double y,
                      int64_t skip)
{
    int64_t low = 0, high = count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (points->u[middle] <= u)
            low = middle + 1;
        else
            high = middle;
    }
    for (int64_t i = low - 1; i >= 0; i--) {
        double du = u - points->u[i];
        double farthest = fmax(found->distance[0], found->distance[1]);
        if (du > farthest * (1 + 1e-12))
            break;
        if (points->row[i] != skip)
            consider(found, du, y, points->y[i], points->row[i]);
    }
}

void wk_quadrant_place(int64_t point[4], double distance[4], const wk_quadrants *quadrants,
                       double x, double y, int64_t skip)
{
    for (int right = 0; right < 2; right++) {
        nearest found = {{&quadrants->sides[right], &quadrants->sides[right + 2]},
                         {-1, -1},
                         {INFINITY, INFINITY}};
        walk_away(&found, right ? &quadrants->to_right : &quadrants->to_left, quadrants->count,
                  right ? -x : x, y, skip);
        for (int k = 0; k < 2; k++) {
            point[right + 2 * k] = found.point[k];
            distance[right + 2 * k] = found.point[k] < 0 ? 0 : found.distance[k];
        }
    }
}
