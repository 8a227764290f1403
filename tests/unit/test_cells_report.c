#include "cells_case.h"

typedef struct matched {
    cells_case all;
    wk_overlaps *overlaps;
    wk_sky_cells *cells;
    wk_solution *solution;
    wk_sky_report *report;
} matched;

static void begin(matched *m)
{
    for (size_t i = 0; i < m->all.scene.count; i++)
        m->all.scene.exposures[i].noise = 1.0;
    m->overlaps = cells_find(&m->all);
    m->cells = cells_measure(&m->all, m->overlaps, NULL);
}

static void finish(matched *m, int order, const wk_sky_report_options *options)
{
    wk_sky_cells_options how = cells_options(order);
    wk_match_options match = wk_match_options_default();
    match.method = WK_MATCH_MATCH;
    assert_true(wk_sky_cells_match(&m->solution, m->cells, &how, &match, NULL, NULL) >= 0);
    assert_int_equal(wk_sky_cells_report(&m->report, m->cells, m->solution, options, NULL), WK_OK);
}

static void end(matched *m)
{
    wk_sky_report_free(m->report);
    wk_solution_free(m->solution);
    wk_sky_cells_free(m->cells);
    wk_overlaps_free(m->overlaps);
    scene_close(&m->all.scene);
}

/* Noise alone: some thousand cells of an exposure, the spread of chi2 is sqrt(2 n).  Cells have
 * one noise; mean places that wander add nothing, for there is no sky. */
static void test_noise(void **state)
{
    (void)state;
    for (int order = 0; order < 2; order++) {
        matched m;
        cells_block(&m.all, 3, 160);
        for (int i = 0; i < 9 && order == 0; i++)
            m.all.backgrounds[i].slope[0] = m.all.backgrounds[i].slope[1] = 0.0;
        begin(&m);
        finish(&m, order, NULL);
        const wk_sky_report *report = m.report;
        assert_int_equal(report->fields, 9);
        assert_true(fabs(report->scale - 1.0) < 0.1);
        for (int i = 0; i < 9; i++) {
            const wk_sky_fit *fit = &report->fits[i];
            double spread = sqrt(2.0 * fit->expected);
            assert_true(fit->cells > 100);
            assert_true(fit->expected < (double)fit->cells &&
                        fit->expected > 0.9 * (double)fit->cells);
            /* the noise of an exposure is measured to some per cent */
            assert_true(fabs(fit->chi2 - fit->expected) < 5.0 * spread + 0.1 * fit->expected);
            assert_true(fabs(fit->pull) < 1.0); /* the level has taken the mean */
        }
        assert_int_equal(report->outlier_count, 20);
        for (size_t k = 1; k < 20; k++) {
            const wk_sky_outlier *a = &report->outliers[k - 1], *b = &report->outliers[k];
            assert_true(fabs(a->residual / a->sigma) >= fabs(b->residual / b->sigma) * (1 - 1e-9));
        }
        assert_true(report->outlying < 3);
        end(&m);
    }
}

/* The first value of the n-th cell that three exposures or more share. */
static wk_sky_cell_value *crowded(const wk_sky_cells *cells, int n)
{
    const cells_all *look = cells_look(cells);
    int64_t c = 0;
    for (; c < look->count; c++)
        if (look->start[c + 1] - look->start[c] > 2 && n-- == 0)
            break;
    assert_true(c < look->count);
    return look->values[look->start[c]];
}

