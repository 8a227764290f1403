#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <float.h>

#include "summary_guess.h"

enum { N = 1 << 18 };

static double values[N];

static wk_summary_guess guess(int64_t n)
{
    wk_summary_image image = {.wide = values, .n = n};
    wk_summary_source source = wk_summary_source_of(&image);
    const wk_summary_options options = {3, 5, 20};
    wk_summary_guess out;
    assert_int_equal(wk_summary_guess_make(&out, &source, &options, NULL), WK_OK);
    return out;
}

/* Uniform in 0..1 with some outliers: the median and, between it and the limits, the lumps. */
static void test_usual(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++)
        values[i] = i % 1000 == 1 ? 1e6 : fmod(i * 0.618033988749895, 1);
    wk_summary_guess g = guess(N);
    assert_true(g.a < 0.5 && g.b > 0.5 && g.a > 0.4 && g.b < 0.6);
    assert_true(g.low < g.a && g.high > g.b && g.low > 0.5 - 3 * sqrt(1.0 / 12));
    assert_true(g.shift > 0.4 && g.shift < 0.6);
}

/* Of few values, or where the sample has none, there are no lumps. */
static void test_none(void **state)
{
    (void)state;
    for (int i = 0; i < N; i++)
        values[i] = i % 10;
    wk_summary_guess g = guess(5000);
    assert_true(g.a == -DBL_MAX && g.b == DBL_MAX);
    for (int i = 0; i < N; i++)
        values[i] = i % 2 ? (double)NAN : (double)INFINITY;
    g = guess(N);
    assert_true(g.a == -DBL_MAX && g.b == DBL_MAX && g.shift == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usual),
        cmocka_unit_test(test_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
