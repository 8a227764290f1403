#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clip.h"
#include "sanitized.h"
#include "welkin/statistic.h"

/* What astropy 5.2.1 prints for sigma_clipped_stats(values, sigma, maxiters) of the same values as
 * float64, with bottleneck 1.3.5, and how many SigmaClip keeps. */
typedef struct golden {
    int n;
    uint32_t seed;
    double base, scatter;
    uint32_t stars; /* in a thousand */
    double sigma;
    int iterations;
    double mean, median, std;
    int64_t kept;
} golden;

static const golden goldens[] = {
    {1, 1, 5.0, 1.0, 0, 3.0, 5, 3.8944332599639893, 3.8944332599639893, 0.0, 1},
    {10, 4, -5.0, 2.0, 0, 3.0, 5, -4.587628853321076, -4.526777505874634, 2.2315950170398415, 10},
    {1000, 6, 0.0, 1.0, 20, 3.0, 5, 0.011981262472069003, 0.021944968029856682, 0.9776589172507479,
     962},
    {1000, 6, 0.0, 1.0, 20, 2.0, 1, 1.486957249387969, 0.039228953421115875, 15.973204226242256,
     977},
    {1001, 6, 1000.0, 1.0, 300, 3.0, 100, 1000.0099146561657, 1000.0146484375, 0.9680105333481471,
     695},
    {50, 8, 7.25, 0.0, 0, 3.0, 5, 7.25, 7.25, 0.0, 50},
    {20000, 7, 1000.0, 10.0, 50, 3.0, 5, 999.9194777194981, 999.9959106445312, 9.887305461308665,
     18997},
    {100001, 9, 1000.0, 10.0, 100, 3.0, 5, 1000.0294244428795, 1000.0616760253906,
     9.925565373696047, 89828},
    {100000, 9, 1000.0, 10.0, 100, 2.5, 100, 1000.0448195286272, 1000.068115234375,
     9.48977684419235, 88539},
    {70000, 12, 1e6, 1.0, 5, 3.0, 5, 999999.9977674716, 1000000.0, 0.9915992350398416, 69484},
};

static uint32_t next(uint32_t *state)
{
    return *state = 1664525U * *state + 1013904223U;
}

/* Sums of twelve uniform numbers, and far above them stars: any language can make the same. */
static float *list_make(const golden *of)
{
    uint32_t state = of->seed;
    float *values = malloc((size_t)of->n * sizeof *values);
    assert_non_null(values);
    for (int i = 0; i < of->n; i++) {
        double sum = 0.0;
        for (int k = 0; k < 12; k++)
            sum += next(&state) / 4294967296.0;
        double value = of->base + of->scatter * (sum - 6.0);
        if ((next(&state) >> 8) % 1000 < of->stars)
            value += of->scatter * ((next(&state) >> 8) % 1000);
        values[i] = (float)value;
    }
    return values;
}

static wk_clipped clipped(const float *values, int64_t n, double sigma, int iterations)
{
    wk_clipped got;
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_statistic_clip(&got, values, n, sigma, iterations, NULL, &error), WK_OK);
    return got;
}

static void assert_near(double got, double expected, double relative)
{
    if (!(fabs(got - expected) <= relative * fabs(expected)))
        fail_msg("got %.17g, expected %.17g", got, expected);
}

/* The mean's tolerance is of the values' size: deviations from zero cancel in it. */
static void assert_mean(double got, double expected, double std)
{
    if (!(fabs(got - expected) <= 1e-12 * (fabs(expected) + std)))
        fail_msg("got %.17g, expected %.17g", got, expected);
}

static void test_astropy_values(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof goldens / sizeof goldens[0]; k++) {
        const golden *of = &goldens[k];
        float *values = list_make(of);
        wk_clipped got = clipped(values, of->n, of->sigma, of->iterations);
        assert_true(got.n == of->kept);
        assert_true(got.median == of->median);
        assert_mean(got.mean, of->mean, of->std);
        assert_near(got.std, of->std, 1e-12);
        free(values);
    }
}

