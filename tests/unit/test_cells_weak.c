#include "cells_case.h"

#include "eigen.h"
#include "memory.h"

enum { most = 40 };

/* The covariance of the levels at the exposures' centres by one solution for each, and its
 * eigenvectors: values ascend, vectors are rows. */
static void dense_modes(double *values, double *vectors, const wk_sky_cells *cells)
{
    const wk_sky_cell_model *model = &cells->fit->model;
    static double matrix[most * most], x[most * 6];
    int64_t n = (int64_t)cells->overlaps->count, size = model->size;
    for (int64_t i = 0; i < n; i++) {
        double own[6], other[6];
        wk_sky_cell_value centre = {.member = (int32_t)i};
        memset(x, 0, sizeof x);
        wk_sky_cell_terms(own, model, &centre);
        for (int64_t t = 0; t < size; t++)
            x[model->node[i] * size + t] = own[t];
        wk_sky_cell_gauge_solve(x, &cells->fit->gauge);
        for (int64_t k = 0; k < n; k++) {
            centre.member = (int32_t)k;
            wk_sky_cell_terms(other, model, &centre);
            matrix[i * n + k] = 0.0;
            for (int64_t t = 0; t < size; t++)
                matrix[i * n + k] += other[t] * x[model->node[k] * size + t] * model->inflation;
        }
    }
    assert_int_equal(wk_eigen_symmetric(values, vectors, matrix, n, NULL), WK_OK);
}

static wk_sky_report *find_report(cells_case *all, wk_overlaps **overlaps, wk_sky_cells **cells,
                                  int order, int wanted)
{
    wk_sky_cells_options how = cells_options(order);
    wk_match_options match = wk_match_options_default();
    wk_sky_report_options options = wk_sky_report_options_default();
    wk_solution *solution = NULL;
    wk_sky_report *report = NULL;
    match.method = WK_MATCH_MATCH;
    options.weak_modes = wanted;
    *overlaps = cells_find(all);
    *cells = cells_measure(all, *overlaps, NULL);
    assert_true(wk_sky_cells_match(&solution, *cells, &how, &match, NULL, NULL) >= 0);
    assert_int_equal(wk_sky_cells_report(&report, *cells, solution, &options, NULL), WK_OK);
    wk_solution_free(solution);
    return report;
}

static void end(cells_case *all, wk_overlaps *overlaps, wk_sky_cells *cells, wk_sky_report *report)
{
    wk_sky_report_free(report);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all->scene);
}

/* Names are in the order of fields here, so that members are fields.  Eigenvalues to 1 per cent,
 * of which errors are the roots; vectors to some per cent where their values are apart. */
static void test_against_dense(void **state)
{
    (void)state;
    for (int grouped = 0; grouped < 2; grouped++)
        for (int order = 0; order < 3; order++) {
            cells_case all;
            wk_overlaps *overlaps;
            wk_sky_cells *cells;
            static double values[most], vectors[most * most];
            cells_block(&all, 4, 90);
            for (size_t i = 0; i < 16; i++) {
                all.scene.exposures[i].noise = 1.0;
                all.scene.exposures[i].ra -= 3e-5 * (double)(i % 4 * i);
                all.scene.exposures[i].group = grouped && i % 4 == 1 ? "b" : NULL;
            }
            wk_sky_report *report = find_report(&all, &overlaps, &cells, order, 4);
            dense_modes(values, vectors, cells);
            assert_int_equal(report->weak_mode_count, 4);
            for (int64_t k = 0; k < 4; k++) {
                const wk_sky_weak_mode *mode = &report->weak_modes[k];
                double value = values[15 - k], along = 0.0, square = 0.0;
                double gap = fmin(fabs(values[15 - k] - values[14 - k]),
                                  k ? fabs(values[15 - k] - values[16 - k]) : HUGE_VAL);
                assert_true(fabs(mode->error / sqrt(value / 16.0) - 1.0) < 0.005);
                for (int i = 0; i < 16; i++) {
                    along += mode->pattern[i] * vectors[(15 - k) * 16 + i] / 4.0;
                    square += mode->pattern[i] * mode->pattern[i] / 16.0;
                }
                assert_true(fabs(square - 1.0) < 1e-12);
                if (gap > 0.1 * value)
                    assert_true(fabs(along) > 0.99);
                assert_true(mode->plane <= mode->quadratic + 1e-9 && mode->quadratic <= 1.0);
            }
            end(&all, overlaps, cells, report);
        }
}

/* A row of exposures is bound end to end most weakly: levels alone follow a gradient, planes,
 * which cannot have one in common, a bend. */
static void test_row(void **state)
{
    (void)state;
    for (int order = 0; order < 2; order++) {
        cells_case all;
        wk_overlaps *overlaps;
        wk_sky_cells *cells;
        cells_row(&all, 12, 80, 80);
        for (size_t i = 0; i < 12; i++)
            all.scene.exposures[i].noise = 1.0;
        wk_sky_report *report = find_report(&all, &overlaps, &cells, order, 2);
        const wk_sky_weak_mode *mode = &report->weak_modes[0];
        assert_int_equal(report->weak_mode_count, 2);
        /* of a cosine from 0 to pi a line explains 96 / pi^4 = 0.986 */
        if (order == 0)
            assert_true(mode->plane > 0.95 && mode->pattern[0] * mode->pattern[11] < 0.0);
        else
            assert_true(mode->plane < 0.05 && mode->quadratic > 0.9);
        assert_true(report->weak_modes[1].error < mode->error);
        end(&all, overlaps, cells, report);
    }
}

/* Components of three or more have modes, pairs and lone exposures none; nothing is mixed, though
 * the names of the pair and of the first component alternate. */
static void test_components(void **state)
{
    (void)state;
    cells_case all;
    wk_overlaps *overlaps;
    wk_sky_cells *cells;
    cells_row(&all, 10, 80, 80);
    for (size_t i = 0; i < 10; i++) {
        all.scene.exposures[i].noise = 1.0;
        /* 4, 3, 2 and 1 exposures; those of 0, 2, 4, 5 lie where 0 to 3 would */
        const int part[] = {0, 2, 0, 2, 0, 0, 1, 1, 1, 3}, at[] = {0, 1, 1, 2, 2, 3, 6, 7, 8, 9};
        all.scene.exposures[i].ra += 2.0 * part[i] + 40e-4 * ((int)i - at[i]);
    }
    wk_sky_report *report = find_report(&all, &overlaps, &cells, 0, 4);
    /* four levels less their mean, three less theirs */
    assert_int_equal(report->weak_mode_count, 5);
    for (size_t k = 0; k < 5; k++) {
        const wk_sky_weak_mode *mode = &report->weak_modes[k];
        double sum = 0.0;
        assert_int_equal(mode->component, k < 3 ? 0 : 2);
        for (size_t i = 0; i < report->components[mode->component].count; i++)
            sum += mode->pattern[i];
        assert_true(fabs(sum) < 1e-9);
    }
    end(&all, overlaps, cells, report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_against_dense),
                                       cmocka_unit_test(test_row),
                                       cmocka_unit_test(test_components)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
