/* The simulated sky: a catalogue of stars and galaxies, and a smooth nebula.
 *
 * It is a function of sky position alone and knows nothing of exposures.  Brightness is per pixel
 * of the nominal scale, whatever a distortion makes of a pixel's area: two exposures see the same
 * value at the same position.
 */
#ifndef WELKIN_SKY_SIMULATE_SCENE_H
#define WELKIN_SKY_SIMULATE_SCENE_H

#include "welkin/simulate.h"

#include "simulate_frame.h"

#define WK_SCENE_WAVES 12

/* What the streams of random numbers are for. */
enum {
    WK_RANDOM_PLACE = 1,
    WK_RANDOM_SHAPE,
    WK_RANDOM_NEBULA,
    WK_RANDOM_POINTING,
    WK_RANDOM_LEVEL,
    WK_RANDOM_DISTORTION,
    WK_RANDOM_NOISE,
    WK_RANDOM_BLEMISH
};

typedef struct wk_scene_wave {
    double share, phase;
    double cycles[2]; /* per radian of sky, towards the mosaic's east and north */
} wk_scene_wave;

typedef struct wk_scene {
    wk_mosaic_frame frame;
    uint64_t seed;
    double scale; /* arcsec of a nominal pixel */
    double nebula;
    double shortest; /* wavelength of the nebula, degrees */
    wk_scene_wave waves[WK_SCENE_WAVES];
    wk_simulated_source *sources; /* sorted into cells of the mosaic plane, row by row */
    int64_t count;
    double low[2], cell; /* degrees */
    int64_t nx, ny;
    int64_t *start; /* [nx * ny + 1] first source of each cell */
} wk_scene;

/* What is wanted of a scene. */
typedef struct wk_scene_plan {
    uint64_t seed;
    double ra, dec;
    double half[2]; /* half sides of the covered rectangle of the mosaic plane, degrees */
    double cell;    /* side of a cell, degrees */
    double scale;   /* arcsec */
    double nebula;
    int64_t stars, galaxies;
} wk_scene_plan;

/* Release with wk_scene_release also after a failure. */
wk_status wk_scene_create(wk_scene *scene, const wk_scene_plan *plan, wk_error *error);
void wk_scene_release(wk_scene *scene);

/* Brightness of the nebula: 0 to the amplitude, smooth on scales of 0.1 to 0.5 of the mosaic. */
double wk_scene_nebula(const wk_scene *scene, const double sky[2]);

/* Rows of cells that a rectangle of the mosaic plane touches: first to last - 1. */
void wk_scene_rows(int64_t *first, int64_t *last, const wk_scene *scene, double low, double high);

/* Sources of one row of cells that may lie between low and high: first to last - 1. */
void wk_scene_span(int64_t *first, int64_t *last, const wk_scene *scene, int64_t row, double low,
                   double high);

/* How a source looks.  With q = |shape * offset|^2, offset towards east and north in arcsec, the
 * brightness is peak * exp(-q / 2) for a star and peak * exp(-sqrt(q + 1)) for a galaxy, and zero
 * for q > limit.  A galaxy is an exponential disk with a soft centre, seen at some inclination. */
typedef struct wk_scene_profile {
    double peak, limit;
    double shape[2][2];
    int galaxy;
    int bright; /* a star whose core is masked */
} wk_scene_profile;

wk_scene_profile wk_scene_profile_of(const wk_scene *scene, int64_t source);

double wk_scene_brightness(const wk_scene_profile *profile, double q);

/* No source reaches further than this, pixels of the nominal scale. */
double wk_scene_reach(void);

#endif
