/* Exact order statistics of all pixels, whatever they are: a histogram over the bits of the values
 * tells the few among which a rank lies; two passes for a rank in the bulk, some more elsewhere. */
#ifndef WELKIN_SKY_SUMMARY_RANK_H
#define WELKIN_SKY_SUMMARY_RANK_H

#include "summary_pass.h"

typedef struct wk_summary_ranks wk_summary_ranks;

/* Of the finite, or good, pixels.
 * Given      line       n, min and max of the pixels meant; n >= 1
 *            low, high  where most of them lie; low >= high: nobody knows
 * Returned   out        freed by wk_summary_ranks_free */
wk_status wk_summary_ranks_create(wk_summary_ranks **out, const wk_summary_source *source, int good,
                                  const wk_summary_line *line, double low, double high,
                                  const wk_context *context, wk_error *error);
void wk_summary_ranks_free(wk_summary_ranks *ranks);

/* The rank-th smallest, from 0. */
wk_status wk_summary_ranks_get(double *value, wk_summary_ranks *ranks, int64_t rank,
                               wk_error *error);

/* The middle, or the mean of the middle pair, of the count >= 1 values that follow the first
 * smallest ones. */
wk_status wk_summary_ranks_median(double *value, wk_summary_ranks *ranks, int64_t first,
                                  int64_t count, wk_error *error);

#endif
