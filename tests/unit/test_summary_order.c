#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "summary_order.h"

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Every rank of two arrays against qsort: smooth, tied, of a range that is no number, constant. */
static void test_ranks(void **state)
{
    (void)state;
    enum { N = 9000, FIRST = 5000 };
    static double values[N], sorted[N];
    for (int kind = 0; kind < 4; kind++) {
        for (int i = 0; i < N; i++)
            values[i] = kind == 0   ? sin(i)
                        : kind == 1 ? i % 3
                        : kind == 2 ? (i % 2 ? 1 : -1) * pow(10, 308.0 * i / N)
                                    : 4;
        memcpy(sorted, values, sizeof sorted);
        qsort(sorted, N, sizeof *sorted, ascending);
        wk_summary_order *order;
        assert_int_equal(
            wk_summary_order_create(&order, values, FIRST, values + FIRST, N - FIRST, NULL), 0);
        double value;
        for (int64_t rank = 0; rank < N; rank += 7) {
            assert_true(wk_summary_order_get(&value, order, rank));
            assert_true(value == sorted[rank]);
        }
        assert_false(wk_summary_order_get(&value, order, -1));
        assert_false(wk_summary_order_get(&value, order, N));
        wk_summary_order_free(order);
    }
}

static void test_none(void **state)
{
    (void)state;
    double value, zero = -0.0;
    wk_summary_order *order;
    assert_int_equal(wk_summary_order_create(&order, NULL, 0, NULL, 0, NULL), 0);
    assert_false(wk_summary_order_get(&value, order, 0));
    wk_summary_order_free(order);
    assert_int_equal(wk_summary_order_create(&order, &zero, 1, NULL, 0, NULL), 0);
    assert_true(wk_summary_order_get(&value, order, 0) && !signbit(value));
    wk_summary_order_free(order);
    wk_summary_order_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ranks),
        cmocka_unit_test(test_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
