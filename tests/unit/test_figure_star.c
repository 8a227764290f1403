#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "figure_pixels.h"
#include "figure_star.h"

enum { MANY = 4000, RED = 0x800000, WHITE = 0xffffff };

static const wk_box image = {50, 40, 400, 200};

/* A canvas with a dark red image on it. */
static wk_figure *ground(void)
{
    wk_figure *figure = canvas(500, 320);
    wk_figure_colour(figure, wk_colour_hex(RED), 1);
    wk_figure_rectangle(figure, image);
    return figure;
}

static int marked(wk_figure *figure, int x0, int y0, int width, int height)
{
    int count = 0;
    for (int y = y0; y < y0 + height; y++)
        for (int x = x0; x < x0 + width; x++)
            count += pixel(figure, x, y) != RED;
    return count;
}

/* The image's pixels are 4 units wide; the first one's centre is 2 from its edge. */
static void test_place(void **state)
{
    (void)state;
    double place[2];
    const double x[] = {0, 99.5, -0.5, 99.6, 5, NAN}, y[] = {0, 49.5, -0.5, 3, -0.6, 3};
    wk_stars stars = {x, y, NULL, 6, 100, 50};
    assert_true(wk_star_place(place, &stars, 0, image));
    assert_true(place[0] == 52 && place[1] == 238);
    assert_true(wk_star_place(place, &stars, 1, image));
    assert_true(place[0] == 450 && place[1] == 40);
    assert_true(wk_star_place(place, &stars, 2, image));
    assert_true(place[0] == 50 && place[1] == 240);
    for (int k = 3; k < 6; k++)
        assert_false(wk_star_place(place, &stars, k, image));
}

static void test_count(void **state)
{
    (void)state;
    const double x[] = {1, 2, 3, 100, NAN, 4}, y[] = {1, 1, 1, 1, 1, 1};
    const unsigned char used[] = {1, 0, 1, 1, 1, 200};
    wk_stars stars = {x, y, used, 6, 100, 50};
    wk_star_census census = wk_stars_count(&stars);
    assert_int_equal(census.used, 3);
    assert_int_equal(census.clipped, 1);
    assert_int_equal(census.outside, 2);
    stars.used = NULL;
    assert_int_equal(wk_stars_count(&stars).used, 4);
    stars.count = 0;
    assert_int_equal(wk_stars_count(&stars).used, 0);
}

/* A circle leaves its middle free, a cross does not; where there is no star nothing is drawn. */
static void test_marks(void **state)
{
    (void)state;
    const double x[] = {24.5, 74.5, 200}, y[] = {24.5, 24.5, 10};
    const unsigned char used[] = {1, 0, 1};
    wk_stars stars = {x, y, used, 3, 100, 50};
    wk_star_census census = wk_stars_count(&stars);
    wk_figure *figure = ground();
    assert_int_equal(wk_stars_draw(figure, image, &stars, &census, NULL), WK_OK);
    assert_int_equal(census.drawn, 2);
    assert_int_equal(pixel(figure, 150, 140), RED);
    assert_int_equal(pixel(figure, 350, 140), WHITE);
    assert_true(marked(figure, 140, 130, 20, 20) > 60);
    assert_true(marked(figure, 340, 130, 20, 20) > 60);
    assert_int_equal(marked(figure, 200, 40, 100, 200), 0);
    assert_int_equal(inked(figure, 451, 0, 49, 320), 0);
    wk_stars_note(figure, 50, 280, &census);
    assert_true(inked(figure, 50, 270, 300, 20) > 100);
    discard(figure);
}

/* Of 4000 stars in 25 x 13 squares each square has one, and the map is still to be seen. */
static void test_many(void **state)
{
    (void)state;
    static double x[MANY], y[MANY];
    static unsigned char used[MANY];
    for (int k = 0; k < MANY; k++) {
        x[k] = k % 100;
        y[k] = k / 100 * 1.25;
        used[k] = 1;
    }
    used[2050] = 0; /* the only one clipped is drawn whatever else is there */
    wk_stars stars = {x, y, used, MANY, 100, 50};
    wk_star_census census = wk_stars_count(&stars);
    wk_figure *figure = ground();
    assert_int_equal(wk_stars_draw(figure, image, &stars, &census, NULL), WK_OK);
    assert_int_equal(census.drawn, 25 * 13 + 1);
    assert_in_range(marked(figure, 50, 40, 400, 200), 5000, 40000);
    wk_stars_note(figure, 50, 280, &census);
    assert_true(inked(figure, 50, 270, 400, 20) > 200);
    discard(figure);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_place),
        cmocka_unit_test(test_count),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
