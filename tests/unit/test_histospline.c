#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "histospline.h"

enum { MOST = 20 };

static double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return ((double)(*state >> 11) + 0.5) / 9007199254740992.0;
}

/* Second derivatives of the spline through n nodes a distance 1 apart, by Gauss and Jordan. */
static void second_derivatives(double *m, const double *f, int n, wk_histospline_ends ends)
{
    double a[MOST][MOST + 1] = {{0}};
    for (int i = 0; i < n; i++) {
        int outer = i == 0 || i == n - 1;
        a[i][i] = outer ? 1.0 : 4.0 / 6.0;
        if (outer && ends == WK_ENDS_PARABOLIC && n > 2)
            a[i][i == 0 ? 1 : n - 2] = -1.0;
        if (outer)
            continue;
        a[i][i - 1] = a[i][i + 1] = 1.0 / 6.0;
        a[i][n] = f[i - 1] - 2.0 * f[i] + f[i + 1];
    }
    for (int p = 0; p < n; p++)
        for (int i = 0; i < n; i++) {
            double factor = i == p ? 0.0 : a[i][p] / a[p][p];
            for (int j = p; j <= n && factor != 0.0; j++)
                a[i][j] -= factor * a[p][j];
        }
    for (int i = 0; i < n; i++)
        m[i] = a[i][n] / a[i][i];
}

static double spline(const double *f, const double *m, int n, double x)
{
    if (n == 1)
        return f[0];
    int i = x < 0.0 ? 0 : x >= n - 1 ? n - 2 : (int)x;
    double t = x - i, s = 1.0 - t;
    if (x < 0.0)
        return f[0] + x * (f[1] - f[0] - m[0] / 3.0 - m[1] / 6.0) + 0.5 * x * x * m[0];
    if (x > n - 1) {
        double h = x - (n - 1);
        const double *end = f + n - 1, *last = m + n - 1;
        return end[0] + h * (end[0] - end[-1] + last[0] / 3.0 + last[-1] / 6.0) +
               0.5 * h * h * last[0];
    }
    return s * f[i] + t * f[i + 1] + ((s * s * s - s) * m[i] + (t * t * t - t) * m[i + 1]) / 6.0;
}

/* Simpson's rule is exact for cubics. */
static double half_mean(const double *f, const double *m, int n, double from)
{
    return (spline(f, m, n, from) + 4.0 * spline(f, m, n, from + 0.25) +
            spline(f, m, n, from + 0.5)) /
           6.0;
}

static void check_line(int n, wk_histospline_ends ends, uint64_t seed)
{
    double means[MOST], nodes[MOST], column[MOST], m[MOST];
    for (int i = 0; i < n; i++)
        means[i] = nodes[i] = column[i] = 10.0 * uniform(&seed);
    assert_int_equal(wk_histospline_nodes(nodes, n, 1, ends, NULL), WK_OK);
    assert_int_equal(wk_histospline_nodes(column, 1, n, ends, NULL), WK_OK);
    second_derivatives(m, nodes, n, ends);
    for (int i = 0; i < n; i++) {
        double mean = 0.5 * (half_mean(nodes, m, n, i - 0.5) + half_mean(nodes, m, n, i));
        assert_true(fabs(mean - means[i]) < 1e-12); /* values of 10, some hundred roundings */
        assert_true(column[i] == nodes[i]);
    }
}

static void test_means_are_those_given(void **state)
{
    (void)state;
    for (int n = 1; n <= MOST; n++) {
        check_line(n, WK_ENDS_NATURAL, (uint64_t)n);
        check_line(n, WK_ENDS_PARABOLIC, (uint64_t)n);
    }
}

static void test_plane_is_kept(void **state)
{
    (void)state;
    for (int ends = 0; ends < 2; ends++) {
        double nodes[5 * 8];
        for (int k = 0; k < 40; k++)
            nodes[k] = 3.0 * (k % 5) - 7.0 * (double)(k / 5);
        assert_int_equal(wk_histospline_nodes(nodes, 5, 8, (wk_histospline_ends)ends, NULL), WK_OK);
        for (int k = 0; k < 40; k++)
            assert_true(fabs(nodes[k] - (3.0 * (k % 5) - 7.0 * (double)(k / 5))) < 1e-13);
    }
}

/* The mean of x^2 over a cell is its middle's square and 1/12. */
static void test_parabola(void **state)
{
    (void)state;
    double nodes[6 * 4];
    for (int k = 0; k < 24; k++) {
        double x = k % 6, y = (double)(k / 6);
        nodes[k] = x * x + 1.0 / 12.0 + 2.0 * (y * y + 1.0 / 12.0) + x * y;
    }
    assert_int_equal(wk_histospline_nodes(nodes, 6, 4, WK_ENDS_PARABOLIC, NULL), WK_OK);
    for (int k = 0; k < 24; k++) {
        double x = k % 6, y = (double)(k / 6);
        assert_true(fabs(nodes[k] - (x * x + 2.0 * y * y + x * y)) < 1e-12);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_means_are_those_given),
        cmocka_unit_test(test_plane_is_kept),
        cmocka_unit_test(test_parabola),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
