#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "smooth_basis.h"

enum { NX = 9, NY = 6, N = NX * NY };

static double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return ((double)(*state >> 11) + 0.5) / 9007199254740992.0;
}

static double square(double x)
{
    return x * x;
}

static void make(wk_smooth_basis *x, wk_smooth_basis *y, int64_t nx, int64_t ny)
{
    assert_int_equal(wk_smooth_basis_make(x, nx, NULL), WK_OK);
    assert_int_equal(wk_smooth_basis_make(y, ny, NULL), WK_OK);
}

/* Third differences squared and 0.03 times the steps squared, along both axes. */
static double roughness(const double *u)
{
    double sum = 0.0;
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++) {
            const double *v = u + j * NX + i;
            if (i + 1 < NX)
                sum += 0.03 * square(v[1] - v[0]);
            if (j + 1 < NY)
                sum += 0.03 * square(v[NX] - v[0]);
            if (i + 3 < NX)
                sum += square(v[3] - 3.0 * v[2] + 3.0 * v[1] - v[0]);
            if (j + 3 < NY)
                sum += square(v[3 * NX] - 3.0 * v[2 * NX] + 3.0 * v[NX] - v[0]);
        }
    return sum;
}

static void test_penalty_is_the_roughness(void **state)
{
    (void)state;
    wk_smooth_basis x, y;
    make(&x, &y, NX, NY);
    double u[N], image[N], coefficient[N], room[N], form = 0.0, diagonal = 0.0;
    uint64_t seed = 11;
    for (int k = 0; k < N; k++)
        u[k] = uniform(&seed);
    wk_smooth_penalty(image, u, &x, &y);
    wk_smooth_transform(coefficient, u, &x, &y, room);
    for (int k = 0; k < N; k++) {
        form += u[k] * image[k];
        diagonal += square(coefficient[k]) * (x.values[k % NX] + y.values[k / NX]);
    }
    /* some hundred terms of about 1 to 100 */
    assert_true(fabs(form - roughness(u)) < 1e-11 * form);
    assert_true(fabs(diagonal - form) < 1e-11 * form);
    wk_smooth_basis_release(&x);
    wk_smooth_basis_release(&y);
}

static void test_transform_and_back(void **state)
{
    (void)state;
    for (int64_t nx = 1; nx < 12; nx++) {
        wk_smooth_basis x, y;
        make(&x, &y, nx, 13 - nx);
        int64_t n = nx * (13 - nx);
        double u[N], out[N], room[N];
        uint64_t seed = (uint64_t)nx;
        for (int64_t k = 0; k < n; k++)
            out[k] = u[k] = uniform(&seed);
        wk_smooth_transform(out, out, &x, &y, room);
        wk_smooth_restore(out, out, &x, &y, room);
        for (int64_t k = 0; k < n; k++)
            assert_true(fabs(out[k] - u[k]) < 1e-13);
        wk_smooth_basis_release(&x);
        wk_smooth_basis_release(&y);
    }
}

static void test_constant_costs_nothing(void **state)
{
    (void)state;
    for (int64_t n = 1; n < 80; n += 13) {
        wk_smooth_basis basis;
        assert_int_equal(wk_smooth_basis_make(&basis, n, NULL), WK_OK);
        assert_true(basis.values[0] == 0.0);
        for (int64_t i = 0; i < n; i++) {
            assert_true(fabs(basis.rows[i] - 1.0 / sqrt((double)n)) < 1e-9);
            assert_true(i == 0 || basis.values[i] > 0.0);
        }
        wk_smooth_basis_release(&basis);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_penalty_is_the_roughness),
        cmocka_unit_test(test_transform_and_back),
        cmocka_unit_test(test_constant_costs_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
