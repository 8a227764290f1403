#include "catalog_case.h"

static wk_error error;

/* HDUs 1 to 6 of one file; what each expression below must find is read off this table. */
static wk_catalog *make_six(void)
{
    static const char *const detectors[] = {"1", "2", "N4", "007", "", "12"};
    static const char *const filters[] = {"r", "g", "R", "", "it's", "F606W"};
    static const char *const visits[] = {"9", "10", "10", "jbf801ndq", "", "2012050300155000"};
    static const double seconds[] = {10, 20, 30, (double)NAN, 50, 0.1};
    static wk_exposure_header headers[6];
    wk_catalog_row rows[6] = {{0}};
    wk_catalog *catalog = case_open();
    for (int i = 0; i < 6; i++) {
        headers[i] = case_header(i + 1, detectors[i], filters[i], visits[i], seconds[i]);
        rows[i] = (wk_catalog_row){.header = &headers[i], .centre = {10.0 * i, -5.0}};
        rows[i].pixel_scale = 0.2;
    }
    case_put(catalog, "s.fits", rows, 6);
    return catalog;
}

static wk_status take_hdu(const wk_catalog_entry *entry, void *payload, wk_error *unused)
{
    char *found = payload;
    (void)unused;
    size_t used = strlen(found);
    found[used] = (char)('0' + entry->hdu);
    found[used + 1] = '\0';
    return WK_OK;
}

static void finds(wk_catalog *catalog, const char *where, const char *expected)
{
    char found[32] = "";
    memset(&error, 0, sizeof error);
    if (wk_catalog_select(catalog, where, take_hdu, found, &error))
        fail_msg("%s: %s", where, error.message);
    if (strcmp(found, expected) != 0)
        fail_msg("%s: found %s, not %s", where, found, expected);
}

static void test_expressions(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"filter = 'r'", "1"},
        {"FILTER == 'r' OR filter = 'g'", "12"},
        {"filter != 'r'", "2356"},
        {"filter <> 'r' and filter is not null", "2356"},
        {"filter is null", "4"},
        {"filter = 'it''s'", "5"},
        {"filter like 'f6%'", "6"},
        {"filter not like 'r'", "256"},
        {"filter in ('r', 'g', 'x')", "12"},
        {"filter not in ('r', 'g')", "356"},
        {"visit = 10", "23"},
        {"visit = '10'", "23"},
        {"visit > 9", "236"},
        {"visit >= 9", "1236"},
        {"visit < 10", "1"},
        {"visit != 10", "146"},
        {"not visit > 9", "14"},
        {"visit > 'a'", "4"},
        {"visit between 9 and 10", "123"},
        {"visit not between 9 and 10", "6"},
        {"visit between 'a' and 'k'", "4"},
        {"visit in (9, 'jbf801ndq')", "14"},
        {"visit = 2012050300155000", "6"},
        {"visit like '1%'", "23"},
        {"visit is null", "5"},
        {"detector = 7", ""},
        {"detector = '007'", "4"},
        {"detector in (1, 2, 'N4')", "123"},
        {"exposure_time > 15", "235"},
        {"exposure_time = 0.1", "6"},
        {"exposure_time is null", "4"},
        {"exposure_time between 1e1 and +2.0E1", "12"},
        {"ra >= 30 and ra < 50", "45"},
        {"dec > -5.5", "123456"},
        {"dec > -4.5", ""},
        {"hdu = 1 or hdu = 2 and filter = 'x'", "1"},
        {"(hdu = 1 or hdu = 2) and filter = 'g'", "2"},
        {"not hdu = 1 and not (hdu = 2 or not hdu < 5)", "34"},
        {"not not hdu = 3", "3"},
        {"file = 's.fits' and layout = 'stsci' and size = 1000", "123456"},
        {"date >= '2026-01-01' and date < '2026-02'", "123456"},
        {"width = 100 and height = 50 and pixel_scale < 0.3", "123456"},
    };
    wk_catalog *catalog = make_six();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        finds(catalog, cases[i][0], cases[i][1]);
    finds(catalog, NULL, "123456");
    wk_catalog_close(catalog);
}

