#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bracket.h"

enum { MANY = 100003 };

static float *noise(int64_t n)
{
    uint32_t state = 7;
    float *values = malloc((size_t)n * sizeof *values);
    for (int64_t i = 0; i < n; i++) {
        double sum = -6.0;
        for (int k = 0; k < 12; k++) {
            state = state * 1664525U + 1013904223U;
            sum += state / 4294967296.0;
        }
        values[i] = (float)sum;
    }
    return values;
}

static int compare(const void *left, const void *right)
{
    float a = *(const float *)left, b = *(const float *)right;
    return (a > b) - (a < b);
}

/* What is gathered and counted, in pieces of some size, against one look at each value. */
static void check_pieces(const float *values, int64_t n, int64_t piece, wk_bracket bracket)
{
    float *held = malloc((size_t)(n + 16) * sizeof *held);
    bracket.values = held;
    bracket.room = n + 16;
    for (int64_t i = 0; i < n; i += piece)
        wk_bracket_add(&bracket, values + i, n - i < piece ? n - i : piece);
    int64_t below = 0, next = 0;
    for (int64_t i = 0; i < n; i++) {
        below += values[i] >= bracket.lo && values[i] < bracket.low;
        if (values[i] >= bracket.low && values[i] <= bracket.high)
            assert_true(held[next++] == values[i]); /* in their order */
    }
    assert_int_equal(bracket.gathered, next);
    assert_int_equal(bracket.below, below);
    free(held);
}

static void test_gathers_and_counts(void **state)
{
    (void)state;
    float *values = noise(MANY);
    values[5] = NAN;
    values[17] = INFINITY;
    values[18] = -INFINITY;
    const wk_bracket narrow = {-2.0F, -0.1F, 0.1F, 3.0F, 0, 0, NULL, 0};
    const wk_bracket open = {-INFINITY, -1.0F, INFINITY, INFINITY, 0, 0, NULL, 0};
    const wk_bracket empty = {-INFINITY, 5.9F, 5.8F, INFINITY, 0, 0, NULL, 0};
    for (int64_t n = 0; n < 40; n++)
        check_pieces(values, n, 11, open);
    check_pieces(values, MANY, 8192, narrow);
    check_pieces(values, MANY, MANY, narrow);
    check_pieces(values, MANY, 1000, open);
    check_pieces(values, MANY, 777, empty);
    free(values);
}

static void test_within_the_array(void **state)
{
    (void)state;
    float *values = noise(5000), *copy = noise(5000);
    wk_bracket bracket = {-INFINITY, -0.5F, 0.5F, INFINITY, 0, 0, values, 5000};
    wk_bracket_add(&bracket, values, 5000);
    int64_t next = 0;
    for (int i = 0; i < 5000; i++)
        if (copy[i] >= -0.5F && copy[i] <= 0.5F)
            assert_true(values[next++] == copy[i]);
    assert_int_equal(bracket.gathered, next);
    free(values);
    free(copy);
}

static void test_no_room(void **state)
{
    (void)state;
    float *values = noise(5000), held[2048];
    wk_bracket bracket = {-INFINITY, -9.0F, 9.0F, INFINITY, 0, 0, held, 2048};
    wk_bracket_add(&bracket, values, 5000);
    assert_int_equal(bracket.gathered, -1);
    wk_bracket_add(&bracket, values, 10); /* stays so */
    assert_int_equal(bracket.gathered, -1);
    free(values);
}

static void test_place(void **state)
{
    (void)state;
    float *values = noise(2001), *sorted = noise(2001);
    qsort(sorted, 2001, sizeof *sorted, compare);
    const int64_t ranks[] = {0, 1, 7, 1000, 1999, 2000};
    for (int i = 0; i < 6; i++) {
        wk_bracket_place(values, 2001, ranks[i]);
        assert_true(values[ranks[i]] == sorted[ranks[i]]);
    }
    float same[5] = {2, 2, 2, 2, 2};
    wk_bracket_place(same, 5, 3);
    assert_true(same[3] == 2);
    free(values);
    free(sorted);
}

/* A sample of 1000 holds the rank of the whole within 4 of its deviations: one miss in 16000. */
static void test_guess(void **state)
{
    (void)state;
    float *values = noise(MANY), *sample = malloc(1000 * sizeof *sample);
    for (int i = 0; i < 1000; i++)
        sample[i] = values[i * 100 + i % 7];
    wk_bracket bracket;
    wk_bracket_guess(&bracket, sample, 1000, 0.25, -INFINITY, INFINITY);
    qsort(values, MANY, sizeof *values, compare);
    assert_true(bracket.low <= values[MANY / 4] && values[MANY / 4] <= bracket.high);
    /* 4 sqrt(1000 / 4 * 3 / 4) + 2 = 57 of 1000 to both sides: less than 0.4 wide there */
    assert_true(bracket.high - bracket.low < 0.4F);
    wk_bracket_guess(&bracket, sample, 3, 0.5, -7.0F, 8.0F);
    assert_true(bracket.low == -7.0F && bracket.high == 8.0F);
    free(values);
    free(sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gathers_and_counts),
        cmocka_unit_test(test_within_the_array),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_guess),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
