/* Rescaling a variance plane to the noise that is really there.
 *
 * After LSST's ScaleVarianceTask: the background is fitted and taken off in passing, and the width
 * of the residuals, by their quartiles, is compared with what the variance plane promises.  Inputs
 * are never modified.
 */
#ifndef WELKIN_VARIANCE_H
#define WELKIN_VARIANCE_H

#include "welkin/background.h"
#include "welkin/rows.h"
#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum wk_variance_method {
    WK_VARIANCE_AUTO = 0, /* pixel; image where pixel exceeds the limit */
    WK_VARIANCE_PIXEL,
    WK_VARIANCE_IMAGE
} wk_variance_method;

typedef struct wk_variance_options {
    wk_variance_method method; /* default AUTO */
    double limit;              /* factors above are refused; > 0, default 10 */
    double floor;              /* factors below are raised to it; 0..limit, default 0 */
    int exact;                 /* nonzero: 0.741301109252802, which is right for Gaussian noise;
                                  default 0: LSST's 0.74, which makes factors 0.35 % too small */
    int background;            /* nonzero (default): fit and take off a background first */
    wk_background_options fit; /* default: lsst with box 32 */
} wk_variance_options;

typedef struct wk_variance_result {
    double pixel, image;     /* the two factors; 1 with fewer than 2 good pixels */
    double factor;           /* the one to apply; NaN when it was refused */
    wk_variance_method used; /* PIXEL or IMAGE; the last that was tried */
    double error;            /* standard error of the factor, before it was raised, for white
                                Gaussian noise: 2.33/sqrt(N) of it; NaN with fewer than 2 good
                                pixels */
    double agreement;        /* pixel / image - 1 */
    int raised;              /* nonzero: factor was below the floor */
    int64_t good, masked;    /* pixels of the region used, and not used */
} wk_variance_result;

WK_API wk_variance_options wk_variance_options_default(void);

/* WK_ARGUMENT if an option is out of range, naming it. */
WK_API wk_status wk_variance_check(const wk_variance_options *options, wk_error *error);

/* Measure the factor of one region of an image.
 *
 * Given      rows        with variances
 *            background  what is taken off the pixels; NULL: nothing
 *            region      NULL: the whole image
 *            options     NULL for defaults; its background and fit are not looked at
 * Status     WK_SPARSE   (+) fewer than 2 good pixels: all factors are 1
 *            WK_NO_DATA  the factor is no number, or it is 0, as half of the good pixels are equal,
 *                        and floor is 0; out holds both factors
 *            WK_NO_CONVERGENCE  the factor is above the limit; out holds both factors
 *            WK_ARGUMENT no variances; a region that is not in the image; a background of another
 *                        size; an option out of range
 *            what rows->read returns
 * Notes      1. Quartiles and median are exact order statistics, found in one pass over the pixels
 *               (three where a sample's guess of where they lie fails).
 *            2. good = not masked, finite value less background, finite variance above 0.
 *            3. The same bits for any number of threads; never more of them than rows->workers.
 * Accuracy   1e-4 of LSST's acceptance numbers  [tests/oracle/test_variance.py]
 * Source     lsst.meas.algorithms.ScaleVarianceTask; docs/methods/variance.md
 */
WK_API wk_status wk_variance_measure(wk_variance_result *out, const wk_rows *rows,
                                     const wk_background *background, const wk_rect *region,
                                     const wk_variance_options *options, const wk_context *context,
                                     wk_error *error);

/* Count what wk_variance_measure looks at: (value - background) / sqrt(variance) of the good
 * pixels.
 *
 * Given      bins, low, high   bins of equal width; each holds its lower edge; low < high
 *            rows, background, region   as for wk_variance_measure
 * Returned   counts            int64[bins]
 *            below, above      pixels less than low, and not less than high
 * Status     WK_ARGUMENT  bins or range make no sense; as wk_variance_measure
 *            WK_MEMORY; what rows->read returns
 */
WK_API wk_status wk_variance_histogram(int64_t *counts, int bins, double low, double high,
                                       int64_t *below, int64_t *above, const wk_rows *rows,
                                       const wk_background *background, const wk_rect *region,
                                       const wk_context *context, wk_error *error);

#ifdef __cplusplus
}
#endif

#endif
