#include "hull.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static wk_hull make(const double *x, const double *y, int64_t count)
{
    wk_hull hull;
    wk_error error;
    assert_int_equal(wk_hull_make(&hull, x, y, count, &error), WK_OK);
    return hull;
}

static void test_square(void **state)
{
    (void)state;
    /* corners, a point on an edge, one inside, a duplicate */
    const double x[] = {0, 4, 4, 0, 2, 1, 4}, y[] = {0, 0, 4, 4, 0, 3, 4};
    wk_hull hull = make(x, y, 7);
    double span[2];
    assert_int_equal(hull.count, 4);
    double area = 0; /* anticlockwise: positive */
    for (int i = 0; i < 4; i++) {
        int j = (i + 1) % 4;
        area += (hull.x[i] * hull.y[j] - hull.x[j] * hull.y[i]) / 2;
    }
    assert_true(area == 16);
    assert_true(wk_hull_span(&hull, 0, span) && span[0] == 0 && span[1] == 4);
    assert_true(wk_hull_span(&hull, 4, span) && span[0] == 0 && span[1] == 4);
    assert_true(wk_hull_span(&hull, 1.5, span) && span[0] == 0 && span[1] == 4);
    assert_false(wk_hull_span(&hull, -1e-9, span));
    assert_false(wk_hull_span(&hull, 4 + 1e-9, span));
    wk_hull_release(&hull);
}

static void test_triangle(void **state)
{
    (void)state;
    const double x[] = {5, 0, 10}, y[] = {10, 0, 0};
    wk_hull hull = make(x, y, 3);
    double span[2];
    assert_true(wk_hull_span(&hull, 5, span));
    assert_true(fabs(span[0] - 2.5) < 1e-15 && fabs(span[1] - 7.5) < 1e-14);
    assert_true(wk_hull_span(&hull, 10, span) && span[0] == 5 && span[1] == 5);
    wk_hull_release(&hull);
}

static void test_fewer(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 2}, y[] = {1, 2, 3, 2};
    double span[2];
    wk_hull hull = make(x, y, 4); /* on a line */
    assert_int_equal(hull.count, 2);
    assert_true(wk_hull_span(&hull, 1.5, span) && span[0] == 1.5 && span[1] == 1.5);
    wk_hull_release(&hull);
    hull = make(x, y, 1);
    assert_int_equal(hull.count, 1);
    assert_true(wk_hull_span(&hull, 1, span) && span[0] == 1 && span[1] == 1);
    wk_hull_release(&hull);
    hull = make(x, y, 0);
    assert_false(wk_hull_span(&hull, 1, span));
    wk_hull_release(&hull);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_square),
                                       cmocka_unit_test(test_triangle),
                                       cmocka_unit_test(test_fewer)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
