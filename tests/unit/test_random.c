#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "random.h"

#define MANY 1000000

static float *numbers(int64_t n, wk_random random)
{
    float *out = malloc((size_t)n * sizeof *out);
    assert_non_null(out);
    wk_random_gaussian(out, n, random);
    return out;
}

/* The published first values of SplitMix64: of the Java class for seed 0, and of the reference
 * program for seed 1234567. */
static void published_values(void **state)
{
    (void)state;
    wk_random zero = {0};
    assert_true(wk_random_bits(&zero) == 0xE220A8397B1DCDAFu);
    assert_true(wk_random_bits(&zero) == 0x6E789E6AA1B965F4u);
    assert_true(wk_random_bits(&zero) == 0x06C45D188009454Fu);
    wk_random other = {1234567};
    assert_true(wk_random_bits(&other) == 6457827717110365317u);
    assert_true(wk_random_bits(&other) == 3203168211198807973u);
    assert_true(wk_random_bits(&other) == 9817491932198370423u);
    assert_true(wk_random_bits(&other) == 4593380528125082431u);
    assert_true(wk_random_bits(&other) == 16408922859458223821u);
}

/* Each of the five names of a stream changes it, and so does their order. */
static void streams_differ(void **state)
{
    (void)state;
    wk_random streams[] = {
        wk_random_stream(1, 2, 3, 4, 5), wk_random_stream(2, 2, 3, 4, 5),
        wk_random_stream(1, 3, 3, 4, 5), wk_random_stream(1, 2, 4, 4, 5),
        wk_random_stream(1, 2, 3, 5, 5), wk_random_stream(1, 2, 3, 4, 6),
        wk_random_stream(1, 2, 3, 5, 4), wk_random_stream(0, 0, 0, 0, 0),
    };
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(streams[i].state != streams[j].state);
}

/* Mean 1/2 with scatter 1/sqrt(12 n), variance 1/12 with scatter 1/sqrt(180 n): 5 sigma. */
static void uniform_moments(void **state)
{
    (void)state;
    wk_random random = wk_random_stream(11, 0, 0, 0, 0);
    double sum = 0, squares = 0;
    for (int i = 0; i < MANY; i++) {
        double u = wk_random_uniform(&random);
        assert_true(u > 0 && u < 1);
        sum += u - 0.5;
        squares += (u - 0.5) * (u - 0.5);
    }
    assert_true(fabs(sum / MANY) < 5 / sqrt(12.0 * MANY));
    assert_true(fabs(squares / MANY - 1.0 / 12) < 5 / sqrt(180.0 * MANY));
}

/* Every index comes n/10 times, with the binomial's scatter. */
static void index_is_even(void **state)
{
    (void)state;
    wk_random random = wk_random_stream(12, 0, 0, 0, 0);
    int counts[10] = {0};
    for (int i = 0; i < MANY; i++) {
        int64_t k = wk_random_index(&random, 10);
        assert_in_range(k, 0, 9);
        counts[k]++;
    }
    for (int k = 0; k < 10; k++)
        assert_true(fabs(counts[k] - MANY / 10.0) < 5 * sqrt(MANY * 0.09));
    assert_int_equal(wk_random_index(&random, 1), 0);
    for (int i = 0; i < 1000; i++) {
        double x = wk_random_between(&random, -3, 4);
        assert_true(x > -3 && x < 4);
    }
}

/* The scatter of the k-th moment of n normal numbers is sqrt((mu_2k - mu_k^2) / n). */
static void gaussian_moments(void **state)
{
    (void)state;
    float *x = numbers(MANY, wk_random_stream(13, 0, 0, 0, 0));
    double sum[5] = {0};
    for (int i = 0; i < MANY; i++)
        for (int k = 1; k < 5; k++)
            sum[k] += pow((double)x[i], k);
    static const double expected[5] = {1, 0, 1, 0, 3};
    static const double scatter[5] = {0, 1, 2, 15, 96};
    for (int k = 1; k < 5; k++)
        assert_true(fabs(sum[k] / MANY - expected[k]) < 5 * sqrt(scatter[k] / MANY));
    free(x);
}

/* Neighbours do not know each other: the scatter of each mean product is 1/sqrt(n).  64 is the
 * distance of the two numbers that come from one value of the stream. */
