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

/* Of the primary HDU, which has been selected; path is what an error names. */
int wk_cells_is_true(wk_fits *fits, const char *keyword);
wk_status wk_cells_statistic_read(wk_statistic_options *out, wk_fits *fits, const char *path,
                                  wk_error *error);

/* What cannot be in a row that was read, as "COLUMN is ..."; NULL: all of it can.  zones: how many
 * there are. */
const char *wk_cells_exposure_fault(const wk_cells_exposure *exposure);
const char *wk_cells_corner_fault(const wk_cells_corner *corner, const wk_cells_exposure *exposure);
const char *wk_cells_cell_fault(const wk_tally_cell *cell, const wk_cells_exposure *exposure,
                                int64_t zones);

#endif
