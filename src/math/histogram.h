/* Counts of values in bins of one width, and where they are most and half. */
#ifndef WELKIN_MATH_HISTOGRAM_H
#define WELKIN_MATH_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

enum { WK_HISTOGRAM_PARTS = 4 };
#define WK_HISTOGRAM_MOST (1 << 24) /* bins; float32 tells no more apart */

typedef struct wk_histogram {
    float start;     /* lower edge of the first bin */
    double spacing;  /* of the bins as values are put into them */
    double width;    /* of the bins as positions are read from them; IRAF's are a little narrower */
    int64_t bins;    /* 1..WK_HISTOGRAM_MOST */
    int64_t *counts; /* room for WK_HISTOGRAM_PARTS * (bins + 1); the first bins are the result */
} wk_histogram;

/* Count those of n values with start <= v < start + bins * spacing; bins are found in float32. */
void wk_histogram_fill(wk_histogram *histogram, const float *values, int64_t n);

/* Position of the peak: the first fullest bin, moved by a parabola through its neighbours. */
double wk_histogram_mode(const wk_histogram *histogram);

/* Where the running sum, in float32, reaches one half, linear inside the bin; NaN if all are empty.
 */
double wk_histogram_midpoint(const wk_histogram *histogram);

#endif
