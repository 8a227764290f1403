/* What a preview holds, and its parts on the canvas. */
#ifndef WELKIN_REPORT_PREVIEW_PANEL_H
#define WELKIN_REPORT_PREVIEW_PANEL_H

#include "welkin/preview.h"
#include "figure.h"
#include "stretch.h"
#include "thumbnail.h"

/* One image; borrows what its image borrows. */
typedef struct wk_preview_panel {
    wk_preview_image image;
    wk_thumbnail thumbnail;
    int64_t enlarging;
} wk_preview_panel;

struct wk_preview {
    wk_preview_options options;
    wk_preview_panel *panels; /* [count] */
    size_t count;
    double limits[2];
    float *sorted; /* for HISTEQ: the drawn values between the limits */
    wk_stretch stretch;
};

/* A line of the legend, and the room of one entry. */
enum { WK_LEGEND_LINE = 36, WK_LEGEND_COLUMN = 330 };

/* Where everything lies. */
typedef struct wk_preview_layout {
    int width, height; /* of the canvas */
    int bare;          /* nonzero: the image alone */
    int columns, rows;
    double left, top, right, below; /* room around each image */
    wk_box cell;                    /* of the first image, with its room */
    double legend;                  /* upper edge of the legend of the mask */
} wk_preview_layout;

/* Status WK_ARGUMENT: too large for a picture. */
wk_status wk_preview_lay(wk_preview_layout *layout, const wk_preview *preview, wk_error *error);

/* The picture of one image. */
wk_box wk_preview_box(const wk_preview_layout *layout, const wk_preview *preview, size_t index);

/* The colour of a shade 0..1; NaN: that of pixels that are not finite. */
wk_colour wk_preview_colour(const wk_preview_options *options, double shade);

/* The colour of the index-th mask plane that is drawn. */
wk_colour wk_preview_plane_colour(size_t index);

/* Whether two planes of two images are the same: drawn in one colour, named once.  The index of the
 * plane among the names of all images, in order of first appearance. */
size_t wk_preview_plane_index(const wk_preview *preview, size_t panel, size_t plane);

/* The names of all planes that occur; returns how many, at most room. */
typedef struct wk_preview_plane {
    const char *name;
    size_t index;
    int64_t flagged, pixels; /* of all images with this plane */
} wk_preview_plane;
size_t wk_preview_planes(wk_preview_plane *out, size_t room, const wk_preview *preview);

/* Paint the pixels of an image, its mask over them. */
wk_status wk_preview_paint(wk_figure *figure, wk_box box, const wk_preview *preview, size_t index,
                           wk_error *error);

/* Write an image alone as PNG, a byte a pixel. */
wk_status wk_preview_write_bare(const char *path, const wk_preview *preview, int overwrite,
                                wk_error *error);

/* A colour bar at the right of a box so high. */
void wk_preview_bar(wk_figure *figure, wk_box box, const wk_preview *preview);

/* A value near one whose shade is given, as round as the shade allows, and the step it is a
 * multiple of. */
double wk_preview_round(double *step, const wk_stretch *stretch, double shade);

#endif
