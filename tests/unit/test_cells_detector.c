#include "detector_case.h"

#include "memory.h"

/* Detectors by their names, each with its amplifiers. */
static void test_list(void **state)
{
    (void)state;
    for (int amplifiers = 0; amplifiers < 2; amplifiers++) {
        cells_case all;
        static const char *const names[] = {"first", "second", "third"};
        static const int64_t place[] = {2, 0, 1};
        wk_sky_cell_offsets offsets = {.count = 0};
        int64_t each = amplifiers ? 2 : 1;
        detector_open(&all, 2, amplifiers);
        wk_overlaps *overlaps = cells_find(&all);
        assert_int_equal(wk_sky_cell_detectors_list(&offsets, overlaps, NULL), WK_OK);
        assert_int_equal(offsets.count, 3 * each);
        for (int64_t i = 0; i < offsets.count; i++) {
            assert_string_equal(offsets.owners[i].detector, names[i / each]);
            assert_int_equal(offsets.owners[i].amplifier, amplifiers ? i % 2 : -1);
        }
        for (int64_t i = 0; i < 6; i++)
            assert_int_equal(offsets.first[i], each * place[i % 3]);
        wk_memory_free(offsets.owners);
        wk_memory_free(offsets.first);
        wk_overlaps_free(overlaps);
        scene_close(&all.scene);
    }
}

static wk_solution *match(cells_case *all, double flux, wk_status want, wk_error *error)
{
    wk_sky_cells_options options = wk_sky_cells_options_default();
    wk_match_options levels = wk_match_options_default();
    wk_solution *out = NULL;
    scene_open(&all->scene);
    for (size_t i = 0; i < all->scene.count; i++)
        all->scene.fields[i].flux = flux;
    wk_overlaps *overlaps = NULL;
    assert_int_equal(wk_overlaps_find(&overlaps, all->scene.fields, all->scene.count, NULL, error),
                     WK_OK);
    wk_sky_cells *cells = cells_measure(all, overlaps, NULL);
    options.detectors = 1;
    levels.method = WK_MATCH_MATCH;
    assert_int_equal(wk_sky_cells_match(&out, cells, &options, &levels, NULL, error), want);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all->scene);
    return out;
}

/* What is told: offsets in compared units, in order; skies and surfaces with them in the image's.
 * Noise 1, some dozen cells of 60 pixels: 0.03. */
static void test_solution(void **state)
{
    (void)state;
    for (int amplifiers = 0; amplifiers < 2; amplifiers++) {
        cells_case all;
        wk_error error = {WK_OK, "", ""};
        detector_open(&all, 3, amplifiers);
        wk_solution *solution = match(&all, 2.0, WK_OK, &error);
        size_t each = amplifiers ? 2 : 1;
        assert_int_equal(solution->offset_count, 3 * each);
        assert_int_equal(solution->warning_count, 0);
        assert_int_equal(solution->rank, 2 + 3 * each - 1);
        double constant = solution->levels[0].sky - all.backgrounds[0].level;
        for (size_t i = 0; i < 9; i++) {
            const wk_level_result *level = &solution->levels[i];
            const wk_sky_surface *surface = &solution->surfaces[i];
            double left = level->sky - all.backgrounds[i].level - constant, row[70];
            size_t first = (i % 3 == 0 ? 2 : i % 3 == 1 ? 0 : 1) * each;
            /* what is left of the first is taken off the others: two errors */
            assert_true(fabs(left) < 5.0 * hypot(level->error, solution->levels[0].error));
            assert_true(level->error > 0.0 && level->error < 0.5);
            assert_true(surface->coefficients[0] == level->sky);
            double item = solution->item_levels[level->item] / 2.0;
            assert_true(fabs(level->sky - item - level->detector_offset) < 1e-12);
            assert_int_equal(surface->part_count, amplifiers ? 2 : 0);
            wk_sky_surface_row(row, surface, 0, 20, 70);
            for (size_t x = 0; x < 70; x++) {
                const wk_detector_offset *own =
                    &solution->offsets[first + (amplifiers && x >= 30 ? 1 : 0)];
                assert_true(fabs(row[x] - item - own->offset / 2.0) < 1e-12);
            }
        }
        for (size_t i = 0; i < solution->offset_count; i++) {
            assert_true(solution->offsets[i].valid && solution->offsets[i].cells > 5);
            assert_true(solution->offsets[i].error > 0.0 && solution->offsets[i].error < 0.5);
        }
        assert_string_equal(solution->offsets[0].detector, "first");
        wk_solution_free(solution);
    }
}

