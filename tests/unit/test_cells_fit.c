#include "cells_case.h"

#include "memory.h"

/* What was handed over is the cells' own; the next one takes its place. */
static void test_kept(void **state)
{
    (void)state;
    cells_case all;
    cells_row(&all, 2, 60, 60);
    wk_overlaps *overlaps = cells_find(&all);
    wk_sky_cells *cells = cells_measure(&all, overlaps, NULL);
    for (int order = 0; order < 2; order++) {
        wk_sky_cell_model model;
        wk_sky_cell_gauge gauge;
        assert_int_equal(wk_sky_cell_model_fill(&model, cells, order, NULL), WK_OK);
        assert_int_equal(wk_sky_cell_gauge_fill(&gauge, &model, NULL), WK_OK);
        assert_int_equal(wk_sky_cells_keep_fit(cells, &model, &gauge, NULL), WK_OK);
        assert_null(model.coefficients);
        assert_null(gauge.modes);
        assert_ptr_equal(cells->fit->gauge.model, &cells->fit->model);
        assert_int_equal(cells->fit->model.size, order ? 3 : 1);
        double x[6] = {cells->fit->model.matrix.diagonal[0]};
        wk_sky_cell_gauge_solve(x, &cells->fit->gauge);
        assert_true(x[0] > 0.0);
    }
    wk_sky_cells_forget_fit(cells);
    wk_sky_cells_forget_fit(cells);
    assert_null(cells->fit);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
