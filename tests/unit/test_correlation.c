#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "correlation_case.h"

/* 1 2 / 3 6: mean 3, residuals -2 -1 / 0 3.  Every lag has one or two pairs. */
static void test_four_pixels(void **state)
{
    (void)state;
    const float values[] = {1, 2, 3, 6};
    const double want[] = {-6.0, -1.5, 0.0, 1.0, 3.5, 1.0, 0.0, -1.5, -6.0};
    const int64_t pairs[] = {1, 2, 1, 2, 4, 2, 1, 2, 1};
    wk_correlation *out = corr_measure(values, 2, 2, 1);
    assert_int_equal(out->good, 4);
    assert_int_equal(out->nonfinite, 0);
    assert_int_equal(out->size, 3);
    assert_true(out->mean == 3.0 && out->variance == 3.5);
    for (int i = 0; i < 9; i++) {
        assert_int_equal(out->pairs[i], pairs[i]);
        assert_true(out->covariance[i] == want[i]);
        assert_true(out->correlation[i] == want[i] / 3.5);
        assert_true(out->white[i] == 1.0 / sqrt((double)pairs[i]));
    }
    assert_int_equal(out->dof, 4);
    wk_correlation_free(out);
    wk_correlation_free(NULL);
}

/* The sum of n(D) cov(D) over all lags is the square of a sum that is 0; with L = 0 the variance of
 * the mean is that of independent pixels, 3.5 / 4. */
static void test_correction_of_the_mean(void **state)
{
    (void)state;
    const float values[] = {1, 2, 3, 6};
    wk_samples samples = {2, 2, values, NULL, NULL, NULL};
    wk_correlation_options options = wk_correlation_options_default();
    options.correct_mean = 1;
    wk_correlation *out;
    assert_int_equal(wk_correlation_measure(&out, &samples, &options, NULL, NULL), WK_OK);
    assert_true(fabs(out->variance - 3.5) < 1e-15);
    wk_correlation_free(out);
    options.lag = 0;
    assert_int_equal(wk_correlation_measure(&out, &samples, &options, NULL, NULL), WK_OK);
    assert_true(out->variance == 3.5 + 3.5 / 4.0);
    assert_true(out->correlation[0] == 1.0 && out->dof == 0);
    assert_true(isnan(out->p_value) && isnan(out->chi2));
    wk_correlation_free(out);
}

static void test_one_pixel_and_equal_pixels(void **state)
{
    (void)state;
    const float values[] = {5, 5, 5};
    for (int64_t n = 1; n <= 3; n += 2) {
        wk_correlation *out = corr_measure(values, n, 1, 1);
        assert_true(out->mean == 5.0 && out->variance == 0.0);
        assert_int_equal(out->pairs[4], n);
        assert_int_equal(out->pairs[1], 0);
        assert_true(out->covariance[4] == 0.0 && isnan(out->covariance[1]));
        assert_true(isnan(out->correlation[4]) && isnan(out->area_factor));
        assert_true(isnan(out->area_error) && isnan(out->jackknife[4]));
        assert_true(isnan(out->bartlett[4]));
        wk_correlation_free(out);
    }
}

static void test_no_data(void **state)
{
    (void)state;
    corr_image image = corr_make(7, 5, 0.0, 1);
    memset(image.bad, 1, 35);
    wk_samples samples = corr_samples(&image);
    wk_correlation *out = (wk_correlation *)&image;
    wk_error error;
    assert_int_equal(wk_correlation_measure(&out, &samples, NULL, NULL, &error), WK_NO_DATA);
    assert_null(out);
    assert_non_null(strstr(error.message, "7 x 5"));
    corr_release(&image);
}

