/* Scales and rotations for which many distances between stars of two lists agree. */
#ifndef WELKIN_SKY_STAR_VOTE_H
#define WELKIN_SKY_STAR_VOTE_H

#include "star_pair.h"

enum { WK_STAR_CANDIDATES = 20 };

typedef struct wk_star_candidate {
    double scale, rotation; /* from reference to current; radians */
    double width;           /* relative uncertainty of the scale, and of the rotation in radians */
} wk_star_candidate;

/* Every pair of stars of one list and every pair of the other vote for a scale of 0.5..2 and a
 * rotation up to half a turn, for nothing tells which star of a pair is which; taken are the bins
 * that stand out most, of two widths, each in both directions.
 *
 * Returned   candidates  [WK_STAR_CANDIDATES], most outstanding first of each width, alternating
 *            count       how many; 0 if no two distances have a ratio of 0.5..2
 * Status     WK_MEMORY
 */
wk_status wk_star_vote(wk_star_candidate *candidates, int64_t *count, const wk_star_places *current,
                       const wk_star_places *reference, wk_error *error);

#endif