static wk_status check_third(const wk_catalog_entry *entry, void *payload, wk_error *unused)
{
    (void)unused;
    assert_string_equal(entry->file, case_path("s.fits"));
    assert_int_equal(entry->hdu, 3);
    assert_int_equal(entry->siblings, 6);
    assert_int_equal(entry->layout, WK_LAYOUT_STSCI);
    assert_string_equal(entry->detector, "N4");
    assert_string_equal(entry->filter, "R");
    assert_string_equal(entry->visit, "10");
    assert_string_equal(entry->date, "2026-01-31T01:02:03");
    assert_true(entry->exposure_time == 30 && entry->width == 100 && entry->height == 50);
    assert_true(entry->centre[0] == 20 && entry->centre[1] == -5 && entry->pixel_scale == 0.2);
    assert_int_equal(entry->vertices, 0);
    assert_int_equal(entry->size, 1000);
    assert_null(entry->level);
    ++*(int *)payload;
    return WK_OK;
}

static void test_an_entry_is_what_was_put(void **state)
{
    (void)state;
    int calls = 0;
    wk_catalog *catalog = make_six();
    assert_int_equal(wk_catalog_select(catalog, "hdu = 3", check_third, &calls, &error), WK_OK);
    assert_int_equal(calls, 1);
    wk_catalog_close(catalog);
}

static wk_status stop(const wk_catalog_entry *entry, void *payload, wk_error *unused)
{
    (void)unused;
    ++*(int *)payload;
    return entry->hdu == 2 ? WK_CANCELLED : WK_OK;
}

static void test_taking_may_end_it(void **state)
{
    (void)state;
    int calls = 0;
    wk_catalog *catalog = make_six();
    assert_int_equal(wk_catalog_select(catalog, NULL, stop, &calls, &error), WK_CANCELLED);
    assert_int_equal(calls, 2);
    wk_catalog_close(catalog);
}

static void test_removing(void **state)
{
    (void)state;
    int64_t removed = 0;
    wk_catalog *catalog = make_six();
    assert_int_equal(wk_catalog_remove(&removed, catalog, "hdu > 4", &error), WK_OK);
    assert_int_equal(removed, 2);
    finds(catalog, NULL, "1234");
    assert_int_equal(wk_catalog_remove(&removed, catalog, "no = 4", &error), WK_ARGUMENT);
    finds(catalog, NULL, "1234");
    assert_int_equal(wk_catalog_remove(&removed, catalog, NULL, &error), WK_OK);
    assert_int_equal(removed, 4);
    finds(catalog, NULL, "");
    wk_catalog_close(catalog);
}

static void test_keys(void **state)
{
    (void)state;
    char found[16] = "";
    const int64_t keys[] = {5, 2, 99, 3};
    wk_catalog *catalog = make_six();
    assert_int_equal(
        wk_catalog_select_keys(catalog, keys, 4, "filter != 'g'", take_hdu, found, &error), WK_OK);
    assert_string_equal(found, "35");
    assert_int_equal(wk_catalog_select_keys(catalog, keys, 0, NULL, take_hdu, found, &error),
                     WK_OK);
    assert_string_equal(found, "35");
    wk_catalog_close(catalog);
}

static wk_status count_near(int64_t key, const double *outline, size_t count, void *payload,
                            wk_error *unused)
{
    (void)unused;
    assert_int_equal(key, 1);
    assert_int_equal(count, 8);
    for (int i = 0; i < 8; i++)
        assert_true(outline[i] == 1.0 / (3 + i));
    ++*(int *)payload;
    return WK_OK;
}

/* Outlines come back to the bit; boxes that touch meet. */
static void test_boxes(void **state)
{
    (void)state;
    int calls = 0;
    double outline[8];
    for (int i = 0; i < 8; i++)
        outline[i] = 1.0 / (3 + i);
    wk_catalog *catalog = case_open();
    wk_exposure_header header = case_header(1, "", "", "", 1);
    wk_catalog_row row = {.header = &header,
                          .outline = outline,
                          .outline_count = 8,
                          .box = {0.1, 0.2, -0.5, -0.25, 0.5, 0.75}};
    case_put(catalog, "a.fits", &row, 1);
    const double boxes[][6] = {{0.15, 0.16, -1, 1, -1, 1},  /* meets */
                               {0.2, 1, -0.25, 1, 0.75, 1}, /* touches */
                               {0.21, 1, -1, 1, -1, 1},     {-1, 0.09, -1, 1, -1, 1},
                               {-1, 1, -0.24, 1, -1, 1},    {-1, 1, -1, 1, -1, 0.49}};
    for (int i = 0; i < 6; i++)
        assert_int_equal(wk_catalog_search(catalog, boxes[i], count_near, &calls, &error), WK_OK);
    assert_int_equal(calls, 2);
    wk_catalog_close(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expressions),
        cmocka_unit_test(test_an_entry_is_what_was_put),
        cmocka_unit_test(test_taking_may_end_it),
        cmocka_unit_test(test_removing),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_boxes),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
