#include "table_ecsv.h"

#include "table_case.h"
#include "memory.h"

static wk_status read_lines(wk_table **out, char *delimiter, const char *text, wk_error *error)
{
    wk_ecsv ecsv = {NULL, 0, 0};
    wk_table *table = wk_memory_new(1, sizeof *table, NULL);
    table->path = wk_memory_text("a.ecsv", NULL);
    for (const char *line = text, *end; (end = strchr(line, '\n')); line = end + 1)
        assert_int_equal(wk_ecsv_append(&ecsv, line, (size_t)(end - line), NULL), WK_OK);
    wk_status status = wk_ecsv_read(table, delimiter, &ecsv, error);
    wk_ecsv_free(&ecsv);
    *out = table;
    return status;
}

static void is_refused(const char *text, const char *words)
{
    wk_table *table;
    wk_error error = {WK_OK, "", ""};
    char delimiter;
    assert_int_equal(read_lines(&table, &delimiter, text, &error), WK_HEADER);
    says(&error, words);
    assert_string_equal(error.subject, "a.ecsv");
    wk_table_free(table);
}

static void test_mark(void **state)
{
    (void)state;
    assert_true(wk_ecsv_begins("# %ECSV 1.0", 11));
    assert_true(wk_ecsv_begins("# %ECSV 0.9", 11));
    assert_false(wk_ecsv_begins("# %ECSV", 7));
    assert_false(wk_ecsv_begins("#%ECSV 1.0", 10));
    assert_false(wk_ecsv_begins("", 0));
}

static void test_types(void **state)
{
    static const struct {
        const char *type;
        wk_content content;
    } types[] = {
        {"float64", WK_CONTENT_NUMBER},
        {"uint8", WK_CONTENT_NUMBER},
        {"float128", WK_CONTENT_NUMBER},
        {"bool", WK_CONTENT_LOGICAL},
        {"string", WK_CONTENT_TEXT},
        {"string, subtype: json", WK_CONTENT_TEXT},
        {"string, subtype: 'int64[2,3]'", WK_CONTENT_VECTOR},
        {"string, subtype: 'float32[null]'", WK_CONTENT_VARIABLE},
        {"complex128", WK_CONTENT_COMPLEX},
    };
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char text[200], delimiter;
        wk_table *table;
        snprintf(text, sizeof text, "# ---\n# datatype:\n# - {name: x, datatype: %s}\n",
                 types[i].type);
        assert_int_equal(read_lines(&table, &delimiter, text, NULL), WK_OK);
        assert_int_equal(delimiter, ' ');
        assert_int_equal(table->count, 1);
        assert_string_equal(table->items[0].name, "x");
        assert_int_equal(table->items[0].content, types[i].content);
        assert_true(table->items[0].declared);
        wk_table_free(table);
    }
}

/* As astropy writes them: tags, maps in order, texts of several lines. */
static void test_meta(void **state)
{
    static const char text[] = "# %ECSV 1.0\n# ---\n# delimiter: ','\n# datatype:\n"
                               "# - name: a\n#   unit: deg\n#   datatype: float32\n"
                               "# - {name: \"b \\\"q\\\"\", datatype: int16, meta: {k: 1}}\n#\n"
                               "# meta: !!omap\n# - comments: ['one', \"two\\n\\\n#   three\"]\n"
                               "# - __serialized_columns__:\n#     x: &id001 !numpy.thing {}\n"
                               "#     y: *id001\n# schema: astropy-2.0\n";
    wk_table *table;
    wk_error error = {WK_OK, "", ""};
    char delimiter;
    (void)state;
    if (read_lines(&table, &delimiter, text, &error) != WK_OK)
        fail_msg("%s", error.message);
    assert_int_equal(delimiter, ',');
    assert_int_equal(table->count, 2);
    assert_string_equal(table->items[1].name, "b \"q\"");
    wk_table_free(table);
}

static void test_refused(void **state)
{
    (void)state;
    is_refused("# %ECSV 1.0\n# ---\n# datatype: [\n", "the ECSV header is no YAML");
    is_refused("# %ECSV 1.0\n# ---\n# a: b: c\n", "line 3: the ECSV header is no YAML");
    is_refused("# %ECSV 1.0\n", "no list of columns");
    is_refused("# - a\n", "no list of columns");
    is_refused("# datatype: 7\n", "no list of columns");
    is_refused("# datatype: []\n", "no list of columns");
    is_refused("# datatype:\n# - {name: x, datatype: int8}\n# - {name: x}\n",
               "line 3: a column of the header lacks");
    is_refused("# datatype: [x]\n", "line 1: a column of the header lacks");
    is_refused("# datatype:\n# - {name: x, datatype: date}\n",
               "line 2: the datatype date of the column x is unknown");
    is_refused("# delimiter: '|'\n# datatype:\n# - {name: x, datatype: int8}\n",
               "the delimiter \"|\" of the header");
}

static void test_endless_header(void **state)
{
    enum { LINE = 1 << 20 };
    wk_ecsv ecsv = {NULL, 0, 0};
    char *line = calloc(LINE, 1);
    wk_status status = WK_OK;
    (void)state;
    memset(line, '#', LINE);
    for (int i = 0; i < 20 && status == WK_OK; i++)
        status = wk_ecsv_append(&ecsv, line, LINE, NULL);
    assert_int_equal(status, WK_HEADER);
    wk_ecsv_free(&ecsv);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mark),           cmocka_unit_test(test_types),
        cmocka_unit_test(test_meta),           cmocka_unit_test(test_refused),
        cmocka_unit_test(test_endless_header),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
