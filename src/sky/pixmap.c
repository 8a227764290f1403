#include "pixmap.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "polygon.h"

static const double degree = 57.295779513082320877; /* degrees in a radian */

/* Weights of nodes at -1, 0, 1, 2 for a place t between 0 and 1. */
static void lagrange(double weights[4], double t)
{
    weights[0] = -t * (t - 1.0) * (t - 2.0) / 6.0;
    weights[1] = (t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0;
    weights[2] = -(t + 1.0) * t * (t - 2.0) / 2.0;
    weights[3] = (t + 1.0) * t * (t - 1.0) / 6.0;
}

int64_t wk_grid_step(int64_t width, int64_t height)
{
    int64_t longest = width > height ? width : height;
    int64_t step = wk_grid_largest;
    while (step > wk_grid_smallest && step * 4 > longest)
        step /= 2;
    return step;
}

static wk_status lay_weights(wk_grid *grid, int64_t step, wk_error *error)
{
    wk_status status =
        wk_memory_grow((void **)&grid->weights, (size_t)step, sizeof *grid->weights, error);
    for (int64_t i = 0; i < step && status == WK_OK; i++)
        lagrange(grid->weights[i], (double)i / (double)step);
    return status;
}

static const double *node_sky(const wk_grid *grid, int64_t i, int64_t j)
{
    return grid->sky + 2 * (j * (grid->cells_x + 3) + i);
}

static double pixel_area(const wk_grid *grid, int64_t i, int64_t j)
{
    double corner[4][3];
    for (int k = 0; k < 4; k++)
        wk_vector_from_sky(corner[k], node_sky(grid, i + 1 + (k == 1 || k == 2), j + 1 + k / 2));
    double diagonal[2][3];
    for (int k = 0; k < 3; k++) {
        diagonal[0][k] = corner[2][k] - corner[0][k];
        diagonal[1][k] = corner[3][k] - corner[1][k];
    }
    double cross[3];
    wk_vector_cross(cross, diagonal[0], diagonal[1]);
    double area = 0.5 * sqrt(wk_vector_dot(cross, cross));
    return area * (3600.0 * degree) * (3600.0 * degree) / (double)(grid->step * grid->step);
}

static wk_status lay_areas(wk_grid *grid, wk_error *error)
{
    size_t count = (size_t)(grid->cells_x * grid->cells_y);
    wk_status status = wk_memory_reserve((void **)&grid->areas, &grid->area_room, count,
                                         sizeof *grid->areas, error);
    for (int64_t j = 0; j < grid->cells_y && status == WK_OK; j++)
        for (int64_t i = 0; i < grid->cells_x; i++)
            grid->areas[j * grid->cells_x + i] = pixel_area(grid, i, j);
    return status;
}

wk_status wk_grid_lay(wk_grid *grid, wk_wcs *wcs, int64_t width, int64_t height, int64_t step,
                      wk_error *error)
{
    int64_t nx = (width + step - 1) / step + 3;
    int64_t ny = (height + step - 1) / step + 3;
    wk_status status = wk_memory_reserve((void **)&grid->sky, &grid->room, (size_t)(2 * nx * ny),
                                         sizeof *grid->sky, error);
    if (status == WK_OK)
        status = lay_weights(grid, step, error);
    if (status < 0)
        return status;
    grid->wcs = wcs;
    grid->width = width;
    grid->height = height;
    grid->step = step;
    grid->cells_x = nx - 3;
    grid->cells_y = ny - 3;
    for (int64_t j = 0; j < ny; j++)
        for (int64_t i = 0; i < nx; i++) {
            grid->sky[2 * (j * nx + i)] = (double)((i - 1) * step);
            grid->sky[2 * (j * nx + i) + 1] = (double)((j - 1) * step);
        }
    status = wk_wcs_to_sky(wcs, nx * ny, grid->sky, grid->sky, error);
    return status == WK_OK ? lay_areas(grid, error) : status;
}

void wk_grid_release(wk_grid *grid)
{
    wk_memory_free(grid->sky);
    wk_memory_free(grid->areas);
    wk_memory_free(grid->weights);
    memset(grid, 0, sizeof *grid);
}

/* Points along B's border, closely enough that its bows in A's pixels are followed. */
static int64_t trace_border(double (*sky)[2], const wk_footprint *footprint, int64_t pieces)
{
    int64_t count = 0;
    for (int64_t i = 0; i < footprint->count; i++) {
        const double *from = footprint->vectors[i];
        const double *to = footprint->vectors[(i + 1) % footprint->count];
        for (int64_t p = 0; p < pieces; p++) {
            double t = (double)p / (double)pieces;
            double v[3];
            for (int k = 0; k < 3; k++)
                v[k] = (1.0 - t) * from[k] + t * to[k];
            sky[count][0] = atan2(v[1], v[0]) * degree;
            sky[count][1] = atan2(v[2], hypot(v[0], v[1])) * degree;
            count++;
        }
    }
    return count;
}

static void clip_range(int64_t *first, int64_t *cells, double low, double high, int64_t step,
                       int64_t limit)
{
    double from = fmax(floor(low / (double)step) - 1.0, 0.0);
    double to = fmin(floor(high / (double)step) + 2.0, (double)limit);
    *first = from < to ? (int64_t)from : 0;
    *cells = from < to ? (int64_t)(to - from) : 0;
}

/* The cells of A that B's border surrounds, with one more on every side. */
static wk_status choose_cells(wk_pixmap *pixmap, const wk_footprint *footprint, wk_error *error)
{
    const wk_grid *grid = pixmap->from;
    pixmap->first_x = pixmap->first_y = 0;
    pixmap->cells_x = grid->cells_x;
    pixmap->cells_y = grid->cells_y;
    if (footprint->count == 0)
        return WK_OK;
    int64_t pieces = footprint->count < 16 ? 8 : 2;
    double xy[2 * wk_footprint_most][2] = {{0.0, 0.0}};
    int64_t count = trace_border(xy, footprint, pieces);
    wk_status status = wk_wcs_to_pixel(grid->wcs, count, &xy[0][0], &xy[0][0], error);
    if (status < 0)
        return status;
    double low[2] = {(double)INFINITY, (double)INFINITY};
    double high[2] = {-(double)INFINITY, -(double)INFINITY};
    for (int64_t i = 0; i < count; i++)
        for (int k = 0; k < 2; k++) {
            if (!isfinite(xy[i][k]))
                return WK_OK;
            low[k] = fmin(low[k], xy[i][k]);
            high[k] = fmax(high[k], xy[i][k]);
        }
    clip_range(&pixmap->first_x, &pixmap->cells_x, low[0], high[0], grid->step, grid->cells_x);
    clip_range(&pixmap->first_y, &pixmap->cells_y, low[1], high[1], grid->step, grid->cells_y);
    return WK_OK;
}

static wk_status map_nodes(wk_pixmap *pixmap, wk_error *error)
{
    int64_t nx = pixmap->cells_x + 3;
    int64_t ny = pixmap->cells_y + 3;
    wk_status status = wk_memory_reserve((void **)&pixmap->xy, &pixmap->room, (size_t)(2 * nx * ny),
                                         sizeof *pixmap->xy, error);
    if (status < 0)
        return status;
    for (int64_t j = 0; j < ny; j++)
        memcpy(pixmap->xy + 2 * j * nx,
               node_sky(pixmap->from, pixmap->first_x, pixmap->first_y + j),
               (size_t)(2 * nx) * sizeof *pixmap->xy);
    return wk_wcs_to_pixel(pixmap->to, nx * ny, pixmap->xy, pixmap->xy, error);
}

void wk_pixmap_nodes(double nodes[2][4][4], const wk_pixmap *pixmap, int64_t i, int64_t j)
{
    int64_t nx = pixmap->cells_x + 3;
    const double *corner = pixmap->xy + 2 * ((j - pixmap->first_y) * nx + i - pixmap->first_x);
    for (int row = 0; row < 4; row++)
        for (int column = 0; column < 4; column++)
            for (int k = 0; k < 2; k++)
                nodes[k][row][column] = corner[2 * (row * nx + column) + k];
}

int wk_pixmap_known(const double nodes[2][4][4])
{
    int known = 1;
    for (int k = 0; k < 2; k++)
        for (int row = 0; row < 4; row++)
            for (int column = 0; column < 4; column++)
                known &= isfinite(nodes[k][row][column]) != 0;
    return known;
}

wk_status wk_pixmap_check(int *good, wk_pixmap *pixmap, int64_t i, int64_t j, wk_error *error)
{
    double nodes[2][4][4];
    double weights[4];
    double step = (double)pixmap->from->step;
    wk_pixmap_nodes(nodes, pixmap, i, j);
    lagrange(weights, 0.5);
    double place[2] = {0.0, 0.0};
    for (int k = 0; k < 2; k++)
        for (int row = 0; row < 4; row++)
            for (int column = 0; column < 4; column++)
                place[k] += weights[row] * weights[column] * nodes[k][row][column];
    double exact[2] = {((double)i + 0.5) * step, ((double)j + 0.5) * step};
    wk_status status = wk_pixmap_exact(pixmap, 1, exact, exact, error);
    /* the middle shows the largest error of a smooth map; half the bound leaves room for the rest
     */
    *good = fabs(place[0] - exact[0]) < 0.5 * pixmap->bound &&
            fabs(place[1] - exact[1]) < 0.5 * pixmap->bound;
    return status;
}

/* Look at three cells along the diagonal: a grid too coarse there is too coarse altogether. */
static wk_status test_step(wk_pixmap *pixmap, int *coarse, wk_error *error)
{
    *coarse = 0;
    for (int k = 0; k < 3; k++) {
        int64_t i = pixmap->first_x + (pixmap->cells_x - 1) * k / 2;
        int64_t j = pixmap->first_y + (pixmap->cells_y - 1) * k / 2;
        int good = 1;
        double nodes[2][4][4];
        wk_pixmap_nodes(nodes, pixmap, i, j);
        if (!wk_pixmap_known((const double(*)[4][4])nodes))
            continue;
        wk_status status = wk_pixmap_check(&good, pixmap, i, j, error);
        if (status < 0)
            return status;
        if (!good)
            *coarse = 1;
    }
    return WK_OK;
}

wk_status wk_pixmap_lay(wk_pixmap *pixmap, int *coarse, const wk_grid *from, wk_wcs *to,
                        const wk_footprint *footprint, double bound, wk_error *error)
{
    pixmap->from = from;
    pixmap->to = to;
    pixmap->bound = bound;
    *coarse = 0;
    wk_status status = choose_cells(pixmap, footprint, error);
    if (status < 0 || pixmap->cells_x == 0 || pixmap->cells_y == 0)
        return status;
    status = map_nodes(pixmap, error);
    if (status == WK_OK && from->step > wk_grid_smallest)
        status = test_step(pixmap, coarse, error);
    return status;
}

void wk_pixmap_release(wk_pixmap *pixmap)
{
    wk_memory_free(pixmap->xy);
    wk_memory_free(pixmap->work);
    memset(pixmap, 0, sizeof *pixmap);
}

wk_status wk_pixmap_exact(wk_pixmap *pixmap, int64_t n, const double *xy, double *out,
                          wk_error *error)
{
    wk_status status = wk_memory_reserve((void **)&pixmap->work, &pixmap->work_room,
                                         (size_t)(2 * n), sizeof *pixmap->work, error);
    if (status == WK_OK)
        status = wk_wcs_to_sky(pixmap->from->wcs, n, xy, pixmap->work, error);
    if (status == WK_OK)
        status = wk_wcs_to_pixel(pixmap->to, n, pixmap->work, out, error);
    return status;
}
