#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "figure_correlation_case.h"
#include "figure_lag.h"

static const double nan_value = (double)NAN;

static wk_correlation_picture picture_of(const correlation_case *c, int stacked)
{
    wk_correlation_picture picture = {c->pointers, c->labels, c->count, stacked ? &c->stack : NULL,
                                      NULL};
    return picture;
}

static void test_index(void **state)
{
    (void)state;
    assert_int_equal(wk_lag_index(0, 0, 0), 0);
    assert_int_equal(wk_lag_index(2, 0, 0), 12);
    assert_int_equal(wk_lag_index(2, -2, -2), 0);
    assert_int_equal(wk_lag_index(2, -2, 1), 3); /* dx is the second index */
    assert_int_equal(wk_lag_index(2, 1, -2), 15);
}

static void expect_error(const wk_correlation_picture *picture, int64_t cell, double error,
                         const char *name)
{
    double got = wk_lag_error(picture->correlations[0], cell);
    assert_true(isnan(error) ? isnan(got) : got == error);
    assert_string_equal(wk_lag_error_name(picture), name);
}

/* The case has jackknife 0.002, Bartlett 0.0013, white 0.001 everywhere. */
static void test_errors(void **state)
{
    (void)state;
    correlation_case *c = case_make(1, 1, 4);
    wk_correlation *image = &c->images[0];
    wk_correlation_picture picture = picture_of(c, 0);
    expect_error(&picture, 1, 0.002, "jackknife");
    image->jackknife[1] = nan_value; /* other lags still have it */
    expect_error(&picture, 1, 0.0013, "jackknife");
    for (int k = 0; k < 9; k++)
        image->jackknife[k] = k == 4 ? 0 : nan_value; /* that of lag 0 says nothing */
    expect_error(&picture, 1, 0.0013, "Bartlett's formula");
    for (int k = 0; k < 9; k++)
        image->bartlett[k] = (double)INFINITY;
    expect_error(&picture, 1, 0.001, "white noise");
    for (int k = 0; k < 9; k++)
        image->white[k] = nan_value;
    expect_error(&picture, 1, nan_value, "none");
    case_free(c);
}

static void test_arrays_may_lack(void **state)
{
    (void)state;
    const double rho[] = {0.5};
    wk_correlation bare = {.size = 1, .correlation = (double *)(uintptr_t)rho};
    const wk_correlation *pointer = &bare;
    const char *name = "name";
    wk_correlation_picture picture = {&pointer, &name, 1, NULL, NULL};
    assert_true(isnan(wk_lag_error(&bare, 0)) && isnan(wk_lag_white_shown(&picture, 0)));
    assert_true(wk_lag_value_shown(&picture, 0) == 0.5);
}

/* Two images of a million pairs each have the error of two million. */
static void test_shown(void **state)
{
    (void)state;
    correlation_case *c = case_make(2, 1, 4);
    wk_correlation_picture one = picture_of(c, 0), both = picture_of(c, 1);
    assert_true(wk_lag_value_shown(&one, 3) == c->images[0].correlation[3]);
    assert_true(wk_lag_value_shown(&both, 3) == c->stack.weighted[3]);
    assert_true(wk_lag_error_shown(&one, 3) == 0.002);
    assert_true(wk_lag_error_shown(&both, 3) == c->stack.weighted_error[3]);
    assert_true(fabs(wk_lag_white_shown(&one, 3) - 0.001) < 1e-15);
    assert_true(fabs(wk_lag_white_shown(&both, 3) - sqrt(0.5e-6)) < 1e-15);
    c->images[1].white[3] = nan_value;
    assert_true(fabs(wk_lag_white_shown(&both, 3) - 0.001) < 1e-15);
    assert_string_equal(wk_lag_error_name(&both), "of the mean");
    case_free(c);
}

static void test_spread(void **state)
{
    (void)state;
    double values[] = {3, nan_value, 1, (double)INFINITY, 2, 10};
    wk_lag_spread spread = wk_lag_spread_find(values, 6);
    assert_int_equal(spread.known, 4);
    assert_true(spread.low == 1 && spread.median == 2.5 && spread.high == 10);
    double odd[] = {3, 1e308, -1e308};
    spread = wk_lag_spread_find(odd, 3);
    assert_true(spread.low == -1e308 && spread.median == 3 && spread.high == 1e308);
    double none[] = {nan_value};
    spread = wk_lag_spread_find(none, 1);
    assert_true(spread.known == 0 && isnan(spread.low) && isnan(spread.median));
    assert_int_equal(wk_lag_spread_find(none, 0).known, 0);
}

static void test_outliers(void **state)
{
    (void)state;
    correlation_case *c = case_make(4, 1, 4);
    wk_correlation_picture picture = picture_of(c, 1), one = picture_of(c, 0);
    const double outlier[] = {5, 5.001, nan_value, (double)INFINITY};
    memcpy(c->stack.outlier, outlier, sizeof outlier);
    for (size_t k = 0; k < 4; k++) {
        assert_int_equal(wk_lag_outlying(&picture, k), k % 2);
        assert_int_equal(wk_lag_outlying(&one, k), 0);
    }
    assert_int_equal(wk_lag_outliers(&picture), 2);
    assert_int_equal(wk_lag_outliers(&one), 0);
    case_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_index),           cmocka_unit_test(test_errors),
        cmocka_unit_test(test_arrays_may_lack), cmocka_unit_test(test_shown),
        cmocka_unit_test(test_spread),          cmocka_unit_test(test_outliers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
