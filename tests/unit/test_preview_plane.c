#include "preview_case.h"

/* Two images that share a name: one colour, one entry, both counted; a plane that never occurs has
 * none. */
static void test_names_are_joined(void **state)
{
    (void)state;
    static const wk_mask_plane other[] = {{"EDGE", 0}, {"SAT", 4}};
    wk_preview_image images[2] = {case_image(), case_image()};
    wk_preview_options options = case_options();
    wk_preview_plane planes[8];
    for (int k = 0; k < 2; k++)
        images[k].flags = &case_flag_rows;
    images[0].planes = case_planes;
    images[0].plane_count = 3;
    images[1].planes = other;
    images[1].plane_count = 2;
    case_flags[3][3] = 1;
    case_flags[4][4] = 17;
    wk_preview *preview = case_preview(images, 2, &options);
    assert_int_equal(wk_preview_planes(planes, 8, preview), 3);
    assert_string_equal(planes[0].name, "BAD");
    assert_int_equal(planes[0].flagged, 2);
    assert_string_equal(planes[1].name, "EDGE");
    assert_int_equal(planes[1].flagged, 1 + 2);
    assert_int_equal(planes[1].pixels, 2 * CASE_WIDTH * CASE_HEIGHT);
    assert_string_equal(planes[2].name, "SAT");
    assert_int_equal(wk_preview_plane_index(preview, 0, 1), 1);
    assert_int_equal(wk_preview_plane_index(preview, 1, 0), 1);
    assert_int_equal(wk_preview_planes(planes, 2, preview), 2);
    assert_int_equal(wk_preview_flagged(preview, 0, 1), 1);
    assert_int_equal(wk_preview_flagged(preview, 0, 2), 0);
    wk_preview_free(preview);
}

static void test_colours_differ(void **state)
{
    (void)state;
    for (size_t a = 0; a < 8; a++)
        for (size_t b = 0; b < a; b++) {
            wk_colour x = wk_preview_plane_colour(a), y = wk_preview_plane_colour(b);
            double far = fabs(x.red - y.red) + fabs(x.green - y.green) + fabs(x.blue - y.blue);
            assert_true(far > 0.2);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_joined),
        cmocka_unit_test(test_colours_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
