/* Many exact order statistics of one small array, by a coarse histogram that is made once.
 *
 * Each value gets a step, and steps rise with values; then every question looks only at the values
 * of one step.  For arrays that lie in the cache; select.h is for large ones.
 */
#ifndef WELKIN_MATH_ORDER_H
#define WELKIN_MATH_ORDER_H

#include <stddef.h>
#include <stdint.h>

enum { WK_ORDER_STEPS = 1024 };

typedef struct wk_order {
    const float *values; /* borrowed */
    int64_t n;
    float low, scale;
    uint16_t *steps;                     /* of each value */
    uint32_t before[WK_ORDER_STEPS + 1]; /* values of lower steps */
    float *held;                         /* room for the values of one step */
} wk_order;

/* Bytes of working room for n values, n < 2^31. */
size_t wk_order_room(int64_t n);

/* Look at n >= 1 finite values.  room: wk_order_room bytes, aligned for floats; kept. */
void wk_order_make(wk_order *order, const float *values, int64_t n, void *room);

/* How many values are less than limit. */
int64_t wk_order_below(const wk_order *order, float limit);

/* The rank-th smallest value, from 0, 0 <= rank < n. */
float wk_order_rank(const wk_order *order, int64_t rank);

/* The middle, or the mean of the middle pair, of the count >= 1 values that follow the first
 * smallest ones. */
double wk_order_median(const wk_order *order, int64_t first, int64_t count);

/* Linear between the neighbouring order statistics, at fraction * (n - 1). */
double wk_order_quantile(const wk_order *order, double fraction);

#endif
