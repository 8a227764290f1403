/* The picture of a variance plane's agreement with the noise. */
#ifndef WELKIN_REPORT_FIGURE_VARIANCE_H
#define WELKIN_REPORT_FIGURE_VARIANCE_H

#include "welkin/variance.h"
#include "figure_chart.h"

enum { WK_FIGURE_VARIANCE_WIDTH = 1800, WK_FIGURE_VARIANCE_HEIGHT = 960 };

/* Where the charts lie: counts on a linear and on a logarithmic axis. */
wk_box wk_figure_variance_box(int logarithmic);

/* The median of binned values, even within its bin; the nearer end where it lies outside, 0 for no
 * values. */
double wk_bins_median(const wk_bins *bins);

/* Draw on a canvas of that size. */
void wk_figure_variance_draw(wk_figure *figure, const wk_bins *bins,
                             const wk_variance_result *result, const char *name);

#endif