static int compare(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* The definition word by word, on a sorted copy in long double. */
static wk_clipped brute(const float *values, int64_t n, double sigma, int iterations)
{
    float *kept = malloc((size_t)n * sizeof *kept);
    assert_non_null(kept);
    int64_t count = 0;
    for (int64_t i = 0; i < n; i++)
        if (isfinite(values[i]))
            kept[count++] = values[i];
    qsort(kept, (size_t)count, sizeof *kept, compare);
    int64_t first = 0;
    wk_clipped out = {0};
    for (int round = 0;; round++) {
        long double sum = 0.0L, square = 0.0L;
        for (int64_t i = 0; i < count; i++)
            sum += (long double)kept[first + i];
        sum /= (long double)count;
        for (int64_t i = 0; i < count; i++)
            square += ((long double)kept[first + i] - sum) * ((long double)kept[first + i] - sum);
        out = (wk_clipped){.mean = (double)sum, .n = count};
        out.std = (double)sqrtl(square / (long double)count);
        out.median =
            0.5 * ((double)kept[first + (count - 1) / 2] + (double)kept[first + count / 2]);
        double lo = out.median - sigma * out.std, hi = out.median + sigma * out.std;
        int64_t before = count;
        while (round < iterations && count && (double)kept[first] < lo)
            first++, count--;
        while (round < iterations && count && (double)kept[first + count - 1] > hi)
            count--;
        if (before == count || !count)
            break;
    }
    out.n = count;
    free(kept);
    return out;
}

static void check_brute(const float *values, int64_t n, double sigma, int iterations)
{
    wk_clipped got = clipped(values, n, sigma, iterations);
    wk_clipped expected = brute(values, n, sigma, iterations);
    assert_true(got.n == expected.n);
    assert_true(got.median == expected.median);
    assert_mean(got.mean, expected.mean, expected.std);
    assert_near(got.std, expected.std, 1e-12);
    int64_t inside = 0;
    for (int64_t i = 0; i < n; i++)
        inside += isfinite(values[i]) && (double)values[i] >= got.lo && (double)values[i] <= got.hi;
    assert_true(inside == got.n);
}

static void test_brute_force(void **state)
{
    (void)state;
    const int sizes[] = {2, 3, 7, 100, 8191, 32767, 32768, 40000, 131072};
    const uint32_t stars[] = {0, 30, 200, 450};
    const int iterations[] = {0, 1, 5, 1000};
    for (size_t k = 0; k < 9; k++)
        for (size_t s = 0; s < 4; s++)
            for (size_t i = 0; i < 4; i++) {
                golden of = {.n = sizes[k], .base = 100.0, .scatter = 5.0, .stars = stars[s]};
                of.seed = (uint32_t)(100 * k + 10 * s + i);
                float *values = list_make(&of);
                values[1 + k % 2 * (size_t)(sizes[k] - 2)] = k % 3 ? NAN : -INFINITY;
                check_brute(values, of.n, i % 2 ? 3.0 : 2.0, iterations[i]);
                free(values);
            }
}

/* Few different numbers: the median's bracket is one value, or holds half of all. */
static void test_ties(void **state)
{
    (void)state;
    for (int steps = 1; steps <= 64; steps *= 4) {
        golden of = {.n = 70001, .seed = 77, .scatter = 1.0, .stars = 50};
        float *values = list_make(&of);
        for (int i = 0; i < of.n; i++)
            values[i] = roundf(values[i] * (float)steps) / (float)steps;
        for (int n = of.n; n > 0; n /= 10)
            check_brute(values, n, 3.0, 5);
        free(values);
    }
}

static void test_constants(void **state)
{
    (void)state;
    const float levels[] = {0.0F, -0.1F, 1e30F, 1e-40F};
    float *values = malloc(50000 * sizeof *values);
    assert_non_null(values);
    for (size_t k = 0; k < 4; k++) {
        for (int i = 0; i < 50000; i++)
            values[i] = levels[k];
        for (int n = 1; n <= 50000; n = n == 1 ? 49 : n == 49 ? 50000 : 50001) {
            wk_clipped got = clipped(values, n, 3.0, 5);
            assert_true(got.n == n && got.mean == (double)levels[k]);
            assert_true(got.median == (double)levels[k] && got.std == 0.0);
        }
        /* one that differs is clipped away, and leaves the constant */
        values[123] = 2.0F * levels[k] + 1.0F;
        wk_clipped got = clipped(values, 50000, 3.0, 5);
        assert_true(got.n == 49999 && got.mean == (double)levels[k] && got.std == 0.0);
    }
    free(values);
}

static void test_large_values(void **state)
{
    (void)state;
    float values[] = {3e38F, -3e38F, 3.4e38F, 1.0F, INFINITY, NAN};
    check_brute(values, 6, 3.0, 5);
    check_brute(values, 6, 1.2, 1);
}

/* The sample's scatter is twice that of all, so that its core reaches beyond the limits: what lies
 * between must not be counted.  Or it is 100 times, or a hundredth, or the level is elsewhere. */
static void test_misleading_sample(void **state)
{
    (void)state;
    enum { N = SANITIZED ? 1 << 17 : 1 << 19 };
    golden of = {.n = N, .seed = 5, .scatter = 1.0};
    float *values = list_make(&of), *index = malloc(N * sizeof *index);
    int64_t size = wk_clip_sample_size(N);
    float *places = malloc((size_t)size * sizeof *places);
    assert_true(index && places);
    for (int i = 0; i < N; i++)
        index[i] = (float)i;
    wk_clip_sample(places, size, index, N);
    const double factors[] = {2.0, 100.0, 0.01, 1.0, 1.0}, steps[] = {0.0, 0.0, 0.1, 0.5, 1e6};
    for (size_t k = 0; k < 5; k++) {
        float *changed = malloc(N * sizeof *changed);
        assert_non_null(changed);
        memcpy(changed, values, N * sizeof *changed);
        for (int64_t i = 0; i < size; i++) {
            double value = (double)values[(int)places[i]];
            changed[(int)places[i]] = (float)(value * factors[k] + steps[k]);
        }
        check_brute(changed, N, 3.0, 20);
        for (int64_t i = 0; i < size; i++)
            changed[(int)places[i]] = NAN;
        check_brute(changed, N, 3.0, 20);
        free(changed);
    }
    free(values);
    free(index);
    free(places);
}

static void refuse(const float *values, int64_t n, double sigma, int iterations, wk_status status)
{
    wk_clipped got;
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_statistic_clip(&got, values, n, sigma, iterations, NULL, &error), status);
    assert_true(isnan(got.mean) && isnan(got.median) && isnan(got.std) && got.n == 0);
    assert_true(error.code == status && error.message[0]);
}

