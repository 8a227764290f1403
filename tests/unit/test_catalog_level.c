#include "catalog_case.h"

#include <utime.h>

static wk_error error;

static const char ledger[] = "{\"method\": \"match\", \"exposures\": ["
                             "{\"file\": \"%s\", \"hdu\": 1, \"sky\": 12.5, \"error\": 0.25},"
                             "{\"file\": \"%s\", \"hdu\": 4, \"sky\": null, \"error\": null}]}";

static void write_ledger(const char *name, const char *file)
{
    char text[1000];
    snprintf(text, sizeof text, ledger, file, file);
    case_write(name, text);
    struct utimbuf times = {1700000000, 1700000000};
    assert_int_equal(utime(case_path(name), &times), 0);
}

static wk_catalog *make(void)
{
    wk_catalog *catalog = case_open();
    wk_exposure_header headers[2] = {case_header(1, "1", "r", "7", 10),
                                     case_header(4, "2", "r", "7", 10)};
    wk_catalog_row rows[2] = {{.header = &headers[0]}, {.header = &headers[1]}};
    case_write("a.fits", "x");
    case_put(catalog, "a.fits", rows, 2);
    return catalog;
}

typedef struct seen {
    int count;
    int64_t last;
} seen;

static wk_status check(const wk_catalog_entry *entry, void *payload, wk_error *unused)
{
    seen *all = payload;
    const wk_catalog_level *level = entry->level;
    (void)unused;
    assert_non_null(level);
    assert_string_equal(level->method, "match");
    assert_string_equal(level->time, "2023-11-14T22:13:20Z"); /* date -u -d @1700000000 */
    assert_true(entry->hdu == 1 ? level->sky == 12.5 && level->error == 0.25 && level->valid
                                : isnan(level->sky) && isnan(level->error) && !level->valid);
    all->count++;
    all->last = level->run;
    return WK_OK;
}

static int count_levels(wk_catalog *catalog)
{
    seen all = {0, 0};
    assert_int_equal(wk_catalog_levels(catalog, NULL, check, &all, &error), WK_OK);
    return all.count;
}

static void test_levels_come_back(void **state)
{
    (void)state;
    int64_t recorded = 0;
    wk_catalog *catalog = make();
    write_ledger("l.json", case_path("a.fits"));
    assert_int_equal(count_levels(catalog), 0);
    assert_int_equal(wk_catalog_record(&recorded, catalog, case_path("l.json"), &error), WK_OK);
    assert_int_equal(recorded, 2);
    assert_int_equal(count_levels(catalog), 2);
    /* the same ledger again, and another one */
    assert_int_equal(wk_catalog_record(&recorded, catalog, case_path("l.json"), &error), WK_OK);
    assert_int_equal(count_levels(catalog), 2);
    write_ledger("m.json", "a.fits"); /* from the ledger's folder */
    assert_int_equal(wk_catalog_record(&recorded, catalog, case_path("m.json"), &error), WK_OK);
    assert_int_equal(count_levels(catalog), 4);
    int64_t removed;
    assert_int_equal(wk_catalog_remove(&removed, catalog, "hdu = 4", &error), WK_OK);
    assert_int_equal(count_levels(catalog), 2);
    wk_catalog_close(catalog);
}

static void refused(wk_catalog *catalog, const char *text, wk_status expected, const char *cause)
{
    int64_t recorded = -1;
    case_write("bad.json", text);
    memset(&error, 0, sizeof error);
    assert_int_equal(wk_catalog_record(&recorded, catalog, case_path("bad.json"), &error),
                     expected);
    if (!strstr(error.message, cause))
        fail_msg("%s", error.message);
    assert_int_equal(recorded, -1);
    assert_int_equal(count_levels(catalog), 0);
}

static void test_what_is_no_solution_is_refused(void **state)
{
    (void)state;
    char text[1000];
    wk_catalog *catalog = make();
    refused(catalog, "{", WK_FILE, "");
    refused(catalog, "{}", WK_FILE, "no solution");
    refused(catalog, "{\"method\": \"m\"}", WK_FILE, "no solution");
    refused(catalog, "{\"method\": \"m\", \"exposures\": [{}]}", WK_FILE, "no solution");
    snprintf(text, sizeof text, ledger, case_path("a.fits"), case_path("c.sqlite3"));
    refused(catalog, text, WK_ARGUMENT, "not in the catalogue");
    snprintf(text, sizeof text, ledger, case_path("a.fits"), case_path("none.fits"));
    refused(catalog, text, WK_FILE, "");
    wk_catalog_close(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels_come_back),
        cmocka_unit_test(test_what_is_no_solution_is_refused),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
