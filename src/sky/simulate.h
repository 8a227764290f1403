/* What the parts of the simulation share. */
#ifndef WELKIN_SKY_SIMULATE_H
#define WELKIN_SKY_SIMULATE_H

#include "welkin/simulate.h"
#include "welkin/wcs.h"

#include "simulate_scene.h"

/* Why a pixel is bad: bits of wk_pixels.bad as wk_simulation_render fills it. */
enum {
    WK_BLEMISH_BAD = 1,     /* a broken pixel or column, with a garbage value */
    WK_BLEMISH_CORE = 2,    /* the core of a bright star, out to one sigma of the noise */
    WK_BLEMISH_EMPTY = 4,   /* no value */
    WK_BLEMISH_DETECTED = 8 /* LSST only: sources above five sigma of the noise */
};

/* How an exposure's pixels meet the sky before distortion. */
typedef struct wk_simulated_pointing {
    double tangent[2]; /* where the projection's plane touches, degrees */
    double offset[2];  /* of the exposure's centre from there, pixels */
    double up;         /* angle from north through east of the pixels' y axis, radians */
} wk_simulated_pointing;

/* Shifts in pixels, of u, v in pixels from the exposure's centre:
 * x: radial u (u^2 + v^2) + plane[0] . (u^2, u v, v^2), y: radial v (u^2 + v^2) + plane[1] . (...).
 * All exposures share it, as those of one camera do. */
typedef struct wk_simulated_distortion {
    double radial;
    double plane[2][3];
} wk_simulated_distortion;

struct wk_simulation {
    wk_simulation_options options;
    int64_t columns, rows; /* of the mosaic */
    int64_t side[2];       /* of an exposure with all its detectors, pixels */
    double noise_floor;    /* the noise, or a small number where it is 0 */
    wk_simulated_distortion distortion;
    wk_simulated_exposure *exposures;
    wk_simulated_pointing *pointings;
    wk_scene scene;
};

/* First pixel of a detector in its exposure, along x. */
int64_t wk_simulation_origin(const wk_simulation *simulation, int64_t detector);

/* WK_ARGUMENT unless there is such an exposure and detector. */
wk_status wk_simulation_check(const wk_simulation *simulation, int64_t exposure, int64_t detector,
                              wk_error *error);

/* Flag the sources that stand in data before sky and noise are added. */
void wk_simulation_flag_detected(wk_pixels *pixels, const wk_simulation *simulation);

/* Broken pixels and columns, and pixels without a value. */
void wk_simulation_add_blemishes(wk_pixels *pixels, const wk_simulation *simulation,
                                 int64_t exposure, int64_t detector);

/* Fill the variance and count the good pixels; in a layout without a mask plane, which can only say
 * NaN for a bad pixel, bad data become NaN. */
void wk_simulation_seal(wk_pixels *pixels, const wk_simulation *simulation);

/* The first records of a header, which tell the instrument and are alike for all detectors. */
enum { WK_SHARED_RECORDS = 5 };

#endif
