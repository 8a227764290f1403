#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wcs_cards.h"
#include "wcs_header.h"

static wk_status read_lines(wk_wcs_header *out, const char *lines, wk_error *error)
{
    int64_t count;
    char *records = records_of(lines, &count);
    wk_status status = wk_wcs_header_read(out, records, count, "a.fits[1]", error);
    free(records);
    return status;
}

static void expect_error(const char *lines, const char *message)
{
    wk_wcs_header header;
    wk_error error = {0};
    assert_int_equal(read_lines(&header, lines, &error), WK_WCS);
    assert_string_equal(error.message, message);
    assert_string_equal(error.subject, "a.fits[1]");
    wk_wcs_header_free(&header);
}

static void expect_distortion(const char *lines, const char *distortion, int lookup)
{
    wk_wcs_header header;
    assert_int_equal(read_lines(&header, lines, NULL), WK_OK);
    assert_string_equal(header.distortion, distortion);
    assert_int_equal(header.ignored_lookup, lookup);
    wk_wcs_header_free(&header);
}

static void what_is_missing_is_named(void **state)
{
    (void)state;
    expect_error("", "no world coordinates: the header has no CTYPE");
    expect_error("SIMPLE  = T\nEND\n" TAN_CARDS, "no world coordinates: the header has no CTYPE");
    expect_error("CTYPE1  = 'LINEAR'\nCTYPE2  = 'LINEAR'",
                 "no celestial pair of axes: CTYPE1 is 'LINEAR', CTYPE2 is 'LINEAR'");
    expect_error("CTYPE1  = 'RA---TAN'", "no celestial pair of axes: CTYPE1 is 'RA---TAN'");
    expect_error("CTYPE1  = 'RA---TAN'\nCTYPE2  = 'GLAT-TAN'",
                 "no celestial pair of axes: CTYPE1 is 'RA---TAN', CTYPE2 is 'GLAT-TAN'");
    expect_error(TAN_CARDS "CTYPE1  = 'RA'", "CTYPE1 'RA' names no projection");
    expect_error(TAN_CARDS "CTYPE1  = 'RA---XYZ'", "CTYPE1 'RA---XYZ' has an unknown projection");
    expect_error(TAN_CARDS "CTYPE1  = 'RA---SIN'",
                 "the axes have two projections: 'RA---SIN' and 'DEC--TAN'");
}

static void bad_numbers_are_named(void **state)
{
    (void)state;
    expect_error(TAN_CARDS "CRVAL1  = NaN", "CRVAL1 is not finite: NaN");
    expect_error(TAN_CARDS "CRPIX2  = 'nan'", "CRPIX2 is not finite: nan");
    expect_error(TAN_CARDS "CD1_2   = -Inf", "CD1_2 is not finite: -Inf");
    expect_error(TAN_CARDS "PV2_10  = NaN", "PV2_10 is not finite: NaN");
    expect_error(TAN_CARDS "LONPOLE = NaN", "LONPOLE is not finite: NaN");
    expect_error(TAN_CARDS "EQUINOX = NaN", "EQUINOX is not finite: NaN");
    expect_error(TAN_CARDS "A_ORDER = 2\nA_2_0   = NaN", "A_2_0 is not finite: NaN");
    expect_error(TAN_CARDS "CRVAL1  = 10:00:00", "CRVAL1 is not a number: '10:00:00'");
    expect_error(TAN_CARDS "CRVAL1  =", "CRVAL1 has no value");
    expect_error(TAN_CARDS "CDELT2  = 0.0", "CDELT2 is zero: the matrix is singular");
    expect_error(TAN_CARDS "CUNIT1  = 'furlong'", "CUNIT1 'furlong' is not an angle");
    expect_error(TAN_CARDS "CTYPE3  = 'FREQ'\nCD1_3   = 0.1",
                 "CD1_3 mixes the celestial axes with another one");
}

