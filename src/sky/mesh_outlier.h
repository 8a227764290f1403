/* Cells of a mesh that hold the light of a source and not of the sky. */
#ifndef WELKIN_SKY_MESH_OUTLIER_H
#define WELKIN_SKY_MESH_OUTLIER_H

#include "welkin/status.h"

/* What is known of the cells, each [ny][nx]. */
typedef struct wk_mesh_cells {
    int64_t nx, ny;
    const float *level;
    const float *rms;   /* of the pixels about the level */
    const float *error; /* of the level; NaN: unknown */
} wk_mesh_cells;

/* Set the weight of cells to 0 that a source has lifted.
 *
 * Such a cell stands above the median of its window, as the crest of a nebula does, too; but its
 * pixels also scatter more than those of its neighbours and more than the slope from cell to cell
 * explains.  From such cells on, touching cells are taken while they stand out.
 *
 * Given      weights   [ny][nx]; a cell of weight 0 or without a level is not looked at
 *            filter    size of the window in cells, x and y, odd; it is cut at the edges and grows
 *                      until it holds five cells.  Both 1: nothing is done
 * Returned   weights   0 for the cells found; as it was if they are more than half of all
 *            found     how many; may be NULL
 * Status     WK_MEMORY
 */
wk_status wk_mesh_outliers(double *weights, const wk_mesh_cells *cells, const int64_t filter[2],
                           int64_t *found, wk_error *error);

#endif
