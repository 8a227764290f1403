#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tally_walk.h"

/* Runs are those that asking every pixel gives: slopes of either sign, none, steep and bent. */
static void test_every_pixel(void **state)
{
    (void)state;
    enum { N = 128 };
    static const double slopes[][2] = {{15.9, 0.2}, {-16.1, 3}, {0, 0},
                                       {0.3, -12},  {300, 40},  {-9, -9}};
    const int64_t first[2] = {-400, -400};
    for (int s = 0; s < 6; s++)
        for (int k = 0; k < 50; k++) {
            double cubic[2][4] = {{0.37 * k - 3, slopes[s][0], 0.05 * k, -0.02 * k},
                                  {2 - 0.53 * k, slopes[s][1], -0.03 * k, 0.01 * k}};
            wk_tally_walk walk = wk_tally_walk_open((const double(*)[4])cubic, N, first, 900, 900);
            wk_tally_spot here = wk_tally_walk_spot(&walk, 0), next = here;
            for (int64_t i = 0, end; i < N; i = end, here = next) {
                double t = (double)i / N;
                double u = floor(wk_tally_cubic(cubic[0], t) + 400);
                double v = floor(wk_tally_cubic(cubic[1], t) + 400);
                assert_int_equal(here.index, (int64_t)v * 900 + (int64_t)u);
                end = wk_tally_walk_end(&next, &walk, &here, i, N);
                assert_true(end > i && end <= N);
                for (int64_t x = i; x < end; x++)
                    assert_int_equal(wk_tally_walk_spot(&walk, x).index, here.index);
                if (end < N)
                    assert_int_not_equal(wk_tally_walk_spot(&walk, end).index, here.index);
            }
        }
}

/* What lies outside is put at the edge, what has no place too. */
static void test_outside(void **state)
{
    (void)state;
    const int64_t first[2] = {0, 0};
    const double far[2][4] = {{-1e30, 0, 0, 0}, {1e30, 0, 0, 0}};
    const double none[2][4] = {{(double)NAN, 0, 0, 0}, {5, 0, 0, 0}};
    wk_tally_walk walk = wk_tally_walk_open(far, 8, first, 10, 20);
    assert_int_equal(wk_tally_walk_spot(&walk, 3).index, 190);
    walk = wk_tally_walk_open(none, 8, first, 10, 20);
    assert_int_equal(wk_tally_walk_spot(&walk, 3).index, 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_pixel),
                                       cmocka_unit_test(test_outside)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
