#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "figure_sky.h"

#define assert_near(got, want, tolerance) assert_true(fabs((got) - (want)) <= (tolerance))

static wk_sky_view fit(const double *const *outlines, const size_t *corners, size_t count)
{
    wk_sky_view view;
    wk_sky_shapes shapes = {outlines, corners, NULL, count};
    assert_int_equal(wk_sky_view_fit(&view, &shapes, NULL), WK_OK);
    return view;
}

static wk_sky_view fit_one(const double *outline, size_t corners)
{
    return fit(&outline, &corners, 1);
}

static const double wrap[] = {359.5, -0.5, 0.5, -0.5, 0.5, 0.5, 359.5, 0.5};

/* Across right ascension 0 the middle is 0 (or 360), and the extent is a degree, not 360. */
static void test_wrap(void **state)
{
    (void)state;
    wk_sky_view view = fit_one(wrap, 4);
    assert_true(view.ra < 1e-9 || view.ra > 360 - 1e-9);
    assert_near(view.dec, 0, 1e-12);
    assert_false(view.wide);
    /* gnomonic: tan(0.5 deg) either side */
    assert_near(view.high[0] - view.low[0], 1.0000254, 1e-6);
    assert_near(view.reach, 0.70710, 1e-4);
}

static void test_east_and_north(void **state)
{
    (void)state;
    double xy[2];
    wk_sky_view view = fit_one(wrap, 4);
    assert_true(wk_sky_project(&view, 0.25, 0, xy));
    assert_true(xy[0] > 0.24 && fabs(xy[1]) < 1e-9);
    assert_true(wk_sky_project(&view, 359.75, 0.25, xy));
    assert_true(xy[0] < -0.24 && xy[1] > 0.24);
    /* 1 degree north is tan(1 deg) = 0.0174550649 rad = 1.00010155 deg from the centre */
    assert_true(wk_sky_project(&view, view.ra, 1, xy));
    assert_near(xy[1], 1.00010155, 1e-7);
    assert_false(wk_sky_project(&view, 180, 0, xy));
    assert_false(wk_sky_project(&view, (double)NAN, 0, xy));
}

static void test_pole(void **state)
{
    (void)state;
    const double ring[] = {0, 89, 90, 89, 180, 89, 270, 89};
    wk_sky_view view = fit_one(ring, 4);
    assert_near(view.dec, 90, 1e-9);
    assert_near(view.reach, 1, 1e-9);
    for (int k = 0; k < 4; k++) {
        double xy[2];
        assert_true(wk_sky_project(&view, ring[2 * k], 89, xy));
        assert_near(hypot(xy[0], xy[1]), 1.00010155, 1e-7);
    }
}

static void test_wide(void **state)
{
    (void)state;
    double xy[2];
    const double a[] = {-1, -1, 1, -1, 1, 1, -1, 1}, b[] = {100, -1, 102, -1, 102, 1, 100, 1};
    const double *outlines[] = {a, b};
    const size_t corners[] = {4, 4};
    wk_sky_view view = fit(outlines, corners, 2);
    assert_true(view.wide);
    assert_near(view.ra, 50.5, 1e-9);
    /* equal-area: 2 sin(45 deg) rad = 81.0285 deg for a point 90 degrees away */
    assert_true(wk_sky_project(&view, view.ra + 90, 0, xy));
    assert_near(xy[0], 81.0284686, 1e-6);
    assert_near(xy[1], 0, 1e-9);
    assert_false(wk_sky_project(&view, view.ra + 180, 0, xy));
}

/* Six shapes along the axes have no mean direction. */
static void test_all_sky(void **state)
{
    (void)state;
    static const double at[6][2] = {{0, 0}, {90, 0}, {180, 0}, {270, 0}, {0, 90}, {0, -90}};
    double place[6][6];
    const double *outlines[6];
    size_t corners[6];
    for (int k = 0; k < 6; k++) {
        for (int c = 0; c < 6; c++)
            place[k][c] = at[k][c & 1] + (c == 0 || c == 3 ? 0.1 : 0);
        outlines[k] = place[k];
        corners[k] = 3;
    }
    wk_sky_view view = fit(outlines, corners, 6);
    assert_true(view.wide);
    assert_int_equal(view.drawn, 6);
    assert_true(isfinite(view.high[0] - view.low[0]) && isfinite(view.ra + view.dec));
    assert_true(view.high[0] <= 114.6 && view.low[0] >= -114.6); /* 2 rad: the whole sky */
}

static void test_nothing(void **state)
{
    (void)state;
    const double bad[] = {(double)NAN, (double)NAN, (double)NAN,
                          (double)NAN, (double)NAN, (double)NAN};
    const double *outlines[] = {NULL, bad};
    const size_t corners[] = {0, 3};
    assert_int_equal(fit(NULL, NULL, 0).drawn, 0);
    assert_int_equal(fit(outlines, corners, 2).drawn, 0);
}

static void test_some_corners_unknown(void **state)
{
    (void)state;
    const double outline[] = {10, 20, 11, 20, (double)NAN, (double)NAN, 11, 21, 10, 21};
    wk_sky_view view = fit_one(outline, 5);
    assert_int_equal(view.drawn, 1);
    assert_near(view.ra, 10.5, 0.01);
    assert_near(view.corner, 1, 0.01);
}

static void test_middle(void **state)
{
    (void)state;
    double middle[2];
    const double a[] = {350, 0}, b[] = {30, 0}, c[] = {0, 80}, d[] = {180, 80};
    wk_sky_middle(a, b, middle);
    assert_near(middle[0], 10, 1e-9);
    assert_near(middle[1], 0, 1e-9);
    wk_sky_middle(c, d, middle);
    assert_near(middle[1], 90, 1e-9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_east_and_north),
        cmocka_unit_test(test_pole),
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_all_sky),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_some_corners_unknown),
        cmocka_unit_test(test_middle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
