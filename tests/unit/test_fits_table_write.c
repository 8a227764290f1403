#include "fits_table_write.h"

#include "fits_case.h"

static const char history[] =
    "HISTORY one line                                                                ";

static void write_table(const char *path, const wk_table_column *columns, size_t count,
                        int64_t rows)
{
    wk_fits_writer *writer;
    wk_error error = {.message = ""};
    assert_int_equal(wk_fits_create(&writer, path, 1, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_append_primary(writer, NULL, 0, NULL), WK_OK);
    if (wk_fits_append_table(writer, history, 1, "SKY", columns, count, rows, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
    assert_int_equal(wk_fits_finish(writer, NULL), WK_OK);
    case_checksums(path, -1);
    case_verify(path);
}

static void expect_key(fitsfile *file, const char *keyword, const char *wanted)
{
    char text[FLEN_VALUE];
    int status = 0;
    fits_read_key(file, TSTRING, keyword, text, NULL, &status);
    assert_int_equal(status, wanted ? 0 : KEY_NO_EXIST);
    if (wanted)
        assert_string_equal(text, wanted);
}

/* Two rows of each type, alone and repeated. */
static const int64_t whole[] = {-2, INT64_MAX};
static const double matrix[] = {0.1, -0.0, 1e300, 4, 5, 6, 7, 8, 9, 10, 11, 12};
static const char *const words[] = {"sky", "a longer one"};
static const char *const pairs[] = {"a", "bc", NULL, "d"};
static const wk_table_column columns[] = {
    {"ID", NULL, WK_TABLE_INTEGER, 1, {0, 0}, whole},
    {"COEFF", "adu", WK_TABLE_REAL, 6, {2, 3}, matrix},
    {"NAME", "", WK_TABLE_TEXT, 1, {0, 0}, words},
    {"PAIR", NULL, WK_TABLE_TEXT, 2, {0, 0}, pairs},
};

static void test_header(void **state)
{
    const char *path = case_path("table.fits");
    (void)state;
    write_table(path, columns, 4, 2);
    fitsfile *file = case_open(path, 1);
    expect_key(file, "XTENSION", "BINTABLE");
    expect_key(file, "NAXIS1", "72"); /* 8 + 6 * 8 + 12 + 2 * 2 */
    expect_key(file, "NAXIS2", "2");
    expect_key(file, "EXTNAME", "SKY");
    expect_key(file, "TFORM1", "1K");
    expect_key(file, "TFORM2", "6D");
    expect_key(file, "TDIM2", "(3,2)");
    expect_key(file, "TUNIT2", "adu");
    expect_key(file, "TFORM3", "12A");
    expect_key(file, "TDIM3", NULL);
    expect_key(file, "TUNIT3", NULL);
    expect_key(file, "TFORM4", "4A");
    expect_key(file, "TDIM4", "(2,2)");
    case_close(file, 0);
    assert_int_equal(case_clear(), 1);
}

/* The rows as the standard lays them out: big-endian, texts ended by NUL or their room. */
static void test_bytes(void **state)
{
    const char *path = case_path("table.fits");
    size_t size;
    (void)state;
    write_table(path, columns, 4, 2);
    unsigned char *bytes = case_bytes(path, &size);
    assert_int_equal(size, 3 * WK_FITS_BLOCK);
    const unsigned char *row = bytes + 2 * WK_FITS_BLOCK;
    assert_memory_equal(row, "\xff\xff\xff\xff\xff\xff\xff\xfe", 8);
    assert_memory_equal(row + 8, "\x3f\xb9\x99\x99\x99\x99\x99\x9a", 8);  /* 0.1 */
    assert_memory_equal(row + 16, "\x80\x00\x00\x00\x00\x00\x00\x00", 8); /* -0 */
    assert_memory_equal(row + 56, "sky\0\0\0\0\0\0\0\0\0a\0bc", 16);
    assert_memory_equal(row + 72, "\x7f\xff\xff\xff\xff\xff\xff\xff", 8);
    assert_memory_equal(row + 72 + 8, "\x40\x1c\x00\x00\x00\x00\x00\x00", 8); /* 7 */
    assert_memory_equal(row + 72 + 56, "a longer one\0\0d\0", 16);
    for (const unsigned char *c = row + 144; c < bytes + size; c++)
        assert_int_equal(*c, 0);
    free(bytes);
    case_clear();
}

static void test_read_back(void **state)
{
    const char *path = case_path("table.fits");
    LONGLONG numbers[2];
    double reals[12];
    char room[4][40], *texts[4] = {room[0], room[1], room[2], room[3]};
    int status = 0;
    (void)state;
    write_table(path, columns, 4, 2);
    fitsfile *file = case_open(path, 1);
    fits_read_col(file, TLONGLONG, 1, 1, 1, 2, NULL, numbers, NULL, &status);
    assert_memory_equal(numbers, whole, sizeof whole);
    fits_read_col(file, TDOUBLE, 2, 1, 1, 12, NULL, reals, NULL, &status);
    assert_memory_equal(reals, matrix, sizeof matrix);
    fits_read_col(file, TSTRING, 3, 1, 1, 2, NULL, texts, NULL, &status);
    assert_string_equal(room[0], "sky");
    assert_string_equal(room[1], "a longer one");
    case_close(file, status);
    case_clear();
}

/* Undefined numbers keep their bits. */
static void test_nan(void **state)
{
    const char *path = case_path("nan.fits");
    const double values[] = {__builtin_nan(""), __builtin_inf(), -__builtin_inf()};
    const wk_table_column column = {"LEVEL", NULL, WK_TABLE_REAL, 1, {0, 0}, values};
    size_t size;
    (void)state;
    write_table(path, &column, 1, 3);
    unsigned char *bytes = case_bytes(path, &size);
    assert_memory_equal(bytes + 2 * WK_FITS_BLOCK,
                        "\x7f\xf8\0\0\0\0\0\0\x7f\xf0\0\0\0\0\0\0\xff\xf0\0\0\0\0\0\0", 24);
    free(bytes);
    case_clear();
}

/* More rows than are put together at once, and rows wider than that: CFITSIO reads each number. */
static void test_many(void **state)
{
    enum { ROWS = 70001, WIDE = 40000 };
    const char *path = case_path("many.fits");
    int64_t *values = malloc(ROWS * sizeof *values);
    LONGLONG *back = malloc(ROWS * sizeof *back);
    int status = 0;
    (void)state;
    for (int i = 0; i < ROWS; i++)
        values[i] = (int64_t)i * 1000000007;
    for (int wide = 0; wide < 2; wide++) {
        const int64_t repeat = wide ? WIDE : 1, rows = wide ? 1 : ROWS;
        const wk_table_column all[] = {
            {"A", NULL, WK_TABLE_INTEGER, repeat, {0, 0}, values},
            {"B", NULL, WK_TABLE_INTEGER, repeat, {0, 0}, values},
        };
        write_table(path, all, 2, rows);
        fitsfile *file = case_open(path, 1);
        fits_read_col(file, TLONGLONG, 2, 1, 1, repeat * rows, NULL, back, NULL, &status);
        case_close(file, status);
        assert_memory_equal(back, values, (size_t)(repeat * rows) * sizeof *values);
    }
    free(values);
    free(back);
    case_clear();
}

/* No row; texts that are empty or not ASCII; matrices of texts. */
static void test_edges(void **state)
{
    static const char *const texts[] = {"", NULL, "x\xc3\xbcy\n", "", "", "z"};
    const char *path = case_path("edge.fits");
    const wk_table_column none[] = {
        {"A", NULL, WK_TABLE_REAL, 3, {0, 0}, NULL},
        {"B", NULL, WK_TABLE_TEXT, 1, {0, 0}, NULL},
    };
    wk_table_column text = {"T", NULL, WK_TABLE_TEXT, 6, {2, 3}, texts};
    size_t size;
    (void)state;
    write_table(path, none, 2, 0);
    fitsfile *file = case_open(path, 1);
    expect_key(file, "NAXIS2", "0");
    expect_key(file, "TFORM1", "3D");
    expect_key(file, "TFORM2", "1A");
    case_close(file, 0);
    write_table(path, &text, 1, 1);
    file = case_open(path, 1);
    expect_key(file, "TDIM1", "(5,3,2)");
    case_close(file, 0);
    unsigned char *bytes = case_bytes(path, &size);
    assert_memory_equal(bytes + 2 * WK_FITS_BLOCK + 10, "x??y?", 5);
    free(bytes);
    text = (wk_table_column){"T", NULL, WK_TABLE_TEXT, 1, {0, 0}, texts};
    write_table(path, &text, 1, 2);
    file = case_open(path, 1);
    expect_key(file, "TFORM1", "1A");
    case_close(file, 0);
    case_clear();
}

static void refuse(wk_table_column column, int64_t rows, const char *words_of)
{
    const double value = 1;
    const wk_table_column both[] = {{"A", NULL, WK_TABLE_REAL, 1, {0, 0}, &value}, column};
    wk_fits_writer *writer;
    wk_error error = {.message = ""};
    assert_int_equal(wk_fits_create(&writer, case_path("bad.fits"), 0, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_append_primary(writer, NULL, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_append_table(writer, NULL, 0, NULL, both, 2, rows, &error),
                     WK_ARGUMENT);
    if (!strstr(error.message, words_of))
        fail_msg("\"%s\", not \"%s\"", error.message, words_of);
    wk_fits_abandon(writer);
    assert_int_equal(case_clear(), 0);
}

static void test_refused(void **state)
{
    const double v[6] = {0};
    const wk_table_type type = (wk_table_type)3;
    char name[70], unit[70];
    (void)state;
    memset(name, 'n', 69);
    memset(unit, 'u', 69);
    name[69] = unit[69] = '\0';
    refuse((wk_table_column){NULL, NULL, WK_TABLE_REAL, 1, {0, 0}, v}, 1, "no name");
    refuse((wk_table_column){"", NULL, WK_TABLE_REAL, 1, {0, 0}, v}, 1, "no name");
    refuse((wk_table_column){"B C", NULL, WK_TABLE_REAL, 1, {0, 0}, v}, 1, "letters");
    refuse((wk_table_column){name, NULL, WK_TABLE_REAL, 1, {0, 0}, v}, 1, "at most 68");
    refuse((wk_table_column){"B", unit, WK_TABLE_REAL, 1, {0, 0}, v}, 1, "no text");
    refuse((wk_table_column){"a", NULL, WK_TABLE_REAL, 1, {0, 0}, v}, 1, "same name");
    refuse((wk_table_column){"B", NULL, type, 1, {0, 0}, v}, 1, "no type 3");
    refuse((wk_table_column){"B", NULL, WK_TABLE_REAL, 1, {0, 0}, NULL}, 1, "no values");
    refuse((wk_table_column){"B", NULL, WK_TABLE_REAL, 0, {0, 0}, v}, 1, "0 values");
    refuse((wk_table_column){"B", NULL, WK_TABLE_REAL, 6, {2, 2}, v}, 1, "no matrix of 2 x 2");
    refuse((wk_table_column){"B", NULL, WK_TABLE_REAL, 6, {6, 0}, v}, 1, "no matrix of 6 x 0");
    refuse((wk_table_column){"B", NULL, WK_TABLE_REAL, 6, {-2, -3}, v}, 1, "no matrix");
    refuse((wk_table_column){"B", NULL, WK_TABLE_REAL, INT64_MAX, {0, 0}, v}, 2, "no column");
    refuse((wk_table_column){"B", NULL, WK_TABLE_REAL, INT64_MAX, {0, 0}, v}, 1, "too large");
    refuse((wk_table_column){"B", NULL, WK_TABLE_REAL, 1, {0, 0}, v}, -1, "-1 rows");
    refuse((wk_table_column){"B", NULL, WK_TABLE_REAL, 1, {0, 0}, v}, INT64_MAX / 17, "bytes");
}

/* The number of columns, and a table where the primary HDU should be. */
static void test_refused_tables(void **state)
{
    wk_fits_writer *writer;
    (void)state;
    assert_int_equal(wk_fits_create(&writer, case_path("bad.fits"), 0, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_append_table(writer, NULL, 0, NULL, columns, 4, 2, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_append_primary(writer, NULL, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_append_table(writer, NULL, 0, NULL, columns, 0, 2, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_append_table(writer, NULL, 0, NULL, columns, 1000, 2, NULL),
                     WK_ARGUMENT);
    wk_fits_abandon(writer);
    assert_int_equal(case_clear(), 0);
}

/* In pieces of one, two and no rows: the same bytes as at once. */
static void test_pieces(void **state)
{
    enum { ROWS = 7, WIDE = 2 };
    int64_t numbers[ROWS], piece[WIDE];
    double reals[3 * ROWS], part[3 * WIDE];
    const char *whole_path = case_path("whole.fits");
    const char *path = case_path("pieces.fits");
    (void)state;
    for (int i = 0; i < 3 * ROWS; i++)
        reals[i] = (double)(numbers[i / 3] = i * i - 5);
    const wk_table_column at_once[] = {{"A", NULL, WK_TABLE_INTEGER, 1, {0, 0}, numbers},
                                       {"B", "deg", WK_TABLE_REAL, 3, {0, 0}, reals}};
    const wk_table_column pieces[] = {{"A", NULL, WK_TABLE_INTEGER, 1, {0, 0}, piece},
                                      {"B", "deg", WK_TABLE_REAL, 3, {0, 0}, part}};
    wk_fits_writer *writer;
    assert_int_equal(wk_fits_create(&writer, whole_path, 1, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_append_primary(writer, NULL, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_append_table(writer, NULL, 0, "T", at_once, 2, ROWS, NULL), WK_OK);
    assert_int_equal(wk_fits_finish(writer, NULL), WK_OK);
    wk_fits_rows rows;
    assert_int_equal(wk_fits_create(&writer, path, 1, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_append_primary(writer, NULL, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_begin_table(&rows, writer, "T", pieces, 2, ROWS, NULL), WK_OK);
    for (int64_t done = 0, n = 0; done < ROWS; done += n, n = (n + 1) % (WIDE + 1)) {
        n = n > ROWS - done ? ROWS - done : n;
        memcpy(piece, numbers + done, (size_t)n * sizeof *numbers);
        memcpy(part, reals + 3 * done, (size_t)n * 3 * sizeof *reals);
        assert_int_equal(wk_fits_put_table(&rows, n, NULL), WK_OK);
        if (done + n < ROWS)
            assert_int_equal(wk_fits_end_table(&rows, NULL), WK_ARGUMENT);
    }
    assert_int_equal(wk_fits_put_table(&rows, 1, NULL), WK_ARGUMENT);
    assert_int_equal(wk_fits_end_table(&rows, NULL), WK_OK);
    wk_fits_rows_release(&rows);
    assert_int_equal(wk_fits_finish(writer, NULL), WK_OK);
    case_verify(path);
    case_checksums(path, -1);
    case_same(whole_path, path);
    assert_int_equal(case_clear(), 2);
}

static void test_no_texts_in_pieces(void **state)
{
    wk_fits_writer *writer;
    wk_fits_rows rows;
    wk_error error = {.message = ""};
    (void)state;
    assert_int_equal(wk_fits_create(&writer, case_path("t.fits"), 1, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_append_primary(writer, NULL, 0, NULL), WK_OK);
    assert_int_equal(wk_fits_begin_table(&rows, writer, "T", columns, 4, 2, &error), WK_ARGUMENT);
    assert_string_equal(error.subject, "NAME");
    wk_fits_rows_release(&rows);
    wk_fits_abandon(writer);
    assert_int_equal(case_clear(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces),    cmocka_unit_test(test_no_texts_in_pieces),
        cmocka_unit_test(test_header),    cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_read_back), cmocka_unit_test(test_nan),
        cmocka_unit_test(test_many),      cmocka_unit_test(test_edges),
        cmocka_unit_test(test_refused),   cmocka_unit_test(test_refused_tables),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
