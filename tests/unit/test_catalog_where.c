#include "catalog_case.h"

#include "catalog_where.h"

static wk_error error;

static wk_status parse(wk_where *where, const char *text)
{
    memset(where, 0, sizeof *where);
    memset(&error, 0, sizeof error);
    return wk_where_parse(where, text, &error);
}

static void refused(const char *text, const char *cause)
{
    wk_where where;
    assert_int_equal(parse(&where, text), WK_ARGUMENT);
    assert_string_equal(error.subject, "where");
    if (!strstr(error.message, cause))
        fail_msg("%s: %s", text, error.message);
    wk_where_release(&where);
}

/* No literal is ever part of the condition. */
static void test_values_are_bound(void **state)
{
    (void)state;
    wk_where where;
    assert_int_equal(parse(&where, "filter = 'x''; drop' and hdu in (1, 2.5) or visit = '12'"),
                     WK_OK);
    assert_null(strstr(where.condition, "drop"));
    assert_null(strpbrk(where.condition, "'\""));
    assert_int_equal(where.count, 4);
    assert_string_equal(where.values[0].text, "x'; drop");
    assert_int_equal(where.values[1].kind, WK_WHERE_INTEGER);
    assert_int_equal(where.values[1].integer, 1);
    assert_int_equal(where.values[2].kind, WK_WHERE_REAL);
    assert_true(where.values[2].real == 2.5);
    assert_int_equal(where.values[3].kind, WK_WHERE_INTEGER);
    assert_int_equal(where.values[3].integer, 12);
    wk_where_release(&where);
    assert_int_equal(parse(&where, NULL), WK_OK);
    assert_int_equal(where.count, 0);
    wk_where_release(&where);
}

static void test_what_is_refused(void **state)
{
    (void)state;
    refused("", "empty");
    refused("  ", "empty");
    refused("filter", "expected");
    refused("filter = ", "at its end");
    refused("filter = r", "single quotes");
    refused("filter = 5", "holds texts");
    refused("ra = 'x'", "holds numbers");
    refused("ra like '1%'", "like is for texts");
    refused("filter = 'r' visit = 1", "and, or or the end");
    refused("(filter = 'r'", "closing parenthesis");
    refused("filter = 'r')", "and, or or the end");
    refused("filter in 'r'", "parenthesis");
    refused("filter in ()", "expected");
    refused("filter in ('r' 'g')", "comma");
    refused("visit between 1 or 2", "and is expected");
    refused("visit between 1 and 'x'", "a number and a text");
    refused("filter is 'r'", "null or not null");
    refused("filter not = 'r'", "in, like or between");
    refused("filter = filter", "expected");
    refused("1 = 1", "name of a column");
    refused("filter = 'r'; drop table file", "no meaning");
    refused("filter = 'r' -- ", "no meaning");
    refused("filter = (select path from file)", "expected");
    refused("length(filter) = 1", "length");
    refused("filter = 'r' or 1", "name of a column");
}

static void test_unknown_columns(void **state)
{
    (void)state;
    refused("filtr = 'r'", "filter");
    refused("exptime > 3", "exposure_time");
    refused("Band = 'r'", "there are file, hdu");
    refused("e.filter = 'r'", "");
    refused("rowid = 1", "no column rowid");
    refused("outline is null", "no column outline");
    refused("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa = 1", "no column");
}

/* Depth and length are bounded here, not by the database's own limits. */
static void test_bounds(void **state)
{
    (void)state;
    static char text[400000];
    wk_where where;
    memset(text, '(', 200);
    strcpy(text + 200, "hdu = 1");
    memset(text + 207, ')', 200);
    refused(text, "within each other");
    size_t used = 0;
    for (int i = 0; i < 400; i++)
        used += (size_t)sprintf(text + used, "%shdu = %d", i ? " or " : "", i);
    assert_int_equal(parse(&where, text), WK_OK);
    wk_where_release(&where);
    sprintf(text + used, " or hdu = 3");
    refused(text, "400 comparisons");
    used = (size_t)sprintf(text, "visit in (0");
    for (int i = 1; i < 30000; i++)
        used += (size_t)sprintf(text + used, ",%d", i);
    strcpy(text + used, ")");
    assert_int_equal(parse(&where, text), WK_OK);
    assert_int_equal(where.count, 30000);
    wk_catalog *catalog = case_open();
    case_names names = {"", 0};
    assert_int_equal(wk_catalog_select(catalog, text, case_take, &names, &error), WK_OK);
    wk_catalog_close(catalog);
    wk_where_release(&where);
    strcpy(text + used, ",1)");
    refused(text, "too many values");
}

static void test_integers(void **state)
{
    (void)state;
    int64_t value;
    assert_true(wk_where_is_integer(&value, "-9223372036854775808") && value == INT64_MIN);
    assert_true(wk_where_is_integer(&value, "0"));
    assert_false(wk_where_is_integer(&value, "9223372036854775808"));
    assert_false(wk_where_is_integer(&value, "007"));
    assert_false(wk_where_is_integer(&value, "+7"));
    assert_false(wk_where_is_integer(&value, "1e3"));
    assert_false(wk_where_is_integer(&value, ""));
    assert_false(wk_where_is_integer(&value, " 1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values_are_bound), cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_unknown_columns),  cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_integers),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
