/* One pass that tells nearly all of a summary.
 *
 * A sample is clipped as the whole will be, and says where the limits and medians of all rounds are
 * to be expected.  Of the values elsewhere, two lumps below and above the medians, numbers and sums
 * suffice; the few others are kept.  Then each round needs only these.  A guess that fails, or too
 * many values to keep, is seen: the answer is "unknown", never wrong.
 */
#ifndef WELKIN_SKY_SUMMARY_SPLIT_H
#define WELKIN_SKY_SUMMARY_SPLIT_H

#include "summary_bin.h"
#include "summary_pass.h"
#include "summary_sum.h"

typedef struct wk_summary_split wk_summary_split;

/* What is not finite, of all pixels. */
typedef struct wk_summary_strange {
    int64_t nan, infinite, negative; /* negative: of the infinite ones */
} wk_summary_strange;

/* Sample, and pass over all pixels once.
 * Given      most     values that may be kept
 * Returned   out      freed by wk_summary_split_free
 *            strange  always known */
wk_status wk_summary_split_create(wk_summary_split **out, wk_summary_strange *strange,
                                  const wk_summary_source *source,
                                  const wk_summary_options *options, int64_t most,
                                  const wk_context *context, wk_error *error);
void wk_summary_split_free(wk_summary_split *split);

/* A value among the pixels' near their middle, for sums about it; 0 where the sample had none. */
double wk_summary_split_shift(const wk_summary_split *split);

/* Where most values lie; both 0 where nobody knows. */
void wk_summary_split_core(double *low, double *high, const wk_summary_split *split);

/* As wk_summary_join, of a set; min and max are told of all values only.  Zero: unknown. */
int wk_summary_split_sum(wk_summary_line *line, int64_t *below, wk_summary_split *split,
                         wk_summary_set set);

/* The middle, or the mean of the middle pair, of the count >= 1 good, or finite, values that follow
 * the first smallest ones.  Zero: unknown. */
int wk_summary_split_median(double *median, wk_summary_split *split, int good, int64_t first,
                            int64_t count);

/* Add the finite pixels to the counts of bins.  Zero: unknown. */
int wk_summary_split_count(int64_t *counts, const wk_summary_split *split,
                           const wk_summary_bins *bins);

#endif
