#include "input.h"

#include <errno.h>
#include <sys/stat.h>

#include "fits_case.h"

static void check_kind(const char *bytes, size_t size, wk_input_kind expected)
{
    const char *path = case_path("a");
    wk_input_kind kind;
    case_write(path, bytes, size);
    assert_int_equal(wk_input_look(&kind, path, "a table", NULL), WK_OK);
    assert_int_equal(kind, expected);
}

static void test_kinds(void **state)
{
    (void)state;
    check_kind("SIMPLE  =                    T", 30, WK_INPUT_FITS);
    check_kind("SIMPLE_ID,x\n", 12, WK_INPUT_OTHER);
    check_kind("\037\213\010", 3, WK_INPUT_GZIP);
    check_kind("\037", 1, WK_INPUT_OTHER);
    check_kind("x", 1, WK_INPUT_OTHER);
}

static void check_refused(const char *path, const char *words)
{
    wk_input_kind kind;
    wk_error error;
    assert_int_equal(wk_input_look(&kind, path, "a table", &error), WK_FILE);
    assert_string_equal(error.message, words);
    assert_string_equal(error.subject, path);
    assert_int_equal(wk_input_check(path, "a table", NULL), WK_FILE);
}

static void test_what_cannot_be_read(void **state)
{
    (void)state;
    const char *pipe = case_path("pipe"), *empty = case_path("empty");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    case_write(empty, "", 0);
    check_refused(case_path("none"), "cannot be opened: there is no such file");
    check_refused(case_folder, "is a directory, not a table");
    check_refused(pipe, "is not a regular file");
    check_refused(empty, "is empty");
}

static void test_causes(void **state)
{
    (void)state;
    assert_string_equal(wk_input_cause(EACCES), "permission denied");
    assert_string_equal(wk_input_cause(ENFILE), wk_input_cause(EMFILE));
    assert_string_equal(wk_input_cause(EIO), "the system refuses it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_what_cannot_be_read),
        cmocka_unit_test(test_causes),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
