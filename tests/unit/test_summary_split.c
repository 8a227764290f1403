#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <float.h>

#include "summary_split.h"

enum { N = 300000 };

static double values[N], sorted[N];
static uint8_t bad[N];

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

static double uniform(int i, double step)
{
    return fmod(i * step, 1);
}

/* Nearly Gaussian, every thousandth far out, every 50th masked; a NaN and two infinities. */
static void fill(void)
{
    for (int i = 0; i < N; i++) {
        double sum = 0;
        for (int k = 0; k < 4; k++)
            sum += uniform(i + 1, 0.6180339887 + 0.1234567 * k);
        values[i] = i % 1000 == 3 ? 1e5 + i : 100 + 4 * sum;
        bad[i] = i % 50 == 7 ? 2 : 0;
    }
    values[5] = (double)NAN;
    values[6] = (double)INFINITY;
    values[7] = -(double)INFINITY;
}

/* What a plain loop finds among good ones, or all. */
static wk_summary_line known(int good, double lo, double hi, int64_t *below)
{
    wk_summary_line line = {.min = DBL_MAX, .max = -DBL_MAX};
    int64_t n = 0;
    *below = 0;
    for (int i = 0; i < N; i++) {
        if (!isfinite(values[i]) || (good && bad[i]))
            continue;
        *below += values[i] < lo;
        if (values[i] >= lo && values[i] <= hi)
            sorted[n++] = values[i];
    }
    qsort(sorted, (size_t)n, sizeof *sorted, ascending);
    long double sum = 0, square = 0;
    for (int64_t i = 0; i < n; i++)
        sum += (long double)sorted[i];
    for (int64_t i = 0; i < n; i++)
        square += ((long double)sorted[i] - sum / n) * ((long double)sorted[i] - sum / n);
    line.n = n;
    line.min = sorted[0];
    line.max = sorted[n - 1];
    line.mean = (double)(sum / n);
    line.median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    line.std = (double)sqrtl(square / n);
    return line;
}

static void check(wk_summary_split *split, int good, double lo, double hi)
{
    int64_t below, wanted_below;
    wk_summary_line line = {0}, wanted = known(good, lo, hi, &wanted_below);
    assert_true(wk_summary_split_sum(&line, &below, split, (wk_summary_set){good, lo, hi}));
    assert_true(wk_summary_split_median(&line.median, split, good, below, line.n));
    assert_true(line.n == wanted.n && below == wanted_below && line.median == wanted.median);
    assert_true(line.min == wanted.min && line.max == wanted.max);
    assert_true(fabs(line.mean / wanted.mean - 1) < 1e-15);
    assert_true(fabs(line.std / wanted.std - 1) < 1e-14);
}

static void test_known(void **state)
{
    (void)state;
    fill();
    wk_summary_image image = {.wide = values, .bad = bad, .n = N};
    wk_summary_source source = wk_summary_source_of(&image);
    const wk_summary_options options = {3, 5, 20};
    for (int threads = 1; threads <= 3; threads += 2) {
        wk_context context = {.threads = threads};
        wk_summary_strange strange;
        wk_summary_split *split;
        assert_int_equal(
            wk_summary_split_create(&split, &strange, &source, &options, N / 8, &context, NULL),
            WK_OK);
        assert_true(strange.nan == 1 && strange.infinite == 2 && strange.negative == 1);
        check(split, 0, -DBL_MAX, DBL_MAX);
        check(split, 1, -DBL_MAX, DBL_MAX);
        check(split, 1, 101, 115);
        double edges[5];
        int64_t counts[4] = {0}, below;
        wk_summary_bins bins = wk_summary_bins_set(edges, 4, 0, 5e5);
        assert_true(wk_summary_split_count(counts, split, &bins));
        wk_summary_line all = known(0, -DBL_MAX, DBL_MAX, &below);
        assert_true(counts[0] + counts[1] + counts[2] + counts[3] == all.n);
        assert_true(counts[0] == known(0, 0, 124999, &below).n);
        /* cut through a lump: unknown */
        wk_summary_line line;
        assert_false(wk_summary_split_sum(&line, &below, split, (wk_summary_set){1, 106.5, 200}));
        assert_false(wk_summary_split_median(&line.median, split, 1, 0, 1000));
        bins = wk_summary_bins_set(edges, 4, 100, 116);
        assert_false(wk_summary_split_count(counts, split, &bins));
        wk_summary_split_free(split);
    }
}

/* Too many to keep: nothing is known but what is not finite. */
static void test_unknown(void **state)
{
    (void)state;
    fill();
    wk_summary_image image = {.wide = values, .n = N};
    wk_summary_source source = wk_summary_source_of(&image);
    const wk_summary_options options = {3, 5, 20};
    wk_summary_strange strange;
    wk_summary_split *split;
    assert_int_equal(wk_summary_split_create(&split, &strange, &source, &options, 100, NULL, NULL),
                     WK_OK);
    wk_summary_line line;
    int64_t below;
    assert_int_equal(strange.infinite, 2);
    assert_false(wk_summary_split_sum(&line, &below, split, (wk_summary_set){0, -1e9, 1e9}));
    assert_false(wk_summary_split_median(&line.median, split, 0, 0, N - 3));
    wk_summary_split_free(split);
    wk_summary_split_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
