/* The sky level of a list of pixels: mean, median, mode or midpoint after clipping.
 *
 * The definitions are those of stsci.imagestats as stcal.skymatch uses it, so that levels can be
 * compared digit by digit; docs/methods/statistic.md says which faults of it are mended here and
 * brought back by compat.
 */
#ifndef WELKIN_STATISTIC_H
#define WELKIN_STATISTIC_H

#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum wk_statistic {
    WK_STATISTIC_MEAN = 0,
    WK_STATISTIC_MEDIAN,
    WK_STATISTIC_MODE,
    WK_STATISTIC_MIDPT
} wk_statistic;

typedef struct wk_statistic_options {
    wk_statistic statistic; /* default MEDIAN */
    double lower, upper;    /* inclusive limits of usable values; NaN (default): none */
    int nclip;              /* clipping rounds, >= 0; default 5 */
    double lsigma, usigma;  /* clipping limits in standard deviations, > 0; default 4, 4 */
    double bin_width;       /* of the histogram in standard deviations, > 0; default 0.1 */
    int compat;             /* nonzero: stcal's results to the letter, its faults included */
} wk_statistic_options;

typedef struct wk_measure {
    double value;    /* the statistic; NaN if there is none */
    double mean;     /* of the pixels kept by the last round */
    double stddev;   /* their standard deviation (n - 1), NaN for one pixel */
    double min, max; /* of the pixels kept by the last round (compat: as stcal has them) */
    int64_t pixels;  /* how many were kept */
} wk_measure;

/* Reusable memory of the functions below; start from all zero bytes, one a thread. */
typedef struct wk_statistic_scratch {
    void *memory;
    size_t size;
} wk_statistic_scratch;

WK_API wk_statistic_options wk_statistic_options_default(void);

/* WK_ARGUMENT if an option is out of range (lower above upper included), naming it. */
WK_API wk_status wk_statistic_check(const wk_statistic_options *options, wk_error *error);

/* Measure n values.
 *
 * Given      values   float[n], all finite
 *            n        >= 0
 *            options  NULL for defaults
 *            scratch  NULL: allocated and freed inside
 * Returned   out      value NaN and pixels 0 unless WK_OK
 * Status     WK_NO_DATA   nothing is left within the limits, or the result is not finite
 *            WK_ARGUMENT  as wk_statistic_check, or the bin width asks for more than 2^24 bins
 *            WK_MEMORY
 * Notes      1. Sums are double over 8 fixed lanes: the same bits on any machine.  Means, standard
 *               deviations and medians are rounded to float32, as the peer's are.
 *            2. Values are not changed; no sorted copy is made.
 * Accuracy   2e-7 relative against stsci.imagestats 1.8.4  [tests/unit/test_statistic.c]
 * Source     stsci.imagestats; IRAF imstatistics (mode and midpt)
 */
WK_API wk_status wk_statistic_measure(wk_measure *out, const float *values, int64_t n,
                                      const wk_statistic_options *options,
                                      wk_statistic_scratch *scratch, wk_error *error);

/* The standard error of a measured value, given the noise of one pixel.
 *
 * Given      noise   standard deviation of the pixel noise alone, uncorrelated from pixel to pixel;
 *                    measure->stddev also holds the scatter of the sky's structure, which two
 *                    exposures of one sky share.  NaN: stddev is taken
 * Returned   standard error of measure->value about what a noiseless exposure would give; NaN if
 *            it is not measured
 * Notes      mean: noise / sqrt(n).  median: stddev sqrt(arccos(1 - noise^2/stddev^2) / n), which
 *            is 1.2533 noise / sqrt(n) for a flat sky.  midpt: the same, and its bins' misfit.
 *            mode: an empirical law, good to 15 % at the default bin width.
 *            [tests/unit/test_statistic_error.c; derivation in docs/methods/statistic.md]
 */
WK_API double wk_statistic_error(const wk_measure *measure, const wk_statistic_options *options,
                                 double noise);

/* What clipping about the median leaves. */
typedef struct wk_clipped {
    double mean, median;
    double std;    /* population: the root of the mean square deviation from the mean */
    double lo, hi; /* the values kept lie within, both included; infinite without clipping */
    int64_t n;     /* how many are kept */
} wk_clipped;

/* Mean, median and standard deviation after clipping: what lies farther than sigma standard
 * deviations from the median is left out, of what remains again, until nothing changes.
 *
 * Given      values      float[n]; those that are not finite are left out
 *            n           >= 0
 *            sigma       > 0
 *            iterations  rounds at most, >= 0; 5 is usual
 *            scratch     NULL: allocated and freed inside
 * Returned   out         NaN and n 0 unless WK_OK
 * Status     WK_NO_DATA   no value is finite, or a sigma below 1 left none
 *            WK_ARGUMENT  sigma or iterations out of range
 *            WK_MEMORY
 * Notes      1. What is out stays out, though later limits may lie farther apart.
 *            2. The median is exact, of an even number the mean of the middle two.  Sums are double
 *               over 8 fixed lanes: the same bits on any machine.
 *            3. Values are neither changed nor copied, but for those near limits and median: one
 *               pass over the data where a sample tells where these lie, which it nearly always
 *               does; two more for each round where it does not.
 * Accuracy   1e-12 relative against astropy on the same values as float64; the median is the same
 *            [tests/unit/test_statistic_clip.c]
 * Source     astropy.stats.sigma_clipped_stats
 */
WK_API wk_status wk_statistic_clip(wk_clipped *out, const float *values, int64_t n, double sigma,
                                   int iterations, wk_statistic_scratch *scratch, wk_error *error);

WK_API void wk_statistic_scratch_release(wk_statistic_scratch *scratch);

#ifdef __cplusplus
}
#endif

#endif
