#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "chebyshev.h"
#include "sanitized.h"

enum { MOST = 64 * 64 };

static double px[MOST], py[MOST], value[MOST], weight[MOST];

/* n x n nodes at the centres of equal cells. */
static wk_chebyshev_points grid(int n, double width, double height)
{
    for (int i = 0; i < n * n; i++) {
        px[i] = (i % n + 0.5) * width / n - 0.5;
        py[i] = (double)(i / n + 0.5) * height / n - 0.5;
        weight[i] = 1.0;
    }
    wk_chebyshev_points points = {(int64_t)n * n, px, py, value, weight};
    return points;
}

static double term(double at, double size, int k)
{
    return cos(k * acos((2.0 * at + 1.0) / size - 1.0));
}

static void test_terms(void **state)
{
    (void)state;
    assert_int_equal(wk_chebyshev_terms(0), 1);
    assert_int_equal(wk_chebyshev_terms(6), 28);
    assert_int_equal(wk_chebyshev_terms(WK_CHEBYSHEV_MOST), WK_CHEBYSHEV_TERMS);
}

/* Each term is found again at its place in the order 1, x, y, and so on by total degree. */
static void test_order_of_terms(void **state)
{
    (void)state;
    wk_chebyshev_points points = grid(8, 300.0, 200.0);
    int k = 0;
    for (int degree = 0; degree <= 6; degree++)
        for (int b = 0; b <= degree; b++, k++) {
            for (int i = 0; i < 64; i++)
                value[i] = term(px[i], 300.0, degree - b) * term(py[i], 200.0, b);
            wk_chebyshev fit;
            assert_int_equal(wk_chebyshev_fit(&fit, &points, 300, 200, 6, NULL), WK_OK);
            /* the equations' condition is about 20, the cosines carry 1e-15 */
            for (int j = 0; j < 28; j++)
                assert_true(fabs(fit.c[j] - (j == k)) < 1e-13);
        }
}

static float at(const wk_chebyshev *fit, int64_t x, int64_t y)
{
    float out;
    wk_chebyshev_run(&out, fit, y, x, 1);
    return out;
}

static void test_ramp(void **state)
{
    (void)state;
    wk_chebyshev_points points = grid(8, 256.0, 128.0);
    for (int i = 0; i < 64; i++)
        value[i] = 1000.0 + px[i] + py[i];
    wk_chebyshev fit;
    assert_int_equal(wk_chebyshev_fit(&fit, &points, 256, 128, 0, NULL), WK_OK);
    /* sums of 64 numbers near 1200, then half a unit of float32 */
    assert_true(fabs((double)at(&fit, 7, 99) - (1000.0 + 127.5 + 63.5)) < 6.2e-5);
    for (int order = 1; order <= 3; order++) {
        assert_int_equal(wk_chebyshev_fit(&fit, &points, 256, 128, order, NULL), WK_OK);
        for (int corner = 0; corner < 4; corner++) {
            int64_t x = corner % 2 ? 255 : 0, y = corner / 2 ? 127 : 0;
            assert_true(at(&fit, x, y) == (float)(1000 + x + y));
        }
    }
}

static void test_weights(void **state)
{
    (void)state;
    double x[] = {0, 1, 2, 3, 4}, y[] = {0, 0, 0, 0, 0};
    double v[] = {1, NAN, 5, 99, 99}, w[] = {3e200, 1, 1e200, NAN, 0};
    wk_chebyshev_points points = {5, x, y, v, w};
    wk_chebyshev fit;
    assert_int_equal(wk_chebyshev_fit(&fit, &points, 5, 1, 0, NULL), WK_OK);
    assert_true(fabs(fit.c[0] - 2.0) < 1e-15); /* (3 * 1 + 5) / 4 */
    w[3] = INFINITY;
    w[4] = -1.0;
    assert_int_equal(wk_chebyshev_fit(&fit, &points, 5, 1, 0, NULL), WK_OK);
    assert_true(fabs(fit.c[0] - 2.0) < 1e-15);
}

/* The residuals of a weighted fit are perpendicular to every term. */
static void test_residuals_are_perpendicular(void **state)
{
    (void)state;
    wk_chebyshev_points points = grid(12, 120.0, 240.0);
    for (int i = 0; i < 144; i++) {
        value[i] = 100.0 * exp(-px[i] / 50.0) + (double)((i * 7919) % 31);
        weight[i] = 1.0 + (i * 31) % 7;
    }
    wk_chebyshev fit;
    assert_int_equal(wk_chebyshev_fit(&fit, &points, 120, 240, 4, NULL), WK_OK);
    double residual[144];
    for (int i = 0; i < 144; i++) {
        residual[i] = value[i];
        for (int degree = 0, k = 0; degree <= 4; degree++)
            for (int b = 0; b <= degree; b++)
                residual[i] -= fit.c[k++] * term(px[i], 120.0, degree - b) * term(py[i], 240.0, b);
    }
    for (int degree = 0; degree <= 4; degree++)
        for (int b = 0; b <= degree; b++) {
            double sum = 0.0;
            for (int i = 0; i < 144; i++)
                sum += weight[i] * residual[i] * term(px[i], 120.0, degree - b) *
                       term(py[i], 240.0, b);
            assert_true(fabs(sum) < 1e-9); /* 144 products up to 1e3, each good to 1e-15 */
        }
}

