/* Charts of many numbers: stems with error bars, histograms. */
#ifndef WELKIN_REPORT_FIGURE_CHART_H
#define WELKIN_REPORT_FIGURE_CHART_H

#include "figure_axis.h"

/* Values side by side, each a dot on a stem from zero. */
typedef struct wk_stems {
    const double *values; /* [count]; NaN: a gap */
    const double *errors; /* [count] or NULL; NaN: none */
    size_t count;
    wk_colour colour;
    const char *title;       /* above the chart */
    const char *name, *unit; /* of the values */
    const char *places;      /* what stands side by side, written below; NULL: bare */
} wk_stems;

typedef struct wk_bins {
    double low, high; /* edges of the first and the last bin */
    int64_t *counts;  /* [size] */
    int size;
    int64_t below, above; /* values outside */
    int64_t total;        /* finite values */
} wk_bins;

void wk_stems_draw(wk_figure *figure, wk_box box, const wk_stems *stems);

/* Sort values into equal bins that show the bulk of them: a few stragglers only count as outside.
 * Values that are not finite are left out.  The caller frees bins->counts with wk_memory_free. */
wk_status wk_bins_count(wk_bins *bins, const double *values, size_t count, wk_error *error);

/* A normal distribution of as many values as a histogram holds, to draw over it. */
typedef struct wk_bell {
    double mean, stddev;
    wk_colour colour;
} wk_bell;

typedef struct wk_bins_style {
    wk_colour colour;
    const wk_bell *bells; /* [bell_count] */
    int bell_count;
    int logarithmic;         /* nonzero: counts on a logarithmic axis, which shows the tails */
    const char *title;       /* above the chart */
    const char *name, *unit; /* of the values */
    const char *counted;     /* what the bins count; NULL: unsaid */
} wk_bins_style;

void wk_bins_draw(wk_figure *figure, wk_box box, const wk_bins *bins, const wk_bins_style *style);

#endif
