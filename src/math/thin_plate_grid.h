/* Two functions on the nodes of a square grid over an image, and pixels between them. */
#ifndef WELKIN_MATH_THIN_PLATE_GRID_H
#define WELKIN_MATH_THIN_PLATE_GRID_H

#include "welkin/status.h"

/* Node (i, j) stands at x = (i - 1) step, y = (j - 1) step, so that each pixel of the image has two
 * nodes to each side. */
typedef struct wk_plate_grid {
    int64_t step, columns, rows;
    double *nodes[2]; /* [rows][columns] */
    double *weights;  /* [4][step] of the four nodes around, for each pixel between two */
} wk_plate_grid;

/* linear: between two nodes; else cubic, Lagrange's.  To be released, also after a failure. */
wk_status wk_plate_grid_make(wk_plate_grid *grid, int64_t width, int64_t height, int64_t step,
                             int linear, wk_error *error);

void wk_plate_grid_release(wk_plate_grid *grid);

/* Pixels first..first+count-1 of a row of the image. */
void wk_plate_grid_row(double *const out[2], const wk_plate_grid *grid, int64_t row, int64_t first,
                       int64_t count);

#endif
