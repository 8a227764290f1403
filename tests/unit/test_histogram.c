#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "histogram.h"

/* Positions are worked out by hand from IRAF's rules; the figures are exact in binary or off by a
 * rounding error, for which 1e-12 is ample. */
#define NEAR 1e-12

static wk_histogram counted(int64_t *counts, int64_t bins)
{
    wk_histogram histogram = {10.0F, 2.5, 2.0, bins, counts};
    return histogram;
}

static void check_mode(int64_t *counts, int64_t bins, double expected)
{
    wk_histogram histogram = counted(counts, bins);
    assert_true(fabs(wk_histogram_mode(&histogram) - expected) < NEAR);
}

static void test_mode(void **state)
{
    (void)state;
    check_mode((int64_t[]){5}, 1, 11.0);
    check_mode((int64_t[]){5, 3}, 2, 11.0);
    check_mode((int64_t[]){3, 5}, 2, 13.0);
    check_mode((int64_t[]){4, 4}, 2, 12.0);
    check_mode((int64_t[]){9, 5, 3}, 3, 11.0);
    check_mode((int64_t[]){3, 5, 9}, 3, 15.0);
    /* d1 = 6, d2 = 2: 1 + 1/2 + (6 - 2) / 16 = 1.75 bins */
    check_mode((int64_t[]){3, 9, 7}, 3, 13.5);
    /* the first of equal peaks; d1 = 5, d2 = 0: 1 + 1/2 + 1/2 */
    check_mode((int64_t[]){4, 9, 9, 4}, 4, 14.0);
    check_mode((int64_t[]){7, 7, 7, 7}, 4, 11.0);
}

static void check_midpoint(int64_t *counts, int64_t bins, double expected)
{
    wk_histogram histogram = counted(counts, bins);
    double got = wk_histogram_midpoint(&histogram);
    assert_true(isnan(expected) ? isnan(got) : fabs(got - expected) < NEAR);
}

static void test_midpoint(void **state)
{
    (void)state;
    check_midpoint((int64_t[]){8}, 1, 11.0);
    check_midpoint((int64_t[]){4, 4}, 2, 12.0);
    check_midpoint((int64_t[]){2, 4, 2}, 3, 13.0);
    /* an empty bin before the half is reached */
    check_midpoint((int64_t[]){2, 0, 6}, 3, 10.0 + 2.0 * (2.0 + 1.0 / 3.0));
    check_midpoint((int64_t[]){0, 0, 0}, 3, (double)NAN);
}

static void test_fill_edges(void **state)
{
    (void)state;
    int64_t counts[WK_HISTOGRAM_PARTS * 5];
    memset(counts, 77, sizeof counts);
    wk_histogram histogram = {10.0F, 2.5, 2.0, 4, counts};
    /* bins of 2.5 from 10 to 20, the end excluded */
    float values[] = {9.99F, 10.0F, 12.49F, 12.5F, 17.4F, 17.5F, 19.99F, 20.0F, NAN, INFINITY};
    wk_histogram_fill(&histogram, values, 10);
    const int64_t expected[] = {2, 1, 1, 2};
    assert_memory_equal(counts, expected, sizeof expected);
}

static void test_fill_many(void **state)
{
    (void)state;
    enum { N = 10007, BINS = 16 };
    static float values[N];
    int64_t counts[WK_HISTOGRAM_PARTS * (BINS + 1)], expected[BINS] = {0};
    for (int i = 0; i < N; i++) {
        values[i] = (float)(i * 31 % 20);
        if (i * 31 % 20 < BINS)
            expected[i * 31 % 20]++;
    }
    wk_histogram histogram = {0.0F, 1.0, 1.0, BINS, counts};
    wk_histogram_fill(&histogram, values, N);
    assert_memory_equal(counts, expected, sizeof expected);
}

/* Differences beyond float32 must land in a bin, not in undefined conversions. */
static void test_fill_huge_range(void **state)
{
    (void)state;
    int64_t counts[WK_HISTOGRAM_PARTS * 4];
    float values[] = {-3e38F, 0.0F, 3e38F};
    wk_histogram histogram = {-3e38F, 3e38, 3e38, 3, counts};
    wk_histogram_fill(&histogram, values, 3);
    assert_int_equal(counts[0] + counts[1] + counts[2], 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mode),
        cmocka_unit_test(test_midpoint),
        cmocka_unit_test(test_fill_edges),
        cmocka_unit_test(test_fill_many),
        cmocka_unit_test(test_fill_huge_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
