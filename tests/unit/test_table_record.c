#include "table_record.h"

#include "fits_case.h"

static wk_record record;

static void open_text(const char *text, size_t size)
{
    const char *path = case_path("a.txt");
    case_write(path, text, size);
    assert_int_equal(wk_record_open(&record, path, NULL), WK_OK);
}

static void next_is(const char *expected)
{
    int more;
    assert_int_equal(wk_record_next(&more, &record, NULL), WK_OK);
    assert_int_equal(more, expected != NULL);
    if (expected) {
        assert_int_equal(record.length, strlen(expected));
        assert_memory_equal(record.text, expected, record.length);
    }
}

/* The fields of the next record, joined with bars. */
static void fields_are(char delimiter, const char *expected)
{
    char all[400] = "";
    int more;
    assert_int_equal(wk_record_next(&more, &record, NULL), WK_OK);
    assert_true(more);
    assert_int_equal(wk_record_split(&record, delimiter, NULL), WK_OK);
    for (size_t i = 0; i < record.count; i++) {
        char *text = wk_record_text(&record, i, NULL);
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s", i ? "|" : "", text);
        free(text);
    }
    assert_string_equal(all, expected);
}

static void is_refused(char delimiter, const char *expected)
{
    wk_error error;
    int more;
    wk_status status = wk_record_next(&more, &record, &error);
    if (status == WK_OK)
        status = wk_record_split(&record, delimiter, &error);
    assert_int_equal(status, WK_FILE);
    assert_string_equal(error.message, expected);
    wk_record_close(&record);
}

static void test_lines(void **state)
{
    (void)state;
    open_text("\xef\xbb\xbfone\r\ntwo\n\n\r\nlast", 19);
    next_is("one");
    next_is("two");
    assert_int_equal(record.line, 2);
    next_is("");
    next_is("");
    next_is("last");
    assert_int_equal(record.line, 5);
    next_is(NULL);
    next_is(NULL);
    wk_record_close(&record);
}

static void test_kinds_of_lines(void **state)
{
    (void)state;
    open_text(" \t\n  # x\nx # y\n", 15);
    next_is(" \t");
    assert_true(wk_record_blank(&record));
    next_is("  # x");
    assert_true(wk_record_comment(&record) && !wk_record_blank(&record));
    next_is("x # y");
    assert_true(!wk_record_comment(&record) && !wk_record_blank(&record));
    next_is(NULL);
    wk_record_close(&record);
}

static void delimiter_is(const char *line, char expected)
{
    open_text(line, strlen(line));
    next_is(line);
    assert_int_equal(wk_record_delimiter(&record), expected);
    wk_record_close(&record);
}

static void test_delimiters(void **state)
{
    (void)state;
    delimiter_is("x,y", ',');
    delimiter_is("x;y;\"a,b,c,d\"", ';');
    delimiter_is("x y\ty err", '\t');
    delimiter_is("x  y", ' ');
    delimiter_is("x", ' ');
}

static void test_fields(void **state)
{
    static const char text[] = "1,2, 3 ,\n"
                               ",,\n"
                               "\"a,b\",\"say \"\"no\"\"\" , \"\"\n"
                               "  1   2\t 3  \n"
                               "\"a b\" \"\" c\n"
                               "1\t\t 3\n"
                               "5\" tube;x\n";
    (void)state;
    open_text(text, sizeof text - 1);
    fields_are(',', "1|2|3|");
    fields_are(',', "||");
    fields_are(',', "a,b|say \"no\"|");
    fields_are(' ', "1|2|3");
    fields_are(' ', "a b||c");
    fields_are('\t', "1||3");
    fields_are(';', "5\" tube|x");
    next_is(NULL);
    wk_record_close(&record);
}

static void test_quoted_ends_of_lines(void **state)
{
    (void)state;
    open_text("\"a\nb\r\n\nc\",1\n2,\"x\"\n", 19);
    fields_are(',', "a\nb\r\n\nc|1");
    assert_int_equal(record.line, 1);
    fields_are(',', "2|x");
    assert_int_equal(record.line, 5);
    wk_record_close(&record);
}

static void test_refused(void **state)
{
    (void)state;
    open_text("1,\"x\n2\n", 7);
    is_refused(',', "line 1 opens a quote that is never closed");
    open_text("1,\"x\"y\n", 7);
    is_refused(',', "line 1 has text behind a closing quote");
    open_text("\"x\"y\n", 5);
    is_refused(' ', "line 1 has text behind a closing quote");
    open_text("a\0b\n", 4);
    is_refused(',', "line 1 holds a zero byte: the file is neither FITS nor text");
    wk_error error;
    assert_int_equal(wk_record_open(&record, case_path("none"), &error), WK_FILE);
    wk_record_close(&record);
}

/* Lines across the pieces in which the file is read come whole. */
static void test_many_lines(void **state)
{
    enum { LINES = 60000 };
    (void)state;
    char *text = malloc(LINES * 24), expected[32];
    size_t size = 0;
    for (int i = 0; i < LINES; i++)
        size += (size_t)sprintf(text + size, "%d,\"%.*s\"\n", i, i % 11, "abc\nefghijk");
    open_text(text, size);
    for (int i = 0; i < LINES; i++) {
        snprintf(expected, sizeof expected, "%d|%.*s", i, i % 11, "abc\nefghijk");
        fields_are(',', expected);
    }
    next_is(NULL);
    wk_record_close(&record);
    free(text);
}

/* A file that ends with a piece has no more lines than others. */
static void test_whole_pieces(void **state)
{
    enum { PIECE = 1 << 18 };
    (void)state;
    char *text = malloc(2 * PIECE);
    memset(text, 'x', 2 * PIECE);
    text[2 * PIECE - 1] = '\n';
    open_text(text, 2 * PIECE);
    int more;
    assert_int_equal(wk_record_next(&more, &record, NULL), WK_OK);
    assert_int_equal(record.length, 2 * PIECE - 1);
    next_is(NULL);
    wk_record_close(&record);
    free(text);
}

static void test_endless_records(void **state)
{
    (void)state;
    const char *path = case_path("long.txt");
    wk_error error;
    int more;
    char *text = malloc(WK_RECORD_BYTES * 2);
    memset(text, '1', WK_RECORD_BYTES * 2);
    case_write(path, text, WK_RECORD_BYTES * 2);
    assert_int_equal(wk_record_open(&record, path, NULL), WK_OK);
    assert_int_equal(wk_record_next(&more, &record, &error), WK_FILE);
    assert_non_null(strstr(error.message, "line 1: more than 16 MB"));
    wk_record_close(&record);
    memset(text, ',', 70000);
    open_text(text, 70000);
    is_refused(',', "line 1 has more than 65536 fields");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_kinds_of_lines),
        cmocka_unit_test(test_delimiters),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_quoted_ends_of_lines),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_many_lines),
        cmocka_unit_test(test_whole_pieces),
        cmocka_unit_test(test_endless_records),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
