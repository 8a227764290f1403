#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "figure_colour.h"

#define assert_near(got, want, tolerance) assert_true(fabs((got) - (want)) <= (tolerance))

static void expect_hex(wk_colour_map map, double value, unsigned hex)
{
    wk_colour got = wk_colour_at(map, value), want = wk_colour_hex(hex);
    /* half a step of an 8-bit channel */
    assert_near(got.red, want.red, 0.002);
    assert_near(got.green, want.green, 0.002);
    assert_near(got.blue, want.blue, 0.002);
}

/* The published tables at their ends and middles. */
static void test_published(void **state)
{
    (void)state;
    expect_hex(WK_COLOUR_VIRIDIS, 0, 0x440154);
    expect_hex(WK_COLOUR_VIRIDIS, 0.5, 0x21918c);
    expect_hex(WK_COLOUR_VIRIDIS, 1, 0xfde725);
    expect_hex(WK_COLOUR_MAGMA, 0, 0x000004);
    expect_hex(WK_COLOUR_MAGMA, 0.5, 0xb5367a);
    expect_hex(WK_COLOUR_MAGMA, 1, 0xfcfdbf);
    expect_hex(WK_COLOUR_GRAY, 0, 0x000000);
    expect_hex(WK_COLOUR_GRAY, 1, 0xffffff);
}

static void test_between_knots(void **state)
{
    (void)state;
    /* gray is v everywhere, to the rounding of its knots */
    for (int k = 0; k <= 100; k++)
        assert_near(wk_colour_at(WK_COLOUR_GRAY, k / 100.0).green, k / 100.0, 0.004);
}

static void test_outside(void **state)
{
    (void)state;
    expect_hex(WK_COLOUR_VIRIDIS, -3, 0x440154);
    expect_hex(WK_COLOUR_VIRIDIS, (double)INFINITY, 0xfde725);
    wk_colour grey = wk_colour_at(WK_COLOUR_MAGMA, (double)NAN);
    assert_true(grey.red == grey.green && grey.green == grey.blue);
    assert_true(grey.red > 0.4 && grey.red < 0.9);
}

static double luminance(wk_colour_map map, int k)
{
    return wk_colour_luminance(wk_colour_at(map, k / 256.0));
}

static void test_luminance_values(void **state)
{
    (void)state;
    assert_near(wk_colour_luminance(wk_colour_hex(0xffffff)), 1, 1e-12);
    assert_near(wk_colour_luminance(wk_colour_hex(0x000000)), 0, 1e-12);
    /* sRGB 128 is 21.586 per cent of white (IEC 61966-2-1) */
    assert_near(wk_colour_luminance(wk_colour_hex(0x808080)), 0.21586, 1e-5);
}

static void test_monotonic(void **state)
{
    (void)state;
    for (int k = 0; k < 256; k++) {
        assert_true(luminance(WK_COLOUR_GRAY, k + 1) > luminance(WK_COLOUR_GRAY, k));
        assert_true(luminance(WK_COLOUR_VIRIDIS, k + 1) > luminance(WK_COLOUR_VIRIDIS, k));
        assert_true(luminance(WK_COLOUR_MAGMA, k + 1) > luminance(WK_COLOUR_MAGMA, k));
        assert_true(luminance(WK_COLOUR_EMBER, k + 1) < luminance(WK_COLOUR_EMBER, k));
    }
}

static void test_diverging(void **state)
{
    (void)state;
    for (int k = 0; k < 128; k++) {
        assert_true(luminance(WK_COLOUR_DIVERGING, k + 1) > luminance(WK_COLOUR_DIVERGING, k));
        assert_true(luminance(WK_COLOUR_DIVERGING, 255 - k) >
                    luminance(WK_COLOUR_DIVERGING, 256 - k));
    }
    wk_colour low = wk_colour_at(WK_COLOUR_DIVERGING, 0.1);
    wk_colour high = wk_colour_at(WK_COLOUR_DIVERGING, 0.9);
    /* blue against red is seen by readers without red or green cones as well */
    assert_true(low.blue > low.red + 0.3 && high.red > high.blue + 0.3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_published), cmocka_unit_test(test_between_knots),
        cmocka_unit_test(test_outside),   cmocka_unit_test(test_luminance_values),
        cmocka_unit_test(test_monotonic), cmocka_unit_test(test_diverging),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
