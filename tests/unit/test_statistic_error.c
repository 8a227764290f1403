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

enum { MEDIANS = SANITIZED ? 100 : 2000, MODES = SANITIZED ? 50 : 500 };

static wk_statistic_options options_for(int statistic)
{
    wk_statistic_options options = wk_statistic_options_default();
    options.statistic = (wk_statistic)statistic;
    return options;
}

static wk_measure measured(const float *values, int64_t n, const wk_statistic_options *options)
{
    wk_measure got;
    assert_int_equal(wk_statistic_measure(&got, values, n, options, NULL, NULL), WK_OK);
    return got;
}

static uint64_t next(uint64_t *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return *state >> 11;
}

static double uniform(uint64_t *state)
{
    return ((double)next(state) + 0.5) / 9007199254740992.0;
}

static double gauss(uint64_t *state)
{
    return sqrt(-2.0 * log(uniform(state))) * cos(6.283185307179586 * uniform(state));
}

/* The normal deviate that a share p of all lies below, by bisection. */
static double deviate(double p)
{
    double low = -9.0, high = 9.0;
    for (int i = 0; i < 60; i++) {
        double center = 0.5 * (low + high);
        if (0.5 * erfc(-center / sqrt(2.0)) < p)
            low = center;
        else
            high = center;
    }
    return low;
}

/* Scatter of a statistic over new noise on one structure, in units of the error it states. */
static double pull(int statistic, double structure, double noise, int n, int trials)
{
    double *sky = malloc((size_t)n * sizeof *sky), sum = 0.0, square = 0.0, stated = 0.0;
    float *values = malloc((size_t)n * sizeof *values);
    assert_true(sky && values);
    wk_statistic_options options = options_for(statistic);
    uint64_t state = 2024;
    for (int i = 0; i < n; i++)
        sky[i] = structure * deviate((i + 0.5) / n);
    for (int t = 0; t < trials; t++) {
        for (int i = 0; i < n; i++)
            values[i] = (float)(sky[i] + noise * gauss(&state));
        wk_measure got = measured(values, n, &options);
        sum += got.value;
        square += got.value * got.value;
        stated += wk_statistic_error(&got, &options, noise);
    }
    free(sky);
    free(values);
    double mean = sum / trials;
    return sqrt(square / trials - mean * mean) / (stated / trials);
}

/* The rms of T trials scatters by 1/sqrt(2 T); finite n adds less than 1/n. */
static void test_error_of_median_with_structure(void **state)
{
    (void)state;
    const double allowed = 5.0 / sqrt(2.0 * MEDIANS);
    assert_true(fabs(pull(MEDIAN, 0.0, 1.0, 1001, MEDIANS) - 1.0) < allowed);
    assert_true(fabs(pull(MEDIAN, 1.0, 1.0, 1001, MEDIANS) - 1.0) < allowed);
    assert_true(fabs(pull(MEDIAN, 3.0, 1.0, 1001, MEDIANS) - 1.0) < allowed);
    assert_true(fabs(pull(MEAN, 3.0, 1.0, 1001, MEDIANS) - 1.0) < allowed);
}

/* The law for mode is good to 15 %, that for midpt to 10 %, at the default bin width; with
 * structure of 30 times the noise, which is a third of a bin, as well. */
static void test_error_of_mode_and_midpt(void **state)
{
    (void)state;
    const double scatter = 5.0 / sqrt(2.0 * MODES);
    assert_true(fabs(pull(MODE, 0.0, 1.0, 1000, MODES) - 1.0) < 0.15 + scatter);
    assert_true(fabs(pull(MODE, 3.0, 2.0, 8000, MODES) - 1.0) < 0.15 + scatter);
    assert_true(fabs(pull(MODE, 30.0, 1.0, 1000, MODES) - 1.0) < 0.15 + scatter);
    assert_true(fabs(pull(MIDPT, 0.0, 1.0, 1000, MODES) - 1.0) < 0.10 + scatter);
    assert_true(fabs(pull(MIDPT, 3.0, 1.0, 8000, MODES) - 1.0) < 0.10 + scatter);
}

/* Closed forms: 1.2533 = sqrt(pi/2); with S = sigma, arccos(1/2) = pi/3. */
static void test_error_formulas(void **state)
{
    (void)state;
    const double pi = 3.14159265358979323846;
    wk_measure flat = {5.0, 5.0, 2.0, 0.0, 9.0, 400};
    wk_statistic_options mean = options_for(MEAN);
    assert_true(fabs(wk_statistic_error(&flat, &mean, 1.0) - 0.05) < 1e-15);
    assert_true(fabs(wk_statistic_error(&flat, &mean, (double)NAN) - 0.1) < 1e-15);
    double full = 0.1 * sqrt(pi / 2.0);
    assert_true(fabs(wk_statistic_error(&flat, NULL, (double)NAN) - full) < 1e-12);
    assert_true(fabs(wk_statistic_error(&flat, NULL, 5.0) - full) < 1e-12);
    double half = 0.1 * sqrt(pi / 3.0);
    assert_true(fabs(wk_statistic_error(&flat, NULL, sqrt(2.0)) - half) < 1e-12);
    for (int statistic = MEAN; statistic <= MIDPT; statistic++) {
        wk_statistic_options options = options_for(statistic);
        assert_true(wk_statistic_error(&flat, &options, 0.0) == 0.0);
    }
    flat.pixels = 1, flat.stddev = (double)NAN;
    assert_true(wk_statistic_error(&flat, NULL, 3.0) == 3.0);
    assert_true(isnan(wk_statistic_error(&flat, NULL, (double)NAN)));
    flat.pixels = 0;
    assert_true(isnan(wk_statistic_error(&flat, NULL, 1.0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_error_of_median_with_structure),
        cmocka_unit_test(test_error_of_mode_and_midpt),
        cmocka_unit_test(test_error_formulas),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
