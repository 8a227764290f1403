#include "mesh_outlier.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "select.h"

/* Found on simulated skies (bench/skies.py): the excess of variance is below 0.2 on slopes, in
 * nebulae and among crowded stars, and above 1 on galaxies. */
static const double EXCESS = 0.3, STAND_OUT = 3.0, STILL = 2.0, NORMAL = 1.482602218505602;
enum { WINDOW_LEAST = 5, CELLS_LEAST = 9, GROWTH = 8, FEW = 64 };

typedef struct search {
    const wk_mesh_cells *cells;
    int64_t n, half_x, half_y, left; /* cells in use */
    unsigned char *use, *found;
    float *variance, *above; /* above: level over the window's median */
    float *window;
    void *room;
} search;

static double median_of(const search *all, float *values, int64_t n)
{
    if (n > FEW) {
        wk_selection from = {values, n, -INFINITY, INFINITY, n};
        return wk_select_median(&from, all->room);
    }
    for (int64_t i = 1; i < n; i++) {
        float value = values[i];
        int64_t j = i;
        for (; j > 0 && values[j - 1] > value; j--)
            values[j] = values[j - 1];
        values[j] = value;
    }
    return 0.5 * ((double)values[(n - 1) / 2] + (double)values[n / 2]);
}

static int64_t window_collect(const search *all, const float *values, int64_t i, int64_t j,
                              int64_t grown)
{
    int64_t nx = all->cells->nx, ny = all->cells->ny, count = 0;
    int64_t left = i - all->half_x - grown, right = i + all->half_x + grown;
    int64_t low = j - all->half_y - grown, high = j + all->half_y + grown;
    left = left < 0 ? 0 : left, right = right >= nx ? nx - 1 : right;
    low = low < 0 ? 0 : low, high = high >= ny ? ny - 1 : high;
    for (int64_t y = low; y <= high; y++)
        for (int64_t x = left; x <= right; x++)
            if (all->use[y * nx + x])
                all->window[count++] = values[y * nx + x];
    return count;
}

/* The median of the cells in use about a cell. */
static double window_median(const search *all, const float *values, int64_t k)
{
    int64_t i = k % all->cells->nx, j = k / all->cells->nx, count = 0;
    int64_t wanted = all->left < WINDOW_LEAST ? all->left : WINDOW_LEAST;
    for (int64_t grown = 0; count < wanted; grown++)
        count = window_collect(all, values, i, j, grown);
    return median_of(all, all->window, count);
}

static double step_squared(const search *all, int64_t k, int64_t to, int inside)
{
    if (!inside || !all->use[to])
        return 0.0;
    double step = (double)all->cells->level[to] - (double)all->cells->level[k];
    return step * step;
}

/* The variance that the slopes to the neighbours give the pixels of a cell. */
static double slope_variance(const search *all, int64_t k)
{
    int64_t nx = all->cells->nx, ny = all->cells->ny, i = k % nx, j = k / nx;
    double x = fmax(step_squared(all, k, k - 1, i > 0), step_squared(all, k, k + 1, i < nx - 1));
    double y = fmax(step_squared(all, k, k - nx, j > 0), step_squared(all, k, k + nx, j < ny - 1));
    return (x + y) / 12.0;
}

static int variance_stands_out(const search *all, int64_t k)
{
    double usual = window_median(all, all->variance, k);
    return (double)all->variance[k] - slope_variance(all, k) > (1.0 + EXCESS) * usual;
}

/* The heights above the windows' medians, and how they scatter. */
static double heights_fill(search *all)
{
    int64_t count = 0;
    for (int64_t k = 0; k < all->n; k++)
        if (all->use[k])
            all->above[k] =
                (float)((double)all->cells->level[k] - window_median(all, all->cells->level, k));
    for (int64_t k = 0; k < all->n; k++)
        if (all->use[k])
            all->window[count++] = fabsf(all->above[k]);
    return NORMAL * median_of(all, all->window, count);
}

static int stands_out(const search *all, int64_t k, double times, double scatter)
{
    double error = (double)all->cells->error[k];
    return (double)all->above[k] > times * (error > scatter ? error : scatter);
}

static int touches_found(const search *all, int64_t k)
{
    int64_t nx = all->cells->nx, ny = all->cells->ny, i = k % nx, j = k / nx;
    for (int64_t y = j > 0 ? j - 1 : 0; y <= j + 1 && y < ny; y++)
        for (int64_t x = i > 0 ? i - 1 : 0; x <= i + 1 && x < nx; x++)
            if (all->found[y * nx + x] == 1)
                return 1;
    return 0;
}

/* One ring; the cells found in it are marked 2 until it is whole.  Returns how many they are. */
static int64_t ring_find(search *all, int first)
{
    double scatter = heights_fill(all);
    int64_t count = 0;
    for (int64_t k = 0; k < all->n; k++) {
        if (!all->use[k] || !stands_out(all, k, first ? STAND_OUT : STILL, scatter))
            continue;
        if (first ? !variance_stands_out(all, k) : !touches_found(all, k))
            continue;
        all->found[k] = 2;
        count++;
    }
    for (int64_t k = 0; k < all->n; k++) {
        all->use[k] = all->use[k] && !all->found[k];
        all->found[k] = all->found[k] != 0;
    }
    all->left -= count;
    return count;
}

static int64_t find(search *all, const double *weights)
{
    const wk_mesh_cells *cells = all->cells;
    for (int64_t k = 0; k < all->n; k++) {
        float rms = isfinite(cells->rms[k]) ? cells->rms[k] : 0.0F;
        all->variance[k] = rms * rms;
        all->use[k] = weights[k] > 0.0 && isfinite(cells->level[k]);
        all->left += all->use[k];
    }
    int64_t before = all->left;
    if (before < CELLS_LEAST)
        return 0;
    for (int ring = 0; ring < GROWTH && ring_find(all, ring == 0) > 0; ring++)
        if (2 * (before - all->left) > before)
            return 0;
    return before - all->left;
}

wk_status wk_mesh_outliers(double *weights, const wk_mesh_cells *cells, const int64_t filter[2],
                           int64_t *found, wk_error *error)
{
    search all = {
        cells, cells->nx * cells->ny, filter[0] / 2, filter[1] / 2, 0, NULL, NULL, NULL, NULL, NULL,
        NULL};
    int64_t count = 0, n = all.n;
    wk_status status = WK_OK;
    if (all.half_x > 0 || all.half_y > 0) {
        all.variance = wk_memory_new((size_t)n * 3, sizeof *all.variance, error);
        all.use = wk_memory_new((size_t)n * 2, 1, error);
        all.room = wk_memory_raw(wk_select_room(n, 2), 1, error);
        status = all.variance && all.use && all.room ? WK_OK : WK_MEMORY;
    }
    if (all.variance && status == WK_OK) {
        all.above = all.variance + n, all.window = all.above + n, all.found = all.use + n;
        count = find(&all, weights);
        for (int64_t k = 0; count > 0 && k < n; k++)
            if (all.found[k])
                weights[k] = 0.0;
    }
    wk_memory_free(all.room);
    wk_memory_free(all.use);
    wk_memory_free(all.variance);
    if (found)
        *found = count;
    return status;
}
