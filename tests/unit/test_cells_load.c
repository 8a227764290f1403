#include "cells_case.h"
#include "fits_case.h"

static wk_sky_cells *measure(cells_case *all, wk_overlaps **overlaps)
{
    wk_sky_cells_options options = cells_options(0);
    wk_sky_cells *cells = NULL;
    options.alone = 1;
    *overlaps = cells_find(all);
    assert_int_equal(wk_sky_cells_measure(&cells, *overlaps, cells_load, all, &options, NULL, NULL),
                     WK_OK);
    return cells;
}

/* Two files, turned round, give the solution of the exposures themselves. */
static void test_same_solution(void **state)
{
    (void)state;
    for (int order = 0; order <= 2; order++) {
        cells_case all, halves[2];
        wk_sky_cells_options options = cells_options(order);
        const char *paths[2] = {case_path("b.fits"), case_path("a.fits")};
        cells_block(&all, 2, 90);
        for (int i = 0; i < 4; i++)
            all.scene.exposures[i].noise = 1.0;
        wk_solution *want = cells_match(&all, &options);
        for (int k = 0; k < 2; k++) {
            wk_overlaps *overlaps = NULL;
            halves[k] = all;
            halves[k].scene.count = 2;
            for (int i = 0; i < 2; i++) {
                halves[k].scene.exposures[i] = all.scene.exposures[2 * k + i];
                halves[k].backgrounds[i] = all.backgrounds[2 * k + i];
                strcpy(halves[k].scene.names[i], all.scene.names[2 * k + i]);
            }
            wk_sky_cells *cells = measure(&halves[k], &overlaps);
            assert_int_equal(wk_sky_cells_save(cells, NULL, paths[!k], NULL, 1, 0, NULL), WK_OK);
            wk_sky_cells_free(cells);
            wk_overlaps_free(overlaps);
            scene_close(&halves[k].scene);
        }
        wk_sky_cells *cells = NULL;
        wk_overlaps *overlaps = NULL;
        wk_error error = {WK_OK, "", ""};
        if (wk_sky_cells_load(&cells, &overlaps, paths, 2, NULL, NULL, &error) != WK_OK)
            fail_msg("%s: %s", error.subject, error.message);
        assert_int_equal(wk_sky_cells_exposures(cells), 4);
        wk_match_options match = wk_match_options_default();
        wk_solution *found = NULL;
        match.method = WK_MATCH_MATCH;
        match.anchor = WK_ANCHOR_MEAN;
        assert_true(wk_sky_cells_match(&found, cells, &options, &match, NULL, NULL) >= 0);
        for (size_t i = 0; i < 4; i++) {
            size_t there = (i + 2) % 4; /* paths[0] holds the second half */
            assert_memory_equal(&found->levels[there].sky, &want->levels[i].sky, sizeof(double));
            assert_memory_equal(&found->levels[there].error, &want->levels[i].error,
                                sizeof(double));
            assert_memory_equal(found->surfaces[there].coefficients, want->surfaces[i].coefficients,
                                6 * sizeof(double));
        }
        assert_true(found->chi2 == want->chi2);
        wk_solution_free(found);
        wk_solution_free(want);
        wk_sky_cells_free(cells);
        wk_overlaps_free(overlaps);
    }
}

static void test_refused(void **state)
{
    (void)state;
    cells_case all;
    wk_overlaps *overlaps = NULL;
    wk_sky_cells *cells = NULL;
    wk_error error = {WK_OK, "", ""};
    const char *path = case_path("one.fits"), *paths[2] = {path, path};
    cells_row(&all, 2, 60, 60);
    cells = measure(&all, &overlaps);
    assert_int_equal(wk_sky_cells_save(cells, NULL, path, NULL, 1, 0, NULL), WK_OK);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
    assert_int_equal(wk_sky_cells_load(&cells, &overlaps, paths, 0, NULL, NULL, &error),
                     WK_ARGUMENT);
    assert_int_equal(wk_sky_cells_load(&cells, &overlaps, paths, 2, NULL, NULL, &error),
                     WK_ARGUMENT);
    assert_non_null(strstr(error.message, "twice"));
    assert_string_equal(error.subject, path);
    assert_null(cells);
    assert_null(overlaps);
    paths[1] = case_path("none.fits");
    assert_int_equal(wk_sky_cells_load(&cells, &overlaps, paths, 2, NULL, NULL, &error), WK_FILE);
    /* a file that is cut off, at many places */
    size_t size;
    unsigned char *bytes = case_bytes(path, &size);
    for (size_t part = 1; part < 12; part++) {
        FILE *cut = fopen(paths[1], "wb");
        fwrite(bytes, 1, size * part / 12, cut);
        fclose(cut);
        wk_status status = wk_sky_cells_load(&cells, &overlaps, paths + 1, 1, NULL, NULL, &error);
        assert_true(status == WK_FILE || status == WK_HEADER);
        assert_null(cells);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_solution),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
