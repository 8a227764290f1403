/* What the picture of correlations says in words. */
#ifndef WELKIN_REPORT_FIGURE_FACT_H
#define WELKIN_REPORT_FIGURE_FACT_H

#include "figure_correlation.h"

/* How many outliers are listed by name at most. */
enum { WK_FACT_OUTLIERS = 8 };

/* The height of the words about one image, or of all images and the names of outliers. */
double wk_fact_height(const wk_correlation_picture *picture);

/* The title with its second line, the baselines at y and y + 34. */
void wk_fact_draw_head(wk_figure *figure, double x, double y, double room,
                       const wk_correlation_picture *picture);

wk_status wk_fact_draw(wk_figure *figure, wk_box box, const wk_correlation_picture *picture,
                       wk_error *error);

#endif
