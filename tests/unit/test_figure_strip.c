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
#include "figure_strip.h"

static const wk_box box = {120, 60, 400, 326};
static const double nan_value = (double)NAN;

/* Two strips of 150 units, 26 apart; four images at x = 170, 270, 370, 470. */
static wk_strips strips_of(const wk_strip *strips, const unsigned char *marked,
                           const char *const *names)
{
    wk_strips all = {strips, 2, 4, marked, names, "title", "image"};
    return all;
}

static void test_boxes(void **state)
{
    (void)state;
    wk_strips all = strips_of(NULL, NULL, NULL);
    wk_box first = wk_strips_box(box, &all, 0), last = wk_strips_box(box, &all, 1);
    assert_true(first.y == 60 && first.height == 150 && first.x == 120 && first.width == 400);
    assert_true(last.y == 236 && last.y + last.height == 386);
}

static void expect_scale(const wk_strip *strip, double low, double high)
{
    wk_scale scale = wk_strip_scale(box, strip, 4);
    assert_true(scale.start == 386 && scale.end == 60);
    assert_true(fabs(scale.low - low) < 1e-9 && fabs(scale.high - high) < 1e-9);
}

/* A tenth of room at both ends. */
static void test_scale(void **state)
{
    (void)state;
    const double values[] = {10, 11, nan_value, 10.5}, none[] = {0, nan_value, -1, 0};
    const double near[] = {1, 2, 1, 1}, bad[] = {nan_value, nan_value, nan_value, nan_value};
    const double errors[] = {0, 1, 9, 0};
    wk_strip strip = {values, none, nan_value, "name"};
    expect_scale(&strip, 9.9, 11.1); /* zero is far */
    strip.mean = 12;
    expect_scale(&strip, 9.8, 12.2);
    strip = (wk_strip){values, errors, nan_value, "name"};
    expect_scale(&strip, 9.8, 12.2);
    strip = (wk_strip){near, none, nan_value, "name"};
    expect_scale(&strip, -0.2, 2.2); /* zero is as near as the range is wide */
    strip.values = bad;
    expect_scale(&strip, -1.2, 1.2);
}

static void test_drawing(void **state)
{
    (void)state;
    const double a[] = {1, 2, nan_value, 1}, b[] = {10, 10, 10, 11}, errors[] = {0, 0, 0, 0};
    const unsigned char marked[] = {0, 1, 0, 0};
    const wk_strip strips[] = {{a, errors, nan_value, "first"}, {b, errors, 10.5, "second"}};
    wk_strips all = strips_of(strips, marked, NULL);
    wk_figure *figure = canvas(680, 480);
    wk_strips_draw(figure, box, &all);
    /* the first strip spans -0.2 to 2.2: 1 is at half its height */
    unsigned dot = pixel(figure, 170, 135), mark = pixel(figure, 270, 60 + 12);
    assert_true((dot & 0xff) > (dot >> 16)); /* cool */
    assert_true((mark >> 16) > (mark & 0xff) + 60);
    assert_int_equal(pixel(figure, 370, 135), 0xffffff);
    unsigned column = pixel(figure, 270, 180); /* the marked column's tint */
    assert_true(column != 0xffffff && (column >> 16) > (column & 0xff));
    assert_int_equal(pixel(figure, 300, 180), 0xffffff);
    assert_true(inked(figure, 262, 38, 16, 20) > 5);       /* its number */
    assert_int_equal(inked(figure, 362, 42, 16, 16), 0);   /* no other */
    assert_true(pixel(figure, 320, 236 + 75) != 0xffffff); /* the mean, half way */
    assert_true(inked(figure, 530, 120, 100, 30) > 20 && inked(figure, 530, 295, 100, 30) > 20);
    assert_true(inked(figure, 280, 425, 80, 30) > 20); /* "image" */
    discard(figure);
}

/* Few images have their names below, cut to their place; more have numbers. */
static void test_names(void **state)
{
    (void)state;
    const double a[] = {1, 2, 3, 1, 2, 3, 4, 5}, errors[] = {0, 0, 0, 0, 0, 0, 0, 0};
    const char *const names[] = {
        "a-name-much-longer-than-its-place.fits", "b", "b", "b", "b", "b", "b", "b"};
    const wk_strip strips[] = {{a, errors, nan_value, "first"}, {a, errors, nan_value, "second"}};
    wk_strips all = strips_of(strips, NULL, names);
    wk_figure *figure = canvas(680, 480);
    wk_strips_draw(figure, box, &all);
    assert_true(inked(figure, 122, 425, 96, 30) > 60);
    assert_true(inked(figure, 255, 425, 30, 30) > 5);
    assert_int_equal(inked(figure, 218, 425, 30, 30), 0);
    discard(figure);
    figure = canvas(680, 480);
    all.count = 8;
    wk_strips_draw(figure, box, &all);
    assert_int_equal(inked(figure, 122, 425, 96, 30), 0);
    discard(figure);
}

/* Bars at x = 220 and 420, 100 wide; values 2 and -1 span -1.3 to 2.3 of 326 units. */
static void test_bars(void **state)
{
    (void)state;
    const double a[] = {2}, b[] = {-1}, none[] = {nan_value}, error[] = {0};
    wk_strip strips[] = {{a, error, nan_value, "first"}, {b, error, nan_value, "second"}};
    wk_strips all = strips_of(strips, NULL, NULL);
    wk_figure *figure = canvas(680, 480);
    wk_strips_draw_bars(figure, box, &all, "value");
    double unit = 326 / 3.6, zero = 386 - 1.3 * unit;
    assert_true(pixel(figure, 200, (int)(zero - 1.9 * unit)) != 0xffffff);
    assert_int_equal(pixel(figure, 200, (int)(zero - 2.1 * unit)), 0xffffff);
    assert_true(pixel(figure, 400, (int)(zero + 0.9 * unit)) != 0xffffff);
    assert_int_equal(pixel(figure, 400, (int)(zero - 0.3 * unit)), 0xffffff);
    assert_int_equal(pixel(figure, 300, (int)(zero - 0.3 * unit)), 0xffffff);
    discard(figure);
    figure = canvas(680, 480);
    strips[0].values = strips[1].values = none;
    wk_strips_draw_bars(figure, box, &all, "value");
    assert_true(inked(figure, 190, 190, 60, 30) > 20); /* "none" */
    discard(figure);
}

static void test_degenerate(void **state)
{
    (void)state;
    const double cases[][4] = {{0, 0, 0, 0},
                               {nan_value, nan_value, nan_value, nan_value},
                               {(double)INFINITY, 1, nan_value, -1},
                               {1e300, -1e300, 0, 1},
                               {1e-300, 0, 0, 0}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        const wk_strip strips[] = {{cases[k], cases[(k + 1) % 5], cases[k][0], "first"},
                                   {cases[(k + 2) % 5], cases[k], nan_value, "second"}};
        wk_strips all = strips_of(strips, NULL, NULL);
        wk_figure *figure = canvas(680, 480);
        wk_strips_draw(figure, box, &all);
        assert_true(inked(figure, 110, 60, 12, 150) > 150); /* the axis */
        discard(figure);
        figure = canvas(680, 480);
        wk_strips_draw_bars(figure, box, &all, "value");
        assert_int_equal(inked(figure, 530, 0, 150, 480), 0);
        discard(figure);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boxes),   cmocka_unit_test(test_scale),
        cmocka_unit_test(test_drawing), cmocka_unit_test(test_names),
        cmocka_unit_test(test_bars),    cmocka_unit_test(test_degenerate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
