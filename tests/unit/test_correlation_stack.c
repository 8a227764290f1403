#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "correlation_case.h"

enum { MANY = 5 };

static wk_correlation *flat(double rho, int64_t pairs, double error)
{
    double matrix[9];
    for (int i = 0; i < 9; i++)
        matrix[i] = i == 4 ? 1.0 : rho;
    wk_correlation *of = corr_given(1, matrix, pairs);
    for (int i = 0; i < 9; i++) {
        of->jackknife[i] = i == 4 ? 0.0 : error;
        of->bartlett[i] = i == 4 ? 0.0 : 2.0 * error;
    }
    return of;
}

/* 0.1 0.2 0.3 0.4 0.9: median 0.3, median absolute deviation 0.1. */
static void test_by_hand(void **state)
{
    (void)state;
    wk_correlation *of[MANY] = {flat(0.1, 100, 0.1), flat(0.9, 100, 0.2), flat(0.3, 200, 0.1),
                                flat(0.2, 100, 0.1), flat(0.4, 500, 0.1)};
    wk_correlation_stack *out;
    assert_int_equal(wk_correlation_stack_make(&out, (const wk_correlation *const *)of, MANY, NULL),
                     WK_OK);
    double scatter = 1.482602218505602 * 0.1;
    const double off[] = {0.2, 0.6, 0.0, 0.1, 0.1};
    assert_int_equal(out->count, MANY);
    assert_int_equal(out->size, 3);
    for (int i = 0; i < 9; i++) {
        if (i == 4)
            continue;
        assert_true(fabs(out->pairs_mean[i] - (10 + 90 + 60 + 20 + 200) / 1000.0) < 1e-15);
        assert_true(fabs(out->weighted[i] - (1.0 + 0.9 * 0.25) / 4.25) < 1e-15);
        assert_true(fabs(out->weighted_error[i] - 0.1 / sqrt(4.25)) < 1e-15);
        assert_true(fabs(out->median[i] - 0.3) < 1e-15);
        assert_true(fabs(out->scatter[i] - scatter) < 1e-15);
    }
    assert_true(out->pairs_mean[4] == 1.0 && out->weighted[4] == 1.0 && out->median[4] == 1.0);
    assert_true(out->weighted_error[4] == 0.0 && out->scatter[4] == 0.0);
    for (int i = 0; i < MANY; i++) {
        assert_true(fabs(out->outlier[i] - off[i] / scatter) < 1e-13);
        wk_correlation_free(of[i]);
    }
    wk_correlation_stack_free(out);
    wk_correlation_stack_free(NULL);
}

/* Bartlett's error where there is no jackknife; lags without pairs take no part. */
static void test_missing_numbers(void **state)
{
    (void)state;
    wk_correlation *of[2] = {flat(0.1, 100, 0.1), flat(0.4, 300, 0.1)};
    of[0]->jackknife[5] = (double)NAN;
    of[1]->correlation[1] = of[1]->jackknife[1] = of[1]->bartlett[1] = (double)NAN;
    of[0]->correlation[0] = of[1]->correlation[0] = (double)NAN;
    wk_correlation_stack *out;
    assert_int_equal(wk_correlation_stack_make(&out, (const wk_correlation *const *)of, 2, NULL),
                     WK_OK);
    assert_true(fabs(out->weighted[5] - (0.1 * 0.25 + 0.4) / 1.25) < 1e-15);
    assert_true(out->pairs_mean[1] == 0.1 && out->median[1] == 0.1 && isnan(out->scatter[1]));
    assert_true(fabs(out->weighted[1] - 0.1) < 1e-15);
    assert_true(isnan(out->pairs_mean[0]) && isnan(out->weighted[0]) && isnan(out->median[0]));
    assert_true(isnan(out->weighted_error[0]) && isnan(out->scatter[0]));
    wk_correlation_stack_free(out);
    wk_correlation_free(of[0]);
    wk_correlation_free(of[1]);
}

static void test_one_image_has_no_scatter(void **state)
{
    (void)state;
    wk_correlation *of = flat(0.1, 100, 0.1);
    wk_correlation_stack *out;
    assert_int_equal(wk_correlation_stack_make(&out, (const wk_correlation *const *)&of, 1, NULL),
                     WK_OK);
    assert_true(out->median[5] == 0.1 && isnan(out->scatter[5]) && isnan(out->outlier[0]));
    wk_correlation_stack_free(out);
    wk_correlation_free(of);
}

static void test_refuses(void **state)
{
    (void)state;
    const float values[] = {1, 2, 4};
    wk_correlation *of[2] = {corr_measure(values, 3, 1, 1), corr_measure(values, 3, 1, 2)};
    wk_correlation_stack *out;
    wk_error error;
    assert_int_equal(wk_correlation_stack_make(&out, (const wk_correlation *const *)of, 2, &error),
                     WK_ARGUMENT);
    assert_string_equal(error.message, "measurement 1 has lags to 2, the first one to 1");
    assert_int_equal(wk_correlation_stack_make(&out, NULL, 0, &error), WK_ARGUMENT);
    assert_null(out);
    wk_correlation_free(of[0]);
    wk_correlation_free(of[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_missing_numbers),
        cmocka_unit_test(test_one_image_has_no_scatter),
        cmocka_unit_test(test_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
