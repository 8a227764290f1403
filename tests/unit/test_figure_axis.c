#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "figure_axis.h"

#define assert_near(got, want, tolerance) assert_true(fabs((got) - (want)) <= (tolerance))

static void expect_ticks(double low, double high, int most, double first, double step, int count)
{
    wk_ticks ticks = wk_ticks_nice(low, high, most);
    /* decimal numbers are met to rounding */
    assert_near(ticks.step, step, 1e-12 * step);
    assert_near(wk_ticks_value(&ticks, 0), first, 1e-9 * step);
    assert_int_equal(ticks.count, count);
}

static void test_known_ticks(void **state)
{
    (void)state;
    expect_ticks(0, 1, 5, 0, 0.2, 6);
    expect_ticks(0, 10, 5, 0, 2, 6);
    expect_ticks(-430, 430, 6, -400, 200, 5);
    expect_ticks(0.3, 0.7, 4, 0.3, 0.1, 5);
    expect_ticks(-1e-7, 1e-7, 5, -1e-7, 5e-8, 5);
    expect_ticks(99.2, 103.9, 5, 100, 1, 4);
    expect_ticks(1, 54, 12, 5, 5, 10);
}

/* Any range: one to most + 1 ticks, all inside. */
static void test_any_ticks(void **state)
{
    (void)state;
    srand(11);
    for (int k = 0; k < 20000; k++) {
        double low = ldexp((double)rand() / RAND_MAX - 0.5, rand() % 80 - 40);
        double high = low + fabs(low) * ldexp(1, -(rand() % 20)) + 1e-14;
        int most = 3 + rand() % 9;
        wk_ticks ticks = wk_ticks_nice(low, high, most);
        assert_in_range(ticks.count, 1, most + 1);
        double slack = 2e-6 * ticks.step;
        assert_true(wk_ticks_value(&ticks, 0) >= low - slack);
        assert_true(wk_ticks_value(&ticks, ticks.count - 1) <= high + slack);
        assert_true(wk_ticks_value(&ticks, ticks.count) > high);
    }
}

static void expect_label(double low, double high, int index, const char *want)
{
    char text[64];
    wk_ticks ticks = wk_ticks_nice(low, high, 5);
    wk_ticks_label(text, sizeof text, &ticks, index);
    assert_string_equal(text, want);
}

static void test_labels(void **state)
{
    (void)state;
    expect_label(0, 1, 1, "0.2");
    expect_label(-1, 1, 0, "−1.0");
    expect_label(-1, 1, 2, "0.0");
    expect_label(0, 50000, 1, "10,000");
    expect_label(0, 5000, 1, "1000");
    expect_label(0, 5e6, 1, "1");
    expect_label(-2e-5, 2e-5, 0, "−2");
}

static void test_units(void **state)
{
    (void)state;
    char text[64];
    wk_ticks plain = wk_ticks_nice(0, 1, 5), small = wk_ticks_nice(0, 3e-5, 5);
    wk_ticks_unit(text, sizeof text, &plain, "DN");
    assert_string_equal(text, " (DN)");
    wk_ticks_unit(text, sizeof text, &plain, NULL);
    assert_string_equal(text, "");
    wk_ticks_unit(text, sizeof text, &small, "DN");
    assert_string_equal(text, " (10⁻⁵ DN)");
    wk_ticks_unit(text, sizeof text, &small, NULL);
    assert_string_equal(text, " (10⁻⁵)");
}

static void expect_number(double value, int digits, const char *want)
{
    char text[64];
    wk_number_text(text, sizeof text, value, digits);
    assert_string_equal(text, want);
}

static void test_numbers(void **state)
{
    (void)state;
    expect_number(0, 3, "0");
    expect_number((double)NAN, 3, "unknown");
    expect_number(254.31, 3, "254");
    expect_number(0.0213, 3, "0.0213");
    expect_number(-1.5, 3, "−1.50");
    expect_number(123456.7, 3, "123,457");
    expect_number(0.0099999998, 3, "0.0100");
    expect_number(0.09994, 3, "0.0999");
    expect_number(9.996e6, 3, "1.00×10⁷");
    expect_number(4.13e-7, 2, "4.1×10⁻⁷");
    expect_number(-2.5e12, 2, "−2.5×10¹²");
}

static void test_counts(void **state)
{
    (void)state;
    char text[64];
    wk_count_text(text, sizeof text, 0);
    assert_string_equal(text, "0");
    wk_count_text(text, sizeof text, 9999);
    assert_string_equal(text, "9999");
    wk_count_text(text, sizeof text, 1234567);
    assert_string_equal(text, "1,234,567");
}

static void test_locale(void **state)
{
    (void)state;
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8") && !setlocale(LC_NUMERIC, "fr_FR.UTF-8"))
        print_message("# no locale with a decimal comma is installed: the point is only kept\n");
    expect_number(0.0213, 3, "0.0213");
    setlocale(LC_NUMERIC, "C");
}

static void expect_widened(double low, double high)
{
    wk_range_widen(&low, &high);
    wk_ticks ticks = wk_ticks_nice(low, high, 5);
    assert_true(high > low);
    assert_in_range(ticks.count, 2, 6);
}

static void test_widen(void **state)
{
    (void)state;
    double low = 2, high = 3;
    wk_range_widen(&low, &high);
    assert_true(low == 2 && high == 3);
    expect_widened(0, 0);
    expect_widened(1e12, 1e12);
    expect_widened(-5e-20, -5e-20);
    expect_widened(7, nextafter(7, 8));
}

