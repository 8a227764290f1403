/* Which pixels of an exposure serve several of its overlaps at once.
 *
 * The noise of such a pixel moves the values of all of these overlaps together; taken as
 * independent, the errors of levels in a deep stack would come out far too small.  A sample of
 * points over the exposure shows which sets of overlaps share how much.
 */
#ifndef WELKIN_SKY_SHARE_H
#define WELKIN_SKY_SHARE_H

#include "overlap.h"
#include "span.h"

enum { wk_share_points = 64 }; /* sample points along each axis, at most */

/* Reused from field to field; start from all zero bytes. */
typedef struct wk_share {
    int64_t width, height, nx, ny;
    uint64_t *marks; /* [sides][wk_share_points]: a bit for each point of a row */
    uint64_t *keys;  /* [points]: a hash of the set of sides that hold the point */
    size_t side_room;
    size_t key_room;
} wk_share;

void wk_share_release(wk_share *share);

/* Forget all marks. */
wk_status wk_share_begin(wk_share *share, size_t sides, int64_t width, int64_t height,
                         wk_error *error);

/* Mark the sample points among the good pixels of one side. */
void wk_share_mark(wk_share *share, size_t side, const wk_spans *spans, const wk_pixels *pixels);

/* Store the sets of two and more sides, and the points of each side, in the member. */
wk_status wk_share_end(wk_share *share, wk_member *member, wk_error *error);

#endif
