#include "match_case.h"

#include "cover.h"

/* Every pixel of the field asked exactly whether one of the neighbours covers it. */
static int64_t count_exactly(const wk_cover *cover, size_t first, size_t end, uint8_t *covered)
{
    const wk_field *field = &cover->member->field;
    int64_t count = 0;
    memset(covered, 0, (size_t)(field->width * field->height));
    for (size_t k = first; k < end; k++) {
        const wk_field *other = &cover->overlaps->members[cover->member->neighbours[k]].field;
        wk_wcs *from = NULL;
        wk_wcs *to = NULL;
        assert_int_equal(wk_wcs_copy(&from, field->wcs, NULL), WK_OK);
        assert_int_equal(wk_wcs_copy(&to, other->wcs, NULL), WK_OK);
        for (int64_t i = 0; i < field->width * field->height; i++) {
            double xy[2] = {(double)(i % field->width), (double)(i / field->width)};
            assert_int_equal(wk_wcs_to_sky(from, 1, xy, xy, NULL), WK_OK);
            assert_int_equal(wk_wcs_to_pixel(to, 1, xy, xy, NULL), WK_OK);
            if (xy[0] >= -0.5 && xy[0] < (double)other->width - 0.5 && xy[1] >= -0.5 &&
                xy[1] < (double)other->height - 0.5)
                covered[i] = 1;
        }
        wk_wcs_free(from);
        wk_wcs_free(to);
    }
    for (int64_t i = 0; i < field->width * field->height; i++)
        count += covered[i];
    return count;
}

static void check_item(wk_cover *cover, size_t first, size_t end)
{
    static uint8_t covered[300 * 300];
    int64_t expected = count_exactly(cover, first, end, covered);
    assert_int_equal(wk_cover_item(cover, first, end, NULL), WK_OK);
    assert_int_equal(wk_spans_pixels(&cover->spans), expected);
    for (int64_t k = 0; k < cover->spans.count; k++) {
        const wk_span *span = &cover->spans.span[k];
        for (int64_t x = span->first; x < span->end; x++)
            assert_int_equal(covered[span->y * cover->member->field.width + x]--, 1);
    }
}

static void check_scene(scene *all)
{
    scene_open(all);
    wk_overlaps *overlaps = scene_find(all);
    wk_cover cover;
    memset(&cover, 0, sizeof cover);
    for (size_t i = 0; i < overlaps->count; i++) {
        const wk_member *member = &overlaps->members[i];
        assert_int_equal(wk_cover_begin(&cover, overlaps, member, NULL), WK_OK);
        for (size_t k = 0; k < member->neighbour_count;) {
            size_t end = wk_cover_end(&cover, k);
            assert_true(end > k && end <= member->neighbour_count);
            check_item(&cover, k, end);
            k = end;
        }
    }
    wk_cover_release(&cover);
    wk_cover_release(&cover);
    wk_overlaps_free(overlaps);
    scene_close(all);
}

/* Rotated, bowed, of unlike scales, in groups whose fields lie over each other. */
static void test_pixels_are_the_exact_ones(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 5, 90, 70);
    for (size_t i = 0; i < 5; i++) {
        all.exposures[i].rotation = 31.0 * (double)i;
        all.exposures[i].sip = i % 2 == 1;
    }
    all.exposures[3].scale = 2.1e-4;
    all.exposures[1].group = all.exposures[2].group = "g";
    check_scene(&all);
}

/* The pole, the meridian where right ascension begins, and an image of one pixel. */
static void test_hard_places(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 4, 60, 50);
    for (size_t i = 0; i < 4; i++) {
        all.exposures[i].dec = 89.999;
        all.exposures[i].ra = 90.0 * (double)i;
    }
    all.exposures[2].width = all.exposures[2].height = 1;
    check_scene(&all);
    scene_row(&all, 3, 40, 40);
    for (size_t i = 0; i < 3; i++)
        all.exposures[i].ra = i == 1 ? 359.9995 : 0.0005 * (double)i;
    check_scene(&all);
}

/* A field within another, and one that only touches. */
static void test_nested_and_touching(void **state)
{
    (void)state;
    scene all;
    scene_row(&all, 3, 80, 80);
    all.exposures[1].width = all.exposures[1].height = 17;
    all.exposures[1].ra = all.exposures[0].ra;
    all.exposures[2].ra = all.exposures[0].ra - 80.0 * 1e-4;
    check_scene(&all);
}

static wk_overlaps *find(scene *all)
{
    wk_overlaps *out = NULL;
    scene_open(all);
    assert_int_equal(wk_overlaps_find(&out, all->fields, all->count, NULL, NULL), WK_OK);
    return out;
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
        cmocka_unit_test(test_pixels_are_the_exact_ones),
        cmocka_unit_test(test_hard_places),
        cmocka_unit_test(test_nested_and_touching),
        cmocka_unit_test(test_group),
        cmocka_unit_test(test_finer_grid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
