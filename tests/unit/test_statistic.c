#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "welkin/statistic.h"

enum { MEAN = WK_STATISTIC_MEAN, MEDIAN, MODE, MIDPT };
enum { N1, N10, N1000, N20000, CONST, TWO_VALUES, OUTLIERS, FIRST_HIGH, FIRST_LOW, TINY_SCATTER };

/* Number lists that any language can make: sums of twelve uniform numbers of a linear congruential
 * generator. */
typedef struct recipe {
    int n;
    uint32_t seed;
    double base, sigma;
    struct {
        int index;
        float value;
    } edits[5];
} recipe;

static const recipe recipes[] = {
    {1, 1, 5.0, 1.0, {{0, 0}}},
    {10, 4, -5.0, 2.0, {{0, 0}}},
    {1000, 6, 0.0, 1.0, {{0, 0}}},
    {20000, 7, 1000.0, 10.0, {{0, 0}}},
    {50, 8, 7.25, 0.0, {{0, 0}}},
    {4, 9, 1.0, 0.0, {{1, 2.0F}, {3, 2.0F}}},
    {1000, 10, 10.0, 1.0, {{100, 1e4F}, {200, 1e4F}, {300, 500.0F}, {400, -300.0F}, {500, 40.0F}}},
    {1000, 11, 10.0, 1.0, {{0, 500.0F}}},
    {1000, 11, 10.0, 1.0, {{0, -500.0F}}},
    {500, 12, 1e6, 1e-3, {{0, 0}}},
};

static float *list_make(int which)
{
    const recipe *of = &recipes[which];
    uint32_t state = of->seed;
    float *values = malloc((size_t)of->n * sizeof *values);
    assert_non_null(values);
    for (int i = 0; i < of->n; i++) {
        double sum = 0.0;
        for (int k = 0; k < 12; k++) {
            state = 1664525U * state + 1013904223U;
            sum += state / 4294967296.0;
        }
        values[i] = (float)(of->base + of->sigma * (sum - 6.0));
    }
    for (int k = 0; k < 5; k++)
        if (of->edits[k].value < 0.0F || of->edits[k].value > 0.0F)
            values[of->edits[k].index] = of->edits[k].value;
    return values;
}

typedef struct golden {
    int list, statistic;
    double lower, upper;
    int nclip;
    double lsigma, usigma, bin_width;
    double value; /* NaN: no sky */
    int pixels;
} golden;

#define NONE ((double)NAN)

/* What stsci.imagestats 1.8.4 gave for these lists, a part of the set that
 * tests/oracle/test_statistic.py runs whole. */