/* One visit: nothing tells detectors apart, they stay as they are. */
static void test_undetermined(void **state)
{
    (void)state;
    cells_case all;
    wk_error error = {WK_OK, "", ""};
    detector_open(&all, 2, 0);
    for (int i = 0; i < 3; i++) {
        all.scene.exposures[3 + i].ra = all.scene.exposures[i].ra;
        all.scene.exposures[3 + i].dec = all.scene.exposures[i].dec;
        all.scene.exposures[3 + i].rotation = 0.0;
    }
    wk_solution *solution = match(&all, 1.0, WK_OK, &error);
    assert_int_equal(solution->warning_count, 1);
    assert_non_null(strstr(solution->warnings[0], "offsets of detectors are undetermined"));
    for (size_t i = 0; i < 3; i++) {
        const wk_detector_offset *own = &solution->offsets[i];
        assert_true(own->offset == 0.0 && isnan(own->error) && !own->valid);
    }
    wk_solution_free(solution);
}

/* A visit without detectors, as of another camera, has levels alone. */
static void test_without_detector(void **state)
{
    (void)state;
    cells_case all;
    wk_error error = {WK_OK, "", ""};
    detector_open(&all, 3, 0);
    for (int i = 6; i < 9; i++) {
        all.scene.exposures[i].detector = NULL;
        all.backgrounds[i].level = 20.0;
    }
    wk_solution *solution = match(&all, 1.0, WK_OK, &error);
    assert_int_equal(solution->offset_count, 3);
    assert_int_equal(solution->warning_count, 0);
    for (int i = 0; i < 9; i++) {
        const wk_level_result *level = &solution->levels[i];
        double left = level->sky - all.backgrounds[i].level;
        left -= solution->levels[0].sky - all.backgrounds[0].level;
        assert_true(fabs(left) < 5.0 * hypot(level->error, solution->levels[0].error));
        assert_true(level->error < 0.2 && (level->detector_offset == 0.0) == (i >= 6));
    }
    wk_solution_free(solution);
}

static void test_refused(void **state)
{
    (void)state;
    cells_case all;
    wk_error error = {WK_OK, "", ""};
    detector_open(&all, 2, 1);
    all.scene.exposures[2].amplifier_count = 1;
    assert_null(match(&all, 1.0, WK_ARGUMENT, &error));
    assert_non_null(strstr(error.message, "amplifiers, others of detector second have"));
}

/* Steps are added where the rectangle is, whatever part of a row is asked for. */
static void test_parts(void **state)
{
    (void)state;
    wk_sky_part parts[] = {{{3, 1, 4, 2}, 10.0}, {{5, 2, 100, 1}, 100.0}};
    const wk_sky_surface surface = {
        .terms = 1, .coefficients = {1.0}, .scale = {1.0, 1.0}, .parts = parts, .part_count = 2};
    const double want[4][10] = {{1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
                                {1, 1, 1, 11, 11, 11, 11, 1, 1, 1},
                                {1, 1, 1, 11, 11, 111, 111, 101, 101, 101},
                                {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}};
    for (int64_t y = 0; y < 4; y++)
        for (int64_t from = 0; from < 10; from++)
            for (int64_t to = from; to <= 10; to++) {
                double row[10];
                wk_sky_surface_row(row, &surface, from, y, to - from);
                for (int64_t x = from; x < to; x++)
                    assert_true(row[x - from] == want[y][x]);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),         cmocka_unit_test(test_solution),
        cmocka_unit_test(test_undetermined), cmocka_unit_test(test_without_detector),
        cmocka_unit_test(test_refused),      cmocka_unit_test(test_parts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
