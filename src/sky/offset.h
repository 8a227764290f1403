/* The inside of an offset: what the models share. */
#ifndef WELKIN_SKY_OFFSET_H
#define WELKIN_SKY_OFFSET_H

#include "hull.h"
#include "quadrant.h"
#include "welkin/offset.h"

#define WK_OFFSET_TOUCH 1e-9 /* pixels: nearer than this two places are one */

/* Stars with finite numbers, in the order of the table. */
typedef struct wk_offset_points {
    double *x, *y, *value[2];
    int64_t *row;  /* in the table */
    int64_t *twin; /* the first star at the same place; its own number if there is none before */
    int64_t count, given;
    int64_t *touching; /* stars on pixels of the image, last first */
    int64_t touching_count;
} wk_offset_points;

/* A model as functions.  open makes what one thread needs to evaluate rows (NULL: nothing); row
 * fills x, y and, where they are wanted, the errors of one whole row; release frees the model. */
typedef struct wk_offset_kind {
    wk_status (*open)(void **walk, const wk_offset *offset, wk_error *error);
    wk_status (*row)(const wk_offset_planes *planes, void *walk, const wk_offset *offset,
                     int64_t row, wk_error *error);
    void (*close)(void *walk);
    void (*release)(void *model);
    size_t (*bytes)(const wk_offset *offset); /* of a walk; NULL: few */
} wk_offset_kind;

struct wk_offset {
    wk_offset_facts facts;
    wk_offset_trial *trials;
    wk_offset_options options;
    wk_offset_points points;
    double *residual[2];  /* [points.count] leave-one-out */
    unsigned char *used;  /* [points.count] */
    wk_quadrants *around; /* all stars, half-open; NULL without stars */
    wk_hull hull;
    const wk_offset_kind *kind;
    void *model;
};

/* Check and copy what is given, with no model yet. */
wk_status wk_offset_prepare(wk_offset **out, const wk_offset_stars *stars, int64_t width,
                            int64_t height, const wk_offset_options *options, wk_error *error);

/* The models: set kind, model, residuals, used and facts. */
wk_status wk_offset_fit_nearest(wk_offset *offset, const wk_context *context, wk_error *error);
wk_status wk_offset_fit_fade(wk_offset *offset, const wk_context *context, wk_error *error);
wk_status wk_offset_fit_seed(wk_offset *offset, const wk_context *context, wk_error *error);
wk_status wk_offset_fit_polynomial(wk_offset *offset, const wk_context *context, wk_error *error);
wk_status wk_offset_fit_spline(wk_offset *offset, const wk_context *context, wk_error *error);

/* The one that facts.model, order and smooth name. */
wk_status wk_offset_fit_one(wk_offset *offset, const wk_context *context, wk_error *error);

/* All of them; the best in out. */
wk_status wk_offset_fit_best(wk_offset **out, const wk_offset_stars *stars, int64_t width,
                             int64_t height, const wk_offset_options *options,
                             const wk_context *context, wk_error *error);

/* Leave-one-out rms over the used stars from the residuals. */
void wk_offset_rate(wk_offset *offset);

/* Evaluating by one thread. */
typedef struct wk_offset_walk wk_offset_walk;
wk_status wk_offset_walk_open(wk_offset_walk **out, const wk_offset *offset, wk_error *error);
wk_status wk_offset_walk_row(const wk_offset_planes *planes, wk_offset_walk *walk, int64_t row,
                             wk_error *error);
void wk_offset_walk_close(wk_offset_walk *walk);

/* Bytes that one thread's walk holds. */
size_t wk_offset_walk_bytes(const wk_offset *offset);

#endif
