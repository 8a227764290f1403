#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "solve_product.h"

static double *numbers(int64_t count, int seed)
{
    double *values = malloc(sizeof *values * (size_t)(count + 1));
    assert_non_null(values);
    for (int64_t i = 0; i < count; i++)
        values[i] = (double)((i * 7 + seed) % 23 - 11);
    return values;
}

/* Small whole numbers: sums are exact in any order. */
static void check(int64_t rows, int64_t inner, int64_t columns, int turned, int lower)
{
    int64_t stride = rows + 3;
    double *left = numbers(rows * inner, 1), *right = numbers(inner * columns, 5);
    double *target = numbers(stride * columns, 9), *before = numbers(stride * columns, 9);
    double *work = numbers(wk_product_work(), 0);
    const wk_operand a = {left, turned ? inner : 1, turned ? 1 : rows};
    const wk_operand b = {right, turned ? columns : 1, turned ? 1 : inner};
    wk_product_subtract(target, stride, &a, &b, rows, inner, columns, lower, work);
    for (int64_t j = 0; j < columns; j++)
        for (int64_t i = 0; i < stride; i++) {
            double want = before[j * stride + i];
            for (int64_t k = 0; k < inner && i < rows && (!lower || i >= j); k++)
                want -= left[i * a.down + k * a.across] * right[k * b.down + j * b.across];
            assert_true(target[j * stride + i] == want);
        }
    free(left);
    free(right);
    free(target);
    free(before);
    free(work);
}

/* Around the sizes of tiles, and of what is packed at once. */
static void test_sizes(void **state)
{
    static const int64_t sizes[][3] = {{1, 1, 1},    {7, 3, 5},     {8, 4, 4},     {9, 5, 9},
                                       {33, 20, 6},  {130, 127, 3}, {40, 129, 41}, {300, 260, 2},
                                       {20, 3, 520}, {600, 2, 530}};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int turned = 0; turned < 2; turned++)
            for (int lower = 0; lower < 2; lower++)
                check(sizes[i][0], sizes[i][1], sizes[i][2], turned, lower);
}

static void test_nothing(void **state)
{
    (void)state;
    check(5, 0, 5, 0, 0);
    check(0, 4, 4, 0, 0);
    check(4, 4, 0, 0, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sizes),
                                       cmocka_unit_test(test_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
