#include "scene.h"

#include "cover.h"

static wk_overlaps *find(scene *all)
{
    wk_overlaps *out = NULL;
    scene_open(all);
    assert_int_equal(wk_overlaps_find(&out, all->fields, all->count, NULL, NULL), WK_OK);
    return out;
}

static void test_lone_neighbour(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 2, 100, 60);
    all.exposures[1] = all.exposures[0];
    all.exposures[1].shift[0] = -40.0; /* its pixel x is our x - 40 */
    wk_overlaps *overlaps = find(&all);
    wk_cover cover;
    memset(&cover, 0, sizeof cover);
    assert_int_equal(wk_cover_begin(&cover, overlaps, &overlaps->members[0], NULL), WK_OK);
    assert_int_equal(wk_cover_end(&cover, 0), 1);
    assert_int_equal(wk_cover_item(&cover, 0, 1, NULL), WK_OK);
    assert_int_equal(wk_spans_pixels(&cover.spans), 60 * 60);
    assert_int_equal(cover.spans.span[0].first, 40);
    assert_int_equal(cover.spans.span[0].end, 100);
    wk_cover_release(&cover);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

/* Fields of a group that lie over each other cover a pixel once. */
static void test_group(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 4, 100, 60);
    for (int i = 1; i < 4; i++)
        all.exposures[i] = all.exposures[0];
    all.exposures[1].shift[0] = -40.0;
    all.exposures[2].shift[0] = -50.0;
    all.exposures[3].shift[0] = 70.0;
    for (int i = 1; i < 4; i++)
        all.exposures[i].group = "g";
    wk_overlaps *overlaps = find(&all);
    wk_cover cover;
    memset(&cover, 0, sizeof cover);
    assert_int_equal(wk_cover_begin(&cover, overlaps, &overlaps->members[0], NULL), WK_OK);
    assert_int_equal(wk_cover_end(&cover, 0), 3);
    assert_int_equal(wk_cover_item(&cover, 0, 3, NULL), WK_OK);
    /* 40..99 and 50..99 together, and 0..29 */
    assert_int_equal(wk_spans_pixels(&cover.spans), (60 + 30) * 60);
    assert_int_equal(wk_cover_begin(&cover, overlaps, &overlaps->members[3], NULL), WK_OK);
    assert_int_equal(wk_cover_end(&cover, 0), 1);
    wk_cover_release(&cover);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

/* Maps that bend too much for the first grid get a finer one, and the exact answer. */
static void test_finer_grid(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 2, 600, 600);
    all.exposures[0].sip = 1;
    all.exposures[1] = all.exposures[0];
    all.exposures[1].rotation = 17.0;
    wk_overlaps *overlaps = find(&all);
    wk_cover cover;
    memset(&cover, 0, sizeof cover);
    assert_int_equal(wk_cover_begin(&cover, overlaps, &overlaps->members[0], NULL), WK_OK);
    int64_t first = cover.grid.step;
    assert_int_equal(wk_cover_item(&cover, 0, 1, NULL), WK_OK);
    assert_true(cover.grid.step < first);
    assert_true(wk_spans_pixels(&cover.spans) > 200000);
    wk_cover_release(&cover);
    wk_overlaps_free(overlaps);
    scene_close(&all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lone_neighbour),
        cmocka_unit_test(test_group),
        cmocka_unit_test(test_finer_grid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
