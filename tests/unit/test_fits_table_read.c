#include "fits_table_read.h"

#include "table_case.h"

static const double none = (double)NAN;

static const char *with(const char *path, const char *tail)
{
    static char text[8][200];
    static int next;
    char *out = text[next++ % 8];
    snprintf(out, sizeof text[0], "%s%s", path, tail);
    return out;
}

static void add_table(fitsfile *file, int kind, int rows, int columns, const char *const *names,
                      const char *const *forms, const char *extension, int *status)
{
    char *type[16], *form[16];
    for (int i = 0; i < columns; i++) {
        type[i] = (char *)(uintptr_t)names[i];
        form[i] = (char *)(uintptr_t)forms[i];
    }
    fits_create_tbl(file, kind, rows, columns, type, form, NULL, extension, status);
}

/* An empty table, two of the same name, an image. */
static const char *write_several(const char *name)
{
    static const char *const names[] = {"X"}, *const forms[] = {"1D"};
    const char *path = case_path(name);
    long size[] = {4, 4};
    double x[] = {7.0, 8.0};
    int status = 0;
    fitsfile *file;
    unlink(path);
    fits_create_file(&file, path, &status); /* gzips where the name says so */
    fits_create_img(file, SHORT_IMG, 2, size, &status);
    add_table(file, BINARY_TBL, 0, 1, names, forms, "EMPTY", &status);
    add_table(file, BINARY_TBL, 1, 1, names, forms, "STARS", &status);
    fits_write_col(file, TDOUBLE, 1, 1, 1, 1, &x[0], &status);
    add_table(file, BINARY_TBL, 1, 1, names, forms, "STARS", &status);
    long version = 2;
    fits_update_key(file, TLONG, "EXTVER", &version, NULL, &status);
    fits_write_col(file, TDOUBLE, 1, 1, 1, 1, &x[1], &status);
    case_close(file, status);
    return path;
}

static void first_is(const char *path, double expected)
{
    wk_table *table = table_open(path);
    numbers_are(table, "x", &expected, 1);
    wk_table_free(table);
}

static void test_which_table(void **state)
{
    static const char *const files[] = {"several.fits", "several.fits.gz"};
    (void)state;
    for (int i = 0; i < 2; i++) {
        const char *path = write_several(files[i]);
        first_is(path, 7.0);
        first_is(with(path, "[2]"), 7.0);
        first_is(with(path, "[stars]"), 7.0);
        first_is(with(path, "[STARS,2]"), 8.0);
        wk_table *table = table_open(with(path, "[EMPTY]"));
        numbers_are(table, "X", NULL, 0);
        numbers_refused(table, "y", "there are X");
        wk_table_free(table);
        open_refused(with(path, "[STARS,3]"), WK_HEADER, "there is no extension STARS,3");
        open_refused(with(path, "[9]"), WK_HEADER, "there is no HDU 9; the last one is 3");
        open_refused(with(path, "[0]"), WK_HEADER, "is an image, not a table");
    }
}

static void test_no_table(void **state)
{
    (void)state;
    const char *path = case_path("image.fits");
    int status = 0;
    long size[] = {4, 4};
    fitsfile *file = case_create(path);
    fits_create_img(file, SHORT_IMG, 2, size, &status);
    case_close(file, status);
    open_refused(path, WK_HEADER, "there is no table in the file");
}

