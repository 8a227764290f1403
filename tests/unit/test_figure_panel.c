#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "figure_pixels.h"
#include "figure_panel.h"

enum { GREY = 0xb4b4b4, DARK = 0x440154, BRIGHT = 0xfde725, MIDDLE = 0x21918c };

static const wk_box box = {120, 80, 400, 400};

static wk_panel panel_of(const float *values, int64_t nx, int64_t ny)
{
    wk_panel panel = {.values = values,
                      .nx = nx,
                      .ny = ny,
                      .width = 100.0 * (double)nx,
                      .height = 100.0 * (double)ny,
                      .map = WK_COLOUR_VIRIDIS,
                      .title = "title",
                      .name = "name",
                      .unit = "unit",
                      .unknown = "no value"};
    return panel;
}

static wk_figure *drawn(const wk_panel *panel)
{
    wk_figure *figure = canvas(720, 600);
    assert_int_equal(wk_panel_draw(figure, box, panel, NULL), WK_OK);
    return figure;
}

/* A tone is a 1024th of the map, which changes by less than 1 of 255 a tone. */
static void expect_near(unsigned got, unsigned want)
{
    for (int shift = 0; shift <= 16; shift += 8)
        assert_true(abs((int)(got >> shift & 255) - (int)(want >> shift & 255)) <= 1);
}

static unsigned map_at(double value)
{
    wk_colour c = wk_colour_at(WK_COLOUR_VIRIDIS, value);
    return (unsigned)lround(255 * c.red) << 16 | (unsigned)lround(255 * c.green) << 8 |
           (unsigned)lround(255 * c.blue);
}

static void expect_place(wk_box got, double x, double y, double width, double height)
{
    assert_true(got.x == x && got.y == y && got.width == width && got.height == height);
}

static void test_place(void **state)
{
    (void)state;
    expect_place(wk_panel_image(box, 100, 100), 120, 80, 400, 400);
    expect_place(wk_panel_image(box, 2000, 4000), 120, 80, 200, 400);
    expect_place(wk_panel_image(box, 4000, 2000), 120, 180, 400, 200);
    expect_place(wk_panel_image(box, 1, 1), 120, 80, 400, 400);
    expect_place(wk_panel_image(box, 100000, 1), 120, 250, 400, 60); /* would be invisible */
    expect_place(wk_panel_image(box, 1, 100000), 120, 80, 60, 400);
}

/* A pixel of 2 units: the image begins half a one before the first centre. */
static void test_pixel_place(void **state)
{
    (void)state;
    double place[2];
    assert_true(wk_panel_place(place, box, 200, 200, 0, 0));
    assert_true(place[0] == 121 && place[1] == 479);
    assert_true(wk_panel_place(place, box, 200, 200, 199.5, 199.5));
    assert_true(place[0] == 520 && place[1] == 80);
    assert_false(wk_panel_place(place, box, 200, 200, 199.6, 0));
    assert_false(wk_panel_place(place, box, 200, 200, 0, -0.6));
    assert_false(wk_panel_place(place, box, 200, 200, (double)NAN, 0));
}

/* The logarithms are coloured as they are; only the bar's numbers tell. */
static void test_logarithmic(void **state)
{
    (void)state;
    const float values[] = {-4, -3, -2, -2};
    wk_panel panel = panel_of(values, 2, 2);
    panel.logarithmic = 1;
    wk_figure *figure = drawn(&panel);
    expect_near(pixel(figure, 122, 477), DARK);
    expect_near(pixel(figure, 517, 477), MIDDLE);
    expect_near(pixel(figure, 517, 82), BRIGHT);
    for (int power = 1; power <= 3; power++)
        assert_true(pixel(figure, 567, 480 - 200 * (power - 1)) != 0xffffff);
    discard(figure);
}

static void test_origin_is_lower_left(void **state)
{
    (void)state;
    const float values[] = {0, 1, 2, 3};
    wk_panel panel = panel_of(values, 2, 2);
    wk_figure *figure = drawn(&panel);
    expect_near(pixel(figure, 122, 477), DARK);
    expect_near(pixel(figure, 517, 477), map_at(1.0 / 3));
    expect_near(pixel(figure, 122, 82), map_at(2.0 / 3));
    expect_near(pixel(figure, 517, 82), BRIGHT);
    /* blocks end in the middle */
    expect_near(pixel(figure, 318, 282), DARK);
    expect_near(pixel(figure, 321, 278), BRIGHT);
    /* ticks at 0 and 100, half a pixel of 2 units from the ends of the blocks */
    assert_true(pixel(figure, 121, 484) != 0xffffff && pixel(figure, 321, 484) != 0xffffff);
    assert_true(pixel(figure, 115, 479) != 0xffffff && pixel(figure, 115, 279) != 0xffffff);
    assert_true(inked(figure, 542, 80, 22, 400) > 22 * 390); /* the bar */
    assert_true(inked(figure, 120, 45, 200, 25) > 50);       /* the title */
    assert_int_equal(inked(figure, 0, 555, 720, 45), 0);     /* nothing to note */
    discard(figure);
}