static void test_refused(void **state)
{
    (void)state;
    float pair[] = {0.0F, 1.0F}, bad[] = {NAN, INFINITY, -INFINITY};
    refuse(pair, 0, 3.0, 5, WK_NO_DATA);
    refuse(bad, 3, 3.0, 5, WK_NO_DATA);
    /* median and scatter of the pair are 0.5 */
    refuse(pair, 2, 0.9, 5, WK_NO_DATA);
    refuse(pair, 2, 0.0, 5, WK_ARGUMENT);
    refuse(pair, 2, -1.0, 5, WK_ARGUMENT);
    refuse(pair, 2, (double)NAN, 5, WK_ARGUMENT);
    refuse(pair, 2, (double)INFINITY, 5, WK_ARGUMENT);
    refuse(pair, 2, 3.0, -1, WK_ARGUMENT);
}

static void test_scratch_is_reused(void **state)
{
    (void)state;
    wk_statistic_scratch scratch = {NULL, 0};
    golden of = {.n = 60001, .seed = 3, .base = 10.0, .scatter = 1.0, .stars = 100};
    float *values = list_make(&of);
    for (int64_t n = 1; n <= of.n; n = n * 4 + 1) {
        wk_clipped got, fresh = clipped(values, n, 3.0, 5);
        assert_int_equal(wk_statistic_clip(&got, values, n, 3.0, 5, &scratch, NULL), WK_OK);
        assert_memory_equal(&got, &fresh, sizeof got);
    }
    wk_statistic_scratch_release(&scratch);
    free(values);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_astropy_values), cmocka_unit_test(test_brute_force),
        cmocka_unit_test(test_ties),           cmocka_unit_test(test_constants),
        cmocka_unit_test(test_large_values),   cmocka_unit_test(test_misleading_sample),
        cmocka_unit_test(test_refused),        cmocka_unit_test(test_scratch_is_reused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
