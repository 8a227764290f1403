#include "cells_case.h"

/* Half of the cells have structure; what of its error is real is the scatter that is put in. */
typedef struct mixture {
    cells_case field;
    wk_overlaps *overlaps;
    wk_sky_cells *cells;
    wk_sky_cell_model model;
} mixture;

static double normal(uint32_t *seed)
{
    double sum = -6.0;
    for (int i = 0; i < 12; i++) {
        *seed = *seed * 1664525U + 1013904223U;
        sum += (double)*seed / 4294967296.0;
    }
    return sum;
}

/* Values of noise 1 in 64 pixels; every second cell says 10 times that variance is structure's. */
static void make(mixture *all, double part_that_is_real)
{
    uint32_t seed = 1;
    cells_row(&all->field, 2, 240, 240);
    all->field.scene.exposures[0].noise = all->field.scene.exposures[1].noise = 1.0;
    all->overlaps = cells_find(&all->field);
    all->cells = cells_measure(&all->field, all->overlaps, NULL);
    const cells_all *look = cells_look(all->cells);
    for (int64_t i = 0; i < look->count * 2; i++) {
        wk_sky_cell_value *value = look->values[i];
        double noise = all->overlaps->members[value->member].noise;
        double own = noise * noise / (double)value->pixels,
               structure = i / 2 % 2 ? 10.0 * own : 0.0;
        value->error = (float)sqrt(own + structure);
        value->value = sqrt(own + part_that_is_real * structure) * normal(&seed);
    }
}

static double find(mixture *all)
{
    wk_sky_cell_gauge gauge;
    double factor;
    assert_int_equal(wk_sky_cell_model_fill(&all->model, all->cells, 0, NULL), WK_OK);
    assert_int_equal(wk_sky_cell_gauge_fill(&gauge, &all->model, NULL), WK_OK);
    assert_int_equal(wk_sky_cell_model_solve(&all->model, &gauge, WK_LOSS_SQUARE, NULL), WK_OK);
    assert_int_equal(wk_sky_cells_structure_find(&factor, &all->model, NULL), WK_OK);
    wk_sky_cell_gauge_clear(&gauge);
    wk_sky_cell_model_clear(&all->model);
    return factor;
}

static void drop(mixture *all)
{
    wk_sky_cells_free(all->cells);
    wk_overlaps_free(all->overlaps);
    scene_close(&all->field.scene);
}

/* Some 420 residuals in either half, of pairs that are equally large: squared scales by medians
 * are good to 2 * 1.17 / sqrt(210) = 0.16, their ratio to 0.23. */
static void test_factor(void **state)
{
    (void)state;
    static const double real[] = {1.0, 3.0, 0.5};
    for (int k = 0; k < 3; k++) {
        mixture all;
        make(&all, real[k]);
        assert_true(all.cells->count > 300);
        assert_true(fabs(log(find(&all) / real[k])) < 5 * 0.23);
        /* with that factor in place it is found again, to what medians of other sets differ */
        double first = find(&all);
        assert_int_equal(wk_sky_cells_structure_set(all.cells, first, NULL), WK_OK);
        assert_true(fabs(log(find(&all) / first)) < 0.1);
        drop(&all);
    }
}

/* An exposure whose noise is unknown, or that has none, says nothing; the other, with half of the
 * residuals, is good to 0.23 again, for those of a pair are equally large. */
static void test_unknown_noise(void **state)
{
    (void)state;
    static const double noises[] = {(double)NAN, 0.0};
    for (int k = 0; k < 2; k++) {
        mixture all;
        make(&all, 1.0);
        all.overlaps->members[0].noise = noises[k];
        assert_true(fabs(log(find(&all))) < 5 * 0.23);
        drop(&all);
    }
}

/* What went out entirely keeps the least factor; errors come back. */
static void test_bounds(void **state)
{
    (void)state;
    mixture all;
    make(&all, 0.0);
    double factor = find(&all);
    assert_true(factor >= 0.1 && factor < 0.35);
    drop(&all);
    make(&all, 1000.0);
    assert_true(find(&all) == 50.0);
    const cells_all *look = cells_look(all.cells);
    float noise = look->values[0]->error, structure = look->values[2]->error;
    assert_int_equal(wk_sky_cells_structure_set(all.cells, 0.1, NULL), WK_OK);
    look = cells_look(all.cells);
    assert_true(look->values[0]->error == noise);
    assert_true(fabs((double)look->values[2]->error / (double)structure - sqrt(2.0 / 11.0)) < 1e-5);
    assert_int_equal(wk_sky_cells_structure_set(all.cells, 1.0, NULL), WK_OK);
    look = cells_look(all.cells);
    assert_true(fabs((double)look->values[2]->error / (double)structure - 1.0) < 1e-5);
    drop(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_factor),
        cmocka_unit_test(test_unknown_noise),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
