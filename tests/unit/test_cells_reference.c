#include "cells_case.h"

#include "linear.h"

enum { MEMBERS = 5, MOST = MEMBERS * 6 };

/* Exposures with backgrounds of their own and, last, a wide field of coarser pixels without one. */
static void reference_case(cells_case *all, size_t side, int64_t size, double factor)
{
    cells_block(all, side, size);
    all->sky = 1.0;
    scene_exposure *last = &all->scene.exposures[all->scene.count];
    *last = all->scene.exposures[0];
    last->scale = factor * all->scene.exposures[0].scale;
    last->rotation = 11.0;
    last->width = last->height = (int64_t)(2.6 * (double)size * (double)side / factor);
    last->reference = 1;
    all->backgrounds[all->scene.count++] = (cells_background){0};
}

static wk_status match(wk_solution **out, cells_case *all, const wk_sky_cells_options *options,
                       const wk_match_options *levels, wk_error *error)
{
    wk_overlaps *overlaps = cells_find(all);
    wk_sky_cells *cells = NULL;
    *out = NULL;
    wk_status status =
        wk_sky_cells_measure(&cells, overlaps, cells_load, all, options, NULL, error);
    if (status >= 0)
        status = wk_sky_cells_match(out, cells, options, levels, NULL, error);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all->scene);
    return status;
}

static wk_match_options levels_alone(void)
{
    wk_match_options levels = wk_match_options_default();
    levels.method = WK_MATCH_MATCH;
    return levels;
}

static int warned(const wk_solution *solution, const char *text)
{
    for (size_t i = 0; i < solution->warning_count; i++)
        if (strstr(solution->warnings[i], text))
            return 1;
    return 0;
}

/* The least squares in full: columns are the free coefficients and the sky of every cell, rows the
 * values.  Its normal equations are solved densely; first the coefficients, then the inverse's
 * diagonal for them.  A few hundred unknowns: pivoting in double is exact to 1e-9. */
static void dense(double *answer, double *variances, const wk_sky_cell_model *model,
                  const cells_all *look)
{
    int64_t count = model->nodes * model->size, all = count + look->count, width = 1 + count;
    double *matrix = calloc((size_t)(all * all), sizeof *matrix);
    double *right = calloc((size_t)(all * width), sizeof *right);
    for (int64_t c = 0; c < look->count; c++)
        for (int64_t v = look->start[c]; v < look->start[c + 1]; v++) {
            const wk_sky_cell_value *value = look->values[v];
            int64_t node = model->node[value->member], columns[MOST];
            double terms[7], weight = wk_sky_cell_weight(value);
            int64_t n = 0;
            wk_sky_cell_terms_of(terms + 1, model, value);
            terms[0] = 1.0;
            columns[n++] = count + c;
            for (int64_t k = 0; k < model->size && node != model->reference; k++)
                columns[n++] = node * model->size + k;
            for (int64_t a = 0; a < n; a++) {
                for (int64_t b = 0; b < n; b++)
                    matrix[columns[a] * all + columns[b]] += weight * terms[a] * terms[b];
                right[columns[a] * width] += weight * terms[a] * value->value;
            }
        }
    for (int64_t i = 0; i < count; i++) {
        if (i / model->size == model->reference)
            matrix[i * all + i] = 1.0;
        right[i * width + 1 + i] = 1.0;
    }
    assert_true(wk_linear_solve(right, width, matrix, all));
    for (int64_t i = 0; i < count; i++)
        answer[i] = right[i * width];
    for (int64_t i = 0; i < model->nodes; i++)
        variances[i] = right[i * model->size * width + 1 + i * model->size];
    free(matrix);
    free(right);
}

