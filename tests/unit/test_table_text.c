#include "table_text.h"

#include <locale.h>

#include "table_case.h"

static const double none = (double)NAN;

static void test_delimiters(void **state)
{
    static const char *const texts[] = {
        "id,x,name\n1,2.5,a b\n2,,\n",
        "id;x;name\r\n1;2.5;\"a; b\"\r\n2;nan;\r\n",
        "id\tx\tname\n1\t2.5\ta b\n2\t\t\n",
        "# a comment, with commas\n\nid x  name\n 1  2.5 \"a b\"\n#2 3 4\n2\t\"\"\tc",
        "\xef\xbb\xbf\"id\",\"x\",\"name\"\n\"1\",\"2.5\",\"a\nb\"\n2, NaN ,-\n",
    };
    const double ids[] = {1, 2}, x[] = {2.5, none};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        wk_table *table = table_of(texts[i]);
        assert_int_equal(wk_table_columns(table), 3);
        numbers_are(table, "id", ids, 2);
        numbers_are(table, "x", x, 2);
        numbers_refused(table, "name", "the column name holds texts (\"");
        wk_table_free(table);
    }
}

static void test_one_column(void **state)
{
    const double x[] = {1, -3};
    (void)state;
    wk_table *table = table_of("x\n1\n\n-3\n");
    numbers_are(table, "x", x, 2);
    wk_table_free(table);
}

static void test_no_rows(void **state)
{
    (void)state;
    wk_table *table = table_of("x,y");
    numbers_are(table, "y", NULL, 0);
    wk_table_free(table);
}

static void test_infinite_numbers(void **state)
{
    const double x[] = {HUGE_VAL, -HUGE_VAL, 1500, -0.0};
    (void)state;
    wk_table *table = table_of("x,y\ninf,1\n-Inf,2\n+1.5E+03,3\n-0,4\n");
    numbers_are(table, "x", x, 4);
    wk_table_free(table);
}

static void test_texts_are_found_late(void **state)
{
    const double x[] = {1, 2, 3};
    (void)state;
    wk_table *table = table_of("x,y\n1,1\n2,2\n3,NGC 1275\n");
    numbers_are(table, "x", x, 3);
    numbers_refused(table, "y", "holds texts (\"NGC 1275\" in line 4), not one number a row");
    wk_table_free(table);
    table = table_of("x,y\n1,\303\244\001 long text with no end in sight\n");
    numbers_refused(table, "y", "(\"??? long text with no e\" in line 2)");
    wk_table_free(table);
}

static void test_refused(void **state)
{
    (void)state;
    text_refused("x,y\n1,2\n\n3\n", WK_FILE, "line 4 has 1 field, but the table has 2 columns");
    text_refused("x\n1 2\n", WK_FILE, "line 2 has 2 fields, but the table has 1 column");
    text_refused("x,y\n1,2,\n", WK_FILE, "line 2 has 3 fields");
    text_refused("x,y\n1,\"2\n", WK_FILE, "line 2 opens a quote");
    text_refused("1.5,2\n3,4\n", WK_FILE, "line 1 holds the number 1.5 where the names");
    text_refused("# nothing\n\n", WK_FILE, "no line with the names");
    const char *path = case_path("zero.csv");
    case_write(path, "x\n1\n\0\n", 6);
    open_refused(path, WK_FILE, "line 3 holds a zero byte");
}

static void test_ecsv(void **state)
{
    static const char *const texts[] = {
        "# %ECSV 1.0\n# ---\n# datatype:\n"
        "# - {name: x y, unit: pix, datatype: float64, description: 'a: b'}\n"
        "# - {name: ok, datatype: bool}\n# - {name: n, datatype: int32}\n"
        "# - {name: t, datatype: string}\n# - {name: v, datatype: string, subtype: 'float64[2]'}\n"
        "# schema: astropy-2.0\n"
        "\"x y\" ok n t v\n1.5 True \"\" 7 [1.0,2.0]\n\"\" False -3 \"a \"\"b\" [3.0,4.0]\n",
        "# %ECSV 1.0\n# ---\n# delimiter: ','\n# datatype:\n"
        "# - {name: x y, datatype: float64}\n# - {name: ok, datatype: bool}\n"
        "# - {name: n, datatype: int32}\n# - {name: t, datatype: string}\n"
        "# - {name: v, datatype: string, subtype: 'float64[2]'}\n"
        "x y,ok,n,t,v\n1.5,True,,7,\"[1.0,2.0]\"\n,False,-3,a,\"[3.0,4.0]\"\n"};
    const double x[] = {1.5, none}, ok[] = {1, 0}, n[] = {none, -3};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        wk_table *table = table_of(texts[i]);
        numbers_are(table, "x y", x, 2);
        numbers_are(table, "ok", ok, 2);
        numbers_are(table, "N", n, 2);
        numbers_refused(table, "t", "holds texts,");
        numbers_refused(table, "v", "holds several values in each row");
        wk_table_free(table);
    }
}

static void test_ecsv_refused(void **state)
{
#define HEADER "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: x, datatype: float64}\n"
    (void)state;
    text_refused(HEADER "y\n1\n", WK_FILE, "line 5: the name y is x in the header");
    text_refused(HEADER "x y\n1 2\n", WK_FILE, "line 5 has 2 fields");
    text_refused(HEADER "x\nabc\n", WK_FILE, "line 6: \"abc\" in the column x is no number");
    text_refused(HEADER "# - {name: b, datatype: bool}\nx b\n1 2\n", WK_FILE, "no truth value");
    text_refused(HEADER, WK_FILE, "no line with the names");
#undef HEADER
}

/* A locale with a decimal comma changes nothing. */
static void test_locale(void **state)
{
    const double x[] = {1.2345678901234567e-5};
    (void)state;
    if (!setlocale(LC_ALL, "de_DE.UTF-8"))
        print_message("# no locale with a decimal comma is installed\n");
    wk_table *table = table_of("x;y\n1.2345678901234567e-5;1,5\n");
    setlocale(LC_ALL, "C");
    numbers_are(table, "x", x, 1);
    numbers_refused(table, "y", "texts");
    wk_table_free(table);
}

/* Any bytes at all are a table or are refused. */
static void test_damaged(void **state)
{
    static const char text[] = "# %ECSV 1.0\n# ---\n# datatype:\n# - {name: x, datatype: float64}\n"
                               "# meta: !!omap\n# - {a: [1, &b 2, *b]}\nx\n1\n\"2\"\n";
    char damaged[sizeof text];
    uint32_t seed = 1;
    (void)state;
    for (int i = 0; i < 3000; i++) {
        memcpy(damaged, text, sizeof text);
        for (int k = 0; k < 3; k++) {
            seed = seed * 1664525 + 1013904223;
            damaged[(seed >> 16) % (sizeof text - 1)] = (char)(seed >> 8);
        }
        const char *path = case_path("damaged.txt");
        case_write(path, damaged, sizeof text - 1 - (size_t)(i % 7));
        wk_table *table = NULL;
        wk_error error = {WK_OK, "", ""};
        if (wk_table_open(&table, path, &error) != WK_OK)
            assert_true(error.message[0] != '\0' && error.subject[0] != '\0');
        else
            wk_table_free(table);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delimiters),
        cmocka_unit_test(test_one_column),
        cmocka_unit_test(test_no_rows),
        cmocka_unit_test(test_infinite_numbers),
        cmocka_unit_test(test_texts_are_found_late),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_ecsv),
        cmocka_unit_test(test_ecsv_refused),
        cmocka_unit_test(test_locale),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
