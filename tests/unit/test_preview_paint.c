#include "preview_case.h"

/* Paint on a canvas of the image's size, enlarged. */
static wk_figure *painted(wk_preview *preview, int enlarging)
{
    wk_figure *figure;
    assert_int_equal(wk_figure_open(&figure, in_folder("a.png"), CASE_WIDTH * enlarging,
                                    CASE_HEIGHT * enlarging, 1, NULL),
                     WK_OK);
    wk_box box = {0, 0, CASE_WIDTH * enlarging, CASE_HEIGHT * enlarging};
    assert_int_equal(wk_preview_paint(figure, box, preview, 0, NULL), WK_OK);
    cairo_surface_flush(wk_figure_image(figure));
    return figure;
}

/* The grey of a value is 255 value / 60, the first row at the bottom. */
static void test_greys(void **state)
{
    (void)state;
    wk_preview_image image = case_image();
    wk_preview_options options = case_options();
    for (int enlarging = 1; enlarging <= 3; enlarging++) {
        options.width = CASE_WIDTH * enlarging;
        options.height = CASE_HEIGHT * enlarging;
        wk_preview *preview = case_preview(&image, 1, &options);
        wk_figure *figure = painted(preview, enlarging);
        for (int y = 0; y < CASE_HEIGHT * enlarging; y += 7)
            for (int x = 0; x < CASE_WIDTH * enlarging; x++) {
                int row = CASE_HEIGHT - 1 - y / enlarging;
                double value = (double)case_pixels[row][x / enlarging];
                unsigned found = pixel(wk_figure_image(figure), x, y);
                assert_true(fabs((found & 255) - 255 * value / 60) <= 1);
                assert_true((found >> 8 & 255) == (found & 255) && found >> 16 == (found & 255));
            }
        wk_figure_abandon(figure);
        wk_preview_free(preview);
    }
}

static void test_maps(void **state)
{
    (void)state;
    wk_preview_options options = case_options();
    options.map = WK_PREVIEW_RDBU;
    wk_colour low = wk_preview_colour(&options, 0), high = wk_preview_colour(&options, 1);
    assert_true(low.red > low.blue && high.blue > high.red);
    options.reversed = 1;
    low = wk_preview_colour(&options, 0);
    assert_true(low.blue > low.red);
    options.map = WK_PREVIEW_VIRIDIS;
    assert_true(wk_colour_luminance(wk_preview_colour(&options, 0)) >
                wk_colour_luminance(wk_preview_colour(&options, 1)));
    options.map = WK_PREVIEW_GRAY; /* what is unknown is no grey */
    wk_colour none = wk_preview_colour(&options, (double)NAN);
    assert_true(none.red > none.blue + 0.1);
}

static void test_masks_and_unknown(void **state)
{
    (void)state;
    wk_preview_image image = case_image();
    wk_preview_options options = case_options();
    image.flags = &case_flag_rows;
    image.planes = case_planes;
    image.plane_count = 3;
    case_flags[39][10] = 1;
    case_pixels[39][20] = NAN;
    wk_preview *preview = case_preview(&image, 1, &options);
    wk_figure *figure = painted(preview, 1);
    unsigned flagged = pixel(wk_figure_image(figure), 10, 0);
    wk_colour colour = wk_preview_plane_colour(0);
    double grey = 10.0 / 60, red = grey + 0.5 * (colour.red - grey);
    assert_true(fabs((flagged >> 16) - 255 * red) < 2);
    unsigned unknown = pixel(wk_figure_image(figure), 20, 0);
    assert_true((unknown >> 16) > (unknown & 255) + 20);
    wk_figure_abandon(figure);
    wk_preview_free(preview);
}

#define FIGURE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {FIGURE_TEST(test_greys), FIGURE_TEST(test_maps),
                                       FIGURE_TEST(test_masks_and_unknown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
