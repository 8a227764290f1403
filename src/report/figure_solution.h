/* The picture of a solution, from plain arrays. */
#ifndef WELKIN_REPORT_FIGURE_SOLUTION_H
#define WELKIN_REPORT_FIGURE_SOLUTION_H

#include "figure_sky.h"

/* Everything is borrowed. */
typedef struct wk_figure_levels {
    wk_sky_shapes shapes;  /* the exposures */
    const double *levels;  /* [shapes.count]; NaN: undetermined */
    const double *remains; /* [shapes.count], rms difference to neighbours after; NaN: unknown */
    const double *before;  /* [overlaps], differences as measured */
    const double *after;   /* [overlaps], what the levels leave of them; NaN: not used */
    const double *errors;  /* [overlaps], standard errors; NaN: unknown */
    size_t overlaps;       /* measured ones */
    size_t unmeasured;     /* other overlaps */
    size_t components;
    double rms_before, rms_after;
} wk_figure_levels;

enum { WK_FIGURE_WIDTH = 1800, WK_FIGURE_HEIGHT = 1320 };

/* Where the panels lie: the maps before and after, and the charts below. */
wk_box wk_figure_map_box(int after);
wk_box wk_figure_chart_box(int after);

/* Draw on a canvas of WK_FIGURE_WIDTH x WK_FIGURE_HEIGHT. */
wk_status wk_figure_levels_draw(wk_figure *figure, const wk_figure_levels *levels, wk_error *error);

/* Half the range of the colours about the median: the largest deviation, or with many values the
 * 99th percentile of its size.  0 if all are equal or none is finite. */
wk_status wk_figure_spread(double *median, double *spread, const double *values, size_t count,
                           wk_error *error);

#endif
