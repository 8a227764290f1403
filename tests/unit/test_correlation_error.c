#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "correlation_case.h"
#include "sanitized.h"

enum { SIDE = 128, SEEDS = SANITIZED ? 30 : 600 };

/* Over 600 seeds the rms of a pull is known to 1 / sqrt(1200): five of that are 0.144.  The
 * jackknife of 32 blocks adds some 3 %, as Student's distribution has it. */
#define BAND (5.0 / sqrt(2.0 * SEEDS) + 0.006)

/* Unit noise, smoothed with [1 a; b c] or not at all. */
static void fill(float *values, const double kernel[4], uint64_t seed)
{
    static float noise[(SIDE + 1) * (SIDE + 1)];
    wk_random_gaussian(noise, (SIDE + 1) * (SIDE + 1), wk_random_stream(seed, 9, 0, 0, 0));
    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            const float *from = noise + y * (SIDE + 1) + x;
            values[y * SIDE + x] =
                (float)(kernel[0] * (double)from[0] + kernel[1] * (double)from[1] +
                        kernel[2] * (double)from[SIDE + 1] + kernel[3] * (double)from[SIDE + 2]);
        }
}

/* Correlations of that noise at (0, 1), (1, -1), (1, 0), (1, 1): the second half of the matrix. */
static void truth(double rho[4], double *area, const double k[4])
{
    double variance = k[0] * k[0] + k[1] * k[1] + k[2] * k[2] + k[3] * k[3];
    rho[0] = (k[0] * k[1] + k[2] * k[3]) / variance;
    rho[1] = k[1] * k[2] / variance;
    rho[2] = (k[0] * k[2] + k[1] * k[3]) / variance;
    rho[3] = k[0] * k[3] / variance;
    *area = 1.0 + 2.0 * (rho[0] + rho[1] + rho[2] + rho[3]);
}

typedef struct pulls {
    double jackknife[4], bartlett[4], white[4], area;
    double chi2;
    int small; /* p below 0.1 */
} pulls;

/* Sums of squares of pulls.  The mean's variance is added, so that the expectation is the truth. */
static pulls measure(const double kernel[4], int64_t bx, int64_t by)
{
    static float values[SIDE * SIDE];
    double rho[4], area;
    pulls sum;
    memset(&sum, 0, sizeof sum);
    truth(rho, &area, kernel);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        fill(values, kernel, seed);
        wk_samples samples = {SIDE, SIDE, values, NULL, NULL, NULL};
        wk_correlation_options options = {1, WK_CORRELATION_AUTO, 1, {bx, by}};
        wk_correlation *out;
        assert_int_equal(wk_correlation_measure(&out, &samples, &options, NULL, NULL), WK_OK);
        for (int i = 0; i < 4; i++) {
            double off = out->correlation[5 + i] - rho[i];
            sum.jackknife[i] += pow(off / out->jackknife[5 + i], 2.0);
            sum.bartlett[i] += pow(off / out->bartlett[5 + i], 2.0);
            sum.white[i] += pow(off / out->white[5 + i], 2.0);
        }
        sum.area += pow((out->area_factor - area) / out->area_error, 2.0);
        sum.chi2 += out->chi2;
        sum.small += out->p_value < 0.1;
        wk_correlation_free(out);
    }
    return sum;
}

static void assert_rms(double sum)
{
    double rms = sqrt(sum / SEEDS);
    if (!(fabs(rms - 1.0) < BAND))
        fail_msg("pulls have the rms %g", rms);
}

static void test_pulls_of_white_noise(void **state)
{
    (void)state;
    const double kernel[4] = {1.0, 0.0, 0.0, 0.0};
    pulls sum = measure(kernel, 8, 4);
    for (int i = 0; i < 4; i++) {
        assert_rms(sum.jackknife[i]);
        assert_rms(sum.bartlett[i]);
        assert_rms(sum.white[i]);
    }
    assert_rms(sum.area);
    /* chi-square of 4: mean 4, variance 8; p is uniform */
    assert_true(fabs(sum.chi2 / SEEDS - 4.0) < 5.0 * sqrt(8.0 / SEEDS));
    assert_true(fabs(sum.small - 0.1 * SEEDS) < 5.0 * sqrt(0.09 * SEEDS));
}

static void test_pulls_of_smoothed_noise(void **state)
{
    (void)state;
    const double box[4] = {1.0, 1.0, 1.0, 1.0}, skew[4] = {1.0, 0.5, -0.2, 0.3};
    for (int k = 0; k < 2; k++) {
        pulls sum = measure(k ? skew : box, 8, 4);
        for (int i = 0; i < 4; i++) {
            assert_rms(sum.jackknife[i]);
            assert_rms(sum.bartlett[i]);
        }
        assert_rms(sum.area);
        assert_int_equal(sum.small, SEEDS);
    }
}

/* Without blocks the area's error is Bartlett's. */
static void test_area_without_blocks(void **state)
{
    (void)state;
    const double white[4] = {1.0, 0.0, 0.0, 0.0}, box[4] = {1.0, 1.0, 1.0, 1.0};
    pulls sum = measure(white, 0, 4);
    assert_rms(sum.area);
    assert_true(isnan(sum.jackknife[0]));
    sum = measure(box, 0, 0);
    assert_rms(sum.area);
}

