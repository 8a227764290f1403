/* Passes over the pixels of a summary, block by block, and exact order statistics of them. */
#ifndef WELKIN_SKY_SUMMARY_PASS_H
#define WELKIN_SKY_SUMMARY_PASS_H

#include "welkin/summary.h"

enum { WK_SUMMARY_BLOCK = 1 << 14 };

/* Those finite pixels v, only good ones if good, with lo <= v <= hi. */
typedef struct wk_summary_set {
    int good;
    double lo, hi;
} wk_summary_set;

/* What a block has; sums are joined by index. */
typedef struct wk_summary_part {
    int64_t n, below;         /* values in the set, and finite or good ones below lo */
    double sum, mean, square; /* of v - shift; of v; of (v - mean)^2 */
    double min, max;
} wk_summary_part;

/* Values of a block as doubles: in room[WK_SUMMARY_BLOCK], or where they are already. */
const double *wk_summary_fetch(const wk_summary_image *image, int64_t block, int *n, double *room);

/* Copy the members of the set among the block's n values to out; how many. */
int wk_summary_keep(double *out, const double *values, const uint8_t *bad, int n,
                    const wk_summary_set *set, int64_t *below);

/* Sums over n values. */
wk_summary_part wk_summary_sum(const double *values, int n, double shift);

/* Join parts about one shift: n, min, max, mean and std of line; the median is left alone. */
void wk_summary_join(wk_summary_line *line, int64_t *below, const wk_summary_part *parts,
                     int64_t count, double shift);

/* Exact order statistics of the finite, or good, pixels: a histogram over the bits of the values,
 * made once, tells the few among which a rank lies. */
typedef struct wk_summary_ranks wk_summary_ranks;

/* Given      line   n, min and max of the pixels meant; n >= 1
 * Returned   out    freed by wk_summary_ranks_free */
wk_status wk_summary_ranks_create(wk_summary_ranks **out, const wk_summary_image *image, int good,
                                  const wk_summary_line *line, const wk_context *context,
                                  wk_error *error);
void wk_summary_ranks_free(wk_summary_ranks *ranks);

/* The rank-th smallest, from 0. */
wk_status wk_summary_ranks_get(double *value, wk_summary_ranks *ranks, int64_t rank,
                               wk_error *error);

/* The middle, or the mean of the middle pair, of the count >= 1 values that follow the first
 * smallest ones. */
wk_status wk_summary_ranks_median(double *value, wk_summary_ranks *ranks, int64_t first,
                                  int64_t count, wk_error *error);

#endif