static void test_scale(void **state)
{
    (void)state;
    wk_scale scale = {10, -10, 100, 300};
    assert_near(wk_scale_at(&scale, 10), 100, 1e-12);
    assert_near(wk_scale_at(&scale, 0), 200, 1e-12);
    assert_near(wk_scale_at(&scale, -10), 300, 1e-12);
}

static unsigned pixel(wk_figure *figure, int x, int y)
{
    cairo_surface_t *image = wk_figure_image(figure);
    cairo_surface_flush(image);
    const unsigned char *data = cairo_image_surface_get_data(image);
    unsigned value;
    memcpy(&value, data + y * cairo_image_surface_get_stride(image) + 4 * x, 4);
    return value & 0xffffff;
}

static void expect_near(unsigned got, unsigned want)
{
    for (int shift = 0; shift <= 16; shift += 8)
        assert_true(abs((int)(got >> shift & 255) - (int)(want >> shift & 255)) <= 9);
}

/* The bar has the map's colours, to an eightieth of its length (9 of 255); a point stands only
 * where values lie beyond. */
static void test_colour_bar(void **state)
{
    (void)state;
    wk_figure *figure;
    char path[] = "/tmp/welkin-axis-XXXXXX", name[64];
    assert_non_null(mkdtemp(path));
    snprintf(name, sizeof name, "%s/a.png", path);
    assert_int_equal(wk_figure_open(&figure, name, 300, 300, 0, NULL), WK_OK);
    wk_box bar = {100, 50, 40, 200};
    wk_colour_bar(figure, bar, WK_COLOUR_VIRIDIS, 1, -1, 1, 2, "name", "unit");
    expect_near(pixel(figure, 120, 247), 0x440154);
    expect_near(pixel(figure, 120, 150), 0x21918c);
    expect_near(pixel(figure, 120, 52), 0xfde725);
    expect_near(pixel(figure, 120, 35), 0xfde725);
    expect_near(pixel(figure, 120, 265), 0xffffff);
    wk_figure_abandon(figure);
    assert_int_equal(rmdir(path), 0);
}

/* Of three decades each power is marked, of less than one 1, 2 and 5 too. */
static void test_colour_bar_powers(void **state)
{
    (void)state;
    wk_figure *figure;
    char path[] = "/tmp/welkin-axis-XXXXXX", name[64];
    assert_non_null(mkdtemp(path));
    snprintf(name, sizeof name, "%s/a.png", path);
    assert_int_equal(wk_figure_open(&figure, name, 300, 300, 0, NULL), WK_OK);
    wk_box bar = {20, 50, 40, 200};
    wk_colour_bar_powers(figure, bar, WK_COLOUR_VIRIDIS, -4, 0, 0, "name", "unit");
    expect_near(pixel(figure, 40, 247), 0x440154);
    expect_near(pixel(figure, 40, 52), 0xfde725);
    for (int power = 0; power <= 4; power++)
        assert_true(pixel(figure, 64, 250 - 50 * power) != 0xffffff);
    assert_int_equal(pixel(figure, 64, 250 - 15), 0xffffff); /* 2 x 10^-4 */
    bar.x = 160;
    wk_colour_bar_powers(figure, bar, WK_COLOUR_VIRIDIS, 0, 1, 0, "name", NULL);
    for (int k = 1; k <= 10; k++) {
        int marked = k == 1 || k == 2 || k == 5 || k == 10;
        int y = (int)floor(250 - 200 * log10(k));
        assert_int_equal(pixel(figure, 204, y) != 0xffffff, marked);
    }
    wk_figure_abandon(figure);
    assert_int_equal(rmdir(path), 0);
}

static int ink_left_of(wk_figure *figure, int right, int y)
{
    int count = 0;
    for (int x = 0; x < right; x++)
        count += pixel(figure, x, y) != 0xffffff;
    return count;
}

/* Marks stand at whole powers only, and at every second one where they would crowd. */
static void test_powers(void **state)
{
    (void)state;
    wk_figure *figure;
    char path[] = "/tmp/welkin-axis-XXXXXX", name[64];
    assert_non_null(mkdtemp(path));
    snprintf(name, sizeof name, "%s/a.png", path);
    assert_int_equal(wk_figure_open(&figure, name, 300, 300, 0, NULL), WK_OK);
    wk_box box = {100, 50, 40, 200};
    wk_scale few = {-0.5, 3.5, 250, 50}, many = {0, 16, 250, 50};
    wk_axis_left_powers(figure, box, &few, NULL);
    for (int power = 0; power < 4; power++)
        assert_true(ink_left_of(figure, 100, 225 - 50 * power) >= 6);
    assert_int_equal(ink_left_of(figure, 100, 200), 0);
    box.x = 240;
    wk_axis_left_powers(figure, box, &many, "name");
    assert_true(pixel(figure, 237, 250 - 50) != 0xffffff);    /* 10^4 */
    assert_int_equal(pixel(figure, 237, 250 - 37), 0xffffff); /* 10^3 */
    wk_figure_abandon(figure);
    assert_int_equal(rmdir(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_ticks),
        cmocka_unit_test(test_any_ticks),
        cmocka_unit_test(test_labels),
        cmocka_unit_test(test_units),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_locale),
        cmocka_unit_test(test_widen),
        cmocka_unit_test(test_scale),
        cmocka_unit_test(test_colour_bar),
        cmocka_unit_test(test_colour_bar_powers),
        cmocka_unit_test(test_powers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
