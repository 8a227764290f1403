/* The picture of an image's histogram. */
#ifndef WELKIN_REPORT_FIGURE_HISTOGRAM_H
#define WELKIN_REPORT_FIGURE_HISTOGRAM_H

#include "welkin/summary.h"
#include "figure_chart.h"

enum { WK_FIGURE_HISTOGRAM_WIDTH = 1800, WK_FIGURE_HISTOGRAM_HEIGHT = 860 };

/* Where the charts lie: counts on a linear and on a logarithmic axis. */
wk_box wk_figure_histogram_box(int logarithmic);

/* Where a value stands in such a chart. */
double wk_figure_histogram_place(wk_box box, const wk_summary *summary, double value);

/* Draw on a canvas of that size. */
void wk_figure_histogram_draw(wk_figure *figure, const wk_summary *summary, const char *name,
                              const char *unit);

#endif
