#include "cells_case.h"

#include "polygon.h"

/* Places of the samples by the group's map and by the sky itself, for exposures turned and shifted:
 * tangent planes of fields some arcmin wide are affine to 1e-5 of their radius. */
static void test_maps(void **state)
{
    (void)state;
    cells_case all;
    cells_block(&all, 2, 90);
    for (int i = 0; i < 4; i++)
        all.scene.exposures[i].group = i < 3 ? "g" : NULL;
    wk_overlaps *overlaps = cells_find(&all);
    wk_sky_cells *cells = cells_measure(&all, overlaps, NULL);
    wk_sky_cell_model model;
    assert_int_equal(wk_sky_cell_model_fill(&model, cells, 1, NULL), WK_OK);
    assert_int_equal(model.nodes, 2);
    assert_non_null(model.maps);
    wk_sky_cell_frame frames[2];
    int64_t frame_of[4];
    for (int i = 0; i < 4; i++)
        frame_of[i] = model.node[i];
    wk_sky_cell_frames_fill(frames, 2, overlaps, frame_of);
    for (int m = 0; m < 4; m++)
        for (int i = 0; i < wk_sky_cell_samples; i++) {
            double want[2], got[2];
            wk_sky_cell_value value = {
                .x = (float)(0.4 * (i % 5) - 0.8), .y = (float)(0.4 * (i / 5) - 0.8), .member = m};
            wk_sky_cell_frame_place(want, &frames[frame_of[m]], cells->samples[m][i]);
            wk_sky_cell_place(got, &model, &value);
            assert_true(fabs(got[0] - want[0]) < 1e-5 && fabs(got[1] - want[1]) < 1e-5);
            assert_true(hypot(got[0], got[1]) < 1.0);
        }
    wk_sky_cell_model_clear(&model);
    /* levels need no coordinates */
    assert_int_equal(wk_sky_cell_model_fill(&model, cells, 0, NULL), WK_OK);
    assert_null(model.maps);
    wk_sky_cell_model_clear(&model);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
}

/* A frame's axes are at right angles, its members within its radius. */
static void test_frames(void **state)
{
    (void)state;
    cells_case all;
    cells_block(&all, 2, 60);
    for (int i = 0; i < 4; i++)
        all.scene.exposures[i].dec += 87.5; /* near the pole: the other axis */
    wk_overlaps *overlaps = cells_find(&all);
    const int64_t frame_of[4] = {0, 0, 0, 0};
    wk_sky_cell_frame frame;
    wk_sky_cell_frames_fill(&frame, 1, overlaps, frame_of);
    assert_true(fabs(wk_vector_dot(frame.centre, frame.east)) < 1e-15);
    assert_true(fabs(wk_vector_dot(frame.north, frame.east)) < 1e-15);
    assert_true(fabs(wk_vector_dot(frame.north, frame.north) - 1.0) < 1e-15);
    for (int i = 0; i < 4; i++)
        assert_true(wk_vector_angle(frame.centre, overlaps->members[i].footprint.centre) <
                    frame.radius);
    wk_overlaps_free(overlaps);
    scene_close(&all.scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_maps), cmocka_unit_test(test_frames)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
