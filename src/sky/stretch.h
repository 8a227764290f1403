/* From the values of an image to shades between 0 and 1. */
#ifndef WELKIN_SKY_STRETCH_H
#define WELKIN_SKY_STRETCH_H

#include <stdint.h>

#include "welkin/preview.h"

/* Borrows the sorted values. */
typedef struct wk_stretch {
    wk_preview_scale scale;
    double low, high; /* low <= high */
    double q;         /* of asinh */
    const float *sorted;
    int64_t count; /* of them; for histeq: the values that are shared out evenly */
} wk_stretch;

/* The shade of a value: 0 at low and below, 1 at high and above; of asinh 0.1 at a tenth of the
 * range, and 1 far beyond high.  NaN stays.  low equal to high: a half there. */
double wk_stretch_at(const wk_stretch *stretch, double value);

/* The value whose shade is 1, the end of the colour bar. */
double wk_stretch_top(const wk_stretch *stretch);

#endif
