/* Exact order statistics of an array that is sorted by buckets once. */
#ifndef WELKIN_SKY_SUMMARY_ORDER_H
#define WELKIN_SKY_SUMMARY_ORDER_H

#include "welkin/status.h"

typedef struct wk_summary_order wk_summary_order;

/* Of the n finite values and m more; they are copied. */
wk_status wk_summary_order_create(wk_summary_order **out, const double *values, int64_t n,
                                  const double *more, int64_t m, wk_error *error);
void wk_summary_order_free(wk_summary_order *order);

/* The rank-th smallest, from 0; no zero has a sign.  Zero: there is no such rank. */
int wk_summary_order_get(double *value, wk_summary_order *order, int64_t rank);

/* The rank-th smallest of n > rank values, which are reordered. */
double wk_summary_select(double *values, int64_t n, int64_t rank);

#endif