/* Nothing is held and nothing is common: coefficients and variances of plain least squares. */
static void test_against_dense(void **state)
{
    (void)state;
    for (int order = 0; order <= 2; order++) {
        cells_case all;
        double want[MOST], exact[MEMBERS], blocks[MEMBERS * 36];
        wk_sky_cell_model model;
        wk_sky_cell_gauge gauge;
        wk_sky_cells_options options = cells_options(order);
        reference_case(&all, 2, 90, 1.5);
        for (size_t i = 0; i < all.scene.count; i++)
            all.scene.exposures[i].noise = 1.0;
        wk_overlaps *overlaps = cells_find(&all);
        wk_sky_cells *cells = cells_measure(&all, overlaps, &options);
        assert_int_equal(wk_sky_cell_model_fill(&model, cells, order, NULL), WK_OK);
        assert_true(model.nodes == MEMBERS && model.components == 2 && model.reference == 4);
        assert_int_equal(model.bonds[model.component[0]], wk_sky_cell_fixed);
        assert_true(model.told[0] == 0 && model.told[1] == 0 && model.terms[4] == 0);
        assert_int_equal(wk_sky_cell_gauge_fill(&gauge, &model, NULL), WK_OK);
        assert_int_equal(wk_sky_cell_model_solve(&model, &gauge, WK_LOSS_SQUARE, NULL), WK_OK);
        const cells_all *look = cells_look(cells);
        dense(want, exact, &model, look);
        for (int64_t i = 0; i < model.nodes * model.size; i++)
            assert_true(fabs(model.coefficients[i] - want[i]) < 1e-7 * fmax(1.0, fabs(want[i])));
        assert_int_equal(wk_sky_cell_gauge_covariances(blocks, &gauge, NULL), WK_OK);
        for (int i = 0; i < MEMBERS - 1; i++)
            assert_true(fabs(blocks[i * model.size * model.size] - exact[i]) < 1e-7 * exact[i]);
        assert_int_equal(model.dof, cells->values - cells->count - 4 * model.size);
        wk_sky_cell_gauge_clear(&gauge);
        wk_sky_cell_model_clear(&model);
        wk_sky_cells_free(cells);
        wk_overlaps_free(overlaps);
        scene_close(&all.scene);
    }
}

/* The truth itself, also of slopes.  The sky has 400 radians a degree, 0.04 a pixel of exposures,
 * and cells sample it by whole pixels: 0.02 of its amplitude in a level and in a slope. */
static void test_absolute(void **state)
{
    (void)state;
    for (int order = 0; order <= 2; order++) {
        cells_case all;
        wk_error error = {WK_OK, "", ""};
        wk_sky_cells_options options = cells_options(order);
        wk_match_options levels = wk_match_options_default();
        wk_solution *solution = NULL;
        reference_case(&all, 2, 120, 2.0);
        for (int i = 0; i < 4 && order == 0; i++)
            all.backgrounds[i].slope[0] = all.backgrounds[i].slope[1] = 0.0;
        assert_int_equal(match(&solution, &all, &options, &levels, &error), WK_OK);
        assert_true(solution->fields == 4 && solution->items == 4 && solution->components == 1);
        assert_int_equal(solution->rank, order == 0 ? 4 : order == 1 ? 12 : 24);
        assert_true(solution->reference_component == 0 && solution->reference_count == 4);
        assert_int_equal(solution->warning_count, 0);
        for (int i = 0; i < 4; i++) {
            const double *found = solution->surfaces[i].coefficients;
            const cells_background *own = &all.backgrounds[i];
            assert_true(fabs(found[0] - own->level) < 0.03);
            assert_true(solution->levels[i].sky == found[0] && solution->levels[i].error > 0.0);
            assert_true(fabs(found[1] - own->slope[0]) < 0.05);
            assert_true(fabs(found[2] - own->slope[1]) < 0.05);
        }
        for (size_t k = 0; k < solution->reference_count; k++) {
            const wk_overlap *edge = &solution->reference_overlaps[k];
            assert_true(edge->b == 4 && edge->a == k && edge->cells > 10);
            assert_true(fabs(edge->residual) < 0.02);
        }
        for (size_t k = 0; k < solution->overlap_count; k++)
            assert_true(solution->overlaps[k].b < 4);
        wk_solution_free(solution);
    }
}

/* Every anchor leaves what is tied, and moves what is not. */
static void test_anchors(void **state)
{
    (void)state;
    static const wk_anchor anchors[] = {WK_ANCHOR_SHIFT, WK_ANCHOR_MINIMUM, WK_ANCHOR_MAXIMUM,
                                        WK_ANCHOR_MEAN, WK_ANCHOR_EXPOSURE};
    static const double others[][2] = {{0, 3}, {0, 3}, {-3, 0}, {-1.5, 1.5}, {0, 3}};
    for (int k = 0; k < 5; k++)
        for (int whole = 0; whole < 2; whole++) {
            cells_case all;
            wk_error error = {WK_OK, "", ""};
            wk_sky_cells_options options = cells_options(0);
            wk_match_options levels = levels_alone();
            wk_solution *solution = NULL;
            cells_row(&all, 4, 100, 100);
            scene_exposure *e = all.scene.exposures;
            e[2].ra = 152.0;
            e[3].ra = 152.0 + 40e-4;
            e[4] = e[0];
            e[4].reference = 1;
            all.scene.count = 5;
            all.backgrounds[2].level = 40.0;
            all.backgrounds[3].level = 43.0;
            levels.anchor = anchors[k];
            levels.anchor_name = "e01";
            levels.method = whole ? WK_MATCH_GLOBAL_MATCH : WK_MATCH_MATCH;
            assert_int_equal(match(&solution, &all, &options, &levels, &error), WK_DISCONNECTED);
            assert_int_equal(solution->components, 2);
            assert_int_equal(solution->reference_component, 0);
            for (int i = 0; i < 2; i++)
                assert_true(fabs(solution->levels[i].sky - all.backgrounds[i].level) < 1e-5);
            for (int i = 0; i < 2; i++) {
                double want = whole ? 40.0 + 3.0 * i : others[k][i];
                assert_true(fabs(solution->levels[2 + i].sky - want) < 1e-5);
            }
            assert_true(warned(solution, "e02, e03: the reference is not reached"));
            assert_int_equal(warned(solution, "the anchor is not used"), k == 4);
            wk_solution_free(solution);
        }
}

