/* Filling and filtering a mesh of cell values, [ny][nx], NaN: empty. */
#ifndef WELKIN_SKY_MESH_FILTER_H
#define WELKIN_SKY_MESH_FILTER_H

#include "welkin/status.h"

/* What a median filter does at the edges of the mesh. */
typedef enum wk_window {
    WK_WINDOW_CENTRED, /* shrinks on both sides: a plane stays a plane */
    WK_WINDOW_CUT,     /* is cut off */
    WK_WINDOW_MIRROR   /* cells are mirrored, the outer one repeated */
} wk_window;

/* Replace each value by the median of the finite ones within width x height cells (odd) around it;
 * NaN where there is none. */
wk_status wk_mesh_filter(float *values, int64_t nx, int64_t ny, int64_t width, int64_t height,
                         wk_window window, wk_error *error);

/* Give empty cells the mean of their nearest neighbours that are not (by centre, all at the least
 * distance). */
wk_status wk_mesh_fill_nearest(float *values, int64_t nx, int64_t ny, wk_error *error);

/* Give empty cells the mean of the 10 nearest, weighed by the inverse of the distance; those that
 * share the tenth's distance share its place. */
wk_status wk_mesh_fill_inverse(float *values, int64_t nx, int64_t ny, wk_error *error);

/* Give empty cells the median of all. */
wk_status wk_mesh_fill_median(float *values, int64_t nx, int64_t ny, wk_error *error);

/* The median of the finite values among count; NaN for none.  They are reordered. */
double wk_mesh_median(float *values, int64_t count);

#endif
