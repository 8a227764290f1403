/* From the places of stars in one image to those in another: a similarity, or a polynomial. */
#ifndef WELKIN_SKY_STAR_TRANSFORM_H
#define WELKIN_SKY_STAR_TRANSFORM_H

#include "welkin/status.h"

enum { WK_STAR_ORDER_MOST = 5, WK_STAR_TERMS = 21 };

/* Pairs of places; which of them count in a fit is for clipping to say. */
typedef struct wk_star_pairs {
    int64_t count;
    double *from[2], *to[2]; /* [count] */
    uint8_t *used;           /* [count] */
    float *residual;         /* [count] */
    void *room;              /* for the median of residuals */
} wk_star_pairs;

/* Order 0: to = origin + (a u - b v, b u + a v) with a = c[0][0], b = c[0][1].  Above: to = origin
 * + sum c T_i(u) T_j(v), terms by total degree, in each with the power of u falling. */
typedef struct wk_star_transform {
    int order;
    double centre[2], unit; /* u = (x - centre[0]) / unit */
    double origin[2];
    double c[2][WK_STAR_TERMS];
} wk_star_transform;

/* Room for as many as most pairs; count stays 0.  WK_MEMORY. */
wk_status wk_star_pairs_make(wk_star_pairs *pairs, int64_t most, wk_error *error);
void wk_star_pairs_release(wk_star_pairs *pairs);

/* The similarity of a scale, a rotation in radians and a place that is carried to another. */
wk_star_transform wk_star_transform_similarity(double scale, double rotation, const double from[2],
                                               const double to[2]);

/* Least squares over the used pairs, of the highest order up to the one given that has three pairs
 * for each term and is determined by where they lie.  Returns 0, or nonzero if not even a
 * similarity is: fewer than two places. */
int wk_star_transform_fit(wk_star_transform *out, const wk_star_pairs *pairs, int order);

/* The same with pairs left out that lie farther than five times the scatter (of one coordinate,
 * from the median distance) from the transform, but not for less than floor pixels. */
int wk_star_transform_clip(wk_star_transform *out, wk_star_pairs *pairs, int order, double floor);

/* Root mean square of the distances of all pairs from the transform. */
double wk_star_transform_rms(const wk_star_transform *transform, const wk_star_pairs *pairs);

void wk_star_transform_apply(const wk_star_transform *transform, double x, double y, double to[2]);

#endif
