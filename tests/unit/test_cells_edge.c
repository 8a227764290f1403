#include "cells_case.h"

#include "memory.h"

/* Exposures without noise on an even sky: the overlap holds the levels, the planes explain the
 * rest, and nothing is left; also when the caller's order is not that of names. */
static void test_edges(void **state)
{
    (void)state;
    for (int turned = 0; turned < 2; turned++) {
        cells_case all;
        cells_row(&all, 2, 120, 120);
        strcpy(all.scene.names[turned], "a");
        strcpy(all.scene.names[!turned], "b");
        all.backgrounds[0].slope[0] = 4.0;
        wk_overlaps *overlaps = cells_find(&all);
        wk_sky_cells *cells = cells_measure(&all, overlaps, NULL);
        wk_sky_cell_model model;
        wk_sky_cell_gauge gauge;
        double *slopes = NULL;
        assert_int_equal(wk_sky_cell_model_fill(&model, cells, 1, NULL), WK_OK);
        assert_int_equal(wk_sky_cell_gauge_fill(&gauge, &model, NULL), WK_OK);
        assert_int_equal(wk_sky_cell_model_solve(&model, &gauge, WK_LOSS_SQUARE, NULL), WK_OK);
        assert_int_equal(wk_sky_cells_fill_edges(&slopes, overlaps, &model, NULL), WK_OK);
        assert_int_equal(wk_overlaps_count(overlaps), 1);
        const wk_overlap *edge = wk_overlaps_get(overlaps, 0);
        assert_true(edge->used && edge->a == 0 && edge->b == 1);
        assert_int_equal(edge->cells, cells->count);
        /* the second one lies west of the first, at its right half: x about 0.5 of the way */
        assert_true(fabs(edge->side_a.measure.value - 12.0) < 0.3);
        assert_true(fabs(edge->side_b.measure.value - 13.0) < 1e-6);
        double levels = model.coefficients[turned ? 3 : 0] - model.coefficients[turned ? 0 : 3];
        double left = edge->side_a.measure.value - edge->side_b.measure.value - levels - slopes[0];
        /* the gauge gives the sky a slope of 0.03 a pixel, sampled tenths of a pixel apart */
        assert_true(fabs(left) < 1e-3);
        assert_true(fabs(edge->side_a.area - (double)cells->count * 8.0) <
                    1e-9 * edge->side_a.area);
        wk_memory_free(slopes);
        wk_sky_cell_gauge_clear(&gauge);
        wk_sky_cell_model_clear(&model);
        wk_sky_cells_free(cells);
        wk_overlaps_free(overlaps);
        scene_close(&all.scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_edges)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
