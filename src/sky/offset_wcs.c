#include <math.h>

#include "memory.h"
#include "offset.h"
#include "pixmap.h"
#include "status.h"

enum { NODES = 4 };

static const double default_bound = 1e-4;

/* Offsets at the nodes of a grid; between them they are interpolated, cell by cell, except where
 * that is not good enough. */
typedef struct wcs_map {
    wk_wcs *image, *reference; /* own copies */
    wk_grid grid;
    double *nodes[2];     /* [cells_y + 3][cells_x + 3]; NaN: no place in the reference */
    unsigned char *exact; /* [cells_y][cells_x] nonzero: every pixel is asked for */
    size_t room, exact_room;
    double bound;
} wcs_map;

typedef struct wcs_walk {
    wk_wcs *image, *reference;
    double *along[2]; /* [cells_x + 3] nodes brought to the row */
    double *places;   /* [step][2] */
} wcs_walk;

static void map_release(void *model)
{
    wcs_map *map = model;
    wk_wcs_free(map->image);
    wk_wcs_free(map->reference);
    wk_grid_release(&map->grid);
    wk_memory_free(map->nodes[0]);
    wk_memory_free(map->nodes[1]);
    wk_memory_free(map->exact);
    wk_memory_free(map);
}

static void map_close(void *walk)
{
    wcs_walk *w = walk;
    if (!w)
        return;
    wk_wcs_free(w->image);
    wk_wcs_free(w->reference);
    wk_memory_free(w->along[0]);
    wk_memory_free(w->along[1]);
    wk_memory_free(w->places);
    wk_memory_free(w);
}

static wk_status map_open(void **walk, const wk_offset *offset, wk_error *error)
{
    const wcs_map *map = offset->model;
    const size_t nodes = (size_t)map->grid.cells_x + 3;
    wcs_walk *w = wk_memory_new(1, sizeof *w, error);
    *walk = w;
    if (!w)
        return WK_MEMORY;
    w->along[0] = wk_memory_raw(nodes, sizeof(double), error);
    w->along[1] = wk_memory_raw(nodes, sizeof(double), error);
    w->places = wk_memory_raw((size_t)map->grid.step, 2 * sizeof(double), error);
    wk_status status = w->along[0] && w->along[1] && w->places ? WK_OK : WK_MEMORY;
    if (status == WK_OK)
        status = wk_wcs_copy(&w->image, map->image, error);
    if (status == WK_OK)
        status = wk_wcs_copy(&w->reference, map->reference, error);
    if (status != WK_OK) {
        map_close(w);
        *walk = NULL;
    }
    return status;
}

static void bring_to_row(wcs_walk *w, const wcs_map *map, int64_t row)
{
    const wk_grid *grid = &map->grid;
    const int64_t across = grid->cells_x + 3, j = row / grid->step;
    const double *weight = grid->weights[row % grid->step];
    for (int axis = 0; axis < 2; axis++)
        for (int64_t i = 0; i < across; i++) {
            double sum = 0;
            for (int k = 0; k < NODES; k++)
                sum += weight[k] * map->nodes[axis][(j + k) * across + i];
            w->along[axis][i] = sum;
        }
}

static wk_status ask(double *x, double *y, wcs_walk *w, int64_t first, int64_t count, int64_t row,
                     wk_error *error)
{
    for (int64_t i = 0; i < count; i++) {
        w->places[2 * i] = (double)(first + i);
        w->places[2 * i + 1] = (double)row;
    }
    wk_status status = wk_wcs_to_sky(w->image, count, w->places, w->places, error);
    if (status == WK_OK)
        status = wk_wcs_to_pixel(w->reference, count, w->places, w->places, error);
    for (int64_t i = 0; i < count && status == WK_OK; i++) {
        x[i] = (double)(first + i) - w->places[2 * i];
        y[i] = (double)row - w->places[2 * i + 1];
    }
    return status;
}

static void interpolate(double *out, const double *nodes, const wk_grid *grid, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        const double *weight = grid->weights[i];
        out[i] = weight[0] * nodes[0] + weight[1] * nodes[1] + weight[2] * nodes[2] +
                 weight[3] * nodes[3];
    }
}

static wk_status map_row(const wk_offset_planes *planes, void *walk, const wk_offset *offset,
                         int64_t row, wk_error *error)
{
    const wcs_map *map = offset->model;
    const wk_grid *grid = &map->grid;
    wcs_walk *w = walk;
    wk_status status = WK_OK;
    bring_to_row(w, map, row);
    for (int64_t cell = 0; cell < grid->cells_x && status == WK_OK; cell++) {
        const int64_t first = cell * grid->step;
        const int64_t left = grid->width - first, count = left < grid->step ? left : grid->step;
        if (map->exact[row / grid->step * grid->cells_x + cell]) {
            status = ask(planes->x + first, planes->y + first, w, first, count, row, error);
            continue;
        }
        interpolate(planes->x + first, w->along[0] + cell, grid, count);
        interpolate(planes->y + first, w->along[1] + cell, grid, count);
    }
    for (int64_t i = 0; planes->error_x && i < grid->width; i++)
        planes->error_x[i] = planes->error_y[i] = NAN;
    return status;
}

static const wk_offset_kind kind = {map_open, map_row, map_close, map_release, NULL};

