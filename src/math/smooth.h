/* The smoothest surface that the scatter of a mesh's values allows.
 *
 * The values' plane is taken off.  For what remains the surface s minimises
 *
 *     sum w (v - s)^2 + lambda * sum over rows and columns of (third difference)^2 + t (step)^2
 *
 * with weights of mean 1 over the nodes that have a value and t = 0.03.  Rows and columns end
 * freely, so that curvature goes on to the edges; the small penalty on steps lets s fall back to
 * the plane across wide gaps and changes nothing at the scale of a few nodes.  lambda is the one of
 * least robust generalised cross validation (Lukas 2006, gamma = 0.3), which, unlike the plain
 * kind, does not take noise for structure on small meshes.
 *
 * Both penalties are the same for each row, so their eigenvectors, one set an axis, make the
 * problem diagonal when all weights are equal; then two transforms are all.  Otherwise conjugate
 * gradients are preconditioned with that solution.
 */
#ifndef WELKIN_MATH_SMOOTH_H
#define WELKIN_MATH_SMOOTH_H

#include "welkin/status.h"

typedef struct wk_smooth_report {
    double lambda;      /* 0: the plane says all, there are too few nodes for more */
    double freedom;     /* effective number of parameters, of the nodes with a value */
    int64_t nodes;      /* with a value and a weight */
    int64_t iterations; /* of conjugate gradients, all together */
} wk_smooth_report;

/* Smooth the values of a mesh.
 *
 * Given      values    [ny][nx]; NaN: none
 *            weights   [ny][nx], 1 / variance up to a factor; 0 or not finite: the value is not
 *                      used; NULL: all equal
 * Returned   out       [ny][nx], everywhere finite; all NaN if there is no node
 *            report    may be NULL
 * Status     WK_MEMORY
 *            WK_NO_CONVERGENCE   the eigenvalues of a penalty were not found: never seen
 * Notes      1. A plane comes back as it is, also where there is no value.
 *            2. Serial; the same bits always.
 *            3. Conjugate gradients end at a relative change of 1e-12, or when they have cost
 *               their share of time: 1000 rounds on meshes below 40 x 40, 8 above 200 x 200.  The
 *               first guess fills gaps from ever coarser means, so that what is not converged then
 *               is the middle of wide gaps.
 *            4. 64 x 64 nodes take 1 ms when all weights are equal, 2 ms with scattered gaps, 50 ms
 *               when half of them are missing; 256 x 256 nodes 70, 100 and 180 ms.
 * Accuracy   1e-8 against a dense solution [test_smooth]
 */
wk_status wk_smooth_fit(double *out, const double *values, const double *weights, int64_t nx,
                        int64_t ny, wk_smooth_report *report, wk_error *error);

/* The same with a given lambda > 0. */
wk_status wk_smooth_with(double *out, const double *values, const double *weights, int64_t nx,
                         int64_t ny, double lambda, wk_smooth_report *report, wk_error *error);

#endif
