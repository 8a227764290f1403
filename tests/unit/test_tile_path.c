#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "tile_path.h"

static const char *look_up(const char *name, void *payload)
{
    (void)payload;
    if (!strcmp(name, "MEDS_DIR"))
        return "/meds";
    if (!strcmp(name, "band_2"))
        return "i$MEDS_DIR";
    return strcmp(name, "EMPTY") ? NULL : "";
}

static void check(const char *info, const char *text, const char *expected)
{
    char *path = NULL;
    wk_tile_place place = {info, "src_info[3]: image_path", 57};
    assert_int_equal(wk_tile_path(&path, text, look_up, NULL, &place, NULL), WK_OK);
    assert_string_equal(path, expected);
    wk_memory_free(path);
}

static void refused(const char *text, wk_tile_variable variable, const char *words)
{
    char *path = (char *)1;
    wk_error error = {WK_OK, "", ""};
    wk_tile_place place = {"/a/info.yaml", "src_info[3]: image_path", 57};
    assert_int_equal(wk_tile_path(&path, text, variable, NULL, &place, &error), WK_HEADER);
    assert_null(path);
    assert_non_null(strstr(error.message, words));
    assert_non_null(strstr(error.message, "src_info[3]: image_path"));
    assert_non_null(strstr(error.message, "line 57"));
    assert_string_equal(error.subject, "/a/info.yaml");
}

static void test_expands_variables(void **state)
{
    (void)state;
    check("/a/info.yaml", "$MEDS_DIR/x.fits", "/meds/x.fits");
    check("/a/info.yaml", "${MEDS_DIR}x.fits", "/medsx.fits");
    check("/a/info.yaml", "/b/$EMPTY/x_${EMPTY}.fits", "/b//x_.fits");
    /* what a variable holds is not looked through once more */
    check("/a/info.yaml", "/b/$band_2", "/b/i$MEDS_DIR");
    check("/a/info.yaml", "/b/5$ $$/$1", "/b/5$ $$/$1");
}

static void test_paths_are_relative_to_the_info_file(void **state)
{
    (void)state;
    check("/a/info.yaml", "x.fits", "/a/x.fits");
    check("a/b/info.yaml", "../x.fits", "a/b/../x.fits");
    check("info.yaml", "c/x.fits", "c/x.fits");
    check("/info.yaml", "x.fits", "/x.fits");
    check("a/info.yaml", "/x.fits", "/x.fits");
}

static void test_refuses_what_is_unknown(void **state)
{
    (void)state;
    char text[600];
    refused("$NONE/x", look_up, "the variable NONE");
    refused("$MEDS_DIR/x", NULL, "the variable MEDS_DIR");
    refused("${MEDS_DIR/x", look_up, "${ without");
    refused("${}", look_up, "${ without");
    memset(text, 'A', sizeof text);
    text[0] = '$';
    text[sizeof text - 1] = '\0';
    refused(text, look_up, "AAAA");
}

static void test_keeps_long_paths(void **state)
{
    (void)state;
    char text[5000];
    memset(text, 'a', sizeof text);
    text[0] = '/';
    text[sizeof text - 1] = '\0';
    check("/a/info.yaml", text, text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expands_variables),
        cmocka_unit_test(test_paths_are_relative_to_the_info_file),
        cmocka_unit_test(test_refuses_what_is_unknown),
        cmocka_unit_test(test_keeps_long_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
