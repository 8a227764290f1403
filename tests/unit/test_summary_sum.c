#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "summary_sum.h"

/* NaN and what lies outside are left out, in whole pieces and broken ones. */
static void test_keep(void **state)
{
    (void)state;
    enum { N = 100 };
    double values[N];
    for (int i = 0; i < N; i++)
        values[i] = i;
    values[40] = (double)NAN;
    values[41] = -(double)INFINITY;
    int64_t below;
    int n = wk_summary_keep(values, values, N, 5, 89, &below);
    assert_true(n == 85 - 2 && below == 5);
    assert_true(values[0] == 5 && values[n - 1] == 89);
}

/* 0..99 in parts, on a level at which a mean is rounded: variance (100^2 - 1) / 12. */
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
    wk_summary_append(&parts[1], &parts[0]);
    wk_summary_append(&parts[1], &parts[2]);
    wk_summary_join(&line, &below, parts + 1, 1, 1e9);
    assert_true(line.n == 100 && below == 7 && line.mean == 1e9 + 49.5);
    assert_true(fabs(line.std - sqrt(9999.0 / 12)) < 1e-7); /* means of parts are rounded there */
    wk_summary_part none = {0};
    wk_summary_join(&line, &below, &none, 1, 1e9);
    assert_true(line.n == 0 && isnan(line.mean) && isnan(line.min));
}

static void test_total(void **state)
{
    (void)state;
    wk_summary_total total = {0};
    const double terms[] = {1, 1e100, 1, -1e100};
    for (int i = 0; i < 4; i++)
        wk_summary_total_add(&total, terms[i]);
    assert_true(total.sum + total.rest == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keep),
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_total),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
