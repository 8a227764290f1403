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
#include "figure.h"

static void test_alignment(void **state)
{
    (void)state;
    wk_figure *figure = canvas(400, 400);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, 200, 50, 1, 0, "HHH"); /* ends at 200, hangs from 50 */
    assert_true(inked(figure, 100, 49, 100, 30) > 50);
    assert_int_equal(inked(figure, 202, 30, 198, 60), 0);
    assert_int_equal(inked(figure, 100, 20, 100, 28), 0);
    wk_figure_text(figure, 200, 150, 0, 1, "HHH"); /* starts at 200, stands on 150 */
    assert_true(inked(figure, 200, 120, 100, 30) > 50);
    assert_int_equal(inked(figure, 100, 110, 99, 60), 0);
    assert_int_equal(inked(figure, 200, 152, 100, 20), 0);
    wk_figure_text_upward(figure, 200, 300, 0, 1, "HHH"); /* upward from 300 */
    assert_true(inked(figure, 180, 240, 22, 60) > 50);
    assert_int_equal(inked(figure, 150, 302, 100, 40), 0);
    discard(figure);
}

static void test_width(void **state)
{
    (void)state;
    wk_figure *figure = canvas(50, 50);
    double one = wk_figure_text_width(figure, "0"), two = wk_figure_text_width(figure, "00");
    assert_true(one > 4 && fabs(two - 2 * one) < 0.1);
    assert_true(wk_figure_text_width(figure, "") == 0);
    wk_figure_font(figure, 2 * WK_TEXT_SIZE, 0);
    assert_true(fabs(wk_figure_text_width(figure, "0") - 2 * one) < 0.1);
    discard(figure);
}

/* Cairo would refuse everything after the first of these. */
static void test_not_utf8(void **state)
{
    (void)state;
    static const char *const texts[] = {"caf\xe9",      "\xff\xfe",     "\xc0\x80", "\xed\xa0\x80",
                                        "\xf8\x88\x80", "cut \xe2\x88", "\x01\x7f", ""};
    wk_figure *figure = canvas(100, 100);
    double mark = wk_figure_text_width(figure, "?");
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++)
        wk_figure_text_rimmed(figure, 50, 50, 0.5, 0.5, texts[k]);
    assert_true(fabs(wk_figure_text_width(figure, "\xff") - mark) < 1e-9);
    assert_true(fabs(wk_figure_text_width(figure, "\xc0\x80") - 2 * mark) < 1e-9);
    assert_true(fabs(wk_figure_text_width(figure, "°") - 2 * mark) > 1);
    discard(figure);
}

static void test_long(void **state)
{
    (void)state;
    char text[5000];
    wk_figure *figure = canvas(100, 100);
    for (int start = 0; start < 3; start++) { /* the cut falls at each byte of a character */
        memset(text, 'x', sizeof text);
        for (size_t k = (size_t)start; k + 4 < sizeof text; k += 3)
            memcpy(text + k, "−", 3);
        text[sizeof text - 1] = '\0';
        wk_figure_text(figure, 50, 50, 0.5, 0.5, text);
    }
    discard(figure);
}

/* Cut in the middle, between whole characters, and not at all where there is room. */
static void test_shorten(void **state)
{
    (void)state;
    char out[64];
    wk_figure *figure = canvas(100, 100);
    wk_figure_text_shorten(figure, out, sizeof out, "short", 1000);
    assert_string_equal(out, "short");
    wk_figure_text_shorten(figure, out, sizeof out, "", 0);
    assert_string_equal(out, "");
    wk_figure_text_shorten(figure, out, sizeof out, "abcdefghijklmnopqrstuvwxyz.fits", 150);
    assert_true(wk_figure_text_width(figure, out) <= 150);
    assert_memory_equal(out, "abc", 3);
    assert_non_null(strstr(out, "..."));
    assert_string_equal(out + strlen(out) - 5, ".fits");
    for (double width = 100; width > -1; width--) {
        wk_figure_text_shorten(figure, out, sizeof out, "−−−°°°−−−°°°", width);
        assert_null(strchr(out, '?'));
        wk_figure_text(figure, 50, 50, 0.5, 0.5, out);
    }
    assert_string_equal(out, "...");
    discard(figure);
}

static void test_rim(void **state)
{
    (void)state;
    wk_figure *figure = canvas(100, 100);
    wk_box all = {0, 0, 100, 100};
    wk_figure_colour(figure, wk_colour_hex(0x000080), 1);
    wk_figure_rectangle(figure, all);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text_rimmed(figure, 50, 50, 0.5, 0.5, "8");
    int pale = 0;
    for (int k = 0; k < 10000; k++)
        pale += (pixel(figure, k % 100, k / 100) & 0xff00) > 0x8000;
    assert_in_range(pale, 20, 2000);
    discard(figure);
}

/* The ground is still there, paler, and only under the text. */
static void test_plate(void **state)
{
    (void)state;
    wk_figure *figure = canvas(100, 100);
    wk_box all = {0, 0, 100, 100};
    wk_figure_colour(figure, wk_colour_hex(0x000080), 1);
    wk_figure_rectangle(figure, all);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text_plated(figure, 50, 50, 0.5, 0.5, "8");
    assert_int_equal(pixel(figure, 41, 50) >> 16, 0xd9); /* 0.85 of white */
    assert_int_equal(pixel(figure, 25, 50), 0x000080);
    assert_int_equal(pixel(figure, 50, 70), 0x000080);
    int dark = 0;
    for (int k = 0; k < 10000; k++)
        dark += pixel(figure, k % 100, k / 100) == 0x262626;
    assert_true(dark > 3);
    discard(figure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alignment), cmocka_unit_test(test_width),
        cmocka_unit_test(test_not_utf8),  cmocka_unit_test(test_long),
        cmocka_unit_test(test_shorten),   cmocka_unit_test(test_rim),
        cmocka_unit_test(test_plate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
