/* Where an exposure lies on the sky. */
#ifndef WELKIN_SKY_FOOTPRINT_H
#define WELKIN_SKY_FOOTPRINT_H

#include "welkin/status.h"
#include "welkin/wcs.h"

enum { wk_footprint_most = 128 }; /* vertices at most */

typedef struct wk_footprint {
    int64_t count;        /* vertices; 0: the border is not all on the sky, only the cap holds */
    double *sky;          /* [count + 1][2] degrees, closed; NULL if count is 0 */
    double (*vectors)[3]; /* [count] */
    double centre[3];     /* of the bounding cap */
    double radius;        /* radians, some pixels of margin included */
    double scale;         /* radians a pixel */
    double growth;        /* factor that grows the polygon by more than a pixel on every side */
} wk_footprint;

/* Follow the outer pixel edges until great-circle arcs between the vertices keep within 0.1 px.
 *
 * Status     WK_WCS  no pixel lies on the sky
 * Notes      Where a part of the border has no position (beyond a projection's limit) or the cap is
 *            wider than 60 degrees, the polygon is left out and the cap covers the whole sky.
 */
wk_status wk_footprint_create(wk_footprint *out, wk_wcs *wcs, int64_t width, int64_t height,
                              wk_error *error);

void wk_footprint_release(wk_footprint *footprint);

/* Whether pixels of the two may share sky: never a false no; a false yes within some pixels. */
int wk_footprint_meet(const wk_footprint *a, const wk_footprint *b);

/* Whether a footprint and a cap about a unit vector (radius in radians) share a point, as exact as
 * the border is; one without a polygon shares one with everything. */
int wk_footprint_reach(const wk_footprint *footprint, const double centre[3], double radius);

#endif
