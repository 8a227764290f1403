#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "correlation_case.h"

static wk_correlation_power *power(const wk_correlation *of, int64_t n)
{
    wk_correlation_power *out;
    assert_int_equal(wk_correlation_power_make(&out, of, n, NULL), WK_OK);
    assert_int_equal(out->n, n);
    return out;
}

/* The definition, cosine by cosine. */
static void test_is_the_definition(void **state)
{
    (void)state;
    enum { LAG = 3, SIZE = 7 };
    double rho[SIZE * SIZE];
    wk_random random = wk_random_stream(4, 0, 0, 0, 0);
    for (int i = SIZE * SIZE / 2; i < SIZE * SIZE; i++)
        rho[i] = rho[SIZE * SIZE - 1 - i] = wk_random_between(&random, -0.2, 0.5);
    wk_correlation *of = corr_given(LAG, rho, 1000);
    for (int64_t n = 1; n < 14; n += 3) {
        wk_correlation_power *out = power(of, n);
        int64_t negative = 0;
        for (int64_t i = 0; i < n * n; i++) {
            double ky = (double)(i / n - n / 2) / (double)n;
            double kx = (double)(i % n - n / 2) / (double)n, sum = 0.0;
            for (int k = 0; k < SIZE * SIZE; k++)
                sum += rho[k] * cos(2.0 * M_PI * (ky * (k / SIZE - LAG) + kx * (k % SIZE - LAG)));
            assert_true(fabs(out->power[i] - sum) < 1e-13);
            negative += sum < 0.0;
        }
        assert_int_equal(out->negative, negative);
        wk_correlation_power_free(out);
    }
    wk_correlation_free(of);
}

/* rho(0, +-1) = 1/2: P = 1 + cos(2 pi kx), which is 0 and not less at kx = 1/2. */
static void test_axes(void **state)
{
    (void)state;
    const double rho[] = {0, 0, 0, 0.5, 1.0, 0.5, 0, 0, 0};
    wk_correlation *of = corr_given(1, rho, 1000);
    for (int64_t n = 1; n < 20; n++) {
        wk_correlation_power *out = power(of, n);
        for (int64_t i = 0; i <= n / 2; i++) {
            double want = 1.0 + cos(2.0 * M_PI * (double)i / (double)n);
            assert_true(fabs(out->along_x[i] - want) < 1e-14);
            assert_true(fabs(out->along_y[i] - 2.0) < 1e-14);
        }
        assert_int_equal(out->negative, 0);
        wk_correlation_power_free(out);
    }
    wk_correlation_free(of);
}

/* White noise is 1 at all frequencies; rings are one step wide, up to the corner. */
static void test_rings(void **state)
{
    (void)state;
    const double rho[] = {0, 0, 0, 0, 1.0, 0, 0, 0, 0};
    wk_correlation *of = corr_given(1, rho, 1000);
    for (int64_t n = 1; n < 70; n++) {
        wk_correlation_power *out = power(of, n);
        for (int64_t i = 0; i < out->bins; i++) {
            assert_true(fabs(out->radial[i] - 1.0) < 1e-13);
            assert_true(fabs(out->frequency[i] * (double)n - (double)i) <= 0.5);
        }
        double corner = sqrt(2.0) * (double)(n / 2);
        assert_true(fabs((double)(out->bins - 1) - corner) <= 0.5);
        wk_correlation_power_free(out);
    }
    wk_correlation_free(of);
}

/* n = 2: frequencies 0; (1/2, 0) and (0, 1/2); (1/2, 1/2), which falls into the second ring. */
static void test_radial_by_hand(void **state)
{
    (void)state;
    const double rho[] = {0, 0.25, 0, 0.5, 1.0, 0.5, 0, 0.25, 0};
    wk_correlation *of = corr_given(1, rho, 1000);
    wk_correlation_power *out = power(of, 2);
    assert_int_equal(out->bins, 2);
    assert_true(fabs(out->radial[0] - 2.5) < 1e-15 && out->frequency[0] == 0.0);
    assert_true(fabs(out->radial[1] - (0.5 + 1.5 - 0.5) / 3.0) < 1e-15);
    assert_true(fabs(out->frequency[1] - (0.5 + 0.5 + sqrt(0.5)) / 3.0) < 1e-15);
    assert_int_equal(out->negative, 1);
    wk_correlation_power_free(out);
    wk_correlation_power_free(NULL);
    wk_correlation_free(of);
}

/* Lags without pairs are left out. */
static void test_missing_lags(void **state)
{
    (void)state;
    const float row[] = {1, 3, 2, 5, 4, 4, 1, 0};
    wk_correlation *of = corr_measure(row, 8, 1, 1);
    wk_correlation_power *out = power(of, 4);
    assert_true(fabs(out->along_x[0] - of->area_factor) < 1e-15);
    wk_correlation_power_free(out);
    wk_correlation_free(of);
}

static void test_refuses(void **state)
{
    (void)state;
    const float values[] = {1, 1, 1, 2};
    wk_correlation *of = corr_measure(values, 4, 1, 1), *equal = corr_measure(values, 3, 1, 1);
    wk_correlation_power *out;
    wk_error error;
    assert_int_equal(wk_correlation_power_make(&out, of, 0, &error), WK_ARGUMENT);
    assert_int_equal(wk_correlation_power_make(&out, of, 8193, &error), WK_ARGUMENT);
    assert_non_null(strstr(error.message, "8193"));
    assert_int_equal(wk_correlation_power_make(&out, equal, 4, &error), WK_NO_DATA);
    assert_null(out);
    wk_correlation_free(of);
    wk_correlation_free(equal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_the_definition),
        cmocka_unit_test(test_axes),
        cmocka_unit_test(test_rings),
        cmocka_unit_test(test_radial_by_hand),
        cmocka_unit_test(test_missing_lags),
        cmocka_unit_test(test_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
