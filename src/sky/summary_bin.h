/* Bins of a histogram by numpy's rule: the edges themselves decide. */
#ifndef WELKIN_SKY_SUMMARY_BIN_H
#define WELKIN_SKY_SUMMARY_BIN_H

#include <stdint.h>

typedef struct wk_summary_bins {
    const double *edges; /* [count + 1], rising */
    int count;
    double low, scale;
    double near; /* so near to an edge, in bins, a value needs a look at it */
} wk_summary_bins;

/* Set numpy.linspace's edges, which are kept; low < high, their difference finite. */
wk_summary_bins wk_summary_bins_set(double *edges, int count, double low, double high);

/* The bin that holds a value within the edges. */
int wk_summary_bin(const wk_summary_bins *bins, double value);

/* Count n values; what is not finite is passed over. */
void wk_summary_bins_count(int64_t *counts, const wk_summary_bins *bins, const double *values,
                           int64_t n);

#endif
