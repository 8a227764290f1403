/* The planes among functions at scattered places, and what is orthogonal to them. */
#ifndef WELKIN_MATH_THIN_PLATE_PLANE_H
#define WELKIN_MATH_THIN_PLATE_PLANE_H

#include "welkin/status.h"

/* P = Q [R; 0], the rows of P being share[i] (1, u[i], v[i]). */
typedef struct wk_plate_plane {
    int64_t n;
    double *vector;  /* [3][n] Householder's */
    double scale[3]; /* Q = (1 - scale v v') ... */
    double r[3][3];  /* upper triangle */
} wk_plate_plane;

/* share NULL: all 1.  To be released, also after a failure. */
wk_status wk_plate_plane_make(wk_plate_plane *plane, const double *u, const double *v,
                              const double *share, int64_t n, wk_error *error);

void wk_plate_plane_release(wk_plate_plane *plane);

/* x <- Q' x */
void wk_plate_plane_turn(const wk_plate_plane *plane, double *x);

/* A <- Q' A Q for a symmetric matrix [n][n], both triangles kept.  room: n */
void wk_plate_plane_turn_both(const wk_plate_plane *plane, double *matrix, double *room);

/* out = Q [0; basis] with basis [n - 3][m], out [n][m].  room: m */
void wk_plate_plane_extend(const wk_plate_plane *plane, double *out, const double *basis, int64_t m,
                           double *room);

/* The first three columns of Q, as [n][3]. */
void wk_plate_plane_columns(const wk_plate_plane *plane, double *out);

/* q = R'^-1 p */
void wk_plate_plane_below(const wk_plate_plane *plane, double q[3], const double p[3]);

/* b = R^-1 y */
void wk_plate_plane_above(const wk_plate_plane *plane, double b[3], const double y[3]);

#endif
