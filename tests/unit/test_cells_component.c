#include "cells_case.h"

#include "memory.h"

static wk_overlap edge(size_t a, size_t b, double before, double residual)
{
    wk_overlap overlap = {.a = a, .b = b, .residual = residual, .used = isfinite(residual)};
    overlap.side_a.measure.value = 10.0 + before;
    overlap.side_b.measure.value = 10.0;
    overlap.side_a.error = 0.3;
    overlap.side_b.error = 0.4;
    return overlap;
}

/* Six fields in five items (fields 0 and 2 are a group) of three components; one overlap was not
 * used, the last component has none. */
static void test_by_hand(void **state)
{
    (void)state;
    const size_t items[] = {0, 1, 0, 2, 3, 4}, components[] = {0, 1, 0, 0, 1, 2};
    wk_overlap overlaps[] = {edge(0, 2, 3, 1), edge(1, 3, 6, -0.5), edge(0, 2, 4, -1),
                             edge(1, 3, 99, (double)NAN)};
    wk_level_result levels[6];
    for (int i = 0; i < 6; i++)
        levels[i] = (wk_level_result){.item = items[i], .component = components[i]};
    wk_solution solution = {.levels = levels,
                            .fields = 6,
                            .items = 5,
                            .overlaps = overlaps,
                            .overlap_count = 4,
                            .components = 3};
    wk_sky_report *report = wk_memory_new(1, sizeof *report, NULL);
    report->scale = 2.0;
    assert_int_equal(wk_sky_report_fill_components(report, &solution, NULL), WK_OK);
    assert_int_equal(report->component_count, 3);
    const size_t first[] = {0, 2, 3};
    assert_int_equal(report->components[0].count, 3);
    assert_memory_equal(report->components[0].fields, first, sizeof first);
    assert_int_equal(report->components[1].fields[1], 4);
    assert_int_equal(report->components[0].overlaps, 2);
    assert_true(report->components[0].rms_before == sqrt(12.5));
    assert_true(report->components[0].rms_after == 1.0);
    assert_true(report->components[1].rms_before == 6.0 && report->components[1].rms_after == 0.5);
    assert_true(isnan(report->components[2].rms_before) && isnan(report->components[2].rms_after));
    /* errors 0.3 and 0.4 make 0.5, and the scatter is twice that */
    assert_true(fabs(report->pulls[0] - 1.0) < 1e-15 && fabs(report->pulls[1] + 0.5) < 1e-15);
    assert_true(isnan(report->pulls[3]));
    wk_sky_report_free(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_by_hand)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
