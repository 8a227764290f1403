/* The noise that overlaps have in common, as the solver takes it. */
#ifndef WELKIN_SKY_MATCH_SHARE_H
#define WELKIN_SKY_MATCH_SHARE_H

#include "overlap.h"
#include "solve.h"

typedef struct wk_shared_noise {
    wk_noise_source *sources;
    int64_t count;
    wk_noise_term *terms;
    int64_t term_count;
} wk_shared_noise;

/* List the shared noise, and take it out of the edges' own errors.
 *
 * Given      edges   of our items a < b, sorted by a and b, their errors being complete
 * Returned   out     release with wk_shared_noise_release, on failure too
 * Notes      A set of pixels of one field that holds the share f of a side with standard error e
 *            adds e sqrt(f) times one random number to every side in which the set lies.
 */
wk_status wk_shared_noise_list(wk_shared_noise *out, wk_edge *edges, int64_t count,
                               const wk_overlaps *overlaps, wk_error *error);

void wk_shared_noise_release(wk_shared_noise *shared);

#endif
