/* What both ways to sum over pairs must do.  A test names its way, CORR_WAY, before it includes
 * this, and takes CORR_WAY_TESTS into its list. */
#ifndef WELKIN_TESTS_CORRELATION_WAY_H
#define WELKIN_TESTS_CORRELATION_WAY_H

#include "correlation_case.h"

/* Sums of deviations of about 3: 1e-9 of the variance a pair is promised; some 1e-14 are wrong. */
#define TOLERANCE 1e-12

static void check(int64_t width, int64_t height, double fraction, int64_t lag, int64_t bx,
                  int64_t by)
{
    corr_image image = corr_make(width, height, fraction, (uint64_t)(width + lag));
    wk_samples samples = corr_samples(&image);
    image.values[0] = 999.0F; /* one good pixel at least */
    image.bad[0] = 0;
    wk_correlation_sums sums = corr_sums(CORR_WAY, &samples, lag, bx, by, 1);
    corr_assert_sums(&sums, &samples, TOLERANCE);
    wk_correlation_sums_release(&sums);
    corr_release(&image);
}

static void test_is_the_definition(void **state)
{
    (void)state;
    check(23, 17, 0.3, 1, 0, 0);
    check(23, 17, 0.0, 3, 1, 1);
    check(40, 31, 0.3, 2, 3, 2);
    check(130, 9, 0.5, 5, 8, 4);
    check(70, 12, 0.2, 0, 2, 2);
    check(19, 21, 0.2, 7, 8, 4);
    check(33, 30, 0.3, 9, 2, 3);
}

/* Lags that reach over the whole image, lines, single pixels, more blocks than pixels. */
static void test_small_images(void **state)
{
    (void)state;
    check(5, 4, 0.3, 8, 0, 0);
    check(1, 37, 0.3, 4, 8, 4);
    check(37, 1, 0.3, 4, 8, 4);
    check(1, 1, 0.0, 3, 8, 4);
    check(2, 2, 0.0, 1, 8, 4);
    check(3, 2, 0.0, 33, 8, 4);
}

/* Rows longer than a segment, columns longer than a strip, and pieces of a block. */
static void test_large_images(void **state)
{
    (void)state;
    check(1100, 3, 0.3, 1, 1, 1);
    check(3, 1100, 0.3, 2, 1, 2);
    check(1500, 2, 0.1, 1, 2, 1);
}

/* Lags beyond those whose blocks are kept. */
static void test_large_lag(void **state)
{
    (void)state;
    corr_image image = corr_make(60, 50, 0.3, 8);
    wk_samples samples = corr_samples(&image);
    wk_correlation_sums sums = corr_sums(CORR_WAY, &samples, 40, 8, 4, 2);
    assert_int_equal(sums.blocks[0] * sums.blocks[1], 1);
    corr_assert_sums(&sums, &samples, TOLERANCE);
    wk_correlation_sums_release(&sums);
    corr_release(&image);
}

static void test_checkerboard(void **state)
{
    (void)state;
    corr_image image = corr_make(16, 15, 0.0, 4);
    for (int i = 0; i < 16 * 15; i++)
        image.bad[i] = (uint8_t)((i / 16 + i % 16) % 2);
    wk_samples samples = corr_samples(&image);
    wk_correlation_sums sums = corr_sums(CORR_WAY, &samples, 2, 2, 2, 1);
    corr_assert_sums(&sums, &samples, TOLERANCE);
    for (int64_t k = 0; k < 4; k++)
        assert_int_equal(sums.pairs[k * sums.half + wk_correlation_index(2, 0, 1)], 0);
    wk_correlation_sums_release(&sums);
    corr_release(&image);
}

static void test_threads_change_no_bit(void **state)
{
    (void)state;
    corr_image image = corr_make(131, 202, 0.2, 6);
    wk_samples samples = corr_samples(&image);
    for (int64_t lag = 1; lag < 80; lag += 38) {
        wk_correlation_sums one = corr_sums(CORR_WAY, &samples, lag, 3, 2, 1);
        wk_correlation_sums two = corr_sums(CORR_WAY, &samples, lag, 3, 2, 2);
        wk_correlation_sums seven = corr_sums(CORR_WAY, &samples, lag, 3, 2, 7);
        assert_true(corr_same_bits(&one, &two) && corr_same_bits(&one, &seven));
        wk_correlation_sums_release(&one);
        wk_correlation_sums_release(&two);
        wk_correlation_sums_release(&seven);
    }
    corr_release(&image);
}

/* A scale of the values scales the sums; a power of two does it exactly. */
static void test_units_do_not_matter(void **state)
{
    (void)state;
    corr_image image = corr_make(60, 50, 0.2, 6), other = corr_make(60, 50, 0.2, 6);
    for (int i = 0; i < 3000; i++)
        if (other.bad[i] == 0)
            other.values[i] *= 0x1p60F;
    wk_samples samples = corr_samples(&image), large = corr_samples(&other);
    wk_correlation_sums a = corr_sums(CORR_WAY, &samples, 4, 2, 2, 1);
    wk_correlation_sums b = corr_sums(CORR_WAY, &large, 4, 2, 2, 1);
    for (int64_t i = 0; i < 4 * a.half; i++) {
        assert_int_equal(a.pairs[i], b.pairs[i]);
        assert_true(ldexp(a.product[i], 120) == b.product[i]);
    }
    wk_correlation_sums_release(&a);
    wk_correlation_sums_release(&b);
    corr_release(&image);
    corr_release(&other);
}

#define CORR_WAY_TESTS                                                                             \
    cmocka_unit_test(test_is_the_definition), cmocka_unit_test(test_small_images),                 \
        cmocka_unit_test(test_large_images), cmocka_unit_test(test_large_lag),                     \
        cmocka_unit_test(test_checkerboard), cmocka_unit_test(test_threads_change_no_bit),         \
        cmocka_unit_test(test_units_do_not_matter)

#endif
