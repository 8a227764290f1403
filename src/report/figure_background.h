/* The picture of a background, from plain arrays or from any source of a model. */
#ifndef WELKIN_REPORT_FIGURE_BACKGROUND_H
#define WELKIN_REPORT_FIGURE_BACKGROUND_H

#include "welkin/background.h"
#include "figure.h"

/* Everything is borrowed. */
typedef struct wk_background_picture {
    const char *name, *unit; /* of the image; unit NULL: image units */
    int64_t width, height;   /* of the image, pixels */
    const float *level;      /* [rows][columns], the model at places spread over the image */
    const float *rms;        /* [rows][columns] */
    int64_t columns, rows;
    int smooth;                      /* nonzero: the model has no steps */
    int64_t nx, ny;                  /* cells */
    const double *edges_x, *edges_y; /* [nx + 1], [ny + 1], pixels; NULL: cells of equal size */
    const float *residual;           /* [ny][nx] measured - model; NaN: empty */
    int in_errors;                   /* nonzero: residual is in units of its error */
    const float *used;               /* [ny][nx] good pixels as fraction of the cell */
    int64_t empty;                   /* cells */
    wk_background_summary summary;
} wk_background_picture;

/* The canvas of an image of this shape, and where its four panels lie: model, rms, residual,
 * pixels used. */
void wk_figure_background_size(int *width, int *height, int64_t image_width, int64_t image_height);
wk_box wk_figure_background_box(int64_t image_width, int64_t image_height, int panel);

/* Draw on a canvas of that size. */
wk_status wk_figure_background_draw(wk_figure *figure, const wk_background_picture *picture,
                                    wk_error *error);

/* A model from anywhere; fill as wk_background_fill. */
typedef struct wk_background_source {
    int64_t width, height;
    int smooth;
    const wk_mesh *mesh;
    wk_background_summary summary;
    wk_status (*fill)(const void *model, wk_background_plane plane, wk_rect rect, wk_view out,
                      wk_error *error);
    const void *model;
} wk_background_source;

wk_status wk_figure_background_from(const char *path, const wk_background_source *source,
                                    const char *name, const char *unit, int overwrite,
                                    wk_error *error);

#endif
