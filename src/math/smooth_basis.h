/* The penalty along one axis of a mesh and its eigenvectors, and products with them. */
#ifndef WELKIN_MATH_SMOOTH_BASIS_H
#define WELKIN_MATH_SMOOTH_BASIS_H

#include "welkin/status.h"

enum { WK_BASIS_BANDS = 7 };

typedef struct wk_smooth_basis {
    int64_t n;
    double *bands;   /* [n][7] the penalty's matrix from three left of the diagonal on */
    double *values;  /* [n] eigenvalues, ascending, >= 0 */
    double *rows;    /* [n][n] an eigenvector a row */
    double *columns; /* the same transposed */
} wk_smooth_basis;

/* Caller releases, also after a failure. */
wk_status wk_smooth_basis_make(wk_smooth_basis *basis, int64_t n, wk_error *error);
void wk_smooth_basis_release(wk_smooth_basis *basis);

/* Coefficients of a mesh [ny][nx], or the mesh of coefficients; room for as many doubles.  out may
 * be in. */
void wk_smooth_transform(double *out, const double *in, const wk_smooth_basis *x,
                         const wk_smooth_basis *y, double *room);
void wk_smooth_restore(double *out, const double *in, const wk_smooth_basis *x,
                       const wk_smooth_basis *y, double *room);

/* out = the penalties' derivative: each row times x's matrix plus each column times y's. */
void wk_smooth_penalty(double *out, const double *in, const wk_smooth_basis *x,
                       const wk_smooth_basis *y);

#endif