static void gaussian_correlation(void **state)
{
    (void)state;
    float *x = numbers(MANY, wk_random_stream(14, 0, 0, 0, 0));
    static const int lags[] = {1, 2, 3, 63, 64, 65, 127, 128, 129, 1000};
    for (size_t l = 0; l < sizeof lags / sizeof *lags; l++) {
        double sum = 0, squares = 0;
        int n = MANY - lags[l];
        for (int i = 0; i < n; i++) {
            double a = (double)x[i], b = (double)x[i + lags[l]];
            sum += a * b;
            squares += (a * a - 1) * (b * b - 1);
        }
        assert_true(fabs(sum / n) < 5 / sqrt(n));
        assert_true(fabs(squares / n) < 5 * 2 / sqrt(n));
    }
    free(x);
}

/* Streams of neighbouring rows, as pictures use them. */
static void gaussian_rows(void **state)
{
    (void)state;
    enum { ROW = 1000, ROWS = 500 };
    double sum = 0;
    float *last = numbers(ROW, wk_random_stream(15, 1, 2, 3, 0));
    for (uint64_t row = 1; row <= ROWS; row++) {
        float *next = numbers(ROW, wk_random_stream(15, 1, 2, 3, row));
        for (int i = 0; i < ROW; i++)
            sum += (double)last[i] * (double)next[i];
        free(last);
        last = next;
    }
    free(last);
    assert_true(fabs(sum / ((double)ROW * ROWS)) < 5 / sqrt((double)ROW * ROWS));
}

/* Kolmogorov's distance from the normal distribution: 1.95 / sqrt(n) is exceeded once in 1000
 * seeds, 2.9 / sqrt(n) once in ten million (5 sigma). */
static int ascending(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void gaussian_distribution(void **state)
{
    (void)state;
    float *x = numbers(MANY, wk_random_stream(16, 0, 0, 0, 0));
    qsort(x, MANY, sizeof *x, ascending);
    double distance = 0;
    for (int i = 0; i < MANY; i++) {
        double cdf = 0.5 * erfc(-(double)x[i] / sqrt(2.0));
        distance = fmax(distance, fabs(cdf - (i + 0.5) / MANY));
    }
    assert_true(distance < 2.9 / sqrt(MANY));
    free(x);
}

/* The same number from the double formulae of Box and Muller: float32 series lose some last bits
 * of a radius of at most 6.66, whose rounding unit is 5e-7. */
static void gaussian_formula(void **state)
{
    (void)state;
    wk_random random = wk_random_stream(17, 0, 0, 0, 0);
    float *x = numbers(128, random);
    for (int i = 0; i < 64; i++) {
        uint64_t bits = wk_random_bits(&random);
        double radius = sqrt(-2 * log(((double)(bits >> 33) + 0.5) * 0x1p-31));
        double angle = M_PI * (double)(int32_t)(uint32_t)bits * 0x1p-31;
        assert_true(fabs((double)x[i] - radius * cos(angle)) < 2e-6);
        assert_true(fabs((double)x[64 + i] - radius * sin(angle)) < 2e-6);
    }
    free(x);
}

/* A shorter request gives the beginning of a longer one, and nothing beyond it is touched. */
static void gaussian_lengths(void **state)
{
    (void)state;
    wk_random random = wk_random_stream(18, 0, 0, 0, 0);
    float *whole = numbers(400, random);
    float part[401];
    for (int64_t n = 0; n <= 400; n += 37) {
        for (int i = 0; i < 401; i++)
            part[i] = -99.0F;
        wk_random_gaussian(part, n, random);
        assert_memory_equal(part, whole, (size_t)n * sizeof *part);
        for (int64_t i = n; i < 401; i++)
            assert_true(part[i] == -99.0F);
    }
    free(whole);
}

/* The bits do not depend on compiler, options or machine: a checksum that gcc and clang gave with
 * and without optimisation and with fused multiply-add units present. */
static void gaussian_bits(void **state)
{
    (void)state;
    uint64_t sum = 0;
    for (uint64_t row = 0; row < 2048; row++) {
        float *x = numbers(2048, wk_random_stream(1, 2, 3, 4, row));
        for (int i = 0; i < 2048; i++) {
            uint32_t bits;
            memcpy(&bits, &x[i], sizeof bits);
            sum = sum * 31 + bits;
        }
        free(x);
    }
    assert_true(sum == 0x2331cc705722b2e2u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_values), cmocka_unit_test(streams_differ),
        cmocka_unit_test(uniform_moments),  cmocka_unit_test(index_is_even),
        cmocka_unit_test(gaussian_moments), cmocka_unit_test(gaussian_correlation),
        cmocka_unit_test(gaussian_rows),    cmocka_unit_test(gaussian_distribution),
        cmocka_unit_test(gaussian_formula), cmocka_unit_test(gaussian_lengths),
        cmocka_unit_test(gaussian_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
