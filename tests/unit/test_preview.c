#include "preview_case.h"

static void test_facts(void **state)
{
    (void)state;
    double limits[2];
    const double marks[] = {0, 0, 59.4, 39.4, 60, 3, -0.6, 2, NAN, 5};
    wk_preview_image image = case_image();
    wk_preview_options options = case_options();
    image.marks = marks;
    image.mark_count = 5;
    options.width = options.height = 30;
    wk_preview *preview = case_preview(&image, 1, &options);
    wk_preview_get_limits(limits, preview);
    assert_true(limits[0] == 0 && limits[1] == 60);
    wk_preview_facts facts = wk_preview_describe(preview, 0);
    assert_int_equal(facts.pixels, 2400);
    assert_int_equal(facts.finite, 2400);
    assert_true(facts.min == 0 && facts.max == 60);
    assert_int_equal(facts.binning, 2);
    assert_int_equal(facts.enlarging, 1);
    assert_int_equal(facts.width, 30);
    assert_int_equal(facts.height, 20);
    assert_int_equal(facts.marked, 2);
    assert_int_equal(wk_preview_flagged(preview, 0, 0), 0);
    wk_preview_free(preview);
    options.width = 200;
    options.height = 130;
    preview = case_preview(&image, 1, &options);
    facts = wk_preview_describe(preview, 0);
    assert_int_equal(facts.binning, 1);
    assert_int_equal(facts.enlarging, 3);
    wk_preview_free(preview);
    wk_preview_free(NULL);
}

static void refused(wk_preview_options options, wk_status status)
{
    wk_preview *preview = NULL;
    wk_preview_image image = case_image();
    wk_error error = {0};
    assert_int_equal(wk_preview_create(&preview, &image, 1, &options, NULL, &error), status);
    assert_null(preview);
    assert_true(error.message[0] != '\0');
}

static void test_refusals(void **state)
{
    (void)state;
    const wk_preview_options good = case_options();
    wk_preview_options bad = good;
    bad.low = 60;
    refused(bad, WK_ARGUMENT);
    bad = good;
    bad.high = INFINITY;
    refused(bad, WK_ARGUMENT);
    bad = good;
    bad.limits = WK_PREVIEW_PERCENTILE;
    bad.high = 101;
    refused(bad, WK_ARGUMENT);
    bad = good;
    bad.width = 0;
    refused(bad, WK_ARGUMENT);
    bad = good;
    bad.height = 40000;
    refused(bad, WK_ARGUMENT);
    bad = good;
    bad.q = NAN;
    refused(bad, WK_ARGUMENT);
    bad = good;
    bad.axes = WK_PREVIEW_AXES_SKY;
    refused(bad, WK_WCS);
    wk_preview *preview = NULL;
    assert_int_equal(wk_preview_create(&preview, NULL, 0, &good, NULL, NULL), WK_ARGUMENT);
}

/* Equal shares of the shades: the columns of the ramp are its ranks. */
static void test_histeq(void **state)
{
    (void)state;
    wk_preview_image image = case_image();
    wk_preview_options options = case_options();
    options.scale = WK_PREVIEW_HISTEQ;
    wk_preview *preview = case_preview(&image, 1, &options);
    assert_true(fabs(wk_stretch_at(&preview->stretch, 29.5) - 0.5) < 0.01);
    assert_true(wk_stretch_at(&preview->stretch, 10) < 0.2);
    wk_preview_free(preview);
}

static void test_pixels_that_are_not_finite(void **state)
{
    (void)state;
    wk_preview *preview = NULL;
    wk_preview_image image = case_image();
    case_pixels[3][3] = NAN;
    wk_preview_options options = case_options();
    preview = case_preview(&image, 1, &options);
    assert_int_equal(wk_preview_describe(preview, 0).finite, 2399);
    wk_preview_free(preview);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_histeq),
        cmocka_unit_test(test_pixels_that_are_not_finite),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
