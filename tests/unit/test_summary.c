#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "welkin/summary.h"

static const wk_context context = {.threads = 3};

static void test_known(void **state)
{
    (void)state;
    /* 1..5 and NaN, inf; 5 is bad: numbers by hand */
    const float data[] = {3, 1, NAN, 5, 2, INFINITY, 4};
    const uint8_t bad[] = {0, 0, 1, 2, 0, 1, 0};
    wk_summary_image image = {.data = data, .bad = bad, .n = 7};
    wk_summary s;
    assert_int_equal(wk_summary_measure(&s, &image, NULL, &context, NULL), WK_OK);
    assert_true(s.pixels == 7 && s.nonfinite == 2 && s.nan == 1);
    assert_true(isnan(s.plain.min) && isnan(s.plain.mean) && isnan(s.plain.median));
    assert_true(s.finite.n == 5 && s.finite.min == 1 && s.finite.max == 5);
    assert_true(s.finite.median == 3 && fabs(s.finite.mean - 3) < 1e-15);
    assert_true(fabs(s.finite.std - sqrt(2)) < 1e-15);
    assert_true(s.good.n == 4 && s.good.median == 2.5 && s.good.max == 4);
    assert_true(fabs(s.good.std - sqrt(1.25)) < 1e-15);
    assert_true(s.clipped.n == 4 && s.clipped.median == 2.5);
    assert_int_equal(s.bins, 20);
    int64_t total = 0;
    for (int k = 0; k < s.bins; k++)
        total += s.counts[k];
    assert_true(total == 5 && s.counts[0] == 1 && s.counts[19] == 1);
    assert_true(s.edges[0] == 1 - 0.001 && s.edges[20] == 5 + 0.001);
    wk_summary_release(&s);
}

/* Infinite pixels without NaN: what numpy gives. */
static void test_infinite(void **state)
{
    (void)state;
    const double wide[] = {-INFINITY, -INFINITY, 1, 2, 3};
    wk_summary_image image = {.wide = wide, .n = 5};
    wk_summary s;
    assert_int_equal(wk_summary_measure(&s, &image, NULL, &context, NULL), WK_OK);
    assert_true(s.plain.median == 1 && s.plain.max == 3 && isinf(s.plain.min));
    assert_true(isinf(s.plain.mean) && isnan(s.plain.std) && s.finite.median == 2);
    wk_summary_release(&s);
    image.n = 2;
    assert_int_equal(wk_summary_measure(&s, &image, NULL, &context, NULL), WK_OK);
    assert_true(s.finite.n == 0 && s.bins == 0 && isnan(s.finite.mean) && s.clipped.n == 0);
    wk_summary_release(&s);
}

/* An outlier goes, and the difference of two images is made in double. */
static void test_clip(void **state)
{
    (void)state;
    enum { N = 1001 };
    float data[N];
    double minus[N];
    for (int i = 0; i < N; i++) {
        data[i] = (float)(i % 5) + 1000;
        minus[i] = 1000 + 1e-9;
    }
    data[N - 1] = 1e6F;
    wk_summary_image image = {.data = data, .minus_wide = minus, .n = N};
    wk_summary s;
    assert_int_equal(wk_summary_measure(&s, &image, NULL, &context, NULL), WK_OK);
    assert_int_equal(s.clipped.n, N - 1);
    assert_true(fabs(s.clipped.mean - (2 - 1e-9)) < 1e-12 && s.clipped.median == 1002 - minus[0]);
    assert_true(fabs(s.clipped.std - sqrt(2)) < 1e-12);
    wk_summary_release(&s);
}

static void test_refused(void **state)
{
    (void)state;
    const float one = 1;
    wk_summary_image image = {.data = &one, .n = 1};
    wk_summary s;
    const wk_summary_options wrong[] = {{0, 5, 20}, {3, -1, 20}, {3, 5, 0}, {3, 5, 2000000}};
    for (int i = 0; i < 4; i++)
        assert_int_equal(wk_summary_measure(&s, &image, &wrong[i], NULL, NULL), WK_ARGUMENT);
    assert_int_equal(wk_summary_measure(&s, &image, NULL, NULL, NULL), WK_OK);
    assert_true(s.finite.std == 0 && s.finite.median == 1 && s.counts[10] == 1);
    wk_summary_release(&s);
    image.n = 0;
    assert_int_equal(wk_summary_measure(&s, &image, NULL, NULL, NULL), WK_ARGUMENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_infinite),
        cmocka_unit_test(test_clip),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
