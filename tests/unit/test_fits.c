#include "fits_fixture.h"

#include "fits.h"
#include "memory.h"

/* A file of three HDUs: no pixels, SCI,1 of 60 x 50 float32, a table. */
static void write_sample(const char *name)
{
    fitsfile *file = fixture_create(name);
    fixture_empty(file);
    fixture_ramp(file, FLOAT_IMG, 60, 50, "SCI", 1, 0);
    fixture_table(file);
    fixture_close(file);
}

/* Open and walk a file; the error must name it. */
static wk_status list_file(const char *path, wk_error *error)
{
    wk_fits *fits = NULL;
    wk_fits_hdu *hdus = NULL;
    int count = 0;
    memset(error, 0, sizeof *error);
    wk_status status = wk_fits_open(&fits, path, error);
    if (status == WK_OK)
        status = wk_fits_list(&hdus, &count, fits, error);
    if (status != WK_OK) {
        assert_int_equal(error->code, status);
        assert_int_equal(strncmp(error->subject, path, strlen(path)), 0);
        assert_true(strlen(error->message) > 4);
    }
    wk_memory_free(hdus);
    wk_fits_close(fits);
    return status;
}

static void expect_refused(const char *name, const char *word)
{
    wk_error error;
    assert_int_equal(list_file(fixture_path(name), &error), WK_FILE);
    if (!strstr(error.message, word))
        fail_msg("%s: \"%s\" does not say \"%s\"", name, error.message, word);
}

static void test_list(void **state)
{
    (void)state;
    wk_fits *fits = NULL;
    wk_fits_hdu *hdus = NULL;
    int count = 0;
    write_sample("a.fits");
    assert_int_equal(wk_fits_open(&fits, fixture_path("a.fits"), NULL), WK_OK);
    assert_int_equal(wk_fits_list(&hdus, &count, fits, NULL), WK_OK);
    assert_int_equal(count, 3);
    assert_true(hdus[0].image && hdus[0].axes == 0);
    assert_true(hdus[1].image && hdus[1].axes == 2 && hdus[1].depth == 1);
    assert_int_equal(hdus[1].width, 60);
    assert_int_equal(hdus[1].height, 50);
    assert_int_equal(hdus[1].bitpix, -32);
    assert_string_equal(hdus[1].name, "SCI");
    assert_false(hdus[2].image);
    assert_string_equal(hdus[2].name, "TABLE");
    wk_memory_free(hdus);
    wk_fits_close(fits);
    wk_fits_close(NULL);
}

static void test_not_a_file(void **state)
{
    (void)state;
    wk_error error;
    expect_refused("missing.fits", "no such file");
    assert_int_equal(list_file(fixture_folder, &error), WK_FILE);
    assert_non_null(strstr(error.message, "directory"));
    assert_int_equal(list_file("/dev/null", &error), WK_FILE);
    assert_int_equal(mkfifo(fixture_path("pipe"), 0600), 0);
    expect_refused("pipe", "regular");
}

static void test_not_fits(void **state)
{
    (void)state;
    fixture_bytes("empty.fits", "", 0);
    fixture_bytes("text.fits", "hello, world\n", 13);
    fixture_bytes("short.fits", "SIM", 3);
    fixture_bytes("gzip.fits", "\037\213nothing\0\0\0\0", 13); /* ends in a size of 0 */
    expect_refused("empty.fits", "empty");
    expect_refused("text.fits", "not FITS");
    expect_refused("short.fits", "not FITS");
    fixture_bytes("claim.fits", "\037\213nothing\377\377\377\377", 13);
    expect_refused("gzip.fits", "cannot");
    expect_refused("claim.fits", "gzip");
}

static void test_a_missing_name_is_not_completed(void **state)
{
    (void)state;
    fitsfile *file = fixture_create("b.fits.gz");
    fixture_ramp(file, FLOAT_IMG, 3, 3, NULL, 0, 0);
    fixture_close(file);
    expect_refused("b.fits", "no such file");
}

static void test_truncated(void **state)
{
    (void)state;
    write_sample("a.fits"); /* headers of 2880 bytes each, data from 5760 to 20160 */
    fixture_cut("a.fits", "header.fits", 400);
    fixture_cut("a.fits", "second.fits", 2880 + 700);
    fixture_cut("a.fits", "mark.fits", 2880 + 5);
    fixture_cut("a.fits", "none.fits", 5760);
    fixture_cut("a.fits", "data.fits", 17000);
    fixture_cut("a.fits", "padding.fits", 20100);
    fixture_cut("a.fits", "table.fits", -1);
    expect_refused("header.fits", "header");
    expect_refused("second.fits", "cut short");
    expect_refused("mark.fits", "cut short");
    expect_refused("none.fits", "truncated");
    expect_refused("data.fits", "truncated");
    expect_refused("padding.fits", "truncated");
    expect_refused("table.fits", "truncated");
}

