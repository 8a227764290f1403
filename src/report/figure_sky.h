/* Footprints on the sky, each filled with a colour. */
#ifndef WELKIN_REPORT_FIGURE_SKY_H
#define WELKIN_REPORT_FIGURE_SKY_H

#include "figure_axis.h"

/* Closed outlines on the sky; all pointers are borrowed. */
typedef struct wk_sky_shapes {
    const double *const *outlines; /* [count], each double[corners][2]: ra, dec; NULL: unknown */
    const size_t *corners;         /* [count] */
    const char *const *names;      /* [count] or NULL */
    size_t count;
} wk_sky_shapes;

/* How the sky is laid flat: about a centre, east to the left. */
typedef struct wk_sky_view {
    double centre[3], east[3], north[3]; /* unit vectors */
    double ra, dec;                      /* of the centre, degrees */
    double reach;                        /* largest distance of a shape from the centre, degrees */
    int wide;               /* reach is over 30 degrees: zenithal equal-area instead of gnomonic */
    double low[2], high[2]; /* the range of x (east) and y (north) of all shapes, degrees */
    double corner;          /* median larger side of the shapes' boxes, degrees */
    size_t drawn;           /* shapes with at least three finite corners */
} wk_sky_view;

/* What is drawn of the values. */
typedef struct wk_sky_paint {
    const double *values; /* [count]; NaN: grey and hatched */
    double low, high;     /* values of the map's ends */
    wk_colour_map map;
    const char *name, *unit; /* of the values, for the colour bar */
    const char *unknown;     /* what the hatched shapes are, for the legend */
} wk_sky_paint;

/* Choose centre, projection and range. */
wk_status wk_sky_view_fit(wk_sky_view *view, const wk_sky_shapes *shapes, wk_error *error);

/* Degrees east and north of the centre; 0 if the place cannot be shown or is not finite. */
int wk_sky_project(const wk_sky_view *view, double ra, double dec, double xy[2]);

/* The point halfway along the great circle between two positions. */
void wk_sky_middle(const double from[2], const double to[2], double middle[2]);

/* Canvas units of a degree in a box, and where in it degrees east and north of the centre lie. */
double wk_sky_scale(wk_box box, const wk_sky_view *view);
void wk_sky_place(double place[2], wk_box box, const wk_sky_view *view, const double xy[2]);

/* Draw outlines, frame and axes alone, over something else. */
void wk_sky_draw_ground(wk_figure *figure, wk_box box, const wk_sky_view *view,
                        const wk_sky_shapes *shapes);

/* Draw the shapes in a box, with axes below and left and a colour bar at the right. */
void wk_sky_draw(wk_figure *figure, wk_box box, const wk_sky_view *view,
                 const wk_sky_shapes *shapes, const wk_sky_paint *paint);

#endif