/* Masked values may be anything; others that are not finite are counted. */
static void test_counts_what_is_left_out(void **state)
{
    (void)state;
    const float values[] = {1, NAN, 3, INFINITY, 2, NAN, 4, -INFINITY};
    const uint8_t bad[] = {0, 1, 0, 0, 0, 0, 9, 0};
    wk_samples samples = {4, 2, values, NULL, bad, NULL};
    wk_correlation *out;
    assert_int_equal(wk_correlation_measure(&out, &samples, NULL, NULL, NULL), WK_OK);
    assert_int_equal(out->good, 3);
    assert_int_equal(out->nonfinite, 3);
    assert_true(out->mean == 2.0);
    wk_correlation_free(out);
}

/* cov(D) = cov(-D) to the bit, and float64 gives what float32 gives. */
static void test_symmetry_and_types(void **state)
{
    (void)state;
    corr_image image = corr_make(53, 47, 0.3, 4);
    wk_samples samples = corr_samples(&image);
    wk_correlation_options options = wk_correlation_options_default();
    double *full = malloc(53 * 47 * sizeof *full);
    assert_non_null(full);
    for (int i = 0; i < 53 * 47; i++)
        full[i] = (double)image.values[i];
    options.lag = 3;
    wk_correlation *a, *b;
    assert_int_equal(wk_correlation_measure(&a, &samples, &options, NULL, NULL), WK_OK);
    samples.single = NULL;
    samples.full = full;
    assert_int_equal(wk_correlation_measure(&b, &samples, &options, NULL, NULL), WK_OK);
    assert_memory_equal(a->covariance, b->covariance, 49 * sizeof(double));
    for (int i = 0; i < 49; i++)
        assert_memory_equal(&a->covariance[i], &a->covariance[48 - i], sizeof(double));
    wk_correlation_free(a);
    wk_correlation_free(b);
    free(full);
    corr_release(&image);
}

/* Both ways to 1e-9 of the variance, counts exactly. */
static void test_ways_agree(void **state)
{
    (void)state;
    corr_image image = corr_make(211, 190, 0.3, 4);
    wk_samples samples = corr_samples(&image);
    wk_correlation_options options = wk_correlation_options_default();
    for (options.lag = 1; options.lag < 100; options.lag *= 4) {
        int64_t count = (2 * options.lag + 1) * (2 * options.lag + 1);
        wk_correlation *a, *b, *c;
        options.way = WK_CORRELATION_DIRECT;
        assert_int_equal(wk_correlation_measure(&a, &samples, &options, NULL, NULL), WK_OK);
        options.way = WK_CORRELATION_FOURIER;
        assert_int_equal(wk_correlation_measure(&b, &samples, &options, NULL, NULL), WK_OK);
        options.way = WK_CORRELATION_AUTO;
        assert_int_equal(wk_correlation_measure(&c, &samples, &options, NULL, NULL), WK_OK);
        assert_memory_equal(a->pairs, b->pairs, (size_t)count * sizeof *a->pairs);
        for (int64_t i = 0; i < count; i++) {
            assert_true(fabs(a->covariance[i] - b->covariance[i]) <= 1e-9 * a->variance);
            assert_true(c->covariance[i] == a->covariance[i] ||
                        c->covariance[i] == b->covariance[i]);
        }
        wk_correlation_free(a);
        wk_correlation_free(b);
        wk_correlation_free(c);
    }
    corr_release(&image);
}

/* Values over the root of their variance: noise of a scale that varies becomes noise of 1. */
static void test_weighted_form(void **state)
{
    (void)state;
    enum { SIDE = 200 };
    float *values = malloc(SIDE * SIDE * sizeof *values);
    float *variance = malloc(SIDE * SIDE * sizeof *variance);
    assert_true(values && variance);
    wk_random_gaussian(values, SIDE * SIDE, wk_random_stream(3, 0, 0, 0, 0));
    for (int i = 0; i < SIDE * SIDE; i++) {
        variance[i] = 1.0F + (float)(i % SIDE);
        values[i] *= sqrtf(variance[i]);
    }
    variance[7] = 0.0F;
    variance[8] = NAN;
    wk_samples samples = {SIDE, SIDE, values, NULL, NULL, variance};
    wk_correlation *out;
    assert_int_equal(wk_correlation_measure(&out, &samples, NULL, NULL, NULL), WK_OK);
    assert_int_equal(out->good, SIDE * SIDE - 2);
    assert_int_equal(out->nonfinite, 0);
    /* the variance of N Gaussian values has the error sqrt(2 / N) */
    assert_true(fabs(out->variance - 1.0) < 5.0 * sqrt(2.0) / SIDE);
    wk_correlation_free(out);
    free(values);
    free(variance);
}

