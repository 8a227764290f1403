#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "summary_bin.h"

/* Values on edges, next to them and between; NaN and infinity nowhere.  The rule is looked up. */
static void check(double low, double high, int count)
{
    enum { N = 3000 };
    double edges[101], values[N];
    int64_t counts[100] = {0}, wanted[100] = {0};
    wk_summary_bins bins = wk_summary_bins_set(edges, count, low, high);
    assert_true(edges[0] == low && edges[count] == high);
    for (int i = 0; i < N; i++) {
        double at = edges[i % (count + 1)];
        values[i] = i % 3 == 0   ? at
                    : i % 3 == 1 ? fmin(high, nextafter(at, high))
                                 : fmax(low, nextafter(at, low));
    }
    for (int i = 0; i < N; i++)
        for (int k = 0; k < count; k++)
            wanted[k] += values[i] >= edges[k] && (values[i] < edges[k + 1] || k == count - 1);
    values[700] = (double)NAN;
    values[701] = -(double)INFINITY;
    wk_summary_bins_count(counts, &bins, values, 700);
    wk_summary_bins_count(counts, &bins, values + 700, 2);
    int64_t total = 0;
    for (int k = 0; k < count; k++)
        total += counts[k];
    assert_int_equal(total, 700);
    memset(counts, 0, sizeof counts);
    for (int i = 0; i < N; i++)
        if (isfinite(values[i]))
            counts[wk_summary_bin(&bins, values[i])]++;
    wk_summary_bins_count(counts, &bins, values + 700, 2);
    for (int k = 0; k < count; k++)
        assert_true(llabs(counts[k] - wanted[k]) <= 2);
}

static void test_edges(void **state)
{
    (void)state;
    check(0, 1, 7);
    check(-3, 1e6, 100);
    check(1e9, 1e9 + 1e-3, 20); /* steps of a few units in the last place */
    check(-1e-300, 1e300, 3);
}

/* Fast and slow ways agree where edges are rounded by more than a millionth of a bin. */
static void test_rounded(void **state)
{
    (void)state;
    enum { N = 5000 };
    double edges[21], values[N];
    int64_t counts[20] = {0}, wanted[20] = {0};
    wk_summary_bins bins = wk_summary_bins_set(edges, 20, 1e9, 1e9 + 1e-2);
    for (int i = 0; i < N; i++)
        values[i] = 1e9 + 1e-2 * i / N;
    wk_summary_bins_count(counts, &bins, values, N);
    for (int i = 0; i < N; i++)
        for (int k = 0; k < 20; k++)
            wanted[k] += values[i] >= edges[k] && (values[i] < edges[k + 1] || k == 19);
    assert_memory_equal(counts, wanted, sizeof counts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_rounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