static void distortion_is_recognised(void **state)
{
    (void)state;
    expect_distortion(TAN_CARDS, "none", 0);
    expect_distortion(TAN_CARDS "CTYPE1  = 'RA---TAN-SIP'\nCTYPE2  = 'DEC--TAN-SIP'", "none", 0);
    expect_distortion(TAN_CARDS "A_ORDER = 2\nA_2_0   = 1E-5\nB_ORDER = 2", "SIP", 0);
    expect_distortion(TAN_CARDS "CTYPE1  = 'RA---TPV'\nCTYPE2  = 'DEC--TPV'", "TPV", 0);
    expect_distortion(TAN_CARDS "PV1_1   = 0.\nPV1_2   = 90.\nPV1_4   = 1.", "none", 0);
    expect_distortion(TAN_CARDS "PV1_5   = 0.", "TPV", 0);
    expect_distortion(TAN_CARDS "PV2_1   = 1.", "TPV", 0);
    expect_distortion(TAN_CARDS "PV2_1   = 1.\nA_ORDER = 2\nA_2_0   = 1E-5", "SIP", 0);
    expect_distortion(TAN_CARDS "CPDIS1  = 'Lookup'\nDP1     = 'EXTVER: 1'", "none", 1);
    expect_distortion(TAN_CARDS "D2IMDIS1= 'Lookup'", "none", 1);
}

static void frame_is_read(void **state)
{
    (void)state;
    wk_wcs_header header;
    const char *lines = "CTYPE1  = 'GLAT-CAR'\nCTYPE2  = 'GLON-CAR'\nRADECSYS= 'fk5'";
    assert_int_equal(read_lines(&header, lines, NULL), WK_OK);
    assert_int_equal(header.system, WK_WCS_GALACTIC);
    assert_int_equal(header.latitude, 0);
    assert_string_equal(header.radesys, "FK5");
    wk_wcs_header_free(&header);
    assert_int_equal(read_lines(&header, TAN_CARDS "RADESYS = 'ICRS'\nRADECSYS= 'FK5'", NULL),
                     WK_OK);
    assert_string_equal(header.radesys, "ICRS");
    wk_wcs_header_free(&header);
}

static void units_become_factors(void **state)
{
    (void)state;
    wk_wcs_header header;
    const char *lines = TAN_CARDS "CUNIT1  = 'ARCSEC'\nCUNIT2  = 'rad'";
    assert_int_equal(read_lines(&header, lines, NULL), WK_OK);
    /* correctly rounded constants */
    assert_true(header.unit[0] == 1 / 3600.0);
    assert_true(fabs(header.unit[1] - 180 / M_PI) < 1e-14);
    for (int64_t i = 0; i < header.records; i++)
        assert_int_not_equal(strncmp(header.text + 80 * i, "CUNIT", 5), 0);
    wk_wcs_header_free(&header);
}

/* What other axes and alternates say must not matter, however wrong it is. */
static void strangers_are_left(void **state)
{
    (void)state;
    expect_distortion(TAN_CARDS "CTYPE3  = 'STOKES'\nCRVAL3  = NaN\nCDELT3  = 0.", "none", 0);
    expect_distortion(TAN_CARDS "CTYPE1A = 'LINEAR'\nCRVAL1A = NaN\nCD1_1A  = 0", "none", 0);
    expect_distortion(TAN_CARDS "A_2_0   = NaN", "none", 0);
    expect_distortion(TAN_CARDS "CD1_1   = 1.\nCD2_2   = 1.\nCDELT1  = 0.", "none", 0);
    expect_distortion(TAN_CARDS "LONPOLE =\nEQUINOX = 'unknown'", "none", 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_missing_is_named), cmocka_unit_test(bad_numbers_are_named),
        cmocka_unit_test(distortion_is_recognised), cmocka_unit_test(frame_is_read),
        cmocka_unit_test(units_become_factors),     cmocka_unit_test(strangers_are_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
