/* The thin-plate smoothing spline through scattered points of the plane, two values at each.
 *
 * Of all functions f it is the one that minimises
 *
 *     sum (value - f(x, y))^2 + lambda J(f),   J = integral of f_xx^2 + 2 f_xy^2 + f_yy^2,
 *
 * and has the form a + b x + c y + sum w r^2 ln r over the points (Duchon 1977; Wahba 1990, "Spline
 * models for observational data", ch. 2).  The weights' penalty is 8 pi lambda w' K w, K the matrix
 * of kernels: what other programs call the smoothing is 8 pi lambda.
 *
 * The plane is the drift, what costs nothing.  Instead of it the drift may be a polynomial of total
 * degree 2 or 3: the weights are then orthogonal to its 6 or 10 terms at the points, for which
 * w' K w is positive just as well (universal kriging; Wahba 1990, ch. 2.4 and 3).  Distortions of
 * lenses are a rotation and a cubic but for little.  To the kernels alone such a field is an
 * unlikely one, smoother all over than a bent plate: they need many parameters for it, the more the
 * more points there are, and state errors that are too large by 1.3 to 1.5.  With a cubic drift
 * they have the rest to do, and the errors of a field of cubic and quintic terms are right to
 * 11 %.
 *
 * A degree that is not given is the one of least robust cross validation, see below, at its own
 * best lambda.  Its logarithm times the number of points, summed over both values, is to -2 ln of a
 * likelihood; a higher degree must lower it by 8, which for none of 10 000 fields of a plane and
 * noise it did.  Up to 400 places, spread evenly, are looked at: terms that stand out of the
 * noise stand out of that of 400 points, and where they hardly do it matters little which degree is
 * taken.  Both values have the same drift.
 *
 * lambda is that of least robust generalised cross validation (Lukas 2006, Inverse Problems 22,
 * 1883, gamma = 0.3), one for each value.  Cross validation proper, the sum of squared
 * leave-one-out residuals, differs from it by treating points of high leverage, those at the rim,
 * each by itself, which makes its minimum depend on a few of them, and costs O(n^2) a lambda
 * instead of O(n).  Both take noise for structure once in a while where points are few: their
 * minimum is flat towards small lambda.  The robust form adds what the solution would change if
 * values did.  Where points are too few for the truth any such choice goes to interpolation, which
 * says nothing about the noise; so the parameters that lambda may leave beyond the drift are at
 * most 0.7 of those that there could be.  Errors are then too large rather than too small.
 *
 * Beyond some thousand points the same is done in the span of the kernels of some hundred of them.
 */
#ifndef WELKIN_MATH_THIN_PLATE_H
#define WELKIN_MATH_THIN_PLATE_H

#include "welkin/status.h"

typedef struct wk_plate_points {
    const double *x, *y;     /* [count] */
    const double *values[2]; /* [count] each; both have the same weights, all equal */
    int64_t count;
} wk_plate_points;

typedef struct wk_plate_options {
    double smooth; /* lambda, in squares of the unit of x; 0: interpolate; NaN (default): chosen */
    int64_t dense; /* up to so many points exactly (2000) */
    int64_t knots; /* beyond: kernels at so many of them (500) */
    int drift;     /* degree, 1..3; 0 (default): chosen */
} wk_plate_options;

wk_plate_options wk_plate_options_default(void);

typedef struct wk_plate_report {
    int64_t rows;        /* points given */
    int64_t places;      /* of them different, see note 2 */
    int64_t centres;     /* kernels */
    int exact;           /* a kernel at each place */
    int drift;           /* degree in force, see note 6 */
    double lambda[2];    /* in force */
    double effective[2]; /* number of parameters, from the drift's terms to places: the trace of the
                            influence matrix */
    double sigma[2];     /* of the values' noise, rss / (rows - effective); NaN: nothing is left */
    const double *fitted[2];   /* [rows] */
    const double *left_out[2]; /* [rows] value less what the other points predict there; NaN: the
                                  others do not determine the drift */
} wk_plate_report;

typedef struct wk_plate wk_plate;

/* Fit both values.
 *
 * Given      points    finite, in any order
 *            options   NULL: the defaults
 * Returned   plate     to be freed
 * Status     WK_ARGUMENT         a number that is not finite, an option out of range
 *            WK_NO_DATA          fewer than three places, or all on one line
 *            WK_NO_CONVERGENCE   never seen
 *            WK_MEMORY
 * Notes      1. The same bits for any number of threads.  The order of the points matters only
 *               for sums over points at one place.
 *            2. Points nearer than 1e-6 of the field's extent are one place, with their mean value
 *               and their number as its weight, for any lambda: for equal places that is the
 *               same, and it keeps interpolation from dividing by nothing.
 *            3. fitted and left_out are of rows, not of places.  With knots a point is left out of
 *               the values, not of the knots.
 *            4. The knots are spread by always taking the place farthest from those taken.
 *            5. A lambda of 0 with more points than dense gives least squares.
 *            6. The drift is of a lower degree than asked for where places or knots are no more
 *               than its terms, or lie on one curve of its degree (a conic, a cubic) to 1e-6.  One
 *               that is chosen has at most half as many terms as there are places, and each of them
 *               is 1 % or more its own.  The degree is chosen in the same way if lambda is given.
 * Accuracy   1e-9 of the values against another program [test_thin_plate, oracle test_thin_plate]
 */
wk_status wk_plate_create(wk_plate **plate, const wk_plate_points *points,
                          const wk_plate_options *options, const wk_context *context,
                          wk_error *error);

void wk_plate_free(wk_plate *plate);

/* Borrowed from the plate. */
const wk_plate_report *wk_plate_reported(const wk_plate *plate);

/* How many numbers of room wk_plate_value needs. */
int64_t wk_plate_room(const wk_plate *plate);

/* Value and standard error of the functions at a place.
 *
 * Given      room      wk_plate_room numbers, with error only; may be NULL without
 * Returned   value     [2]
 *            error     [2], may be NULL: that of the function, not of a new value, as of the
 *                      posterior of a Gaussian process with this spline as its mean (Wahba 1983,
 *                      J. R. Statist. Soc. B 45, 133); NaN if sigma is, or lambda is 0
 * Notes      Values cost O(centres), errors O(centres^2).  The drift's coefficients have no prior.
 * Accuracy   (f - truth) / error has an rms of 1 over the points to 15 % for a smooth truth and
 *            for a cubic [test_thin_plate]; between distant points and outside all of them it is as
 * good as the picture of the truth as a bent plate
 */
void wk_plate_value(double value[2], double error[2], const wk_plate *plate, double x, double y,
                    double *room);

#endif
