#include "welkin/table.h"

#include "fits_case.h"

static const double levels[] = {0.1, -2.5, 1e-300};
static const int64_t ids[] = {1, 2, 3};
static const wk_table_column columns[] = {
    {"ID", NULL, WK_TABLE_INTEGER, 1, {0, 0}, ids},
    {"LEVEL", "electron", WK_TABLE_REAL, 1, {0, 0}, levels},
};

static void test_written(void **state)
{
    static const char *const lines[] = {"how it was made", "and when", NULL};
    const char *path = case_path("table.fits");
    char text[FLEN_CARD];
    double back[3];
    int status = 0, hdus, axes, history = 0;
    (void)state;
    assert_int_equal(wk_table_write(path, "LEVELS", columns, 2, 3, lines, 0, 1, NULL), WK_OK);
    fitsfile *file = case_open(path, 0);
    fits_get_num_hdus(file, &hdus, &status);
    assert_int_equal(hdus, 2);
    fits_get_img_dim(file, &axes, &status);
    assert_int_equal(axes, 0);
    fits_movnam_hdu(file, BINARY_TBL, "LEVELS", 0, &status);
    fits_read_col(file, TDOUBLE, 2, 1, 1, 3, NULL, back, NULL, &status);
    assert_memory_equal(back, levels, sizeof levels);
    fits_read_record(file, 0, text, &status);
    while (fits_read_card(file, "HISTORY", text, &status) == 0 && history < 2)
        assert_string_equal(text + 8, lines[history++]);
    assert_int_equal(history, 2);
    status = 0;
    case_close(file, status);
    case_checksums(path, -1);
    case_verify(path);
    assert_int_equal(case_clear(), 1);
}

/* The bytes are those of the arguments; a file that is there is kept unless it may be replaced. */
static void test_again(void **state)
{
    const char *a = case_path("a.fits"), *b = case_path("b.fits");
    wk_error error;
    (void)state;
    assert_int_equal(wk_table_write(a, NULL, columns, 2, 3, NULL, 0, 0, NULL), WK_OK);
    assert_int_equal(wk_table_write(b, "", columns, 1, 3, NULL, 0, 0, NULL), WK_OK);
    assert_int_equal(wk_table_write(b, "", columns, 2, 3, NULL, 0, 0, &error), WK_EXISTS);
    assert_int_equal(wk_table_write(b, "", columns, 2, 3, NULL, 1, 0, NULL), WK_OK);
    case_same(a, b);
    assert_int_equal(case_clear(), 2);
}

/* Nothing is left of a table that is refused; what was there stays. */
static void test_whole_or_not(void **state)
{
    const wk_table_column bad = {"A", NULL, WK_TABLE_REAL, 0, {0, 0}, levels};
    const char *path = case_path("bad.fits"), *there = case_path("there.fits");
    wk_error error;
    size_t size;
    (void)state;
    assert_int_equal(wk_table_write(path, NULL, &bad, 1, 3, NULL, 0, 0, &error), WK_ARGUMENT);
    assert_string_equal(error.subject, "A");
    assert_int_equal(wk_table_write(path, "\n", columns, 2, 3, NULL, 0, 0, &error), WK_ARGUMENT);
    assert_string_equal(error.subject, "EXTNAME");
    assert_int_equal(case_clear(), 0);
    case_write(there, "old", 3);
    assert_int_equal(wk_table_write(there, NULL, &bad, 1, 3, NULL, 1, 0, NULL), WK_ARGUMENT);
    free(case_bytes(there, &size));
    assert_int_equal(size, 3);
    assert_int_equal(case_clear(), 1);
    assert_int_equal(
        wk_table_write(case_path("no/folder.fits"), NULL, columns, 2, 3, NULL, 0, 0, &error),
        WK_FILE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_written),
        cmocka_unit_test(test_again),
        cmocka_unit_test(test_whole_or_not),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
