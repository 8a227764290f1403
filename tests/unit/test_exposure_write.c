#include "welkin/exposure.h"

#include <math.h>

#include "fits_case.h"

static const char *make_input(const char *name)
{
    const char *path = case_path(name);
    long axes[] = {8, 4};
    float pixels[32];
    int status = 0;
    fitsfile *file = case_create(path);
    for (int i = 0; i < 32; i++)
        pixels[i] = 0.5f * (float)i;
    fits_create_img(file, FLOAT_IMG, 2, axes, &status);
    fits_write_img(file, TFLOAT, 1, 32, pixels, &status);
    case_close(file, status);
    return path;
}

static wk_exposure **open_one(const char *path)
{
    wk_exposure **exposures = NULL;
    size_t count = 0;
    assert_int_equal(wk_exposures_open(&exposures, &count, path, NULL, NULL), WK_OK);
    assert_int_equal(count, 1);
    return exposures;
}

static void test_subtracts(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    wk_exposure **exposures = open_one(in);
    const wk_level_edit edit = {exposures[0], 2.25, 1};
    long count;
    (void)state;
    assert_int_equal(wk_exposures_write(out, &edit, 1, NULL, NULL), WK_OK);
    assert_int_equal(wk_exposures_write(out, &edit, 1, NULL, NULL), WK_EXISTS);
    double *pixels = case_pixels(out, 0, &count);
    assert_int_equal(count, 32);
    for (int i = 0; i < 32; i++)
        assert_true(pixels[i] == 0.5 * i - 2.25); /* exact in binary */
    free(pixels);
    case_checksums(out, 0);
    wk_exposures_free(exposures, 1);
    assert_int_equal(case_clear(), 2);
}

static void test_one_file_a_call(void **state)
{
    const char *a = make_input("a.fits"), *b = make_input("b.fits"), *out = case_path("out.fits");
    wk_exposure **first = open_one(a), **second = open_one(b);
    const wk_level_edit edits[] = {{first[0], 1, 1}, {second[0], 1, 1}};
    wk_error error;
    (void)state;
    assert_int_equal(wk_exposures_write(out, edits, 2, NULL, &error), WK_ARGUMENT);
    assert_string_equal(error.subject, wk_exposure_name(second[0]));
    assert_int_equal(wk_exposures_write(out, edits, 0, NULL, &error), WK_ARGUMENT);
    wk_exposures_free(first, 1);
    wk_exposures_free(second, 1);
    assert_int_equal(case_clear(), 2);
}

static void test_invalid_copies(void **state)
{
    const char *in = make_input("in.fits"), *out = case_path("out.fits");
    wk_exposure **exposures = open_one(in);
    const wk_level_edit edit = {exposures[0], (double)NAN, 0};
    (void)state;
    assert_int_equal(wk_exposures_write(out, &edit, 1, NULL, NULL), WK_OK);
    case_same(in, out);
    wk_exposures_free(exposures, 1);
    case_clear();
}

static void test_defaults(void **state)
{
    const wk_write_options options = wk_write_options_default();
    (void)state;
    assert_string_equal(options.method, "match");
    assert_true(options.subtract && !options.overwrite && !options.durable && !options.cards);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subtracts),
        cmocka_unit_test(test_one_file_a_call),
        cmocka_unit_test(test_invalid_copies),
        cmocka_unit_test(test_defaults),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
