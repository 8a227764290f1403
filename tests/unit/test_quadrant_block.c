#include "quadrant_block.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Points to the left of and below the pixels; two of them in one column. */
static const double u[] = {2.5, 10, 10, 20};
static const double y[] = {5, 1, 7, 3};
static const int32_t rows[] = {3, 1, 2, 0};
static const wk_quadrant_side side = {
    .u = u, .y = y, .row = rows, .low = 0, .high = 39, .strict_u = 1, .strict_y = 0};

static void test_row(void **state)
{
    (void)state;
    const int32_t all[] = {0, 1, 2, 3};
    wk_quadrant_step steps[4];
    assert_int_equal(wk_quadrant_block_row(steps, all, 4, &side, 0), 0);
    /* row 4: (2.5, 5) and (10, 7) are above it.  (20, 3) comes in at 21 and is the nearer one of
     * it and (10, 1) at once: 1 + 1 against 121 + 9 */
    assert_int_equal(wk_quadrant_block_row(steps, all, 4, &side, 4), 2);
    assert_int_equal(steps[0].from, 11);
    assert_int_equal(steps[0].point, 1);
    assert_int_equal(steps[1].from, 21);
    assert_int_equal(steps[1].point, 3);
    /* row 8: all are below; (10, 7) is nearer than (2.5, 5) from 11 on, (10, 1) never */
    assert_int_equal(wk_quadrant_block_row(steps, all, 4, &side, 8), 3);
    assert_int_equal(steps[0].from, 3);
    assert_int_equal(steps[1].point, 2);
    assert_int_equal(steps[1].from, 11);
    /* (20, 3), 25 + d^2 away, against (10, 7), 1 + (d + 10)^2: at once */
    assert_int_equal(steps[2].from, 21);
}

static void test_keep(void **state)
{
    (void)state;
    const int32_t all[] = {0, 1, 2, 3};
    int32_t kept[4];
    wk_quadrant_step steps[4];
    /* (10, 1) is hidden by (10, 7) in all of these rows */
    assert_int_equal(wk_quadrant_block_keep(kept, steps, all, 4, &side, 8, 11), 3);
    assert_int_equal(kept[0], 0);
    assert_int_equal(kept[1], 2);
    assert_int_equal(kept[2], 3);
    /* rows above all but one point */
    assert_int_equal(wk_quadrant_block_keep(kept, steps, all, 4, &side, 0, 2), 1);
    assert_int_equal(kept[0], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_row), cmocka_unit_test(test_keep)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
