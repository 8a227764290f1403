#include "thin_plate_map.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "parallel.h"
#include "status.h"
#include "thin_plate_grid.h"
#include "thin_plate_model.h"

/* Steps of nodes; cells looked at along each side, kernels looked at; pixels of a piece. */
enum { STEP_FIRST = 64, STEP_LEAST = 4, SIDE = 20, KERNELS = 600, PIECE = 16 };
enum { ERROR_STEP = 4, ERRORS_LEAST = 100, ERRORS_MOST = 2000 };

/* Of values at steps below the least: nodes times kernels, some seconds. */
static const double FINE_WORK = 2e8;

/* Of errors: nodes times the square of the kernels. */
static const double ERROR_WORK = 4e9;

struct wk_plate_map {
    int64_t width, height;
    wk_plate_grid values, errors;
    wk_plate_map_report report;
};

typedef struct filling {
    wk_plate_map *map;
    const wk_plate *plate;
    wk_plate_grid *grid, *coarse; /* coarse: its nodes are known; NULL: none */
    double *room;                 /* [workers][wk_plate_room] for errors */
    int64_t *place;               /* [looked][2] pixels */
    double *off;                  /* [looked] */
} filling;

static wk_status values_row(int64_t index, int worker, void *payload, int64_t *bytes,
                            wk_error *error)
{
    (void)worker, (void)bytes, (void)error;
    filling *all = payload;
    wk_plate_grid *grid = all->grid, *coarse = all->coarse;
    for (int64_t i = 0; i < grid->columns; i++) {
        int64_t at = index * grid->columns + i;
        if (coarse && index % 2 && i % 2) {
            int64_t known = (index + 1) / 2 * coarse->columns + (i + 1) / 2;
            for (int q = 0; q < 2; q++)
                grid->nodes[q][at] = coarse->nodes[q][known];
            continue;
        }
        double value[2];
        wk_plate_value(value, NULL, all->plate, (double)((i - 1) * grid->step),
                       (double)((index - 1) * grid->step), NULL);
        for (int q = 0; q < 2; q++)
            grid->nodes[q][at] = value[q];
    }
    return WK_OK;
}

static wk_status errors_row(int64_t index, int worker, void *payload, int64_t *bytes,
                            wk_error *error)
{
    (void)bytes, (void)error;
    filling *all = payload;
    wk_plate_grid *grid = all->grid;
    for (int64_t i = 0; i < grid->columns; i++) {
        double value[2], scatter[2];
        wk_plate_value(value, scatter, all->plate, (double)((i - 1) * grid->step),
                       (double)((index - 1) * grid->step),
                       all->room + worker * wk_plate_room(all->plate));
        for (int q = 0; q < 2; q++)
            grid->nodes[q][index * grid->columns + i] = scatter[q];
    }
    return WK_OK;
}

static wk_status pixels_look(int64_t index, int worker, void *payload, int64_t *bytes,
                             wk_error *error)
{
    (void)worker, (void)bytes, (void)error;
    filling *all = payload;
    for (int64_t k = index * PIECE; k < (index + 1) * PIECE && k < all->map->report.looked; k++) {
        int64_t column = all->place[2 * k], row = all->place[2 * k + 1];
        double value[2], x, y;
        double *const out[2] = {&x, &y};
        wk_plate_value(value, NULL, all->plate, (double)column, (double)row, NULL);
        wk_plate_grid_row(out, all->grid, row, column, 1);
        all->off[k] = fmax(fabs(x - value[0]), fabs(y - value[1]));
    }
    return WK_OK;
}

/* The pixel nearest to the middle of the cell that holds the one at a fraction of a side. */
static int64_t middle_of(int64_t k, int64_t length, int64_t step)
{
    int64_t at = (2 * k + 1) * length / (2 * SIDE) / step * step + step / 2;
    return at < length ? at : length - 1;
}

static void pixels_choose(filling *all, int64_t step)
{
    const wk_plate *plate = all->plate;
    wk_plate_map *map = all->map;
    int64_t count = 0, every = (plate->centres + KERNELS - 1) / KERNELS;
    for (int64_t j = 0; j < SIDE; j++)
        for (int64_t i = 0; i < SIDE; i++) {
            all->place[2 * count] = middle_of(i, map->width, step);
            all->place[2 * count++ + 1] = middle_of(j, map->height, step);
        }
    for (int64_t k = 0; k < plate->centres; k += every) {
        double x = rint(plate->middle_x + plate->scale * plate->u[k]);
        double y = rint(plate->middle_y + plate->scale * plate->v[k]);
        if (!(x >= 0.0 && x < (double)map->width && y >= 0.0 && y < (double)map->height))
            continue;
        all->place[2 * count] = (int64_t)x;
        all->place[2 * count++ + 1] = (int64_t)y;
    }
    map->report.looked = count;
}

/* Nodes of one step, and how well they do. */
static wk_status step_fill(filling *all, const wk_context *context, wk_error *error)
{
    wk_plate_map_report *report = &all->map->report;
    wk_status status = wk_parallel_for(all->grid->rows, NULL, values_row, all, context, error);
    if (status != WK_OK)
        return status;
    report->step = all->grid->step;
    pixels_choose(all, report->step);
    status = wk_parallel_for((report->looked + PIECE - 1) / PIECE, NULL, pixels_look, all, context,
                             error);
    report->reached = 0.0;
    for (int64_t k = 0; k < report->looked; k++)
        report->reached = fmax(report->reached, all->off[k]);
    return status;
}

