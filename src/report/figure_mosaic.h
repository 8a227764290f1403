/* Many small squares of the sky, averaged to a picture's resolution. */
#ifndef WELKIN_REPORT_FIGURE_MOSAIC_H
#define WELKIN_REPORT_FIGURE_MOSAIC_H

#include "figure_sky.h"

/* Layers of the same squares with different values, as large as the box.  While squares come in,
 * values are sums times the part of a pixel that they cover; then means, NaN where nothing is. */
typedef struct wk_mosaic {
    wk_box box;
    const wk_sky_view *view; /* borrowed */
    int width, height, layers;
    double *values; /* [layers][height][width], the first row is the highest */
    double *covers; /* [height][width] */
    double scale;   /* canvas units a degree */
} wk_mosaic;

/* Begin empty; release with wk_mosaic_release, also after a failure. */
wk_status wk_mosaic_open(wk_mosaic *mosaic, wk_box box, const wk_sky_view *view, int layers,
                         wk_error *error);
void wk_mosaic_release(wk_mosaic *mosaic);

/* Add a square about a place on the sky; its sides are drawn along the picture's. */
void wk_mosaic_add(wk_mosaic *mosaic, const double sky[2], double side, const double *values);

/* Turn sums into means. */
void wk_mosaic_finish(wk_mosaic *mosaic);

/* The size that 99 of 100 of a layer's pixels do not exceed; 0 if there is none. */
wk_status wk_mosaic_spread(double *spread, const wk_mosaic *mosaic, int layer, wk_error *error);

/* How a layer is drawn: from -half to half, in a box as large as the mosaic's. */
typedef struct wk_mosaic_paint {
    double half;
    const char *title;
    const char *name, *unit; /* of the values, for the colour bar */
} wk_mosaic_paint;

/* Draw a layer with outlines over it, axes, and a colour bar at the right. */
void wk_mosaic_draw(wk_figure *figure, wk_box box, const wk_mosaic *mosaic, int layer,
                    const wk_sky_shapes *shapes, const wk_mosaic_paint *paint);

#endif
