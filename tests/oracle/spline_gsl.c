/* Akima and natural splines against GSL, on random nodes with ties.
 *
 * GSL is under the GPL: this program alone is linked with it, is built only where GSL is found and
 * is never installed.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsl/gsl_interp.h>

#include "spline.h"

enum { CASES = 2000, MOST = 40, PLACES = 200 };

/* A uniform number of 0..1 by a generator that every C has the same. */
static double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53;
}

/* Nodes at uneven places.  Half of the cases have values of few levels and nodes a whole number
 * apart, so that neighbouring slopes are often equal. */
static void draw(double *x, double *y, size_t n, uint64_t *state)
{
    int coarse = uniform(state) < 0.5;
    double place = 1000.0 * (uniform(state) - 0.5);
    for (size_t i = 0; i < n; i++) {
        double value = uniform(state);
        x[i] = place;
        y[i] = coarse ? floor(3.0 * value) : 1e3 * value;
        place += coarse ? 1.0 + floor(2.0 * uniform(state)) : 0.1 + uniform(state);
    }
}

/* The largest difference from GSL in units of the largest |y|, over the span of the nodes. */
static double compare(const gsl_interp_type *type, wk_spline_style style, size_t n, uint64_t *state)
{
    double x[MOST], y[MOST], room[2 * MOST + 4];
    wk_piece pieces[MOST + 1];
    draw(x, y, n, state);
    int64_t count = wk_spline_make(pieces, x, y, (int64_t)n, style, room);
    gsl_interp *theirs = gsl_interp_alloc(type, n);
    assert_int_equal(gsl_interp_init(theirs, x, y, n), 0);
    double scale = 0.0, worst = 0.0;
    for (size_t i = 0; i < n; i++)
        scale = fmax(scale, fabs(y[i]));
    for (int i = 0; i <= PLACES; i++) {
        double at = fmin(x[0] + (x[n - 1] - x[0]) * i / PLACES, x[n - 1]);
        int64_t k = wk_spline_find(pieces, count, at, 0);
        worst = fmax(
            worst, fabs(wk_piece_value(&pieces[k], at) - gsl_interp_eval(theirs, x, y, at, NULL)));
    }
    gsl_interp_free(theirs);
    return scale > 0.0 ? worst / scale : worst;
}

static void all_cases(const gsl_interp_type *type, wk_spline_style style)
{
    uint64_t state = 20240607;
    size_t least = (size_t)wk_spline_least(style);
    double worst = 0.0;
    for (int i = 0; i < CASES; i++) {
        size_t n = least + (size_t)(uniform(&state) * (double)(MOST + 1 - least));
        worst = fmax(worst, compare(type, style, n, &state));
    }
    print_message("# largest difference %.3g of the largest value\n", worst);
    /* the same formulas, rounded in another order: some hundred times 1e-16 */
    assert_true(worst < 1e-12);
}

static void test_akima(void **state)
{
    (void)state;
    all_cases(gsl_interp_akima, WK_SPLINE_AKIMA);
}

static void test_natural(void **state)
{
    (void)state;
    all_cases(gsl_interp_cspline, WK_SPLINE_NATURAL);
}

/* Beyond the outer nodes the value, slope and curvature that GSL has at the node go on. */
static void test_outside(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (int i = 0; i < 200; i++) {
        double x[12], y[12], room[2 * 12 + 4];
        wk_piece pieces[13];
        draw(x, y, 12, &seed);
        int64_t count = wk_spline_make(pieces, x, y, 12, WK_SPLINE_AKIMA, room);
        gsl_interp *theirs = gsl_interp_alloc(gsl_interp_akima, 12);
        gsl_interp_init(theirs, x, y, 12);
        for (int end = 0; end < 2; end++) {
            double at = end ? x[11] : x[0];
            double h = end ? 0.7 : -0.7;
            double want = (end ? y[11] : y[0]) + h * gsl_interp_eval_deriv(theirs, x, y, at, NULL) +
                          0.5 * h * h * gsl_interp_eval_deriv2(theirs, x, y, at, NULL);
            double got = wk_piece_value(&pieces[end ? count - 1 : 0], at + h);
            /* values and slopes up to 1e4, curvatures to 1e6 at the closest nodes; at + h rounds */
            assert_true(fabs(got - want) < 1e-8);
        }
        gsl_interp_free(theirs);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_akima),
        cmocka_unit_test(test_natural),
        cmocka_unit_test(test_outside),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
