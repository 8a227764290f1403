#include "catalog_case.h"

static wk_error error;

static wk_status open_status(wk_catalog_mode mode)
{
    wk_catalog *catalog = NULL;
    memset(&error, 0, sizeof error);
    wk_status status = wk_catalog_open(&catalog, case_database, mode, 0, &error);
    assert_true(!status == !!catalog);
    wk_catalog_close(catalog);
    return status;
}

static void make_database(const char *statements)
{
    wk_database *database = NULL;
    unlink(case_database);
    assert_int_equal(wk_database_open(&database, case_database, WK_DATABASE_CREATE, 0, &error),
                     WK_OK);
    assert_int_equal(wk_database_run(database, statements, &error), WK_OK);
    wk_database_close(database);
}

static void test_it_is_made_once(void **state)
{
    (void)state;
    unlink(case_database);
    assert_int_equal(open_status(WK_CATALOG_READ), WK_FILE);
    assert_int_equal(open_status(WK_CATALOG_WRITE), WK_FILE);
    assert_int_equal(open_status(WK_CATALOG_CREATE), WK_OK);
    assert_int_equal(open_status(WK_CATALOG_CREATE), WK_OK);
    assert_int_equal(open_status(WK_CATALOG_READ), WK_OK);
}

/* The marks as SQLite's documentation places them: big-endian at 60 and 68 of the file. */
static void test_the_file_is_marked(void **state)
{
    (void)state;
    unsigned char head[72];
    wk_catalog_close(case_open());
    FILE *file = fopen(case_database, "rb");
    assert_non_null(file);
    assert_int_equal(fread(head, 1, sizeof head, file), sizeof head);
    fclose(file);
    assert_memory_equal(head + 60, "\0\0\0\1", 4);
    assert_memory_equal(head + 68, "wlkn", 4);
}

static void test_what_is_no_catalogue_is_refused(void **state)
{
    (void)state;
    make_database("CREATE TABLE t(a)");
    assert_int_equal(open_status(WK_CATALOG_CREATE), WK_FILE);
    assert_non_null(strstr(error.message, "another program"));
    make_database("PRAGMA application_id = 1");
    assert_int_equal(open_status(WK_CATALOG_CREATE), WK_FILE);
    make_database("PRAGMA application_id = 0x776c6b6e; PRAGMA user_version = 2");
    assert_int_equal(open_status(WK_CATALOG_READ), WK_FILE);
    assert_non_null(strstr(error.message, "version 2"));
    case_write("c.sqlite3", "SIMPLE  =                    T, or whatever else is no database here");
    assert_int_equal(open_status(WK_CATALOG_CREATE), WK_FILE);
    assert_string_equal(error.subject, case_database);
    unlink(case_database);
    case_write("c.sqlite3", "");
    assert_int_equal(open_status(WK_CATALOG_READ), WK_FILE);
    assert_int_equal(open_status(WK_CATALOG_CREATE), WK_OK);
}

/* A link's folder is that of the file it leads to. */
static void test_folders(void **state)
{
    (void)state;
    wk_catalog *catalog = case_open();
    char real[96];
    snprintf(real, sizeof real, "%s/", case_folder);
    assert_string_equal(catalog->folder, real);
    assert_string_equal(catalog->real, real);
    wk_catalog_close(catalog);
    assert_int_equal(mkdir(case_path("elsewhere"), 0700), 0);
    assert_int_equal(symlink(case_database, case_path("elsewhere/link.sqlite3")), 0);
    assert_int_equal(
        wk_catalog_open(&catalog, case_path("elsewhere/link.sqlite3"), WK_CATALOG_READ, 0, &error),
        WK_OK);
    assert_string_equal(catalog->real, real);
    wk_catalog_close(catalog);
    wk_catalog_close(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_is_made_once),
        cmocka_unit_test(test_the_file_is_marked),
        cmocka_unit_test(test_what_is_no_catalogue_is_refused),
        cmocka_unit_test(test_folders),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
