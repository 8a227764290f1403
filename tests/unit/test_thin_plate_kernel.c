#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"
#include "thin_plate_kernel.h"

/* The long double logarithm of the maths library knows three digits more. */
static void test_against_libm(void **state)
{
    (void)state;
    wk_random random = wk_random_stream(1, 0, 0, 0, 0);
    for (int k = 0; k < 20000; k++) {
        double r = pow(10.0, wk_random_between(&random, k % 2 ? -12.0 : -0.3, k % 2 ? 12.0 : 0.3));
        double angle = wk_random_between(&random, 0.0, 6.3);
        double u = r * cos(angle), v = r * sin(angle), out;
        long double square = (long double)(u * u + v * v);
        long double expected = 0.5L * square * logl(square);
        wk_plate_kernel(&out, &u, &v, 1, 0.0, 0.0);
        double scale = (double)(square * fmaxl(1.0L, 0.5L * fabsl(logl(square))));
        assert_true(fabs((double)((long double)out - expected)) < 4e-16 * scale);
    }
}

/* Any count, each place as if alone; sums are those of the values. */
static void test_counts(void **state)
{
    (void)state;
    enum { MOST = 13 };
    double u[MOST], v[MOST], out[MOST], one, w[2][MOST], sums[2];
    const double *const weights[2] = {w[0], w[1]};
    for (int i = 0; i < MOST; i++) {
        u[i] = sin(3.0 * i), v[i] = cos(5.0 * i);
        w[0][i] = 1.0 + i, w[1][i] = i % 3 - 1.0;
    }
    for (int n = 0; n <= MOST; n++) {
        double expected[2] = {0.0, 0.0};
        wk_plate_kernel(out, u, v, n, u[2], v[2]);
        wk_plate_kernel_sum(sums, weights, u, v, n, u[2], v[2]);
        for (int i = 0; i < n; i++) {
            wk_plate_kernel(&one, u + i, v + i, 1, u[2], v[2]);
            assert_true(one == out[i] && (i == 2) == (out[i] == 0.0));
            expected[0] += w[0][i] * out[i], expected[1] += w[1][i] * out[i];
        }
        assert_true(fabs(sums[0] - expected[0]) < 1e-13);
        assert_true(fabs(sums[1] - expected[1]) < 1e-13);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_libm),
        cmocka_unit_test(test_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
