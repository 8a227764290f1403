#include "zscale.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { N = 1000 };

static double near(double a, double b)
{
    return fabs(a - b);
}

/* value = 10 + rank / 1000: the line is exact, its slope over the contrast is 4 in 1000 ranks,
 * wider than the sample, which limits it. */
static void test_a_line_gives_its_ends(void **state)
{
    (void)state;
    float sample[N];
    double limits[2];
    for (int rule = 0; rule < 3; rule++) {
        for (int i = 0; i < N; i++)
            sample[i] = 10 + (float)((i * 7) % N) / N;
        assert_int_equal(wk_zscale(limits, sample, N, (wk_zscale_rule)rule, NULL), WK_OK);
        assert_true(limits[0] == 10 && limits[1] == (double)sample[N - 1]);
    }
}

/* A tenth far above is left out, and so the line is that of the rest: from rank 500 down to the
 * least value; above, the slope limits. */
static void test_what_is_far_is_left_out(void **state)
{
    (void)state;
    float sample[N];
    double limits[2];
    for (int i = 0; i < N; i++)
        sample[i] = i < 900 ? (float)i : 1e6F + (float)i;
    assert_int_equal(wk_zscale(limits, sample, N, WK_ZSCALE_LSST, NULL), WK_OK);
    assert_true(limits[0] == 0);
    assert_true(near(limits[1], 499.5 + 4 * 499) < 1e-6);
    assert_int_equal(wk_zscale(limits, sample, N, WK_ZSCALE_AFW, NULL), WK_OK);
    assert_true(near(limits[1], 500.5 + 4 * 499) < 1e-6);
    assert_int_equal(wk_zscale(limits, sample, N, WK_ZSCALE_IRAF, NULL), WK_OK);
    assert_true(near(limits[1], 499.5 + 4 * 501) < 1e-6);
}

/* Half of the sample at one value, half at another: no line leaves enough. */
static void test_few_and_equal_values(void **state)
{
    (void)state;
    float one[1] = {3}, four[4] = {4, 1, 3, 2}, equal[N];
    double limits[2];
    for (int rule = 0; rule < 3; rule++) {
        assert_int_equal(wk_zscale(limits, one, 1, (wk_zscale_rule)rule, NULL), WK_OK);
        assert_true(limits[0] == 3 && limits[1] == 3);
        assert_int_equal(wk_zscale(limits, four, 4, (wk_zscale_rule)rule, NULL), WK_OK);
        assert_true(limits[0] == 1 && limits[1] == 4);
        for (int i = 0; i < N; i++)
            equal[i] = -7;
        assert_int_equal(wk_zscale(limits, equal, N, (wk_zscale_rule)rule, NULL), WK_OK);
        assert_true(limits[0] == -7 && limits[1] == -7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_line_gives_its_ends),
        cmocka_unit_test(test_what_is_far_is_left_out),
        cmocka_unit_test(test_few_and_equal_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
