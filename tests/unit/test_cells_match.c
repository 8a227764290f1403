#include "cells_case.h"

static int warned(const wk_solution *solution, const char *text)
{
    for (size_t i = 0; i < solution->warning_count; i++)
        if (strstr(solution->warnings[i], text))
            return 1;
    return 0;
}

/* Levels on a structured sky without noise.  Cells sample the sky by whole pixels, whose mean place
 * wanders by some tenths: 0.04 of the amplitude a pixel, averaged over a hundred cells. */
static void test_levels(void **state)
{
    (void)state;
    cells_case all;
    wk_sky_cells_options options = cells_options(0);
    double mean = 0.0;
    cells_row(&all, 5, 160, 120);
    all.sky = 1.0;
    wk_solution *solution = cells_match(&all, &options);
    for (int i = 0; i < 5; i++)
        mean += all.backgrounds[i].level / 5.0;
    for (int i = 0; i < 5; i++) {
        assert_true(fabs(solution->levels[i].sky - (all.backgrounds[i].level - mean)) < 0.005);
        assert_int_equal(solution->surfaces[i].terms, 1);
        assert_true(solution->surfaces[i].coefficients[0] == solution->levels[i].sky);
    }
    assert_int_equal(solution->components, 1);
    assert_true(solution->cells > 100 && solution->order == 0 && solution->rms_after < 0.01);
    wk_solution_free(solution);
}

static double surface_at(const wk_sky_surface *surface, const scene_exposure *e,
                         const double sky[2])
{
    double place[2], value;
    wk_wcs *wcs = scene_make_wcs(e);
    assert_int_equal(wk_wcs_to_pixel(wcs, 1, sky, place, NULL), WK_OK);
    wk_wcs_free(wcs);
    /* whole pixels are wanted: the slope over a part of one is added by hand */
    int64_t x = (int64_t)floor(place[0]), y = (int64_t)floor(place[1]);
    double row[2], above;
    wk_sky_surface_row(row, surface, x, y, 2);
    wk_sky_surface_row(&above, surface, x, y + 1, 1);
    value = row[0] + (row[1] - row[0]) * (place[0] - (double)x) +
            (above - row[0]) * (place[1] - (double)y);
    return value;
}

/* Differences of backgrounds at one place of the sky do not depend on the gauge. */
static void test_planes(void **state)
{
    (void)state;
    for (int order = 1; order <= 2; order++) {
        cells_case all;
        wk_sky_cells_options options = cells_options(order);
        cells_block(&all, 3, 120);
        for (int i = 0; i < 9 && order == 2; i++)
            all.backgrounds[i].bend = i % 3;
        wk_solution *solution = cells_match(&all, &options);
        assert_int_equal(solution->order, order);
        for (size_t k = 0; k < solution->overlap_count; k++) {
            const wk_overlap *edge = &solution->overlaps[k];
            size_t who[] = {edge->a, edge->b};
            const scene_exposure *e[] = {&all.scene.exposures[edge->a],
                                         &all.scene.exposures[edge->b]};
            const double sky[2] = {0.5 * (e[0]->ra + e[1]->ra), 0.5 * (e[0]->dec + e[1]->dec)};
            double found[2], truth[2];
            if (edge->cells < 20)
                continue;
            for (int s = 0; s < 2; s++) {
                const cells_background *own = &all.backgrounds[who[s]];
                wk_sky_surface exact = {
                    .terms = 6,
                    .coefficients = {own->level, own->slope[0], own->slope[1], 0, own->bend, 0},
                    .centre = {59.5, 59.5},
                    .scale = {60, 60}};
                found[s] = surface_at(&solution->surfaces[who[s]], e[s], sky);
                truth[s] = surface_at(&exact, e[s], sky);
            }
            /* what the gauge takes off the backgrounds is a slope of the sky, up to 0.03 a pixel,
             * which two exposures sample with mean places some tenths of a pixel apart */
            assert_true(fabs((found[0] - found[1]) - (truth[0] - truth[1])) < 3e-3);
            assert_true(fabs(edge->residual) < 3e-3);
        }
        assert_true(solution->rms_after < 3e-3);
        wk_solution_free(solution);
    }
}