/* Two rows of a mosaic apart, joined by two references that do not meet: one component. */
static void test_joined(void **state)
{
    (void)state;
    cells_case all;
    wk_error error = {WK_OK, "", ""};
    wk_sky_cells_options options = cells_options(0);
    wk_match_options levels = levels_alone();
    wk_solution *solution = NULL;
    cells_row(&all, 4, 100, 100);
    scene_exposure *e = all.scene.exposures;
    e[2].ra = 152.0;
    e[3].ra = 152.0 + 40e-4;
    e[4] = e[1];
    e[5] = e[2];
    e[4].reference = e[5].reference = 1;
    all.scene.count = 6;
    all.backgrounds[4].level = all.backgrounds[5].level = 0.0;
    /* names decide the order inside: these come before all others */
    snprintf(all.scene.names[4], sizeof all.scene.names[4], "a1");
    snprintf(all.scene.names[5], sizeof all.scene.names[5], "a0");
    assert_int_equal(match(&solution, &all, &options, &levels, &error), WK_OK);
    assert_true(solution->components == 1 && solution->items == 4 && solution->fields == 4);
    for (int i = 0; i < 4; i++) {
        assert_true(fabs(solution->levels[i].sky - all.backgrounds[i].level) < 1e-5);
        assert_true(solution->levels[i].component == 0 && solution->levels[i].item == (size_t)i);
    }
    wk_solution_free(solution);
    /* without */
    all.scene.count = 4;
    assert_int_equal(match(&solution, &all, &options, &levels, &error), WK_DISCONNECTED);
    assert_true(solution->components == 2 && solution->reference_component == -1);
    wk_solution_free(solution);
}

/* Some cells of a corner: the level is that of the reference there, slopes are orthogonal to the
 * common ones as without it. */
static void test_level_alone(void **state)
{
    (void)state;
    cells_case all;
    wk_sky_cells_options options = cells_options(1);
    reference_case(&all, 2, 90, 1.0);
    scene_exposure *last = &all.scene.exposures[4];
    all.sky = 0.0;
    last->rotation = all.scene.exposures[0].rotation;
    last->width = last->height = 90;
    last->ra += 64e-4;
    last->dec -= 64e-4;
    wk_overlaps *overlaps = cells_find(&all);
    wk_sky_cells *cells = cells_measure(&all, overlaps, &options);
    wk_sky_cell_model model;
    wk_sky_cell_gauge gauge;
    assert_int_equal(wk_sky_cell_model_fill(&model, cells, 1, NULL), WK_OK);
    assert_int_equal(model.bonds[model.component[0]], wk_sky_cell_level);
    assert_true(model.tied_cells > 0 && model.tied_cells < 6);
    assert_int_equal(wk_sky_cell_gauge_fill(&gauge, &model, NULL), WK_OK);
    assert_int_equal(wk_sky_cell_model_solve(&model, &gauge, WK_LOSS_SQUARE, NULL), WK_OK);
    double tie = 0.0;
    for (int mode = 1; mode < 3; mode++) {
        double along = 0.0, level = 0.0;
        for (int i = 0; i < 15; i++)
            along += gauge.modes[mode * 15 + i] * model.coefficients[i];
        for (int i = 0; i < 4; i++)
            level += gauge.modes[mode * 15 + 3 * i];
        assert_true(fabs(along) < 1e-7 && fabs(level) < 1e-9);
    }
    const cells_all *look = cells_look(cells);
    double weights = 0.0;
    for (int64_t c = 0; c < look->count; c++)
        for (int64_t v = look->start[c] + 1; v < look->start[c + 1]; v++) {
            const wk_sky_cell_value *own = look->values[v - 1], *other = look->values[v];
            if (other->member != 4)
                continue;
            assert_int_equal(look->start[c + 1] - look->start[c], 2);
            double weight = 1.0 / ((double)own->error * (double)own->error +
                                   (double)other->error * (double)other->error);
            tie += weight * (own->value - wk_sky_cell_background(&model, own) - other->value);
            weights += weight;
        }
    /* without noise: the weighted mean difference is 0 */
    assert_true(fabs(tie) < 1e-3 * weights);
    wk_sky_cell_gauge_clear(&gauge);
    wk_sky_cell_model_clear(&model);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
}

