#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "thin_plate_case.h"

/* A plane comes back for every lambda, to the rounding of its values of 1e4. */
static void test_planes(void **state)
{
    (void)state;
    const double smooth[] = {0.0, 1e-3, 1.0, 1e3, 1e9, (double)NAN};
    wk_field field = field_make(40, 3, 0.0);
    for (int64_t i = 0; i < field.count; i++) {
        field.values[0][i] = 1e4 + 3.0 * field.x[i] - 2.0 * field.y[i];
        field.values[1][i] = -0.5 * field.x[i];
    }
    for (size_t k = 0; k < sizeof smooth / sizeof *smooth; k++) {
        wk_plate *plate = field_fit(&field, smooth[k], 2000, 500, 1);
        const wk_plate_report *report = wk_plate_reported(plate);
        for (double x = -500.0; x < 1600.0; x += 300.0) {
            double value[2];
            wk_plate_value(value, NULL, plate, x, 0.3 * x, NULL);
            assert_true(fabs(value[0] - (1e4 + 2.4 * x)) < 1e-8);
            assert_true(fabs(value[1] + 0.5 * x) < 1e-9);
        }
        assert_int_equal(report->places, 40);
        assert_true(report->exact && report->centres == 40);
        if (smooth[k] > 0.0 || isnan(smooth[k]))
            assert_true(report->sigma[0] < 1e-10 && report->sigma[1] < 1e-10);
        wk_plate_free(plate);
    }
    field_free(&field);
}

/* So does a polynomial of the drift's degree or below, whichever form, and for a degree that is
 * chosen: 1e4 times the rounding, times the terms' growth beyond the points. */
static void test_polynomials(void **state)
{
    (void)state;
    const double smooth[] = {0.0, 1e-3, 1.0, 1e3, 1e9, (double)NAN};
    wk_field field = field_make(60, 8, 0.0);
    for (int degree = 1; degree <= 3; degree++) {
        field_set_polynomial(&field, degree);
        for (int drift = 0; drift <= 3; drift++)
            for (size_t k = 0; k < 2 * sizeof smooth / sizeof *smooth; k++) {
                if (drift && drift < degree)
                    continue;
                wk_plate *plate =
                    field_fit_drift(&field, smooth[k / 2], k % 2 ? 10 : 2000, 40, drift, 1);
                assert_int_equal(wk_plate_reported(plate)->drift, drift ? drift : degree);
                assert_true(wk_plate_reported(plate)->exact == !(k % 2));
                assert_true(field_polynomial_off(plate, degree) < 1e-8);
                wk_plate_free(plate);
            }
    }
    field_free(&field);
}

static void test_interpolation(void **state)
{
    (void)state;
    wk_field field = field_make(60, 4, 0.5);
    wk_plate *plate = field_fit(&field, 0.0, 2000, 500, 1);
    const wk_plate_report *report = wk_plate_reported(plate);
    double *room = calloc((size_t)wk_plate_room(plate), sizeof *room);
    for (int64_t i = 0; i < field.count; i++) {
        double value[2], error[2];
        wk_plate_value(value, error, plate, field.x[i], field.y[i], room);
        for (int q = 0; q < 2; q++) {
            /* rounding times the condition of the kernels, some 1e4 for 60 points */
            assert_true(fabs(value[q] - field.values[q][i]) < 1e-10);
            assert_true(report->fitted[q][i] == field.values[q][i]);
            assert_true(isnan(error[q]));
        }
    }
    assert_true(report->lambda[0] == 0.0 && fabs(report->effective[0] - 60.0) < 1e-9);
    assert_true(isnan(report->sigma[0]) && isnan(report->sigma[1]));
    free(room);
    wk_plate_free(plate);
    field_free(&field);
}