static void test_truncated_gzip(void **state)
{
    (void)state;
    write_sample("c.fits.gz");
    wk_error error;
    assert_int_equal(list_file(fixture_path("c.fits.gz"), &error), WK_OK);
    size_t size;
    free(fixture_read("c.fits.gz", &size));
    fixture_cut("c.fits.gz", "cut.fits.gz", (long)size / 2);
    assert_int_equal(list_file(fixture_path("cut.fits.gz"), &error), WK_FILE);
}

/* What follows the last HDU and is no header is none of our business. */
static void test_trailing_bytes(void **state)
{
    (void)state;
    size_t size;
    wk_error error;
    write_sample("a.fits");
    char *bytes = fixture_read("a.fits", &size);
    char *longer = calloc(1, size + 6000);
    memcpy(longer, bytes, size);
    fixture_bytes("zeros.fits", longer, size + 2880);
    fixture_bytes("few.fits", longer, size + 1);
    memset(longer + size, 'x', 6000);
    fixture_bytes("words.fits", longer, size + 6000);
    free(longer);
    free(bytes);
    assert_int_equal(list_file(fixture_path("zeros.fits"), &error), WK_OK);
    assert_int_equal(list_file(fixture_path("few.fits"), &error), WK_OK);
    assert_int_equal(list_file(fixture_path("words.fits"), &error), WK_OK);
}

static void test_huge_sizes(void **state)
{
    (void)state;
    write_sample("a.fits");
    fixture_patch("a.fits", "axis.fits", "NAXIS1  =  9000000000000000000");
    fixture_patch("axis.fits", "both.fits", "NAXIS2  =  9000000000000000000");
    fixture_patch("a.fits", "count.fits", "GCOUNT  =  9000000000000000000");
    fixture_patch("a.fits", "heap.fits", "PCOUNT  =  9223372036854775807");
    expect_refused("axis.fits", "truncated");
    expect_refused("both.fits", "truncated");
    expect_refused("count.fits", "truncated");
    expect_refused("heap.fits", "truncated");
}

/* CFITSIO's own syntax must not act: neither its templates nor its home-folder sign. */
static void test_names_mean_nothing(void **state)
{
    (void)state;
    wk_error error;
    write_sample("a.fits");
    char odd[300];
    snprintf(odd, sizeof odd, "%s(copy)", fixture_path("a.fits"));
    assert_int_equal(list_file(odd, &error), WK_FILE);
    assert_int_equal(list_file("~/a.fits", &error), WK_FILE);
    assert_int_equal(list_file("-", &error), WK_FILE);
    assert_int_equal(list_file("mem://", &error), WK_FILE);
    char *endless = malloc(5000);
    memset(endless, 'a', 4999);
    endless[4999] = '\0';
    assert_int_equal(wk_fits_open(&(wk_fits *){NULL}, endless, &error), WK_FILE);
    free(endless);
    rename(fixture_path("a.fits"), fixture_path("[1] a.fits"));
    assert_int_equal(list_file(fixture_path("[1] a.fits"), &error), WK_OK);
}

static void test_select(void **state)
{
    (void)state;
    wk_fits *fits = NULL;
    wk_error error;
    write_sample("a.fits");
    assert_int_equal(wk_fits_open(&fits, fixture_path("a.fits"), &error), WK_OK);
    assert_int_equal(wk_fits_select(fits, 2, &error), WK_OK);
    assert_int_equal(wk_fits_select(fits, 0, &error), WK_OK);
    assert_int_equal(wk_fits_select(fits, 3, &error), WK_FILE);
    assert_non_null(strstr(error.subject, "[3]"));
    wk_fits_close(fits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_not_a_file),
        cmocka_unit_test(test_not_fits),
        cmocka_unit_test(test_a_missing_name_is_not_completed),
        cmocka_unit_test(test_truncated),
        cmocka_unit_test(test_truncated_gzip),
        cmocka_unit_test(test_trailing_bytes),
        cmocka_unit_test(test_huge_sizes),
        cmocka_unit_test(test_names_mean_nothing),
        cmocka_unit_test(test_select),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