/* Cells suit the coarser pixels; a pitch that does not is refused. */
static void test_width(void **state)
{
    (void)state;
    cells_case all;
    wk_error error = {WK_OK, "", ""};
    wk_sky_cells_options options = cells_options(0);
    wk_sky_cells *cells = NULL;
    reference_case(&all, 2, 90, 3.0);
    wk_overlaps *overlaps = cells_find(&all);
    cells = cells_measure(&all, overlaps, &options);
    /* 8 pixels of 3e-4 degrees are 8.64 arcsec: the series has 8 and 9.51 */
    assert_true(fabs(wk_sky_cells_pitch(cells) - 8.0) < 1e-9);
    wk_sky_cells_free(cells);
    options.pitch = 2.1;
    assert_int_equal(
        wk_sky_cells_measure(&cells, overlaps, cells_load, &all, &options, NULL, &error),
        WK_ARGUMENT);
    assert_string_equal(error.subject, "e04");
    assert_non_null(strstr(error.message, "below two pixels"));
    options.pitch = 2.2;
    cells = cells_measure(&all, overlaps, &options);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
}

static void check_refused(cells_case *all, wk_status status, const char *said)
{
    wk_error error = {WK_OK, "", ""};
    wk_sky_cells_options options = cells_options(0);
    wk_match_options levels = levels_alone();
    wk_solution *solution = NULL;
    assert_int_equal(match(&solution, all, &options, &levels, &error), status);
    assert_string_equal(error.subject, "e02");
    assert_non_null(strstr(error.message, said));
    assert_null(solution);
}

static void test_not_reached(void **state)
{
    (void)state;
    cells_case all;
    cells_row(&all, 3, 100, 100);
    all.scene.exposures[2].reference = 1;
    all.scene.exposures[2].ra = 155.0;
    check_refused(&all, WK_NO_OVERLAP, "overlaps none of the exposures");
    assert_int_equal(all.scene.loads[0], 0);
    all.scene.exposures[2].ra = 150.0 + 98e-4;
    check_refused(&all, WK_NO_OVERLAP, "shares no cell");
    all.scene.exposures[2].ra = 150.0;
    all.scene.exposures[2].all_bad = 1;
    check_refused(&all, WK_NO_DATA, "no good pixel");
}

/* What has no room for a reference says so. */
static void test_refused(void **state)
{
    (void)state;
    cells_case all;
    wk_error error = {WK_OK, "", ""};
    wk_solution *solution = NULL;
    wk_overlaps *overlaps = NULL;
    cells_row(&all, 3, 100, 100);
    all.scene.exposures[2].reference = 1;
    overlaps = cells_find(&all);
    assert_int_equal(wk_overlaps_measure(overlaps, cells_load, &all, NULL, 0, NULL, &error),
                     WK_ARGUMENT);
    assert_int_equal(wk_match(&solution, overlaps, NULL, NULL, &error), WK_ARGUMENT);
    assert_string_equal(error.subject, "reference");
    wk_overlaps_free(overlaps);
    wk_field *fields = all.scene.fields;
    fields[2].group = "g";
    assert_int_equal(wk_overlaps_find(&overlaps, fields, 3, NULL, &error), WK_ARGUMENT);
    assert_non_null(strstr(error.message, "no group"));
    fields[2].group = NULL;
    fields[1].reference = 1;
    fields[2].reference = 0;
    assert_int_equal(wk_overlaps_find(&overlaps, fields, 3, NULL, &error), WK_ARGUMENT);
    assert_non_null(strstr(error.message, "behind a reference"));
    assert_int_equal(wk_overlaps_find(&overlaps, fields + 1, 1, NULL, &error), WK_ARGUMENT);
    assert_non_null(strstr(error.message, "no exposure beside"));
    assert_null(overlaps);
    scene_close(&all.scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_dense), cmocka_unit_test(test_absolute),
        cmocka_unit_test(test_anchors),       cmocka_unit_test(test_joined),
        cmocka_unit_test(test_level_alone),   cmocka_unit_test(test_width),
        cmocka_unit_test(test_not_reached),   cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
