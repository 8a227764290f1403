#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "trend.h"

enum { NX = 16, NY = 7, N = NX * NY };

static double plane(int64_t i, int64_t j)
{
    return 100.0 + 3.0 * (double)i - 0.25 * (double)j;
}

static void fill(double *values, double *weights)
{
    for (int64_t k = 0; k < N; k++) {
        values[k] = plane(k % NX, k / NX);
        weights[k] = 1.0 + (double)(k % 5);
    }
}

static void assert_plane(const wk_trend *trend)
{
    for (int64_t k = 0; k < N; k++)
        assert_true(fabs(wk_trend_at(trend, k % NX, k / NX) - plane(k % NX, k / NX)) < 1e-11);
}

static void test_plane_with_any_weights(void **state)
{
    (void)state;
    double values[N], weights[N];
    fill(values, weights);
    wk_trend trend = wk_trend_fit(values, weights, NX, NY);
    assert_plane(&trend);
    for (int64_t k = 0; k < N; k++)
        if (k % NX < NX / 2 || k % 3 == 0) {
            values[k] = NAN;
            weights[k] = 0.0;
        }
    trend = wk_trend_fit(values, weights, NX, NY);
    assert_plane(&trend);
}

/* Three points 0, 0, 3 of weights 1, 1, 2 at 0, 1, 2: by hand, slope 18 / 11. */
static void test_weights_by_hand(void **state)
{
    (void)state;
    double values[] = {0.0, 0.0, 3.0}, weights[] = {1.0, 1.0, 2.0};
    wk_trend trend = wk_trend_fit(values, weights, 3, 1);
    assert_true(fabs(trend.slope_x - 18.0 / 11.0) < 1e-14);
    assert_true(trend.slope_y == 0.0);
    assert_true(fabs(trend.base + trend.slope_x * 1.25 - 1.5) < 1e-14);
    trend = wk_trend_fit(values, weights, 1, 3);
    assert_true(fabs(trend.slope_y - 18.0 / 11.0) < 1e-14);
    assert_true(trend.slope_x == 0.0);
}

static void test_no_slope_from_a_corner(void **state)
{
    (void)state;
    double values[N], weights[N] = {0};
    fill(values, weights);
    memset(weights, 0, sizeof weights);
    weights[3 * NX + 4] = 2.0;
    wk_trend trend = wk_trend_fit(values, weights, NX, NY);
    assert_true(trend.slope_x == 0.0 && trend.slope_y == 0.0 && trend.base == plane(4, 3));
    /* two neighbours, then a whole column: no slope across it */
    weights[3 * NX + 5] = 2.0;
    trend = wk_trend_fit(values, weights, NX, NY);
    assert_true(trend.slope_x == 0.0 && trend.slope_y == 0.0);
    memset(weights, 0, sizeof weights);
    for (int64_t j = 0; j < NY; j++)
        weights[j * NX + 4] = 1.0;
    trend = wk_trend_fit(values, weights, NX, NY);
    assert_true(fabs(trend.slope_x) < 1e-12 && fabs(trend.slope_y + 0.25) < 1e-12);
}

static void test_none(void **state)
{
    (void)state;
    double value = NAN, weight = 0.0;
    wk_trend trend = wk_trend_fit(&value, &weight, 1, 1);
    assert_true(isnan(wk_trend_at(&trend, 0, 0)));
    value = 5.0, weight = 1.0;
    trend = wk_trend_fit(&value, &weight, 1, 1);
    assert_true(wk_trend_at(&trend, 0, 0) == 5.0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plane_with_any_weights),
        cmocka_unit_test(test_weights_by_hand),
        cmocka_unit_test(test_no_slope_from_a_corner),
        cmocka_unit_test(test_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
