#define CORR_WAY wk_correlation_direct
#include "correlation_way.h"

/* What is faster for few lags of many pixels is the direct way; for many lags Fourier's. */
static void test_costs(void **state)
{
    (void)state;
    wk_samples samples = {4096, 4096, NULL, NULL, NULL, NULL};
    wk_correlation_sums few = {.lag = 1, .half = 5, .blocks = {8, 4}};
    wk_correlation_sums many = {.lag = 100, .half = 20201, .blocks = {1, 1}};
    assert_true(wk_correlation_direct_cost(&few, &samples) <
                wk_correlation_fourier_cost(&few, &samples));
    assert_true(wk_correlation_direct_cost(&many, &samples) >
                wk_correlation_fourier_cost(&many, &samples));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CORR_WAY_TESTS,
        cmocka_unit_test(test_costs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
