#include "stretch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void expect(const wk_stretch *stretch, double value, double shade)
{
    double found = wk_stretch_at(stretch, value);
    if (!(fabs(found - shade) < 5e-7))
        fail_msg("shade of %g is %.9g, not %.9g", value, found, shade);
}

/* Worked out by hand from asinh(8 x) / asinh(0.8) / 10. */
static void test_asinh(void **state)
{
    (void)state;
    wk_stretch stretch = {WK_PREVIEW_ASINH, 0, 100, 8, NULL, 0};
    expect(&stretch, -5, 0);
    expect(&stretch, 1, 0.010907);
    expect(&stretch, 10, 0.1);
    expect(&stretch, 50, 0.285902);
    expect(&stretch, 100, 0.378954);
    expect(&stretch, 500, 0.598113);
    expect(&stretch, 1000, 0.692703);
    double top = wk_stretch_top(&stretch);
    assert_true(top > 9000 && top < 10000);
    expect(&stretch, top, 1);
    expect(&stretch, 10 * top, 1);
    for (int k = 0; k < 3; k++) {
        const double q[3] = {0, 1e-8, 0.1};
        wk_stretch tame = {WK_PREVIEW_ASINH, 0, 1, q[k], NULL, 0};
        expect(&tame, 0.5, 0.1 * asinh(0.05) / asinh(0.01));
    }
    wk_stretch wild = {WK_PREVIEW_ASINH, 0, 1, 1e300, NULL, 0};
    expect(&wild, 0.1, 0.1);
    assert_true(isfinite(wk_stretch_top(&wild)));
}

static void test_the_others(void **state)
{
    (void)state;
    static const float sorted[] = {10, 10, 12, 19, 20};
    const wk_stretch linear = {WK_PREVIEW_LINEAR, 10, 20, 8, NULL, 0},
                     root = {WK_PREVIEW_SQRT, 10, 20, 8, NULL, 0},
                     logarithm = {WK_PREVIEW_LOG, 10, 20, 8, NULL, 0},
                     rank = {WK_PREVIEW_HISTEQ, 10, 20, 8, sorted, 5};
    const wk_stretch *all[] = {&linear, &root, &logarithm, &rank};
    for (int k = 0; k < 4; k++) {
        expect(all[k], 5, 0);
        expect(all[k], 20.5, 1);
        assert_true(isnan(wk_stretch_at(all[k], (double)NAN)));
        assert_true(wk_stretch_top(all[k]) == 20);
        for (double value = 9; value < 21; value += 0.25)
            assert_true(wk_stretch_at(all[k], value) <= wk_stretch_at(all[k], value + 0.25));
    }
    expect(&linear, 12.5, 0.25);
    expect(&root, 12.5, 0.5);
    expect(&logarithm, 12.5, log(251) / log(1001));
    expect(&rank, 10, 0.125); /* in the middle of the two */
    expect(&rank, 12, 0.5);
    expect(&rank, 15, 0.625); /* between the third and the fourth */
}

static void test_equal_limits(void **state)
{
    (void)state;
    for (int scale = WK_PREVIEW_LINEAR; scale <= WK_PREVIEW_HISTEQ; scale++) {
        wk_stretch stretch = {(wk_preview_scale)scale, 3, 3, 8, NULL, 0};
        expect(&stretch, 2, 0);
        expect(&stretch, 3, 0.5);
        expect(&stretch, 4, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asinh),
        cmocka_unit_test(test_the_others),
        cmocka_unit_test(test_equal_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
