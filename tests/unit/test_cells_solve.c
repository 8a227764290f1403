#include "cells_case.h"

/* Two exposures of one level: without outliers both losses agree; a value in ten off by 1000 moves
 * the mean difference by 100, and Huber's by what residuals at 2 sigma can. */
static void solve(double *difference, wk_sky_cell_model *model, wk_sky_cells *cells,
                  wk_sky_cells_loss loss)
{
    wk_sky_cell_gauge gauge;
    assert_int_equal(wk_sky_cell_model_fill(model, cells, 0, NULL), WK_OK);
    assert_int_equal(wk_sky_cell_gauge_fill(&gauge, model, NULL), WK_OK);
    assert_int_equal(wk_sky_cell_model_solve(model, &gauge, loss, NULL), WK_OK);
    *difference = model->coefficients[1] - model->coefficients[0];
    wk_sky_cell_gauge_clear(&gauge);
}

static void test_losses(void **state)
{
    (void)state;
    cells_case all;
    cells_row(&all, 2, 240, 240);
    all.scene.exposures[0].noise = all.scene.exposures[1].noise = 1.0;
    wk_overlaps *overlaps = cells_find(&all);
    wk_sky_cells *cells = cells_measure(&all, overlaps, NULL);
    wk_sky_cell_model model;
    double square = 0.0, huber = 0.0, clean = 0.0, n = (double)cells->count;
    solve(&clean, &model, cells, WK_LOSS_SQUARE);
    /* noise of the difference: sqrt(2 / pixels) */
    double sigma = sqrt(2.0 / (n * 61.0));
    assert_true(fabs(clean - 3.0) < 5 * sigma);
    assert_true(fabs(model.scale - 1.0) < 0.15 &&
                fabs(model.chi2 / (double)model.dof - 1.0) < 0.25);
    assert_int_equal(model.dof, cells->count - 1);
    wk_sky_cell_model_clear(&model);
    solve(&huber, &model, cells, WK_LOSS_HUBER);
    assert_true(fabs(huber - clean) < sigma && model.converged);
    wk_sky_cell_model_clear(&model);
    const cells_all *look = cells_look(cells);
    for (int64_t c = 0; c < look->count; c += 10)
        look->values[2 * c + 1]->value += 1000.0;
    solve(&square, &model, cells, WK_LOSS_SQUARE);
    assert_true(square - clean > 90.0 && square - clean < 110.0);
    wk_sky_cell_model_clear(&model);
    /* a tenth at 2 sigma of one cell: 0.1 * 2 / 0.85 of 0.18, the scale enlarged by outliers */
    solve(&huber, &model, cells, WK_LOSS_HUBER);
    assert_true(fabs(huber - 3.0) < 0.08 + 5 * sigma && model.converged);
    wk_sky_cell_model_clear(&model);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_losses)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
