#include "fits_archive.h"

#include "archive_case.h"

static wk_status find(wk_archive_part **parts, size_t *count, wk_fits **fits, int object,
                      wk_error *error)
{
    assert_int_equal(wk_fits_open(fits, case_archive("a.fits", object), error), WK_OK);
    return wk_fits_archive_find(parts, count, *fits, "COADD_INPUTS", error);
}

static void test_parts_and_columns(void **state)
{
    (void)state;
    wk_fits *fits = NULL;
    wk_archive_part *parts = NULL;
    size_t count = 0;
    wk_error error = {0};
    int found = 0;
    if (find(&parts, &count, &fits, 1, &error))
        fail_msg("%s", error.message);
    assert_int_equal(count, 2);
    assert_int_equal(parts[0].hdu, 2);
    assert_int_equal(parts[0].row, 1);
    assert_int_equal(parts[0].rows, 3);
    assert_int_equal(parts[1].hdu, 3);
    int64_t ids[3];
    double weights[3];
    char filters[3][5];
    assert_int_equal(wk_fits_archive_integers(ids, &found, fits, parts, "id", &error), WK_OK);
    assert_true(found && ids[1] == 9007199254740993 &&
                ids[2] == -5); /* no double holds the first */
    assert_int_equal(wk_fits_archive_reals(weights, &found, fits, parts, "weight", &error), WK_OK);
    assert_true(found && weights[0] == 0.25 && weights[2] == 0.125);
    assert_int_equal(wk_fits_archive_texts(filters[0], 5, &found, fits, parts, "filter", &error),
                     WK_OK);
    assert_true(found);
    assert_string_equal(filters[0], "r");
    assert_string_equal(filters[1], "i_si"); /* cut */
    assert_string_equal(filters[2], "");
    assert_int_equal(wk_fits_archive_integers(ids, &found, fits, parts, "none", &error), WK_OK);
    assert_false(found);
    assert_int_equal(wk_fits_archive_integers(ids, &found, fits, parts, "filter", &error), WK_OK);
    assert_false(found);
    assert_int_equal(wk_fits_archive_texts(filters[0], 5, &found, fits, parts, "id", &error),
                     WK_OK);
    assert_false(found);
    wk_memory_free(parts);
    wk_fits_close(fits);
}

static void test_a_part_without_rows(void **state)
{
    (void)state;
    wk_fits *fits = NULL;
    wk_archive_part *parts = NULL;
    size_t count = 0;
    wk_error error = {0};
    int found = 1;
    int64_t none[1];
    assert_int_equal(find(&parts, &count, &fits, 2, &error), WK_OK);
    assert_int_equal(count, 1);
    assert_int_equal(parts[0].hdu, -1);
    assert_int_equal(wk_fits_archive_integers(none, &found, fits, parts, "id", &error), WK_OK);
    assert_false(found);
    wk_memory_free(parts);
    wk_fits_close(fits);
}

static void refused(int object, const char *said)
{
    wk_fits *fits = NULL;
    wk_archive_part *parts = NULL;
    size_t count = 0;
    wk_error error = {0};
    case_failed(find(&parts, &count, &fits, object, &error), WK_HEADER, &error, said);
    assert_null(parts);
    wk_fits_close(fits);
}

static void test_what_makes_no_sense(void **state)
{
    (void)state;
    int(*row)[5] = &case_index[1];
    static const struct {
        int column, value;
        const char *said;
    } cases[] = {{1, 9, "table"}, {1, 0, "table"}, {1, -3, "table"},        {3, -1, "rows"},
                 {3, 2, "rows"},  {4, 4, "rows"},  {3, 2147483647, "rows"}, {4, -1, "rows"}};
    refused(5, "no such object");
    refused(0, "no COADD_INPUTS");
    refused(-1, "no COADD_INPUTS");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int before = (*row)[cases[i].column];
        (*row)[cases[i].column] = cases[i].value;
        refused(1, cases[i].said);
        (*row)[cases[i].column] = before;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts_and_columns),
        cmocka_unit_test(test_a_part_without_rows),
        cmocka_unit_test(test_what_makes_no_sense),
    };
    return cmocka_run_group_tests(tests, case_begin, case_end);
}
