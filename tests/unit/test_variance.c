#include "picture.h"

#include "welkin/variance.h"

/* 0.74 times the distance of a Gaussian's quartiles, squared: LSST's constant is a little small. */
#define GAUSSIAN (0.74 * 1.3489795003921634 * 0.74 * 1.3489795003921634)

static wk_variance_options plain(void)
{
    wk_variance_options options = {WK_VARIANCE_AUTO, 10.0, 0.0, 0, 0, {0}};
    return options;
}

static wk_status measure(wk_variance_result *out, const picture *one,
                         const wk_variance_options *options)
{
    return wk_variance_measure(out, &one->rows, NULL, NULL, options, NULL, NULL);
}

/* Signal-to-noise ratios 1 to 10, variance 1. */
static void one_to_ten(picture *one)
{
    picture_make(one, 5, 2, 1);
    for (int i = 0; i < 10; i++)
        one->data[i] = (float)(10 - i);
}

static void test_defaults(void **state)
{
    (void)state;
    wk_variance_options options = wk_variance_options_default();
    assert_int_equal(options.method, WK_VARIANCE_AUTO);
    assert_true(options.limit == 10.0 && options.floor == 0.0);
    assert_int_equal(options.exact, 0);
    assert_int_equal(options.background, 1);
    assert_int_equal(options.fit.preset, WK_PRESET_LSST);
    assert_true(options.fit.box[0] == 32 && options.fit.box[1] == 32);
    assert_int_equal(wk_variance_check(&options, NULL), WK_OK);
    assert_int_equal(wk_variance_check(NULL, NULL), WK_OK);
}

static void check_refused(wk_variance_options options, const char *named)
{
    wk_error error;
    assert_int_equal(wk_variance_check(&options, &error), WK_ARGUMENT);
    assert_string_equal(error.subject, named);
    picture one;
    one_to_ten(&one);
    wk_variance_result out;
    assert_int_equal(measure(&out, &one, &options), WK_ARGUMENT);
    picture_free(&one);
}

static void test_options_out_of_range(void **state)
{
    (void)state;
    wk_variance_options options = plain();
    options.method = (wk_variance_method)3;
    check_refused(options, "method");
    const double limits[] = {0.0, -1.0, (double)NAN};
    for (int i = 0; i < 3; i++) {
        options = plain();
        options.limit = limits[i];
        check_refused(options, "limit");
    }
    const double floors[] = {-0.1, (double)NAN, (double)INFINITY, 10.5};
    for (int i = 0; i < 4; i++) {
        options = plain();
        options.floor = floors[i];
        check_refused(options, "floor");
    }
    options = plain();
    options.limit = (double)INFINITY; /* no limit */
    assert_int_equal(wk_variance_check(&options, NULL), WK_OK);
}

/* Quartiles 3.25 and 7.75. */
static void test_one_to_ten(void **state)
{
    (void)state;
    picture one;
    one_to_ten(&one);
    wk_variance_options options = plain();
    options.limit = 20.0;
    wk_variance_result out;
    assert_int_equal(measure(&out, &one, &options), WK_OK);
    assert_true(fabs(out.pixel - 11.0889) < 1e-12); /* rounding of a product */
    assert_true(out.image == out.pixel && out.factor == out.pixel);
    assert_true(out.agreement == 0.0);
    assert_int_equal(out.used, WK_VARIANCE_PIXEL);
    assert_int_equal(out.raised, 0);
    assert_int_equal(out.good, 10);
    assert_int_equal(out.masked, 0);
    /* 2.3327745749 is 1 / (density at the quartile * 1.34898); ten digits are given */
    assert_true(fabs(out.error - 2.3327745749 / sqrt(10.0) * 11.0889) < 1e-8);
    options.exact = 1;
    assert_int_equal(measure(&out, &one, &options), WK_OK);
    double exact = 0.741301109252802 * 4.5;
    assert_true(out.factor == exact * exact);
    picture_free(&one);
}

static void test_limit_is_strict(void **state)
{
    (void)state;
    picture one;
    one_to_ten(&one);
    double width = 0.74 * 4.5;
    wk_variance_options options = plain();
    wk_variance_result out;
    wk_error error;
    options.limit = width * width;
    assert_int_equal(measure(&out, &one, &options), WK_OK);
    assert_true(out.factor == options.limit);
    options.limit = nextafter(options.limit, 0.0);
    assert_int_equal(wk_variance_measure(&out, &one.rows, NULL, NULL, &options, NULL, &error),
                     WK_NO_CONVERGENCE);
    assert_non_null(strstr(error.message, "11.0889"));
    assert_non_null(strstr(error.message, "image"));
    assert_true(out.pixel == width * width && out.image == out.pixel && isnan(out.factor));
    picture_free(&one);
}

