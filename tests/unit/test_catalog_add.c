#include "catalog_case.h"
#include "fits_fixture.h"

static wk_error error;

static int setup(void **state)
{
    return case_setup(state) || fixture_setup(state);
}

static int teardown(void **state)
{
    return case_teardown(state) | fixture_teardown(state);
}

static void write_wcs(fitsfile *file, double ra, double dec)
{
    fixture_key(file, "CTYPE1", "RA---TAN");
    fixture_key(file, "CTYPE2", "DEC--TAN");
    fixture_number(file, "CRVAL1", ra);
    fixture_number(file, "CRVAL2", dec);
    fixture_number(file, "CRPIX1", 5.5);
    fixture_number(file, "CRPIX2", 4.5);
    fixture_number(file, "CDELT1", -1e-3);
    fixture_number(file, "CDELT2", 1e-3);
}

/* 10 x 8 px about a position; a negative dec: no coordinates. */
static void write_plain(const char *name, double ra, double dec)
{
    fitsfile *file = fixture_create(name);
    fixture_ramp(file, SHORT_IMG, 10, 8, NULL, 0, 1);
    fixture_key(file, "FILTER", "g");
    fixture_key(file, "EXPID", "4711");
    if (dec >= 0)
        write_wcs(file, ra, dec);
    fixture_close(file);
}

static wk_catalog_report add(wk_catalog *catalog, const char *const *paths, size_t count)
{
    wk_catalog_report report;
    wk_context context = {.threads = 2};
    memset(&error, 0, sizeof error);
    if (wk_catalog_add(&report, catalog, paths, count, &context, &error))
        fail_msg("%s: %s", error.subject, error.message);
    return report;
}

static wk_status check_plain(const wk_catalog_entry *entry, void *payload, wk_error *unused)
{
    (void)unused;
    assert_string_equal(entry->filter, "g");
    assert_string_equal(entry->visit, "4711");
    assert_int_equal(entry->layout, WK_LAYOUT_PLAIN);
    assert_true(entry->width == 10 && entry->height == 8 && entry->siblings == 1);
    /* the middle of 10 x 8 px is the reference pixel; the scale is that of CDELT */
    assert_true(fabs(entry->centre[0] - 30) < 1e-9 && fabs(entry->centre[1] - 40) < 1e-9);
    assert_true(fabs(entry->pixel_scale - 3.6) < 1e-6);
    assert_int_equal(entry->vertices, 4);
    /* first the lower left corner, 5 px east and 4 px south; the tangent plane differs from the
     * sphere by the cube of that, below 1e-6 degrees, and converging meridians by 2e-5 */
    assert_true(fabs(entry->border[0] - (30 + 5e-3 / cos(40 / 57.29577951308232))) < 3e-5);
    assert_true(fabs(entry->border[1] - (40 - 4e-3)) < 1e-6);
    ++*(int *)payload;
    return WK_OK;
}

static void test_what_is_said_is_kept(void **state)
{
    (void)state;
    int calls = 0;
    wk_catalog *catalog = case_open();
    write_plain("a.fits", 30, 40);
    const char *const paths[] = {fixture_path("a.fits")};
    wk_catalog_report report = add(catalog, paths, 1);
    assert_true(report.added == 1 && report.exposures == 1 && !report.failed && !report.unplaced);
    assert_int_equal(wk_catalog_select(catalog, NULL, check_plain, &calls, &error), WK_OK);
    assert_int_equal(calls, 1);
    wk_catalog_close(catalog);
}

static void test_adding_again(void **state)
{
    (void)state;
    case_names names = {"", 0};
    wk_catalog *catalog = case_open();
    write_plain("a.fits", 30, 40);
    write_plain("b.fits", 30, 40.001);
    const char *const paths[] = {fixture_path("a.fits"), fixture_path("b.fits")};
    assert_int_equal(add(catalog, paths, 1).added, 1);
    wk_catalog_report report = add(catalog, paths, 2);
    assert_true(report.added == 1 && report.unchanged == 1 && report.exposures == 1);
    usleep(20000); /* the clock of some file systems goes in steps of 10 ms */
    write_plain("a.fits", 31, 40);
    report = add(catalog, paths, 2);
    assert_true(report.replaced == 1 && report.unchanged == 1 && report.added == 0);
    assert_int_equal(wk_catalog_select(catalog, NULL, case_take, &names, &error), WK_OK);
    assert_string_equal(names.text, "a.fits[0] b.fits[0]");
    names = (case_names){"", 0};
    const double centre[2] = {30, 40};
    assert_int_equal(wk_catalog_around(catalog, centre, 0.01, NULL, case_take, &names, &error),
                     WK_OK);
    assert_string_equal(names.text, "b.fits[0]");
    wk_catalog_close(catalog);
}

static void note(wk_level level, const char *message, void *payload)
{
    char *all = payload;
    if (level == WK_LOG_WARNING)
        snprintf(all + strlen(all), 2000 - strlen(all), "%s\n", message);
}

