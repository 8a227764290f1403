/* Two values that a median probably lies between, and what an array holds between them.
 *
 * The bracket is guessed from a sample; the array is then handed over piece by piece, together with
 * whatever else is done to it while it lies in the cache.  A guess that fails is seen and costs
 * another way to the exact answer, never a wrong one.
 */
#ifndef WELKIN_MATH_BRACKET_H
#define WELKIN_MATH_BRACKET_H

#include <stdint.h>

typedef struct wk_bracket {
    float lo, low, high, hi; /* wanted: low <= v <= high; counted as below: lo <= v < low */
    int64_t below, gathered; /* gathered is -1 when there was no room */
    float *values;           /* those gathered */
    int64_t room;
} wk_bracket;

/* Guess where the values of one rank lie: 4 standard deviations of the rank that an order statistic
 * of a sample has, to both sides.
 *
 * Given      sample    size values of the array within lo..hi; they are reordered
 *            fraction  the rank as a fraction of the count
 * Returned   out       its limits; values and room are the caller's to set
 */
void wk_bracket_guess(wk_bracket *out, float *sample, int64_t size, double fraction, float lo,
                      float hi);

/* Take n values: copy the wanted ones, count those below.  The copies may go to the array itself.
 */
void wk_bracket_add(wk_bracket *bracket, const float *values, int64_t n);

/* Reorder values so that the rank-th smallest stands at its place, none greater before it and none
 * smaller after it. */
void wk_bracket_place(float *values, int64_t n, int64_t rank);

#endif
