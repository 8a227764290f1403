#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "eigen.h"

static const double PI = 3.14159265358979323846;

static double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return ((double)(*state >> 11) + 0.5) / 9007199254740992.0;
}

static void test_two_by_two(void **state)
{
    (void)state;
    double matrix[] = {2.0, NAN, 1.0, 2.0}, values[2], vectors[4]; /* upper triangle is not read */
    assert_int_equal(wk_eigen_symmetric(values, vectors, matrix, 2, NULL), WK_OK);
    assert_true(fabs(values[0] - 1.0) < 1e-15 && fabs(values[1] - 3.0) < 1e-15);
    double half = sqrt(0.5);
    double expected[] = {half, -half, half, half};
    for (int i = 0; i < 4; i++)
        assert_true(fabs(vectors[i] - expected[i]) < 1e-15);
}

static void test_one_and_none(void **state)
{
    (void)state;
    double matrix = -7.5, value = 0.0, vector = 0.0;
    assert_int_equal(wk_eigen_symmetric(&value, &vector, &matrix, 1, NULL), WK_OK);
    assert_true(value == -7.5 && vector == 1.0);
    assert_int_equal(wk_eigen_symmetric(&value, &vector, &matrix, 0, NULL), WK_OK);
}

/* The string held at both ends: values 2 - 2 cos(k pi / (n + 1)), vectors sines. */
static void test_string(void **state)
{
    (void)state;
    enum { N = 100 };
    double *matrix = calloc(N * N, sizeof *matrix), *vectors = calloc(N * N, sizeof *vectors);
    double values[N];
    for (int i = 0; i < N; i++) {
        matrix[i * N + i] = 2.0;
        if (i > 0)
            matrix[i * N + i - 1] = -1.0;
    }
    assert_int_equal(wk_eigen_symmetric(values, vectors, matrix, N, NULL), WK_OK);
    for (int k = 0; k < N; k++) {
        double angle = (double)(k + 1) * PI / (N + 1), scale = sqrt(2.0 / (N + 1));
        /* rounding is some times the largest value, 4, and 1e-16; vectors: over the least gap */
        assert_true(fabs(values[k] - (2.0 - 2.0 * cos(angle))) < 1e-13);
        double sign = vectors[k * N] > 0.0 ? 1.0 : -1.0;
        for (int i = 0; i < N; i++)
            assert_true(fabs(sign * vectors[k * N + i] - scale * sin(angle * (i + 1))) < 1e-10);
    }
    free(matrix);
    free(vectors);
}

static void check(const double *matrix, int n, double scale)
{
    double *values = calloc((size_t)n, sizeof *values);
    double *vectors = calloc((size_t)(n * n), sizeof *vectors);
    assert_int_equal(wk_eigen_symmetric(values, vectors, matrix, n, NULL), WK_OK);
    for (int a = 0; a < n; a++) {
        assert_true(a == 0 || values[a - 1] <= values[a]);
        for (int i = 0; i < n; i++) {
            double product = -values[a] * vectors[a * n + i], dot = a == i ? -1.0 : 0.0;
            for (int j = 0; j < n; j++) {
                product += matrix[i * n + j] * vectors[a * n + j];
                dot += vectors[a * n + j] * vectors[i * n + j];
            }
            assert_true(fabs(product) < 1e-13 * scale);
            assert_true(fabs(dot) < 1e-13);
        }
    }
    free(values);
    free(vectors);
}

static void test_vectors_of_any_matrix(void **state)
{
    (void)state;
    enum { N = 37 };
    double matrix[N * N];
    uint64_t seed = 5;
    for (int i = 0; i < N; i++)
        for (int j = 0; j <= i; j++)
            matrix[i * N + j] = matrix[j * N + i] = 2.0 * uniform(&seed) - 1.0;
    check(matrix, N, 10.0);
    for (int i = 0; i < N * N; i++)
        matrix[i] *= 1e100;
    check(matrix, N, 1e101);
}

static void test_equal_values(void **state)
{
    (void)state;
    enum { N = 9 };
    double matrix[N * N] = {0};
    check(matrix, N, 1.0);
    for (int i = 0; i < N; i++)
        matrix[i * N + i] = i < 5 ? 3.0 : -2.0;
    check(matrix, N, 3.0);
    for (int i = 0; i < N * N; i++)
        matrix[i] = 1.0;
    check(matrix, N, 9.0);
}

static void test_not_finite(void **state)
{
    (void)state;
    double matrix[] = {1.0, 0.0, NAN, 1.0}, values[2], vectors[4];
    wk_error error = {0};
    assert_int_equal(wk_eigen_symmetric(values, vectors, matrix, 2, &error), WK_NO_CONVERGENCE);
    assert_non_null(strstr(error.message, "nan"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_by_two),   cmocka_unit_test(test_one_and_none),
        cmocka_unit_test(test_string),       cmocka_unit_test(test_vectors_of_any_matrix),
        cmocka_unit_test(test_equal_values), cmocka_unit_test(test_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