/* scipy.interpolate.RBFInterpolator 1.10.1, kernel thin_plate_spline, its smoothing 8 pi lambda */
static void test_golden(void **state)
{
    (void)state;
    static const double smooth[] = {0.0, 50.0, 5000.0};
    static const double golden[3][4][2] = {{{2.55090315184107, 5.43645069804473},
                                            {-0.827602907116249, -2.76453122881077},
                                            {-3.79788373288262, -8.81926476592962},
                                            {1.5, 4.5}},
                                           {{2.1102716327349, 5.45194096743008},
                                            {-1.01780820703507, -2.55320542433616},
                                            {-3.41476032933572, -8.96989534409608},
                                            {1.53071738555637, 4.58644669002736}},
                                           {{0.539476658801865, 5.07532082199111},
                                            {-0.832934478907721, -2.07218053908112},
                                            {-2.06408470408182, -7.9560551057404},
                                            {0.4479137297411, 4.36307813564637}}};
    wk_field field = field_new(12);
    for (int i = 0; i < 12; i++) {
        int k = i + 1;
        field.x[i] = k * 37 % 101, field.y[i] = k * 53 % 83;
        field.values[0][i] = (k * 29 % 17 - 8) * 0.25;
        field.values[1][i] = field.x[i] * 0.125 - field.y[i] * 0.0625 + k * 7 % 5 * 0.5;
    }
    const double places[4][2] = {
        {50.0, 40.0}, {10.5, 70.25}, {-20.0, 100.0}, {field.x[3], field.y[3]}};
    for (int k = 0; k < 3; k++) {
        wk_plate *plate = field_fit(&field, smooth[k] / (8.0 * 3.14159265358979323846), 100, 9, 1);
        for (int i = 0; i < 4; i++) {
            double value[2];
            wk_plate_value(value, NULL, plate, places[i][0], places[i][1], NULL);
            /* 15 digits of another order of sums */
            assert_true(fabs(value[0] - golden[k][i][0]) < 1e-12);
            assert_true(fabs(value[1] - golden[k][i][1]) < 1e-12);
        }
        wk_plate_free(plate);
    }
    field_free(&field);
}

/* The picture of errors: the variance at a point is sigma^2 times its influence on itself, which
 * the residual without it tells; outside they grow. */
static void errors_check(int drift)
{
    wk_field field = field_make(50, 5, 0.3);
    wk_plate *plate = field_fit_drift(&field, (double)NAN, 2000, 500, drift, 1);
    const wk_plate_report *report = wk_plate_reported(plate);
    double *room = calloc((size_t)wk_plate_room(plate), sizeof *room), value[2], error[2];
    double trace[2] = {0.0, 0.0}, far[2];
    for (int64_t i = 0; i < field.count; i++) {
        wk_plate_value(value, error, plate, field.x[i], field.y[i], room);
        for (int q = 0; q < 2; q++) {
            double rest = field.values[q][i] - report->fitted[q][i];
            double influence = 1.0 - rest / report->left_out[q][i];
            double expected = report->sigma[q] * sqrt(influence);
            /* the variance is a difference of numbers that are 1e6 times as large */
            assert_true(fabs(error[q] - expected) < 1e-8 * expected);
            assert_true(fabs(value[q] - report->fitted[q][i]) < 1e-10);
            trace[q] += influence;
        }
    }
    assert_true(fabs(trace[0] - report->effective[0]) < 1e-8);
    assert_true(fabs(trace[1] - report->effective[1]) < 1e-8);
    wk_plate_value(value, error, plate, 500.0, 400.0, room);
    wk_plate_value(value, far, plate, 1500.0, 1400.0, room);
    assert_true(far[0] > 3.0 * error[0] && far[1] > 3.0 * error[1]);
    free(room);
    wk_plate_free(plate);
    field_free(&field);
}

static void test_errors(void **state)
{
    (void)state;
    for (int drift = 1; drift <= 3; drift++)
        errors_check(drift);
}

/* rms of (fit - truth) / error at the points, over seeds. */
static double pull_rms(int64_t count, int64_t dense, int64_t knots, int cubic, int seeds)
{
    double square = 0.0;
    for (int seed = 1; seed <= seeds; seed++) {
        wk_field field = field_make(count, (uint64_t)seed, 0.3);
        for (int64_t i = 0; cubic && i < count; i++)
            for (int q = 0; q < 2; q++)
                field.values[q][i] += field_polynomial(3, q, field.x[i], field.y[i]) -
                                      field_truth((uint64_t)seed, q, field.x[i], field.y[i]);
        wk_plate *plate = field_fit_drift(&field, (double)NAN, dense, knots, 0, 1);
        double *room = calloc((size_t)wk_plate_room(plate), sizeof *room), value[2], error[2];
        assert_true(!cubic || wk_plate_reported(plate)->drift == 3);
        for (int64_t i = 0; i < count; i++) {
            wk_plate_value(value, error, plate, field.x[i], field.y[i], room);
            for (int q = 0; q < 2; q++) {
                double truth = cubic ? field_polynomial(3, q, field.x[i], field.y[i])
                                     : field_truth((uint64_t)seed, q, field.x[i], field.y[i]);
                double pull = (value[q] - truth) / error[q];
                square += pull * pull / (2.0 * (double)(count * seeds));
            }
        }
        free(room);
        wk_plate_free(plate);
        field_free(&field);
    }
    return sqrt(square);
}

