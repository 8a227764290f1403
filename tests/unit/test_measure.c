#include "scene.h"

#include "overlap.h"

static wk_overlaps *measure(scene *all, const wk_statistic_options *options, int whole, int threads)
{
    wk_overlaps *out = NULL;
    wk_error error = {WK_OK, "", ""};
    wk_context context = {.threads = threads};
    scene_open(all);
    if (wk_overlaps_find(&out, all->fields, all->count, &context, &error) != WK_OK ||
        wk_overlaps_measure(out, scene_load, all, options, whole, &context, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
    return out;
}

static void test_levels_and_counts(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 2, 200, 100);
    wk_overlaps *overlaps = measure(&all, NULL, 1, 1);
    const wk_overlap *edge = wk_overlaps_get(overlaps, 0);
    assert_true(edge->used);
    assert_true(edge->side_a.measure.value == 10.0);
    assert_true(edge->side_b.measure.value == 13.0);
    /* half of 200 x 100, to a column: the pixel edges of the two do not coincide */
    assert_true(llabs(edge->side_a.covered - 10000) <= 100);
    assert_int_equal(edge->side_a.measure.pixels, edge->side_a.covered);
    double each = 0.36 * 0.36; /* 1e-4 degrees */
    assert_true(fabs(edge->side_a.area / (double)edge->side_a.covered - each) < 1e-5 * each);
    assert_int_equal(overlaps->members[0].whole.measure.pixels, 20000);
    assert_int_equal(all.loads[0], 1);
    assert_int_equal(all.loads[1], 1);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

static void test_noise_and_error(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 2, 300, 200);
    for (int i = 0; i < 2; i++) {
        all.exposures[i].noise = 2.0;
        all.exposures[i].slope = 0.05; /* structure far above the noise, which it must not enter */
    }
    wk_statistic_options mean = wk_statistic_options_default();
    mean.statistic = WK_STATISTIC_MEAN;
    wk_overlaps *overlaps = measure(&all, &mean, 0, 2);
    /* the median of 60000 absolute differences: its scatter is 1.2 % / sqrt(3) of the noise, and
     * the sum of 12 uniform numbers is 0.5 % from a Gaussian there */
    assert_true(fabs(overlaps->members[0].noise - 2.0) < 2.0 * 0.03);
    const wk_overlap *edge = wk_overlaps_get(overlaps, 0);
    double expected = 2.0 / sqrt((double)edge->side_a.measure.pixels);
    assert_true(fabs(edge->side_a.error - expected) < 0.03 * expected);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

static void test_empty_field(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 3, 60, 60);
    all.exposures[1].all_bad = 1;
    wk_overlaps *overlaps = measure(&all, NULL, 1, 1);
    assert_int_equal(overlaps->members[1].good, 0);
    assert_int_equal(overlaps->members[1].whole.measure.pixels, 0);
    for (size_t i = 0; i < wk_overlaps_count(overlaps); i++) {
        const wk_overlap *edge = wk_overlaps_get(overlaps, i);
        assert_int_equal(edge->used, edge->a != 1 && edge->b != 1);
    }
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

/* The same overlaps measured again, with other pixels, hold nothing of the first time. */
static void test_measuring_again(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 3, 60, 60);
    for (int i = 0; i < 3; i++)
        all.exposures[i].noise = 1.0;
    all.exposures[2].ra += 20.0 * 1e-4; /* some pixels of the middle one serve both */
    wk_overlaps *overlaps = measure(&all, NULL, 1, 1);
    assert_true(overlaps->members[1].set_count > 0);
    all.exposures[1].all_bad = 1;
    all.exposures[2].level += 100.0;
    assert_int_equal(wk_overlaps_measure(overlaps, scene_load, &all, NULL, 1, NULL, NULL), WK_OK);
    const wk_member *empty = &overlaps->members[1];
    assert_int_equal(empty->whole.measure.pixels, 0);
    assert_int_equal(empty->set_count, 0);
    assert_true(isnan(empty->noise));
    assert_true(fabs(overlaps->members[2].whole.measure.value - 116.0) < 1.0);
    for (size_t i = 0; i < wk_overlaps_count(overlaps); i++) {
        const wk_overlap *edge = wk_overlaps_get(overlaps, i);
        assert_int_equal(edge->used, edge->a != 1 && edge->b != 1);
    }
    assert_int_equal(wk_overlaps_measure(overlaps, scene_load, &all, NULL, 0, NULL, NULL), WK_OK);
    assert_int_equal(overlaps->members[0].whole.measure.pixels, 0);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

static void test_flux(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 2, 60, 60);
    scene_open(&all);
    all.fields[1].flux = 2.0;
    wk_overlaps *overlaps = NULL;
    assert_int_equal(wk_overlaps_find(&overlaps, all.fields, 2, NULL, NULL), WK_OK);
    assert_int_equal(wk_overlaps_measure(overlaps, scene_load, &all, NULL, 1, NULL, NULL), WK_OK);
    assert_true(wk_overlaps_get(overlaps, 0)->side_b.measure.value == 26.0);
    assert_true(overlaps->members[1].whole.measure.value == 26.0);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

/* A group's side is the union of what its fields cover, each pixel once. */
static void test_group_is_a_union(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 3, 100, 100);
    all.exposures[1].ra = all.exposures[0].ra; /* both members lie over the same half of field 2 */
    all.exposures[0].group = all.exposures[1].group = "g";
    all.exposures[2].ra = all.exposures[0].ra - 50.0 * 1e-4;
    wk_overlaps *overlaps = measure(&all, NULL, 0, 1);
    assert_int_equal(wk_overlaps_count(overlaps), 1);
    const wk_overlap *edge = wk_overlaps_get(overlaps, 0);
    assert_true(llabs(edge->side_b.covered - 5000) <= 100);
    assert_true(llabs(edge->side_a.covered - 10000) <= 200);
    /* 10 and 13 by equal numbers of pixels */
    assert_true(fabs(edge->side_a.measure.value - 11.5) < 1e-12);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

static wk_status wrong_size(void *payload, size_t index, wk_pixels *pixels, wk_error *error)
{
    wk_status status = scene_load(payload, index, pixels, error);
    pixels->height--;
    return status;
}

static int cancel(const wk_progress *progress, void *payload)
{
    (void)payload;
    return progress->done == 2;
}

static void test_failures(void **state)
{
    (void)state;
    scene all;
    wk_error error = {WK_OK, "", ""};
    scene_row(&all, 4, 30, 30);
    scene_open(&all);
    wk_overlaps *overlaps = NULL;
    assert_int_equal(wk_overlaps_find(&overlaps, all.fields, 4, NULL, NULL), WK_OK);
    assert_int_equal(wk_overlaps_measure(overlaps, wrong_size, &all, NULL, 1, NULL, &error),
                     WK_ARGUMENT);
    assert_string_equal(error.subject, "e00");
    wk_context context = {.threads = 1, .progress = cancel};
    assert_int_equal(wk_overlaps_measure(overlaps, scene_load, &all, NULL, 1, &context, &error),
                     WK_CANCELLED);
    wk_statistic_options bad = wk_statistic_options_default();
    bad.nclip = -1;
    assert_int_equal(wk_overlaps_measure(overlaps, scene_load, &all, &bad, 1, NULL, &error),
                     WK_ARGUMENT);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

static void test_threads_change_no_bit(void **state)
{
    (void)state;
    wk_overlap first[64];
    size_t count = 0;
    for (int threads = 1; threads <= 7; threads += 2) {
        scene all;
        scene_row(&all, 9, 90, 70);
        for (int i = 0; i < 9; i++) {
            all.exposures[i].noise = 1.0;
            all.exposures[i].rotation = 11.0 * i;
        }
        wk_overlaps *overlaps = measure(&all, NULL, 1, threads);
        if (threads == 1) {
            count = wk_overlaps_count(overlaps);
            assert_true(count > 8 && count < 64);
            memcpy(first, overlaps->edges, count * sizeof *first);
        }
        assert_int_equal(wk_overlaps_count(overlaps), count);
        assert_memory_equal(first, overlaps->edges, count * sizeof *first);
        wk_overlaps_free(overlaps);
        scene_close(&all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels_and_counts), cmocka_unit_test(test_noise_and_error),
        cmocka_unit_test(test_empty_field),       cmocka_unit_test(test_flux),
        cmocka_unit_test(test_measuring_again),   cmocka_unit_test(test_group_is_a_union),
        cmocka_unit_test(test_failures),          cmocka_unit_test(test_threads_change_no_bit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
