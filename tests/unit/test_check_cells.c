#include "fits_case.h"

#include "cells_case.h"

#include "memory.h"

static int64_t count_rows(const char *path, int hdu)
{
    LONGLONG rows = -1;
    int status = 0;
    fitsfile *file = case_open(path, hdu);
    fits_get_num_rowsll(file, &rows, &status);
    assert_int_equal(status, 0);
    case_close(file, 0);
    return rows;
}

/* A row for each value, exposure and overlap; values as they lie in the blocks. */
static void test_tables(void **state)
{
    (void)state;
    cells_case all;
    const char *path = case_path("c.fits");
    const char *const names[] = {"a", "b", "c"};
    wk_match_options match = wk_match_options_default();
    wk_solution *solution = NULL;
    wk_sky_report *report = NULL;
    wk_sky_cells_options options = cells_options(1);
    cells_row(&all, 3, 90, 90);
    for (int i = 0; i < 3; i++)
        all.scene.exposures[i].noise = 1.0;
    wk_overlaps *overlaps = cells_find(&all);
    wk_sky_cells *cells = cells_measure(&all, overlaps, NULL);
    wk_error error = {WK_OK, "", ""};
    wk_solution none = {.fields = 3};
    assert_int_equal(wk_check_cells(path, cells, &none, NULL, names, 0, &error), WK_ARGUMENT);
    match.method = WK_MATCH_MATCH;
    assert_int_equal(wk_sky_cells_match(&solution, cells, &options, &match, NULL, NULL), WK_OK);
    assert_int_equal(wk_sky_cells_report(&report, cells, solution, NULL, NULL), WK_OK);
    assert_int_equal(wk_check_cells(path, cells, solution, report, names, 0, NULL), WK_OK);
    assert_int_equal(wk_check_cells(path, cells, solution, report, names, 0, NULL), WK_EXISTS);
    assert_int_equal(wk_check_cells(path, cells, solution, report, names, 1, NULL), WK_OK);
    case_verify(path);
    case_checksums(path, -1);
    assert_int_equal(count_rows(path, 1), cells->values);
    assert_int_equal(count_rows(path, 2), 3);
    assert_int_equal(count_rows(path, 3), solution->overlap_count);
    const cells_all *look = cells_look(cells);
    fitsfile *file = case_open(path, 1);
    double *values = malloc((size_t)cells->values * sizeof *values);
    int column = 0, status = 0;
    fits_get_colnum(file, CASESEN, "VALUE", &column, &status);
    fits_read_col(file, TDOUBLE, column, 1, 1, cells->values, NULL, values, NULL, &status);
    assert_int_equal(status, 0);
    for (int64_t i = 0; i < cells->values; i++)
        assert_true(values[i] == look->values[i]->value);
    free(values);
    case_close(file, 0);
    wk_sky_report_free(report);
    wk_solution_free(solution);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
    assert_int_equal(case_clear(), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_tables)};
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
