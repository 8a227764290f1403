#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gamma.h"

static void assert_close(double value, double want, double relative)
{
    if (!(fabs(value - want) <= relative * fabs(want)))
        fail_msg("%.17g is not %.17g", value, want);
}

/* With two degrees of freedom the tail is exp(-x / 2); 1e-14 is some roundings of it. */
static void test_is_exponential(void **state)
{
    (void)state;
    for (double x = 0.01; x < 600.0; x *= 1.7)
        assert_close(wk_gamma_chi_square(x, 2.0), exp(-0.5 * x), 1e-13);
}

/* Q(n, x) is the Poisson probability of fewer than n events where x are expected. */
static void test_is_poissons(void **state)
{
    (void)state;
    for (int n = 1; n <= 60; n += 3)
        for (double x = 0.3; x < 150.0; x *= 1.4) {
            long double term = expl(-(long double)x), sum = 0.0L;
            for (int k = 0; k < n; k++) {
                sum += term;
                term *= (long double)x / (k + 1);
            }
            assert_close(wk_gamma_upper(n, x), (double)sum, 1e-11);
        }
}

/* One degree of freedom: erfc. */
static void test_is_the_error_function(void **state)
{
    (void)state;
    for (double z = 0.05; z < 20.0; z *= 1.3)
        assert_close(wk_gamma_chi_square(z * z, 1.0), erfc(z / sqrt(2.0)), 1e-11);
}

/* chi2.sf of scipy 1.10, good to some 1e-13; 0.05 at the tabled 18.307038 is published, too. */
static void test_many_degrees(void **state)
{
    (void)state;
    const double of[][3] = {
        {18.307038, 10, 0.050000000824732216}, {10234.5, 1e4, 0.04946293376071961},
        {9800, 1e4, 0.922055043773486},        {1003000, 1e6, 0.017016772933266328},
        {1500, 1000, 1.0454640385980825e-22},  {0.5, 3, 0.9188914116546758},
        {60, 59, 0.43924745666029413},         {61, 60, 0.43974839222478407},
        {200, 60, 5.893259698661661e-17},
    };
    for (size_t i = 0; i < sizeof of / sizeof of[0]; i++)
        assert_close(wk_gamma_chi_square(of[i][0], of[i][1]), of[i][2], 1e-11);
}

static void test_edges(void **state)
{
    (void)state;
    assert_true(wk_gamma_upper(3.0, 0.0) == 1.0);
    assert_true(wk_gamma_upper(3.0, (double)INFINITY) == 0.0);
    assert_true(isnan(wk_gamma_upper(0.0, 1.0)));
    assert_true(isnan(wk_gamma_upper(1.0, -1.0)));
    assert_true(isnan(wk_gamma_chi_square((double)NAN, 4.0)));
    assert_true(isnan(wk_gamma_chi_square(1.0, 0.0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_is_exponential),
        cmocka_unit_test(test_is_poissons),
        cmocka_unit_test(test_is_the_error_function),
        cmocka_unit_test(test_many_degrees),
        cmocka_unit_test(test_edges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