static const char *write_types(void)
{
    static const char *const names[] = {"L", "B", "I", "J", "K", "E", "D", "T",
                                        "X", "C", "V", "P", "Z", "",  "Q"};
    static const char *const forms[] = {"1L", "1B", "1I", "1J",    "1K", "1E", "1D",   "5A",
                                        "3X", "1C", "2D", "1PE()", "0D", "1J", "1QJ()"};
    const char *path = case_path("types.fits");
    unsigned char bytes[] = {0, 255};
    short shorts[] = {-99, 7};
    int ints[] = {INT32_MIN, 5};
    long long longs[] = {INT64_MIN, 3};
    float floats[] = {1.5f, NAN};
    double doubles[] = {0.1, -1e300};
    char logical[] = {1, 2};
    double scale = 0.5, zero = 32768;
    long long undefined = 5, half = -99;
    int status = 0;
    fitsfile *file = case_create(path);
    add_table(file, BINARY_TBL, 2, 15, names, forms, NULL, &status);
    fits_write_col(file, TBYTE, 2, 1, 1, 2, bytes, &status);
    fits_write_col(file, TSHORT, 3, 1, 1, 2, shorts, &status);
    fits_write_col(file, TINT, 4, 1, 1, 2, ints, &status);
    fits_write_col(file, TLONGLONG, 5, 1, 1, 2, longs, &status);
    fits_write_col(file, TFLOAT, 6, 1, 1, 2, floats, &status);
    fits_write_col(file, TDOUBLE, 7, 1, 1, 2, doubles, &status);
    fits_write_col(file, TLOGICAL, 1, 1, 1, 1, logical, &status);
    fits_write_col_null(file, 1, 2, 1, 1, &status);
    fits_update_key(file, TDOUBLE, "TSCAL2", &scale, NULL, &status);
    fits_update_key(file, TLONGLONG, "TNULL3", &half, NULL, &status);
    fits_update_key(file, TDOUBLE, "TZERO3", &zero, NULL, &status);
    fits_update_key(file, TLONGLONG, "TNULL4", &undefined, NULL, &status);
    case_close(file, status);
    return path;
}

static void test_types(void **state)
{
    const double logical[] = {1, none}, bytes[] = {0, 127.5}, shorts[] = {none, 32775},
                 ints[] = {-2147483648.0, none}, longs[] = {-9223372036854775808.0, 3},
                 floats[] = {1.5, none}, doubles[] = {0.1, -1e300}, zeros[] = {0, 0};
    (void)state;
    wk_table *table = table_open(write_types());
    assert_int_equal(wk_table_columns(table), 15);
    numbers_are(table, "L", logical, 2);
    numbers_are(table, "B", bytes, 2);
    numbers_are(table, "I", shorts, 2);
    numbers_are(table, "J", ints, 2);
    numbers_are(table, "K", longs, 2);
    numbers_are(table, "E", floats, 2);
    numbers_are(table, "D", doubles, 2);
    numbers_are(table, "col14", zeros, 2);
    numbers_refused(table, "T", "the column T holds texts, not one number a row");
    numbers_refused(table, "X", "holds bits");
    numbers_refused(table, "C", "holds complex numbers");
    numbers_refused(table, "V", "holds several values in each row");
    numbers_refused(table, "P", "holds lists of variable length");
    numbers_refused(table, "Q", "holds lists of variable length");
    numbers_refused(table, "Z", "holds nothing");
    wk_table_free(table);
}

static void test_logical_pieces(void **state)
{
    enum { ROWS = 10000 };
    static const char *const names[] = {"L"}, *const forms[] = {"1L"};
    static char truth[ROWS];
    static double values[ROWS];
    const char *path = case_path("logical.fits");
    int status = 0;
    (void)state;
    for (int i = 0; i < ROWS; i++)
        truth[i] = i % 3 == 0;
    fitsfile *file = case_create(path);
    add_table(file, BINARY_TBL, ROWS, 1, names, forms, NULL, &status);
    fits_write_col(file, TLOGICAL, 1, 1, 1, ROWS, truth, &status);
    case_close(file, status);
    wk_table *table = table_open(path);
    assert_int_equal(wk_table_numbers(values, table, "l", NULL), WK_OK);
    for (int i = 0; i < ROWS; i++)
        assert_true(values[i] == truth[i]);
    wk_table_free(table);
}

