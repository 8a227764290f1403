#include "catalog_case.h"

static wk_error error;

static wk_catalog_state look(wk_catalog *catalog, const char *stored, int64_t size, int64_t changed)
{
    wk_catalog_writer writer;
    wk_catalog_state known = WK_CATALOG_NEW;
    wk_catalog_file file = {(char *)(uintptr_t)stored, size, changed, NULL, 0};
    assert_int_equal(wk_catalog_writer_open(&writer, catalog, &error), WK_OK);
    assert_int_equal(wk_catalog_look(&known, &writer, &file, &error), WK_OK);
    wk_catalog_writer_close(&writer);
    return known;
}

static void test_files_are_known(void **state)
{
    (void)state;
    int64_t removed = 0;
    wk_catalog *catalog = case_open();
    wk_exposure_header headers[2] = {case_header(1, "1", "r", "7", 10),
                                     case_header(4, "2", "r", "7", 10)};
    wk_catalog_row rows[2] = {{.header = &headers[0]}, {.header = &headers[1]}};
    assert_int_equal(look(catalog, "a.fits", 1000, 77), WK_CATALOG_NEW);
    case_put(catalog, "a.fits", rows, 2);
    assert_int_equal(look(catalog, "a.fits", 1000, 77), WK_CATALOG_SAME);
    assert_int_equal(look(catalog, "a.fits", 1001, 77), WK_CATALOG_CHANGED);
    assert_int_equal(look(catalog, "a.fits", 1000, 78), WK_CATALOG_CHANGED);
    assert_int_equal(look(catalog, "b.fits", 1000, 77), WK_CATALOG_NEW);
    assert_int_equal(wk_catalog_remove(&removed, catalog, "hdu = 4", &error), WK_OK);
    assert_int_equal(look(catalog, "a.fits", 1000, 77), WK_CATALOG_CHANGED);
    wk_catalog_close(catalog);
}

/* Put twice, a file is there once, as it was the last time. */
static void test_a_file_replaces_itself(void **state)
{
    (void)state;
    wk_catalog *catalog = case_open();
    wk_exposure_header headers[2] = {case_header(1, "1", "r", "7", 10),
                                     case_header(4, "2", "r", "7", 10)};
    wk_catalog_row rows[2] = {{.header = &headers[0]}, {.header = &headers[1]}};
    case_names names = {"", 0};
    case_put(catalog, "a.fits", rows, 2);
    case_put(catalog, "a.fits", rows + 1, 1);
    case_put(catalog, "a.fits", rows + 1, 1);
    assert_int_equal(wk_catalog_select(catalog, NULL, case_take, &names, &error), WK_OK);
    assert_string_equal(names.text, "a.fits[4]");
    wk_catalog_close(catalog);
}

static void test_paths(void **state)
{
    (void)state;
    wk_catalog *catalog = case_open();
    wk_catalog_file file = {0};
    struct stat facts;
    mkdir(case_path("sub"), 0700);
    case_write("sub/a.fits", "12345");
    assert_int_equal(wk_catalog_locate(&file, catalog, case_path("sub/../sub/a.fits"), &error),
                     WK_OK);
    assert_string_equal(file.stored, "sub/a.fits");
    assert_int_equal(file.size, 5);
    assert_int_equal(stat(case_path("sub/a.fits"), &facts), 0);
    assert_true(file.changed / 1000000000 == facts.st_mtim.tv_sec &&
                file.changed % 1000000000 == facts.st_mtim.tv_nsec);
    char *path = wk_catalog_reach(catalog, file.stored, &error);
    assert_string_equal(path, case_path("sub/a.fits"));
    free(path);
    free(file.stored);
    /* a link keeps its name, for the layout may hang on it; a folder that is a link does not */
    assert_int_equal(symlink(case_path("sub/a.fits"), case_path("b.fits")), 0);
    assert_int_equal(symlink(case_path("sub"), case_path("link")), 0);
    assert_int_equal(wk_catalog_locate(&file, catalog, case_path("b.fits"), &error), WK_OK);
    assert_string_equal(file.stored, "b.fits");
    free(file.stored);
    assert_int_equal(wk_catalog_locate(&file, catalog, case_path("link/a.fits"), &error), WK_OK);
    assert_string_equal(file.stored, "sub/a.fits");
    free(file.stored);
    assert_int_equal(wk_catalog_locate(&file, catalog, "/bin/sh", &error), WK_OK);
    assert_true(file.stored[0] == '/');
    path = wk_catalog_reach(catalog, file.stored, &error);
    assert_string_equal(path, file.stored);
    free(path);
    free(file.stored);
    assert_int_equal(wk_catalog_locate(&file, catalog, case_path("none.fits"), &error), WK_FILE);
    assert_string_equal(error.subject, case_path("none.fits"));
    wk_catalog_close(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_are_known),
        cmocka_unit_test(test_a_file_replaces_itself),
        cmocka_unit_test(test_paths),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