static void test_smooth(void **state)
{
    (void)state;
    const float values[] = {0, 1};
    wk_panel panel = panel_of(values, 2, 1);
    panel.smooth = 1;
    panel.map = WK_COLOUR_GRAY;
    wk_figure *figure = drawn(&panel); /* 400 x 200, from y = 180 on */
    /* the values stand at a fourth and three fourths; 200 units and 255 levels lie between */
    for (int x = 130; x < 510; x += 20) {
        double share = fmin(fmax((x + 0.5 - 220) / 200, 0), 1);
        int level = (int)(pixel(figure, x, 280) & 0xff);
        assert_true(abs(level - (int)lround(255 * share)) <= 2);
    }
    discard(figure);
}

static void test_edges(void **state)
{
    (void)state;
    const float values[] = {0, 1, 0, 1};
    const double x[] = {-0.5, 19.5, 199.5}, y[] = {-0.5, 149.5, 199.5};
    wk_panel panel = panel_of(values, 2, 2);
    panel.edges_x = x;
    panel.edges_y = y;
    wk_figure *figure = drawn(&panel); /* the columns meet at a tenth */
    expect_near(pixel(figure, 158, 300), DARK);
    expect_near(pixel(figure, 161, 300), BRIGHT);
    discard(figure);
    const float rows[] = {0, 0, 1, 1};
    panel.values = rows;
    figure = drawn(&panel); /* the rows at three fourths from below */
    expect_near(pixel(figure, 300, 181), DARK);
    expect_near(pixel(figure, 300, 178), BRIGHT);
    discard(figure);
}

/* What is not finite claims its own third, also between smooth neighbours, and spoils no other. */
static void test_unknown(void **state)
{
    (void)state;
    const float cases[][3] = {{0, NAN, 1}, {0, (float)INFINITY, 1}, {0, -(float)INFINITY, 1}};
    for (int k = 0; k < 6; k++) {
        wk_panel panel = panel_of(cases[k / 2], 3, 1);
        panel.smooth = k % 2;
        panel.height = 300;
        wk_figure *figure = drawn(&panel);
        expect_near(pixel(figure, 250, 300), DARK);
        assert_int_equal(pixel(figure, 256, 300), GREY);
        assert_int_equal(pixel(figure, 384, 300), GREY);
        expect_near(pixel(figure, 390, 300), BRIGHT);
        assert_int_equal(pixel(figure, 134, 568), GREY); /* the note */
        assert_true(inked(figure, 160, 555, 100, 25) > 50);
        discard(figure);
    }
}

static void test_constant(void **state)
{
    (void)state;
    /* the second differs by one unit in the last place: rounding is no structure */
    const float cases[][4] = {{7, 7, 7, 7}, {1e5f, 1e5f + 0.0078125f, 1e5f, 1e5f}, {0, 0, 0, 0}};
    for (int k = 0; k < 3; k++) {
        wk_panel panel = panel_of(cases[k], 2, 2);
        wk_figure *figure = drawn(&panel);
        for (int corner = 0; corner < 4; corner++)
            expect_near(pixel(figure, corner & 1 ? 517 : 122, corner & 2 ? 477 : 82), MIDDLE);
        assert_int_equal(inked(figure, 530, 0, 190, 600), 0); /* no bar */
        assert_true(inked(figure, 120, 555, 100, 25) > 50);   /* but a note */
        discard(figure);
    }
}