static const golden peer[] = {
    {N1, MODE, NONE, NONE, 5, 4, 4, 0.1, NONE, 1},
    {N1, MIDPT, NONE, NONE, 5, 4, 4, 0.1, 0.0, 1},
    {N10, MODE, -7.0, -1.0, 5, 4, 4, 0.1, -6.11446854, 8},
    {N10, MIDPT, NONE, NONE, 5, 4, 4, 0.1, -5.39740305, 10},
    {N1000, MEDIAN, -1.0, 2.0, 5, 4, 4, 0.1, 0.17908144, 815},
    {N1000, MEDIAN, -1.0, 2.0, 0, 4, 4, 0.1, 0.0260055158, 815},
    {N1000, MIDPT, NONE, NONE, 5, 4, 4, 0.1, -0.0145924146, 1000},
    {N1000, MIDPT, -1.0, 2.0, 5, 4, 4, 0.1, 0.178803968, 815},
    {N20000, MEAN, NONE, NONE, 5, 4, 4, 0.1, 999.941711, 19999},
    {N20000, MEAN, NONE, NONE, 0, 4, 4, 0.1, 999.939697, 20000},
    {N20000, MEAN, 990.0, 1020.0, 5, 4, 4, 0.1, 1002.33502, 16325},
    {N20000, MEAN, 990.0, 1020.0, 0, 4, 4, 0.1, 1002.33502, 16325},
    {N20000, MEDIAN, NONE, NONE, 0, 4, 4, 0.1, 1000.08539, 20000},
    {N20000, MEDIAN, NONE, NONE, 1, 2, 3, 0.1, 1000.34375, 19544},
    {N20000, MEDIAN, 990.0, 1020.0, 0, 4, 4, 0.1, 1000.08539, 16325},
    {N20000, MODE, NONE, NONE, 5, 4, 4, 0.1, 1000.87674, 19999},
    {N20000, MODE, NONE, NONE, 1, 2, 3, 0.1, 1001.5229, 19544},
    {N20000, MODE, 990.0, 1020.0, 5, 4, 4, 0.1, 999.891839, 16325},
    {N20000, MODE, NONE, NONE, 5, 4, 4, 0.5, 1000.14538, 19999},
    {N20000, MIDPT, NONE, NONE, 5, 4, 4, 0.1, 999.86129, 19999},
    {N20000, MIDPT, NONE, NONE, 1, 2, 3, 0.1, 1000.33507, 19544},
    {N20000, MIDPT, 990.0, 1020.0, 5, 4, 4, 0.1, 1001.76349, 16325},
    {N20000, MIDPT, NONE, NONE, 5, 4, 4, 0.5, 999.373859, 19999},
    {CONST, MEAN, NONE, NONE, 5, 4, 4, 0.1, 7.25, 50},
    {CONST, MODE, NONE, NONE, 5, 4, 4, 0.1, 7.25, 50},
    {CONST, MIDPT, NONE, NONE, 5, 4, 4, 0.1, 0.0, 50},
    {TWO_VALUES, MODE, NONE, NONE, 0, 4, 4, 0.1, 1.02886751, 4},
    {TWO_VALUES, MIDPT, 1.0, 1.0, 0, 4, 4, 0.1, 0.0, 2},
    {OUTLIERS, MEAN, NONE, NONE, 5, 4, 4, 0.1, 9.96513176, 995},
    {OUTLIERS, MEDIAN, NONE, NONE, 0, 4, 4, 0.1, 9.99196625, 1000},
    {OUTLIERS, MEDIAN, 9.0, 12.0, 5, 4, 4, 0.1, 10.216445, 786},
    {OUTLIERS, MODE, 9.0, 12.0, 0, 4, 4, 0.1, 9.76038747, 786},
    {OUTLIERS, MODE, NONE, NONE, 5, 4, 4, 0.5, 9.93265239, 995},
    {OUTLIERS, MIDPT, NONE, NONE, 5, 4, 4, 0.5, 9.79294147, 995},
    {FIRST_HIGH, MODE, NONE, NONE, 0, 4, 4, 0.1, 10.1708341, 1000},
    {FIRST_HIGH, MIDPT, 9.0, 12.0, 0, 4, 4, 0.1, 10.2695446, 812},
    {FIRST_LOW, MEDIAN, NONE, NONE, 5, 4, 4, 0.1, 10.0526876, 999},
    {FIRST_LOW, MODE, 9.0, 12.0, 5, 4, 4, 0.1, 9.83410149, 812},
    {FIRST_LOW, MODE, NONE, NONE, 5, 4, 4, 0.5, 10.1731706, 999},
    {TINY_SCATTER, MODE, NONE, NONE, 5, 4, 4, 0.1, 1000000.0, 500},
    {TINY_SCATTER, MODE, NONE, NONE, 0, 4, 4, 0.1, 1000000.0, 500},
    {TINY_SCATTER, MIDPT, 999999.999, 1000000.002, 0, 4, 4, 0.1, 0.0, 500},
};

static wk_statistic_options options_of(const golden *of, int compat)
{
    wk_statistic_options options = {(wk_statistic)of->statistic,
                                    of->lower,
                                    of->upper,
                                    of->nclip,
                                    of->lsigma,
                                    of->usigma,
                                    of->bin_width,
                                    compat};
    return options;
}

/* 2e-7: the golden values have nine digits, and sums round to float32. */
static int agrees(const golden *want, const wk_measure *got, wk_status status)
{
    if (isnan(want->value))
        return status == WK_NO_DATA && got->pixels == 0 && isnan(got->value);
    return status == WK_OK && got->pixels == want->pixels &&
           fabs(got->value - want->value) <= 2e-7 * fabs(want->value);
}

static void test_peer_values(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof peer / sizeof *peer; k++) {
        float *values = list_make(peer[k].list);
        wk_statistic_options options = options_of(&peer[k], 1);
        wk_measure got;
        wk_status status =
            wk_statistic_measure(&got, values, recipes[peer[k].list].n, &options, NULL, NULL);
        if (!agrees(&peer[k], &got, status))
            fail_msg("row %zu: %.9g of %lld pixels, expected %.9g of %d", k, got.value,
                     (long long)got.pixels, peer[k].value, peer[k].pixels);
        free(values);
    }
}

