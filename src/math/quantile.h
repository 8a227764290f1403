/* Exact quantiles of a stream that is never held as a whole.
 *
 * Several workers hand over the values piece by piece.  A sample guesses between which two values
 * each quantile lies; the pass counts what is below and gathers what is between, and the answer is
 * picked from the few that were gathered.  A guess that fails, or more values between than there is
 * room for, costs two more passes (quantile_digit.h), never a wrong answer.  The answer is made of
 * order statistics of the values: the same bits for any guess, pieces and number of workers.
 *
 *     wk_quantile_create; wk_quantile_guess (optional);
 *     do every value: wk_quantile_add; then wk_quantile_next; while it wants more;
 *     wk_quantile_get; wk_quantile_free
 */
#ifndef WELKIN_MATH_QUANTILE_H
#define WELKIN_MATH_QUANTILE_H

#include "welkin/status.h"

typedef struct wk_quantile_set wk_quantile_set;

/* Given      fractions  double[count], each in 0..1
 *            workers    how many will call wk_quantile_add, >= 1
 *            most       values that may be gathered for one fraction, by all workers together
 * Returned   out        caller frees with wk_quantile_free
 * Status     WK_ARGUMENT  a fraction is out of range
 *            WK_MEMORY
 */
wk_status wk_quantile_create(wk_quantile_set **out, const double *fractions, int count, int workers,
                             int64_t most, wk_error *error);

void wk_quantile_free(wk_quantile_set *set);

/* Guess from a sample of size values, which are reordered; NaN is left out.  Before the first add.
 * Without it all values are gathered, which is right for as many as there is room for. */
void wk_quantile_guess(wk_quantile_set *set, float *sample, int64_t size);

/* Take n values; NaN is left out.  Different workers may call at once.  Nothing happens when the
 * set wants no pass. */
wk_status wk_quantile_add(wk_quantile_set *set, int worker, const float *values, int64_t n,
                          wk_error *error);

/* All values have been handed over.  Returned: more, nonzero if the same values are wanted once
 * more, by any workers in any pieces. */
wk_status wk_quantile_next(wk_quantile_set *set, int *more, wk_error *error);

/* How many values came in the first pass. */
int64_t wk_quantile_total(const wk_quantile_set *set);

/* The quantile of the index-th fraction f: linear between the order statistics on both sides of the
 * rank f (n - 1); NaN for no values.  Only when no pass is wanted. */
double wk_quantile_get(const wk_quantile_set *set, int index);

#endif
