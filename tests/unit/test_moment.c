#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "moment.h"

enum { MANY = 200003 };

static double uniform(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return ((double)(*state >> 11) + 0.5) / 9007199254740992.0;
}

/* Sum of 12 uniform numbers: mean 0, standard deviation 1. */
static double normal(uint64_t *state)
{
    double sum = -6.0;
    for (int i = 0; i < 12; i++)
        sum += uniform(state);
    return sum;
}

static float *noise(int64_t n, double mean, double sigma)
{
    float *values = malloc((size_t)n * sizeof *values);
    assert_non_null(values);
    uint64_t state = 7;
    for (int64_t i = 0; i < n; i++)
        values[i] = (float)(mean + sigma * normal(&state));
    return values;
}

/* Two passes in long double. */
static void reference(long double *mean, long double *scatter, const float *values, int64_t n)
{
    long double sum = 0.0L, square = 0.0L;
    for (int64_t i = 0; i < n; i++)
        sum += (long double)values[i];
    *mean = sum / n;
    for (int64_t i = 0; i < n; i++)
        square += powl((long double)values[i] - *mean, 2.0L);
    *scatter = sqrtl(square / (n - 1));
}

/* 1..9 within 3..7: five values, deviations from 5 are -2..2.  Exact in binary. */
static void test_counts_inclusive_limits(void **state)
{
    (void)state;
    float values[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    wk_moment moment = wk_moment_range(values, 9, 3.0F, 7.0F, 5.0F);
    assert_int_equal(moment.count, 5);
    assert_true(moment.sum == 0.0 && moment.square == 10.0);
    assert_true(wk_moment_mean(&moment) == 5.0);
    assert_true(wk_moment_scatter(&moment, 5.0) == sqrt(2.5));
    /* about another center: the sum of squares grows by n d^2 = 5 * 4 */
    assert_true(wk_moment_scatter(&moment, 7.0) == sqrt(30.0 / 4.0));
}

/* Integers add without rounding, so every length must give the closed form. */
static void test_every_length_is_exact(void **state)
{
    (void)state;
    float values[200];
    for (int i = 0; i < 200; i++)
        values[i] = (float)(i + 1);
    for (int n = 0; n <= 200; n++) {
        wk_moment moment = wk_moment_range(values, n, -INFINITY, INFINITY, 0.0F);
        assert_int_equal(moment.count, n);
        assert_true(moment.sum == 0.5 * n * (n + 1));
        assert_true(moment.square == n * (n + 1.0) * (2.0 * n + 1.0) / 6.0);
    }
}

static void test_none_and_one(void **state)
{
    (void)state;
    float value = 4.0F;
    wk_moment none = wk_moment_range(&value, 1, 5.0F, 6.0F, 5.0F);
    assert_int_equal(none.count, 0);
    assert_true(isnan(wk_moment_mean(&none)) && isnan(wk_moment_scatter(&none, 5.0)));
    wk_moment one = wk_moment_range(&value, 1, 4.0F, 4.0F, 1.0F);
    assert_true(one.count == 1 && wk_moment_mean(&one) == 4.0);
    assert_true(isnan(wk_moment_scatter(&one, 4.0)));
}

static void test_nan_is_never_in_range(void **state)
{
    (void)state;
    float values[] = {NAN, 1.0F, NAN, 3.0F, INFINITY};
    wk_moment moment = wk_moment_range(values, 5, -10.0F, 10.0F, 2.0F);
    assert_true(moment.count == 2 && moment.sum == 0.0 && moment.square == 2.0);
}

static void check_same(const float *values, int64_t n, float lo, float hi, float shift)
{
    wk_moment wide = wk_moment_range(values, n, lo, hi, shift);
    wk_moment narrow = wk_moment_narrow(values, n, lo, hi, shift, NULL);
    assert_memory_equal(&wide, &narrow, sizeof wide);
}

static void test_wide_vectors_give_the_same_bits(void **state)
{
    (void)state;
    if (!wk_wide_usable()) {
        puts("# skipped: this machine has no wide vectors");
        return;
    }
    float *values = noise(MANY, 1000.0, 10.0);
    for (int64_t n = MANY - 40; n <= MANY; n++)
        check_same(values, n, 985.0F, 1020.0F, 1001.0F);
    for (int64_t n = 0; n < 100; n++)
        check_same(values + n, n, 985.0F, 1020.0F, 999.0F);
    free(values);
}

static void check_digits(double mean, double sigma, float shift)
{
    float *values = noise(MANY, mean, sigma);
    long double true_mean, true_scatter;
    reference(&true_mean, &true_scatter, values, MANY);
    wk_moment moment = wk_moment_range(values, MANY, -INFINITY, INFINITY, shift);
    double got = wk_moment_mean(&moment);
    long double scatter = (long double)wk_moment_scatter(&moment, got);
    assert_true(fabsl((long double)got - true_mean) <=
                1e-15L * fabsl(true_mean) + 1e-13L * true_scatter);
    assert_true(fabsl(scatter - true_scatter) <= 1e-11L * true_scatter);
    free(values);
}

/* n rounding errors of 1e-16 in 8 lanes and chunks leave at least 13 digits; a shift ten
 * standard deviations off costs two of them in the scatter. */
static void test_digits_of_difficult_levels(void **state)
{
    (void)state;
    check_digits(0.0, 1.0, 0.1F);
    check_digits(1e6, 0.25, 1e6F);
    check_digits(1e6, 0.25, 1e6F - 2.5F);
    check_digits(1e30, 1e28, 1e30F);
    check_digits(-1e30, 1e25, -1e30F);
    check_digits(1e-30, 1e-31, 1e-30F);
}

static void test_split_puts_the_rest_aside(void **state)
{
    (void)state;
    float *values = noise(MANY, 0.0, 1.0), *room = malloc(MANY * sizeof *room);
    assert_non_null(room);
    wk_moment_tail tail = {room, 0, MANY, -2.5F, 3.5F, 0};
    wk_moment core = wk_moment_split(values, MANY, -1.0F, 2.0F, 0.5F, &tail);
    int64_t at = 0;
    for (int64_t i = 0; i < MANY; i++) {
        float v = values[i];
        if (v >= -2.5F && v <= 3.5F && !(v >= -1.0F && v <= 2.0F))
            assert_true(tail.values[at++] == v);
    }
    assert_false(tail.full);
    assert_int_equal(at, tail.count);
    wk_moment rest = wk_moment_range(tail.values, tail.count, -2.5F, 3.5F, 0.5F);
    wk_moment both = wk_moment_add(core, rest);
    wk_moment all = wk_moment_range(values, MANY, -2.5F, 3.5F, 0.5F);
    assert_int_equal(both.count, all.count);
    /* the sums differ by rounding only: 2e5 terms of order 1 */
    assert_true(fabs(both.sum - all.sum) < 1e-8 && fabs(both.square - all.square) < 1e-8);
    free(values);
    free(room);
}

static void test_split_says_when_room_ends(void **state)
{
    (void)state;
    float values[400], room[100];
    for (int i = 0; i < 400; i++)
        values[i] = (float)(i % 2);
    wk_moment_tail tail = {room, 0, 100, -INFINITY, INFINITY, 0};
    wk_moment core = wk_moment_split(values, 400, 1.0F, 1.0F, 1.0F, &tail);
    assert_int_equal(core.count, 200);
    assert_true(tail.full);
    assert_true(tail.count <= tail.room);
}

static void test_extremes(void **state)
{
    (void)state;
    float values[] = {NAN, 5.0F, -3.0F, 8.0F, -0.0F, 0.0F, 7.5F}, min, max;
    for (int from = 0; from < 3; from++) {
        wk_moment_extremes(&min, &max, values + from, 7 - from, -INFINITY, INFINITY);
        assert_true(min == -3.0F && max == 8.0F);
    }
    wk_moment_extremes(&min, &max, values, 7, -2.0F, 7.9F);
    assert_true(min == 0.0F && !signbit(min) && max == 7.5F);
    wk_moment_extremes(&min, &max, values + 4, 1, -2.0F, 2.0F);
    assert_true(min == 0.0F && max == 0.0F && !signbit(min) && !signbit(max));
    wk_moment_extremes(&min, &max, values, 7, 100.0F, 200.0F);
    assert_true(min == INFINITY && max == -INFINITY);
    wk_moment_extremes(&min, &max, values, 0, -1.0F, 1.0F);
    assert_true(min == INFINITY && max == -INFINITY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_inclusive_limits),
        cmocka_unit_test(test_every_length_is_exact),
        cmocka_unit_test(test_none_and_one),
        cmocka_unit_test(test_nan_is_never_in_range),
        cmocka_unit_test(test_wide_vectors_give_the_same_bits),
        cmocka_unit_test(test_digits_of_difficult_levels),
        cmocka_unit_test(test_split_puts_the_rest_aside),
        cmocka_unit_test(test_split_says_when_room_ends),
        cmocka_unit_test(test_extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