/* Some 40 effective parameters a fit and value: over 24 fits of both values the rms scatters by
 * 1 / sqrt(2 * 48 * 40) = 0.016; 5 of these and the bias that Wahba's errors have are 0.15. */
static void test_pulls(void **state)
{
    (void)state;
    double dense = pull_rms(120, 2000, 500, 0, 24), knots = pull_rms(240, 100, 80, 0, 12);
    print_message("# rms of pulls %.3f, with knots %.3f\n", dense, knots);
    assert_true(dense > 0.85 && dense < 1.15);
    assert_true(knots > 0.85 && knots < 1.15);
}

/* A cubic has 10 parameters: 1 / sqrt(2 * 48 * 10) = 0.032 over 24 fits. */
static void test_pulls_cubic(void **state)
{
    (void)state;
    double dense = pull_rms(60, 2000, 500, 1, 24), knots = pull_rms(120, 100, 50, 1, 24);
    print_message("# of a cubic %.3f, with knots %.3f\n", dense, knots);
    assert_true(dense > 0.84 && dense < 1.16);
    assert_true(knots > 0.84 && knots < 1.16);
}

static void test_threads(void **state)
{
    (void)state;
    wk_field field = field_make(430, 6, 0.2);
    wk_plate *one = field_fit(&field, (double)NAN, 2000, 500, 1);
    double *room = calloc((size_t)wk_plate_room(one), sizeof *room);
    for (int threads = 2; threads <= 3; threads++) {
        wk_plate *more = field_fit(&field, (double)NAN, 2000, 500, threads);
        double a[4], b[4];
        wk_plate_value(a, a + 2, one, 321.0, 123.0, room);
        wk_plate_value(b, b + 2, more, 321.0, 123.0, room);
        assert_memory_equal(a, b, sizeof a);
        for (int q = 0; q < 2; q++)
            assert_memory_equal(wk_plate_reported(one)->left_out[q],
                                wk_plate_reported(more)->left_out[q], 430 * sizeof *a);
        wk_plate_free(more);
    }
    free(room);
    wk_plate_free(one);
    field_free(&field);
}

static void test_bad(void **state)
{
    (void)state;
    wk_field field = field_make(10, 7, 0.1);
    wk_plate_points points = field_points(&field);
    wk_plate_options options = wk_plate_options_default();
    wk_plate *plate = NULL;
    wk_error error;
    options.smooth = -1.0;
    assert_int_equal(wk_plate_create(&plate, &points, &options, NULL, &error), WK_ARGUMENT);
    assert_non_null(strstr(error.message, "-1"));
    options.smooth = INFINITY;
    assert_int_equal(wk_plate_create(&plate, &points, &options, NULL, &error), WK_ARGUMENT);
    options = wk_plate_options_default();
    options.dense = 2;
    assert_int_equal(wk_plate_create(&plate, &points, &options, NULL, &error), WK_ARGUMENT);
    options = wk_plate_options_default();
    options.knots = 3;
    assert_int_equal(wk_plate_create(&plate, &points, &options, NULL, &error), WK_ARGUMENT);
    options = wk_plate_options_default();
    options.drift = 4;
    assert_int_equal(wk_plate_create(&plate, &points, &options, NULL, &error), WK_ARGUMENT);
    assert_string_equal(error.subject, "drift");
    assert_non_null(strstr(error.message, "4"));
    assert_null(plate);
    wk_plate_free(NULL);
    field_free(&field);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planes),      cmocka_unit_test(test_polynomials),
        cmocka_unit_test(test_pulls_cubic), cmocka_unit_test(test_interpolation),
        cmocka_unit_test(test_golden),      cmocka_unit_test(test_errors),
        cmocka_unit_test(test_pulls),       cmocka_unit_test(test_threads),
        cmocka_unit_test(test_bad),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
