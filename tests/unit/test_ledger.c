#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "welkin/ledger.h"

static wk_ledger *create(void)
{
    wk_ledger *ledger;
    assert_int_equal(wk_ledger_create(&ledger, NULL), WK_OK);
    return ledger;
}

static void check_text(wk_ledger *ledger, const char *expected)
{
    char *text;
    assert_int_equal(wk_ledger_print(&text, ledger, NULL), WK_OK);
    assert_string_equal(text, expected);
    wk_ledger_text_free(text);
    wk_ledger_free(ledger);
}

static void check_failure(wk_ledger *ledger)
{
    wk_error error = {0};
    char *text = (char *)1;
    assert_int_equal(wk_ledger_print(&text, ledger, &error), WK_ARGUMENT);
    assert_null(text);
    assert_int_equal(error.code, WK_ARGUMENT);
    assert_true(strlen(error.message) > 10);
    wk_ledger_free(ledger);
}

static void prints_empty(void **state)
{
    (void)state;
    check_text(create(), "{}\n");
}

static void prints_values_in_order(void **state)
{
    (void)state;
    wk_ledger *ledger = create();
    wk_ledger_text(ledger, "b", "x");
    wk_ledger_integer(ledger, "a", INT64_MIN);
    wk_ledger_boolean(ledger, "yes", 7);
    wk_ledger_boolean(ledger, "no", 0);
    wk_ledger_null(ledger, "none");
    wk_ledger_text(ledger, "no text", NULL);
    check_text(ledger, "{\n  \"b\": \"x\",\n  \"a\": -9223372036854775808,\n  \"yes\": true,\n"
                       "  \"no\": false,\n  \"none\": null,\n  \"no text\": null\n}\n");
}

static void keeps_short_arrays_on_a_line(void **state)
{
    (void)state;
    wk_ledger *ledger = create();
    wk_ledger_open_array(ledger, "corners");
    for (int i = 0; i < 2; i++) {
        wk_ledger_open_array(ledger, NULL);
        wk_ledger_number(ledger, NULL, 1.5);
        wk_ledger_integer(ledger, NULL, i);
        wk_ledger_close(ledger);
    }
    wk_ledger_close(ledger);
    wk_ledger_open_array(ledger, "empty");
    wk_ledger_close(ledger);
    wk_ledger_open_array(ledger, "objects");
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_null(ledger, "k");
    wk_ledger_close(ledger);
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_close(ledger);
    wk_ledger_close(ledger);
    check_text(ledger, "{\n  \"corners\": [\n    [1.5, 0],\n    [1.5, 1]\n  ],\n  \"empty\": [],\n"
                       "  \"objects\": [\n    {\n      \"k\": null\n    },\n    {}\n  ]\n}\n");
}

static void prints_shortest_numbers(void **state)
{
    (void)state;
    wk_ledger *ledger = create();
    wk_ledger_open_array(ledger, "n");
    const double numbers[] = {10.5,
                              0.1,
                              10.0,
                              -0.0,
                              1e300,
                              1.0 / 3.0,
                              123456789012345680.0,
                              NAN,
                              -HUGE_VAL,
                              5e-324,
                              0.30000000000000004};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        wk_ledger_number(ledger, NULL, numbers[i]);
    wk_ledger_close(ledger);
    check_text(ledger, "{\n  \"n\": [10.5, 0.1, 10.0, -0.0, 1e+300, 0.3333333333333333, "
                       "1.2345678901234568e+17, null, null, 4.94065645841247e-324, "
                       "0.30000000000000004]\n}\n");
}

