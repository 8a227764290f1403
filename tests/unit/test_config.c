#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "welkin/config.h"

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/welkin-config-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(folder);
}

static wk_status read_text(wk_setting **out, size_t *count, const char *text, wk_error *error)
{
    char path[96];
    snprintf(path, sizeof path, "%s/a.yaml", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    wk_status status = wk_settings_read(out, count, path, error);
    unlink(path);
    return status;
}

static void check(const char *text, size_t expected, const char *const pairs[][2])
{
    wk_setting *settings;
    size_t count;
    assert_int_equal(read_text(&settings, &count, text, NULL), WK_OK);
    assert_int_equal(count, expected);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(settings[i].name, pairs[i][0]);
        assert_string_equal(settings[i].value, pairs[i][1]);
    }
    wk_settings_free(settings, count);
}

static void check_failure(const char *text, wk_status expected, const char *words)
{
    wk_setting *settings = (wk_setting *)1;
    size_t count = 1;
    wk_error error = {0};
    assert_int_equal(read_text(&settings, &count, text, &error), expected);
    assert_null(settings);
    assert_int_equal(count, 0);
    assert_non_null(strstr(error.message, words));
    assert_non_null(strstr(error.subject, "a.yaml"));
}

static void reads_yaml(void **state)
{
    (void)state;
    const char *const pairs[][2] = {
        {"method", "local"}, {"bin-width", "0.2"}, {"json", "true"}, {"lower", ""},
        {"upper", "~"},      {"bits", "BAD,SAT"},  {"group", ""},    {"sky-list", "a b.txt"}};
    check("# levels\nmethod: local\nbin-width: 0.2\njson: true\nlower: ~\nupper: '~'\n"
          "bits: [BAD, SAT]\ngroup:\nsky-list: \"a b.txt\"\n",
          8, pairs);
}

static void reads_json(void **state)
{
    (void)state;
    const char *const pairs[][2] = {
        {"method", "match"}, {"nclip", "3"}, {"up", "false"}, {"x", ""}};
    check("{\"method\": \"match\", \"nclip\": 3, \"up\": false, \"x\": null}", 4, pairs);
}

static void follows_anchors(void **state)
{
    (void)state;
    const char *const pairs[][2] = {{"a", "5"}, {"b", "5"}};
    check("a: &five 5\nb: *five\n", 2, pairs);
}

static void reads_nothing(void **state)
{
    (void)state;
    check("", 0, NULL);
    check("# only words\n", 0, NULL);
    check("{}", 0, NULL);
}

static void refuses_nested_values(void **state)
{
    (void)state;
    check_failure("a: 1\nb:\n  c: 2\n", WK_ARGUMENT, "line 3: b is neither");
    check_failure("b: [1, [2]]\n", WK_ARGUMENT, "line 1: b");
}

static void refuses_what_is_malformed(void **state)
{
    (void)state;
    check_failure("a: 1\nb: [1,\n", WK_FILE, "line 3");
    check_failure("- a\n- b\n", WK_FILE, "names");
    check_failure("[a]: 1\n", WK_FILE, "no text");
    check_failure("a: 1\na: 2\n", WK_FILE, "line 2: a is given twice");
    check_failure("just words", WK_FILE, "names");
}

static void refuses_a_missing_file(void **state)
{
    (void)state;
    wk_setting *settings;
    size_t count;
    wk_error error = {0};
    assert_int_equal(wk_settings_read(&settings, &count, "/nonexistent/a.yaml", &error), WK_FILE);
    assert_non_null(strstr(error.message, "No such file"));
    assert_int_equal(wk_settings_read(&settings, &count, folder, &error), WK_FILE);
    assert_non_null(strstr(error.message, "folder"));
    wk_settings_free(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_yaml),
        cmocka_unit_test(reads_json),
        cmocka_unit_test(follows_anchors),
        cmocka_unit_test(reads_nothing),
        cmocka_unit_test(refuses_nested_values),
        cmocka_unit_test(refuses_what_is_malformed),
        cmocka_unit_test(refuses_a_missing_file),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
