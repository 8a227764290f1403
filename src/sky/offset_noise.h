/* How wrong a weighted mean of some stars' offsets is.
 *
 * The offsets are taken for a field plus each star's own error.  Half the mean square difference of
 * the field between two places is a function g of their distance d (the variogram of kriging:
 * Matheron 1963): g = slope d^a + tilt d^2, of what is rough and of what is a gradient.  A mean
 * with weights w (of sum 1) of stars at places x_k then misses the field at x by
 *
 *     variance = star^2 sum w_k^2 + 2 sum w_k g(|x_k - x|) - sum sum w_k w_l g(|x_k - x_l|)
 *
 * whatever the weights are; the second part of g adds 2 tilt |sum w_k (x_k - x)|^2, which vanishes
 * where the stars surround the place evenly, the first does not.  The four numbers are those that
 * make the leave-one-out residuals, each with the weights that it had, most likely.
 */
#ifndef WELKIN_SKY_OFFSET_NOISE_H
#define WELKIN_SKY_OFFSET_NOISE_H

#include "welkin/status.h"

typedef struct wk_offset_noise {
    double star;        /* variance of one star's offset */
    double slope, tilt; /* of g */
    int halves;         /* a = halves / 2: 1 to 3 */
} wk_offset_noise;

/* For each star the others that predict it: those from starts[i] to starts[i + 1]. */
typedef struct wk_offset_shares {
    const double *x, *y; /* [count] */
    const double *value; /* [count] */
    int64_t count;
    const int64_t *starts; /* [count + 1] */
    const int64_t *star;
    const double *weight; /* sum 1 for each star with any */
} wk_offset_shares;

/* Fit; all NaN where too few stars are predicted.  Of more than 20000 stars every second, third,
 * ... is looked at.  residual: [count], NaN without shares. */
wk_status wk_offset_noise_fit(wk_offset_noise *noise, const double *residual,
                              const wk_offset_shares *shares, wk_error *error);

/* g from the square of a distance. */
static inline double wk_offset_noise_lag(const wk_offset_noise *noise, double square)
{
    double root = __builtin_sqrt(square), rough = root;
    if (noise->halves != 2)
        rough = noise->halves == 3 ? root * __builtin_sqrt(root) : __builtin_sqrt(root);
    return noise->slope * rough + noise->tilt * square;
}

/* The variance of a mean at a place.
 * Given  x, y, weight  [count] of the stars, relative to the place; weights of sum 1 */
double wk_offset_noise_variance(const wk_offset_noise *noise, const double *x, const double *y,
                                const double *weight, int64_t count);

#endif
