#include "cells_case.h"

#include "dense.h"
#include "memory.h"

/* The matrix is that of the whole least squares, skies included, after their elimination: dense, in
 * long double, with the skies' unknowns inverted by Gauss-Jordan. */
static void test_against_dense(void **state)
{
    (void)state;
    cells_case all;
    cells_block(&all, 2, 70);
    wk_overlaps *overlaps = cells_find(&all);
    wk_sky_cells *cells = cells_measure(&all, overlaps, NULL);
    wk_sky_cell_model model;
    assert_int_equal(wk_sky_cell_model_fill(&model, cells, 1, NULL), WK_OK);
    long double want[12][12] = {{0}};
    const cells_all *look = cells_look(cells);
    for (int64_t c = 0; c < look->count; c++) {
        long double total = 0, column[12] = {0};
        for (int64_t i = look->start[c]; i < look->start[c + 1]; i++) {
            const wk_sky_cell_value *v = look->values[i];
            const long double terms[3] = {1, (long double)v->x, (long double)v->y};
            long double weight = 1 / ((long double)v->error * (long double)v->error);
            total += weight;
            for (int r = 0; r < 3; r++) {
                column[3 * v->member + r] += weight * terms[r];
                for (int k = 0; k < 3; k++)
                    want[3 * v->member + r][3 * v->member + k] += weight * terms[r] * terms[k];
            }
        }
        for (int r = 0; r < 12; r++)
            for (int k = 0; k < 12; k++)
                want[r][k] -= column[r] * column[k] / total;
    }
    double scale = model.matrix.diagonal[0];
    for (int a = 0; a < 4; a++)
        for (int b = 0; b < 4; b++) {
            const double *block =
                a == b ? model.matrix.diagonal + 9 * a : wk_blocks_find(&model.matrix, a, b);
            for (int k = 0; k < 9 && block; k++)
                assert_true(fabs(block[k] - (double)want[3 * a + k / 3][3 * b + k % 3]) <
                            1e-12 * scale);
        }
    assert_int_equal(model.components, 1);
    wk_sky_cell_model_clear(&model);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
}

/* Of too few cells a level; of none nothing; components by what is shared. */
static void test_terms(void **state)
{
    (void)state;
    cells_case all;
    cells_row(&all, 3, 100, 60);
    all.scene.exposures[1].ra =
        150.0 - 84 * 1e-4; /* some 16 pixels are shared: a column of cells */
    all.scene.exposures[0].rotation = all.scene.exposures[1].rotation = 0.0;
    all.scene.exposures[2].ra = 151.0;
    wk_overlaps *overlaps = cells_find(&all);
    wk_sky_cells *cells = cells_measure(&all, overlaps, NULL);
    wk_sky_cell_model model;
    assert_in_range(cells->count, 1, 11);
    assert_int_equal(wk_sky_cell_model_fill(&model, cells, 2, NULL), WK_OK);
    assert_int_equal(model.terms[0], 1);
    assert_int_equal(model.terms[1], 1);
    assert_int_equal(model.terms[2], 0);
    assert_int_equal(model.components, 2);
    assert_int_equal(model.component[1], 0);
    assert_int_equal(model.component[2], 1);
    wk_sky_cell_model_clear(&model);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_dense),
                                       cmocka_unit_test(test_terms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
