#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "thin_plate_triangle.h"

enum { N = 23, WIDTH = 5 };

static double matrix[N * N], triangle[N * N];

/* exp(-|i - j| / 4) is positive definite. */
static void make(void)
{
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            matrix[i * N + j] = exp(-0.25 * abs(i - j));
    memcpy(triangle, matrix, sizeof matrix);
    wk_triangle_make(triangle, N);
}

static void test_triangle(void **state)
{
    (void)state;
    make();
    for (int i = 0; i < N; i++)
        for (int j = 0; j <= i; j++) {
            double sum = 0.0;
            for (int k = 0; k <= j; k++)
                sum += triangle[i * N + k] * triangle[j * N + k];
            assert_true(fabs(sum - matrix[i * N + j]) < 1e-15 * 5.0);
        }
}

/* L' (L'^-1 (L^-1 A)) and so on: A^-1 A = 1. */
static void test_solutions(void **state)
{
    (void)state;
    double lines[N * WIDTH], room[N];
    make();
    for (int i = 0; i < N; i++)
        for (int k = 0; k < WIDTH; k++)
            lines[i * WIDTH + k] = matrix[i * N + 4 * k];
    wk_triangle_solve(lines, triangle, N, WIDTH);
    wk_triangle_solve_turned(lines, triangle, N, WIDTH, room);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < WIDTH; k++)
            assert_true(fabs(lines[i * WIDTH + k] - (i == 4 * k)) < 1e-13);
    wk_triangle_solve_both(matrix, triangle, N);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            assert_true(fabs(matrix[i * N + j] - (i == j)) < 1e-13);
}

static void test_singular(void **state)
{
    (void)state;
    double ones[4] = {1.0, 1.0, 1.0, 1.0};
    wk_triangle_make(ones, 2);
    assert_true(ones[3] > 0.0 && ones[3] < 1e-7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_triangle),
        cmocka_unit_test(test_solutions),
        cmocka_unit_test(test_singular),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
