#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "memory.h"
#include "thin_plate_kernel.h"
#include "thin_plate_model.h"

enum { N = 24, MOST = N - 3 };

static const double HALF[2] = {1.0, 1.0};

static double u[N], v[N];

static wk_plate plate_make(double **inner, int degree)
{
    for (int i = 0; i < N; i++)
        u[i] = sin(7.0 * i), v[i] = cos(4.0 * i * i);
    wk_plate plate = {.centres = N, .u = u, .v = v, .scale = 1.0};
    assert_int_equal(wk_plate_kernel_reduce(&plate, inner, degree, HALF, NULL, NULL), WK_OK);
    return plate;
}

static void plate_release(wk_plate *plate)
{
    wk_plate_drift_release(&plate->drift);
    wk_memory_free(plate->columns);
    wk_memory_free(plate->slant);
    wk_memory_free(plate->basis);
}

/* The penalty x' (Q_2' K Q_2) x is positive, and Q_1' K Q_1 is what the columns say. */
static void reduction_check(int degree)
{
    double *inner, kernels[N * N];
    wk_plate plate = plate_make(&inner, degree);
    int m = (int)plate.m, terms = plate.drift.terms;
    for (int i = 0; i < N; i++)
        wk_plate_kernel(kernels + i * N, u, v, N, u[i], v[i]);
    for (int a = 0; a < terms; a++)
        for (int b = 0; b < terms; b++) {
            double sum = 0.0;
            for (int i = 0; i < N; i++)
                for (int j = 0; j < N; j++)
                    sum += plate.columns[terms * i + a] * kernels[i * N + j] *
                           plate.columns[terms * j + b];
            assert_true(fabs(sum - plate.core[a][b]) < 1e-13);
        }
    for (int k = 0; k < 20; k++) {
        double sum = 0.0;
        for (int i = 0; i < m; i++)
            for (int j = 0; j < m; j++)
                sum += cos(k * i + 0.1) * inner[i * m + j] * cos(k * j + 0.1);
        assert_true(sum > 0.0);
    }
    wk_memory_free(inner);
    plate_release(&plate);
}

/* The functions of a place at a centre are a row of the penalty: y = basis' (k - K Q_1 q). */
static void functions_check(int degree)
{
    double *inner, unit[MOST * MOST] = {0}, room[MOST], kernels[N], y[MOST], row[MOST];
    double q[WK_PLATE_TERMS], p[WK_PLATE_TERMS];
    wk_plate plate = plate_make(&inner, degree);
    int m = (int)plate.m, terms = plate.drift.terms;
    plate.basis = wk_memory_new((size_t)(N * m), sizeof *plate.basis, NULL);
    for (int k = 0; k < m; k++)
        unit[k * m + k] = 1.0;
    wk_plate_drift_extend(&plate.drift, plate.basis, unit, m, room);
    for (int i = 0; i < N; i++) {
        wk_plate_drift_terms(p, degree, HALF, u[i], v[i]);
        wk_plate_kernel(kernels, u, v, N, u[i], v[i]);
        wk_plate_functions(y, q, &plate, kernels, p);
        for (int k = 0; k < m; k++) {
            row[k] = 0.0;
            for (int j = 0; j < m; j++)
                row[k] += plate.basis[i * m + j] * inner[j * m + k];
            assert_true(fabs(y[k] - row[k]) < 1e-13);
        }
        for (int c = 0; c < terms; c++)
            assert_true(fabs(q[c] - plate.columns[terms * i + c]) < 1e-13);
    }
    wk_memory_free(inner);
    plate_release(&plate);
}

static void test_reduction(void **state)
{
    (void)state;
    for (int degree = 1; degree <= 3; degree++)
        reduction_check(degree);
}

static void test_functions(void **state)
{
    (void)state;
    for (int degree = 1; degree <= 3; degree++)
        functions_check(degree);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reduction),
        cmocka_unit_test(test_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
