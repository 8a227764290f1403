/* From the pixels of one exposure to those of another, interpolated on a grid with a checked bound.
 *
 * Exact coordinates cost microseconds a pixel.  A grid of exact nodes laid over exposure A, carried
 * into B, gives positions between the nodes by cubic interpolation (four nodes a side, Lagrange).
 * Where a decision is closer than the bound, wk_pixmap_exact is asked.
 */
#ifndef WELKIN_SKY_PIXMAP_H
#define WELKIN_SKY_PIXMAP_H

#include "footprint.h"
#include "welkin/status.h"
#include "welkin/wcs.h"

enum { wk_grid_largest = 128, wk_grid_smallest = 8 };

/* Nodes over one exposure with their places on the sky.  Cell (i, j) holds the pixels from
 * (i step, j step); its nodes, with one more on every side, are (i, j) to (i+3, j+3). */
typedef struct wk_grid {
    wk_wcs *wcs; /* borrowed; used as scratch */
    int64_t width, height;
    int64_t step; /* pixels between nodes, a power of two */
    int64_t cells_x, cells_y;
    double *sky;          /* [cells_y + 3][cells_x + 3][2] */
    double *areas;        /* [cells_y][cells_x]: solid angle of a pixel, arcsec^2; NaN: unknown */
    double (*weights)[4]; /* [step]: of the four nodes, for a pixel's place in its cell */
    size_t room, area_room;
} wk_grid;

/* Lay the nodes; buffers of an earlier use of *grid (or all zero) are reused. */
wk_status wk_grid_lay(wk_grid *grid, wk_wcs *wcs, int64_t width, int64_t height, int64_t step,
                      wk_error *error);
void wk_grid_release(wk_grid *grid);

/* The step to begin with for an image of this size. */
int64_t wk_grid_step(int64_t width, int64_t height);

typedef struct wk_pixmap {
    const wk_grid *from;
    wk_wcs *to;                                 /* borrowed; used as scratch */
    int64_t first_x, first_y, cells_x, cells_y; /* the cells that are covered */
    double *xy; /* [cells_y + 3][cells_x + 3][2]: the nodes' places in B; NaN where there is none */
    double bound; /* pixels of B: interpolated places of checked cells are better than this */
    double *work; /* for exact evaluation */
    size_t room, work_room;
} wk_pixmap;

/* Map the part of the grid that may see B.
 *
 * Given      footprint  B's
 *            bound      pixels of B
 * Returned   pixmap     buffers reused; cells_x or cells_y is 0 if nothing can be shared
 *            coarse     nonzero: the interpolation misses the bound; lay a finer grid
 */
wk_status wk_pixmap_lay(wk_pixmap *pixmap, int *coarse, const wk_grid *from, wk_wcs *to,
                        const wk_footprint *footprint, double bound, wk_error *error);
void wk_pixmap_release(wk_pixmap *pixmap);

/* The 4 x 4 nodes of one cell: x in nodes[0], y in nodes[1], each [row][column]. */
void wk_pixmap_nodes(double nodes[2][4][4], const wk_pixmap *pixmap, int64_t i, int64_t j);

/* Whether all nodes of a cell have a place in B. */
int wk_pixmap_known(const double nodes[2][4][4]);

/* Whether the interpolation is within the bound at the middle of a cell. */
wk_status wk_pixmap_check(int *good, wk_pixmap *pixmap, int64_t i, int64_t j, wk_error *error);

/* Exact places in B of n pixels of A: xy and out are double[n][2] and may be the same. */
wk_status wk_pixmap_exact(wk_pixmap *pixmap, int64_t n, const double *xy, double *out,
                          wk_error *error);

#endif
