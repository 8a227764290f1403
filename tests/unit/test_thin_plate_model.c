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

enum { N = 14, M = N - 3 };

static double u[N], v[N];

static wk_plate plate_make(double **inner)
{
    for (int i = 0; i < N; i++)
        u[i] = sin(7.0 * i), v[i] = cos(4.0 * i * i);
    wk_plate plate = {.centres = N, .m = M, .u = u, .v = v, .scale = 1.0};
    assert_int_equal(wk_plate_kernel_reduce(&plate, inner, NULL, NULL), WK_OK);
    return plate;
}

static void plate_release(wk_plate *plate)
{
    wk_plate_drift_release(&plate->plane);
    wk_memory_free(plate->columns);
    wk_memory_free(plate->slant);
    wk_memory_free(plate->basis);
}

/* The penalty x' (Q_2' K Q_2) x is positive, and Q_1' K Q_1 is what the columns say. */
static void test_reduction(void **state)
{
    (void)state;
    double *inner, kernels[N * N];
    wk_plate plate = plate_make(&inner);
    for (int i = 0; i < N; i++)
        wk_plate_kernel(kernels + i * N, u, v, N, u[i], v[i]);
    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++) {
            double sum = 0.0;
            for (int i = 0; i < N; i++)
                for (int j = 0; j < N; j++)
                    sum += plate.columns[3 * i + a] * kernels[i * N + j] * plate.columns[3 * j + b];
            assert_true(fabs(sum - plate.core[a][b]) < 1e-13);
        }
    for (int k = 0; k < 20; k++) {
        double sum = 0.0;
        for (int i = 0; i < M; i++)
            for (int j = 0; j < M; j++)
                sum += cos(k * i + 0.1) * inner[i * M + j] * cos(k * j + 0.1);
        assert_true(sum > 0.0);
    }
    wk_memory_free(inner);
    plate_release(&plate);
}

/* The functions of a place at a centre are a row of the penalty: y = basis' (k - K Q_1 q). */
static void test_functions(void **state)
{
    (void)state;
    double *inner, unit[M * M] = {0}, room[M], kernels[N], y[M], q[3], row[M];
    wk_plate plate = plate_make(&inner);
    plate.basis = wk_memory_new(N * M, sizeof *plate.basis, NULL);
    for (int k = 0; k < M; k++)
        unit[k * M + k] = 1.0;
    wk_plate_drift_extend(&plate.plane, plate.basis, unit, M, room);
    for (int i = 0; i < N; i++) {
        const double p[3] = {1.0, u[i], v[i]};
        wk_plate_kernel(kernels, u, v, N, u[i], v[i]);
        wk_plate_functions(y, q, &plate, kernels, p);
        for (int k = 0; k < M; k++) {
            row[k] = 0.0;
            for (int j = 0; j < M; j++)
                row[k] += plate.basis[i * M + j] * inner[j * M + k];
            assert_true(fabs(y[k] - row[k]) < 1e-13);
        }
        for (int c = 0; c < 3; c++)
            assert_true(fabs(q[c] - plate.columns[3 * i + c]) < 1e-13);
    }
    wk_memory_free(inner);
    plate_release(&plate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reduction),
        cmocka_unit_test(test_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
