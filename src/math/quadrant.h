/* The nearest of many points in each of the four quadrants about the pixels of an image.
 *
 * Along a row of pixels the square of the distance to a point is X^2 plus a straight line in X.  In
 * a quadrant that opens to the left, points come in from the left and, once one of them is nearer
 * than another that came in before, it stays so: the nearest points are the lower envelope of those
 * lines, which one walk over the points in the order of x finds for the whole row.  Before that,
 * points that are never nearest in a block of rows are left out, and of those the same for smaller
 * blocks, so that a row walks over the points around it only.  The work a row is near the number of
 * pixels plus the number of points that are nearest somewhere in it, however they are spread.
 *
 * Differences are pixel less point, distances are sqrt(dx dx + dy dy) in double; of equal ones the
 * lowest index is the nearest.  The answers are those of trying all points, to the bit (points
 * whose distances agree to some 1e-15 of their size, but not exactly, may change places).
 */
#ifndef WELKIN_MATH_QUADRANT_H
#define WELKIN_MATH_QUADRANT_H

#include "welkin/status.h"

/* The four, in order: x and y of the difference both positive; x negative; y negative; both. */
typedef enum wk_quadrant_rule {
    WK_QUADRANT_HALF_OPEN = 0, /* every other place is in one: (dx > 0, dy >= 0), (dx <= 0, dy > 0),
                                  (dx >= 0, dy < 0), (dx < 0, dy <= 0) */
    WK_QUADRANT_STRICT         /* points on the pixel's own row or column are in none */
} wk_quadrant_rule;

typedef struct wk_quadrants wk_quadrants;

/* Pixels up to `end` (and from the end of the run before) have the same four points. */
typedef struct wk_quadrant_run {
    int64_t end;
    int64_t point[4]; /* -1: none */
} wk_quadrant_run;

/* Given      x, y    [count], finite; borrowed while the object lives
 *            width   columns of the image, >= 1; count below 2^31
 * Returned   out     free with wk_quadrants_free */
wk_status wk_quadrants_create(wk_quadrants **out, const double *x, const double *y, int64_t count,
                              int64_t width, wk_quadrant_rule rule, wk_error *error);
void wk_quadrants_free(wk_quadrants *quadrants);

/* What one thread needs to ask for rows; best in ascending order. */
typedef struct wk_quadrant_walk wk_quadrant_walk;
wk_status wk_quadrant_walk_create(wk_quadrant_walk **out, const wk_quadrants *quadrants,
                                  wk_error *error);
void wk_quadrant_walk_free(wk_quadrant_walk *walk);

/* Bytes that a walk holds. */
size_t wk_quadrant_walk_bytes(const wk_quadrants *quadrants);

/* The runs of a row, which fill it; borrowed until the next call. */
const wk_quadrant_run *wk_quadrant_row(int64_t *count, wk_quadrant_walk *walk, int64_t row);

/* The same for any one place, a point left out (skip -1: none).
 * Returned   point     -1: none in this quadrant
 *            distance  of each; 0 for none */
void wk_quadrant_place(int64_t point[4], double distance[4], const wk_quadrants *quadrants,
                       double x, double y, int64_t skip);

#endif
