#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "simulate_frame.h"

static const double RADIAN = 180 / M_PI;

/* Positions are rounded to 1e-10 degree; of a right ascension that is more sky the higher the
 * declination is, never less. */
static const double STEP = 1e-10;

static double separation(const double a[2], const double b[2])
{
    wk_mosaic_frame one = wk_mosaic_frame_at(a[0], a[1]), two = wk_mosaic_frame_at(b[0], b[1]);
    double chord = 0;
    for (int k = 0; k < 3; k++)
        chord += (one.centre[k] - two.centre[k]) * (one.centre[k] - two.centre[k]);
    return 2 * asin(sqrt(chord) / 2) * RADIAN;
}

static void axes_are_perpendicular(void **state)
{
    (void)state;
    static const double at[][2] = {{0, 0}, {150.1, 2.2}, {33, 90}, {200, -90}, {359.9, -67}};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        wk_mosaic_frame frame = wk_mosaic_frame_at(at[i][0], at[i][1]);
        assert_true(fabs(wk_dot3(frame.centre, frame.centre) - 1) < 1e-15);
        assert_true(fabs(wk_dot3(frame.centre, frame.east)) < 1e-15);
        assert_true(fabs(wk_dot3(frame.centre, frame.north)) < 1e-15);
        assert_true(fabs(wk_dot3(frame.east, frame.north)) < 1e-15);
    }
}

/* There and back, also over the pole and over right ascension 0. */
static void round_trip(void **state)
{
    (void)state;
    static const double centre[][2] = {{150.1, 2.2}, {0.01, -45}, {10, 90}, {10, -90}, {90, 89.9}};
    static const double points[][2] = {{0, 0}, {1, 2}, {-3, 0.5}, {0, -20}, {-30, 40}, {1e-6, 0}};
    for (size_t i = 0; i < sizeof centre / sizeof *centre; i++) {
        wk_mosaic_frame frame = wk_mosaic_frame_at(centre[i][0], centre[i][1]);
        for (size_t k = 0; k < sizeof points / sizeof *points; k++) {
            double sky[2], back[2];
            wk_mosaic_to_sky(sky, &frame, points[k][0], points[k][1]);
            assert_true(sky[0] >= 0 && sky[0] < 360 && fabs(sky[1]) <= 90);
            wk_mosaic_from_sky(back, &frame, sky);
            assert_true(fabs(back[0] - points[k][0]) < 3 * STEP);
            assert_true(fabs(back[1] - points[k][1]) < 3 * STEP);
        }
    }
}

/* Equidistant: the distance from the centre is the length in the plane.  Gnomonic: its tangent. */
static void distances(void **state)
{
    (void)state;
    double centre[2] = {150.1, 2.2}, sky[2];
    wk_mosaic_frame frame = wk_mosaic_frame_at(centre[0], centre[1]);
    wk_mosaic_to_sky(sky, &frame, 3, -4);
    assert_true(fabs(separation(centre, sky) - 5) < 3 * STEP);
    wk_mosaic_gnomonic_to_sky(sky, &frame, 3, -4);
    assert_true(fabs(separation(centre, sky) - atan(5 / RADIAN) * RADIAN) < 3 * STEP);
}

/* East and north of a point on the equator are those of the coordinates. */
static void directions(void **state)
{
    (void)state;
    wk_mosaic_frame frame = wk_mosaic_frame_at(10, 0);
    double sky[2];
    wk_mosaic_to_sky(sky, &frame, 2, 0);
    assert_true(fabs(sky[0] - 12) < STEP && fabs(sky[1]) < STEP);
    wk_mosaic_to_sky(sky, &frame, 0, 2);
    assert_true(fabs(sky[0] - 10) < STEP && fabs(sky[1] - 2) < STEP);
}

/* Up stays north along a meridian.  Across the pole it turns by 180 degrees.  At the same
 * declination it turns by what the meridians converge: near a place that is 2 atan(tan(dra/2)
 * sin(dec)), negative towards east. */
static void up(void **state)
{
    (void)state;
    wk_mosaic_frame frame = wk_mosaic_frame_at(40, 60);
    assert_true(fabs(wk_mosaic_up(&frame, (double[]){40, 60})) < 1e-14);
    assert_true(fabs(wk_mosaic_up(&frame, (double[]){40, 20})) < 1e-14);
    assert_true(fabs(fabs(wk_mosaic_up(&frame, (double[]){220, 80})) - M_PI) < 1e-12);
    double turn = 2 * atan(tan(5 / RADIAN) * sin(60 / RADIAN));
    assert_true(fabs(fabs(wk_mosaic_up(&frame, (double[]){50, 60})) - turn) < 1e-12);
    assert_true(
        wk_mosaic_up(&frame, (double[]){50, 60}) * wk_mosaic_up(&frame, (double[]){30, 60}) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(axes_are_perpendicular),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(distances),
        cmocka_unit_test(directions),
        cmocka_unit_test(up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
