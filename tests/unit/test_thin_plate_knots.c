#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "thin_plate_case.h"

/* A knot at each point is the exact spline: values, lambda, residuals, errors.  Sums of products
 * square the kernels' condition, some 1e4. */
static void all_points_check(int drift)
{
    wk_field field = field_make(80, 21, 0.3);
    field.x[79] = field.x[3], field.y[79] = field.y[3];
    wk_plate *exact = field_fit_drift(&field, (double)NAN, 2000, 500, drift, 1);
    wk_plate *knots = field_fit_drift(&field, (double)NAN, 10, 79, drift, 1);
    const wk_plate_report *a = wk_plate_reported(exact), *b = wk_plate_reported(knots);
    double *room = calloc((size_t)wk_plate_room(exact), sizeof *room);
    assert_true(a->exact && !b->exact && b->centres == 79);
    for (int q = 0; q < 2; q++) {
        assert_true(fabs(b->lambda[q] / a->lambda[q] - 1.0) < 1e-4);
        assert_true(fabs(b->effective[q] - a->effective[q]) < 1e-3);
        assert_true(fabs(b->sigma[q] / a->sigma[q] - 1.0) < 1e-5);
        for (int i = 0; i < 80; i++) {
            assert_true(fabs(a->fitted[q][i] - b->fitted[q][i]) < 1e-4);
            assert_true(fabs(a->left_out[q][i] - b->left_out[q][i]) < 1e-3);
        }
    }
    for (double x = -300.0; x < 1400.0; x += 170.0) {
        double one[4], two[4];
        wk_plate_value(one, one + 2, exact, x, 0.7 * x, room);
        wk_plate_value(two, two + 2, knots, x, 0.7 * x, room);
        for (int q = 0; q < 2; q++) {
            assert_true(fabs(one[q] - two[q]) < 1e-3);
            assert_true(fabs(two[2 + q] / one[2 + q] - 1.0) < 1e-3);
        }
    }
    free(room);
    wk_plate_free(exact);
    wk_plate_free(knots);
    field_free(&field);
}

static void test_all_points(void **state)
{
    (void)state;
    for (int drift = 1; drift <= 3; drift++)
        all_points_check(drift);
}

/* With lambda held the fit is linear in the values: one that is moved by 1 moves its own fit by
 * its influence, which the residual without it and the trace tell. */
static void influence_check(int drift)
{
    enum { N = 60, KNOTS = 25 };
    wk_field field = field_make(N, 22, 0.3);
    wk_plate *plate = field_fit_drift(&field, 1e3, 10, KNOTS, drift, 1);
    const wk_plate_report *report = wk_plate_reported(plate);
    double trace = 0.0;
    for (int i = 0; i < N; i++) {
        double rest = field.values[0][i] - report->fitted[0][i];
        field.values[0][i] += 1.0;
        wk_plate *moved = field_fit_drift(&field, 1e3, 10, KNOTS, drift, 1);
        field.values[0][i] -= 1.0;
        double influence = wk_plate_reported(moved)->fitted[0][i] - report->fitted[0][i];
        assert_true(fabs(report->left_out[0][i] - rest / (1.0 - influence)) < 1e-8);
        trace += influence;
        wk_plate_free(moved);
    }
    assert_true(fabs(trace - report->effective[0]) < 1e-8);
    wk_plate_free(plate);
    field_free(&field);
}

static void test_influence(void **state)
{
    (void)state;
    for (int drift = 1; drift <= 3; drift++)
        influence_check(drift);
}

static void test_planes(void **state)
{
    (void)state;
    const double smooth[] = {0.0, 1.0, 1e9, (double)NAN};
    wk_field field = field_make(90, 23, 0.0);
    for (int i = 0; i < 90; i++) {
        field.values[0][i] = 1e4 + 3.0 * field.x[i] - 2.0 * field.y[i];
        field.values[1][i] = -0.5 * field.x[i];
    }
    for (size_t k = 0; k < sizeof smooth / sizeof *smooth; k++) {
        wk_plate *plate = field_fit(&field, smooth[k], 10, 30, 1);
        for (double x = -500.0; x < 1600.0; x += 300.0) {
            double value[2];
            wk_plate_value(value, NULL, plate, x, 0.3 * x, NULL);
            assert_true(fabs(value[0] - (1e4 + 2.4 * x)) < 1e-8);
            assert_true(fabs(value[1] + 0.5 * x) < 1e-8);
        }
        wk_plate_free(plate);
    }
    field_free(&field);
}

/* The order of the points does not matter, nor does the number of threads, to the last bit. */
static void test_order_and_threads(void **state)
{
    (void)state;
    enum { N = 700, KNOTS = 60 };
    wk_field field = field_make(N, 24, 0.3), back = field_new(N);
    for (int i = 0; i < N; i++) {
        back.x[i] = field.x[N - 1 - i], back.y[i] = field.y[N - 1 - i];
        for (int q = 0; q < 2; q++)
            back.values[q][i] = field.values[q][N - 1 - i];
    }
    wk_plate *one = field_fit(&field, (double)NAN, 100, KNOTS, 1);
    double *room = calloc((size_t)wk_plate_room(one), sizeof *room), a[4], b[4];
    wk_plate_value(a, a + 2, one, 321.0, 123.0, room);
    for (int threads = 1; threads <= 3; threads++) {
        wk_plate *more = field_fit(&back, (double)NAN, 100, KNOTS, threads);
        wk_plate_value(b, b + 2, more, 321.0, 123.0, room);
        assert_memory_equal(a, b, 2 * sizeof *a);
        for (int i = 0; i < N; i++)
            assert_true(wk_plate_reported(one)->left_out[1][i] ==
                        wk_plate_reported(more)->left_out[1][N - 1 - i]);
        wk_plate_free(more);
    }
    free(room);
    wk_plate_free(one);
    field_free(&field);
    field_free(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_points),
        cmocka_unit_test(test_influence),
        cmocka_unit_test(test_planes),
        cmocka_unit_test(test_order_and_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
