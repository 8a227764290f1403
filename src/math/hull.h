/* The convex hull of points in the plane. */
#ifndef WELKIN_MATH_HULL_H
#define WELKIN_MATH_HULL_H

#include "welkin/status.h"

typedef struct wk_hull {
    double *x, *y; /* [count] corners, anticlockwise; two for points on a line, one, or none */
    int64_t count;
} wk_hull;

/* Points are finite.  Start from all zero bytes, free with wk_hull_release. */
wk_status wk_hull_make(wk_hull *hull, const double *x, const double *y, int64_t count,
                       wk_error *error);
void wk_hull_release(wk_hull *hull);

/* The part of the line at height y that is inside, its ends included; 0: none. */
int wk_hull_span(const wk_hull *hull, double y, double span[2]);

#endif