static wk_measure measured(const float *values, int64_t n, const wk_statistic_options *options)
{
    wk_measure got;
    assert_int_equal(wk_statistic_measure(&got, values, n, options, NULL, NULL), WK_OK);
    return got;
}

static wk_statistic_options options_for(int statistic)
{
    wk_statistic_options options = wk_statistic_options_default();
    options.statistic = (wk_statistic)statistic;
    return options;
}

/* 0..99 with lower 50: the peer says 49.5, and 74.5 with one clipping round. */
static void test_median_honours_limits(void **state)
{
    (void)state;
    float values[100];
    for (int i = 0; i < 100; i++)
        values[i] = (float)i;
    wk_statistic_options options = options_for(MEDIAN);
    options.lower = 50.0;
    options.nclip = 0;
    wk_measure mended = measured(values, 100, &options);
    assert_true(mended.value == 74.5 && mended.pixels == 50);
    assert_true(mended.min == 50.0 && mended.max == 99.0);
    options.compat = 1;
    assert_true(measured(values, 100, &options).value == 49.5);
    options.nclip = 1;
    assert_true(measured(values, 100, &options).value == 74.5);
}

static void test_constant_is_the_constant(void **state)
{
    (void)state;
    float values[] = {-7.25F, -7.25F, -7.25F, -7.25F};
    for (int statistic = MEAN; statistic <= MIDPT; statistic++)
        for (int64_t n = 1; n <= 4; n++) {
            wk_statistic_options options = options_for(statistic);
            wk_measure got = measured(values, n, &options);
            assert_true(got.value == -7.25 && got.min == -7.25 && got.max == -7.25);
            assert_true(n == 1 ? isnan(got.stddev) : got.stddev == 0.0);
        }
}

/* Two pixels in one bin: the midpoint is the middle and not, as the peer has it, their count. */
static void test_one_bin_midpoint(void **state)
{
    (void)state;
    float values[] = {3.0F, 4.0F};
    wk_statistic_options options = options_for(MIDPT);
    options.bin_width = 10.0;
    assert_true(measured(values, 2, &options).value == 3.5);
    options.compat = 1;
    assert_true(measured(values, 2, &options).value == 1.0);
}

/* The peer's least bin is 1.2e-6 in any unit; scaled by a power of two, results must scale. */
static void test_units_do_not_matter(void **state)
{
    (void)state;
    float *values = list_make(N20000);
    for (int statistic = MEAN; statistic <= MIDPT; statistic++) {
        wk_statistic_options options = options_for(statistic);
        double before = measured(values, 20000, &options).value;
        for (int i = 0; i < 20000; i++)
            values[i] = ldexpf(values[i], -60);
        assert_true(measured(values, 20000, &options).value == ldexp(before, -60));
        for (int i = 0; i < 20000; i++)
            values[i] = ldexpf(values[i], 60);
    }
    free(values);
}

static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return *state >> 11;
}

static void shuffle(float *values, int64_t n, uint64_t *state)
{
    for (int64_t i = n - 1; i > 0; i--) {
        int64_t j = (int64_t)(next(state) % (uint64_t)(i + 1));
        float held = values[i];
        values[i] = values[j];
        values[j] = held;
    }
}

/* Sums round differently in another order; that reaches the float32 results as one unit in the
 * last place, 1.2e-7, at most. */
static void check_order(int list, int statistic)
{
    float *values = list_make(list);
    wk_statistic_options options = options_for(statistic);
    options.lower = recipes[list].base - 3.0 * recipes[list].sigma;
    int n = recipes[list].n;
    wk_measure first = measured(values, n, &options);
    uint64_t state = 5;
    for (int trial = 0; trial < 10; trial++) {
        shuffle(values, n, &state);
        wk_measure again = measured(values, n, &options);
        assert_true(fabs(again.value - first.value) <= 2e-7 * fabs(first.value));
        assert_true(again.pixels == first.pixels);
        assert_true(again.min == first.min && again.max == first.max);
    }
    free(values);
}

static void test_order_does_not_matter(void **state)
{
    (void)state;
    const int lists[] = {N20000, OUTLIERS, FIRST_LOW, FIRST_HIGH};
    for (size_t k = 0; k < 4; k++)
        for (int statistic = MEAN; statistic <= MIDPT; statistic++)
            check_order(lists[k], statistic);
}

