#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sanitized.h"
#include "welkin/statistic.h"

enum { MEAN = WK_STATISTIC_MEAN, MEDIAN, MODE, MIDPT };
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

static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return *state >> 11;
}

/* The rounds as the definition has them, in long double. */
static void plain_rounds(const float *values, int64_t n, const wk_statistic_options *options,
                         wk_measure *out)
{
    float lower = isnan(options->lower) ? -INFINITY : (float)options->lower;
    float upper = isnan(options->upper) ? INFINITY : (float)options->upper;
    float lo = lower, hi = upper;
    for (int round = 0; round <= options->nclip; round++) {
        long double sum = 0.0L, square = 0.0L;
        *out = (wk_measure){0.0, 0.0, 0.0, (double)INFINITY, -(double)INFINITY, 0};
        for (int64_t i = 0; i < n; i++)
            if (values[i] >= lo && values[i] <= hi) {
                sum += (long double)values[i];
                out->pixels++;
                out->min = fmin(out->min, (double)values[i]);
                out->max = fmax(out->max, (double)values[i]);
            }
        out->mean = (double)(float)(sum / out->pixels);
        for (int64_t i = 0; i < n; i++)
            if (values[i] >= lo && values[i] <= hi)
                square += powl((long double)values[i] - (long double)out->mean, 2.0L);
        out->stddev = (double)(float)sqrtl(square / (out->pixels - 1));
        lo = fmaxf(lower, (float)(out->mean - options->lsigma * out->stddev));
        hi = fminf(upper, (float)(out->mean + options->usigma * out->stddev));
    }
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

static int compare(const void *left, const void *right)
{
    float a = *(const float *)left, b = *(const float *)right;
    return (a > b) - (a < b);
}

/* The median of what the rounds kept, between the extremes of which all kept values lie. */
static void check_median(const float *values, int64_t n, const wk_statistic_options *options,
                         const wk_measure *kept)
{
    wk_statistic_options median = *options;
    median.statistic = WK_STATISTIC_MEDIAN;
    float *sorted = malloc((size_t)n * sizeof *sorted);
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if ((double)values[i] >= kept->min && (double)values[i] <= kept->max)
            sorted[count++] = values[i];
    assert_int_equal(count, kept->pixels);
    qsort(sorted, (size_t)count, sizeof *sorted, compare);
    double middle = 0.5 * ((double)sorted[(count - 1) / 2] + (double)sorted[count / 2]);
    wk_measure got = measured(values, n, &median);
    assert_true(got.value == (double)(float)middle);
    assert_int_equal(got.pixels, kept->pixels);
    free(sorted);
}

static void check_rounds(const float *values, int64_t n, const wk_statistic_options *options)
{
    wk_measure want = {0}, got = measured(values, n, options);
    plain_rounds(values, n, options, &want);
    assert_int_equal(got.pixels, want.pixels);
    assert_true(got.min == want.min && got.max == want.max);
    /* one unit in the last place of float32 */
    assert_true(fabs(got.mean - want.mean) <= 1.2e-7 * fabs(want.mean));
    assert_true(fabs(got.stddev - want.stddev) <= 1.2e-7 * want.stddev);
    check_median(values, n, options, &got);
}

/* Whole numbers, of which a bracket may hold one alone, or too many. */
static void test_rounds_of_whole_numbers(void **state)
{
    (void)state;
    const double scatters[] = {0.3, 2.0, 40.0};
    for (int k = 0; k < 3; k++) {
        float *values = starry(60001, 1000.0, scatters[k], 3);
        for (int i = 0; i < 60001; i++)
            values[i] = rintf(values[i]);
        wk_statistic_options options = options_for(MEAN);
        for (options.nclip = 0; options.nclip < 8; options.nclip++)
            check_rounds(values, 60001, &options);
        free(values);
    }
}

static void check_field(double level, double sigma, uint64_t stars)
{
    int64_t n = 60001;
    float *values = starry(n, level, sigma, stars);
    wk_statistic_options options = options_for(MEAN);
    for (options.nclip = 0; options.nclip < 8; options.nclip++)
        check_rounds(values, n, &options);
    options.lower = level - 2.0 * sigma;
    for (options.nclip = 0; options.nclip < 8; options.nclip++)
        check_rounds(values, n, &options);
    options.lower = (double)NAN;
    options.upper = level + 1.5 * sigma;
    options.lsigma = 2.0;
    for (options.nclip = 0; options.nclip < 8; options.nclip++)
        check_rounds(values, n, &options);
    free(values);
}

static void test_rounds_of_large_lists(void **state)
{
    (void)state;
    check_field(100.0, 3.0, 10);
    if (SANITIZED)
        return;
    check_field(100.0, 3.0, 0);
    check_field(1e6, 0.5, 100);
    check_field(-1e30, 1e28, 20);
    check_field(0.0, 1e-20, 500);
}

/* Narrow limits on a flat distribution shrink on and on, beyond what a sample foretells, and on one
 * side only. */
static void test_rounds_that_cut_the_core(void **state)
{
    (void)state;
    enum { N = 20000 };
    float *values = starry(N, 0.0, 0.0, 0);
    uint64_t seed = 3;
    for (int i = 0; i < N; i++)
        values[i] = (float)((double)next(&seed) / 9007199254740992.0);
    wk_statistic_options options = options_for(MEAN);
    for (int side = 0; side < 2; side++) {
        options.lsigma = side ? 1.2 : 4.0;
        options.usigma = side ? 4.0 : 1.2;
        for (options.nclip = 8; options.nclip < 18; options.nclip++)
            check_rounds(values, N, &options);
    }
    free(values);
}

/* Stars on a ladder of brightness, each step four times the last: a round clips one step.  A sample
 * clipped ten times has its core among the middle steps, and more rounds cut into it; a limit on
 * the other side stays. */
static void check_ladder(double sign)
{
    enum { N = 60001 };
    float *values = starry(N, 0.0, 1.0, 0);
    for (int i = 0; i < N / 10; i++)
        values[i * 10 + i % 7] = (float)(sign * ldexp(1.0, 2 * (i % 20) + 4));
    wk_statistic_options options = options_for(MEAN);
    if (sign > 0.0)
        options.lower = -10.0;
    else
        options.upper = 10.0;
    for (options.nclip = 0; options.nclip < 30; options.nclip++)
        check_rounds(values, N, &options);
    free(values);
}

static void test_rounds_beyond_the_sample(void **state)
{
    (void)state;
    check_ladder(1.0);
    if (!SANITIZED)
        check_ladder(-1.0);
}

/* A sample sees none of the few pixels within the limits, so that the first sums are about 0: their
 * scatter of 2 at 1e6 must not drown in squares of 1e12.  Values 1e6 - 2 and 1e6 + 2 in turn. */
static void test_few_pixels_within_limits(void **state)
{
    (void)state;
    float *values = starry(60001, 0.0, 1.0, 0);
    for (int i = 0; i < 10; i++)
        values[5987 * i] = i % 2 ? 1e6F - 2.0F : 1e6F + 2.0F;
    wk_statistic_options options = options_for(MEAN);
    options.lower = 5e5;
    wk_measure got = measured(values, 60001, &options);
    assert_true(got.pixels == 10 && got.value == 1e6);
    assert_true(got.stddev == (double)(float)sqrt(40.0 / 9.0));
    free(values);
}

static void test_rounds_end_when_limits_stay(void **state)
{
    (void)state;
    float *values = starry(60001, 10.0, 1.0, 5);
    wk_statistic_options options = options_for(MIDPT);
    options.nclip = 20;
    wk_measure first = measured(values, 60001, &options);
    options.nclip = 1000000000;
    wk_measure later = measured(values, 60001, &options);
    assert_memory_equal(&first, &later, sizeof first);
    free(values);
}

/* 0, 1, 10 within half a standard deviation: 1 alone is left, and it stays. */
static void test_limits_stay_with_one_pixel(void **state)
{
    (void)state;
    float values[] = {0.0F, 1.0F, 10.0F};
    wk_statistic_options options = options_for(MEAN);
    options.lsigma = options.usigma = 0.5;
    for (options.nclip = 1; options.nclip < 5; options.nclip++) {
        wk_measure got = measured(values, 3, &options);
        assert_true(got.pixels == 1 && got.value == 1.0 && isnan(got.stddev));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rounds_of_large_lists),
        cmocka_unit_test(test_rounds_of_whole_numbers),
        cmocka_unit_test(test_rounds_that_cut_the_core),
        cmocka_unit_test(test_rounds_beyond_the_sample),
        cmocka_unit_test(test_few_pixels_within_limits),
        cmocka_unit_test(test_rounds_end_when_limits_stay),
        cmocka_unit_test(test_limits_stay_with_one_pixel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
