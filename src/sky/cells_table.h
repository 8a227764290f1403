/* Tables of cells as FITS files: what each exposure measured, to be matched later.
 *
 * Primary HDU: CELLVERS, PITCH, STAT*.  EXPOSURES: a row for each, in the order they were given.
 * OUTLINES: the corners of their footprints.  CELLS: each exposure's rows together, ascending keys.
 */
#ifndef WELKIN_SKY_CELLS_TABLE_H
#define WELKIN_SKY_CELLS_TABLE_H

#include "cells.h"
#include "fits_record.h"

enum { wk_cells_version = 1 };

struct wk_cells_exposure {
    char *name, *file, *detector, *group;
    int64_t hdu, width, height;
    double flux;
    int64_t reference; /* nonzero: its background is known to be zero */
    int64_t good;
    double noise;    /* compared units */
    int64_t covered; /* pixels of the whole exposure; 0: it was not measured */
    int64_t pixels;
    double value, mean, stddev, min, max, error; /* of the whole exposure */
    double samples[wk_sky_cell_samples][2];
    double cap[6];                        /* centre, radius, scale, growth of the footprint */
    int64_t corner, corners, cell, cells; /* first row and number of rows in OUTLINES and CELLS */
};

typedef struct wk_cells_corner {
    double sky[2];
} wk_cells_corner;

extern const wk_fits_record_form wk_cells_exposure_form, wk_cells_corner_form, wk_cells_cell_form;

void wk_cells_exposure_release(wk_cells_exposure *exposure);

#endif
