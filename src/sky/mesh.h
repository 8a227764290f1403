/* The cells of an image, and measuring them in one pass over its rows. */
#ifndef WELKIN_SKY_MESH_H
#define WELKIN_SKY_MESH_H

#include "welkin/background.h"

/* How the image is cut: cell i reaches from x_edge[i] to before x_edge[i + 1]. */
typedef struct wk_grid {
    int64_t width, height, nx, ny;
    int64_t *x_edge, *y_edge; /* [nx + 1], [ny + 1] */
    double *x, *y;            /* [nx], [ny] centres */
} wk_grid;

/* Cells of one rule; WK_MEMORY, or WK_ARGUMENT for more cells than can be counted. */
wk_status wk_grid_create(wk_grid *grid, int64_t width, int64_t height, wk_cell_rule rule,
                         const int64_t box[2], wk_error *error);

/* nx x ny cells of nearly equal size. */
wk_status wk_grid_divide(wk_grid *grid, int64_t width, int64_t height, int64_t nx, int64_t ny,
                         wk_error *error);

void wk_grid_free(wk_grid *grid);

/* What was measured of each cell, [ny][nx]. */
typedef struct wk_measured {
    float *level, *error, *rms;
    int64_t *count;
    int64_t good, masked, sources; /* pixels */
} wk_measured;

wk_status wk_measured_reserve(wk_measured *measured, const wk_grid *grid, wk_error *error);
void wk_measured_free(wk_measured *measured);

/* Marks pixels of a rectangle that are to be left out besides the bad ones.
 *
 * Given      rect   of data and bad, which reach margin pixels beyond the cells where the image
 * does bad    0: good Returned   bad    nonzero where a source is, too (WK_MESH_SOURCE) */
enum { WK_MESH_SOURCE = 128 };
typedef struct wk_mesh_mask {
    int64_t margin;
    wk_status (*mark)(void *payload, int worker, wk_rect rect, const float *data, uint8_t *bad,
                      wk_error *error);
    void *payload;
} wk_mesh_mask;

/* How many workers will measure. */
int wk_mesh_workers(const wk_rows *rows, const wk_context *context);

/* Measure all cells.  mask may be NULL.  The work is done by rows of cells or parts of them, so
 * that each worker holds a bounded number of pixels; a cell that does not fit into its share of the
 * context's memory is WK_MEMORY. */
wk_status wk_mesh_measure(wk_measured *out, const wk_grid *grid, const wk_rows *rows,
                          const wk_background_options *options, const wk_mesh_mask *mask,
                          const wk_context *context, wk_error *error);

#endif