/* A field of noise with a share of stars, large enough for the core to be summed apart. */
static float *starry(int64_t n, double level, double sigma, uint64_t stars)
{
    float *values = malloc((size_t)n * sizeof *values);
    assert_non_null(values);
    uint64_t state = 99;
    for (int64_t i = 0; i < n; i++) {
        double sum = -6.0;
        for (int k = 0; k < 12; k++)
            sum += (double)next(&state) / 9007199254740992.0;
        if (next(&state) % 1000 < stars)
            sum += (double)(next(&state) % 5000);
        values[i] = (float)(level + sigma * sum);
    }
    return values;
}

static void check_no_data(const float *values, int64_t n, const wk_statistic_options *options)
{
    wk_measure got;
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_statistic_measure(&got, values, n, options, NULL, &error), WK_NO_DATA);
    assert_true(isnan(got.value) && got.pixels == 0 && error.message[0]);
}

static void test_no_data(void **state)
{
    (void)state;
    float values[] = {1.0F, 2.0F, 3.0F}, bad[] = {NAN, NAN};
    check_no_data(values, 0, NULL);
    check_no_data(bad, 2, NULL);
    wk_statistic_options options = options_for(MEDIAN);
    options.lower = 3.5;
    check_no_data(values, 3, &options);
    options.compat = 1;
    check_no_data(values, 3, &options);
    options.lower = (double)NAN;
    options.upper = 0.0;
    check_no_data(values, 3, &options);
}

static void refuse(wk_statistic_options options, const char *subject)
{
    wk_error error = {WK_OK, "", ""};
    wk_measure got;
    float value = 1.0F;
    for (options.compat = 0; options.compat < 2; options.compat++) {
        assert_int_equal(wk_statistic_check(&options, &error), WK_ARGUMENT);
        assert_string_equal(error.subject, subject);
        assert_int_equal(wk_statistic_measure(&got, &value, 1, &options, NULL, NULL), WK_ARGUMENT);
    }
}

static void test_options_are_checked(void **state)
{
    (void)state;
    const wk_statistic_options good = wk_statistic_options_default();
    assert_int_equal(wk_statistic_check(&good, NULL), WK_OK);
    assert_int_equal(wk_statistic_check(NULL, NULL), WK_OK);
    wk_statistic_options bad = good;
    bad.nclip = -1;
    refuse(bad, "nclip");
    bad = good, bad.lsigma = 0.0;
    refuse(bad, "lsigma");
    bad = good, bad.usigma = (double)NAN;
    refuse(bad, "usigma");
    bad = good, bad.bin_width = -0.1;
    refuse(bad, "bin-width");
    bad = good, bad.lower = 2.0, bad.upper = 1.0;
    refuse(bad, "lower");
    bad = good, bad.statistic = (wk_statistic)7;
    refuse(bad, "statistic");
}

static void test_too_many_bins(void **state)
{
    (void)state;
    float values[] = {1e3F, 2e3F, 4e3F};
    wk_statistic_options options = options_for(MODE);
    options.bin_width = 1e-9;
    wk_measure got;
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_statistic_measure(&got, values, 3, &options, NULL, &error), WK_ARGUMENT);
    assert_string_equal(error.subject, "bin-width");
}

static void test_scratch_is_reused(void **state)
{
    (void)state;
    wk_statistic_scratch scratch = {NULL, 0};
    float *values = starry(60001, 10.0, 1.0, 5);
    for (int statistic = MEAN; statistic <= MIDPT; statistic++)
        for (int64_t n = 1; n < 60001; n = n * 4 + 1) {
            wk_statistic_options options = options_for(statistic);
            wk_measure got, fresh = measured(values, n, &options);
            assert_int_equal(wk_statistic_measure(&got, values, n, &options, &scratch, NULL), 0);
            assert_true(got.value == fresh.value && got.pixels == fresh.pixels);
        }
    wk_statistic_scratch_release(&scratch);
    assert_null(scratch.memory);
    wk_statistic_scratch_release(NULL);
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_peer_values),
        cmocka_unit_test(test_median_honours_limits),
        cmocka_unit_test(test_constant_is_the_constant),
        cmocka_unit_test(test_one_bin_midpoint),
        cmocka_unit_test(test_units_do_not_matter),
        cmocka_unit_test(test_order_does_not_matter),
        cmocka_unit_test(test_no_data),
        cmocka_unit_test(test_options_are_checked),
        cmocka_unit_test(test_too_many_bins),
        cmocka_unit_test(test_scratch_is_reused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
