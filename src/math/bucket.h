/* Points of the plane in buckets of a few, so that near ones are found without trying all.
 *
 * The buckets are leaves of a tree that halves the number of points along the longer side of their
 * box (Bentley 1975, "Multidimensional binary search trees"): its depth depends on their number
 * alone, not on how they lie.  Distances are sqrt(dx^2 + dy^2); of equal ones the lowest index
 * comes first, and answers are those that trying all points would give, to the bit.  Many threads
 * may ask at once.
 */
#ifndef WELKIN_MATH_BUCKET_H
#define WELKIN_MATH_BUCKET_H

#include "welkin/status.h"

typedef struct wk_bucket wk_bucket;

/* Copy count points; those whose x or y is not finite are left out, and the others keep their
 * index.  The caller frees with wk_bucket_free.  WK_MEMORY. */
wk_status wk_bucket_create(wk_bucket **out, const double *x, const double *y, int64_t count,
                           wk_error *error);

/* How many points take part. */
int64_t wk_bucket_count(const wk_bucket *bucket);

/* The index of the nearest point and its distance (NULL: not wanted); -1 and NaN if there is none,
 * or the place is not finite. */
int64_t wk_bucket_nearest(const wk_bucket *bucket, double x, double y, double *distance);

/* The same among points no farther than radius. */
int64_t wk_bucket_nearest_within(const wk_bucket *bucket, double x, double y, double radius,
                                 double *distance);

/* The k nearest points by ascending distance, both arrays [k].  Returns how many they are: k, or
 * all that take part if those are fewer. */
int64_t wk_bucket_near(const wk_bucket *bucket, double x, double y, int64_t k, int64_t *indices,
                       double *distances);

/* Call visit for every point no farther than radius, in no stated order.  A nonzero answer ends
 * the search and is returned. */
int wk_bucket_within(const wk_bucket *bucket, double x, double y, double radius,
                     int (*visit)(int64_t index, double distance, void *), void *payload);

void wk_bucket_free(wk_bucket *bucket);

#endif
