/* Sums over those values of blocks that lie in a range. */
#ifndef WELKIN_SKY_SUMMARY_SUM_H
#define WELKIN_SKY_SUMMARY_SUM_H

#include "welkin/summary.h"

/* Those finite pixels v, only good ones if good, with lo <= v <= hi. */
typedef struct wk_summary_set {
    int good;
    double lo, hi;
} wk_summary_set;

/* What a number of values has; parts are joined in order. */
typedef struct wk_summary_part {
    int64_t n, below;         /* values in the set, and finite or good ones below lo */
    double sum, mean, square; /* of v - shift; of v; of (v - mean)^2 */
    double min, max;
} wk_summary_part;

/* Neumaier's sum: what many terms lose in rounding is kept.  Start from zero. */
typedef struct wk_summary_total {
    double sum, rest;
} wk_summary_total;
void wk_summary_total_add(wk_summary_total *total, double value);

/* Copy those of n values with lo <= v <= hi to out, which may be values; how many.
 * Returned   below   finite ones less than lo */
int wk_summary_keep(double *out, const double *values, int n, double lo, double hi, int64_t *below);

/* Sums over n values. */
wk_summary_part wk_summary_sum(const double *values, int n, double shift);

/* Put a part behind another one about the same shift. */
void wk_summary_append(wk_summary_part *part, const wk_summary_part *next);

/* Join parts about one shift: n, min, max, mean and std of line; the median is left alone. */
void wk_summary_join(wk_summary_line *line, int64_t *below, const wk_summary_part *parts,
                     int64_t count, double shift);

#endif