/* Blank fields and TNULL of an ASCII table are undefined, zeros are not. */
static void test_ascii(void **state)
{
    static const char *const names[] = {"N", "X", "T"}, *const forms[] = {"I6", "F10.3", "A4"};
    const char *path = case_path("ascii.fits");
    double x[] = {1.25, 0.0, 3.0};
    long n[] = {0, 17, -99};
    const double expected_n[] = {0, 17, none}, expected_x[] = {1.25, 0.0, none};
    char *undefined = "-99";
    int status = 0;
    (void)state;
    fitsfile *file = case_create(path);
    add_table(file, ASCII_TBL, 3, 3, names, forms, "A", &status);
    fits_write_col(file, TLONG, 1, 1, 1, 3, n, &status);
    fits_write_col(file, TDOUBLE, 2, 1, 1, 3, x, &status);
    unsigned char blank[10];
    memset(blank, ' ', sizeof blank);
    fits_write_tblbytes(file, 3, 8, 10, blank, &status);
    fits_update_key(file, TSTRING, "TNULL1", undefined, NULL, &status);
    case_close(file, status);
    wk_table *table = table_open(path);
    numbers_are(table, "N", expected_n, 3);
    numbers_are(table, "X", expected_x, 3);
    numbers_refused(table, "T", "texts");
    wk_table_free(table);
}

/* Whatever was changed or cut off is refused, or read; it is never a fault. */
static void test_damaged(void **state)
{
    (void)state;
    const char *path = write_types();
    size_t size;
    unsigned char *bytes = case_bytes(path, &size);
    double values[2];
    uint32_t seed = 7;
    case_write(path, bytes, size - 2880);
    open_refused(path, WK_FILE, "");
    for (int i = 0; i < 400; i++) {
        unsigned char *copy = malloc(size);
        memcpy(copy, bytes, size);
        for (int k = 0; k < 3; k++) {
            seed = seed * 1664525 + 1013904223;
            size_t at = 2880 + (seed >> 8) % (size - 2880 - 2880);
            copy[at] = (unsigned char)" 0159TFDPQ=-'"[(seed >> 4) % 13];
        }
        case_write(path, copy, size);
        free(copy);
        wk_table *table = NULL;
        if (wk_table_open(&table, path, NULL) != WK_OK)
            continue;
        for (size_t c = 0; wk_table_rows(table) <= 2 && c < wk_table_columns(table); c++)
            wk_table_numbers(values, table, wk_table_column_name(table, c), NULL);
        wk_table_free(table);
    }
    free(bytes);
}

/* Rows without bytes could be any number. */
static void test_rows_of_nothing(void **state)
{
    (void)state;
    const char *path = case_path("nothing.fits");
    static const char *const names[] = {"X"}, *const forms[] = {"0D"};
    long long rows = 1000000000000000LL;
    int status = 0;
    fitsfile *file = case_create(path);
    add_table(file, BINARY_TBL, 0, 1, names, forms, NULL, &status);
    fits_update_key(file, TLONGLONG, "NAXIS2", &rows, NULL, &status);
    fits_close_file(file, &status);
    open_refused(path, WK_HEADER, "the table has no columns");
}

static void test_changed(void **state)
{
    (void)state;
    wk_table *table = table_open(with(write_several("changed.fits"), "[STARS,2]"));
    const char *path = case_path("changed.fits");
    double value;
    wk_error error;
    long size[] = {4, 4};
    int status = 0;
    fitsfile *file = case_create(path);
    fits_create_img(file, SHORT_IMG, 2, size, &status);
    case_close(file, status);
    assert_int_equal(wk_table_numbers(&value, table, "X", &error), WK_FILE);
    says(&error, "has changed");
    unlink(path);
    assert_int_equal(wk_table_numbers(&value, table, "X", &error), WK_FILE);
    says(&error, "no such file");
    wk_table_free(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_which_table),     cmocka_unit_test(test_no_table),
        cmocka_unit_test(test_types),           cmocka_unit_test(test_logical_pieces),
        cmocka_unit_test(test_ascii),           cmocka_unit_test(test_damaged),
        cmocka_unit_test(test_rows_of_nothing), cmocka_unit_test(test_changed),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
