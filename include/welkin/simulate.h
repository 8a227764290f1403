/* Overlapping exposures of one simulated sky, with known truth.
 *
 * One sky (stars, galaxies, a smooth nebula) is seen by exposures on a mosaic grid, each with its
 * own level, gradient, pointing, rotation, distortion, noise and bad pixels.  The same seed gives
 * the same bytes on any number of threads: every random number is a function of the seed, the
 * exposure, the detector, the row and its place in it.
 */
#ifndef WELKIN_SIMULATE_H
#define WELKIN_SIMULATE_H

#include "welkin/exposure.h"
#include "welkin/image.h"
#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum wk_distortion {
    WK_DISTORTION_NONE = 0,
    WK_DISTORTION_SIP,
    WK_DISTORTION_TPV
} wk_distortion;

typedef struct wk_simulation_options {
    int64_t exposures;        /* how many, > 0; default 9 */
    int64_t width, height;    /* pixels of a detector; default 1024, 1024 */
    int64_t detectors;        /* per exposure, in a row with a gap of 20 px; default 1 */
    double overlap;           /* of neighbours, as a fraction of the side, 0..0.95; default 0.2 */
    int dither;               /* nonzero: random sub-pixel and some-pixel offsets; default 1 */
    double rotation;          /* largest random rotation, degrees; default 1 */
    wk_distortion distortion; /* default NONE; bows an edge by some pixels */
    double sky_low, sky_high; /* levels are drawn from this range; default 100, 1000 */
    double gradient;          /* largest change of the sky across a detector; default 0 */
    int64_t stars;            /* per exposure's area, default 200 */
    int64_t galaxies;         /* per exposure's area, default 20 */
    double nebula;            /* amplitude of the smooth emission, default 5 */
    double noise;             /* standard deviation of a pixel, default 1 */
    int mask;           /* nonzero: bad pixels, columns, and the cores of bright stars; default 1 */
    double ra, dec;     /* centre of the mosaic, degrees; default 150.1, 2.2 */
    double pixel_scale; /* arcsec; default 0.5 */
    uint64_t seed;      /* default 1 */
    wk_layout layout;   /* STSCI (SCI, ERR, DQ), LSST (IMAGE, MASK, VARIANCE) or PLAIN */
} wk_simulation_options;

/* The truth about one exposure (all its detectors). */
typedef struct wk_simulated_exposure {
    double sky;         /* level at the centre of the exposure */
    double gradient[2]; /* change per pixel along x and y */
    double ra, dec;     /* pointing */
    double rotation;    /* degrees */
} wk_simulated_exposure;

typedef struct wk_simulated_source {
    double ra, dec;
    double flux;   /* total, image units */
    double radius; /* 0 star; else half-light radius of a galaxy, arcsec */
} wk_simulated_source;

typedef struct wk_simulation wk_simulation;

WK_API wk_simulation_options wk_simulation_options_default(void);

WK_API wk_status wk_simulation_create(wk_simulation **out, const wk_simulation_options *options,
                                      wk_error *error);
WK_API void wk_simulation_free(wk_simulation *simulation);

WK_API const wk_simulated_exposure *wk_simulation_exposure(const wk_simulation *simulation,
                                                           int64_t index);
WK_API const wk_simulated_source *wk_simulation_sources(const wk_simulation *simulation,
                                                        size_t *count);

/* The header records (80 characters each, no END) of one detector: world coordinates, TELESCOP,
 * FILTER, EXPTIME, GROUPID, DETECTOR.  *text is freed with wk_simulation_header_free. */
WK_API wk_status wk_simulation_header(char **text, int64_t *records,
                                      const wk_simulation *simulation, int64_t exposure,
                                      int64_t detector, wk_error *error);
WK_API void wk_simulation_header_free(char *text);

/* Make the pixels of one detector: data, bad (nonzero: masked), variance.
 *
 * Notes      1. A value is sky brightness per pixel of the nominal scale, whatever the distortion
 *               makes of the pixel's area, plus level, gradient and noise: two exposures differ
 *               at one place of the sky by their levels and noise alone.
 *            2. bad: 1 broken pixel or column, 2 core of a bright star out to one sigma, 4 no value
 *               (NaN), 8 source above five sigma (lsst only).  With PLAIN, bad data are NaN.
 *            3. Where noise is 0 the variance is 1e-12, for 0 would say that a pixel is bad.
 *            4. Without dither, rotation and distortion all exposures share one pixel grid.
 */
WK_API wk_status wk_simulation_render(wk_pixels *pixels, const wk_simulation *simulation,
                                      int64_t exposure, int64_t detector, wk_error *error);

/* Write every exposure to directory/exposure_NNNN.fits, and truth.json beside them.
 *
 * Status     WK_EXISTS if a file is there and overwrite is zero; WK_FILE; after a failure or a
 *            cancellation neither truth.json nor a file that this call wrote is left
 * Notes      truth.json: seed, options, exposures[] {file, sky, gradient [x, y], ra, dec, rotation,
 *            group}, sources[] {ra, dec, flux, radius}.  The folder is made if its parent is there.
 */
WK_API wk_status wk_simulation_write(const wk_simulation *simulation, const char *directory,
                                     int overwrite, const wk_context *context, wk_error *error);

#ifdef __cplusplus
}
#endif

#endif
