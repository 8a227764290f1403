#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "correlation_case.h"

/* Rows by the definition: residual or 0, one bit a pixel, and how many are lost to not being
 * finite. */
static void check_rows(const wk_samples *from, double mean, double scale)
{
    wk_correlation_field field = {.samples = from, .mean = mean, .scale = scale};
    double value[400];
    uint64_t marks[8];
    for (int64_t y = 0; y < from->height; y++)
        for (int64_t x = 0; x < from->width; x += 37) {
            int64_t n = from->width - x < 300 ? from->width - x : 300, lost = 0;
            memset(marks, 0xff, sizeof marks);
            value[n] = -7.0;
            int64_t got = wk_correlation_row(value, marks, &field, y, x, n);
            for (int64_t i = 0; i < n; i++) {
                double v;
                int good = corr_value(&v, from, y, x + i);
                int64_t at = y * from->width + x + i;
                double raw = from->single ? (double)from->single[at] : from->full[at];
                lost += !(from->bad && from->bad[at]) && !isfinite(raw);
                assert_int_equal(marks[i / 64] >> (i % 64) & 1, good);
                assert_true(value[i] == (good ? (v - mean) * scale : 0.0));
            }
            assert_int_equal(got, lost);
            assert_true(value[n] == -7.0);
            if (n % 64)
                assert_int_equal(marks[n / 64] >> (n % 64), 0);
        }
}

static void test_rows(void **state)
{
    (void)state;
    corr_image image = corr_make(333, 4, 0.4, 1);
    wk_samples samples = corr_samples(&image);
    check_rows(&samples, 1000.25, 1.0);
    check_rows(&samples, 0.0, 0.25);
    samples.bad = NULL;
    check_rows(&samples, 1000.25, 2.0);
    corr_release(&image);
}

/* Float64 values, and values over the root of their variance. */
static void test_rows_of_other_samples(void **state)
{
    (void)state;
    corr_image image = corr_make(150, 3, 0.3, 2);
    wk_samples samples = corr_samples(&image);
    double *full = malloc(450 * sizeof *full);
    float *variance = malloc(450 * sizeof *variance);
    assert_true(full && variance);
    const float odd[] = {0.0F, -1.0F, NAN, INFINITY};
    for (int i = 0; i < 450; i++) {
        full[i] = (double)image.values[i] * (1.0 + 1e-12);
        variance[i] = i % 7 == 0 ? odd[i % 4] : 1.0F + (float)(i % 5);
    }
    samples.variance = variance;
    check_rows(&samples, 400.0, 1.0);
    samples.single = NULL;
    samples.full = full;
    check_rows(&samples, 400.0, 1.0);
    samples.variance = NULL;
    check_rows(&samples, 1000.0, 1.0);
    free(full);
    free(variance);
    corr_release(&image);
}

/* The mean in long double; sums in double of 1e5 values of 1000 +- 3 about the first of them. */
static void test_mean(void **state)
{
    (void)state;
    for (int64_t width = 1; width < 3000; width = 3 * width + 1) {
        corr_image image = corr_make(width, 131, 0.3, 3);
        wk_samples samples = corr_samples(&image);
        wk_correlation_field field, other;
        wk_context one = {.threads = 1}, seven = {.threads = 7};
        assert_int_equal(wk_correlation_field_make(&field, &samples, &one, NULL), WK_OK);
        assert_int_equal(wk_correlation_field_make(&other, &samples, &seven, NULL), WK_OK);
        assert_true(fabs(field.mean - (double)corr_mean(&samples)) < 1e-12);
        assert_true(field.mean == other.mean && field.square == other.square);
        int64_t good = 0, lost = 0;
        double v;
        for (int64_t i = 0; i < width * 131; i++) {
            good += corr_value(&v, &samples, i / width, i % width);
            lost += !image.bad[i] && !isfinite(image.values[i]);
        }
        assert_int_equal(field.good, good);
        assert_int_equal(field.nonfinite, lost);
        assert_true(field.scale == 1.0 && field.samples == &samples);
        corr_release(&image);
    }
}

static void test_nothing_good(void **state)
{
    (void)state;
    float values[] = {1.0F, NAN, INFINITY};
    uint8_t bad[] = {1, 0, 0};
    wk_samples samples = {3, 1, values, NULL, bad, NULL};
    wk_correlation_field field;
    wk_error error;
    assert_int_equal(wk_correlation_field_make(&field, &samples, NULL, &error), WK_NO_DATA);
    assert_non_null(strstr(error.message, "3 x 1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_rows_of_other_samples),
        cmocka_unit_test(test_mean),
        cmocka_unit_test(test_nothing_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
