/* The picture of a match by cells. */
#ifndef WELKIN_REPORT_FIGURE_CELLS_H
#define WELKIN_REPORT_FIGURE_CELLS_H

#include "cells.h"
#include "figure_chart.h"
#include "figure_mosaic.h"

enum { WK_FIGURE_CELLS_WIDTH = 1800, WK_FIGURE_CELLS_HEIGHT = 2080, WK_FIGURE_CELLS_BINS = 96 };

/* What one pass over the cells gathers. */
typedef struct wk_cells_seen {
    const wk_sky_cell_model *model;
    wk_mosaic mosaic; /* layers: differences before and after */
    wk_zone zone;
    wk_bins bins; /* of residuals in their standard deviations */
    int64_t counts[WK_FIGURE_CELLS_BINS];
    double before, after; /* sums of squares, then rms, over all cells */
} wk_cells_seen;

/* Gather; release with wk_mosaic_release(&seen->mosaic), also after a failure. */
wk_status wk_cells_see(wk_cells_seen *seen, const wk_sky_cells *cells, wk_box box,
                       const wk_sky_view *view, wk_error *error);

/* Where the maps lie: 0 before, 1 after, 2 after with its own colours, 3 the weakest modes; and the
 * histogram. */
wk_box wk_figure_cells_map(int which);
wk_box wk_figure_cells_chart(void);

/* What is drawn; all of it is borrowed. */
typedef struct wk_cells_picture {
    wk_sky_shapes shapes;
    const wk_sky_cells *cells;
    const wk_solution *solution;
    const wk_sky_report *report;
} wk_cells_picture;

/* The lower parts: how weakly levels are bound, or, where no combination is known, their errors;
 * and the numbers in words. */
wk_status wk_cells_weak_draw(wk_figure *figure, wk_box box, const wk_sky_view *view,
                             const wk_cells_picture *picture, wk_error *error);
void wk_cells_facts_draw(wk_figure *figure, wk_box box, const wk_cells_picture *picture);

#endif