/* Variances 20 times too small: both factors are too large, and nothing is touched. */
static void test_limit_exceeded(void **state)
{
    (void)state;
    picture one, copy;
    picture_make(&one, 300, 300, 6);
    picture_make(&copy, 300, 300, 6);
    for (int i = 0; i < 300 * 300; i++)
        one.variance[i] = copy.variance[i] = 0.05F;
    wk_variance_result out;
    wk_error error;
    wk_variance_options options = plain();
    assert_int_equal(wk_variance_measure(&out, &one.rows, NULL, NULL, &options, NULL, &error),
                     WK_NO_CONVERGENCE);
    double scatter = 5.0 * 2.33 / 300.0;
    assert_true(fabs(out.pixel / (20.0 * GAUSSIAN) - 1.0) < scatter);
    assert_true(fabs(out.image / (20.0 * GAUSSIAN) - 1.0) < scatter);
    assert_int_equal(out.used, WK_VARIANCE_IMAGE);
    assert_int_equal(out.good, 90000);
    assert_memory_equal(one.data, copy.data, 90000 * sizeof(float));
    assert_memory_equal(one.variance, copy.variance, 90000 * sizeof(float));
    options.method = WK_VARIANCE_PIXEL;
    assert_int_equal(wk_variance_measure(&out, &one.rows, NULL, NULL, &options, NULL, &error),
                     WK_NO_CONVERGENCE);
    assert_non_null(strstr(error.message, "pixel"));
    assert_int_equal(out.used, WK_VARIANCE_PIXEL);
    picture_free(&one);
    picture_free(&copy);
}

static void note(wk_level level, const char *message, void *payload)
{
    int *notes = payload;
    assert_non_null(strstr(message, "limit"));
    *notes += level == WK_LOG_INFO;
}

/* 49 % of the pixels have variances that are far too small: the quartiles of the ratios move out to
 * 2.33, where the others hold 1 of 51, (0.74 * 4.66)^2 = 11.9.  The pixels' factor is refused, the
 * image's, with the median variance, is taken. */
static void test_falls_back_to_the_image(void **state)
{
    (void)state;
    picture one;
    picture_make(&one, 500, 400, 7);
    for (int64_t i = 0; i < 500 * 400; i++)
        one.variance[i] = i % 100 < 49 ? 1e-6F : 1.0F;
    int notes = 0;
    wk_context context = {1, 0, NULL, note, &notes};
    wk_variance_options options = plain();
    wk_variance_result out;
    assert_int_equal(wk_variance_measure(&out, &one.rows, NULL, NULL, &options, &context, NULL),
                     WK_OK);
    assert_int_equal(notes, 1);
    assert_int_equal(out.used, WK_VARIANCE_IMAGE);
    assert_true(out.pixel > 10.0 && out.factor == out.image);
    assert_true(fabs(out.image / GAUSSIAN - 1.0) < 5.0 * 2.33 / sqrt(200000.0));
    assert_true(out.agreement == out.pixel / out.image - 1.0);
    options.method = WK_VARIANCE_PIXEL;
    assert_int_equal(measure(&out, &one, &options), WK_NO_CONVERGENCE);
    options.limit = (double)INFINITY;
    assert_int_equal(measure(&out, &one, &options), WK_OK);
    assert_true(out.factor == out.pixel);
    options.method = WK_VARIANCE_IMAGE;
    assert_int_equal(measure(&out, &one, &options), WK_OK);
    assert_true(out.factor == out.image);
    picture_free(&one);
}

static void check_sparse(const picture *one, int64_t good)
{
    wk_variance_options options = plain();
    options.method = WK_VARIANCE_IMAGE;
    options.floor = 2.0;
    wk_variance_result out;
    assert_int_equal(measure(&out, one, &options), WK_SPARSE);
    assert_true(out.pixel == 1.0 && out.image == 1.0 && out.factor == 1.0);
    assert_true(out.agreement == 0.0 && isnan(out.error));
    assert_int_equal(out.used, WK_VARIANCE_IMAGE);
    assert_int_equal(out.good, good);
    assert_int_equal(out.masked, one->width * one->height - good);
}

static void test_too_few_pixels(void **state)
{
    (void)state;
    picture one;
    picture_make(&one, 9, 7, 8);
    memset(one.mask, 1, 63);
    check_sparse(&one, 0);
    one.mask[20] = 0;
    check_sparse(&one, 1);
    one.mask[21] = 0;
    one.data[21] = NAN;
    one.mask[22] = 0;
    one.data[22] = -INFINITY;
    const float useless[] = {0.0F, -1.0F, NAN, INFINITY};
    for (int i = 0; i < 4; i++) {
        one.mask[30 + i] = 0;
        one.variance[30 + i] = useless[i];
    }
    check_sparse(&one, 1);
    picture_free(&one);
    picture_make(&one, 1, 1, 8);
    check_sparse(&one, 1);
    picture_free(&one);
    picture_make(&one, 400, 400, 8); /* large enough for a sample, which is empty */
    for (int i = 0; i < 400 * 400; i++)
        one.data[i] = NAN;
    check_sparse(&one, 0);
    picture_free(&one);
}

