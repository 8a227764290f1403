#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "polygon.h"
#include "zone.h"

static void project(double plane[2], const wk_zone *zone, double ra, double dec)
{
    double sky[2] = {ra, dec}, vector[3];
    wk_vector_from_sky(vector, sky);
    wk_zone_project(plane, zone, vector);
}

/* Every position belongs to the zone of its number and to none of its neighbours. */
static void test_cover(void **state)
{
    (void)state;
    for (int i = 0; i < 20000; i++) {
        double sky[2] = {fmod(0.1 + i * 137.50776405, 360.0),
                         asin(fmod(i * 0.618033989, 2.0) - 1.0) * 57.29577951};
        int64_t number = wk_zone_number(sky);
        double plane[2];
        wk_zone zone;
        assert_true(number >= 0 && number < 4096);
        wk_zone_fill(&zone, number);
        project(plane, &zone, sky[0], sky[1]);
        assert_int_equal(wk_zone_side(&zone, plane[0], plane[1]), 0);
        for (int64_t other = number - 1; other <= number + 1; other += 2) {
            if (other < 0)
                continue;
            wk_zone_fill(&zone, other);
            project(plane, &zone, sky[0], sky[1]);
            assert_true(isnan(plane[0]) || wk_zone_side(&zone, plane[0], plane[1]) != 0);
        }
    }
}

/* The sides of the zone between declinations -2 and 2 and from right ascension 0. */
static void test_sides(void **state)
{
    (void)state;
    const double middle[2] = {1.0, 0.0};
    wk_zone zone;
    double plane[2];
    wk_zone_fill(&zone, wk_zone_number(middle));
    /* 360 / 4 segments of the equator's ring, times cos 0 */
    assert_true(fabs(zone.centre[1] / zone.centre[0] - tan(2.0 / 57.29577951308232)) < 1e-12);
    const double places[][3] = {{1, -2.1, 1}, {1, 2.1, 2}, {-0.1, 0, 4},
                                {4.1, 0, 8},  {-1, 3, 6},  {3, 1, 0}};
    for (int i = 0; i < 6; i++) {
        project(plane, &zone, places[i][0], places[i][1]);
        assert_int_equal(wk_zone_side(&zone, plane[0], plane[1]), (int)places[i][2]);
    }
    /* gnomonic: x = tan(2 degrees - ra) on the equator, west of the centre negative */
    project(plane, &zone, 1.0, 0.0);
    assert_true(fabs(plane[0] + tan(1.0 / 57.29577951308232)) < 1e-15 && fabs(plane[1]) < 1e-15);
}

/* Poles, 360 degrees, no position. */
static void test_edges(void **state)
{
    (void)state;
    const double north[2] = {10, 90}, south[2] = {10, -90}, none[2] = {(double)NAN, 0};
    const double low[2] = {0, 45}, turn[2] = {360, 45}, back[2] = {-360, 45};
    assert_true(wk_zone_number(south) == 0);
    assert_true(wk_zone_number(north) > 1500);
    assert_true(wk_zone_number(none) == -1);
    assert_true(wk_zone_number(low) == wk_zone_number(turn));
    assert_true(wk_zone_number(low) == wk_zone_number(back));
}

/* Powers of the fourth root of 2; borders at the geometric means. */
static void test_pitch(void **state)
{
    (void)state;
    assert_true(wk_zone_pitch(1.0) == 1.0 && wk_zone_pitch(4.0) == 4.0);
    assert_true(wk_zone_pitch(0.25) == 0.25);
    for (int k = -30; k < 60; k++) {
        double pitch = pow(2.0, k / 4.0);
        assert_true(fabs(wk_zone_pitch(pitch * 1.09) / pitch - 1) < 1e-14);
        assert_true(fabs(wk_zone_pitch(pitch / 1.09) / pitch - 1) < 1e-14);
    }
}

/* Keys are apart and in the order of zone, row, column. */
static void test_keys(void **state)
{
    (void)state;
    assert_true(wk_zone_key(3, -5, 2) < wk_zone_key(3, 4, 2));
    assert_true(wk_zone_key(3, 8000000, 2) < wk_zone_key(3, -8000000, 3));
    assert_true(wk_zone_key(3, 8000000, 8000000) < wk_zone_key(4, -8000000, -8000000));
    assert_true(wk_zone_key(0, -8000000, -8000000) > 0);
}

/* The centre of the cell that holds a position lies within half a diagonal of it, and its own key
 * is the same. */
static void test_cells(void **state)
{
    (void)state;
    const double pitch = 1e-5, radian = 0.017453292519943295;
    wk_zone kept = {.number = -1};
    for (int i = 0; i < 2000; i++) {
        double sky[2] = {fmod(0.1 + i * 137.50776405, 360.0),
                         asin(fmod(i * 0.618033989, 2.0) - 1.0) * 57.29577951};
        double plane[2], again[2], found[2], a[3], b[3];
        wk_zone zone;
        wk_zone_fill(&zone, wk_zone_number(sky));
        project(plane, &zone, sky[0], sky[1]);
        int64_t u = (int64_t)floor(plane[0] / pitch), v = (int64_t)floor(plane[1] / pitch);
        wk_zone_cell(found, &kept, wk_zone_key(zone.number, u, v), pitch);
        assert_true(found[0] >= 0.0 && found[0] < 360.0);
        project(again, &zone, found[0], found[1]);
        assert_true(fabs(again[0] / pitch - (double)u - 0.5) < 1e-6);
        assert_true(fabs(again[1] / pitch - (double)v - 0.5) < 1e-6);
        wk_vector_from_sky(a, sky);
        wk_vector_from_sky(b, found);
        assert_true(wk_vector_angle(a, b) < 0.7072 * pitch);
    }
    const double middle[2] = {2.0, 0.0};
    double found[2];
    wk_zone_cell(found, &kept, wk_zone_key(wk_zone_number(middle), 0, -1), 2.0 * radian / 10.0);
    /* on the plane 0.1 degrees' arcs are tangents: right ascension 2 degrees and some */
    assert_true(fabs(tan((found[0] - 2.0) * radian) - 0.1 * radian) < 1e-12);
    assert_true(found[1] < 0.0 && fabs(found[1] + 0.1) < 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cells), cmocka_unit_test(test_cover),
                                       cmocka_unit_test(test_sides), cmocka_unit_test(test_edges),
                                       cmocka_unit_test(test_pitch), cmocka_unit_test(test_keys)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
