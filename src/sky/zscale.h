/* Limits for showing an image, after the line through its sorted sample. */
#ifndef WELKIN_SKY_ZSCALE_H
#define WELKIN_SKY_ZSCALE_H

#include "welkin/status.h"

typedef enum wk_zscale_rule {
    WK_ZSCALE_LSST = 0, /* LSST's, with the true median of the sample */
    WK_ZSCALE_AFW,      /* LSST's to the letter: the median of an even sample is one place high */
    WK_ZSCALE_IRAF      /* IRAF's as astropy has it */
} wk_zscale_rule;

enum { WK_ZSCALE_SAMPLE = 1000 };

/* Find the limits.
 *
 * Given      sample   float[n], all finite; sorted on return
 *            n        >= 1
 * Returned   limits   low, high; equal when the sample is constant
 * Status     WK_MEMORY
 * Notes      A line is fitted through value against rank, five times at most, leaving out what is
 *            farther from it than 2.5 standard deviations and the ranks next to these; its slope
 *            over the contrast 0.25, about the median, gives the limits, within the sample.  Fewer
 *            than half of the sample left: the limits are its extremes.
 * Source     docs/methods/preview.md
 */
wk_status wk_zscale(double limits[2], float *sample, int64_t n, wk_zscale_rule rule,
                    wk_error *error);

#endif
