#include "preview_case.h"

/* Both roundings, to a shade of 255 and to a level of 256, are at most a half. */
static void test_pixels(void **state)
{
    (void)state;
    wk_preview_image image = case_image();
    wk_preview_options options = case_options();
    case_pixels[39][20] = NAN;
    options.width = 2 * CASE_WIDTH;
    options.height = 2 * CASE_HEIGHT;
    wk_preview *preview = case_preview(&image, 1, &options);
    assert_int_equal(wk_preview_write_bare(in_folder("a.png"), preview, 0, NULL), WK_OK);
    assert_int_equal(wk_preview_write_bare(in_folder("a.png"), preview, 0, NULL), WK_EXISTS);
    assert_int_equal(wk_preview_draw(in_folder("b.png"), preview, 0, NULL), WK_OK);
    expect_equal_files("a.png", "b.png", 1);
    cairo_surface_t *read = cairo_image_surface_create_from_png(in_folder("a.png"));
    assert_int_equal(cairo_image_surface_get_width(read), 2 * CASE_WIDTH);
    assert_int_equal(cairo_image_surface_get_height(read), 2 * CASE_HEIGHT);
    for (int y = 0; y < 2 * CASE_HEIGHT; y++)
        for (int x = 0; x < 2 * CASE_WIDTH; x++) {
            double value = (double)case_pixels[CASE_HEIGHT - 1 - y / 2][x / 2];
            unsigned found = pixel(read, x, y);
            if (isnan(value))
                assert_true((found >> 16) > (found & 255) + 20);
            else
                assert_true(fabs((found & 255) - 255 * value / 60) < 1.01);
        }
    cairo_surface_destroy(read);
    wk_preview_free(preview);
}

/* All finite, in grey: from either end of the map, exact to half a level. */
static void test_greys(void **state)
{
    (void)state;
    wk_preview_image image = case_image();
    wk_preview_options options = case_options();
    for (options.reversed = 0; options.reversed < 2; options.reversed++) {
        wk_preview *preview = case_preview(&image, 1, &options);
        assert_int_equal(wk_preview_write_bare(in_folder("a.png"), preview, 1, NULL), WK_OK);
        cairo_surface_t *read = cairo_image_surface_create_from_png(in_folder("a.png"));
        for (int x = 0; x < CASE_WIDTH; x++) {
            double shade = x / 60.0;
            double level = 255 * (options.reversed ? 1 - shade : shade);
            assert_true(fabs((pixel(read, x, 3) & 255) - level) <
                        0.501); /* a tie goes either way */
        }
        cairo_surface_destroy(read);
        wk_preview_free(preview);
    }
}

#define FIGURE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {FIGURE_TEST(test_pixels), FIGURE_TEST(test_greys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
