#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "linear.h"

/* x + 2 y = 5, 3 x + 4 y = 11: x = 1, y = 2; and a zero where the first pivot would be. */
static void test_by_hand(void **state)
{
    (void)state;
    double matrix[] = {1, 2, 3, 4}, right[] = {5, 11};
    assert_true(wk_linear_solve(right, 1, matrix, 2));
    assert_true(fabs(right[0] - 1) < 1e-14 && fabs(right[1] - 2) < 1e-14);
    double swapped[] = {0, 2, 4, 0}, two[] = {6, 2, 8, 4};
    assert_true(wk_linear_solve(two, 2, swapped, 2));
    assert_true(two[0] == 2 && two[1] == 1 && two[2] == 3 && two[3] == 1);
}

/* The Hilbert matrix of 5 rows has an inverse of whole numbers; condition 5e5. */
static void test_inverse(void **state)
{
    (void)state;
    double matrix[25];
    const double first[] = {25, -300, 1050, -1400, 630};
    for (int i = 0; i < 25; i++)
        matrix[i] = 1.0 / (i / 5 + i % 5 + 1);
    assert_true(wk_linear_invert(matrix, 5));
    for (int i = 0; i < 5; i++)
        assert_true(fabs(matrix[i] - first[i]) < 1e-9 * fabs(first[i]) * 10);
}

static void test_singular(void **state)
{
    (void)state;
    double zero[] = {0, 0, 0, 0}, none[] = {1, 2, 2, 4};
    assert_false(wk_linear_invert(zero, 2));
    assert_false(wk_linear_invert(none, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_hand),
                                       cmocka_unit_test(test_inverse),
                                       cmocka_unit_test(test_singular)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