/* Cells that were moved head the list, with the place where they are. */
static void test_outliers(void **state)
{
    (void)state;
    matched m;
    wk_sky_report_options options = wk_sky_report_options_default();
    options.outliers = 2;
    cells_block(&m.all, 2, 120);
    begin(&m);
    wk_sky_cell_value *first = crowded(m.cells, 3), *second = crowded(m.cells, 9);
    first->value += 200.0;
    second->value -= 100.0;
    finish(&m, 1, &options);
    const wk_sky_report *report = m.report;
    assert_int_equal(report->outlier_count, 2);
    assert_true(report->outlying >= 2);
    for (int i = 0; i < 2; i++) {
        const wk_sky_outlier *found = &report->outliers[i];
        const wk_sky_cell_value *value = i ? second : first;
        const wk_member *member = &m.overlaps->members[value->member];
        assert_int_equal(found->field, member->input);
        assert_true(found->other != found->field && found->exposures > 2);
        assert_true(found->value == value->value);
        /* another exposure or more have part in the sky, which Huber's loss keeps with them */
        assert_true(i ? found->residual < -50.0 && found->residual > -105.0
                      : found->residual > 100.0 && found->residual < 210.0);
        assert_true(found->sigma > 0.05 && found->sigma < 0.2);
        double place[2];
        wk_wcs *wcs = scene_make_wcs(&m.all.scene.exposures[found->field]);
        assert_int_equal(wk_wcs_to_pixel(wcs, 1, found->sky, place, NULL), WK_OK);
        wk_wcs_free(wcs);
        /* a cell cut by a mask or a border has its pixels beside the centre */
        assert_true(hypot(place[0] - found->place[0], place[1] - found->place[1]) < 1.5);
        assert_true(report->fits[found->field].outliers >= 1);
    }
    end(&m);
}

static void test_refused(void **state)
{
    (void)state;
    matched m;
    wk_error error = {WK_OK, "", ""};
    wk_sky_report_options options = wk_sky_report_options_default();
    wk_sky_report *report = NULL;
    wk_solution none = {.fields = 2};
    cells_row(&m.all, 2, 100, 100);
    begin(&m);
    assert_int_equal(wk_sky_cells_report(&report, m.cells, &none, NULL, &error), WK_ARGUMENT);
    options.outliers = 0;
    finish(&m, 0, &options);
    assert_int_equal(m.report->outlier_count, 0);
    options.weak_modes = 17;
    assert_int_equal(wk_sky_cells_report(&report, m.cells, m.solution, &options, &error),
                     WK_ARGUMENT);
    assert_string_equal(error.subject, "weak_modes");
    assert_null(report);
    wk_sky_report_free(NULL);
    end(&m);
}

/* A group's surface seen from its exposures: on any place of the sky the variance is the same. */
static void test_covariances(void **state)
{
    (void)state;
    matched m;
    cells_block(&m.all, 3, 120);
    for (int i = 0; i < 9; i++)
        m.all.scene.exposures[i].group = i % 3 == 2 ? NULL : i < 3 ? "a" : i < 6 ? "b" : "c";
    begin(&m);
    finish(&m, 1, NULL);
    for (size_t i = 0; i < 9; i++) {
        const double *own = m.solution->covariances[i];
        assert_true(own[0] == m.solution->levels[i].error * m.solution->levels[i].error ||
                    fabs(sqrt(own[0]) - m.solution->levels[i].error) < 1e-15);
        assert_true(own[0] > 0.0 && own[4] > 0.0 && own[8] > 0.0 && own[5] == own[7]);
    }
    /* exposures 0 and 1 are one group: its middle seen from both */
    double sky[2] = {0.5 * (m.all.scene.exposures[0].ra + m.all.scene.exposures[1].ra), 1.9};
    double variance[2];
    for (int i = 0; i < 2; i++) {
        const double *own = m.solution->covariances[i];
        double place[2];
        wk_wcs *wcs = scene_make_wcs(&m.all.scene.exposures[i]);
        assert_int_equal(wk_wcs_to_pixel(wcs, 1, sky, place, NULL), WK_OK);
        wk_wcs_free(wcs);
        double t[3] = {1.0, (place[0] - 59.5) / 60.0, (place[1] - 59.5) / 60.0};
        variance[i] = 0.0;
        for (int r = 0; r < 3; r++)
            for (int c = 0; c < 3; c++)
                variance[i] += t[r] * t[c] * own[3 * r + c];
    }
    assert_true(fabs(variance[0] - variance[1]) < 1e-6 * variance[0]);
    end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_noise), cmocka_unit_test(test_outliers),
        cmocka_unit_test(test_refused), cmocka_unit_test(test_covariances)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
