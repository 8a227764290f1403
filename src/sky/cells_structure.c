/* How far structure of the sky makes cells' values differ, from the values.
 *
 * An error that was measured has two parts: noise / sqrt(pixels), and what pixels may not resolve
 * of the structure in the cell.  The latter is a guess.  How good it is depends on the exposures:
 * on a common grid structure goes out entirely; where stars vary and trails cross it does not.  So
 * one factor for all second parts is taken from residuals: with A and G the factors of both parts
 * in the variance, the mean square of residuals in cells where the second part is p of the whole is
 * A (1 - p) + G p.  Two sets of cells tell both.
 */
#include <math.h>

#include "cells_offset.h"
#include "spread.h"

enum { fewest = 50 }; /* values in either set, lest the factor be chance */

static const double least = 0.1; /* what a mask hides does not go out on a common grid */
static const double most = 50.0;

typedef struct halves {
    const wk_sky_cell_model *model;
    wk_spread spread[2]; /* of residuals: noise is more than half of the variance, or structure */
    double parts[2];     /* sums of structure's parts of the variance */
} halves;

/* The square of structure's error before any factor; 0 also for what pixels that are counted
 * whole leave of it. */
static double square_of_structure(const wk_sky_cells *cells, const wk_sky_cell_value *value,
                                  double *own)
{
    double noise = cells->overlaps->members[value->member].noise, pixels = (double)value->pixels;
    double error = (double)value->error;
    *own = noise * noise / pixels;
    double square = (error * error - *own) / cells->structure;
    return square > *own / pixels && *own > 0.0 ? square : 0.0;
}

static wk_status take_block(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    halves *all = payload;
    const wk_sky_cell_model *model = all->model;
    (void)error;
    for (int64_t c = 0; c < block->count; c++)
        for (int32_t i = block->start[c]; i < block->start[c + 1]; i++) {
            const wk_sky_cell_value *value = &block->values[i];
            double own, square = square_of_structure(model->cells, value, &own);
            if (!(own > 0.0)) /* noise that is not known, or none */
                continue;
            double now = model->cells->structure * square, part = now / (own + now);
            double residual = wk_sky_cell_residual(model, value, block->sky[c]);
            wk_spread_add(&all->spread[part > 0.5], fabs(residual) * (double)value->unit);
            all->parts[part > 0.5] += part;
        }
    return WK_OK;
}

/* G / A, of medians, that single stars do not move. */
static double ratio(const halves *all)
{
    double square[2], part[2];
    for (int k = 0; k < 2; k++) {
        double sigma = wk_spread_sigma(&all->spread[k]);
        square[k] = sigma * sigma;
        part[k] = all->parts[k] / (double)all->spread[k].count;
    }
    double noise = square[0] * part[1] - square[1] * part[0];
    double structure = square[1] * (1.0 - part[0]) - square[0] * (1.0 - part[1]);
    return noise > 0.0 ? structure / noise : most;
}

wk_status wk_sky_cells_structure_find(double *factor, const wk_sky_cell_model *model,
                                      wk_error *error)
{
    halves all = {.model = model};
    *factor = model->cells->structure;
    wk_status status = wk_spread_open(&all.spread[0], error);
    if (status == WK_OK)
        status = wk_spread_open(&all.spread[1], error);
    if (status == WK_OK)
        status = wk_sky_cells_visit(model->cells, take_block, &all, 0, error);
    if (status == WK_OK && all.spread[0].count >= fewest && all.spread[1].count >= fewest)
        *factor = fmin(fmax(*factor * ratio(&all), least), most);
    wk_spread_clear(&all.spread[0]);
    wk_spread_clear(&all.spread[1]);
    return status;
}

typedef struct change {
    const wk_sky_cells *cells;
    double factor;
} change;

static wk_status change_block(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    const change *all = payload;
    (void)error;
    for (int32_t i = 0; i < block->start[block->count]; i++) {
        double own, square = square_of_structure(all->cells, &block->values[i], &own);
        if (square > 0.0)
            block->values[i].error = (float)sqrt(own + all->factor * square);
    }
    return WK_OK;
}

wk_status wk_sky_cells_structure_set(wk_sky_cells *cells, double factor, wk_error *error)
{
    change all = {cells, factor};
    if (fabs(factor - cells->structure) < 1e-9 * factor)
        return WK_OK;
    wk_status status = wk_sky_cells_visit(cells, change_block, &all, 1, error);
    if (status == WK_OK)
        cells->structure = factor;
    return status;
}
