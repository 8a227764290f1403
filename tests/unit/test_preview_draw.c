#include "preview_case.h"

static wk_preview *decorated(void)
{
    static const double marks[] = {30, 20};
    wk_preview_image image = case_image();
    wk_preview_options options = case_options();
    options.axes = WK_PREVIEW_AXES_PIXEL;
    options.colour_bar = 1;
    options.width = options.height = 600;
    case_pixels[1][1] = NAN;
    case_flags[5][5] = 16;
    image.flags = &case_flag_rows;
    image.planes = case_planes;
    image.plane_count = 3;
    image.marks = marks;
    image.mark_count = 1;
    return case_preview(&image, 1, &options);
}

static void test_kinds_of_files(void **state)
{
    (void)state;
    wk_preview *preview = decorated();
    static const char *const names[] = {"a.png", "a.svg", "a.pdf"};
    for (int k = 0; k < 3; k++)
        assert_int_equal(wk_preview_draw(in_folder(names[k]), preview, 0, NULL), WK_OK);
    assert_int_equal(wk_preview_draw(in_folder("a.png"), preview, 0, NULL), WK_EXISTS);
    assert_int_equal(wk_preview_draw(in_folder("a.jpg"), preview, 0, NULL), WK_ARGUMENT);
    assert_int_equal(wk_preview_draw(in_folder("b.png"), preview, 1, NULL), WK_OK);
    expect_equal_files("a.png", "b.png", 1);
    wk_preview_free(preview);
}

/* The circle of a mark is drawn about its place. */
static void test_mark(void **state)
{
    (void)state;
    wk_preview *preview = decorated();
    wk_preview_layout layout;
    assert_int_equal(wk_preview_lay(&layout, preview, NULL), WK_OK);
    wk_box box = wk_preview_box(&layout, preview, 0);
    assert_int_equal(wk_preview_draw(in_folder("a.png"), preview, 0, NULL), WK_OK);
    cairo_surface_t *image = cairo_image_surface_create_from_png(in_folder("a.png"));
    double x = box.x + 305, y = box.y + box.height - 205, radius = 0.011 * box.width;
    unsigned ring = pixel(image, x + radius, y);
    assert_true((ring >> 16) > 150 && (ring >> 8 & 255) < 140);
    unsigned middle = pixel(image, x, y);
    assert_true((middle >> 16) == (middle & 255)); /* still grey */
    cairo_surface_destroy(image);
    wk_preview_free(preview);
}

/* Words over an image that tells nothing else. */
static void test_words(void **state)
{
    (void)state;
    wk_preview_options options = case_options();
    options.width = options.height = 400;
    for (int kind = 0; kind < 2; kind++) {
        wk_preview_image image = case_image();
        for (int y = 0; y < CASE_HEIGHT; y++)
            for (int x = 0; x < CASE_WIDTH; x++)
                case_pixels[y][x] = kind ? NAN : 30;
        options.limits = WK_PREVIEW_ZSCALE;
        wk_preview *preview = case_preview(&image, 1, &options);
        assert_int_equal(wk_preview_draw(in_folder("a.png"), preview, 1, NULL), WK_OK);
        cairo_surface_t *drawn = cairo_image_surface_create_from_png(in_folder("a.png"));
        int dark = 0, width = cairo_image_surface_get_width(drawn);
        int height = cairo_image_surface_get_height(drawn);
        for (int x = 0; x < width; x++)
            for (int y = height / 2 - 12; y < height / 2 + 12; y++)
                dark += (pixel(drawn, x, y) & 255) < 60;
        assert_true(dark > 100);
        assert_int_equal(width, 360);
        cairo_surface_destroy(drawn);
        wk_preview_free(preview);
    }
}

#define FIGURE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {FIGURE_TEST(test_kinds_of_files), FIGURE_TEST(test_mark),
                                       FIGURE_TEST(test_words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
