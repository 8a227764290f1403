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
#include "figure_sky.h"

static const wk_box box = {100, 50, 300, 300};

static void draw(wk_figure *figure, const double *const *outlines, const size_t *corners,
                 size_t count, const double *values)
{
    wk_sky_view view;
    wk_sky_shapes shapes = {outlines, corners, NULL, count};
    wk_sky_paint paint = {values, 0, 1, WK_COLOUR_GRAY, "value", "unit", "unknown"};
    assert_int_equal(wk_sky_view_fit(&view, &shapes, NULL), WK_OK);
    wk_sky_draw(figure, box, &view, &shapes, &paint);
}

static int red(wk_figure *figure, int x, int y)
{
    return (int)(pixel(figure, x, y) >> 16);
}

/* Two squares side by side: the eastern one, dark, is at the left.  Black at opacity 0.66 on white
 * leaves 0.34 * 255 = 87. */
static void test_east_is_left(void **state)
{
    (void)state;
    const double east[] = {0, 0, 1, 0, 1, 1, 0, 1, 0, 0};
    const double west[] = {359, 0, 0, 0, 0, 1, 359, 1, 359, 0};
    const double *outlines[] = {east, west};
    const size_t corners[] = {5, 5};
    const double values[] = {0, 1};
    wk_figure *figure = canvas(600, 500);
    draw(figure, outlines, corners, 2, values);
    assert_in_range(red(figure, 150, 190), 84, 90);
    assert_int_equal(red(figure, 350, 190), 255);
    discard(figure);
}

static void test_north_is_up(void **state)
{
    (void)state;
    const double north[] = {0, 1, 1, 1, 1, 2, 0, 2, 0, 1};
    const double south[] = {0, 0, 1, 0, 1, 1, 0, 1, 0, 0};
    const double *outlines[] = {north, south};
    const size_t corners[] = {5, 5};
    const double values[] = {0, 1};
    wk_figure *figure = canvas(600, 500);
    draw(figure, outlines, corners, 2, values);
    assert_in_range(red(figure, 220, 125), 84, 90);
    assert_int_equal(red(figure, 220, 275), 255);
    discard(figure);
}

/* Grey with darker hatching, and a legend below the axis. */
static void test_unknown(void **state)
{
    (void)state;
    const double outline[] = {0, 0, 1, 0, 1, 1, 0, 1, 0, 0};
    const double *outlines[] = {outline};
    const size_t corners[] = {5};
    const double values[] = {(double)NAN};
    wk_figure *figure = canvas(600, 500);
    draw(figure, outlines, corners, 1, values);
    int low = 255, high = 0;
    for (int x = 140; x < 200; x++) {
        low = red(figure, x, 120) < low ? red(figure, x, 120) : low;
        high = red(figure, x, 120) > high ? red(figure, x, 120) : high;
    }
    assert_in_range(high, 215, 235);
    assert_in_range(low, 120, 210);
    assert_true(inked(figure, 200, 420, 200, 30) > 100);
    discard(figure);
}

static void test_known_has_no_legend(void **state)
{
    (void)state;
    const double outline[] = {0, 0, 1, 0, 1, 1, 0, 1, 0, 0};
    const double *outlines[] = {outline};
    const size_t corners[] = {5};
    const double values[] = {0.5};
    wk_figure *figure = canvas(600, 500);
    draw(figure, outlines, corners, 1, values);
    assert_int_equal(inked(figure, 100, 426, 300, 40), 0);
    discard(figure);
}

/* A ring about the point opposite the centre: its inside is the rim of the disc. */
static void test_opposite(void **state)
{
    (void)state;
    double centre[26], far[26];
    for (int k = 0; k < 13; k++) {
        centre[2 * k] = far[2 * k] = 30 * (k % 12);
        centre[2 * k + 1] = 40;
        far[2 * k + 1] = -60;
    }
    const double *outlines[] = {centre, centre, far};
    const size_t corners[] = {13, 13, 13};
    const double values[] = {1, 1, 0};
    wk_figure *figure = canvas(600, 500);
    draw(figure, outlines, corners, 3, values);
    /* -60 is at 2 sin(75 deg) = 1.93 rad; the view ends there at 0.92 of half the box */
    assert_in_range(red(figure, 250 + 140, 200), 84, 90);
    assert_true(red(figure, 250 + 110, 190) > 200);
    discard(figure);
}

/* Numbers are written in up to forty shapes. */
static int dark_inside(size_t count)
{
    double place[64][10];
    const double *outlines[64];
    size_t corners[64];
    double values[64];
    for (size_t k = 0; k < count; k++) {
        double x = (double)(k % 5), y = (double)(k / 5);
        const double square[] = {x, y, x + 1, y, x + 1, y + 1, x, y + 1, x, y};
        memcpy(place[k], square, sizeof square);
        outlines[k] = place[k];
        corners[k] = 5;
        values[k] = 1;
    }
    wk_figure *figure = canvas(1200, 1000);
    wk_sky_view view;
    wk_sky_shapes shapes = {outlines, corners, NULL, count};
    wk_sky_paint paint = {values, 0, 1, WK_COLOUR_GRAY, "value", "unit", "unknown"};
    wk_box large = {100, 50, 800, 800};
    assert_int_equal(wk_sky_view_fit(&view, &shapes, NULL), WK_OK);
    wk_sky_draw(figure, large, &view, &shapes, &paint);
    int dark = 0;
    for (int y = 60; y < 840; y++)
        for (int x = 110; x < 890; x++)
            dark += red(figure, x, y) < 60;
    discard(figure);
    return dark;
}

static void test_labels(void **state)
{
    (void)state;
    assert_true(dark_inside(40) > 40 * 20);
    assert_true(dark_inside(45) < 20);
}

static void test_dithered(void **state)
{
    (void)state;
    /* nine times the same square: labels find free corners or are left out */
    const double outline[] = {0, 0, 1, 0, 1, 1, 0, 1, 0, 0};
    const double *outlines[9];
    size_t corners[9];
    double values[9];
    for (int k = 0; k < 9; k++) {
        outlines[k] = outline;
        corners[k] = 5;
        values[k] = k / 8.0;
    }
    wk_figure *figure = canvas(600, 500);
    draw(figure, outlines, corners, 9, values);
    discard(figure);
}

static void test_degenerate(void **state)
{
    (void)state;
    const double point[] = {5, 5, 5, 5, 5, 5}, line[] = {5, 5, 6, 5, 5, 5};
    const double *outlines[] = {point, line, NULL};
    const size_t corners[] = {3, 3, 0};
    const double values[] = {0, 1, (double)NAN};
    for (size_t count = 1; count <= 3; count++) {
        wk_figure *figure = canvas(600, 500);
        draw(figure, outlines, corners, count, values);
        discard(figure);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_east_is_left), cmocka_unit_test(test_north_is_up),
        cmocka_unit_test(test_unknown),      cmocka_unit_test(test_known_has_no_legend),
        cmocka_unit_test(test_opposite),     cmocka_unit_test(test_labels),
        cmocka_unit_test(test_dithered),     cmocka_unit_test(test_degenerate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
