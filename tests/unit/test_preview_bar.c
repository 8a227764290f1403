#include "preview_case.h"

/* A tick is a multiple of its step, within the bar, and near the shade that was asked for. */
static void test_round_values(void **state)
{
    (void)state;
    static const double ranges[][2] = {{0, 1},        {-69.25, 48.37}, {2000, 2050},
                                       {-1e-9, 3e-9}, {1e7, 3e12},     {-5, -4.999}};
    for (int scale = WK_PREVIEW_LINEAR; scale <= WK_PREVIEW_LOG; scale++)
        for (int k = 0; k < 6; k++)
            for (int tick = 0; tick <= 6; tick++) {
                wk_stretch stretch = {
                    (wk_preview_scale)scale, ranges[k][0], ranges[k][1], 8, NULL, 0};
                double step, shade = tick / 6.0;
                double value = wk_preview_round(&step, &stretch, shade);
                double top = wk_stretch_top(&stretch);
                assert_true(value >= stretch.low && value <= top);
                assert_true(fabs(wk_stretch_at(&stretch, value) - shade) <= 0.036);
                double times = value / step;
                assert_true(fabs(times - round(times)) < 1e-6 * fmax(fabs(times), 1));
            }
}

static void test_linear_ticks_are_plain(void **state)
{
    (void)state;
    wk_stretch stretch = {WK_PREVIEW_LINEAR, 0, 100, 8, NULL, 0};
    double step;
    assert_true(wk_preview_round(&step, &stretch, 0) == 0);
    assert_true(wk_preview_round(&step, &stretch, 0.5) == 50);
    assert_true(wk_preview_round(&step, &stretch, 1) == 100);
}

/* White at its upper end, black at the lower. */
static void test_bar_is_drawn(void **state)
{
    (void)state;
    wk_preview_image image = case_image();
    wk_preview_options options = case_options();
    wk_preview *preview = case_preview(&image, 1, &options);
    wk_figure *figure;
    assert_int_equal(wk_figure_open(&figure, in_folder("a.png"), 400, 400, 1, NULL), WK_OK);
    wk_preview_bar(figure, (wk_box){100, 50, 0, 300}, preview);
    cairo_surface_flush(wk_figure_image(figure));
    unsigned last = 256;
    for (int y = 60; y < 345; y += 15) {
        unsigned tone = pixel(wk_figure_image(figure), 137, y) & 255;
        assert_true(tone < last);
        last = tone;
    }
    assert_true(last < 20);
    wk_figure_abandon(figure);
    wk_preview_free(preview);
}

#define FIGURE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_round_values),
                                       cmocka_unit_test(test_linear_ticks_are_plain),
                                       FIGURE_TEST(test_bar_is_drawn)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
