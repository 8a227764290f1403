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

enum { N = 17, MOST = N - 3 };

static const double HALF[2] = {1.0, 0.8};

static double u[N], v[N], share[N];

static wk_plate_drift drift_make(int degree)
{
    wk_plate_drift drift;
    wk_random random = wk_random_stream(2, 0, 0, 0, 0);
    for (int i = 0; i < N; i++) {
        u[i] = wk_random_between(&random, -1.0, 1.0), v[i] = wk_random_between(&random, -0.8, 0.8);
        share[i] = wk_random_between(&random, 1.0, 2.0);
    }
    assert_int_equal(wk_plate_drift_make(&drift, degree, HALF, u, v, share, N, NULL), WK_OK);
    return drift;
}

/* Q' P = [R; 0], and the first columns of Q times R are P. */
static void triangle_check(int degree)
{
    wk_plate_drift drift = drift_make(degree);
    int terms = drift.terms;
    double columns[WK_PLATE_TERMS * N], p[WK_PLATE_TERMS];
    wk_plate_drift_columns(&drift, columns);
    for (int c = 0; c < terms; c++) {
        double x[N];
        for (int i = 0; i < N; i++) {
            wk_plate_drift_terms(p, degree, HALF, u[i], v[i]);
            x[i] = share[i] * p[c];
            double sum = -x[i];
            for (int k = 0; k <= c; k++)
                sum += columns[terms * i + k] * drift.r[k][c];
            assert_true(fabs(sum) < 1e-13);
        }
        wk_plate_drift_turn(&drift, x);
        for (int i = 0; i < N; i++)
            assert_true(fabs(x[i] - (i <= c ? drift.r[i][c] : 0.0)) < 1e-13);
    }
    wk_plate_drift_release(&drift);
}

/* Both sides at once are one side after the other. */
static void both_sides_check(int degree)
{
    wk_plate_drift drift = drift_make(degree);
    double matrix[N * N], rows[N * N], room[N], column[N];
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            matrix[i * N + j] = cos(i + 1.0) * cos(j + 1.0) + (i == j) * i;
    memcpy(rows, matrix, sizeof rows);
    wk_plate_drift_turn_both(&drift, matrix, room);
    for (int i = 0; i < N; i++)
        wk_plate_drift_turn(&drift, rows + i * N);
    for (int j = 0; j < N; j++) {
        for (int i = 0; i < N; i++)
            column[i] = rows[i * N + j];
        wk_plate_drift_turn(&drift, column);
        for (int i = 0; i < N; i++)
            assert_true(fabs(column[i] - matrix[i * N + j]) < 1e-13);
    }
    wk_plate_drift_release(&drift);
}

/* What is extended has no drift and turns back to what it was. */
static void extension_check(int degree)
{
    wk_plate_drift drift = drift_make(degree);
    int terms = drift.terms;
    double basis[MOST * 2], out[N * 2], room[2], x[N];
    for (int i = 0; i < 2 * (N - terms); i++)
        basis[i] = sin(i + 0.5);
    wk_plate_drift_extend(&drift, out, basis, 2, room);
    for (int k = 0; k < 2; k++) {
        for (int i = 0; i < N; i++)
            x[i] = out[2 * i + k];
        wk_plate_drift_turn(&drift, x);
        for (int i = 0; i < N; i++)
            assert_true(fabs(x[i] - (i < terms ? 0.0 : basis[2 * (i - terms) + k])) < 1e-13);
    }
    wk_plate_drift_release(&drift);
}

static void solutions_check(int degree)
{
    wk_plate_drift drift = drift_make(degree);
    int terms = drift.terms;
    double p[WK_PLATE_TERMS], q[WK_PLATE_TERMS], b[WK_PLATE_TERMS];
    wk_plate_drift_terms(p, degree, HALF, -0.3, 0.7);
    wk_plate_drift_below(&drift, q, p);
    wk_plate_drift_above(&drift, b, p);
    for (int k = 0; k < terms; k++) {
        double below = 0.0, above = 0.0;
        for (int j = 0; j < terms; j++) {
            below += j <= k ? drift.r[j][k] * q[j] : 0.0;
            above += j >= k ? drift.r[k][j] * b[j] : 0.0;
        }
        assert_true(fabs(below - p[k]) < 1e-13 && fabs(above - p[k]) < 1e-13);
    }
    wk_plate_drift_release(&drift);
}

static void test_degrees(void **state)
{
    (void)state;
    for (int degree = 1; degree <= 3; degree++) {
        triangle_check(degree);
        both_sides_check(degree);
        extension_check(degree);
        solutions_check(degree);
    }
}

/* Legendre's polynomials at 1 and at -1/2 and 1/4. */
static void test_terms(void **state)
{
    (void)state;
    const double half[2] = {2.0, 4.0};
    double p[WK_PLATE_TERMS], all = 0.0;
    wk_plate_drift_terms(p, 3, half, 2.0, 4.0);
    for (int c = 0; c < WK_PLATE_TERMS; c++)
        all += fabs(p[c] - 1.0);
    assert_true(all == 0.0);
    const double expected[] = {1.0,      -0.5,   0.25,     -0.125,   -0.125,
                               -0.40625, 0.4375, -0.03125, 0.203125, -0.3359375};
    wk_plate_drift_terms(p, 3, half, -1.0, 1.0);
    for (int c = 0; c < WK_PLATE_TERMS; c++)
        assert_true(p[c] == expected[c]);
    assert_true(wk_plate_drift_sum(expected, p, 2) == 1.25);
    assert_int_equal(wk_plate_drift_count(1), 3);
    assert_int_equal(wk_plate_drift_count(3), WK_PLATE_TERMS);
}

/* On an ellipse nothing beyond the plane is determined, on a cubic the conics are. */
static void test_determined(void **state)
{
    (void)state;
    for (int degree = 1; degree <= 3; degree++) {
        wk_plate_drift drift = drift_make(degree);
        assert_int_equal(wk_plate_drift_determined(&drift, 1e-2), degree);
        wk_plate_drift_release(&drift);
    }
    for (int curve = 2; curve <= 3; curve++) {
        wk_plate_drift drift;
        for (int i = 0; i < N; i++) {
            u[i] = curve == 2 ? cos(i) : i / 8.0 - 1.0;
            v[i] = curve == 2 ? 0.3 * sin(i) + 0.2 * cos(i) : u[i] * u[i] * u[i] - 0.4 * u[i];
        }
        assert_int_equal(wk_plate_drift_make(&drift, 3, HALF, u, v, NULL, N, NULL), WK_OK);
        assert_int_equal(wk_plate_drift_determined(&drift, 1e-6), curve - 1);
        wk_plate_drift_release(&drift);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_degrees),
        cmocka_unit_test(test_terms),
        cmocka_unit_test(test_determined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