/* Two pairs apart, one exposure alone, and one without a good pixel: nothing is invented. */
static void test_components(void **state)
{
    (void)state;
    cells_case all;
    wk_sky_cells_options options = cells_options(1);
    cells_row(&all, 6, 100, 100);
    all.scene.exposures[2].ra = 152.0;
    all.scene.exposures[3].ra = 152.0 + 40e-4;
    all.scene.exposures[4].ra = 155.0;
    all.scene.exposures[5].all_bad = 1;
    wk_solution *solution = cells_match(&all, &options);
    assert_int_equal(solution->components, 4);
    assert_int_equal(solution->levels[0].component, solution->levels[1].component);
    assert_int_equal(solution->levels[2].component, solution->levels[3].component);
    assert_int_not_equal(solution->levels[0].component, solution->levels[2].component);
    for (int i = 4; i < 6; i++) {
        assert_true(isnan(solution->levels[i].sky) && !solution->levels[i].valid);
        assert_int_equal(solution->surfaces[i].terms, 0);
    }
    assert_true(warned(solution, "unconnected parts") && warned(solution, "not matched"));
    wk_solution_free(solution);
}

/* A column of some cells binds a level and no plane. */
static void test_falls_back(void **state)
{
    (void)state;
    cells_case all;
    wk_sky_cells_options options = cells_options(2);
    cells_row(&all, 2, 100, 60);
    all.scene.exposures[0].rotation = all.scene.exposures[1].rotation = 0.0;
    all.scene.exposures[1].ra = 150.0 - 84e-4;
    wk_solution *solution = cells_match(&all, &options);
    assert_true(warned(solution, "a level is fitted there and no slope"));
    assert_int_equal(solution->surfaces[0].terms, 1);
    double difference = solution->levels[1].sky - solution->levels[0].sky;
    assert_true(fabs(difference - 3.0) < 1e-6);
    wk_solution_free(solution);
}

static void test_refused(void **state)
{
    (void)state;
    cells_case all;
    wk_error error = {WK_OK, "", ""};
    wk_match_options match = wk_match_options_default();
    wk_solution *solution = NULL;
    cells_row(&all, 2, 100, 100);
    wk_overlaps *overlaps = cells_find(&all);
    wk_sky_cells *cells = cells_measure(&all, overlaps, NULL);
    match.method = WK_MATCH_LOCAL;
    assert_int_equal(wk_sky_cells_match(&solution, cells, NULL, &match, NULL, &error), WK_ARGUMENT);
    assert_string_equal(error.subject, "method");
    wk_sky_cells_options options = cells_options(-1);
    assert_int_equal(wk_sky_cells_match(&solution, cells, &options, NULL, NULL, &error),
                     WK_ARGUMENT);
    assert_string_equal(error.subject, "order");
    assert_null(solution);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
}

static void test_terms(void **state)
{
    (void)state;
    const wk_sky_surface surface = {
        .terms = 6, .coefficients = {1, 2, 3, 4, 5, 6}, .centre = {10, 20}, .scale = {5, 10}};
    double values[3];
    wk_sky_surface_row(values, &surface, 10, 30, 3);
    for (int i = 0; i < 3; i++) {
        double x = i / 5.0, y = 1.0;
        assert_true(fabs(values[i] - (1 + 2 * x + 3 * y + 4 * x * x + 5 * x * y + 6 * y * y)) <
                    1e-14);
    }
    assert_string_equal(wk_sky_surface_term(4), "xy");
    assert_null(wk_sky_surface_term(6));
    assert_null(wk_sky_surface_term(-1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),     cmocka_unit_test(test_planes),
        cmocka_unit_test(test_components), cmocka_unit_test(test_falls_back),
        cmocka_unit_test(test_refused),    cmocka_unit_test(test_terms)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
