#include "cells_case.h"

#include "cells_offset.h"

static const wk_rect halves[] = {{0, 0, 40, 50}, {40, 0, 60, 50}};

static double at(double pixel, int64_t size)
{
    return (2.0 * pixel + 1.0) / (double)size - 1.0;
}

/* The border lies at pixel 39.5; the image's own edges are no borders. */
static void test_borders(void **state)
{
    (void)state;
    const wk_field field = {.width = 100, .height = 50, .amplifiers = halves, .amplifier_count = 2};
    const double places[] = {0.0, 32.0, 32.6, 39.4, 46.0, 46.6, 99.0};
    const int want[] = {0, 0, -1, -1, -1, 1, 1};
    for (int i = 0; i < 7; i++)
        for (int k = 0; k < 2; k++)
            assert_int_equal(
                wk_sky_cell_amplifier(&field, 7.0, at(places[i], 100), at(k ? 49.0 : 0.0, 50)),
                want[i]);
    /* with no reach a place is in one of them */
    assert_int_equal(wk_sky_cell_amplifier(&field, 0.0, at(39.4, 100), 0.0), 0);
    assert_int_equal(wk_sky_cell_amplifier(&field, 0.0, at(39.6, 100), 0.0), 1);
}

/* Pixels that are no amplifier's, and an amplifier that is not in the image. */
static void test_gaps(void **state)
{
    (void)state;
    const wk_rect parts[] = {{0, 0, 0, 0}, {10, 0, 30, 50}, {50, 0, 50, 50}};
    const wk_field field = {.width = 100, .height = 50, .amplifiers = parts, .amplifier_count = 3};
    const double places[] = {0.0, 12.0, 25.0, 45.0, 80.0}, values[] = {1e9, 1.0, 3.0};
    const int want[] = {-1, -1, 1, -1, 2};
    for (int i = 0; i < 5; i++)
        assert_int_equal(wk_sky_cell_amplifier(&field, 5.0, at(places[i], 100), 0.0), want[i]);
    wk_member members[] = {{.field = field}, {.field = {.width = 100, .height = 50}}, {.good = 1}};
    int64_t first[] = {0, 2, -1};
    const wk_overlaps overlaps = {.members = members, .count = 3};
    const wk_sky_cell_offsets offsets = {.first = first};
    assert_true(fabs(wk_sky_cell_amplifier_mean(&offsets, &overlaps, 0, values) -
                     (30.0 * 1 + 50.0 * 3) / 80.0) < 1e-14);
    assert_true(wk_sky_cell_amplifier_mean(&offsets, &overlaps, 1, values) == 3.0);
    assert_true(wk_sky_cell_amplifier_mean(&offsets, &overlaps, 2, values) == 0.0);
}

/* Half the diagonal of cells of 8 pixels and one more; the cells that the border cuts are gone. */
static void test_merge(void **state)
{
    (void)state;
    cells_case all;
    cells_row(&all, 2, 100, 50);
    all.scene.exposures[1].amplifiers = halves;
    all.scene.exposures[1].amplifier_count = 2;
    wk_overlaps *overlaps = cells_find(&all);
    wk_sky_cells *cells = cells_measure(&all, overlaps, NULL);
    double reach[2];
    assert_int_equal(wk_sky_cell_reach_fill(reach, cells, NULL), WK_OK);
    double wanted = 1.0 + sqrt(0.5) * wk_sky_cells_pitch(cells) / 0.36;
    assert_true(reach[0] == 0.0 && fabs(reach[1] - wanted) < 1e-3);
    const cells_all *look = cells_look(cells);
    assert_true(look->count > 10);
    for (int64_t i = 0; i < look->start[look->count]; i++) {
        const wk_sky_cell_value *value = look->values[i];
        double x = 50.0 * ((double)value->x + 1.0) - 0.5;
        if (value->member == 1)
            assert_true(fabs(x - 39.5) >= reach[1]);
    }
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_borders), cmocka_unit_test(test_gaps),
                                       cmocka_unit_test(test_merge)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
