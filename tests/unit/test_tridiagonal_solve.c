#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tridiagonal.h"

enum { N = 40 };

static const double PI = 3.14159265358979323846;
static double diagonal[N], side[N];

/* The string held at both ends. */
static wk_tridiagonal string_make(void)
{
    for (int k = 0; k < N; k++)
        diagonal[k] = 2.0, side[k] = k + 1 < N ? -1.0 : 0.0;
    return (wk_tridiagonal){N, diagonal, side, NULL};
}

/* Values 2 - 2 cos(k pi / (n + 1)), and the components of a vector along sines. */
static void test_values(void **state)
{
    (void)state;
    double rows[N], vector[N];
    string_make();
    for (int i = 0; i < N; i++)
        rows[i] = vector[i] = cos(0.3 * i * i);
    assert_int_equal(wk_tridiagonal_diagonalise(diagonal, side, rows, N, 1, NULL), WK_OK);
    for (int k = 0; k < N; k++) {
        double angle = (k + 1.0) * PI / (N + 1.0), sum = 0.0;
        int found = -1;
        for (int j = 0; j < N; j++)
            if (fabs(diagonal[j] - (2.0 - 2.0 * cos(angle))) < 1e-13)
                found = j;
        assert_true(found >= 0);
        for (int i = 0; i < N; i++)
            sum += vector[i] * sqrt(2.0 / (N + 1.0)) * sin(angle * (i + 1.0));
        /* rounding over the least gap, 0.006 */
        assert_true(fabs(fabs(rows[found]) - fabs(sum)) < 1e-12);
    }
}

static void test_not_finite(void **state)
{
    (void)state;
    double rows[N] = {0};
    string_make();
    diagonal[7] = (double)NAN;
    assert_int_equal(wk_tridiagonal_diagonalise(diagonal, side, rows, N, 1, NULL),
                     WK_NO_CONVERGENCE);
}

static void test_equations(void **state)
{
    (void)state;
    const double shifts[] = {0.0, 1e-6, 1.0, 1e9};
    wk_tridiagonal t = string_make();
    for (size_t s = 0; s < sizeof shifts / sizeof *shifts; s++) {
        double pivot[N], ratio[N], x[N], right[N], square = 0.0, scale = 0.0;
        wk_tridiagonal_factor(pivot, ratio, &t, shifts[s]);
        for (int i = 0; i < N; i++)
            x[i] = right[i] = sin(i * i + 1.0);
        wk_tridiagonal_solve(x, pivot, ratio, N);
        for (int i = 0; i < N; i++) {
            double sum = (2.0 + shifts[s]) * x[i] - right[i];
            sum -= (i > 0 ? x[i - 1] : 0.0) + (i + 1 < N ? x[i + 1] : 0.0);
            assert_true(fabs(sum) < 1e-13);
            square += x[i] * right[i], scale += fabs(x[i] * right[i]);
        }
        double found = wk_tridiagonal_square(right, pivot, ratio, N);
        assert_true(fabs(found - square) < 1e-13 * scale);
    }
}

/* A singular matrix has a pivot left that can be divided by. */
static void test_singular(void **state)
{
    (void)state;
    double d[2] = {1.0, 1.0}, e[2] = {1.0, 0.0}, pivot[2], ratio[2], x[2] = {1.0, 0.0};
    wk_tridiagonal t = {2, d, e, NULL};
    wk_tridiagonal_factor(pivot, ratio, &t, 0.0);
    assert_true(pivot[0] == 1.0 && pivot[1] > 0.0);
    wk_tridiagonal_solve(x, pivot, ratio, 2);
    assert_true(isfinite(x[0]) && isfinite(x[1]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_not_finite),
        cmocka_unit_test(test_equations),
        cmocka_unit_test(test_singular),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
