#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "semidefinite.h"

enum { most = 6 };

static void invert(double *out, int64_t *rank, const double *matrix, int64_t n)
{
    double factor[most * most], copy[most * most];
    memcpy(copy, matrix, (size_t)(n * n) * sizeof *copy);
    assert_int_equal(wk_semidefinite_inverse(factor, rank, copy, n, 1e-9, NULL), WK_OK);
    for (int64_t i = 0; i < n * n; i++) {
        out[i] = 0.0;
        for (int64_t k = 0; k < *rank; k++)
            out[i] += factor[k * n + i / n] * factor[k * n + i % n];
    }
}

/* A definite matrix by hand: 2 1; 1 2 has the inverse 2 -1; -1 2 over 3. */
static void test_definite(void **state)
{
    (void)state;
    const double matrix[] = {2, 1, 1, 2}, want[] = {2, -1, -1, 2};
    double out[4];
    int64_t rank;
    invert(out, &rank, matrix, 2);
    assert_int_equal(rank, 2);
    for (int i = 0; i < 4; i++)
        assert_true(fabs(out[i] - want[i] / 3) < 1e-15);
}

/* All pairs of n joined alike: n I - 1, whose pseudo-inverse is itself over n squared; beside them
 * one that is joined to nothing. */
static void test_constant_is_undetermined(void **state)
{
    (void)state;
    enum { n = 5 };
    double matrix[(n + 1) * (n + 1)] = {0}, out[(n + 1) * (n + 1)];
    int64_t rank;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < n; k++)
            matrix[i * (n + 1) + k] = i == k ? n - 1 : -1;
    invert(out, &rank, matrix, n + 1);
    assert_int_equal(rank, n - 1);
    for (int i = 0; i < (n + 1) * (n + 1); i++)
        assert_true(fabs(out[i] - matrix[i] / (n * n)) < 1e-15);
}

/* What defines it: M X M = M, X M X = X, both products symmetric; here of rank 2. */
static void test_conditions(void **state)
{
    (void)state;
    enum { n = 4 };
    const double u[2][n] = {{1, 2, -1, 0.5}, {0, 1, 3, -2}};
    double m[n * n], x[n * n], mx[n * n] = {0}, mxm[n * n] = {0}, xmx[n * n] = {0};
    int64_t rank;
    for (int i = 0; i < n * n; i++)
        m[i] = u[0][i / n] * u[0][i % n] + 0.01 * u[1][i / n] * u[1][i % n];
    invert(x, &rank, m, n);
    assert_int_equal(rank, 2);
    for (int i = 0; i < n * n; i++)
        for (int k = 0; k < n; k++)
            mx[i] += m[i / n * n + k] * x[k * n + i % n];
    for (int i = 0; i < n * n; i++)
        for (int k = 0; k < n; k++) {
            mxm[i] += mx[i / n * n + k] * m[k * n + i % n];
            xmx[i] += x[i / n * n + k] * mx[k * n + i % n];
        }
    for (int i = 0; i < n * n; i++) {
        assert_true(fabs(mx[i] - mx[i % n * n + i / n]) < 1e-11);
        assert_true(fabs(mxm[i] - m[i]) < 1e-11);
        assert_true(fabs(xmx[i] - x[i]) < 1e-9);
    }
}

/* Nothing, and nothing but zeros. */
static void test_empty(void **state)
{
    (void)state;
    double zero[4] = {0}, out[4];
    int64_t rank;
    invert(out, &rank, zero, 2);
    assert_int_equal(rank, 0);
    assert_int_equal(wk_semidefinite_inverse(out, &rank, zero, 0, 1e-9, NULL), WK_OK);
    assert_int_equal(rank, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definite), cmocka_unit_test(test_constant_is_undetermined),
        cmocka_unit_test(test_conditions), cmocka_unit_test(test_empty)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
