#include "figure_case.h"

#include <math.h>

#include "figure_angle.h"
#include "preview_grid.h"
#include "wcs_cards.h"

enum { CANVAS = 900, SIDE = 600 };

static const wk_box box = {180, 40, SIDE, SIDE};

static wk_wcs *wcs_of(const char *cards)
{
    wk_wcs *wcs = NULL;
    wk_error error = {0};
    if (create(&wcs, cards, &error) != WK_OK)
        fail_msg("%s", error.message);
    return wcs;
}

/* Lines over a mid grey, of an image of 1024 pixels each way. */
static wk_figure *drawn(const wk_wcs *wcs)
{
    wk_figure *figure;
    assert_int_equal(wk_figure_open(&figure, in_folder("a.png"), CANVAS, CANVAS, 1, NULL), WK_OK);
    wk_figure_colour(figure, wk_colour_hex(0x707070), 1);
    wk_figure_rectangle(figure, box);
    assert_int_equal(wk_preview_grid(figure, box, wcs, 1024, 1024, NULL), WK_OK);
    cairo_surface_flush(wk_figure_image(figure));
    return figure;
}

/* How light the lightest pixel near a place of the image is. */
static unsigned lightest(wk_figure *figure, const double xy[2])
{
    unsigned most = 0;
    double x = box.x + (xy[0] + 0.5) / 1024 * SIDE, y = box.y + SIDE - (xy[1] + 0.5) / 1024 * SIDE;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            unsigned tone = pixel(wk_figure_image(figure), x + dx, y + dy) & 255;
            most = tone > most ? tone : most;
        }
    return most;
}

/* Every place of a line that the coordinates map into the image is drawn light, and a place between
 * lines is not. */
static void expect_lines(const char *cards, double ra, double dec, double step_ra, double step_dec)
{
    wk_wcs *wcs = wcs_of(cards);
    wk_figure *figure = drawn(wcs);
    int seen = 0;
    for (int k = -20; k <= 20; k++)
        for (int along = 0; along < 2; along++) {
            double sky[2] = {ra + (along ? 0.083 * k * step_ra : 0),
                             dec + (along ? 0 : 0.083 * k * step_dec)};
            double between[2] = {ra + 0.5 * step_ra, dec + 0.3 * step_dec}, xy[2];
            assert_int_equal(wk_wcs_to_pixel(wcs, 1, sky, xy, NULL), WK_OK);
            if (!(xy[0] > 5 && xy[0] < 1018 && xy[1] > 5 && xy[1] < 1018))
                continue;
            seen++;
            assert_true(lightest(figure, xy) > 0x84);
            assert_int_equal(wk_wcs_to_pixel(wcs, 1, between, xy, NULL), WK_OK);
            assert_true(lightest(figure, xy) == 0x70);
        }
    assert_true(seen > 40);
    wk_figure_abandon(figure);
    wk_wcs_free(wcs);
}

/* The field is 0.307 degrees: steps of 20 seconds of time and of five minutes of arc. */
static void test_lines_lie_where_coordinates_say(void **state)
{
    (void)state;
    double step = wk_angle_step(0.3072 / 5, 0);
    assert_true(fabs(step - 5.0 / 60) < 1e-9);
    expect_lines(TAN_CARDS, 150, 20, 0.25 / 3, step);
}

/* Rotated by 40 degrees; right ascensions on both sides of 0. */
static void test_rotated_and_across_zero(void **state)
{
    (void)state;
    expect_lines(TAN_AXES "CRVAL1  = 0.0\nCRVAL2  = 0.0\nCD1_1   = -2.298E-4\nCD1_2   = 1.928E-4\n"
                          "CD2_1   = 1.928E-4\nCD2_2   = 2.298E-4\n",
                 0, 0, 0.125, 10.0 / 60);
}

/* A pole in the middle: circles, and lines that meet; nothing is drawn across it. */
static void test_pole(void **state)
{
    (void)state;
    wk_wcs *wcs = wcs_of(TAN_AXES "CRVAL2  = 90.0\n" TAN_SCALE);
    wk_figure *figure = drawn(wcs);
    int light = 0;
    for (int y = 42; y < 40 + SIDE; y += 3)
        for (int x = 182; x < 180 + SIDE; x += 3)
            light += (pixel(wk_figure_image(figure), x, y) & 255) > 0x98;
    assert_true(light > 200 && light < 8000);
    wk_figure_abandon(figure);
    wk_wcs_free(wcs);
}

#define FIGURE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {FIGURE_TEST(test_lines_lie_where_coordinates_say),
                                       FIGURE_TEST(test_rotated_and_across_zero),
                                       FIGURE_TEST(test_pole)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
