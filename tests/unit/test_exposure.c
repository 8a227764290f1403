#include "fits_fixture.h"

#include "welkin/exposure.h"

static wk_exposure *open_second(void)
{
    static wk_exposure **exposures;
    size_t count = 0;
    fitsfile *file = fixture_create("a.fits");
    fixture_empty(file);
    fixture_key(file, "OBJECT", "M 31");
    fixture_key(file, "VISIT", "primary");
    for (int version = 1; version <= 2; version++)
        fixture_ramp(file, FLOAT_IMG, 4, 3, "SCI", version, 0);
    fixture_key(file, "VISIT", "image");
    fixture_number(file, "PHOTFLAM", 1.5);
    fixture_close(file);
    char path[400];
    snprintf(path, sizeof path, "%s[SCI,2]", fixture_path("a.fits"));
    assert_int_equal(wk_exposures_open(&exposures, &count, path, NULL, NULL), WK_OK);
    assert_int_equal(count, 1);
    wk_exposure *exposure = exposures[0];
    exposures[0] = NULL; /* the array goes, its exposure stays */
    wk_exposures_free(exposures, count);
    return exposure;
}

static void release(wk_exposure *exposure)
{
    wk_exposure **array = malloc(sizeof *array);
    assert_non_null(array);
    array[0] = exposure;
    wk_exposures_free(array, 1);
}

static void test_options(void **state)
{
    (void)state;
    wk_exposure_options options = wk_exposure_options_default();
    assert_int_equal(options.layout, WK_LAYOUT_AUTO);
    assert_null(options.image_ext);
    assert_null(options.mask_ext);
    assert_null(options.variance_ext);
    assert_null(options.error_ext);
    assert_null(options.weight_ext);
    assert_null(options.mask_file);
    assert_null(options.weight_file);
    assert_null(options.bad_bits);
    assert_int_equal(options.no_mask, 0);
}

static void test_description(void **state)
{
    (void)state;
    wk_exposure *exposure = open_second();
    char expected[400];
    snprintf(expected, sizeof expected, "%s[2]", fixture_path("a.fits"));
    assert_string_equal(wk_exposure_name(exposure), expected);
    assert_int_equal(wk_exposure_describe(exposure)->image_hdu, 2);
    assert_string_equal(wk_exposure_describe(exposure)->file, fixture_path("a.fits"));
    release(exposure);
}

static void test_keywords(void **state)
{
    (void)state;
    char value[72];
    wk_error error;
    wk_exposure *exposure = open_second();
    assert_int_equal(wk_exposure_keyword(value, 72, exposure, "VISIT", &error), WK_OK);
    assert_string_equal(value, "image");
    assert_int_equal(wk_exposure_keyword(value, 72, exposure, "OBJECT", &error), WK_OK);
    assert_string_equal(value, "M 31");
    assert_int_equal(wk_exposure_keyword(value, 72, exposure, "PHOTFLAM", &error), WK_OK);
    assert_true(strtod(value, NULL) == 1.5);
    assert_int_equal(wk_exposure_keyword(value, 72, exposure, "ABSENT", &error), WK_HEADER);
    assert_non_null(strstr(error.message, "ABSENT"));
    assert_non_null(strstr(error.subject, "a.fits[2]"));
    assert_int_equal(wk_exposure_keyword(value, 3, exposure, "VISIT", &error), WK_OK);
    assert_string_equal(value, "im");
    assert_int_equal(wk_exposure_keyword(value, 0, exposure, "VISIT", &error), WK_ARGUMENT);
    assert_int_equal(wk_exposure_keyword(value, 72, exposure, "", &error), WK_ARGUMENT);
    remove(fixture_path("a.fits"));
    assert_int_equal(wk_exposure_keyword(value, 72, exposure, "VISIT", &error), WK_FILE);
    release(exposure);
}

static void test_nothing_to_free(void **state)
{
    (void)state;
    wk_exposures_free(NULL, 0);
    wk_exposures_free(NULL, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_description),
        cmocka_unit_test(test_keywords),
        cmocka_unit_test(test_nothing_to_free),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
