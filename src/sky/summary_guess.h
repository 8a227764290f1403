/* Where limits and medians of a clipped image are to be expected, from a sample of it. */
#ifndef WELKIN_SKY_SUMMARY_GUESS_H
#define WELKIN_SKY_SUMMARY_GUESS_H

#include "summary_pass.h"

/* Values v with low <= v < a and b < v <= high are the lumps: no limit and no median should fall
 * among them.  a..b has the medians.  Without lumps a is -DBL_MAX and b DBL_MAX. */
typedef struct wk_summary_guess {
    double low, a, b, high;
    double shift; /* a value of the image; 0: the sample has none */
} wk_summary_guess;

wk_status wk_summary_guess_make(wk_summary_guess *out, const wk_summary_source *source,
                                const wk_summary_options *options, wk_error *error);

#endif
