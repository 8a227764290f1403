#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "thin_plate_case.h"

static const double SMOOTH[] = {0.0, 2.0, 3e3, 1e7};

/* Every residual without a point, by really leaving it out: the same lambda, 29 points. */
static void left_out_check(int drift)
{
    enum { N = 30 };
    wk_field field = field_make(N, 11, 0.4);
    for (size_t k = 0; k < sizeof SMOOTH / sizeof *SMOOTH; k++) {
        wk_plate *plate = field_fit_drift(&field, SMOOTH[k], 2000, 500, drift, 1);
        for (int i = 0; i < N; i++) {
            wk_field less = field_make(N, 11, 0.4);
            double value[2];
            less.count = N - 1;
            less.x[i] = less.x[N - 1], less.y[i] = less.y[N - 1];
            for (int q = 0; q < 2; q++)
                less.values[q][i] = less.values[q][N - 1];
            wk_plate *without = field_fit_drift(&less, SMOOTH[k], 2000, 500, drift, 1);
            wk_plate_value(value, NULL, without, field.x[i], field.y[i], NULL);
            for (int q = 0; q < 2; q++) {
                double off = field.values[q][i] - value[q];
                assert_true(fabs(wk_plate_reported(plate)->left_out[q][i] - off) < 1e-9);
            }
            wk_plate_free(without);
            field_free(&less);
        }
        wk_plate_free(plate);
    }
    field_free(&field);
}

static void test_left_out(void **state)
{
    (void)state;
    for (int drift = 1; drift <= 3; drift++)
        left_out_check(drift);
}

/* Equal places are the same as one of their mean with their number as its weight: moved apart by
 * twice the distance that joins them, they are places of their own and nearly the same. */
static void test_equal_places(void **state)
{
    (void)state;
    enum { N = 40, TWICE = 12 };
    for (size_t k = 1; k < sizeof SMOOTH / sizeof *SMOOTH; k++) {
        wk_field field = field_make(N, 12, 0.4), apart = field_make(N, 12, 0.4);
        for (int i = 0; i < TWICE; i++) {
            field.x[N - 1 - i] = field.x[i], field.y[N - 1 - i] = field.y[i];
            apart.x[N - 1 - i] = apart.x[i] + 2e-3, apart.y[N - 1 - i] = apart.y[i];
        }
        wk_plate *one = field_fit(&field, SMOOTH[k], 2000, 500, 1);
        wk_plate *two = field_fit(&apart, SMOOTH[k], 2000, 500, 1);
        const wk_plate_report *a = wk_plate_reported(one), *b = wk_plate_reported(two);
        assert_int_equal(a->places, N - TWICE);
        assert_int_equal(b->places, N);
        for (int q = 0; q < 2; q++) {
            /* the slope is some 0.02 a px, and up to 0.1 where nothing is smoothed */
            assert_true(fabs(a->effective[q] - b->effective[q]) < 1e-3);
            assert_true(fabs(a->sigma[q] / b->sigma[q] - 1.0) < 2e-3);
            for (int i = 0; i < N; i++) {
                assert_true(fabs(a->fitted[q][i] - b->fitted[q][i]) < 1e-3);
                assert_true(fabs(a->left_out[q][i] - b->left_out[q][i]) < 5e-2);
            }
        }
        wk_plate_free(one);
        wk_plate_free(two);
        field_free(&field);
        field_free(&apart);
    }
}

/* Interpolation goes through the mean, and the noise is that of the differences. */
static void test_equal_places_interpolated(void **state)
{
    (void)state;
    wk_field field = field_make(20, 13, 0.4);
    field.x[19] = field.x[4], field.y[19] = field.y[4];
    wk_plate *plate = field_fit(&field, 0.0, 2000, 500, 1);
    const wk_plate_report *report = wk_plate_reported(plate);
    for (int q = 0; q < 2; q++) {
        double mean = 0.5 * field.values[q][19] + 0.5 * field.values[q][4];
        double difference = field.values[q][19] - field.values[q][4];
        assert_true(fabs(report->fitted[q][4] - mean) < 1e-12);
        assert_true(fabs(report->fitted[q][19] - mean) < 1e-12);
        /* (d / 2)^2 + (d / 2)^2 over 20 - 19 */
        assert_true(fabs(report->sigma[q] - fabs(difference) * sqrt(0.5)) < 1e-9);
        assert_true(fabs(report->left_out[q][19] - difference) < 1e-9);
    }
    wk_plate_free(plate);
    field_free(&field);
}

/* Three points have a plane; without one of them there is none. */
static void test_three(void **state)
{
    (void)state;
    wk_field field = field_make(3, 14, 1.0);
    wk_plate *plate = field_fit(&field, (double)NAN, 2000, 500, 1);
    const wk_plate_report *report = wk_plate_reported(plate);
    assert_true(fabs(report->effective[0] - 3.0) < 1e-12 && isnan(report->sigma[0]));
    double value[2], error[2], room[3];
    for (int i = 0; i < 3; i++) {
        wk_plate_value(value, error, plate, field.x[i], field.y[i], room);
        assert_true(fabs(value[0] - field.values[0][i]) < 1e-12);
        assert_true(fabs(value[1] - field.values[1][i]) < 1e-12);
        assert_true(isnan(error[0]) && isnan(report->left_out[0][i]));
    }
    wk_plate_free(plate);
    field_free(&field);
}

/* All but one point on a line: the one fixes the slope across it. */
static void test_one_beside_a_line(void **state)
{
    (void)state;
    wk_field field = field_make(9, 15, 0.5);
    for (int i = 0; i < 8; i++)
        field.y[i] = 100.0 + 0.25 * field.x[i];
    field.y[8] = 700.0;
    wk_plate *plate = field_fit(&field, 1e3, 2000, 500, 1);
    const wk_plate_report *report = wk_plate_reported(plate);
    for (int i = 0; i < 9; i++)
        assert_true(isnan(report->left_out[1][i]) == (i == 8));
    assert_true(fabs(report->fitted[1][8] - field.values[1][8]) < 1e-9);
    wk_plate_free(plate);
    field_free(&field);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_left_out),
        cmocka_unit_test(test_equal_places),
        cmocka_unit_test(test_equal_places_interpolated),
        cmocka_unit_test(test_three),
        cmocka_unit_test(test_one_beside_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
