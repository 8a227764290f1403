#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "summary_pass.h"

/* Masked ones, NaN and what lies outside are left out, in whole pieces and broken ones. */
static void test_keep(void **state)
{
    (void)state;
    enum { N = 100 };
    double values[N], out[N];
    uint8_t bad[N] = {0};
    for (int i = 0; i < N; i++)
        values[i] = i;
    values[40] = (double)NAN;
    values[41] = -(double)INFINITY;
    bad[50] = 2;
    bad[51] = 1; /* its value says enough */
    bad[3] = 4;
    int64_t below;
    int n = wk_summary_keep(out, values, bad, N, &(wk_summary_set){1, 5, 89}, &below);
    assert_int_equal(n, 85 - 3);
    assert_int_equal(below, 4);
    assert_true(out[0] == 5 && out[n - 1] == 89);
    n = wk_summary_keep(out, values, bad, N, &(wk_summary_set){0, 5, 89}, &below);
    assert_true(n == 85 - 2 && below == 5);
}

/* 0..99 in two parts: mean 49.5, variance (100^2 - 1) / 12. */
static void test_join(void **state)
{
    (void)state;
    double values[100];
    for (int i = 0; i < 100; i++)
        values[i] = 1e9 + i;
    wk_summary_part parts[3] = {
        wk_summary_sum(values, 37, 1e9), {0}, wk_summary_sum(values + 37, 63, 1e9)};
    parts[0].below = 7;
    wk_summary_line line = {.median = 5};
    int64_t below;
    wk_summary_join(&line, &below, parts, 3, 1e9);
    assert_true(line.n == 100 && below == 7 && line.median == 5);
    assert_true(line.min == 1e9 && line.max == 1e9 + 99 && line.mean == 1e9 + 49.5);
    assert_true(fabs(line.std - sqrt(9999.0 / 12)) < 1e-13);
    wk_summary_join(&line, &below, parts + 1, 1, 1e9);
    assert_true(line.n == 0 && isnan(line.mean) && isnan(line.min));
}

static void test_fetch(void **state)
{
    (void)state;
    const float data[] = {1, 2, 3}, minus[] = {0.5F, 2, 4};
    double room[WK_SUMMARY_BLOCK];
    wk_summary_image image = {.data = data, .minus = minus, .n = 3};
    int n;
    const double *values = wk_summary_fetch(&image, 0, &n, room);
    assert_true(n == 3 && values[0] == 0.5 && values[1] == 0 && values[2] == -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keep),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_fetch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