static void test_constant_image(void **state)
{
    (void)state;
    for (int64_t side = 3; side < 1000; side *= 100) {
        picture one;
        picture_make(&one, side, side, 9);
        for (int64_t i = 0; i < side * side; i++)
            one.data[i] = 4.0F;
        wk_variance_options options = plain();
        wk_variance_result out;
        wk_error error;
        assert_int_equal(wk_variance_measure(&out, &one.rows, NULL, NULL, &options, NULL, &error),
                         WK_NO_DATA);
        assert_non_null(strstr(error.message, "0"));
        assert_true(out.pixel == 0.0 && out.image == 0.0 && isnan(out.factor));
        options.floor = 0.25;
        assert_int_equal(measure(&out, &one, &options), WK_OK);
        assert_true(out.factor == 0.25 && out.raised);
        picture_free(&one);
    }
}

static void test_floor(void **state)
{
    (void)state;
    picture one;
    one_to_ten(&one);
    wk_variance_options options = plain();
    wk_variance_result out;
    options.limit = 20.0;
    options.floor = 12.0;
    assert_int_equal(measure(&out, &one, &options), WK_OK);
    assert_true(out.factor == 12.0 && out.raised);
    assert_true(fabs(out.pixel - 11.0889) < 1e-12);
    options.floor = 11.0;
    assert_int_equal(measure(&out, &one, &options), WK_OK);
    assert_true(out.factor == out.pixel && !out.raised);
    picture_free(&one);
}

/* Ratios that overflow float32 are infinite, on both sides: the width is infinite, or no number. */
static void test_no_number_is_never_accepted(void **state)
{
    (void)state;
    picture one;
    one_to_ten(&one);
    for (int i = 0; i < 10; i++) {
        one.data[i] = i < 9 ? 1e30F + 1e29F * (float)i : 2e30F;
        one.variance[i] = 1e-40F;
    }
    wk_variance_options options = plain();
    wk_variance_result out;
    options.method = WK_VARIANCE_PIXEL;
    options.floor = 0.5;
    options.limit = (double)INFINITY;
    assert_int_equal(measure(&out, &one, &options), WK_NO_DATA); /* infinity less infinity */
    assert_true(isnan(out.pixel) && isnan(out.factor));
    options.method = WK_VARIANCE_AUTO;
    assert_int_equal(measure(&out, &one, &options), WK_OK);
    assert_int_equal(out.used, WK_VARIANCE_IMAGE);
    for (int i = 0; i < 5; i++)
        one.data[i] = -1e30F;
    options.method = WK_VARIANCE_PIXEL;
    assert_int_equal(measure(&out, &one, &options), WK_NO_DATA); /* infinite, without a limit */
    options.limit = 1e300;
    assert_int_equal(measure(&out, &one, &options), WK_NO_CONVERGENCE);
    picture_free(&one);
}

/* Rows for one reader only are read by one. */
static wk_status read_alone(void *payload, int worker, wk_rect rect, float *data, uint8_t *bad,
                            float *variance, wk_error *error)
{
    const wk_rows *rows = payload;
    assert_int_equal(worker, 0);
    if (rect.y > 400)
        return WK_CANCELLED;
    return rows->read(rows->payload, worker, rect, data, bad, variance, error);
}

static void test_readers_and_their_failures(void **state)
{
    (void)state;
    picture one;
    picture_make(&one, 400, 800, 12);
    wk_rows alone = one.rows;
    alone.payload = &one.rows;
    alone.read = read_alone;
    alone.workers = 1;
    wk_context context = {4, 0, NULL, NULL, NULL};
    wk_rect upper = {0, 0, 400, 400};
    wk_variance_options options = plain();
    wk_variance_result out;
    assert_int_equal(wk_variance_measure(&out, &alone, NULL, &upper, &options, &context, NULL),
                     WK_OK);
    assert_int_equal(wk_variance_measure(&out, &alone, NULL, NULL, &options, &context, NULL),
                     WK_CANCELLED);
    picture_free(&one);
}

static void test_refuses(void **state)
{
    (void)state;
    picture one;
    picture_make(&one, 10, 8, 13);
    wk_variance_result out;
    wk_error error;
    const wk_rect outside[] = {{-1, 0, 5, 5}, {0, 4, 10, 5}, {0, 0, 11, 1}, {0, 0, 0, 4}};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(
            wk_variance_measure(&out, &one.rows, NULL, &outside[i], NULL, NULL, &error),
            WK_ARGUMENT);
        assert_non_null(strstr(error.message, "10 x 8"));
    }
    one.rows.has_variance = 0;
    assert_int_equal(wk_variance_measure(&out, &one.rows, NULL, NULL, NULL, NULL, &error),
                     WK_ARGUMENT);
    assert_non_null(strstr(error.message, "variances"));
    picture_free(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_options_out_of_range),
        cmocka_unit_test(test_one_to_ten),
        cmocka_unit_test(test_limit_is_strict),
        cmocka_unit_test(test_limit_exceeded),
        cmocka_unit_test(test_falls_back_to_the_image),
        cmocka_unit_test(test_too_few_pixels),
        cmocka_unit_test(test_constant_image),
        cmocka_unit_test(test_floor),
        cmocka_unit_test(test_no_number_is_never_accepted),
        cmocka_unit_test(test_readers_and_their_failures),
        cmocka_unit_test(test_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
