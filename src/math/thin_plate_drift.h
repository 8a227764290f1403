/* The polynomials of low degree among functions at scattered places, and what is orthogonal to
 * them. */
#ifndef WELKIN_MATH_THIN_PLATE_DRIFT_H
#define WELKIN_MATH_THIN_PLATE_DRIFT_H

#include "welkin/status.h"

enum { WK_PLATE_TERMS = 10 }; /* of the highest degree, 3 */

/* P = Q [R; 0], the rows of P being share[i] times the terms of the drift at (u[i], v[i]). */
typedef struct wk_plate_drift {
    int64_t n;
    int degree, terms;
    double half[2];               /* half widths of the field, by which u and v are divided */
    double *vector;               /* [terms][n] Householder's */
    double scale[WK_PLATE_TERMS]; /* Q = (1 - scale v v') ... */
    double r[WK_PLATE_TERMS][WK_PLATE_TERMS]; /* upper triangle */
} wk_plate_drift;

/* How many terms a degree has: 3, 6, 10. */
int wk_plate_drift_count(int degree);

/* p = the terms of a degree: products of Legendre's polynomials in u / half[0] and v / half[1],
 * those of lower degree first.  p has WK_PLATE_TERMS numbers. */
void wk_plate_drift_terms(double *p, int degree, const double half[2], double u, double v);

/* sum over the terms of coefficients and p */
double wk_plate_drift_sum(const double *coefficients, const double *p, int terms);

/* share NULL: all 1; n at least the number of terms.  To be released, also after a failure. */
wk_status wk_plate_drift_make(wk_plate_drift *drift, int degree, const double half[2],
                              const double *u, const double *v, const double *share, int64_t n,
                              wk_error *error);

void wk_plate_drift_release(wk_plate_drift *drift);

/* The highest degree all of whose terms the places determine: what the terms before leave of each
 * is more than a part of it. */
int wk_plate_drift_determined(const wk_plate_drift *drift, double part);

/* x <- Q' x */
void wk_plate_drift_turn(const wk_plate_drift *drift, double *x);

/* A <- Q' A Q for a symmetric matrix [n][n], both triangles kept.  room: n */
void wk_plate_drift_turn_both(const wk_plate_drift *drift, double *matrix, double *room);

/* out = Q [0; basis] with basis [n - terms][m], out [n][m].  room: m */
void wk_plate_drift_extend(const wk_plate_drift *drift, double *out, const double *basis, int64_t m,
                           double *room);

/* The first columns of Q, as [n][terms]. */
void wk_plate_drift_columns(const wk_plate_drift *drift, double *out);

/* q = R'^-1 p */
void wk_plate_drift_below(const wk_plate_drift *drift, double *q, const double *p);

/* b = R^-1 y */
void wk_plate_drift_above(const wk_plate_drift *drift, double *b, const double *y);

#endif
