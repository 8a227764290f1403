#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"
#include "thin_plate_drift.h"

enum { N = 11, M = N - 3 };

static double u[N], v[N], share[N];

static wk_plate_drift plane_make(void)
{
    wk_plate_drift plane;
    wk_random random = wk_random_stream(2, 0, 0, 0, 0);
    for (int i = 0; i < N; i++) {
        u[i] = wk_random_between(&random, -1.0, 1.0), v[i] = wk_random_between(&random, -1.0, 1.0);
        share[i] = wk_random_between(&random, 1.0, 2.0);
    }
    assert_int_equal(wk_plate_drift_make(&plane, u, v, share, N, NULL), WK_OK);
    return plane;
}

/* Q' P = [R; 0], and the first columns of Q times R are P. */
static void test_triangle(void **state)
{
    (void)state;
    wk_plate_drift plane = plane_make();
    double columns[3 * N];
    wk_plate_drift_columns(&plane, columns);
    for (int c = 0; c < 3; c++) {
        double x[N];
        for (int i = 0; i < N; i++) {
            x[i] = share[i] * (c == 0 ? 1.0 : c == 1 ? u[i] : v[i]);
            double sum = -x[i];
            for (int k = 0; k <= c; k++)
                sum += columns[3 * i + k] * plane.r[k][c];
            assert_true(fabs(sum) < 1e-14);
        }
        wk_plate_drift_turn(&plane, x);
        for (int i = 0; i < N; i++)
            assert_true(fabs(x[i] - (i <= c ? plane.r[i][c] : 0.0)) < 1e-14);
    }
    wk_plate_drift_release(&plane);
}

/* Both sides at once are one side after the other. */
static void test_both_sides(void **state)
{
    (void)state;
    wk_plate_drift plane = plane_make();
    double matrix[N * N], rows[N * N], room[N], column[N];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            matrix[i * N + j] = cos(i + 1.0) * cos(j + 1.0) + (i == j) * i;
    memcpy(rows, matrix, sizeof rows);
    wk_plate_drift_turn_both(&plane, matrix, room);
    for (int i = 0; i < N; i++)
        wk_plate_drift_turn(&plane, rows + i * N);
    for (int j = 0; j < N; j++) {
        for (int i = 0; i < N; i++)
            column[i] = rows[i * N + j];
        wk_plate_drift_turn(&plane, column);
        for (int i = 0; i < N; i++)
            assert_true(fabs(column[i] - matrix[i * N + j]) < 1e-13);
    }
    wk_plate_drift_release(&plane);
}

/* What is extended has no plane and turns back to what it was. */
static void test_extension(void **state)
{
    (void)state;
    wk_plate_drift plane = plane_make();
    double basis[M * 2], out[N * 2], room[2], x[N];
    for (int i = 0; i < 2 * M; i++)
        basis[i] = sin(i + 0.5);
    wk_plate_drift_extend(&plane, out, basis, 2, room);
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < N; i++)
            x[i] = out[2 * i + k];
        wk_plate_drift_turn(&plane, x);
        for (int i = 0; i < N; i++)
            assert_true(fabs(x[i] - (i < 3 ? 0.0 : basis[2 * (i - 3) + k])) < 1e-14);
    }
    wk_plate_drift_release(&plane);
}

static void test_solutions(void **state)
{
    (void)state;
    wk_plate_drift plane = plane_make();
    const double p[3] = {1.0, -0.3, 0.7};
    double q[3], b[3];
    wk_plate_drift_below(&plane, q, p);
    wk_plate_drift_above(&plane, b, p);
    for (int k = 0; k < 3; k++) {
        double below = 0.0, above = 0.0;
        for (int j = 0; j < 3; j++) {
            below += j <= k ? plane.r[j][k] * q[j] : 0.0;
            above += j >= k ? plane.r[k][j] * b[j] : 0.0;
        }
        assert_true(fabs(below - p[k]) < 1e-14 && fabs(above - p[k]) < 1e-14);
    }
    wk_plate_drift_release(&plane);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_triangle),
        cmocka_unit_test(test_both_sides),
        cmocka_unit_test(test_extension),
        cmocka_unit_test(test_solutions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
