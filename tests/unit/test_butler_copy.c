#include "butler_case.h"

static void write_many(const char *name, size_t count)
{
    FILE *file = fopen(case_path(name), "wb");
    assert_non_null(file);
    for (size_t i = 0; i < count; i++)
        fputc((int)(i * 31 % 251), file);
    assert_int_equal(fclose(file), 0);
}

static void same_bytes(const char *name, size_t count)
{
    FILE *file = fopen(case_path(name), "rb");
    assert_non_null(file);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(fgetc(file), (int)(i * 31 % 251));
    assert_int_equal(fgetc(file), EOF);
    fclose(file);
}

static void test_bytes_are_copied(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 1 << 20, (1 << 20) + 1, 3000000};
    for (int i = 0; i < 4; i++) {
        wk_error error = {0};
        write_many("source", sizes[i]);
        wk_butler_file file = {.path = (char *)(uintptr_t)case_path("source"),
                               .size = (int64_t)sizes[i]};
        if (wk_butler_copy(case_path("copy"), &file, 1, i == 0, NULL, &error))
            fail_msg("%s", error.message);
        same_bytes("copy", sizes[i]);
    }
}

static int stop(const wk_progress *progress, void *payload)
{
    (void)payload;
    return progress->done > 1000000;
}

static void test_whole_or_not_at_all(void **state)
{
    (void)state;
    wk_error error = {0};
    wk_context context = {.progress = stop};
    write_many("source", 3000000);
    char path[300];
    snprintf(path, sizeof path, "%s", case_path("source"));
    wk_butler_file file = {.path = path, .size = 3000000};
    assert_int_equal(wk_butler_copy(case_path("none"), &file, 0, 0, &context, &error),
                     WK_CANCELLED);
    file.size = 2999999;
    case_failed(wk_butler_copy(case_path("none"), &file, 0, 0, NULL, &error), WK_FILE, &error,
                "changed");
    assert_int_equal(access(case_path("none"), F_OK), -1);
    case_file("old", "old");
    file.size = 3000000;
    assert_int_equal(wk_butler_copy(case_path("old"), &file, 0, 0, NULL, &error), WK_EXISTS);
    unlink(path);
    case_failed(wk_butler_copy(case_path("none"), &file, 0, 0, NULL, &error), WK_FILE, &error,
                "no such file");
}

static void test_what_belongs_to_a_repository(void **state)
{
    (void)state;
    char apart[] = "/tmp/welkin-apart-XXXXXX", link[64];
    wk_butler *butler = case_open(NULL);
    int descriptor = mkstemp(apart);
    assert_true(descriptor >= 0);
    close(descriptor);
    snprintf(link, sizeof link, "%s-link", apart);
    assert_int_equal(symlink(case_path("a.fits"), link), 0);
    assert_true(wk_butler_owns(butler, case_path("a.fits")));
    assert_true(wk_butler_owns(butler, case_path("gen3.sqlite3")));
    assert_true(wk_butler_owns(butler, case_path("butler.yaml")));
    assert_true(wk_butler_owns(butler, link));
    assert_false(wk_butler_owns(butler, apart));
    assert_false(wk_butler_owns(butler, case_path("new.fits")));
    unlink(link);
    unlink(apart);
    wk_butler_free(butler);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_are_copied),
        cmocka_unit_test(test_whole_or_not_at_all),
        cmocka_unit_test(test_what_belongs_to_a_repository),
    };
    return cmocka_run_group_tests(tests, case_begin, case_end);
}
