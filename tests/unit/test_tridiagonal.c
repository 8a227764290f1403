#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "eigen.h"
#include "random.h"
#include "tridiagonal.h"

static double *random_matrix(int64_t n, uint64_t seed)
{
    double *matrix = calloc((size_t)(n * n) + 1, sizeof *matrix);
    wk_random random = wk_random_stream(seed, 0, 0, 0, 0);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j <= i; j++)
            matrix[i * n + j] = matrix[j * n + i] = wk_random_between(&random, -1.0, 1.0);
    return matrix;
}

static wk_tridiagonal reduce(const double *matrix, int64_t n, int threads)
{
    double *copy = malloc((size_t)(n * n + 1) * sizeof *copy);
    memcpy(copy, matrix, (size_t)(n * n) * sizeof *copy);
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < i; j++)
            copy[i * n + j] = (double)NAN; /* the lower triangle is not read */
    wk_context context = {.threads = threads};
    wk_tridiagonal out;
    assert_int_equal(wk_tridiagonal_make(&out, copy, n, &context, NULL), WK_OK);
    free(copy);
    return out;
}

/* A U = U T and U' U = 1; rounding is some sqrt(n) times 1e-16 times the norm, that of a random
 * matrix being 1.2 sqrt(n). */
static void check(const double *matrix, int64_t n, double scale)
{
    wk_tridiagonal t = reduce(matrix, n, 1);
    const double *u = t.vectors;
    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < n; k++) {
            double off = -u[i * n + k] * t.diagonal[k], dot = i == k ? -1.0 : 0.0;
            off -= k > 0 ? u[i * n + k - 1] * t.side[k - 1] : 0.0;
            off -= k + 1 < n ? u[i * n + k + 1] * t.side[k] : 0.0;
            for (int64_t j = 0; j < n; j++) {
                off += matrix[i * n + j] * u[j * n + k];
                dot += u[j * n + i] * u[j * n + k];
            }
            assert_true(fabs(off) < 1e-14 * scale);
            assert_true(fabs(dot) < 1e-14 * 5.0);
        }
    wk_tridiagonal_release(&t);
}

static void test_reduction(void **state)
{
    (void)state;
    const int64_t sizes[] = {1, 2, 3, 4, 5, 31, 32, 33, 34, 64, 65, 66, 97, 150};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        double *matrix = random_matrix(sizes[k], 3 + k);
        check(matrix, sizes[k], 1.0 + 1.2 * sqrt((double)sizes[k]));
        free(matrix);
    }
}

static void test_nothing(void **state)
{
    (void)state;
    double matrix[36] = {0};
    wk_tridiagonal t = reduce(matrix, 0, 1);
    wk_tridiagonal_release(&t);
    check(matrix, 6, 1.0);
    for (int i = 0; i < 6; i++)
        matrix[7 * i] = i < 3 ? 2.0 : -1.0;
    check(matrix, 6, 2.0);
    for (int i = 0; i < 36; i++)
        matrix[i] = 1.0;
    check(matrix, 6, 6.0);
}

/* The eigenvalues are those of another routine, in another order. */
static void test_values(void **state)
{
    (void)state;
    enum { N = 120 };
    double *matrix = random_matrix(N, 9), values[N], *vectors = calloc(N * N, sizeof *vectors);
    double rows[N] = {0};
    assert_int_equal(wk_eigen_symmetric(values, vectors, matrix, N, NULL), WK_OK);
    wk_tridiagonal t = reduce(matrix, N, 2);
    assert_int_equal(wk_tridiagonal_diagonalise(t.diagonal, t.side, rows, N, 1, NULL), WK_OK);
    for (int k = 0; k < N; k++) {
        double nearest = INFINITY;
        for (int j = 0; j < N; j++)
            nearest = fmin(nearest, fabs(t.diagonal[j] - values[k]));
        assert_true(nearest < 1e-13 * 13.0);
    }
    wk_tridiagonal_release(&t);
    free(matrix);
    free(vectors);
}

/* Large enough for threads to be used. */
static void test_threads(void **state)
{
    (void)state;
    enum { N = 460 };
    double *matrix = random_matrix(N, 5);
    wk_tridiagonal one = reduce(matrix, N, 1);
    for (int threads = 2; threads <= 3; threads++) {
        wk_tridiagonal more = reduce(matrix, N, threads);
        assert_memory_equal(one.diagonal, more.diagonal, 2 * N * sizeof *one.diagonal);
        assert_memory_equal(one.vectors, more.vectors, (size_t)N * N * sizeof *one.vectors);
        wk_tridiagonal_release(&more);
    }
    /* the trace stays: sums of N numbers of size 20 */
    double trace = 0.0;
    for (int i = 0; i < N; i++)
        trace += matrix[i * N + i] - one.diagonal[i];
    assert_true(fabs(trace) < 1e-11);
    wk_tridiagonal_release(&one);
    free(matrix);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reduction),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
