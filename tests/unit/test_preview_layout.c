#include "preview_case.h"

static wk_preview_layout lay(const wk_preview *preview)
{
    wk_preview_layout layout;
    assert_int_equal(wk_preview_lay(&layout, preview, NULL), WK_OK);
    return layout;
}

static int apart(wk_box a, wk_box b)
{
    return a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y ||
           b.y + b.height <= a.y;
}

static void test_alone(void **state)
{
    (void)state;
    wk_preview_image image = case_image();
    wk_preview_options options = case_options();
    wk_preview *preview = case_preview(&image, 1, &options);
    wk_preview_layout layout = lay(preview);
    assert_true(layout.bare);
    assert_int_equal(layout.width, CASE_WIDTH);
    assert_int_equal(layout.height, CASE_HEIGHT);
    wk_preview_free(preview);
}

/* With everything: pictures do not touch each other and lie on the canvas, with the room that is
 * said. */
static void test_several(void **state)
{
    (void)state;
    wk_preview_image images[11];
    wk_preview_options options = case_options();
    options.axes = WK_PREVIEW_AXES_PIXEL;
    options.colour_bar = 1;
    for (int k = 0; k < 11; k++)
        images[k] = case_image();
    for (size_t count = 1; count <= 11; count++) {
        wk_preview *preview = case_preview(images, count, &options);
        wk_preview_layout layout = lay(preview);
        assert_false(layout.bare);
        for (size_t a = 0; a < count; a++) {
            wk_box box = wk_preview_box(&layout, preview, a);
            assert_true(box.x >= layout.left && box.y >= layout.top);
            assert_true(box.x + box.width + layout.right <= layout.width);
            assert_true(box.y + box.height + layout.below <= layout.height);
            for (size_t b = 0; b < a; b++)
                assert_true(apart(box, wk_preview_box(&layout, preview, b)));
        }
        assert_int_equal(layout.columns, count <= 4 ? (int)count : count <= 9 ? 3 : 4);
        wk_preview_free(preview);
    }
}

static void test_too_large(void **state)
{
    (void)state;
    wk_preview_image images[4];
    wk_preview_layout layout;
    wk_preview_options options = case_options();
    options.width = options.height = 10000;
    for (int k = 0; k < 4; k++)
        images[k] = case_image();
    wk_preview *preview = case_preview(images, 4, &options);
    assert_int_equal(wk_preview_lay(&layout, preview, NULL), WK_ARGUMENT);
    assert_int_equal(wk_preview_draw("/nowhere/a.png", preview, 0, NULL), WK_ARGUMENT);
    wk_preview_free(preview);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alone),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_too_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
