#include "cells_case.h"

/* A component's common plane, evaluated at places that two exposures share, is one surface: the
 * exposures' own polynomials agree there, also where a group has coordinates of its own. */
static void check_agreement(cells_case *all, int order)
{
    wk_overlaps *overlaps = cells_find(all);
    wk_sky_cells *cells = cells_measure(all, overlaps, NULL);
    wk_sky_cell_model model;
    wk_sky_cell_gauge gauge;
    assert_int_equal(wk_sky_cell_model_fill(&model, cells, order, NULL), WK_OK);
    assert_int_equal(wk_sky_cell_gauge_fill(&gauge, &model, NULL), WK_OK);
    const cells_all *look = cells_look(cells);
    for (int64_t mode = 0; mode < model.size; mode++)
        for (int64_t c = 0; c < look->count; c += 7) {
            double at[2];
            for (int k = 0; k < 2; k++) {
                const wk_sky_cell_value *value = look->values[look->start[c] + k];
                double terms[wk_blocks_largest];
                const double *own =
                    gauge.modes + (mode * model.nodes + model.node[value->member]) * model.size;
                wk_sky_cell_terms(terms, &model, value);
                at[k] = 0.0;
                for (int64_t i = 0; i < model.size; i++)
                    at[k] += terms[i] * own[i];
            }
            /* a cell's pixels lie up to half a pixel of some 100 elsewhere in the other exposure */
            assert_true(fabs(at[0] - at[1]) < 0.02);
        }
    wk_sky_cell_gauge_clear(&gauge);
    wk_sky_cell_model_clear(&model);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all->scene);
}

static void test_one_surface(void **state)
{
    (void)state;
    for (int order = 1; order <= 2; order++)
        for (int grouped = 0; grouped < 2; grouped++) {
            cells_case all;
            cells_block(&all, 2, 90);
            all.scene.exposures[0].group = all.scene.exposures[3].group = grouped ? "g" : NULL;
            check_agreement(&all, order);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_one_surface)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
