/* How pixels of the background correlate with their neighbours.
 *
 * A matrix is [2L+1][2L+1], first index the row lag dy from -L, second the column lag dx: the lag
 * (dy, dx) is at [dy + L][dx + L].
 */
#ifndef WELKIN_CORRELATION_H
#define WELKIN_CORRELATION_H

#include "welkin/image.h"
#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Values and which of them count; borrowed. */
typedef struct wk_samples {
    int64_t width, height;
    const float *single;   /* [height][width], or NULL */
    const double *full;    /* [height][width], or NULL: exactly one of the two is given */
    const uint8_t *bad;    /* [height][width], nonzero: left out; or NULL */
    const float *variance; /* [height][width] or NULL; for the weighted form: values are divided by
                              its root, pixels without a positive finite one are left out */
} wk_samples;

typedef enum wk_correlation_way {
    WK_CORRELATION_AUTO = 0, /* whichever is faster */
    WK_CORRELATION_DIRECT,
    WK_CORRELATION_FOURIER
} wk_correlation_way;

typedef struct wk_correlation_options {
    int64_t lag;            /* largest lag L in both axes, 0..1024; default 1 */
    wk_correlation_way way; /* default AUTO */
    int correct_mean;       /* nonzero: add the variance of the subtracted mean to each lag */
    int64_t blocks[2];      /* of the jackknife, x and y, 0..256, no more than pixels are used; 0 in
                               either: none; default 8, 4.  None for lag > 32 */
} wk_correlation_options;

typedef struct wk_correlation {
    int64_t lag, size;       /* size = 2 lag + 1 */
    int64_t good, nonfinite; /* pixels used; pixels left out because they are not finite, though not
                                bad */
    double mean, variance;   /* of the pixels used; variance is the covariance of lag 0 */
    int64_t *pairs;          /* [size][size] ordered pairs */
    double *covariance;      /* [size][size]; NaN where there are no pairs */
    double *correlation;     /* covariance / variance; NaN where there is none, or no variance */
    double *white;           /* error of correlation if there is none: 1 / sqrt(pairs) */
    double *bartlett;        /* error by Bartlett's formula from the measured lags; lags beyond L
                                count as 0, so that L should reach to where correlations end */
    double *jackknife;       /* error by blocks; NaN without blocks, or with one that has pixels */
    double chi2, p_value;    /* of the lags of one half plane against white noise less its mean;
                                NaN for dof 0 */
    int64_t dof;             /* ((2L+1)^2 - 1) / 2, less lags without pairs */
    double area_factor; /* sum of correlation over all lags: true variance of a large area's sum
                           over what independent pixels of that variance give */
    double area_error;  /* from the jackknife's replicas, else Bartlett; NaN unknown */
} wk_correlation;

WK_API wk_correlation_options wk_correlation_options_default(void);

/* WK_ARGUMENT if an option is out of range, naming it. */
WK_API wk_status wk_correlation_check(const wk_correlation_options *options, wk_error *error);

/* Measure all lags up to L.
 *
 * Returned   out   caller frees with wk_correlation_free
 * Status     WK_NO_DATA  no good pixel; WK_ARGUMENT; WK_MEMORY
 * Notes      1. cov(D) = sum over good p with good p + D in the image of (v_p - mean)(v_{p+D} -
 * mean) / pairs. No wrap, no padding; cov(D) = cov(-D) to the bit.
 *            2. The same bits for any number of threads.  DIRECT and FOURIER agree to 1e-9 of the
 *               variance.
 *            3. Not finite values are left out and counted.
 *            4. The jackknife's replicas leave out the pairs whose first pixel lies in a block; the
 *               mean stays that of all pixels.
 *            5. Time on one core of a 2024 server, 4096 x 4096 px: 25 ms for L = 1 (direct), 0.4 to
 *               0.5 s for L = 12 to 64 (Fourier).  Memory: some rows, or two pieces of the image of
 * at most (2048 + L) x (2048 + 2 L) px, 32 bytes a pixel, for each worker. Accuracy   1e-9 of the
 * variance against the seed's golden values [tests/oracle/test_correlation.py]
 */
WK_API wk_status wk_correlation_measure(wk_correlation **out, const wk_samples *samples,
                                        const wk_correlation_options *options,
                                        const wk_context *context, wk_error *error);

WK_API void wk_correlation_free(wk_correlation *correlation);

/* Variance of the sum over a box of n x n pixels over what independent pixels give:
 * sum rho(D) (1 - |dx|/n)(1 - |dy|/n) over |dx|, |dy| < n and <= L.  Lags without pairs count as 0;
 * NaN for n < 1 or without a variance. */
WK_API double wk_correlation_box_factor(const wk_correlation *correlation, int64_t n);

/* The same for weights [height][width], an aperture or a profile; NaN for weights of 0. */
WK_API double wk_correlation_aperture_factor(const wk_correlation *correlation,
                                             const double *weights, int64_t width, int64_t height);

/* Join several measurements of the same lag. */
typedef struct wk_correlation_stack {
    int64_t lag, size, count;
    /* [size][size]; NaN where no image has pairs */
    double *pairs_mean; /* correlation of all pairs together, each image in units of its variance */
    double *weighted;   /* mean weighted by inverse squares of errors: jackknife, else Bartlett */
    double *weighted_error;
    double *median;
    double *scatter; /* from image to image: 1.4826 median absolute deviations; NaN for one image */
    double *outlier; /* [count] largest deviation of an image's lags from the medians, in units of
                        scatter; NaN unknown */
} wk_correlation_stack;

/* WK_ARGUMENT: no measurement, or different lags.  The caller frees with wk_correlation_stack_free.
 */
WK_API wk_status wk_correlation_stack_make(wk_correlation_stack **out,
                                           const wk_correlation *const *correlations, size_t count,
                                           wk_error *error);
WK_API void wk_correlation_stack_free(wk_correlation_stack *stack);

/* The power spectrum of the correlation: P(k) = sum rho(D) cos(2 pi k.D) on [n][n] frequencies k =
 * (i - n/2) / n per pixel, with its radial profile and those along the axes. */
typedef struct wk_correlation_power {
    int64_t n;
    double *power; /* [n][n], first index y */
    int64_t bins;
    double *frequency, *radial; /* [bins] means over rings one step 1/n wide, to the corner */
    double *along_x, *along_y;  /* [n/2 + 1]: frequencies 0 to 1/2 */
    int64_t negative;           /* how many of power are below 0, by more than rounding (1e-12) */
} wk_correlation_power;

/* n in 1..8192.  WK_ARGUMENT: another n; WK_NO_DATA: no variance.  Lags without pairs count as 0.
 * The caller frees with wk_correlation_power_free. */
WK_API wk_status wk_correlation_power_make(wk_correlation_power **out,
                                           const wk_correlation *correlation, int64_t n,
                                           wk_error *error);
WK_API void wk_correlation_power_free(wk_correlation_power *power);

#ifdef __cplusplus
}
#endif

#endif
