#include "scene.h"

#include "overlap.h"

enum { width = 100, height = 60 };

/* Three exposures on one grid: 0 and 1 share 60 columns, 1 and 2 share 30, 0 and 2 none. */
static wk_overlaps *open_row(scene *all)
{
    scene_row(all, 3, width, height);
    all->exposures[1] = all->exposures[2] = all->exposures[0];
    all->exposures[1].shift[0] = -40.0;
    all->exposures[2].shift[0] = -110.0;
    scene_open(all);
    wk_overlaps *out = NULL;
    assert_int_equal(wk_overlaps_find(&out, all->fields, all->count, NULL, NULL), WK_OK);
    assert_int_equal(wk_overlaps_measure(out, scene_load, all, NULL, 0, NULL, NULL), WK_OK);
    return out;
}

static int64_t count_bits(const int32_t *mask, int32_t bits)
{
    int64_t count = 0;
    for (int64_t i = 0; i < (int64_t)width * height; i++)
        count += mask[i] == bits;
    return count;
}

static void test_bits_follow_the_edges(void **state)
{
    (void)state;
    scene all;
    wk_overlaps *overlaps = open_row(&all);
    int32_t *mask = malloc(sizeof *mask * width * height);
    assert_int_equal(wk_overlaps_count(overlaps), 2);
    assert_int_equal(wk_overlaps_mask(mask, overlaps, 0, scene_load, &all, NULL), WK_OK);
    assert_int_equal(count_bits(mask, 1), 60 * height);
    assert_int_equal(mask[39], 0);
    assert_int_equal(mask[40], 1);
    assert_int_equal(wk_overlaps_mask(mask, overlaps, 1, scene_load, &all, NULL), WK_OK);
    assert_int_equal(count_bits(mask, 1), 60 * height); /* columns 0..59 with 0 */
    assert_int_equal(count_bits(mask, 2), 30 * height); /* columns 70..99 with 2 */
    all.exposures[1].all_bad = 1;
    assert_int_equal(wk_overlaps_mask(mask, overlaps, 1, scene_load, &all, NULL), WK_OK);
    assert_int_equal(count_bits(mask, 0), (int64_t)width * height);
    free(mask);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

static void test_no_such_field(void **state)
{
    (void)state;
    scene all;
    int32_t mask = 0;
    wk_error error = {WK_OK, "", ""};
    wk_overlaps *overlaps = open_row(&all);
    assert_int_equal(wk_overlaps_mask(&mask, overlaps, 3, scene_load, &all, &error), WK_ARGUMENT);
    assert_int_equal(wk_overlaps_item(overlaps, 2), 2);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bits_follow_the_edges),
        cmocka_unit_test(test_no_such_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
