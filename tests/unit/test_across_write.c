#include "fits_fixture.h"

#include "across.h"
#include "status.h"

enum { W = 30, H = 20, N = W * H };

static wk_exposure **open_image(const char *name, int bitpix)
{
    wk_exposure **out;
    size_t count;
    fitsfile *file = fixture_create(name);
    fixture_ramp(file, bitpix, W, H, NULL, 0, 7);
    fixture_number(file, "CRVAL1", 150);
    fixture_number(file, "AIRMASS", 1.2);
    fixture_close(file);
    assert_int_equal(wk_exposures_open(&out, &count, fixture_path(name), NULL, NULL), WK_OK);
    return out;
}

static void check_plane(fitsfile *file, int hdu, int wanted, double first)
{
    int status = 0, type = 0, bitpix = 0, any = 0, data = 0, all = 0;
    double pixel = 0, number = 0;
    char name[80];
    fits_movabs_hdu(file, hdu + 2, &type, &status);
    fits_get_img_type(file, &bitpix, &status);
    fits_read_img(file, TDOUBLE, 1, 1, NULL, &pixel, &any, &status);
    fits_read_key(file, TSTRING, "EXTNAME", name, NULL, &status);
    fits_verify_chksum(file, &data, &all, &status);
    fits_read_key(file, TDOUBLE, "CRVAL1", &number, NULL, &status);
    assert_int_equal(status, 0);
    assert_string_equal(name, wk_across_name((wk_across_plane)hdu));
    assert_true(bitpix == wanted && data == 1 && all == 1 && pixel == first && number == 150);
    assert_int_equal(fits_read_key(file, TDOUBLE, "AIRMASS", &number, NULL, &status), KEY_NO_EXIST);
}

/* One image alone: itself, no scatter, count 1; types follow the image's. */
static void check_file(int bitpix, int wanted)
{
    wk_exposure **exposures = open_image("image.fits", bitpix);
    wk_across_input input = {exposures[0], NULL};
    wk_across_file out = {fixture_path("out.fits"), 1, 0, NULL};
    assert_int_equal(wk_across_write(&out, &input, 1, NULL, NULL), WK_OK);
    int status = 0;
    fitsfile *file;
    fits_open_diskfile(&file, fixture_path("out.fits"), READONLY, &status);
    const double first[WK_ACROSS_PLANES] = {7, 0, 7, 7, 1};
    for (int k = 0; k < WK_ACROSS_PLANES; k++)
        check_plane(file, k, k == WK_ACROSS_COUNT ? 32 : wanted, first[k]);
    fits_close_file(file, &status);
    wk_exposures_free(exposures, 1);
}

static void test_types(void **state)
{
    (void)state;
    check_file(FLOAT_IMG, -32);
    check_file(SHORT_IMG, -32);
    check_file(DOUBLE_IMG, -64);
}

static void test_refused(void **state)
{
    (void)state;
    wk_error error;
    wk_exposure **exposures = open_image("image.fits", FLOAT_IMG);
    wk_across_input input = {exposures[0], NULL};
    wk_across_file out = {fixture_path("image.fits"), 0, 0, NULL};
    assert_int_equal(wk_across_write(&out, &input, 1, NULL, &error), WK_EXISTS);
    out.path = fixture_path("none/out.fits");
    assert_int_equal(wk_across_write(&out, &input, 1, NULL, &error), WK_FILE);
    wk_exposures_free(exposures, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
