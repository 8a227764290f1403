#include "cells_case.h"
#include "fits_case.h"

/* CFITSIO finds in the file what was measured; matched cells are gone and are not written. */
static void test_contents(void **state)
{
    (void)state;
    cells_case all;
    wk_sky_cells_options options = cells_options(0);
    wk_sky_cells *cells = NULL;
    const char *path = case_path("cells.fits");
    const char *const history[] = {"a line", NULL};
    cells_row(&all, 3, 100, 80);
    all.scene.exposures[1].group = "g";
    options.alone = 1;
    wk_overlaps *overlaps = cells_find(&all);
    assert_int_equal(wk_sky_cells_measure(&cells, overlaps, cells_load, &all, &options, NULL, NULL),
                     WK_OK);
    wk_sky_cells_source sources[3] = {
        {"f0", "A", NULL, 1, 0}, {"f1", "B", NULL, 2, 0}, {"f2", "", NULL, 3, 0}};
    assert_int_equal(wk_sky_cells_save(cells, sources, path, history, 0, 0, NULL), WK_OK);
    assert_int_equal(wk_sky_cells_save(cells, sources, path, history, 0, 0, NULL), WK_EXISTS);
    fitsfile *file;
    int status = 0, any;
    double pitch;
    LONGLONG counts[3], hdus[3], total = 0;
    char text[3][32], *texts[3] = {text[0], text[1], text[2]};
    fits_open_file(&file, path, READONLY, &status);
    fits_read_key(file, TDOUBLE, "PITCH", &pitch, NULL, &status);
    assert_true(pitch == wk_sky_cells_pitch(cells));
    fits_movnam_hdu(file, BINARY_TBL, "EXPOSURES", 0, &status);
    fits_read_col(file, TSTRING, 2, 1, 1, 3, NULL, texts, &any, &status);
    fits_read_col(file, TLONGLONG, 5, 1, 1, 3, NULL, hdus, &any, &status);
    fits_read_col(file, TLONGLONG, 25, 1, 1, 3, NULL, counts, &any, &status);
    assert_int_equal(status, 0);
    for (int i = 0; i < 3; i++) {
        assert_string_equal(text[i], sources[i].file);
        assert_int_equal(hdus[i], i + 1);
        assert_int_equal(counts[i], wk_sky_cells_kept(cells, (size_t)i));
        assert_true(counts[i] > 50);
        total += counts[i];
    }
    fits_movnam_hdu(file, BINARY_TBL, "CELLS", 0, &status);
    LONGLONG rows;
    fits_get_num_rowsll(file, &rows, &status);
    assert_int_equal(rows, total);
    assert_int_equal(status, 0);
    fits_close_file(file, &status);
    assert_int_equal(wk_sky_cells_merge(cells, NULL), WK_OK);
    assert_int_equal(wk_sky_cells_save(cells, sources, path, history, 1, 0, NULL), WK_ARGUMENT);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_contents)};
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
