#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "polygon.h"

static void test_vectors(void **state)
{
    (void)state;
    const double sky[2] = {90.0, 0.0};
    const double pole[2] = {13.0, 90.0};
    double y[3];
    double z[3];
    wk_vector_from_sky(y, sky);
    wk_vector_from_sky(z, pole);
    /* rounding of sine and cosine: some 1e-16 */
    assert_true(fabs(y[1] - 1.0) < 1e-15 && fabs(y[0]) < 1e-15 && fabs(y[2]) < 1e-15);
    double x[3];
    wk_vector_cross(x, y, z);
    assert_true(fabs(x[0] - 1.0) < 1e-15);
    assert_true(fabs(wk_vector_angle(y, z) - acos(0.0)) < 1e-15);
}

static void test_small_angle(void **state)
{
    (void)state;
    const double a_sky[2] = {10.0, 20.0};
    const double b_sky[2] = {10.0, 20.0 + 1e-7};
    double a[3];
    double b[3];
    wk_vector_from_sky(a, a_sky);
    wk_vector_from_sky(b, b_sky);
    /* acos would be wrong by a tenth here; unit vectors carry 1e-16 of a radian */
    assert_true(fabs(wk_vector_angle(a, b) - 1e-7 * 0.017453292519943295) < 3e-16);
}

static void test_projection_keeps_great_circles_straight(void **state)
{
    (void)state;
    const double sky[3][2] = {{30.0, 0.0}, {50.0, 0.0}, {75.0, 0.0}};
    const double middle[2] = {40.0, 20.0};
    double vectors[3][3];
    double centre[3];
    double plane[3][2];
    for (int i = 0; i < 3; i++)
        wk_vector_from_sky(vectors[i], sky[i]);
    wk_vector_from_sky(centre, middle);
    assert_true(wk_polygon_project(plane, (const double(*)[3])vectors, 3, centre));
    double turn = (plane[1][0] - plane[0][0]) * (plane[2][1] - plane[0][1]) -
                  (plane[1][1] - plane[0][1]) * (plane[2][0] - plane[0][0]);
    assert_true(fabs(turn) < 1e-15);
    const double far[2] = {220.0, 0.0};
    wk_vector_from_sky(vectors[0], far);
    assert_false(wk_polygon_project(plane, (const double(*)[3])vectors, 1, centre));
}

static const double square[4][2] = {{0, 0}, {2, 0}, {2, 2}, {0, 2}};

static void move(double out[4][2], double dx, double dy, double size)
{
    for (int i = 0; i < 4; i++) {
        out[i][0] = dx + 0.5 * size * square[i][0];
        out[i][1] = dy + 0.5 * size * square[i][1];
    }
}

static int meets(double dx, double dy, double size)
{
    double other[4][2];
    move(other, dx, dy, size);
    return wk_polygon_meet(square, 4, (const double(*)[2])other, 4);
}

static void test_meet(void **state)
{
    (void)state;
    assert_true(meets(1.0, 1.0, 2.0));   /* corners overlap */
    assert_true(meets(0.5, 0.5, 0.5));   /* one within the other */
    assert_true(meets(-1.0, -1.0, 9.0)); /* and the other way round */
    assert_true(meets(2.0, 0.0, 2.0));   /* an edge in common */
    assert_false(meets(2.1, 0.0, 2.0));
    assert_false(meets(0.0, -3.0, 2.0));
    assert_false(wk_polygon_meet(square, 0, square, 4));
}

static void test_cross_without_vertices_inside(void **state)
{
    (void)state;
    const double tall[4][2] = {{0.9, -5}, {1.1, -5}, {1.1, 5}, {0.9, 5}};
    assert_true(wk_polygon_meet(square, 4, tall, 4));
}

static void test_contains(void **state)
{
    (void)state;
    const double concave[5][2] = {{0, 0}, {4, 0}, {4, 4}, {2, 1}, {0, 4}};
    const double in[2] = {0.5, 1.0};
    const double notch[2] = {2.0, 2.0};
    assert_true(wk_polygon_contains(concave, 5, in));
    assert_false(wk_polygon_contains(concave, 5, notch));
}

static void test_grow(void **state)
{
    (void)state;
    double grown[4][2];
    memcpy(grown, square, sizeof grown);
    wk_polygon_grow(grown, 4, 2.0);
    assert_true(grown[0][0] == -1.0 && grown[2][1] == 3.0);
}

/* A quarter of the equator: beside it the latitude counts, beyond its ends the nearer end. */
static void test_distance_to_an_arc(void **state)
{
    (void)state;
    const double radian = 0.017453292519943295;
    static const double cases[][3] = {{45, 10, 10}, {45, -10, 10}, {0, 3, 3},  {90, 0, 0},
                                      {30, 0, 0},   {100, 0, 10},  {-7, 0, 7}, {225, 0, 135},
                                      {180, 0, 90}, {45, 90, 90}};
    double a[3], b[3], point[3];
    wk_vector_from_sky(a, (const double[2]){0, 0});
    wk_vector_from_sky(b, (const double[2]){90, 0});
    for (int i = 0; i < 10; i++) {
        wk_vector_from_sky(point, cases[i]);
        assert_true(fabs(wk_vector_angle_to_arc(point, a, b) - cases[i][2] * radian) < 1e-14);
        assert_true(fabs(wk_vector_angle_to_arc(point, b, a) - cases[i][2] * radian) < 1e-14);
    }
    wk_vector_from_sky(point, (const double[2]){20, 0});
    assert_true(fabs(wk_vector_angle_to_arc(point, a, a) - 20 * radian) < 1e-14);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_small_angle),
        cmocka_unit_test(test_projection_keeps_great_circles_straight),
        cmocka_unit_test(test_meet),
        cmocka_unit_test(test_cross_without_vertices_inside),
        cmocka_unit_test(test_contains),
        cmocka_unit_test(test_grow),
        cmocka_unit_test(test_distance_to_an_arc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