/* Noise smoothed with a kernel [ky][kx]: image of (width, height) from one of more pixels. */
static float *smoothed(const double *kernel, int kx, int ky, int width, int height)
{
    int wide = width + kx - 1, high = height + ky - 1;
    float *noise = malloc((size_t)(wide * high) * sizeof *noise);
    float *out = malloc((size_t)(width * height) * sizeof *out);
    assert_true(noise && out);
    wk_random_gaussian(noise, wide * high, wk_random_stream(11, 0, 0, 0, 0));
    for (int i = 0; i < width * height; i++) {
        double sum = 0.0;
        for (int k = 0; k < kx * ky; k++)
            sum += kernel[k] * (double)noise[(i / width + k / kx) * wide + i % width + k % kx];
        out[i] = (float)sum;
    }
    free(noise);
    return out;
}

/* C(D) = sum over k of kernel(k) kernel(k + D) */
static double expected(const double *kernel, int kx, int ky, int dy, int dx)
{
    double sum = 0.0;
    for (int y = 0; y < ky; y++)
        for (int x = 0; x < kx; x++)
            if (y + dy >= 0 && y + dy < ky && x + dx >= 0 && x + dx < kx)
                sum += kernel[y * kx + x] * kernel[(y + dy) * kx + x + dx];
    return sum;
}

/* Correlations within five of the errors that Bartlett's formula gives. */
static void check_kernel(const double *kernel, int kx, int ky)
{
    enum { SIDE = 600, LAG = 3 };
    float *values = smoothed(kernel, kx, ky, SIDE, SIDE);
    wk_correlation *out = corr_measure(values, SIDE, SIDE, LAG);
    double variance = expected(kernel, kx, ky, 0, 0);
    assert_true(fabs(out->variance / variance - 1.0) < 5.0 * sqrt(2.0 * kx * ky) / SIDE);
    for (int dy = -LAG; dy <= LAG; dy++)
        for (int dx = -LAG; dx <= LAG; dx++) {
            int64_t at = (dy + LAG) * out->size + dx + LAG;
            double want = expected(kernel, kx, ky, dy, dx) / variance;
            assert_true(fabs(out->correlation[at] - want) <= 5.0 * out->bartlett[at] + 1e-15);
        }
    assert_true(out->p_value < 1e-10);
    wk_correlation_free(out);
    free(values);
}

static void test_smoothing_kernels(void **state)
{
    (void)state;
    const double box[] = {0.5, 0.5, 0.5, 0.5}, row[] = {0.25, 0.5, 0.25};
    const double skew[] = {1.0, 0.2, 0.0, -0.3, 0.7, 0.1};
    check_kernel(box, 2, 2);
    check_kernel(row, 3, 1);
    check_kernel(row, 1, 3);
    check_kernel(skew, 3, 2);
    check_kernel(skew, 2, 3);
}

/* A shift by f pixels: C(0) = (1 - f)^2 + f^2 and C(1) = f (1 - f), of noise of variance 1. */
static void test_bilinear_shift(void **state)
{
    (void)state;
    for (double f = 0.1; f < 0.95; f += 0.2) {
        double kernel[] = {1.0 - f, f};
        double zero = (1.0 - f) * (1.0 - f) + f * f, one = f * (1.0 - f);
        float *values = smoothed(kernel, 2, 1, 600, 600);
        wk_correlation *out = corr_measure(values, 600, 600, 1);
        /* 2 sum rho^2 / N of the variance's square */
        double error = sqrt(2.0 * (1.0 + 2.0 * one * one / zero / zero)) / 600.0;
        assert_true(fabs(out->covariance[4] / zero - 1.0) < 5.0 * error);
        assert_true(fabs(out->correlation[5] - one / zero) < 5.0 * out->bartlett[5]);
        assert_true(fabs(out->correlation[1]) < 5.0 * out->bartlett[1]);
        wk_correlation_free(out);
        free(values);
    }
}