/* Hard equations: a polynomial of their order is found again, to condition times rounding. */
static void test_high_orders(void **state)
{
    (void)state;
    const int sides[] = {20, 33, 64}, orders[] = {19, 32, 32};
    const double allowed[] = {1e-9, 1e-5, 1e-11}; /* conditions 1e5, 6e8, 1e2 */
    for (int k = 0; k < (SANITIZED ? 1 : 3); k++) {
        int n = sides[k] * sides[k];
        wk_chebyshev_points points = grid(sides[k], 640.0, 640.0);
        for (int i = 0; i < n; i++)
            value[i] =
                term(px[i], 640.0, orders[k]) + term(px[i], 640.0, 3) * term(py[i], 640.0, 9);
        wk_chebyshev fit;
        assert_int_equal(wk_chebyshev_fit(&fit, &points, 640, 640, orders[k], NULL), WK_OK);
        double worst = 0.0;
        for (int j = 0; j < wk_chebyshev_terms(orders[k]); j++) {
            int one = j == wk_chebyshev_terms(orders[k] - 1) || j == wk_chebyshev_terms(11) + 9;
            worst = fmax(worst, fabs(fit.c[j] - one));
        }
        assert_true(worst < allowed[k]);
    }
}

static wk_status fit_status(const wk_chebyshev_points *points, int order, const char *word)
{
    wk_chebyshev fit;
    wk_error error = {WK_OK, "", ""};
    wk_status status = wk_chebyshev_fit(&fit, points, 100, 100, order, &error);
    assert_non_null(strstr(error.message, word));
    return status;
}

static void test_no_solution(void **state)
{
    (void)state;
    wk_chebyshev_points points = grid(6, 100.0, 100.0);
    for (int i = 0; i < 36; i++)
        value[i] = 1.0;
    assert_int_equal(fit_status(&points, 6, "order 6"), WK_NO_DATA); /* T_6 is 0 or that of less */
    points.n = 12;
    assert_int_equal(fit_status(&points, 2, "12 usable"), WK_NO_DATA); /* two rows: no yy */
    points.n = 6;
    assert_int_equal(fit_status(&points, 1, "6 usable"), WK_NO_DATA); /* on a line */
    points.n = 2;
    assert_int_equal(fit_status(&points, 1, "2 usable"), WK_NO_DATA); /* fewer than terms */
    for (int i = 0; i < 36; i++)
        value[i] = NAN;
    points.n = 36;
    assert_int_equal(fit_status(&points, 0, "none of 36"), WK_NO_DATA);
    points.n = 0;
    assert_int_equal(fit_status(&points, 0, "none of 0"), WK_NO_DATA);
}

/* One x fewer than the order wants: rounding must not pass for a solution at any order. */
static void test_singular_at_every_order(void **state)
{
    (void)state;
    for (int side = 2; side <= (SANITIZED ? 19 : 33); side += side < 12 ? 1 : 7) {
        wk_chebyshev_points points = grid(side, 100.0, 100.0);
        for (int i = 0; i < side * side; i++)
            value[i] = i % side == 0 ? (double)NAN : 1.0;
        assert_int_equal(fit_status(&points, side - 1, "do not determine"), WK_NO_DATA);
    }
}

static void test_arguments(void **state)
{
    (void)state;
    wk_chebyshev_points points = grid(3, 100.0, 100.0);
    assert_int_equal(fit_status(&points, -1, "-1"), WK_ARGUMENT);
    assert_int_equal(fit_status(&points, 33, "33"), WK_ARGUMENT);
    wk_chebyshev fit;
    assert_int_equal(wk_chebyshev_fit(&fit, &points, 0, 5, 1, NULL), WK_ARGUMENT);
    assert_int_equal(wk_chebyshev_fit(&fit, &points, 5, 0, 1, NULL), WK_ARGUMENT);
}

/* Runs are those of the definition, wherever they are cut, for even and odd orders. */
static void test_run(void **state)
{
    (void)state;
    for (int order = 0; order <= 5; order++) {
        wk_chebyshev fit = {.order = order, .width = 400.0, .height = 30.0};
        for (int k = 0; k < wk_chebyshev_terms(order); k++)
            fit.c[k] = 1.0 / (1.0 + k);
        float whole[400], part[400];
        wk_chebyshev_run(whole, &fit, 11, 0, 400);
        for (int x = 0; x < 400; x++) {
            double want = 0.0;
            for (int degree = 0, k = 0; degree <= order; degree++)
                for (int b = 0; b <= degree; b++)
                    want += fit.c[k++] * term(x, 400.0, degree - b) * term(11.0, 30.0, b);
            assert_true(fabs((double)whole[x] - want) < 3e-7); /* float32 of up to 4 */
        }
        for (int from = 0; from < 400; from += 37)
            for (int count = 0; from + count <= 400; count += 41) {
                wk_chebyshev_run(part, &fit, 11, from, count);
                assert_memory_equal(part, whole + from, (size_t)count * sizeof *part);
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_terms),
        cmocka_unit_test(test_order_of_terms),
        cmocka_unit_test(test_ramp),
        cmocka_unit_test(test_weights),
        cmocka_unit_test(test_residuals_are_perpendicular),
        cmocka_unit_test(test_high_orders),
        cmocka_unit_test(test_no_solution),
        cmocka_unit_test(test_singular_at_every_order),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
