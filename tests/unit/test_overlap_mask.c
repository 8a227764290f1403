#include "match_case.h"

enum { side = 40 };

static int64_t count_bit(const int32_t *mask, int bit)
{
    int64_t count = 0;
    for (int i = 0; i < side * side; i++)
        count += mask[i] >> bit & 1;
    return count;
}

/* The bits count the pixels that were measured, overlap by overlap of the field's item. */
static void check_field(const wk_overlaps *overlaps, scene *all, size_t field)
{
    static int32_t mask[side * side];
    memset(mask, 0x7f, sizeof mask);
    assert_int_equal(wk_overlaps_mask(mask, overlaps, field, scene_load, all, NULL), WK_OK);
    size_t item = wk_overlaps_item(overlaps, field);
    int bit = 0;
    for (size_t i = 0; i < wk_overlaps_count(overlaps); i++) {
        const wk_overlap *edge = wk_overlaps_get(overlaps, i);
        if (edge->a != item && edge->b != item)
            continue;
        const wk_region *region = edge->a == item ? &edge->side_a : &edge->side_b;
        assert_int_equal(count_bit(mask, bit++), region->covered);
    }
    assert_true(bit > 0);
    for (int i = 0; i < side * side; i++)
        assert_int_equal(mask[i] >> bit, 0);
}

static void test_bits_are_what_was_measured(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 5, side, side);
    for (size_t i = 0; i < 5; i++) {
        all.exposures[i].rotation = 20.0 * (double)i;
        snprintf(all.names[i], sizeof all.names[i], "n%zu", 3 * i % 5);
    }
    scene_open(&all);
    wk_overlaps *overlaps = scene_find(&all);
    assert_int_equal(wk_overlaps_measure(overlaps, scene_load, &all, NULL, 0, NULL, NULL), WK_OK);
    for (size_t i = 0; i < 5; i++)
        check_field(overlaps, &all, i);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

static void test_bad_pixels_have_no_bit(void **state)
{
    (void)state;
    static int32_t mask[side * side];
    scene all;
    scene_row(&all, 2, side, side);
    all.exposures[0].all_bad = 1;
    scene_open(&all);
    wk_overlaps *overlaps = scene_find(&all);
    assert_int_equal(wk_overlaps_mask(mask, overlaps, 0, scene_load, &all, NULL), WK_OK);
    assert_int_equal(count_bit(mask, 0), 0);
    assert_int_equal(wk_overlaps_mask(mask, overlaps, 1, scene_load, &all, NULL), WK_OK);
    assert_true(count_bit(mask, 0) > 0);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

/* More overlaps than bits: the first 31 only. */
static void test_many_overlaps(void **state)
{
    (void)state;
    static int32_t mask[side * side];
    scene all;
    scene_row(&all, 34, side, side);
    for (size_t i = 0; i < 34; i++)
        all.exposures[i].ra = 150.0;
    scene_open(&all);
    wk_overlaps *overlaps = scene_find(&all);
    assert_int_equal(wk_overlaps_mask(mask, overlaps, 7, scene_load, &all, NULL), WK_OK);
    for (int i = 0; i < side * side; i++)
        assert_int_equal(mask[i], INT32_MAX);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

static wk_status load_larger(void *payload, size_t index, wk_pixels *pixels, wk_error *error)
{
    scene larger = *(scene *)payload;
    larger.exposures[index].height += 1000;
    return scene_load(&larger, index, pixels, error);
}

static wk_status load_fails(void *payload, size_t index, wk_pixels *pixels, wk_error *error)
{
    (void)payload;
    (void)index;
    (void)pixels;
    if (error)
        error->code = WK_FILE;
    return WK_FILE;
}

static void test_failures(void **state)
{
    (void)state;
    static int32_t mask[side * side];
    scene all;
    wk_error error = {WK_OK, "", ""};
    scene_row(&all, 2, side, side);
    scene_open(&all);
    wk_overlaps *overlaps = scene_find(&all);
    assert_int_equal(wk_overlaps_mask(mask, overlaps, 2, scene_load, &all, &error), WK_ARGUMENT);
    assert_int_equal(wk_overlaps_mask(mask, overlaps, 0, load_fails, &all, &error), WK_FILE);
    assert_int_equal(wk_overlaps_mask(mask, overlaps, 0, load_larger, &all, &error), WK_ARGUMENT);
    assert_string_equal(error.subject, "e00");
    assert_int_equal(wk_overlaps_item(overlaps, 1), 1);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bits_are_what_was_measured),
        cmocka_unit_test(test_bad_pixels_have_no_bit),
        cmocka_unit_test(test_many_overlaps),
        cmocka_unit_test(test_failures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
