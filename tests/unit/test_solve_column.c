#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "solve_column.h"

/* Small whole numbers: sums are exact in any order. */
static void test_sums(void **state)
{
    (void)state;
    enum { ROWS = 5 };
    for (int64_t count = 0; count <= 9; count++) {
        double values[9 * ROWS], factors[9], take[ROWS], less[ROWS];
        for (int i = 0; i < 9 * ROWS; i++)
            values[i] = (i * 7) % 11 - 5;
        for (int i = 0; i < 9; i++)
            factors[i] = (i * 5) % 7 - 3;
        for (int i = 0; i < ROWS; i++)
            take[i] = less[i] = 100 + i;
        wk_columns columns = {values, ROWS, count};
        wk_columns_take(take, &columns, 1, 2, ROWS);
        wk_columns_subtract(less, &columns, factors, ROWS - 1);
        for (int i = 0; i < ROWS; i++) {
            double taken = 100 + i, left = 100 + i;
            for (int64_t k = 0; k < count; k++) {
                taken -= i < 2 ? 0 : values[k * ROWS + i] * values[k * ROWS + 1];
                left -= i == ROWS - 1 ? 0 : values[k * ROWS + i] * factors[k];
            }
            assert_true(take[i] == taken && less[i] == left);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sums)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
