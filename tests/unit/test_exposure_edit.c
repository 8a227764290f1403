#include "welkin/edit.h"

#include <math.h>

#include "fits_case.h"
#include "status.h"

enum { WIDTH = 8, HEIGHT = 4, PIXELS = WIDTH * HEIGHT };

static void append(fitsfile *file, const char *name, double value, int *status)
{
    long axes[] = {WIDTH, HEIGHT};
    float pixels[PIXELS];
    fits_create_img(file, FLOAT_IMG, 2, axes, status);
    fits_write_key(file, TSTRING, "EXTNAME", (void *)(uintptr_t)name, NULL, status);
    for (int i = 0; i < PIXELS; i++)
        pixels[i] = (float)(value + 0.5 * i);
    fits_write_img(file, TFLOAT, 1, PIXELS, pixels, status);
}

/* SCI and WGT, as the DES has them; or SCI alone. */
static const char *make_input(const char *name, int noise)
{
    const char *path = case_path(name);
    long axes[] = {WIDTH, HEIGHT};
    int flags[PIXELS] = {0}, status = 0;
    fitsfile *file = case_create(path);
    fits_create_img(file, BYTE_IMG, 0, NULL, &status);
    append(file, "SCI", 100, &status);
    fits_create_img(file, LONG_IMG, 2, axes, &status);
    fits_write_key(file, TSTRING, "EXTNAME", "MSK", NULL, &status);
    fits_write_img(file, TINT, 1, PIXELS, flags, &status);
    if (noise)
        append(file, "WGT", 4, &status);
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

/* Divide by a number. */
static wk_status divide(void *payload, int worker, wk_rect rect, double *values, wk_error *error)
{
    const double *by = payload;
    (void)worker;
    (void)error;
    for (int64_t i = 0; i < rect.width * rect.height; i++)
        values[i] /= *by;
    return WK_OK;
}

static void check(const char *path, int hdu, double value, double by)
{
    long count;
    double *pixels = case_pixels(path, hdu, &count);
    assert_int_equal(count, PIXELS);
    for (int i = 0; i < PIXELS; i++)
        assert_true(pixels[i] == (value + 0.5 * i) / by); /* exact in binary */
    free(pixels);
}

static void test_image_and_noise(void **state)
{
    const char *in = make_input("in.fits", 1), *out = case_path("out.fits");
    wk_exposure **exposures = open_one(in);
    double two = 2, eight = 8, number = 0;
    const wk_keyword keyword = {"VARIANCE_SCALE", NULL, 8, "of the weights", 1, 0};
    const wk_plane_edit edits[] = {
        {exposures[0], WK_PLANE_NOISE, divide, &eight, &keyword, 1},
        {exposures[0], WK_PLANE_IMAGE, divide, &two, NULL, 0},
    };
    int status = 0;
    (void)state;
    assert_int_equal(wk_exposures_edit(out, edits, 2, NULL, NULL, NULL), WK_OK);
    check(out, 1, 100, 2);
    check(out, 3, 4, 8);
    for (int hdu = 0; hdu < 4; hdu += 3) {
        fitsfile *file = case_open(out, hdu);
        fits_read_key(file, TDOUBLE, "VARIANCE_SCALE", &number, NULL, &status);
        case_close(file, status);
        assert_true(number == 8);
    }
    case_checksums(out, 1);
    case_checksums(out, 3);
    case_verify(out);
    assert_int_equal(wk_exposures_edit(out, edits, 1, NULL, NULL, NULL), WK_EXISTS);
    wk_exposures_free(exposures, 1);
    assert_int_equal(case_clear(), 2);
}

/* The weights may be in a file of their own. */
static void test_noise_file(void **state)
{
    const char *in = make_input("in.fits", 0), *weights = make_input("weights.fits", 1);
    const char *out = case_path("out.fits");
    wk_exposure_options options = wk_exposure_options_default();
    wk_exposure **exposures = NULL;
    size_t count = 0;
    double two = 2;
    wk_error error = {0};
    (void)state;
    options.weight_file = weights;
    options.weight_ext = "WGT";
    assert_int_equal(wk_exposures_open(&exposures, &count, in, &options, NULL), WK_OK);
    const wk_plane_edit edits[] = {
        {exposures[0], WK_PLANE_NOISE, divide, &two, NULL, 0},
        {exposures[0], WK_PLANE_IMAGE, divide, &two, NULL, 0},
    };
    assert_int_equal(wk_exposures_edit(out, edits, 1, NULL, NULL, NULL), WK_OK);
    check(out, 1, 100, 1);
    check(out, 3, 4, 2);
    unlink(out);
    assert_int_equal(wk_exposures_edit(out, edits, 2, NULL, NULL, &error), WK_ARGUMENT);
    assert_string_equal(error.subject, wk_exposure_name(exposures[0]));
    wk_exposures_free(exposures, count);
    assert_int_equal(case_clear(), 2);
}

static void test_refused(void **state)
{
    const char *in = make_input("in.fits", 0), *out = case_path("out.fits");
    wk_exposure **exposures = open_one(in);
    double two = 2;
    const wk_plane_edit noise = {exposures[0], WK_PLANE_NOISE, divide, &two, NULL, 0};
    const wk_plane_edit odd = {exposures[0], (wk_plane)7, divide, &two, NULL, 0};
    const wk_plane_edit image = {exposures[0], WK_PLANE_IMAGE, divide, &two, NULL, 0};
    const wk_plane_edit twice[] = {image, image};
    (void)state;
    assert_int_equal(wk_exposures_edit(out, NULL, 0, NULL, NULL, NULL), WK_ARGUMENT);
    assert_int_equal(wk_exposures_edit(out, &noise, 1, NULL, NULL, NULL), WK_HEADER);
    assert_int_equal(wk_exposures_edit(out, &odd, 1, NULL, NULL, NULL), WK_ARGUMENT);
    assert_int_equal(wk_exposures_edit(out, twice, 2, NULL, NULL, NULL), WK_ARGUMENT);
    wk_exposures_free(exposures, 1);
    assert_int_equal(case_clear(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_image_and_noise),
        cmocka_unit_test(test_noise_file),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
