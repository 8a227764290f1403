/* The cells of an image, and measuring them in one pass over its rows. */
#ifndef WELKIN_SKY_MESH_H
#define WELKIN_SKY_MESH_H

#include "welkin/background.h"

/* How the image is cut: cell i reaches from x_edge[i] to before x_edge[i + 1]. */
typedef struct wk_cells {
    int64_t width, height, nx, ny;
    int64_t *x_edge, *y_edge; /* [nx + 1], [ny + 1] */
    double *x, *y;            /* [nx], [ny] centres */
} wk_cells;

/* Cells of one rule; WK_MEMORY, or WK_ARGUMENT for more cells than can be counted. */
wk_status wk_cells_create(wk_cells *grid, int64_t width, int64_t height, wk_cell_rule rule,
                          const int64_t box[2], wk_error *error);

/* nx x ny cells of nearly equal size. */
wk_status wk_cells_divide(wk_cells *grid, int64_t width, int64_t height, int64_t nx, int64_t ny,
                          wk_error *error);

void wk_cells_free(wk_cells *grid);

/* What was measured of each cell, [ny][nx]. */
typedef struct wk_measured {
    float *level, *error, *rms;
    int64_t *count;
    int64_t good, masked, sources; /* pixels */
} wk_measured;

wk_status wk_measured_reserve(wk_measured *measured, const wk_cells *grid, wk_error *error);
void wk_measured_free(wk_measured *measured);

/* What is done to the pixels of a rectangle before its cells are measured: sources are marked, and
 * a first model is taken off. */
enum { WK_MESH_SOURCE = 128 };
typedef struct wk_mesh_mask {
    int64_t margin; /* rectangles reach so many pixels beyond the cells, where the image does */
    /* Given     data, bad  of the rectangle; bad 0: good
     * Returned  data       less the model, where there is one
     *           bad        WK_MESH_SOURCE in the good pixels of sources
     *           model      float[rect.height][rect.width], which stays until the worker's next
     * call; NULL: nothing was taken off.  The mean of the model over a cell is added to what its
     * pixels less the model give */
    wk_status (*mark)(void *payload, int worker, wk_rect rect, float *data, uint8_t *bad,
                      const float **model, wk_error *error);
    void *payload;
} wk_mesh_mask;

/* How many workers will measure. */
int wk_mesh_workers(const wk_rows *rows, const wk_context *context);

/* Measure all cells.  mask may be NULL.  The work is done by rows of cells or parts of them, so
 * that each worker holds a bounded number of pixels; a cell that does not fit into its share of the
 * context's memory is WK_MEMORY. */
wk_status wk_mesh_measure(wk_measured *out, const wk_cells *grid, const wk_rows *rows,
                          const wk_background_options *options, const wk_mesh_mask *mask,
                          const wk_context *context, wk_error *error);

#endif
