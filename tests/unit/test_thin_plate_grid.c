#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "thin_plate_grid.h"

static double cubic(double x, double y)
{
    return (1.0 + x * (0.1 + x * (1e-3 - 1e-5 * x))) * (2.0 - y * (0.05 + 2e-5 * y * y));
}

/* A polynomial of order three in each coordinate is exact, a bilinear one with the linear grid. */
static void check(int64_t width, int64_t height, int64_t step, int linear)
{
    wk_plate_grid grid;
    double *x = calloc((size_t)width, sizeof *x), *y = calloc((size_t)width, sizeof *y);
    double *const out[2] = {x, y};
    assert_int_equal(wk_plate_grid_make(&grid, width, height, step, linear, NULL), WK_OK);
    for (int64_t j = 0; j < grid.rows; j++)
        for (int64_t i = 0; i < grid.columns; i++) {
            double u = (double)((i - 1) * step), v = (double)((j - 1) * step);
            grid.nodes[0][j * grid.columns + i] = linear ? u * v : cubic(u, v);
            grid.nodes[1][j * grid.columns + i] = u - 3.0 * v;
        }
    for (int64_t row = 0; row < height; row++) {
        wk_plate_grid_row(out, &grid, row, 0, width);
        for (int64_t i = 0; i < width; i++) {
            double u = (double)i, v = (double)row, expected = linear ? u * v : cubic(u, v);
            /* rounding of sixteen products of nodes up to two steps beyond the image */
            assert_true(fabs(x[i] - expected) < 1e-9 * (1.0 + fabs(expected)));
            assert_true(fabs(y[i] - (u - 3.0 * v)) < 1e-9);
        }
    }
    wk_plate_grid_release(&grid);
    free(x);
    free(y);
}

static void test_polynomials(void **state)
{
    (void)state;
    const int64_t steps[] = {1, 2, 4, 16, 64};
    for (size_t k = 0; k < sizeof steps / sizeof *steps; k++)
        for (int linear = 0; linear < 2; linear++) {
            check(1, 1, steps[k], linear);
            check(65, 3, steps[k], linear);
            check(300, 17, steps[k], linear);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_polynomials)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
