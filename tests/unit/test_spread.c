#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "spread.h"

/* Sizes 1 to 1001 have the median 501, also with a tenth of them far out; a bin is a 128th wide. */
static void test_median(void **state)
{
    (void)state;
    wk_spread spread = {NULL, 0};
    assert_int_equal(wk_spread_open(&spread, NULL), WK_OK);
    assert_true(wk_spread_sigma(&spread) == 1.0);
    for (int i = 1; i <= 1001; i++)
        wk_spread_add(&spread, i > 901 ? 1e30 : i);
    assert_int_equal(spread.count, 1001);
    assert_true(fabs(wk_spread_sigma(&spread) / (1.482602218505602 * 501.0) - 1.0) < 1.0 / 128);
    wk_spread_empty(&spread);
    wk_spread_add(&spread, 0.0);
    assert_true(wk_spread_sigma(&spread) < 1e-30);
    for (int i = 0; i < 9; i++)
        wk_spread_add(&spread, 2.0);
    assert_true(fabs(wk_spread_sigma(&spread) / (1.482602218505602 * 2.0) - 1.0) < 1.0 / 128);
    wk_spread other = {NULL, 0};
    assert_int_equal(wk_spread_open(&other, NULL), WK_OK);
    for (int i = 0; i < 100; i++)
        wk_spread_add(&other, 30.0);
    wk_spread_join(&spread, &other);
    assert_int_equal(spread.count, 110);
    assert_true(fabs(wk_spread_sigma(&spread) / (1.482602218505602 * 30.0) - 1.0) < 1.0 / 128);
    wk_spread_clear(&other);
    wk_spread_clear(&spread);
    wk_spread_clear(&spread);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_median)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
