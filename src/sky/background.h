/* The inside of a background model. */
#ifndef WELKIN_SKY_BACKGROUND_H
#define WELKIN_SKY_BACKGROUND_H

#include "mesh.h"
#include "surface.h"
#include "welkin/background.h"

struct wk_background {
    wk_background_options options;
    wk_cells grid;
    wk_measured measured;
    float *level, *rms;      /* [ny][nx]: the nodes */
    double *weights;         /* [ny][nx]: of the cells in a polynomial */
    wk_surface *surfaces[2]; /* by wk_background_plane; no rms: NULL */
    wk_mesh mesh;
};

/* From what was measured to nodes and surfaces; may be called again after a new measurement. */
wk_status wk_background_build(wk_background *background, wk_error *error);

/* A model of that size without cells, to be filled by the caller. */
wk_status wk_background_new(wk_background **out, const wk_background_options *options,
                            wk_error *error);

/* The style by which a surface is made. */
wk_surface_style wk_background_style(const wk_background_options *options);

#endif
