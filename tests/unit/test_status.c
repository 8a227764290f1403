#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "status.h"

static void test_every_code_has_a_name_of_its_own(void **state)
{
    (void)state;
    const char *unknown = wk_status_name((wk_status)99);
    assert_string_equal(unknown, "unknown status");
    assert_string_equal(wk_status_name((wk_status)-99), unknown);
    for (int a = WK_EXISTS; a <= WK_SPARSE; a++) {
        const char *name = wk_status_name((wk_status)a);
        assert_true(name[0] != '\0');
        assert_string_not_equal(name, unknown);
        for (int b = WK_EXISTS; b < a; b++)
            assert_string_not_equal(name, wk_status_name((wk_status)b));
    }
    assert_string_equal(wk_status_name(WK_NO_OVERLAP), "no overlap");
    assert_string_equal(wk_status_name(WK_MEMORY), "out of memory");
}

static void test_set(void **state)
{
    (void)state;
    wk_error error = {WK_OK, "old", "old"};
    assert_int_equal(wk_error_set(&error, WK_FILE, "a.fits[1]", "row %d of %s", 7, "it"), WK_FILE);
    assert_int_equal(error.code, WK_FILE);
    assert_string_equal(error.message, "row 7 of it");
    assert_string_equal(error.subject, "a.fits[1]");
    assert_int_equal(wk_error_set(&error, WK_WCS, NULL, "none"), WK_WCS);
    assert_string_equal(error.subject, "");
    assert_int_equal(wk_error_set(NULL, WK_HEADER, "x", "%d", 1), WK_HEADER);
}

static void test_long_texts_are_cut(void **state)
{
    (void)state;
    struct {
        wk_error error;
        char guard[8];
    } held;
    char text[2000];
    memset(&held, 0x55, sizeof held);
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    wk_error_set(&held.error, WK_ARGUMENT, text, "%s", text);
    assert_int_equal(strlen(held.error.message), sizeof held.error.message - 1);
    assert_int_equal(strlen(held.error.subject), sizeof held.error.subject - 1);
    held.error.subject[0] = '\0';
    wk_error_subject(&held.error, text);
    assert_int_equal(strlen(held.error.subject), sizeof held.error.subject - 1);
    for (size_t i = 0; i < sizeof held.guard; i++)
        assert_int_equal(held.guard[i], 0x55);
}

static void test_subject_is_put_once(void **state)
{
    (void)state;
    wk_error error = {WK_OK, "", ""};
    wk_error_subject(&error, NULL);
    assert_string_equal(error.subject, "");
    wk_error_subject(&error, "first");
    wk_error_subject(&error, "second");
    assert_string_equal(error.subject, "first");
    wk_error_subject(NULL, "third");
}

static void test_version(void **state)
{
    (void)state;
    int part[3];
    char rest = '\0';
    assert_int_equal(sscanf(wk_version(), "%d.%d.%d%c", part, part + 1, part + 2, &rest), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_code_has_a_name_of_its_own),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_long_texts_are_cut),
        cmocka_unit_test(test_subject_is_put_once),
        cmocka_unit_test(test_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