/* Good files get in; bad ones are named and counted; tables are passed over. */
static void test_bad_files_among_good_ones(void **state)
{
    (void)state;
    char said[2000] = "";
    wk_context context = {.log = note, .payload = said};
    wk_catalog_report report;
    wk_catalog *catalog = case_open();
    write_plain("a.fits", 30, 40);
    write_plain("nowcs.fits", 30, -1);
    write_plain("cut.fits", 30, 40);
    assert_int_equal(truncate(fixture_path("cut.fits"), 3000), 0);
    fitsfile *file = fixture_create("table.fits");
    fixture_empty(file);
    fixture_close(file);
    const char *const paths[] = {fixture_path("cut.fits"), fixture_path("a.fits"),
                                 fixture_path("none.fits"), fixture_path("table.fits"),
                                 fixture_path("nowcs.fits")};
    assert_int_equal(wk_catalog_add(&report, catalog, paths, 5, &context, &error), WK_OK);
    assert_true(report.added == 2 && report.failed == 2 && report.imageless == 1 &&
                report.exposures == 2 && report.unplaced == 1);
    assert_non_null(strstr(report.first.subject, "cut.fits"));
    assert_null(strstr(said, "cut.fits"));
    assert_non_null(strstr(said, "none.fits"));
    assert_non_null(strstr(said, "nowcs.fits"));
    assert_null(strstr(said, "table.fits"));
    wk_catalog_close(catalog);
}

static void test_brackets_are_refused(void **state)
{
    (void)state;
    wk_catalog_report report;
    wk_catalog *catalog = case_open();
    const char *const paths[] = {"a.fits[1]"};
    assert_int_equal(wk_catalog_add(&report, catalog, paths, 1, NULL, &error), WK_ARGUMENT);
    wk_catalog_close(catalog);
}

static int cancel_later(const wk_progress *progress, void *payload)
{
    (void)payload;
    return progress->done >= 1100;
}

/* 2300 names of one file are three transactions: what was cancelled within the second leaves the
 * first. */
static void test_transactions(void **state)
{
    (void)state;
    enum { count = 2300 };
    static char names[count][100];
    static const char *paths[count];
    wk_catalog_report report;
    case_names seen = {"", 0};
    write_plain("a.fits", 30, 40);
    for (int i = 0; i < count; i++) {
        snprintf(names[i], sizeof names[i], "%s/n%04d.fits", case_folder, i);
        paths[i] = names[i];
        assert_int_equal(symlink(fixture_path("a.fits"), names[i]), 0);
    }
    wk_catalog *catalog = case_open();
    wk_context context = {.progress = cancel_later};
    assert_int_equal(wk_catalog_add(&report, catalog, paths, count, &context, &error),
                     WK_CANCELLED);
    assert_int_equal(wk_catalog_select(catalog, NULL, case_take, &seen, &error), WK_OK);
    assert_int_equal(seen.count, 1000);
    report = add(catalog, paths, count);
    assert_true(report.unchanged == 1000 && report.added == count - 1000);
    wk_catalog_close(catalog);
}

/* Exposures that the file's own meets: itself and its neighbour. */
static void test_files_meet(void **state)
{
    (void)state;
    wk_exposure **exposures;
    size_t count;
    case_names names = {"", 0};
    write_plain("a.fits", 0.002, 0);
    write_plain("b.fits", 359.996, 0); /* 6 px off: they share 4 */
    write_plain("c.fits", 359.96, 0);
    const char *const paths[] = {fixture_path("a.fits"), fixture_path("b.fits"),
                                 fixture_path("c.fits")};
    wk_catalog *catalog = case_open();
    add(catalog, paths, 3);
    assert_int_equal(wk_exposures_open(&exposures, &count, paths[0], NULL, &error), WK_OK);
    assert_int_equal(wk_catalog_meet(catalog, (const wk_exposure *const *)exposures, count, NULL,
                                     case_take, &names, &error),
                     WK_OK);
    assert_string_equal(names.text, "a.fits[0] b.fits[0]");
    wk_exposures_free(exposures, count);
    write_plain("nowcs.fits", 30, -1);
    assert_int_equal(
        wk_exposures_open(&exposures, &count, fixture_path("nowcs.fits"), NULL, &error), WK_OK);
    assert_int_equal(wk_catalog_meet(catalog, (const wk_exposure *const *)exposures, count, NULL,
                                     case_take, &names, &error),
                     WK_WCS);
    wk_exposures_free(exposures, count);
    wk_catalog_close(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_said_is_kept),
        cmocka_unit_test(test_adding_again),
        cmocka_unit_test(test_bad_files_among_good_ones),
        cmocka_unit_test(test_brackets_are_refused),
        cmocka_unit_test(test_transactions),
        cmocka_unit_test(test_files_meet),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
