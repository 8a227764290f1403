#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "thin_plate_case.h"
#include "thin_plate_places.h"

static wk_status places_of(wk_plate_places *places, wk_error *error, const double *x,
                           const double *y, int64_t count)
{
    wk_plate_points points = {x, y, {x, y}, count};
    memset(error, 0, sizeof *error);
    return wk_plate_places_make(places, &points, error);
}

static void refuse(const double *x, const double *y, int64_t count, const char *words)
{
    wk_plate_places places;
    wk_error error;
    assert_int_equal(places_of(&places, &error, x, y, count), WK_NO_DATA);
    assert_non_null(strstr(error.message, words));
    wk_plate_places_release(&places);
}

static void test_too_few(void **state)
{
    (void)state;
    const double x[] = {1.0, 2.0, 1.0, 2.0}, y[] = {5.0, 7.0, 5.0, 7.0}, one[] = {3.0, 3.0, 3.0};
    refuse(x, y, 0, "there are 0");
    refuse(x, y, 1, "there is 1");
    refuse(x, y, 2, "there are 2");
    refuse(x, y, 4, "4 points lie at 2 places");
    refuse(one, one, 3, "3 points lie at 1 place");
}

static void test_line(void **state)
{
    (void)state;
    double x[9], y[9], level[9];
    for (int i = 0; i < 9; i++)
        x[i] = 1000.0 * sin(i), y[i] = 30.0 - 0.3 * x[i], level[i] = 12.0;
    refuse(x, y, 9, "all 9 points lie on one");
    refuse(x, level, 9, "all 9 points lie on one");
    refuse(level, x, 9, "all 9 points lie on one");
    wk_plate_places places;
    wk_error error;
    y[4] += 1.0;
    assert_int_equal(places_of(&places, &error, x, y, 9), WK_OK);
    wk_plate_places_release(&places);
}

static void test_not_finite(void **state)
{
    (void)state;
    const double x[] = {0.0, 1.0, 2.0}, y[] = {0.0, (double)NAN, 5.0};
    wk_plate_places places;
    wk_error error;
    assert_int_equal(places_of(&places, &error, x, y, 3), WK_ARGUMENT);
    assert_non_null(strstr(error.message, "the y of point 1 is"));
    wk_plate_places_release(&places);
}

/* Scaled to the longer side, joined where nearer than 1e-6 of it, for both orientations. */
static void test_places(void **state)
{
    (void)state;
    const double a[] = {0.0, 400.0, 100.0, 400.0003, 200.0}, b[] = {10.0, 20.0, 110.0, 20.0, 60.0};
    for (int high = 0; high < 2; high++) {
        wk_plate_places places;
        wk_error error;
        const double *x = high ? b : a, *y = high ? a : b;
        assert_int_equal(places_of(&places, &error, x, y, 5), WK_OK);
        assert_int_equal(places.count, 4);
        assert_int_equal(places.place[1], places.place[3]);
        for (int i = 0; i < 5; i++) {
            int64_t k = places.place[i];
            double joined = i == 1 || i == 3 ? 4e-4 : 1e-10;
            assert_true(fabs(places.middle_x + places.scale * places.u[k] - x[i]) < joined);
            assert_true(fabs(places.middle_y + places.scale * places.v[k] - y[i]) < joined);
            assert_true(fabs(places.share[k] - (joined > 1e-5 ? sqrt(2.0) : 1.0)) < 1e-15);
        }
        /* the values are x and y: half of 3e-4 to both sides */
        assert_true(fabs(places.scatter[high] / (2.0 * 1.5e-4 * 1.5e-4) - 1.0) < 1e-6);
        assert_true(places.scatter[!high] == 0.0);
        wk_plate_places_release(&places);
    }
}

/* Nine places on a line and one beside: the one nearest the middle, both ends, and so on. */
static void test_spread(void **state)
{
    (void)state;
    const double x[] = {0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 4.0};
    const double y[] = {0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 2.0};
    const double expected[][2] = {{4.0, 0.0}, {0.0, 0.0}, {8.0, 0.0}, {2.0, 0.0}, {4.0, 2.0}};
    wk_plate_places places;
    wk_error error;
    assert_int_equal(places_of(&places, &error, x, y, 10), WK_OK);
    assert_true(places.half[0] == 1.0 && places.half[1] == 0.25);
    assert_int_equal(wk_plate_places_spread(&places, 10, &error), WK_OK);
    for (int k = 0; k < 5; k++) {
        int64_t i = places.spread[k];
        /* the middle of the box is as near to two places, and so are the next but one */
        assert_true(fabs(places.middle_x + places.scale * places.u[i] - expected[k][0]) < 1e-12);
        assert_true(fabs(places.middle_y + places.scale * places.v[i] - expected[k][1]) < 1e-12);
    }
    for (int k = 0, seen = 0; k < 10; k++) {
        assert_false(seen & 1 << places.spread[k]);
        seen |= 1 << places.spread[k];
    }
    wk_plate_places_release(&places);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_too_few),    cmocka_unit_test(test_line),
        cmocka_unit_test(test_not_finite), cmocka_unit_test(test_places),
        cmocka_unit_test(test_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
