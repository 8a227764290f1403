#include "fits_fixture.h"

#include "fits_wide.h"

/* Read all pixels of HDU 1 of a file; free them. */
static double *read_all(const char *name, int64_t width, int64_t height)
{
    wk_fits *fits = NULL;
    wk_fits_plane plane;
    double *pixels = malloc((size_t)(width * height) * sizeof *pixels);
    assert_non_null(pixels);
    assert_int_equal(wk_fits_open(&fits, fixture_path(name), NULL), WK_OK);
    assert_int_equal(wk_fits_plane_open(&plane, fits, 1, width, height, NULL), WK_OK);
    for (int64_t row = 0; row < height; row += plane.strip) {
        int64_t rows = height - row < plane.strip ? height - row : plane.strip;
        assert_int_equal(wk_fits_read_wide(pixels + row * width, &plane, row, rows, NULL), WK_OK);
    }
    wk_fits_plane_close(&plane);
    wk_fits_close(fits);
    return pixels;
}

static void test_keeps_every_digit(void **state)
{
    (void)state;
    long size[2] = {3, 2};
    const double values[6] = {1.0 + 0x1p-50, -1e300, NAN, 0.1, 16777217.0, 0.0};
    fitsfile *file = fixture_create("double.fits");
    fixture_empty(file);
    fixture_hdu(file, DOUBLE_IMG, 2, size, "SCI", 0);
    fixture_fill(file, TDOUBLE, values, 6);
    fixture_close(file);
    double *pixels = read_all("double.fits", 3, 2);
    for (int i = 0; i < 6; i++)
        assert_true(pixels[i] == values[i] || (isnan(pixels[i]) && isnan(values[i])));
    free(pixels);
}

static void test_scales_integers_and_finds_the_undefined(void **state)
{
    (void)state;
    long size[2] = {4, 1}, blank = -7;
    int status = 0;
    const int values[4] = {0, -7, 2000000001, 3};
    fitsfile *file = fixture_create("long.fits");
    fixture_empty(file);
    fixture_hdu(file, LONG_IMG, 2, size, "SCI", 0);
    fixture_fill(file, TINT, values, 4);
    fits_update_key(file, TLONG, "BLANK", &blank, NULL, &status);
    fixture_number(file, "BSCALE", 0.5);
    fixture_number(file, "BZERO", 1.0);
    fixture_close(file);
    assert_int_equal(status, 0);
    double *pixels = read_all("long.fits", 4, 1);
    assert_true(pixels[0] == 1.0);
    assert_true(isnan(pixels[1]));
    assert_true(pixels[2] == 1000000001.5);
    assert_true(pixels[3] == 2.5);
    free(pixels);
}

static void test_reads_strips_of_compressed_tiles(void **state)
{
    (void)state;
    fitsfile *file = fixture_create("packed.fits");
    int status = 0;
    fits_set_compression_type(file, RICE_1, &status);
    assert_int_equal(status, 0);
    fixture_ramp(file, LONG_IMG, 300, 500, "SCI", 0, -5);
    fixture_close(file);
    double *pixels = read_all("packed.fits", 300, 500);
    for (int i = 0; i < 150000; i++)
        assert_true(pixels[i] == (double)(i - 5));
    free(pixels);
}

static void test_reports_a_file_that_ends_early(void **state)
{
    (void)state;
    wk_fits *fits = NULL;
    wk_fits_plane plane;
    wk_error error = {WK_OK, "", ""};
    double pixels[16];
    fitsfile *file = fixture_create("whole.fits");
    fixture_empty(file);
    fixture_ramp(file, FLOAT_IMG, 4, 4, "SCI", 0, 1);
    fixture_close(file);
    assert_int_equal(wk_fits_open(&fits, fixture_path("whole.fits"), NULL), WK_OK);
    assert_int_equal(wk_fits_plane_open(&plane, fits, 1, 4, 4, NULL), WK_OK);
    assert_int_equal(wk_fits_read_wide(pixels, &plane, 3, 1, &error), WK_OK);
    assert_true(pixels[0] == 13.0);
    assert_int_equal(wk_fits_read_wide(pixels, &plane, 400000, 1, &error), WK_FILE);
    assert_non_null(strstr(error.message, "cannot read the pixels"));
    wk_fits_plane_close(&plane);
    wk_fits_close(fits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keeps_every_digit),
        cmocka_unit_test(test_scales_integers_and_finds_the_undefined),
        cmocka_unit_test(test_reads_strips_of_compressed_tiles),
        cmocka_unit_test(test_reports_a_file_that_ends_early),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
