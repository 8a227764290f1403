/* Exact order statistics of float arrays, without sorting or changing them. */
#ifndef WELKIN_MATH_SELECT_H
#define WELKIN_MATH_SELECT_H

#include "welkin/status.h"

/* Those values v of an array with lo <= v <= hi; NaN never is. */
typedef struct wk_selection {
    const float *values;
    int64_t n;
    float lo, hi;
    int64_t kept; /* how many they are */
} wk_selection;

/* Bytes of working room for n values and count ranks. */
size_t wk_select_room(int64_t n, int64_t count);

/* The ranks[i]-th smallest (from 0) of the selection, for each i.
 *
 * Given      ranks  int64[count], ascending, each in 0..kept-1
 *            room   wk_select_room bytes, aligned for int64
 * Returned   out    float[count]
 * Notes      One rank, or two neighbours, cost about one pass: the values between two order
 *            statistics of a sample are gathered, and again among these.  Several ranks, and data
 *            with many equal values, cost three passes over the bits of the values.
 */
void wk_select_ranks(float *out, const int64_t *ranks, int64_t count, const wk_selection *from,
                     void *room);

/* The middle value, or the mean of the middle pair, of the selection; NaN for none. */
double wk_select_median(const wk_selection *from, void *room);

/* Quantiles of n values, linear between neighbouring order statistics; NaN in values is left out.
 *
 * Given      fractions  double[count], ascending, each in 0..1
 * Returned   out        double[count]
 * Status     WK_ARGUMENT  a fraction is out of range or of order
 *            WK_NO_DATA   there is no value
 *            WK_MEMORY
 */
wk_status wk_select_quantiles(double *out, const double *fractions, int64_t count,
                              const float *values, int64_t n, wk_error *error);

#endif
