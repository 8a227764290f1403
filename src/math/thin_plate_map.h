/* A thin plate over all pixels of an image: exact at the nodes of a square grid, cubic between. */
#ifndef WELKIN_MATH_THIN_PLATE_MAP_H
#define WELKIN_MATH_THIN_PLATE_MAP_H

#include "thin_plate.h"

typedef struct wk_plate_map wk_plate_map;

typedef struct wk_plate_map_report {
    int64_t step;       /* px between nodes: 64 to 4, of small images to 1; a power of 2 */
    int64_t error_step; /* of the errors, linear between; 0: none */
    double reached;     /* largest difference from the plate at the pixels looked at, both values */
    int64_t looked;     /* how many these are */
} wk_plate_map_report;

/* Make the nodes.
 *
 * Given      plate         is not kept
 *            width, height of the image; pixel (column, row) is the place x = column, y = row
 *            bound         of the difference, in the values' unit
 * Returned   map           to be freed
 * Status     WK_ARGUMENT   no pixels, or a bound that is not positive
 *            WK_MEMORY
 * Notes      1. The step is halved until the bound holds at the pixels looked at: the middles of
 *               cells all over the image and the pixels nearest to kernels.  At the kernels second
 *               derivatives go to infinity like a logarithm; a rough plate, above all one that
 *               interpolates noise, may miss the bound there at the least step: see reached.
 *            2. The same bits for any number of threads.  Memory: 16 bytes a node, and as many for
 *               a quarter of the nodes in between.
 */
wk_status wk_plate_map_create(wk_plate_map **map, const wk_plate *plate, int64_t width,
                              int64_t height, double bound, int with_errors,
                              const wk_context *context, wk_error *error);

void wk_plate_map_free(wk_plate_map *map);

const wk_plate_map_report *wk_plate_map_reported(const wk_plate_map *map);

/* Some pixels of a row.
 *
 * Given      row, first, count   within the image
 * Returned   x, y                [count] both values
 *            ex, ey              [count] their standard errors; NULL: not wanted; NaN if the map
 *                                has none
 * Notes      For any number of threads at once.
 */
void wk_plate_map_row(double *x, double *y, double *ex, double *ey, const wk_plate_map *map,
                      int64_t row, int64_t first, int64_t count);

#endif
