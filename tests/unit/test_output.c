#include "output.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "fits_case.h"

static void write_text(wk_output *output, const char *text)
{
    assert_int_equal(wk_output_write(output, text, strlen(text), NULL), WK_OK);
}

static void check_text(const char *path, const char *text)
{
    size_t size;
    unsigned char *bytes = case_bytes(path, &size);
    assert_string_equal((char *)bytes, text);
    free(bytes);
}

static void test_appears_when_committed(void **state)
{
    wk_output output;
    const char *path = case_path("out");
    (void)state;
    assert_int_equal(wk_output_begin(&output, path, 0, 1, NULL), WK_OK);
    write_text(&output, "hello ");
    write_text(&output, "sky");
    assert_int_equal(wk_output_write_at(&output, 1, "E", 1, NULL), WK_OK);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(wk_output_commit(&output, NULL), WK_OK);
    check_text(path, "hEllo sky");
    assert_int_equal(case_clear(), 1);
}

static void test_abandoned_leaves_nothing(void **state)
{
    wk_output output;
    (void)state;
    assert_int_equal(wk_output_begin(&output, case_path("out"), 0, 0, NULL), WK_OK);
    write_text(&output, "half");
    wk_output_abandon(&output);
    wk_output_abandon(&output);
    assert_int_equal(case_clear(), 0);
}

static void test_existing_stays(void **state)
{
    wk_output output;
    wk_error error;
    const char *path = case_path("out");
    (void)state;
    case_write(path, "old", 3);
    assert_int_equal(wk_output_begin(&output, path, 0, 0, &error), WK_EXISTS);
    assert_string_equal(error.subject, path);
    assert_int_equal(wk_output_begin(&output, path, 1, 0, NULL), WK_OK);
    write_text(&output, "new");
    check_text(path, "old");
    assert_int_equal(wk_output_commit(&output, NULL), WK_OK);
    check_text(path, "new");
    assert_int_equal(case_clear(), 1);
}

static void test_one_that_appears_meanwhile_stays(void **state)
{
    wk_output first, second;
    const char *path = case_path("out");
    (void)state;
    assert_int_equal(wk_output_begin(&first, path, 0, 0, NULL), WK_OK);
    assert_int_equal(wk_output_begin(&second, path, 0, 0, NULL), WK_OK);
    write_text(&first, "first");
    write_text(&second, "second");
    assert_int_equal(wk_output_commit(&second, NULL), WK_OK);
    assert_int_equal(wk_output_commit(&first, NULL), WK_EXISTS);
    check_text(path, "second");
    assert_int_equal(case_clear(), 1);
}

static int race(const char *path, char letter)
{
    wk_output output;
    wk_status status = wk_output_begin(&output, path, 0, 0, NULL);
    if (status == WK_OK && wk_output_write(&output, &letter, 1, NULL) == WK_OK)
        status = wk_output_commit(&output, NULL);
    return status == WK_OK ? 0 : status == WK_EXISTS ? 1 : 2;
}

/* Of processes that race for one name without overwrite, exactly one wins. */
static void test_one_of_many_wins(void **state)
{
    enum { RACERS = 8 };
    int won = 0;
    const char *path = case_path("out");
    (void)state;
    for (int i = 0; i < RACERS; i++)
        if (fork() == 0)
            _exit(race(path, (char)('a' + i)));
    for (int i = 0; i < RACERS; i++) {
        int code;
        wait(&code);
        assert_true(WEXITSTATUS(code) < 2);
        won += WEXITSTATUS(code) == 0;
    }
    assert_int_equal(won, 1);
    assert_int_equal(case_clear(), 1);
}

static void test_bad_places(void **state)
{
    wk_output output;
    wk_error error;
    char below[200];
    const char *path = case_path("file");
    (void)state;
    case_write(path, "x", 1);
    snprintf(below, sizeof below, "%s/out", path);
    assert_int_equal(wk_output_begin(&output, below, 0, 0, &error), WK_FILE);
    assert_non_null(strstr(error.message, strerror(ENOTDIR)));
    assert_int_equal(wk_output_begin(&output, case_path("none/out"), 1, 0, NULL), WK_FILE);
    assert_int_equal(wk_output_begin(&output, case_folder, 1, 0, NULL), WK_FILE);
    assert_int_equal(wk_output_begin(&output, "/dev/null", 1, 0, NULL), WK_FILE);
    assert_int_equal(wk_output_begin(&output, case_path(""), 1, 0, NULL), WK_FILE);
    assert_int_equal(wk_output_begin(&output, "", 1, 0, NULL), WK_FILE);
    assert_int_equal(case_clear(), 1);
}

static void test_long_name(void **state)
{
    wk_output output;
    char name[256];
    char path[400];
    (void)state;
    memset(name, 'n', 255);
    name[255] = '\0';
    snprintf(path, sizeof path, "%s/%s", case_folder, name);
    assert_int_equal(wk_output_begin(&output, path, 0, 0, NULL), WK_OK);
    assert_int_equal(wk_output_commit(&output, NULL), WK_OK);
    assert_int_equal(access(path, F_OK), 0);
    assert_int_equal(case_clear(), 1);
}

static void test_scratch_has_no_name(void **state)
{
    wk_output scratch;
    (void)state;
    assert_int_equal(wk_output_scratch(&scratch, case_path("out"), NULL), WK_OK);
    write_text(&scratch, "scratch");
    assert_int_equal(case_clear(), 0);
    wk_output_abandon(&scratch);
}

/* A limit on the size of files stands in for a full disk. */
static int write_beyond_limit(void)
{
    wk_output output;
    wk_error error;
    struct rlimit limit = {4096, 4096};
    static char large[10000];
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    if (wk_output_begin(&output, case_path("out"), 0, 0, &error) != WK_OK)
        return 2;
    if (wk_output_write(&output, large, sizeof large, &error) != WK_FILE ||
        !strstr(error.message, strerror(EFBIG)))
        return 3;
    if (wk_output_write_at(&output, 5000, large, 1, &error) != WK_FILE)
        return 4;
    wk_output_abandon(&output);
    return 0;
}

static void test_full_disk(void **state)
{
    int code;
    (void)state;
    if (fork() == 0)
        _exit(write_beyond_limit());
    wait(&code);
    assert_true(WIFEXITED(code));
    assert_int_equal(WEXITSTATUS(code), 0);
    assert_int_equal(case_clear(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_appears_when_committed),
        cmocka_unit_test(test_abandoned_leaves_nothing),
        cmocka_unit_test(test_existing_stays),
        cmocka_unit_test(test_one_that_appears_meanwhile_stays),
        cmocka_unit_test(test_one_of_many_wins),
        cmocka_unit_test(test_bad_places),
        cmocka_unit_test(test_long_name),
        cmocka_unit_test(test_scratch_has_no_name),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
