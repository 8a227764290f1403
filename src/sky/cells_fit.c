/* A solution stays with its cells, for reports. */
#include <math.h>
#include <string.h>

#include "cells.h"
#include "memory.h"
#include "status.h"

wk_status wk_sky_cells_keep_fit(wk_sky_cells *cells, wk_sky_cell_model *model,
                                wk_sky_cell_gauge *gauge, wk_error *error)
{
    wk_sky_cells_forget_fit(cells);
    wk_sky_cell_fit *fit = wk_memory_new(1, sizeof *fit, error);
    if (!fit)
        return WK_MEMORY;
    fit->model = *model;
    fit->gauge = *gauge;
    fit->gauge.model = &fit->model;
    memset(model, 0, sizeof *model);
    memset(gauge, 0, sizeof *gauge);
    cells->fit = fit;
    return WK_OK;
}

void wk_sky_cells_forget_fit(wk_sky_cells *cells)
{
    if (!cells->fit)
        return;
    wk_sky_cell_gauge_clear(&cells->fit->gauge);
    wk_sky_cell_model_clear(&cells->fit->model);
    wk_memory_free(cells->fit);
    cells->fit = NULL;
}

wk_status wk_sky_cells_shifts(double **shifts, const wk_sky_cells *cells,
                              const wk_solution *solution, wk_error *error)
{
    const wk_sky_cell_fit *fit = cells->fit;
    *shifts = NULL;
    if (!fit || solution->fields != wk_overlaps_fields(cells->overlaps) ||
        solution->items != wk_overlaps_told(cells->overlaps))
        return wk_error_set(error, WK_ARGUMENT, "", "the cells have not been matched");
    const wk_sky_cell_model *model = &fit->model;
    double *out = *shifts = wk_memory_new((size_t)model->nodes, sizeof *out, error);
    if (!out)
        return WK_MEMORY;
    for (int64_t i = 0; i < model->nodes; i++) {
        size_t item = cells->overlaps->item_numbers[i];
        /* nothing shifts a reference, whose item is the last */
        double level = item < solution->items ? solution->item_levels[item] : (double)NAN;
        out[i] = isfinite(level) ? level - model->coefficients[i * model->size] : 0.0;
    }
    return WK_OK;
}