static void escapes_text(void **state)
{
    (void)state;
    wk_ledger *ledger = create();
    wk_ledger_text(ledger, "a\"b", "\\ \n \t \x01 \x7f \xc3\xa9 \xe2\x82\xac \xf0\x9f\x8c\x8c");
    wk_ledger_text(ledger, "latin", "\xe9");
    wk_ledger_text(ledger, "overlong", "\xc0\xaf");
    wk_ledger_text(ledger, "surrogate", "\xed\xa0\x80");
    wk_ledger_text(ledger, "cut", "\xe2\x82");
    check_text(ledger,
               "{\n  \"a\\\"b\": \"\\\\ \\n \\t \\u0001 \x7f \xc3\xa9 \xe2\x82\xac "
               "\xf0\x9f\x8c\x8c\",\n  \"latin\": \"\\u00e9\",\n"
               "  \"overlong\": \"\\u00c0\\u00af\",\n  \"surrogate\": \"\\u00ed\\u00a0\\u0080\",\n"
               "  \"cut\": \"\\u00e2\\u0082\"\n}\n");
}

static void refuses_a_missing_key(void **state)
{
    (void)state;
    wk_ledger *ledger = create();
    wk_ledger_number(ledger, NULL, 1);
    wk_ledger_number(ledger, "fine", 1);
    check_failure(ledger);
}

static void refuses_a_key_in_an_array(void **state)
{
    (void)state;
    wk_ledger *ledger = create();
    wk_ledger_open_array(ledger, "a");
    wk_ledger_number(ledger, "k", 1);
    wk_ledger_close(ledger);
    check_failure(ledger);
}

static void refuses_wrong_closing(void **state)
{
    (void)state;
    wk_ledger *ledger = create();
    wk_ledger_close(ledger);
    check_failure(ledger);
    ledger = create();
    wk_ledger_open_object(ledger, "a");
    check_failure(ledger);
}

static void refuses_endless_depth(void **state)
{
    (void)state;
    wk_ledger *ledger = create();
    for (int i = 0; i < 100; i++)
        wk_ledger_open_object(ledger, "a");
    check_failure(ledger);
}

/* A host program with a comma for the decimal point must not change a document. */
static void ignores_the_locale(void **state)
{
    (void)state;
    static const char *const commas[] = {"de_DE.UTF-8", "fr_FR.UTF-8", "de_DE", "fr_FR", "ps_AF"};
    const char *set = NULL;
    for (size_t i = 0; i < sizeof commas / sizeof *commas && !set; i++)
        set = setlocale(LC_NUMERIC, commas[i]);
    if (!set) {
        puts("# skipped: no locale with a decimal comma is installed");
        return;
    }
    wk_ledger *ledger = create();
    wk_ledger_number(ledger, "x", 1234.5);
    check_text(ledger, "{\n  \"x\": 1234.5\n}\n");
    setlocale(LC_NUMERIC, "C");
}

static void saves_whole_or_not_at_all(void **state)
{
    (void)state;
    char folder[] = "/tmp/welkin-ledger-XXXXXX";
    char path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.json", folder);
    wk_ledger *ledger = create();
    wk_ledger_number(ledger, "x", 2.5);
    assert_int_equal(wk_ledger_save(ledger, path, 0, 0, NULL), WK_OK);
    assert_int_equal(wk_ledger_save(ledger, path, 0, 0, NULL), WK_EXISTS);
    assert_int_equal(wk_ledger_save(ledger, path, 1, 1, NULL), WK_OK);
    wk_ledger_free(ledger);
    wk_ledger *back;
    assert_int_equal(wk_ledger_read(&back, path, NULL), WK_OK);
    assert_true(wk_ledger_get_number(back, "x", NULL) == 2.5);
    wk_ledger_free(back);
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
}

static void frees_nothing(void **state)
{
    (void)state;
    wk_ledger_free(NULL);
    wk_ledger_text_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prints_empty),
        cmocka_unit_test(prints_values_in_order),
        cmocka_unit_test(keeps_short_arrays_on_a_line),
        cmocka_unit_test(prints_shortest_numbers),
        cmocka_unit_test(escapes_text),
        cmocka_unit_test(refuses_a_missing_key),
        cmocka_unit_test(refuses_a_key_in_an_array),
        cmocka_unit_test(refuses_wrong_closing),
        cmocka_unit_test(refuses_endless_depth),
        cmocka_unit_test(ignores_the_locale),
        cmocka_unit_test(saves_whole_or_not_at_all),
        cmocka_unit_test(frees_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