/* Small images can have their nodes closer, at last one at each pixel. */
static int step_allowed(const filling *all, int64_t step)
{
    const wk_plate_map *map = all->map;
    if (step < 1)
        return 0;
    double columns = (double)map->width / (double)step + 4.0;
    double rows = (double)map->height / (double)step + 4.0;
    return step >= STEP_LEAST || columns * rows * (double)all->plate->centres < FINE_WORK;
}

static wk_status values_fill(filling *all, double bound, const wk_context *context, wk_error *error)
{
    wk_plate_map *map = all->map;
    wk_plate_grid coarse = {0};
    wk_status status = WK_OK;
    for (int64_t step = STEP_FIRST; step_allowed(all, step) && status == WK_OK; step /= 2) {
        coarse = map->values;
        memset(&map->values, 0, sizeof map->values);
        all->grid = &map->values;
        all->coarse = coarse.nodes[0] ? &coarse : NULL;
        status = wk_plate_grid_make(&map->values, map->width, map->height, step, 0, error);
        if (status == WK_OK)
            status = step_fill(all, context, error);
        wk_plate_grid_release(&coarse);
        if (map->report.reached <= bound)
            break;
    }
    return status;
}

static wk_status errors_fill(filling *all, const wk_context *context, wk_error *error)
{
    wk_plate_map *map = all->map;
    double centres = (double)all->plate->centres, step = ERROR_STEP;
    double most = fmin(fmax(ERROR_WORK / (centres * centres), ERRORS_LEAST), ERRORS_MOST);
    while (((double)map->width / step + 4.0) * ((double)map->height / step + 4.0) > most &&
           step < (double)(map->width + map->height))
        step *= 2.0;
    wk_status status =
        wk_plate_grid_make(&map->errors, map->width, map->height, (int64_t)step, 1, error);
    if (status != WK_OK)
        return status;
    size_t workers = (size_t)wk_parallel_workers(map->errors.rows, context);
    all->room =
        wk_memory_new(workers * (size_t)wk_plate_room(all->plate), sizeof *all->room, error);
    if (!all->room)
        return WK_MEMORY;
    all->grid = &map->errors;
    map->report.error_step = (int64_t)step;
    return wk_parallel_for(map->errors.rows, NULL, errors_row, all, context, error);
}

static wk_status map_fill(wk_plate_map *map, const wk_plate *plate, double bound, int with_errors,
                          const wk_context *context, wk_error *error)
{
    filling all = {.map = map, .plate = plate};
    size_t most = SIDE * SIDE + KERNELS;
    wk_status status = WK_MEMORY;
    all.place = wk_memory_new(2 * most, sizeof *all.place, error);
    all.off = wk_memory_new(most, sizeof *all.off, error);
    if (all.place && all.off)
        status = values_fill(&all, bound, context, error);
    if (status == WK_OK && with_errors)
        status = errors_fill(&all, context, error);
    wk_memory_free(all.place);
    wk_memory_free(all.off);
    wk_memory_free(all.room);
    return status;
}

wk_status wk_plate_map_create(wk_plate_map **map, const wk_plate *plate, int64_t width,
                              int64_t height, double bound, int with_errors,
                              const wk_context *context, wk_error *error)
{
    *map = NULL;
    if (width < 1 || height < 1)
        return wk_error_set(error, WK_ARGUMENT, "", "an image of %lld x %lld has no pixels",
                            (long long)width, (long long)height);
    if (!(bound > 0.0))
        return wk_error_set(error, WK_ARGUMENT, "",
                            "the bound of the map is %g, it must be more "
                            "than 0",
                            bound);
    wk_plate_map *made = wk_memory_new(1, sizeof *made, error);
    if (!made)
        return WK_MEMORY;
    made->width = width, made->height = height;
    wk_status status = map_fill(made, plate, bound, with_errors, context, error);
    if (status == WK_OK)
        *map = made;
    else
        wk_plate_map_free(made);
    return status;
}

void wk_plate_map_free(wk_plate_map *map)
{
    if (!map)
        return;
    wk_plate_grid_release(&map->values);
    wk_plate_grid_release(&map->errors);
    wk_memory_free(map);
}

const wk_plate_map_report *wk_plate_map_reported(const wk_plate_map *map)
{
    return &map->report;
}

void wk_plate_map_row(double *x, double *y, double *ex, double *ey, const wk_plate_map *map,
                      int64_t row, int64_t first, int64_t count)
{
    double *const values[2] = {x, y}, *const errors[2] = {ex, ey};
    wk_plate_grid_row(values, &map->values, row, first, count);
    if (!ex || !ey)
        return;
    if (map->errors.nodes[0])
        wk_plate_grid_row(errors, &map->errors, row, first, count);
    else
        for (int64_t i = 0; i < count; i++)
            ex[i] = ey[i] = (double)NAN;
}
