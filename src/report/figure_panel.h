/* A grid of numbers as a picture of the image that it covers. */
#ifndef WELKIN_REPORT_FIGURE_PANEL_H
#define WELKIN_REPORT_FIGURE_PANEL_H

#include "figure_axis.h"

/* Which values get the ends of the colour map. */
typedef enum wk_panel_limits {
    WK_PANEL_FOUND = 0, /* nearly all values lie between them */
    WK_PANEL_GIVEN,     /* low and high */
    WK_PANEL_ABOUT_ZERO /* nearly all values lie between them; equally far from zero, and at least
                           high */
} wk_panel_limits;

/* Everything is borrowed. */
typedef struct wk_panel {
    const float *values; /* [ny][nx], the first row is the lowest; not finite: grey */
    int64_t nx, ny;
    double width, height;            /* of the image in pixels: it ends at -0.5 and width - 0.5 */
    const double *edges_x, *edges_y; /* [nx + 1], [ny + 1]: of the columns and rows, in pixels,
                                        ascending over the image; NULL: equally wide */
    int smooth;                      /* nonzero: values flow into each other; else blocks */
    wk_colour_map map;
    wk_panel_limits limits;
    double low, high;
    int logarithmic; /* nonzero: values, low and high are decimal logarithms of what is named */
    const char *title;
    const char *name, *unit; /* of the values, for the colour bar; unit NULL: a pure number */
    const char *unknown;     /* what is grey, for the note below */
} wk_panel;

/* The colours' range. */
typedef struct wk_panel_range {
    double low, high;
    int beyond;     /* bit 1, bit 2: finite values lie below low, above high */
    int64_t finite; /* values; without any the rest is 0 */
    int constant;   /* nonzero: the values differ by no more than float32's rounding */
} wk_panel_range;

/* Find the range.  Percentiles 0.5 and 99.5, unless the extremes are hardly farther out. */
wk_status wk_panel_range_find(wk_panel_range *range, const wk_panel *panel, wk_error *error);

/* Where an image of this shape lies in a box: at its left, in the middle of its height, as large
 * as fits, on whole canvas units.  What is very thin is drawn thicker than it is. */
wk_box wk_panel_image(wk_box box, double width, double height);

/* Where on the canvas a place of the image in pixels lies; 0 if it is not in the image. */
int wk_panel_place(double place[2], wk_box image, double width, double height, double x, double y);

/* The axes of an image and the title above it. */
void wk_panel_frame(wk_figure *figure, wk_box image, double width, double height,
                    const char *title);

/* Draw the image into the box, axes, title, colour bar and note around it: 60 units above, 180 at
 * the right, 110 below, 110 at the left. */
wk_status wk_panel_draw(wk_figure *figure, wk_box box, const wk_panel *panel, wk_error *error);

#endif
