#include "fits_fixture.h"

#include "welkin/exposure.h"
#include "welkin/wcs.h"

static void write_wcs(fitsfile *file)
{
    fixture_key(file, "CTYPE1", "RA---TAN");
    fixture_key(file, "CTYPE2", "DEC--TAN");
    fixture_number(file, "CRVAL1", 150.0);
    fixture_number(file, "CRVAL2", 2.0);
    fixture_number(file, "CRPIX1", 11.0);
    fixture_number(file, "CRPIX2", 6.0);
    fixture_number(file, "CDELT1", -1e-4);
    fixture_number(file, "CDELT2", 1e-4);
}

/* The reference pixel (11, 6), 0-based (10, 5), lies at CRVAL by definition. */
static void expect_reference(const char *name)
{
    wk_exposure **exposures;
    size_t count;
    wk_wcs *wcs = NULL;
    double pixel[2] = {10.0, 5.0}, sky[2];
    assert_int_equal(wk_exposures_open(&exposures, &count, fixture_path(name), NULL, NULL), WK_OK);
    assert_int_equal(wk_exposure_wcs(&wcs, exposures[0], NULL), WK_OK);
    assert_int_equal(wk_wcs_to_sky(wcs, 1, pixel, sky, NULL), WK_OK);
    assert_true(fabs(sky[0] - 150.0) < 1e-11 && fabs(sky[1] - 2.0) < 1e-11);
    wk_wcs_free(wcs);
    wk_exposures_free(exposures, count);
}

static void test_plain_and_compressed(void **state)
{
    (void)state;
    static const char *const names[] = {"w.fits", "w.fits.fz", "w.fits.gz"};
    for (int i = 0; i < 3; i++) {
        int status = 0;
        fitsfile *file = fixture_create(names[i]);
        fixture_empty(file);
        if (i == 1)
            fits_set_compression_type(file, RICE_1, &status);
        fixture_ramp(file, SHORT_IMG, 20, 10, "SCI", 1, 0);
        write_wcs(file);
        fixture_close(file);
        expect_reference(names[i]);
    }
}

static void test_no_coordinates(void **state)
{
    (void)state;
    wk_exposure **exposures;
    size_t count;
    wk_wcs *wcs = NULL;
    wk_error error;
    fitsfile *file = fixture_create("none.fits");
    fixture_ramp(file, SHORT_IMG, 20, 10, NULL, 0, 0);
    fixture_close(file);
    assert_int_equal(wk_exposures_open(&exposures, &count, fixture_path("none.fits"), NULL, NULL),
                     WK_OK);
    assert_int_equal(wk_exposure_wcs(&wcs, exposures[0], &error), WK_WCS);
    assert_non_null(strstr(error.subject, "none.fits[0]"));
    remove(fixture_path("none.fits"));
    assert_int_equal(wk_exposure_wcs(&wcs, exposures[0], &error), WK_FILE);
    wk_exposures_free(exposures, count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_and_compressed),
        cmocka_unit_test(test_no_coordinates),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
