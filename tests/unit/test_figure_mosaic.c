#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "figure_mosaic.h"
#include "figure_pixels.h"

static const wk_box box = {100, 50, 300, 200};
static const double outline[] = {9, -1, 11, -1, 11, 1, 9, 1, 9, -1};
static const double *const outlines[] = {outline};
static const size_t corners[] = {5};
static const wk_sky_shapes shapes = {outlines, corners, NULL, 1};

static void begin(wk_mosaic *mosaic, wk_sky_view *view, int layers)
{
    assert_int_equal(wk_sky_view_fit(view, &shapes, NULL), WK_OK);
    assert_int_equal(wk_mosaic_open(mosaic, box, view, layers, NULL), WK_OK);
}

/* A degree is 0.92 * 200 units over two degrees. */
static double value_at(const wk_mosaic *mosaic, int layer, double ra, double dec)
{
    int x = (int)(150 - 92 * (ra - 10)), y = (int)(100 - 92 * dec);
    return mosaic->values[(layer * mosaic->height + y) * mosaic->width + x];
}

/* Two squares and a third over one of them: means, and nothing elsewhere. */
static void test_means(void **state)
{
    wk_mosaic mosaic;
    wk_sky_view view;
    const double east[] = {10.5, 0.3}, west[] = {9.5, 0.3}, values[] = {1, -10, 3, -30};
    double area = 0;
    (void)state;
    begin(&mosaic, &view, 2);
    wk_mosaic_add(&mosaic, east, 0.4, values);
    wk_mosaic_add(&mosaic, west, 0.4, values);
    wk_mosaic_add(&mosaic, west, 0.4, values + 2);
    for (int i = 0; i < mosaic.width * mosaic.height; i++)
        area += mosaic.covers[i];
    /* three squares of 0.4 degrees; the scale is that of the centre, to 1e-3 */
    assert_true(fabs(area / (3 * 0.16 * 92 * 92) - 1) < 1e-3);
    wk_mosaic_finish(&mosaic);
    assert_true(fabs(value_at(&mosaic, 0, 10.5, 0.3) - 1) < 1e-12);
    assert_true(fabs(value_at(&mosaic, 1, 9.5, 0.3) + 20) < 1e-12);
    assert_true(fabs(value_at(&mosaic, 0, 9.4, 0.2) - 2) < 1e-12);
    assert_true(isnan(value_at(&mosaic, 0, 10, 0)) && isnan(value_at(&mosaic, 1, 9.5, -0.3)));
    wk_mosaic_release(&mosaic);
}

/* Squares smaller than a pixel are averaged; a trace of one gives no colour. */
static void test_small(void **state)
{
    wk_mosaic mosaic;
    wk_sky_view view;
    (void)state;
    begin(&mosaic, &view, 1);
    double side = 0.25 / 92, sum = 0;
    int known = 0;
    for (int i = 0; i < 1600; i++) {
        double sky[] = {10 + side * (i % 40), side * (double)(i / 40)}, value = i % 2;
        wk_mosaic_add(&mosaic, sky, side, &value);
    }
    double lone[] = {9.5, -0.5}, value = 7;
    wk_mosaic_add(&mosaic, lone, side, &value);
    wk_mosaic_finish(&mosaic);
    for (int i = 0; i < mosaic.width * mosaic.height; i++)
        if (!isnan(mosaic.values[i])) {
            known++;
            sum += mosaic.values[i];
        }
    /* 10 x 10 pixels, and some at their border */
    assert_in_range(known, 80, 125);
    assert_true(fabs(sum / known - 0.5) < 0.02);
    wk_mosaic_release(&mosaic);
}

/* What cannot be seen or lies outside is left out. */
static void test_outside(void **state)
{
    wk_mosaic mosaic;
    wk_sky_view view;
    const double places[][2] = {{190, 0}, {14, 0}, {6, 0}, {10, 3}, {10, -3}, {(double)NAN, 0}};
    const double edge[] = {10, 1.08}, value = 1;
    double spread = -1;
    (void)state;
    begin(&mosaic, &view, 1);
    for (int i = 0; i < 6; i++)
        wk_mosaic_add(&mosaic, places[i], 0.1, &value);
    for (int i = 0; i < mosaic.width * mosaic.height; i++)
        assert_true(mosaic.covers[i] == 0);
    assert_int_equal(wk_mosaic_spread(&spread, &mosaic, 0, NULL), WK_OK);
    assert_true(spread == 0);
    wk_mosaic_add(&mosaic, edge, 0.1, &value);
    wk_mosaic_finish(&mosaic);
    assert_true(mosaic.values[150] == 1);
    wk_mosaic_release(&mosaic);
}

static void test_spread(void **state)
{
    wk_mosaic mosaic;
    wk_sky_view view;
    double spread;
    (void)state;
    begin(&mosaic, &view, 2);
    size_t pixels = (size_t)(mosaic.width * mosaic.height);
    for (size_t i = 0; i < 2 * pixels; i++)
        mosaic.values[i] = i < pixels ? (double)NAN : -(double)(i - pixels);
    assert_int_equal(wk_mosaic_spread(&spread, &mosaic, 1, NULL), WK_OK);
    assert_true(fabs(spread / (0.99 * (double)pixels) - 1) < 1e-3);
    wk_mosaic_release(&mosaic);
}

/* East at the left, red above zero, blue below, white where nothing is. */
static void test_draw(void **state)
{
    wk_mosaic mosaic;
    wk_sky_view view;
    const double east[] = {10.5, 0.5}, west[] = {9.5, 0.5}, values[] = {2, -1};
    const wk_mosaic_paint paint = {1, "title", "name", "unit"};
    const wk_box moved = {120, 90, 300, 200};
    (void)state;
    begin(&mosaic, &view, 1);
    wk_mosaic_add(&mosaic, east, 0.5, values);
    wk_mosaic_add(&mosaic, west, 0.5, values + 1);
    wk_mosaic_finish(&mosaic);
    wk_figure *figure = canvas(640, 420);
    wk_mosaic_draw(figure, moved, &mosaic, 0, &shapes, &paint);
    assert_int_equal(pixel(figure, 120 + 150 - 46, 90 + 100 - 46), 0x7d1522);
    assert_int_equal(pixel(figure, 120 + 150 + 46, 90 + 100 - 46), 0x143d78);
    assert_int_equal(pixel(figure, 120 + 150, 90 + 100 + 40), 0xffffff);
    /* the outline, title and bar are there */
    assert_true(inked(figure, 170, 88, 200, 16) > 50);
    assert_true(inked(figure, 120, 55, 60, 25) > 20);
    assert_true(inked(figure, 442, 110, 22, 180) == 22 * 180);
    wk_mosaic_release(&mosaic);
    discard(figure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_means), cmocka_unit_test(test_small),
                                       cmocka_unit_test(test_outside),
                                       cmocka_unit_test(test_spread), cmocka_unit_test(test_draw)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
