#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "figure_pixels.h"
#include "figure_arrow.h"

enum { MANY = 3000, COOL = 0x2a6a94, WARM = 0xb5503c, GREY = 0x9a9a9a };

static const wk_box box = {110, 60, 400, 400};

static wk_figure *drawn(const wk_arrows *arrows)
{
    wk_figure *figure = canvas(690, 570);
    assert_int_equal(wk_arrows_draw(figure, box, arrows, NULL), WK_OK);
    return figure;
}

static int count_of(wk_figure *figure, unsigned colour, int x0, int y0, int width, int height)
{
    int count = 0;
    for (int y = y0; y < y0 + height; y++)
        for (int x = x0; x < x0 + width; x++)
            count += pixel(figure, x, y) == colour;
    return count;
}

/* An image of 100 x 100 pixels of 4 units. */
static wk_arrows arrows_of(const double *x, const double *y, const double *dx, const double *dy,
                           const unsigned char *used, int64_t count)
{
    wk_arrows arrows = {{x, y, used, count, 100, 100}, dx, dy, "px", "title"};
    return arrows;
}

/* Borders between 1, 2, 5 and 10 are their geometric means. */
static void test_round(void **state)
{
    (void)state;
    assert_true(wk_arrow_round(1) == 1 && wk_arrow_round(1.41) == 1 && wk_arrow_round(1.42) == 2);
    assert_true(wk_arrow_round(3.16) == 2 && wk_arrow_round(3.17) == 5);
    assert_true(wk_arrow_round(7.07) == 5 && wk_arrow_round(7.08) == 10);
    assert_true(fabs(wk_arrow_round(0.0093) - 0.01) < 1e-15);
    assert_true(fabs(wk_arrow_round(0.12) - 0.1) < 1e-15);
}

/* Alone an arrow is 46 units long / 1.2011, the median's ratio to the rms: 38.3.  x grows to the
 * right, y upward. */
static void test_direction(void **state)
{
    (void)state;
    const double x[] = {49.625}, y[] = {49.625};
    double dx[] = {0.1}, dy[] = {0};
    wk_arrows arrows = arrows_of(x, y, dx, dy, NULL, 1);
    wk_figure *figure = drawn(&arrows); /* from (310.5, 259.5), in the middle of
 a pixel */
    assert_true(count_of(figure, COOL, 314, 255, 33, 10) > 40);
    assert_int_equal(inked(figure, 351, 200, 150, 120), 0);
    assert_int_equal(inked(figure, 200, 200, 105, 120), 0);
    discard(figure);
    dx[0] = 0;
    dy[0] = 0.1;
    figure = drawn(&arrows);
    assert_true(count_of(figure, COOL, 305, 223, 10, 33) > 40);
    assert_int_equal(inked(figure, 200, 266, 200, 100), 0);
    discard(figure);
}

/* A clipped one is warm and cut, an unknown one a grey dot, one outside not drawn; the key stands
 * at the right. */
static void test_kinds(void **state)
{
    (void)state;
    const double x[] = {24.5, 49.5, 74.5, 200}, y[] = {49.625, 49.625, 49.625, 49.625};
    const double dx[] = {0.1, 50, NAN, 0.1}, dy[] = {0, 0, 0, 0};
    const unsigned char used[] = {1, 0, 1, 1};
    wk_arrows arrows = arrows_of(x, y, dx, dy, used, 4);
    wk_figure *figure = drawn(&arrows);
    assert_true(count_of(figure, COOL, 210, 255, 40, 10) > 40);
    assert_true(count_of(figure, WARM, 315, 255, 90, 10) > 40);
    assert_true(count_of(figure, GREY, 405, 255, 10, 10) > 4);
    assert_int_equal(count_of(figure, WARM, 444, 60, 66, 400), 0); /* longest: 130 */
    assert_true(count_of(figure, COOL, 530, 60, 60, 400) > 20);
    assert_true(count_of(figure, WARM, 530, 60, 30, 400) > 10);
    assert_true(count_of(figure, GREY, 530, 60, 30, 400) > 4);
    assert_int_equal(inked(figure, 0, 540, 690, 30), 0);
    discard(figure);
}

static int ink_of_message(const wk_arrows *arrows)
{
    wk_figure *figure = drawn(arrows);
    int count = inked(figure, 200, 250, 220, 20);
    assert_true(inked(figure, 110, 30, 50, 20) > 20); /* the title */
    discard(figure);
    return count;
}

/* Where there is nothing to see a sentence says so. */
static void test_messages(void **state)
{
    (void)state;
    const double x[] = {10, 20}, y[] = {10, 20}, far[] = {1000, NAN};
    const double zero[] = {0, 0}, tiny[] = {1e-14, -1e-13}, nan[] = {NAN, NAN}, some[] = {1, 1};
    wk_arrows all[] = {
        arrows_of(NULL, NULL, NULL, NULL, NULL, 0), arrows_of(far, y, some, some, NULL, 2),
        arrows_of(x, y, NULL, NULL, NULL, 2),       arrows_of(x, y, nan, nan, NULL, 2),
        arrows_of(x, y, zero, zero, NULL, 2),       arrows_of(x, y, tiny, tiny, NULL, 2),
    };
    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        assert_true(ink_of_message(&all[k]) > 100);
    wk_arrows seen = arrows_of(x, y, some, some, NULL, 2);
    assert_int_equal(ink_of_message(&seen), 0);
}

/* Shapes that leave no room, and arrows of clipped stars only. */
static void test_odd(void **state)
{
    (void)state;
    const double x[] = {0, 0}, y[] = {0, 0}, d[] = {1e9, 1e-3};
    const unsigned char none[] = {0, 0};
    wk_arrows arrows = arrows_of(x, y, d, d, none, 2);
    static const double sizes[][2] = {{1, 1}, {1, 1e5}, {1e5, 1}};
    for (int k = 0; k < 3; k++) {
        arrows.stars.width = sizes[k][0];
        arrows.stars.height = sizes[k][1];
        wk_figure *figure = drawn(&arrows);
        assert_true(count_of(figure, WARM, 0, 0, 690, 570) > 20);
        discard(figure);
    }
}

/* Means of blocks take the scatter away: +1 and -1 in turn leave nothing in y and 0.5 in x, so that
 * every arrow points to the right; a clipped star does not enter. */
static void test_means(void **state)
{
    (void)state;
    static double x[MANY], y[MANY], dx[MANY], dy[MANY];
    static unsigned char used[MANY];
    for (int k = 0; k < MANY; k++) {
        x[k] = k / 2 % 50 * 2 + 0.5;
        y[k] = k / 100 * 3.3 + 0.5;
        dx[k] = 0.5;
        dy[k] = k % 2 ? 1 : -1;
        used[k] = k != 1234 && k != 1235;
    }
    dx[1234] = dx[1235] = -1e6;
    wk_arrows arrows = arrows_of(x, y, dx, dy, used, MANY);
    wk_figure *figure = drawn(&arrows);
    int columns = 0;
    for (int left = 0; left < 400; left += 40)
        columns += count_of(figure, COOL, 110 + left, 60, 40, 400) > 40;
    assert_true(columns >= 9);
    assert_int_equal(count_of(figure, WARM, 0, 0, 690, 570), 0);
    assert_true(inked(figure, 110, 540, 300, 20) > 100); /* what they are */
    discard(figure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round), cmocka_unit_test(test_direction),
        cmocka_unit_test(test_kinds), cmocka_unit_test(test_messages),
        cmocka_unit_test(test_odd),   cmocka_unit_test(test_means),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
