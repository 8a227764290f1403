#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "dense.h"
#include "solve_component.h"

static void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance))
        fail_msg("found %.17g, expected %.17g, tolerance %g", found, expected, tolerance);
}

/* Triangle, unit weights, differences 1, 1 and (closing) 5 from 0 to 2: the misfit of 3 is shared,
 * so the levels fall by 2 a step.  Unit errors give L+_ii = 2/9. */
static void test_triangle(void **state)
{
    (void)state;
    wk_edge edges[] = {{0, 1, 1, 1, 1}, {1, 2, 1, 1, 1}, {0, 2, 5, 1, 1}};
    wk_component component = {3, edges, 3, NULL, 0};
    double levels[3], errors[3];
    assert_int_equal(wk_component_solve(levels, errors, &component, NULL), WK_OK);
    for (int i = 0; i < 3; i++) {
        assert_near(levels[i], 2 - 2 * i, 1e-15);
        assert_near(errors[i], sqrt(2.0) / 3, 1e-15);
    }
}

/* Two stiff triangles, inconsistent within by 3, one soft link of 1e-14 of their weight between
 * nodes 2 and 3: its difference must be met exactly, as nothing else decides it. */
static void test_soft_link_between_stiff_clusters(void **state)
{
    (void)state;
    wk_edge edges[] = {{0, 1, 1, 1e14, 1}, {1, 2, 1, 1e14, 1}, {0, 2, 5, 1e14, 1},
                       {3, 4, 1, 1e14, 1}, {4, 5, 1, 1e14, 1}, {3, 5, 5, 1e14, 1},
                       {2, 3, 700.5, 1, 1}};
    wk_component component = {6, edges, 7, NULL, 0};
    double levels[6];
    assert_int_equal(wk_component_solve(levels, NULL, &component, NULL), WK_OK);
    assert_near(levels[2] - levels[3], 700.5, 1e-12);
    assert_near(levels[0] - levels[1], 2, 1e-12);
    assert_near(levels[3] - levels[5], 4, 1e-12);
    double sum = 0;
    for (int i = 0; i < 6; i++)
        sum += levels[i];
    assert_near(sum, 0, 1e-12);
}

/* A noise all edges of a tree share moves the levels by its own pattern: path 0-1-2, coefficients 1
 * and 2, gives levels +(4/3), +(1/3), -(5/3) for a unit of it. */
static void test_common_noise(void **state)
{
    (void)state;
    wk_edge edges[] = {{0, 1, 0, 5, 0}, {1, 2, 0, 0.25, 0}};
    wk_noise_share shares[] = {{0, 0, 1}, {0, 1, 2}};
    wk_component component = {3, edges, 2, shares, 2};
    double levels[3], errors[3], expected[] = {4.0 / 3, 1.0 / 3, 5.0 / 3};
    assert_int_equal(wk_component_solve(levels, errors, &component, NULL), WK_OK);
    for (int i = 0; i < 3; i++) {
        assert_near(levels[i], 0, 0);
        assert_near(errors[i], expected[i], 1e-13);
    }
}

static void test_unknown_noise(void **state)
{
    (void)state;
    wk_edge edges[] = {{0, 1, 3, 1, (double)NAN}};
    wk_component component = {2, edges, 1, NULL, 0};
    double levels[2], errors[2] = {0};
    assert_int_equal(wk_component_solve(levels, errors, &component, NULL), WK_OK);
    assert_near(levels[0], 1.5, 1e-15);
    assert_true(isnan(errors[0]) && isnan(errors[1]));
}

static void test_overflow_is_told(void **state)
{
    (void)state;
    wk_edge edges[] = {{0, 1, 1e300, 1e300, 1}};
    wk_component component = {2, edges, 1, NULL, 0};
    double levels[2];
    wk_error error = {0};
    assert_int_equal(wk_component_solve(levels, NULL, &component, &error), WK_NO_CONVERGENCE);
    assert_int_equal(error.code, WK_NO_CONVERGENCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_triangle),
        cmocka_unit_test(test_soft_link_between_stiff_clusters),
        cmocka_unit_test(test_common_noise),
        cmocka_unit_test(test_unknown_noise),
        cmocka_unit_test(test_overflow_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
