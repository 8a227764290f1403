/* Order statistics of a stream by counting the digits of its values, in two passes.
 *
 * The bits of a float, put in order as an unsigned number, are cut into two digits of 16 bits.  The
 * first pass counts the upper digits of all values, which tells the upper digit of each wanted
 * rank; the second counts the lower digits below these.  Nothing is guessed, and nothing can fail.
 */
#ifndef WELKIN_MATH_QUANTILE_DIGIT_H
#define WELKIN_MATH_QUANTILE_DIGIT_H

#include "welkin/status.h"

typedef struct wk_digits wk_digits;

/* Given      ranks    int64[count], from 0, each less than how many values will come
 *            workers  how many will call wk_digits_add
 * Returned   out      caller frees with wk_digits_free
 * Notes      Every worker that calls wk_digits_add holds 512 KiB in the first pass, and as much for
 *            each different upper digit in the second.
 */
wk_status wk_digits_create(wk_digits **out, const int64_t *ranks, int count, int workers,
                           wk_error *error);

void wk_digits_free(wk_digits *digits);

/* Take n values of the stream; NaN is left out.  Workers may call at once. */
wk_status wk_digits_add(wk_digits *digits, int worker, const float *values, int64_t n,
                        wk_error *error);

/* The stream has ended.  Nonzero: all of it is wanted once more. */
int wk_digits_next(wk_digits *digits);

/* The value of the index-th rank, when no pass is wanted any more. */
float wk_digits_get(const wk_digits *digits, int index);

#endif
