#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "summary_rank.h"

enum { N = 200000 };

static int ascending(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Ranks of n values against a sorted copy of them. */
static void check(const double *values, int64_t n)
{
    static double sorted[N];
    memcpy(sorted, values, (size_t)n * sizeof *sorted);
    qsort(sorted, (size_t)n, sizeof *sorted, ascending);
    wk_summary_image image = {.wide = values, .n = n};
    wk_summary_line line = {.n = n, .min = sorted[0], .max = sorted[n - 1]};
    wk_context context = {.threads = 2};
    wk_summary_ranks *ranks;
    wk_summary_source source = wk_summary_source_of(&image);
    assert_int_equal(wk_summary_ranks_create(&ranks, &source, 0, &line, sorted[n / 100],
                                             sorted[n - 1 - n / 100], &context, NULL),
                     WK_OK);
    const int64_t wanted[] = {0, 1, n / 100, n / 3, n / 2, n / 2 - (n > 1), n - 2 + (n < 2), n - 1};
    for (int i = 0; i < 8; i++) {
        double value;
        assert_int_equal(wk_summary_ranks_get(&value, ranks, wanted[i] < n ? wanted[i] : 0, NULL),
                         WK_OK);
        assert_true(value == sorted[wanted[i] < n ? wanted[i] : 0]);
    }
    double median;
    assert_int_equal(wk_summary_ranks_median(&median, ranks, 0, n, NULL), WK_OK);
    assert_true(median == (sorted[(n - 1) / 2] + sorted[n / 2]) / 2);
    wk_summary_ranks_free(ranks);
}

/* Smooth, tied, far apart, of both signs, few. */
static void test_ranks(void **state)
{
    (void)state;
    static double values[N];
    uint64_t random = 12345;
    for (int kind = 0; kind < 5; kind++) {
        for (int i = 0; i < N; i++) {
            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            double x = (double)(random >> 11) * 0x1p-53;
            values[i] = kind == 0   ? 1000 + x
                        : kind == 1 ? floor(3 * x)
                        : kind == 2 ? pow(10, 600 * x - 300) * (random >> 60 & 1 ? 1 : -1)
                        : kind == 3 ? (i % 1000 ? 5 : 1e300 * (x - 0.5))
                                    : -7;
        }
        check(values, N);
        check(values, N - 1);
        check(values, 10);
        check(values, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ranks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