static wk_status check_one(wk_correlation_options options, const char *subject)
{
    wk_error error;
    memset(&error, 0, sizeof error);
    wk_status status = wk_correlation_check(&options, &error);
    assert_string_equal(error.subject, subject);
    return status;
}

static void test_options(void **state)
{
    (void)state;
    wk_correlation_options good = wk_correlation_options_default(), bad = good;
    assert_int_equal(good.lag, 1);
    assert_int_equal(good.way, WK_CORRELATION_AUTO);
    assert_true(good.correct_mean == 0 && good.blocks[0] == 8 && good.blocks[1] == 4);
    assert_int_equal(check_one(good, ""), WK_OK);
    assert_int_equal(wk_correlation_check(NULL, NULL), WK_OK);
    bad.lag = -1;
    assert_int_equal(check_one(bad, "lag"), WK_ARGUMENT);
    bad.lag = 1025;
    assert_int_equal(check_one(bad, "lag"), WK_ARGUMENT);
    bad = good;
    bad.way = (wk_correlation_way)3;
    assert_int_equal(check_one(bad, "way"), WK_ARGUMENT);
    bad = good;
    bad.blocks[1] = -2;
    assert_int_equal(check_one(bad, "blocks"), WK_ARGUMENT);
    bad.blocks[1] = 257;
    assert_int_equal(check_one(bad, "blocks"), WK_ARGUMENT);
}

static void test_refuses_samples(void **state)
{
    (void)state;
    float single[] = {1.0F};
    double full[] = {1.0};
    wk_samples both = {1, 1, single, full, NULL, NULL}, none = {1, 1, NULL, NULL, NULL, NULL};
    wk_samples empty = {0, 1, single, NULL, NULL, NULL};
    wk_correlation *out;
    assert_int_equal(wk_correlation_measure(&out, &both, NULL, NULL, NULL), WK_ARGUMENT);
    assert_int_equal(wk_correlation_measure(&out, &none, NULL, NULL, NULL), WK_ARGUMENT);
    assert_int_equal(wk_correlation_measure(&out, &empty, NULL, NULL, NULL), WK_ARGUMENT);
    assert_int_equal(wk_correlation_measure(&out, NULL, NULL, NULL, NULL), WK_ARGUMENT);
    assert_null(out);
}

static int stop(const wk_progress *progress, void *payload)
{
    (void)payload;
    assert_string_equal(progress->stage, "correlate");
    return 1;
}

static void test_can_be_cancelled(void **state)
{
    (void)state;
    corr_image image = corr_make(20, 300, 0.0, 1);
    wk_samples samples = corr_samples(&image);
    wk_context context = {.threads = 1, .progress = stop};
    wk_correlation *out;
    assert_int_equal(wk_correlation_measure(&out, &samples, NULL, &context, NULL), WK_CANCELLED);
    assert_null(out);
    corr_release(&image);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_four_pixels),
        cmocka_unit_test(test_correction_of_the_mean),
        cmocka_unit_test(test_one_pixel_and_equal_pixels),
        cmocka_unit_test(test_no_data),
        cmocka_unit_test(test_counts_what_is_left_out),
        cmocka_unit_test(test_symmetry_and_types),
        cmocka_unit_test(test_ways_agree),
        cmocka_unit_test(test_weighted_form),
        cmocka_unit_test(test_smoothing_kernels),
        cmocka_unit_test(test_bilinear_shift),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_refuses_samples),
        cmocka_unit_test(test_can_be_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
