#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "figure_case.h"
#include "welkin/figure.h"
#include "figure_variance.h"

enum { BINS = 80 };

static double median_of(const int64_t *counts, int size, int64_t below, int64_t above)
{
    wk_bins bins = {.low = 0, .high = 10, .size = size, .below = below, .above = above};
    int64_t copy[8];
    bins.total = below + above;
    for (int k = 0; k < size; k++)
        bins.total += copy[k] = counts[k];
    bins.counts = copy;
    return wk_bins_median(&bins);
}

static void test_median(void **state)
{
    (void)state;
    const int64_t even[] = {1, 1, 1, 1, 1}, one[] = {0, 0, 8, 0, 0}, none[] = {0, 0, 0, 0, 0},
                  gap[] = {4, 0, 0, 0, 4}, left[] = {6, 2, 0, 0, 0};
    assert_true(fabs(median_of(even, 5, 0, 0) - 5) < 1e-12);
    assert_true(fabs(median_of(one, 5, 0, 0) - 5) < 1e-12);
    assert_true(fabs(median_of(gap, 5, 0, 0) - 2) < 1e-12);        /* its upper half begins there */
    assert_true(fabs(median_of(left, 5, 0, 0) - 4.0 / 3) < 1e-12); /* 4 of 6 in a bin of 2 */
    assert_true(fabs(median_of(one, 5, 2, 0) - 4.75) < 1e-12);     /* 3 of 8 */
    assert_true(median_of(none, 5, 0, 0) == 0);
    assert_true(median_of(even, 5, 9, 0) == 0);
    assert_true(median_of(even, 5, 0, 9) == 10);
}

/* A million values with the given width, as the normal distribution has them in each bin. */
static void make_counts(int64_t counts[BINS], double width)
{
    for (int k = 0; k < BINS; k++) {
        double from = -6 + 12.0 * k / BINS, to = from + 12.0 / BINS;
        double part = 0.5 * (erf(to / width / sqrt(2)) - erf(from / width / sqrt(2)));
        counts[k] = (int64_t)llround(1e6 * part);
    }
}

static wk_variance_result result_of(double factor)
{
    wk_variance_result result = {.pixel = factor,
                                 .image = 1.02 * factor,
                                 .factor = factor,
                                 .used = WK_VARIANCE_PIXEL,
                                 .error = 0.003 * factor,
                                 .agreement = 1 / 1.02 - 1,
                                 .good = 1000000,
                                 .masked = 24};
    return result;
}

static wk_status draw(const char *name, const int64_t *counts, const wk_variance_result *result,
                      int overwrite, wk_error *error)
{
    return wk_figure_variance(in_folder(name), counts, BINS, -6, 6, 3, 5, result, "name", overwrite,
                              error);
}

static int reddish(unsigned value)
{
    return (int)(value >> 16 & 255) > (int)(value & 255) + 40;
}

/* The highest place of a column that is inked, as a share of the box's height. */
static double top_of(cairo_surface_t *image, wk_box box, double x, int red)
{
    for (int y = (int)box.y; y < box.y + box.height; y++) {
        unsigned value = pixel(image, x, y);
        if (red ? reddish(value) : value != 0xffffff)
            return 1 - (y - box.y) / box.height;
    }
    return 0;
}

/* Both curves peak at the middle: that of width 1 highest, at 1 / 1.08 of the height; that of width
 * sqrt(2.25) at two thirds of it.  The curves are 2 units wide, the box has 480. */
