#include "figure_case.h"

#include "cells_case.h"
#include "figure_cells.h"
#include "welkin/figure.h"

typedef struct matched {
    cells_case all;
    wk_overlaps *overlaps;
    wk_sky_cells *cells;
    wk_solution *solution;
    wk_sky_report *report;
} matched;

static void begin(matched *m, int order)
{
    wk_sky_cells_options how = cells_options(order);
    wk_match_options match = wk_match_options_default();
    for (size_t i = 0; i < m->all.scene.count; i++)
        m->all.scene.exposures[i].noise = 1.0;
    m->overlaps = cells_find(&m->all);
    m->cells = cells_measure(&m->all, m->overlaps, NULL);
    match.method = WK_MATCH_MATCH;
    assert_true(wk_sky_cells_match(&m->solution, m->cells, &how, &match, NULL, NULL) >= 0);
    assert_int_equal(wk_sky_cells_report(&m->report, m->cells, m->solution, NULL, NULL), WK_OK);
}

static void end(matched *m)
{
    wk_sky_report_free(m->report);
    wk_solution_free(m->solution);
    wk_sky_cells_free(m->cells);
    wk_overlaps_free(m->overlaps);
    scene_close(&m->all.scene);
}

/* One pass: differences of two exposures are those of their levels, after it noise; every value
 * is counted once; the map is coloured where both are. */
static void test_seen(void **state)
{
    (void)state;
    matched m;
    wk_sky_view view;
    wk_cells_seen seen;
    const double *outlines[2];
    size_t corners[2];
    const wk_box box = wk_figure_cells_map(0);
    cells_row(&m.all, 2, 100, 80);
    begin(&m, 0);
    for (size_t i = 0; i < 2; i++)
        outlines[i] = wk_overlaps_footprint(m.overlaps, i, &corners[i]);
    const wk_sky_shapes shapes = {outlines, corners, NULL, 2};
    assert_int_equal(wk_sky_view_fit(&view, &shapes, NULL), WK_OK);
    assert_int_equal(wk_cells_see(&seen, m.cells, box, &view, NULL), WK_OK);
    /* levels 10 and 13; a cell of 64 pixels has noise 1 / 8 in either */
    assert_true(fabs(seen.before - 3.0) < 0.2);
    assert_true(fabs(seen.after - sqrt(2.0) / 8.0) < 0.05);
    int64_t counted = seen.bins.below + seen.bins.above;
    for (int i = 0; i < seen.bins.size; i++)
        counted += seen.bins.counts[i];
    assert_int_equal(counted, m.cells->values);
    assert_int_equal(seen.bins.total, counted);
    double sum = 0.0;
    int64_t pixels = (int64_t)seen.mosaic.width * seen.mosaic.height, known = 0;
    for (int64_t i = 0; i < pixels; i++)
        if (!isnan(seen.mosaic.values[i])) {
            known++;
            sum += seen.mosaic.values[i];
        }
    /* the last one's less the first one's; a cell's area in pixels of the picture */
    assert_true(fabs(sum / (double)known - 3.0) < 0.1);
    double side = wk_sky_scale(box, &view) * m.cells->pitch / 3600.0;
    assert_true(fabs((double)known / ((double)m.cells->count * side * side) - 1.0) < 0.1);
    wk_mosaic_release(&seen.mosaic);
    end(&m);
}

static void test_files(void **state)
{
    (void)state;
    static const char *const files[] = {"a.png", "a.svg", "a.pdf"};
    for (int order = 0; order < 3; order++) {
        matched m;
        wk_error error = {WK_OK, "", ""};
        if (order == 0)
            cells_row(&m.all, 2, 100, 80);
        else
            cells_block(&m.all, 3, 80);
        begin(&m, order);
        const char *name = in_folder(files[order]);
        const char *names[] = {"a",  "b\xff", "a name that is far too long for its footprint",
                               NULL, "e",     "f",
                               "g",  "h",     "i"};
        assert_int_equal(wk_figure_cells(name, m.cells, m.solution, m.report, NULL, 0, &error),
                         WK_OK);
        assert_int_equal(wk_figure_cells(name, m.cells, m.solution, m.report, names, 0, &error),
                         WK_EXISTS);
        assert_int_equal(wk_figure_cells(name, m.cells, m.solution, m.report, names, 1, &error),
                         WK_OK);
        assert_int_equal(
            wk_figure_cells(in_folder("a.gif"), m.cells, m.solution, m.report, names, 0, &error),
            WK_ARGUMENT);
        end(&m);
    }
}

/* The same bytes again; other cells, other bytes; without a solution nothing. */
static void test_same(void **state)
{
    (void)state;
    matched m;
    wk_error error = {WK_OK, "", ""};
    cells_block(&m.all, 2, 90);
    begin(&m, 1);
    assert_int_equal(
        wk_figure_cells(in_folder("a.png"), m.cells, m.solution, m.report, NULL, 1, NULL), WK_OK);
    assert_int_equal(
        wk_figure_cells(in_folder("b.png"), m.cells, m.solution, m.report, NULL, 1, NULL), WK_OK);
    expect_equal_files("a.png", "b.png", 1);
    cells_look(m.cells)->values[10]->value += 50.0;
    assert_int_equal(
        wk_figure_cells(in_folder("b.png"), m.cells, m.solution, m.report, NULL, 1, NULL), WK_OK);
    expect_equal_files("a.png", "b.png", 0);
    wk_sky_cells_forget_fit(m.cells);
    assert_int_equal(
        wk_figure_cells(in_folder("b.png"), m.cells, m.solution, m.report, NULL, 1, &error),
        WK_ARGUMENT);
    end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_seen), cmocka_unit_test(test_files),
                                       cmocka_unit_test(test_same)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
