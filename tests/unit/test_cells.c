#include "cells_case.h"

static void test_pitch_and_values(void **state)
{
    (void)state;
    cells_case all;
    cells_row(&all, 2, 200, 160);
    wk_overlaps *overlaps = cells_find(&all);
    wk_sky_cells *cells = cells_measure(&all, overlaps, NULL);
    /* 8 pixels of 0.36 arcsec are 2.88; of 2^(6/4) = 2.828 and 2^(7/4) = 3.364 the nearer one */
    assert_true(fabs(wk_sky_cells_pitch(cells) - pow(2.0, 1.5)) < 1e-12);
    assert_true(cells->count > 100);
    const cells_all *look = cells_look(cells);
    for (int64_t i = 0; i < cells->values; i++) {
        const wk_sky_cell_value *value = look->values[i];
        assert_true(fabs(value->value - all.backgrounds[value->member].level) < 1e-12);
        assert_true(value->pixels > 40 && value->pixels < 80);
    }
    assert_int_equal(all.scene.loads[0], 1);
    assert_int_equal(overlaps->members[1].whole.measure.pixels, 200 * 160);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
}

static void refuse(cells_case *all, wk_sky_cells_options options, const char *what)
{
    wk_overlaps *overlaps = cells_find(all);
    wk_sky_cells *cells = (wk_sky_cells *)all;
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(
        wk_sky_cells_measure(&cells, overlaps, cells_load, all, &options, NULL, &error),
        WK_ARGUMENT);
    assert_null(cells);
    assert_string_equal(error.subject, what);
    wk_overlaps_free(overlaps);
    scene_close(&all->scene);
}

static void test_refused(void **state)
{
    (void)state;
    cells_case all;
    wk_sky_cells_options options = cells_options(3);
    cells_row(&all, 2, 60, 60);
    refuse(&all, options, "order");
    options = cells_options(0);
    options.cell = 1.0;
    refuse(&all, options, "cell");
    options.cell = (double)NAN;
    refuse(&all, options, "cell");
    options = cells_options(0);
    options.loss = (wk_sky_cells_loss)7;
    refuse(&all, options, "loss");
    options = cells_options(0);
    for (int i = 0; i < 4; i++) {
        const double beyond[] = {-1.0, 0.0039, 3601.0, (double)NAN};
        options.pitch = beyond[i];
        refuse(&all, options, "pitch");
    }
}

/* Nothing at all to measure. */
static void test_empty(void **state)
{
    (void)state;
    cells_case all;
    cells_row(&all, 2, 60, 60);
    all.scene.exposures[0].all_bad = all.scene.exposures[1].all_bad = 1;
    wk_overlaps *overlaps = cells_find(&all);
    wk_sky_cells *cells = cells_measure(&all, overlaps, NULL);
    assert_int_equal(cells->count, 0);
    wk_sky_cells_free(cells);
    wk_sky_cells_free(NULL);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pitch_and_values),
                                       cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_empty)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