static void test_curves(void **state)
{
    (void)state;
    int64_t counts[BINS];
    wk_variance_result result = result_of(2.25);
    make_counts(counts, 1.5);
    assert_int_equal(draw("a.png", counts, &result, 0, NULL), WK_OK);
    cairo_surface_t *image = cairo_image_surface_create_from_png(in_folder("a.png"));
    assert_int_equal(cairo_image_surface_get_width(image), WK_FIGURE_VARIANCE_WIDTH);
    assert_int_equal(cairo_image_surface_get_height(image), WK_FIGURE_VARIANCE_HEIGHT);
    wk_box box = wk_figure_variance_box(0);
    double middle = box.x + box.width / 2;
    assert_true(fabs(top_of(image, box, middle, 0) - 1 / 1.08) < 0.01);
    assert_true(fabs(top_of(image, box, middle, 1) - 1 / 1.08 / 1.5) < 0.01);
    /* at 3 the measured one is exp(-2) of its peak; the box spans 12 * 1.06 */
    double three = middle + 3 / 12.72 * box.width;
    assert_true(fabs(top_of(image, box, three, 1) - exp(-2) / 1.08 / 1.5) < 0.015);
    /* on the logarithmic axis powers of ten are equally far: log10(2 * 1e6 * 0.15 / sqrt(2 pi) /
     * 1.5 * exp(-0.5 (v / 1.5)^2)) of the whole range */
    box = wk_figure_variance_box(1);
    double peak = log10(1e6 * 0.15 / sqrt(8 * atan(1)));
    double range = 1.05 * peak + 0.1 + log10(2);
    for (int v = -5; v <= 5; v += 5) {
        double height = peak - log10(1.5) - 0.5 * v * v / 2.25 * log10(exp(1)) + log10(2);
        double got = top_of(image, box, box.x + box.width / 2 + v / 12.72 * box.width, 1);
        assert_true(fabs(got - height / range) < 0.02);
    }
    for (int y = 0; y < WK_FIGURE_VARIANCE_HEIGHT; y++)
        assert_int_equal(pixel(image, WK_FIGURE_VARIANCE_WIDTH - 5, y), 0xffffff);
    cairo_surface_destroy(image);
}

static void test_statuses(void **state)
{
    (void)state;
    int64_t counts[BINS];
    wk_error error = {0};
    wk_variance_result result = result_of(1);
    make_counts(counts, 1);
    static const char *const files[] = {"a.png", "a.svg", "a.pdf"};
    for (int k = 0; k < 3; k++) {
        assert_int_equal(draw(files[k], counts, &result, 0, &error), WK_OK);
        assert_int_equal(draw(files[k], counts, &result, 0, &error), WK_EXISTS);
        assert_int_equal(draw(files[k], counts, &result, 1, &error), WK_OK);
    }
    assert_int_equal(draw("a.gif", counts, &result, 0, &error), WK_ARGUMENT);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(draw("b.png", NULL, &result, 0, &error), WK_ARGUMENT);
    const char *name = in_folder("b.png");
    assert_int_equal(wk_figure_variance(name, counts, 0, -6, 6, 0, 0, &result, NULL, 0, &error),
                     WK_ARGUMENT);
    assert_int_equal(wk_figure_variance(name, counts, BINS, 6, 6, 0, 0, &result, NULL, 0, &error),
                     WK_ARGUMENT);
    assert_int_equal(
        wk_figure_variance(name, counts, BINS, (double)NAN, 6, 0, 0, &result, NULL, 0, &error),
        WK_ARGUMENT);
    assert_int_equal(access(path, F_OK), -1);
}

static void test_same_bytes(void **state)
{
    (void)state;
    int64_t counts[BINS];
    wk_variance_result result = result_of(1.2);
    make_counts(counts, 1.1);
    assert_int_equal(draw("a.png", counts, &result, 0, NULL), WK_OK);
    assert_int_equal(draw("b.png", counts, &result, 0, NULL), WK_OK);
    expect_equal_files("a.png", "b.png", 1);
    result.image = 1.3;
    assert_int_equal(draw("b.png", counts, &result, 1, NULL), WK_OK);
    expect_equal_files("a.png", "b.png", 0);
}

/* What a measurement gives for no pixel, one, equal ones, and what it refuses. */
static void test_degenerate(void **state)
{
    (void)state;
    int64_t counts[BINS] = {0};
    const double factors[] = {1, 0, (double)NAN, (double)INFINITY, 1e12, 1e-12, -1};
    for (size_t k = 0; k < sizeof factors / sizeof *factors; k++) {
        wk_variance_result result = result_of(factors[k]);
        result.raised = k % 2;
        counts[40] = (int64_t)k;
        assert_int_equal(draw("a.png", counts, &result, 1, NULL), WK_OK);
        result.used = WK_VARIANCE_IMAGE;
        result.error = result.agreement = (double)NAN;
        result.good = (int64_t)k;
        assert_int_equal(
            wk_figure_variance(in_folder("a.png"), counts, 1, -1, 1, 0, 0, &result, NULL, 1, NULL),
            WK_OK);
    }
}

#define FIGURE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIGURE_TEST(test_median),     FIGURE_TEST(test_curves),     FIGURE_TEST(test_statuses),
        FIGURE_TEST(test_same_bytes), FIGURE_TEST(test_degenerate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
