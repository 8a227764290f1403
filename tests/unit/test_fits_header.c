#include "fits_fixture.h"

#include "fits.h"
#include "memory.h"

static wk_fits *open_file(const char *name, int hdu)
{
    wk_fits *fits = NULL;
    assert_int_equal(wk_fits_open(&fits, fixture_path(name), NULL), WK_OK);
    assert_int_equal(wk_fits_select(fits, hdu, NULL), WK_OK);
    return fits;
}

static void write_keys(fitsfile *file)
{
    int status = 0;
    fixture_key(file, "FILTER", "it's  ");
    fixture_number(file, "EXPTIME", 12.5);
    fits_write_record(file, "COUNT   =                   42 / answer", &status);
    fits_write_record(file, "DEXP    =               1.5D+02", &status);
    fits_write_record(file, "HIERARCH ESO DET NAME = 'chip 7'", &status);
    fits_write_key_longwarn(file, &status);
    fits_write_key_longstr(file, "LONG",
                           "0123456789012345678901234567890123456789012345678901234567890123456789"
                           "0123456789",
                           NULL, &status);
    fits_write_comment(file, "a comment", &status);
    fits_write_history(file, "a history", &status);
    assert_int_equal(status, 0);
}

static void test_text(void **state)
{
    (void)state;
    char value[WK_FITS_VALUE], whole[200], tiny[4];
    fitsfile *file = fixture_create("a.fits");
    fixture_ramp(file, FLOAT_IMG, 4, 3, NULL, 0, 0);
    write_keys(file);
    fixture_close(file);
    wk_fits *fits = open_file("a.fits", 0);
    assert_true(wk_fits_text(value, sizeof value, fits, "FILTER"));
    assert_string_equal(value, "it's");
    assert_true(wk_fits_text(value, sizeof value, fits, "COUNT"));
    assert_string_equal(value, "42");
    assert_true(wk_fits_text(value, sizeof value, fits, "ESO DET NAME"));
    assert_string_equal(value, "chip 7");
    assert_true(wk_fits_text(whole, sizeof whole, fits, "LONG"));
    assert_int_equal(strlen(whole), 80);
    assert_true(wk_fits_text(tiny, sizeof tiny, fits, "LONG"));
    assert_string_equal(tiny, "012");
    assert_false(wk_fits_text(value, sizeof value, fits, "ABSENT"));
    assert_string_equal(value, "");
    wk_fits_close(fits);
}

static void test_number(void **state)
{
    (void)state;
    double value = -1.0;
    wk_fits *fits = open_file("a.fits", 0);
    assert_true(wk_fits_number(&value, fits, "EXPTIME"));
    assert_true(value == 12.5);
    assert_true(wk_fits_number(&value, fits, "DEXP"));
    assert_true(value == 150.0);
    assert_false(wk_fits_number(&value, fits, "ABSENT"));
    assert_false(wk_fits_number(&value, fits, "FILTER"));
    assert_true(value == 150.0);
    wk_fits_close(fits);
}

static int has_record(const char *text, int64_t records, const char *start)
{
    for (int64_t i = 0; i < records; i++)
        if (strncmp(text + 80 * i, start, strlen(start)) == 0)
            return 1;
    return 0;
}

static void test_records_leave_out_comments(void **state)
{
    (void)state;
    char *text = NULL;
    int64_t records = 0;
    wk_fits *fits = open_file("a.fits", 0);
    assert_int_equal(wk_fits_records(&text, &records, fits, NULL), WK_OK);
    assert_int_equal(strlen(text), 80 * records);
    assert_true(has_record(text, records, "SIMPLE  ="));
    assert_true(has_record(text, records, "EXPTIME ="));
    assert_true(has_record(text, records, "END"));
    assert_false(has_record(text, records, "COMMENT"));
    assert_false(has_record(text, records, "HISTORY"));
    wk_memory_free(text);
    wk_fits_close(fits);
}

/* A compressed image shows the image's records, not the table's. */
static void test_records_of_a_compressed_image(void **state)
{
    (void)state;
    char *text = NULL;
    int64_t records = 0;
    int status = 0;
    fitsfile *file = fixture_create("a.fits.fz");
    fixture_empty(file);
    fits_set_compression_type(file, RICE_1, &status);
    fixture_ramp(file, SHORT_IMG, 40, 30, "SCI", 0, 0);
    fixture_number(file, "CRVAL1", 10.5);
    fixture_close(file);
    wk_fits *fits = open_file("a.fits.fz", 1);
    assert_int_equal(wk_fits_records(&text, &records, fits, NULL), WK_OK);
    assert_true(has_record(text, records, "NAXIS1  =                   40"));
    assert_true(has_record(text, records, "NAXIS2  =                   30"));
    assert_true(has_record(text, records, "CRVAL1  ="));
    assert_false(has_record(text, records, "TFORM1"));
    wk_memory_free(text);
    wk_fits_close(fits);
}

static void test_mask_planes(void **state)
{
    (void)state;
    int status = 0;
    size_t count = 9;
    wk_mask_plane *planes = NULL;
    fitsfile *file = fixture_create("mask.fits");
    fixture_ramp(file, LONG_IMG, 4, 3, NULL, 0, 0);
    fits_write_record(file, "MP_SAT  =                    1", &status);
    fits_write_record(file, "HIERARCH MP_DETECTED_NEGATIVE = 6", &status);
    fits_write_record(file, "MP_BAD  =                    0", &status);
    fits_write_record(file, "MP_FAR  =                   64", &status);
    fits_write_record(file, "MP_LESS =                   -1", &status);
    fits_write_record(file, "MP_WORD = 'text'", &status);
    assert_int_equal(status, 0);
    fixture_close(file);
    wk_fits *fits = open_file("mask.fits", 0);
    assert_int_equal(wk_fits_mask_planes(&planes, &count, fits, NULL), WK_OK);
    assert_int_equal(count, 3);
    assert_string_equal(planes[0].name, "BAD");
    assert_int_equal(planes[1].bit, 1);
    assert_string_equal(planes[2].name, "DETECTED_NEGATIVE");
    assert_int_equal(planes[2].bit, 6);
    wk_memory_free(planes);
    wk_fits_close(fits);
    fits = open_file("a.fits", 0);
    assert_int_equal(wk_fits_mask_planes(&planes, &count, fits, NULL), WK_OK);
    assert_null(planes);
    assert_int_equal(count, 0);
    wk_fits_close(fits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_number),
        cmocka_unit_test(test_records_leave_out_comments),
        cmocka_unit_test(test_records_of_a_compressed_image),
        cmocka_unit_test(test_mask_planes),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