/* Bartlett's formula term by term on the measured matrix. */
static void test_bartlett_is_the_formula(void **state)
{
    (void)state;
    enum { LAG = 3, SIZE = 7 };
    corr_image image = corr_make(40, 30, 0.2, 2);
    wk_samples samples = corr_samples(&image);
    wk_correlation_options options = {LAG, WK_CORRELATION_AUTO, 0, {8, 4}};
    wk_correlation *out;
    assert_int_equal(wk_correlation_measure(&out, &samples, &options, NULL, NULL), WK_OK);
    double rho[3 * SIZE][3 * SIZE] = {{0}};
    for (int i = 0; i < SIZE * SIZE; i++)
        rho[SIZE + i / SIZE][SIZE + i % SIZE] = out->correlation[i];
    for (int dy = -LAG; dy <= LAG; dy++)
        for (int dx = -LAG; dx <= LAG; dx++) {
            int at = (dy + LAG) * SIZE + dx + LAG;
            double sum = 0.0, own = out->correlation[at];
            for (int y = SIZE; y < 2 * SIZE; y++)
                for (int x = SIZE; x < 2 * SIZE; x++)
                    sum += rho[y][x] * rho[y][x] + rho[y + dy][x + dx] * rho[y - dy][x - dx] -
                           4.0 * own * rho[y][x] * rho[y - dy][x - dx] +
                           2.0 * own * own * rho[y][x] * rho[y][x];
            double want = sqrt(fmax(sum, 0.0) / (double)out->pairs[at]);
            /* at lag 0 all cancels, and 0 is put there */
            assert_true(fabs(out->bartlett[at] - want) < (dy || dx ? 1e-13 : 1e-8));
        }
    wk_correlation_free(out);
    corr_release(&image);
}

/* Replicas from images in which the block's first pixels are left out of the sums. */
static void test_jackknife_is_the_formula(void **state)
{
    (void)state;
    enum { LAG = 2, BX = 3, BY = 2, K = BX * BY, SIZE = 5 };
    corr_image image = corr_make(40, 30, 0.2, 2);
    wk_samples samples = corr_samples(&image);
    wk_correlation_options options = {LAG, WK_CORRELATION_AUTO, 0, {BX, BY}};
    wk_correlation *out;
    assert_int_equal(wk_correlation_measure(&out, &samples, &options, NULL, NULL), WK_OK);
    long double mean = corr_mean(&samples), area[K] = {0};
    for (int at = SIZE * SIZE / 2; at < SIZE * SIZE; at++) {
        int dy = at / SIZE - LAG, dx = at % SIZE - LAG;
        long double theta[K], middle = 0.0L, square = 0.0L;
        for (int k = 0; k < K; k++) {
            wk_rect all = {0, 0, 40, 30}, of = {40 * (k % BX) / BX, k / BX * 15, 0, 15};
            of.width = 40 * (k % BX + 1) / BX - of.x;
            int64_t n, m, i, j;
            long double sum = corr_sum(&n, &samples, mean, dy, dx, &all);
            sum -= corr_sum(&m, &samples, mean, dy, dx, &of);
            long double zero = corr_sum(&i, &samples, mean, 0, 0, &all);
            zero -= corr_sum(&j, &samples, mean, 0, 0, &of);
            theta[k] = sum / (long double)(n - m) / (zero / (long double)(i - j));
            middle += theta[k] / K;
            area[k] += theta[k] * (dy == 0 && dx == 0 ? 1.0L : 2.0L);
        }
        for (int k = 0; k < K; k++)
            square += (theta[k] - middle) * (theta[k] - middle);
        double want = (double)sqrtl(square * (K - 1) / K);
        assert_true(fabs(out->jackknife[at] - want) < 1e-12);
        assert_true(out->jackknife[at] == out->jackknife[SIZE * SIZE - 1 - at]);
    }
    long double middle = 0.0L, square = 0.0L;
    for (int k = 0; k < K; k++)
        middle += area[k] / K;
    for (int k = 0; k < K; k++)
        square += (area[k] - middle) * (area[k] - middle);
    assert_true(fabs(out->area_error - (double)sqrtl(square * (K - 1) / K)) < 1e-11);
    wk_correlation_free(out);
    corr_release(&image);
}

/* Blocks without a good pixel are no replicas; with one left there is no error. */
static void test_empty_blocks(void **state)
{
    (void)state;
    corr_image image = corr_make(80, 60, 0.0, 2), half = corr_make(40, 60, 0.0, 2);
    for (int i = 0; i < 80 * 60; i++) {
        image.bad[i] = i % 80 >= 40;
        if (i % 80 < 40)
            half.values[i / 80 * 40 + i % 80] = image.values[i];
    }
    wk_samples samples = corr_samples(&image), part = corr_samples(&half);
    wk_correlation_options options = {1, WK_CORRELATION_DIRECT, 0, {8, 1}};
    wk_correlation *a, *b;
    assert_int_equal(wk_correlation_measure(&a, &samples, &options, NULL, NULL), WK_OK);
    options.blocks[0] = 4;
    assert_int_equal(wk_correlation_measure(&b, &part, &options, NULL, NULL), WK_OK);
    for (int i = 0; i < 9; i++)
        assert_true(fabs(a->jackknife[i] - b->jackknife[i]) < 1e-12);
    wk_correlation_free(a);
    options.blocks[0] = 2;
    assert_int_equal(wk_correlation_measure(&a, &samples, &options, NULL, NULL), WK_OK);
    assert_true(isnan(a->jackknife[5]) && isfinite(a->area_error));
    wk_correlation_free(a);
    wk_correlation_free(b);
    corr_release(&image);
    corr_release(&half);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pulls_of_white_noise),
        cmocka_unit_test(test_pulls_of_smoothed_noise),
        cmocka_unit_test(test_area_without_blocks),
        cmocka_unit_test(test_bartlett_is_the_formula),
        cmocka_unit_test(test_jackknife_is_the_formula),
        cmocka_unit_test(test_empty_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
