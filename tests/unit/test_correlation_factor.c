#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "correlation_case.h"

/* A bilinear shift by f in x: rho(0, +-1) = f (1 - f) / ((1 - f)^2 + f^2). */
static wk_correlation *shifted(double f)
{
    double rho[9] = {0};
    rho[4] = 1.0;
    rho[3] = rho[5] = f * (1.0 - f) / ((1.0 - f) * (1.0 - f) + f * f);
    return corr_given(1, rho, 1000);
}

/* By 1/2: rho = 1/2.  A box of n has n^2 + n (n - 1) of what independent pixels give. */
static void test_box(void **state)
{
    (void)state;
    wk_correlation *of = shifted(0.5);
    for (int64_t n = 1; n < 50; n++) {
        double want = 1.0 + (double)(n - 1) / (double)n;
        assert_true(fabs(wk_correlation_box_factor(of, n) - want) < 1e-15);
    }
    assert_true(isnan(wk_correlation_box_factor(of, 0)));
    wk_correlation_free(of);
}

/* Equal weights are a box, in both axes. */
static void test_aperture_of_equal_weights(void **state)
{
    (void)state;
    const double rho[] = {0.1, 0.2, -0.3, 0.4, 1.0, 0.4, -0.3, 0.2, 0.1};
    wk_correlation *of = corr_given(1, rho, 1000);
    double weights[36];
    for (int i = 0; i < 36; i++)
        weights[i] = -2.5;
    for (int64_t n = 1; n <= 6; n++)
        assert_true(fabs(wk_correlation_aperture_factor(of, weights, n, n) -
                         wk_correlation_box_factor(of, n)) < 1e-14);
    wk_correlation_free(of);
}

/* w = 1 2 / 0 3: squares 14; (w*w)(0,1) = 2, (1,0) = 6, (1,1) = 3, (1,-1) = 0. */
static void test_aperture_by_hand(void **state)
{
    (void)state;
    const double rho[] = {0.1, 0.2, -0.3, 0.4, 1.0, 0.4, -0.3, 0.2, 0.1};
    const double weights[] = {1, 2, 0, 3};
    wk_correlation *of = corr_given(1, rho, 1000);
    double want = 1.0 + 2.0 * (0.4 * 2.0 + 0.2 * 6.0 + 0.1 * 3.0) / 14.0;
    assert_true(fabs(wk_correlation_aperture_factor(of, weights, 2, 2) - want) < 1e-15);
    assert_true(wk_correlation_aperture_factor(of, weights, 1, 1) == 1.0);
    assert_true(isnan(wk_correlation_aperture_factor(of, weights + 2, 1, 1)));
    assert_true(isnan(wk_correlation_aperture_factor(of, weights, 0, 1)));
    wk_correlation_free(of);
}

/* The variance of a weighted sum, counted out: sum over all pairs of pixels w_p w_q rho(q - p). */
static void test_aperture_is_the_double_sum(void **state)
{
    (void)state;
    enum { LAG = 3, SIZE = 7, W = 9, H = 6 };
    double rho[SIZE * SIZE], weights[W * H], sum = 0.0, own = 0.0;
    wk_random random = wk_random_stream(4, 0, 0, 0, 0);
    for (int i = SIZE * SIZE / 2; i < SIZE * SIZE; i++)
        rho[i] = rho[SIZE * SIZE - 1 - i] = wk_random_between(&random, -0.2, 0.5);
    rho[SIZE * SIZE / 2] = 1.0;
    for (int i = 0; i < W * H; i++)
        weights[i] = wk_random_between(&random, -1.0, 2.0);
    for (int p = 0; p < W * H; p++)
        for (int q = 0; q < W * H; q++) {
            int dy = q / W - p / W, dx = q % W - p % W;
            if (abs(dy) <= LAG && abs(dx) <= LAG)
                sum += weights[p] * weights[q] * rho[(dy + LAG) * SIZE + dx + LAG];
            own += p == q ? weights[p] * weights[p] : 0.0;
        }
    wk_correlation *of = corr_given(LAG, rho, 1000);
    assert_true(fabs(wk_correlation_aperture_factor(of, weights, W, H) - sum / own) < 1e-13);
    wk_correlation_free(of);
}

/* Lags without pairs count as 0; without a variance there is no factor. */
static void test_missing_lags(void **state)
{
    (void)state;
    const float row[] = {1, 3, 2, 5, 4, 4, 1, 0};
    wk_correlation *of = corr_measure(row, 8, 1, 1);
    double weights[] = {1, 1, 1, 1};
    double want = 1.0 + of->correlation[5];
    assert_true(fabs(wk_correlation_box_factor(of, 2) - want) < 1e-15);
    assert_true(fabs(wk_correlation_aperture_factor(of, weights, 2, 2) - want) < 1e-15);
    assert_true(fabs(of->area_factor - (1.0 + 2.0 * of->correlation[5])) < 1e-15);
    of->variance = 0.0;
    assert_true(isnan(wk_correlation_box_factor(of, 2)));
    assert_true(isnan(wk_correlation_aperture_factor(of, weights, 2, 2)));
    wk_correlation_free(of);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_box),
        cmocka_unit_test(test_aperture_of_equal_weights),
        cmocka_unit_test(test_aperture_by_hand),
        cmocka_unit_test(test_aperture_is_the_double_sum),
        cmocka_unit_test(test_missing_lags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
