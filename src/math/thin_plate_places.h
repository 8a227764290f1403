/* Rows of a table as places of the plane: centred, scaled, sorted, those too close together made
 * one. */
#ifndef WELKIN_MATH_THIN_PLATE_PLACES_H
#define WELKIN_MATH_THIN_PLATE_PLACES_H

#include "thin_plate.h"

typedef struct wk_plate_places {
    double middle_x, middle_y, scale; /* u = (x - middle_x) / scale */
    int64_t rows, count;
    double half[2];    /* half widths along u and v: the larger is 1 */
    double *u, *v;     /* [count], within -1..1, ascending along the longer side of the field */
    double *share;     /* [count]; square root of how many rows the place has */
    double *value[2];  /* [count] mean of the rows' values */
    int64_t *place;    /* [rows] where a row has gone */
    double scatter[2]; /* sum of (value - mean)^2 over the rows */
    int64_t *spread;   /* [as asked for] places spread evenly; NULL: not made */
} wk_plate_places;

/* Status     WK_ARGUMENT   a number that is not finite
 *            WK_NO_DATA    fewer than three places, or all on one line
 *            WK_MEMORY
 * Notes      Rows join the first place, in order of the longer side of the field, that is nearer
 *            than 1e-6 of the extent.  To be released, also after a failure.
 */
wk_status wk_plate_places_make(wk_plate_places *places, const wk_plate_points *points,
                               wk_error *error);

/* Some of the places by farthest distance, from the place nearest the middle on; of equal ones the
 * first.
 *
 * Given      count     at most as many as there are
 * Returned   places    spread
 * Status     WK_MEMORY
 */
wk_status wk_plate_places_spread(wk_plate_places *places, int64_t count, wk_error *error);

void wk_plate_places_release(wk_plate_places *places);

#endif