/* The grid's nodes, on the sky already, carried into the reference. */
static wk_status set_nodes(wcs_map *map, wk_error *error)
{
    const wk_grid *grid = &map->grid;
    const int64_t across = grid->cells_x + 3, count = across * (grid->cells_y + 3);
    double *places = wk_memory_raw((size_t)count, 2 * sizeof *places, error);
    wk_memory_free(map->nodes[0]);
    wk_memory_free(map->nodes[1]);
    map->nodes[0] = wk_memory_raw((size_t)count, sizeof(double), error);
    map->nodes[1] = wk_memory_raw((size_t)count, sizeof(double), error);
    wk_status status = places && map->nodes[0] && map->nodes[1] ? WK_OK : WK_MEMORY;
    if (status == WK_OK)
        status = wk_wcs_to_pixel(map->reference, count, grid->sky, places, error);
    for (int64_t i = 0; i < count && status == WK_OK; i++) {
        map->nodes[0][i] = (double)((i % across - 1) * grid->step) - places[2 * i];
        map->nodes[1][i] = (double)((i / across - 1) * grid->step) - places[2 * i + 1];
    }
    wk_memory_free(places);
    return status;
}

/* The interpolated offset at the middle of a cell less the one at a place of the reference. */
static double miss(const wcs_map *map, int64_t i, int64_t j, const double middle[2],
                   const double place[2])
{
    const int64_t across = map->grid.cells_x + 3, half = map->grid.step / 2;
    const double *weight = map->grid.weights[half];
    double worst = 0;
    for (int axis = 0; axis < 2; axis++) {
        double sum = 0;
        for (int k = 0; k < NODES * NODES; k++)
            sum += weight[k / NODES] * weight[k % NODES] *
                   map->nodes[axis][(j + k / NODES) * across + i + k % NODES];
        double off = fabs(sum - (middle[axis] - place[axis]));
        if (isnan(off))
            return off; /* worse than any other */
        worst = fmax(worst, off);
    }
    return worst;
}

/* Mark the cells that interpolation misses; returns how many in *missed. */
static wk_status check_cells(int64_t *missed, wcs_map *map, wk_error *error)
{
    const wk_grid *grid = &map->grid;
    const size_t cells = (size_t)(grid->cells_x * grid->cells_y);
    double *places = wk_memory_raw((size_t)grid->cells_x, 2 * sizeof *places, error);
    wk_status status = wk_memory_reserve((void **)&map->exact, &map->exact_room, cells, 1, error);
    *missed = 0;
    if (!places)
        status = WK_MEMORY;
    for (int64_t j = 0; j < grid->cells_y && status == WK_OK; j++) {
        const double y = (double)(j * grid->step + grid->step / 2);
        for (int64_t i = 0; i < grid->cells_x; i++) {
            places[2 * i] = (double)(i * grid->step + grid->step / 2);
            places[2 * i + 1] = y;
        }
        status = wk_wcs_to_sky(map->image, grid->cells_x, places, places, error);
        if (status == WK_OK)
            status = wk_wcs_to_pixel(map->reference, grid->cells_x, places, places, error);
        for (int64_t i = 0; i < grid->cells_x && status == WK_OK; i++) {
            const double middle[2] = {(double)(i * grid->step + grid->step / 2), y};
            int exact = !(miss(map, i, j, middle, places + 2 * i) <= map->bound);
            map->exact[j * grid->cells_x + i] = (unsigned char)exact;
            *missed += exact;
        }
    }
    wk_memory_free(places);
    return status;
}

/* A finer grid until nearly all cells are good; the others are asked for pixel by pixel. */
static wk_status lay_map(wcs_map *map, int64_t width, int64_t height, wk_error *error)
{
    int64_t step = wk_grid_step(width, height), missed = 0;
    for (;; step /= 2) {
        wk_status status = wk_grid_lay(&map->grid, map->image, width, height, step, error);
        if (status == WK_OK)
            status = set_nodes(map, error);
        if (status == WK_OK)
            status = check_cells(&missed, map, error);
        if (status != WK_OK)
            return status;
        if (step <= wk_grid_smallest || 100 * missed <= map->grid.cells_x * map->grid.cells_y)
            return WK_OK;
    }
}

static wk_status check_some(const wcs_map *map, wk_error *error)
{
    const int64_t count = (map->grid.cells_x + 3) * (map->grid.cells_y + 3);
    for (int64_t i = 0; i < count; i++)
        if (isfinite(map->nodes[0][i]) && isfinite(map->nodes[1][i]))
            return WK_OK;
    return wk_error_set(error, WK_WCS, "", "no part of the image has a place in the reference");
}

wk_status wk_offset_from_wcs(wk_offset **out, wk_wcs *image, wk_wcs *reference, int64_t width,
                             int64_t height, double bound, const wk_context *context,
                             wk_error *error)
{
    (void)context;
    const wk_offset_stars none = {NULL, NULL, NULL, NULL, 0};
    wk_offset *offset;
    *out = NULL;
    wk_status status = wk_offset_prepare(&offset, &none, width, height, NULL, error);
    if (status != WK_OK)
        return status;
    wk_quadrants_free(offset->around);
    offset->around = NULL;
    wcs_map *map = wk_memory_new(1, sizeof *map, error);
    offset->kind = &kind;
    offset->model = map;
    offset->facts.model = WK_OFFSET_WCS;
    status = map ? wk_wcs_copy(&map->image, image, error) : WK_MEMORY;
    if (status == WK_OK)
        status = wk_wcs_copy(&map->reference, reference, error);
    if (status == WK_OK) {
        map->bound = bound > 0 ? bound : default_bound;
        status = lay_map(map, width, height, error);
    }
    if (status == WK_OK)
        status = check_some(map, error);
    if (status == WK_OK)
        *out = offset;
    else
        wk_offset_free(offset);
    return status;
}
