#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "welkin/ledger.h"

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/welkin-read-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static wk_status read_text(wk_ledger **out, const char *text, wk_error *error)
{
    char path[96];
    snprintf(path, sizeof path, "%s/a.json", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    wk_status status = wk_ledger_read(out, path, error);
    unlink(path);
    return status;
}

static void reaches_values(void **state)
{
    (void)state;
    wk_ledger *ledger;
    int found = -1;
    assert_int_equal(read_text(&ledger,
                               "{\"a\": [{\"sky\": 1.5, \"file\": \"x\"}, {\"sky\": null}, 7], "
                               "\"yes\": true, \"no\": false, \"e\": {}}",
                               NULL),
                     WK_OK);
    assert_true(wk_ledger_get_number(ledger, "a/0/sky", &found) == 1.5 && found == 1);
    assert_true(isnan(wk_ledger_get_number(ledger, "a/1/sky", &found)) && found == 1);
    assert_true(isnan(wk_ledger_get_number(ledger, "a/3/sky", &found)) && found == 0);
    assert_true(isnan(wk_ledger_get_number(ledger, "a/0/file", &found)) && found == 0);
    assert_true(wk_ledger_get_number(ledger, "a/2", NULL) == 7);
    assert_string_equal(wk_ledger_get_text(ledger, "a/0/file"), "x");
    assert_null(wk_ledger_get_text(ledger, "a/0/sky"));
    assert_null(wk_ledger_get_text(ledger, "a/x/file"));
    assert_null(wk_ledger_get_text(ledger, "a/99999999999999999999/file"));
    assert_int_equal(wk_ledger_length(ledger, "a"), 3);
    assert_int_equal(wk_ledger_length(ledger, "e"), 0);
    assert_int_equal(wk_ledger_length(ledger, ""), 4);
    assert_int_equal(wk_ledger_length(ledger, "yes"), -1);
    assert_int_equal(wk_ledger_length(ledger, "absent"), -1);
    assert_int_equal(wk_ledger_get_boolean(ledger, "yes", 0), 1);
    assert_int_equal(wk_ledger_get_boolean(ledger, "no", 1), 0);
    assert_int_equal(wk_ledger_get_boolean(ledger, "absent", 5), 5);
    wk_ledger_free(ledger);
}

static void prints_what_was_read(void **state)
{
    (void)state;
    const char *text =
        "{\n  \"a\": [1, 2.5, null],\n  \"b\": {\n    \"c\": [\n      \"x\"\n    ],\n"
        "    \"d\": true\n  },\n  \"e\": 1e+300\n}\n";
    wk_ledger *ledger;
    char *back;
    assert_int_equal(read_text(&ledger, text, NULL), WK_OK);
    assert_int_equal(wk_ledger_print(&back, ledger, NULL), WK_OK);
    assert_string_equal(back, text);
    wk_ledger_text_free(back);
    wk_ledger_free(ledger);
}

/* 10,000 doubles over the whole range come back with the same bits. */
static void reads_back_the_same_bits(void **state)
{
    (void)state;
    enum { COUNT = 10000 };
    static double numbers[COUNT];
    uint64_t bits = 88172645463325252u;
    wk_ledger *ledger, *back;
    char *text;
    assert_int_equal(wk_ledger_create(&ledger, NULL), WK_OK);
    wk_ledger_open_array(ledger, "n");
    for (int i = 0; i < COUNT; i++) {
        do {
            bits ^= bits << 13, bits ^= bits >> 7, bits ^= bits << 17;
            memcpy(&numbers[i], &bits, sizeof bits);
        } while (!isfinite(numbers[i]));
        wk_ledger_number(ledger, NULL, numbers[i]);
    }
    wk_ledger_close(ledger);
    assert_int_equal(wk_ledger_print(&text, ledger, NULL), WK_OK);
    wk_ledger_free(ledger);
    assert_int_equal(read_text(&back, text, NULL), WK_OK);
    wk_ledger_text_free(text);
    for (int i = 0; i < COUNT; i++) {
        char path[32];
        snprintf(path, sizeof path, "n/%d", i);
        double value = wk_ledger_get_number(back, path, NULL);
        assert_memory_equal(&value, &numbers[i], sizeof value);
    }
    wk_ledger_free(back);
}

static void names_the_line_of_a_fault(void **state)
{
    (void)state;
    wk_ledger *ledger;
    wk_error error = {0};
    assert_int_equal(read_text(&ledger, "{\n  \"a\": 1,\n  oops\n}", &error), WK_FILE);
    assert_null(ledger);
    assert_non_null(strstr(error.message, "line 3"));
    assert_non_null(strstr(error.subject, "a.json"));
}

static void refuses_what_is_no_document(void **state)
{
    (void)state;
    wk_ledger *ledger;
    wk_error error = {0};
    assert_int_equal(read_text(&ledger, "", &error), WK_FILE);
    assert_int_equal(read_text(&ledger, "3", &error), WK_FILE);
    assert_int_equal(read_text(&ledger, "{\"a\": 1", &error), WK_FILE);
    assert_int_equal(read_text(&ledger, "{\"a\": \"\xff\"}", &error), WK_FILE);
    assert_int_equal(wk_ledger_read(&ledger, "/nonexistent/x.json", &error), WK_FILE);
    assert_non_null(strstr(error.message, "No such file"));
    assert_int_equal(wk_ledger_read(&ledger, folder, &error), WK_FILE);
    assert_non_null(strstr(error.message, "folder"));
}

static void has_nothing_to_reach_while_written(void **state)
{
    (void)state;
    wk_ledger *ledger;
    assert_int_equal(wk_ledger_create(&ledger, NULL), WK_OK);
    wk_ledger_number(ledger, "x", 1);
    assert_int_equal(wk_ledger_length(ledger, ""), -1);
    assert_true(isnan(wk_ledger_get_number(ledger, "x", NULL)));
    wk_ledger_free(ledger);
}

static void cannot_be_written_once_read(void **state)
{
    (void)state;
    wk_ledger *ledger;
    char *text;
    assert_int_equal(read_text(&ledger, "{}", NULL), WK_OK);
    wk_ledger_number(ledger, "x", 1);
    assert_int_equal(wk_ledger_print(&text, ledger, NULL), WK_ARGUMENT);
    wk_ledger_free(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reaches_values),
        cmocka_unit_test(prints_what_was_read),
        cmocka_unit_test(reads_back_the_same_bits),
        cmocka_unit_test(names_the_line_of_a_fault),
        cmocka_unit_test(refuses_what_is_no_document),
        cmocka_unit_test(has_nothing_to_reach_while_written),
        cmocka_unit_test(cannot_be_written_once_read),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
