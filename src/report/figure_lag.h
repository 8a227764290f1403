/* What the pictures of correlations take from the measured lags. */
#ifndef WELKIN_REPORT_FIGURE_LAG_H
#define WELKIN_REPORT_FIGURE_LAG_H

#include "figure_correlation.h"

/* The error of a lag: the jackknife's, else Bartlett's, else that of white noise; NaN without any.
 */
double wk_lag_error(const wk_correlation *correlation, int64_t index);

/* The place of lag (dy, dx). */
int64_t wk_lag_index(int64_t lag, int64_t dy, int64_t dx);

/* Where the picture's errors come from, for its legend. */
const char *wk_lag_error_name(const wk_correlation_picture *picture);

/* What the picture shows of all images together, at one place of the matrix. */
double wk_lag_value_shown(const wk_correlation_picture *picture, int64_t index);
double wk_lag_error_shown(const wk_correlation_picture *picture, int64_t index);
double wk_lag_white_shown(const wk_correlation_picture *picture, int64_t index);

/* The middle and the ends of values, those that are not finite left out. */
typedef struct wk_lag_spread {
    double low, median, high; /* NaN of none */
    size_t known;
} wk_lag_spread;

/* Reorders the values. */
wk_lag_spread wk_lag_spread_find(double *values, size_t count);

/* An image that the stack finds different from the others. */
int wk_lag_outlying(const wk_correlation_picture *picture, size_t image);
size_t wk_lag_outliers(const wk_correlation_picture *picture);

#endif
