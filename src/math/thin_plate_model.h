/* What the files of the thin plate share. */
#ifndef WELKIN_MATH_THIN_PLATE_MODEL_H
#define WELKIN_MATH_THIN_PLATE_MODEL_H

#include "thin_plate.h"
#include "thin_plate_places.h"
#include "thin_plate_drift.h"
#include "tridiagonal.h"

/* All lengths are in units of scale, from the middle.  With k the kernels and p the drift's terms
 * of a place, q = R'^-1 p and Q_1 the orthonormal functions of the drift at the centres,
 *
 *     y = basis' k - slant q
 *
 * are functions in which the penalty or, with knots, the sum of squares is of three diagonals; the
 * values are p trend + k weights. */
struct wk_plate {
    double middle_x, middle_y, scale;
    int64_t centres, m; /* m = centres - terms */
    double *u, *v;      /* [centres] */
    double *weights[2]; /* [centres] */
    double trend[2][WK_PLATE_TERMS];
    wk_plate_drift drift; /* at the centres */
    double *columns;      /* [centres][terms] Q_1, times the root of the weights */
    double core[WK_PLATE_TERMS][WK_PLATE_TERMS]; /* Q_1' K Q_1 */
    double *slant;                               /* [m][terms] */
    double *basis;                               /* [centres][m] */
    wk_tridiagonal tridiagonal;                  /* without vectors */
    double shift[2];                             /* 8 pi lambda in scaled units */
    double *pivot[2], *ratio[2];                 /* [m] of tridiagonal + shift */
    wk_plate_drift ground;                       /* with knots: at all places */
    double *tilt; /* with knots: [terms][m], the drift in y over all places */
    wk_plate_report report;
    double *rows; /* [4][rows] of the report */
};

/* What the choice of lambda must know: the rss is rest + sum square (shift / (gain + shift))^2, the
 * trace terms + sum gain / (gain + shift). */
typedef struct wk_plate_spectrum {
    const double *gain;   /* [m] > 0 */
    const double *square; /* [m] */
    double rest;
    int64_t m, rows, places;
    int terms;
} wk_plate_spectrum;

double wk_plate_shift_choose(const wk_plate_spectrum *spectrum);

/* Robust cross validation, what is least at the shift chosen: an estimate of the variance of a new
 * value times a factor that grows with what the values' noise does to the solution. */
double wk_plate_score(const wk_plate_spectrum *spectrum, double shift);

/* The trace of the influence matrix. */
double wk_plate_trace(const wk_plate_spectrum *spectrum, double shift);

/* Shift of a lambda of the caller, and back. */
double wk_plate_shift_of(double lambda, double scale);
double wk_plate_lambda_of(double shift, double scale);

/* drift, columns, core, slant, m, and what is left of the kernels: u, v and centres are set.
 *
 * Given      share     as for the drift
 * Returned   inner     [m][m] Q_2' K Q_2, to be freed
 *            plate     slant is Q_2' K Q_1 yet
 */
wk_status wk_plate_kernel_reduce(wk_plate *plate, double **inner, int degree, const double half[2],
                                 const double *share, wk_error *error);

/* slant <- turned' slant, turned [m][m] */
wk_status wk_plate_slant_turn(wk_plate *plate, const double *turned, wk_error *error);

/* Shifts, factors, traces from the components of both values, [m][2] in the functions y.
 *
 * Given      along     they are; spoilt
 *            pilot     0: exact; with knots the shift for which rest is the rss
 *            rest      [2] of the spectra, for the pilot
 */
wk_status wk_plate_shifts_make(wk_plate *plate, double *along, double smooth, const double rest[2],
                               double pilot, wk_error *error);

/* The functions y at the place of terms p, from its kernels [centres]. */
void wk_plate_functions(double *y, double *q, const wk_plate *plate, const double *kernels,
                        const double *p);

/* What the functions y have but for kernels, and less the drift over all places: with knots. */
void wk_plate_drifts(double *y, const wk_plate *plate, const double *p);

/* The fits; plate is zeroed but for scale, middle and the report's rows, places and drift. */
wk_status wk_plate_dense(wk_plate *plate, const wk_plate_places *places,
                         const wk_plate_points *points, double smooth, const wk_context *context,
                         wk_error *error);
wk_status wk_plate_knots(wk_plate *plate, const wk_plate_places *places,
                         const wk_plate_points *points, const wk_plate_options *options,
                         const wk_context *context, wk_error *error);

/* Fitted values and residuals of rows whose places have the residuals rest and, of 1 less the
 * influence, left.  Adds up sigma. */
void wk_plate_rows_fill(wk_plate *plate, int q, const wk_plate_places *places,
                        const wk_plate_points *points, const double *rest, const double *left);

#endif
