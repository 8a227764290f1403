/* One exposure's pixels, gathered into the cells of the sky. */
#ifndef WELKIN_SKY_TALLY_H
#define WELKIN_SKY_TALLY_H

#include "pixmap.h"
#include "tally_add.h"
#include "welkin/image.h"
#include "zone.h"

/* What an exposure measured in one cell, in the image's units. */
typedef struct wk_tally_cell {
    int64_t key; /* wk_zone_key */
    double value;
    float error;    /* standard error of value; 0: unknown */
    float x, y;     /* mean place of the pixels used, -1..1 from edge to edge of the image */
    int32_t pixels; /* nearest to their sum of areas */
} wk_tally_cell;

/* Whether a cap (unit vector, radians) may hold pixels that matter. */
typedef int (*wk_tally_wanted)(const void *payload, const double centre[3], double radius);

/* Buffers reused from exposure to exposure; start from all zero bytes. */
typedef struct wk_tally {
    wk_grid grid;
    wk_wcs *wcs;
    double *plane; /* [cells_y + 3][cells_x + 3][2]: the grid's nodes in units of cells */
    size_t plane_room;
    wk_tally_sum *sums; /* [rows][columns] */
    size_t sum_room;
    int64_t first_u, first_v, columns, rows;
    uint8_t *wanted; /* [cells_y][cells_x] of the grid */
    size_t wanted_room;
} wk_tally;

/* Measure all cells that an exposure covers well.
 *
 * Given      pitch   arcsec
 *            noise   standard deviation of a pixel's noise; NaN: unknown
 *            wanted  asked for each of the grid's cells, grown by more than a cell of the sky, so
 *                    that cells that reach into what is wanted are whole; NULL: all are
 * Returned   cells   ascending keys; grown, caller frees with wk_memory_free
 *            count
 * Notes      1. A pixel on a cell's border belongs to the cells on either side by its area there
 *               (wk_tally_add).  Places are interpolated between exact ones to 1e-3 of a pixel;
 *               pixels without a place on the sky are left out.
 *            2. A cell counts if at least 0.9 of its pixels are good, those beyond the image's
 *               border counted by the cell's area; beyond it there must be no more than 0.03.
 *            3. error: of noise^2 / n, and of the variance that noise does not explain 0.2 / n
 *               and 0.3 times the square of the part of the cell that is missing.
 */
wk_status wk_tally_measure(wk_tally_cell **cells, int64_t *count, wk_tally *tally,
                           const wk_wcs *wcs, const wk_pixels *pixels, double pitch, double noise,
                           wk_tally_wanted wanted, const void *payload, wk_error *error);

void wk_tally_release(wk_tally *tally);

#endif
