#include "fits_fixture.h"

#include "exposure_description.h"

/* Read the description of an empty primary that holds the given records. */
static wk_description read_records(const char *const *records)
{
    wk_description description;
    wk_fits *fits = NULL;
    int status = 0;
    fitsfile *file = fixture_create("d.fits");
    fixture_empty(file);
    for (; *records; records++)
        fits_write_record(file, *records, &status);
    assert_int_equal(status, 0);
    fixture_close(file);
    assert_int_equal(wk_fits_open(&fits, fixture_path("d.fits"), NULL), WK_OK);
    assert_int_equal(wk_description_read(&description, fits, 0, NULL), WK_OK);
    wk_fits_close(fits);
    return description;
}

#define RECORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_detectors(void **state)
{
    (void)state;
    wk_description both = read_records(RECORDS("CCDNUM  = 41", "DETECTOR= 'S3-301'"));
    wk_description one = read_records(RECORDS("DETECTOR= 'NRCA1   '"));
    wk_description none = read_records(RECORDS("OBJECT  = 'M 31'"));
    assert_string_equal(both.detector, "41");
    assert_string_equal(one.detector, "NRCA1");
    assert_string_equal(none.detector, "");
}

static void test_filters(void **state)
{
    (void)state;
    wk_description plain = read_records(RECORDS("FILTER  = 'F200W'", "PUPIL   = 'F164N'"));
    wk_description first = read_records(RECORDS("FILTER1 = 'F606W'", "FILTER2 = 'CLEAR2L'"));
    wk_description second = read_records(RECORDS("FILTER1 = 'CLEAR1L'", "FILTER2 = 'F814W'"));
    wk_description clear = read_records(RECORDS("FILTER1 = 'CLEAR1L'", "FILTER2 = 'CLEAR2L'"));
    wk_description pupil = read_records(RECORDS("PUPIL   = 'CLEAR'"));
    assert_string_equal(plain.filter, "F200W");
    assert_string_equal(first.filter, "F606W");
    assert_string_equal(second.filter, "F814W");
    assert_string_equal(clear.filter, "");
    assert_string_equal(pupil.filter, "");
}

static void test_times(void **state)
{
    (void)state;
    wk_description order = read_records(RECORDS("XPOSURE = 1.0", "EXPTIME = 2.0", "EXPOSURE= 3.0"));
    wk_description total = read_records(RECORDS("XPOSURE = 1.0", "TEXPTIME= 4"));
    wk_description word = read_records(RECORDS("EXPTIME = 'long'", "XPOSURE = 5.5"));
    wk_description none = read_records(RECORDS("OBJECT  = 'M 31'"));
    assert_true(order.exposure_time == 2.0);
    assert_true(total.exposure_time == 4.0);
    assert_true(word.exposure_time == 5.5);
    assert_true(isnan(none.exposure_time));
}

static void test_visits(void **state)
{
    (void)state;
    wk_description order = read_records(RECORDS("EXPNUM  = 9", "VISIT   = 7", "EXPID   = 5"));
    wk_description jwst = read_records(RECORDS("VISIT   = '001'", "VISIT_ID= '01069001001'"));
    wk_description root = read_records(RECORDS("OBSID   = 'x'", "ROOTNAME= 'jbf801ndq'"));
    wk_description empty = read_records(RECORDS("EXPID   = ''", "EXPNUM  = 229686"));
    wk_description none = read_records(RECORDS("OBJECT  = 'M 31'"));
    assert_string_equal(order.visit, "5");
    assert_string_equal(jwst.visit, "01069001001");
    assert_string_equal(root.visit, "jbf801ndq");
    assert_string_equal(empty.visit, "229686");
    assert_string_equal(none.visit, "");
}

static void test_dates(void **state)
{
    (void)state;
    wk_description whole =
        read_records(RECORDS("DATE-OBS= '2026-01-31T01:02:03.5'", "TIME-OBS= '09:09:09'"));
    wk_description split = read_records(RECORDS("DATE-OBS= '2009-07-08'", "TIME-OBS= '01:02:03'"));
    wk_description day = read_records(RECORDS("DATE-OBS= '2009-07-08'"));
    wk_description begin = read_records(RECORDS("DATE-BEG= '2022-07-01T00:00:01'"));
    wk_description none = read_records(RECORDS("DATE    = '2022-07-01'"));
    assert_string_equal(whole.date, "2026-01-31T01:02:03.5");
    assert_string_equal(split.date, "2009-07-08T01:02:03");
    assert_string_equal(day.date, "2009-07-08");
    assert_string_equal(begin.date, "2022-07-01T00:00:01");
    assert_string_equal(none.date, "");
}

static void test_telescope(void **state)
{
    (void)state;
    assert_true(read_records(RECORDS("TELESCOP= 'JWST'")).jwst);
    assert_false(read_records(RECORDS("TELESCOP= 'HST'")).jwst);
}

static wk_description complete(const char *detector, const char *extname, int version,
                               wk_layout layout, int several)
{
    wk_description out = {.exposure_time = (double)NAN};
    wk_description primary = {.detector = "WFC", .filter = "R", .exposure_time = 9.0, .jwst = 1};
    wk_fits_hdu hdu = {.version = version};
    snprintf(out.detector, sizeof out.detector, "%s", detector);
    snprintf(hdu.name, sizeof hdu.name, "%s", extname);
    wk_description_complete(&out, &primary, &hdu, layout, several);
    return out;
}

static void test_completion(void **state)
{
    (void)state;
    wk_description alone = complete("", "SCI", 1, WK_LAYOUT_STSCI, 0);
    assert_string_equal(alone.detector, "WFC");
    assert_string_equal(alone.filter, "R");
    assert_true(alone.exposure_time == 9.0);
    assert_true(alone.jwst);
    assert_string_equal(complete("", "SCI", 2, WK_LAYOUT_STSCI, 1).detector, "2");
    assert_string_equal(complete("", "N10", 1, WK_LAYOUT_DECAM, 1).detector, "N10");
    assert_string_equal(complete("", "", 3, WK_LAYOUT_DECAM, 1).detector, "3");
    assert_string_equal(complete("7", "N10", 1, WK_LAYOUT_DECAM, 1).detector, "7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_detectors),  cmocka_unit_test(test_filters),
        cmocka_unit_test(test_times),      cmocka_unit_test(test_telescope),
        cmocka_unit_test(test_completion), cmocka_unit_test(test_visits),
        cmocka_unit_test(test_dates),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
