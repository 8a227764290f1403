/* A solution stays with its cells, for reports. */
#include <string.h>

#include "cells.h"
#include "memory.h"

wk_status wk_sky_cells_keep(wk_sky_cells *cells, wk_sky_cell_model *model, wk_sky_cell_gauge *gauge,
                            wk_error *error)
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
