/* Places of two lists that are each other's nearest. */
#ifndef WELKIN_SKY_STAR_PAIR_H
#define WELKIN_SKY_STAR_PAIR_H

#include "bucket.h"
#include "star_transform.h"
#include "welkin/status.h"

/* Places, brightest first; borrowed. */
typedef struct wk_star_places {
    const double *x, *y;
    int64_t count;
} wk_star_places;

/* Carry the reference's places through the transform and find their partners.
 *
 * Given      bucket    of the current places
 *            current   the same places
 * Returned   partner   int64[reference->count]: index of the current place that is nearest within
 *                      the radius and to which this one is the nearest; -1: there is none
 * Status     WK_MEMORY
 */
wk_status wk_star_pair_find(int64_t *partner, const wk_bucket *bucket,
                            const wk_star_places *current, const wk_star_places *reference,
                            const wk_star_transform *transform, double radius,
                            const wk_context *context, wk_error *error);

/* Gather them, in the order of the reference; pairs has room for all. */
void wk_star_pair_gather(wk_star_pairs *pairs, const int64_t *partner,
                         const wk_star_places *current, const wk_star_places *reference);

#endif
