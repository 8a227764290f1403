/* The picture of an image's offsets. */
#ifndef WELKIN_REPORT_FIGURE_OFFSET_H
#define WELKIN_REPORT_FIGURE_OFFSET_H

#include "welkin/figure.h"
#include "figure.h"

/* The canvas of an image of this shape, and where its four panels lie: offsets in x and y,
 * residuals, jumps. */
void wk_figure_offset_size(int *width, int *height, int64_t image_width, int64_t image_height);
wk_box wk_figure_offset_box(int64_t image_width, int64_t image_height, int panel);

/* Draw on a canvas of that size. */
wk_status wk_figure_offset_draw(wk_figure *figure, const wk_offset_picture *picture,
                                wk_error *error);

#endif