static void test_nothing_finite(void **state)
{
    (void)state;
    const float values[] = {NAN, NAN, (float)INFINITY, NAN};
    for (int limits = WK_PANEL_FOUND; limits <= WK_PANEL_ABOUT_ZERO; limits++) {
        wk_panel panel = panel_of(values, 2, 2);
        panel.limits = (wk_panel_limits)limits;
        wk_figure *figure = drawn(&panel);
        assert_int_equal(pixel(figure, 122, 82), GREY);
        assert_int_equal(pixel(figure, 517, 477), GREY);
        int written = 0;
        for (int y = 265; y < 295; y++)
            for (int x = 220; x < 420; x++)
                written += pixel(figure, x, y) != GREY;
        assert_true(written > 100);
        assert_int_equal(inked(figure, 530, 0, 190, 600), 0);
        discard(figure);
    }
}

static wk_panel_range range_of(const wk_panel *panel)
{
    wk_panel_range range;
    assert_int_equal(wk_panel_range_find(&range, panel, NULL), WK_OK);
    return range;
}

/* Of 0..9998 and a million the 99.5th percentile is at 0.995 * 9999 = 9949.005; zero is within a
 * fourth of the range below the other. */
static void test_range_found(void **state)
{
    (void)state;
    float *values = malloc(10000 * sizeof *values);
    for (int k = 0; k < 10000; k++)
        values[k] = (float)k;
    values[9999] = 1e6f;
    wk_panel panel = panel_of(values, 100, 100);
    wk_panel_range range = range_of(&panel);
    assert_true(range.low == 0 && fabs(range.high - 9949.005) < 0.001);
    assert_int_equal(range.beyond, 2);
    values[9999] = NAN;
    values[0] = -1e6f; /* of 9999 values now: 0.005 * 9998 = 49.99 */
    range = range_of(&panel);
    assert_true(fabs(range.low - 49.99) < 0.001 && range.high == 9998);
    assert_int_equal(range.beyond, 1);
    assert_int_equal(range.finite, 9999);
    for (int k = 0; k < 10000; k++)
        values[k] = k == 77; /* both percentiles are 0 */
    range = range_of(&panel);
    assert_true(range.low == 0 && range.high == 1 && range.beyond == 0 && !range.constant);
    free(values);
}

static void test_range_about_zero(void **state)
{
    (void)state;
    const float values[] = {-4, 1, 2, NAN};
    wk_panel panel = panel_of(values, 2, 2);
    panel.limits = WK_PANEL_ABOUT_ZERO;
    wk_panel_range range = range_of(&panel);
    assert_true(range.low == -4 && range.high == 4 && range.beyond == 0);
    panel.high = 10;
    range = range_of(&panel);
    assert_true(range.low == -10 && range.high == 10);
    panel.limits = WK_PANEL_GIVEN;
    panel.low = -1;
    panel.high = 1.5;
    range = range_of(&panel);
    assert_true(range.low == -1 && range.high == 1.5 && range.beyond == 3);
}

/* Numbers of any size draw; the bar stays right of the image and left of the canvas's end. */
static void test_any_size(void **state)
{
    (void)state;
    static const float cases[][2] = {{-3e38f, 3e38f},       {1e-40f, 3e-40f}, {1e5f, 1.00001e5f},
                                     {-1e5f, -0.99999e5f},  {1e-19f, 3e-19f}, {0, 1e-30f},
                                     {123456.7f, 123456.9f}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        wk_panel panel = panel_of(cases[k], 2, 1);
        wk_figure *figure = drawn(&panel);
        expect_near(pixel(figure, 122, 280), DARK);
        expect_near(pixel(figure, 517, 280), BRIGHT);
        assert_true(inked(figure, 575, 180, 100, 200) > 50);
        assert_int_equal(inked(figure, 712, 0, 8, 600), 0);
        discard(figure);
    }
}

static void test_one_pixel(void **state)
{
    (void)state;
    const float value = 3;
    wk_panel panel = panel_of(&value, 1, 1);
    panel.width = panel.height = 1;
    panel.smooth = 1;
    wk_figure *figure = drawn(&panel);
    expect_near(pixel(figure, 300, 300), MIDDLE);
    assert_true(pixel(figure, 320, 484) != 0xffffff); /* the one tick, at 0 */
    discard(figure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_place),          cmocka_unit_test(test_origin_is_lower_left),
        cmocka_unit_test(test_smooth),         cmocka_unit_test(test_edges),
        cmocka_unit_test(test_unknown),        cmocka_unit_test(test_constant),
        cmocka_unit_test(test_nothing_finite), cmocka_unit_test(test_range_found),
        cmocka_unit_test(test_any_size),       cmocka_unit_test(test_range_about_zero),
        cmocka_unit_test(test_one_pixel),      cmocka_unit_test(test_pixel_place),
        cmocka_unit_test(test_logarithmic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
