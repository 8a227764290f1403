/* Intermediate steps as FITS files: a method that can be looked at. */
#ifndef WELKIN_CHECK_H
#define WELKIN_CHECK_H

#include "welkin/cells.h"
#include "welkin/match.h"
#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Write which pixels each overlap was measured on.
 *
 * Given      overlaps   found, and measured if the numbers are to be those of a ledger
 *            names      char*[fields]
 *            sizes      int64[fields][2]: width and height
 *            load, payload  as for wk_overlaps_measure; every field is loaded once more
 * Status     WK_EXISTS, WK_FILE, what load returns
 * Notes      An empty primary HDU, then one int32 image a field in order: EXTNAME OVERLAPS, EXTVER
 *            its number from 1, EXPOSURE its name, and for each overlap of its item BITn = the
 *            overlap's place in wk_overlaps_get (and in the ledger's overlaps[]).  Bit n is set in
 *            the good pixels of that overlap.  The file appears whole or not at all; memory is one
 *            field's.
 */
WK_API wk_status wk_check_match(const char *path, const wk_overlaps *overlaps,
                                const char *const *names, const int64_t (*sizes)[2], size_t fields,
                                wk_field_load load, void *payload, int overwrite, wk_error *error);

/* Write shared cells and what a solution makes of them as tables.
 *
 * Given      cells     matched
 *            solution  the last one of these cells
 *            report    of this solution
 *            names     char*[fields]
 * Status     WK_ARGUMENT  no solution; WK_EXISTS, WK_FILE
 * Notes      1. An empty primary HDU with PITCH (arcsec), ORDER and SCALE, and three tables.
 *            2. CELLS has a row for each value, cell after cell: EXPOSURE (row of EXPOSURES, from
 *               0), KEY, RA, DEC (centre of the cell, deg), X, Y (mean place of its pixels, from
 *               0), VALUE, ERROR, PIXELS, BACKGROUND, SKY, RESIDUAL = VALUE - BACKGROUND - SKY,
 *               SIGMA (its standard deviation), WEIGHT (1: not cut).  Values are the image's
 *               times its FLUX.  BACKGROUND is the mean over the cell's pixels: quadratics have
 *               (PIXELS + 1) / 12 added to the squares of X and Y less the centre.
 *            3. EXPOSURES: NAME, COMPONENT, VALID, FLUX, SKY, ERROR, COEFFICIENTS, COVARIANCE,
 *               CENTRE, SCALE, CELLS, CHI2, CHI2_EXPECTED, PULL, OUTLIERS; image's units.
 *            4. OVERLAPS: A, B (items), CELLS, RESIDUAL, PULL, CHI2.
 *            5. The file appears whole or not at all; memory is one block of cells, whatever
 *               their number.
 */
WK_API wk_status wk_check_cells(const char *path, const wk_sky_cells *cells,
                                const wk_solution *solution, const wk_sky_report *report,
                                const char *const *names, int overwrite, wk_error *error);

#ifdef __cplusplus
}
#endif

#endif
