#include "scene.h"

#include "outline.h"
#include "polygon.h"

static void test_there_and_back(void **state)
{
    (void)state;
    scene_exposure e = {.width = 400, .height = 300, .ra = 359.99, .dec = 80, .scale = 1e-4};
    double outline[wk_outline_most], vectors[wk_footprint_most][3];
    e.sip = 1;
    wk_wcs *wcs = scene_make_wcs(&e);
    wk_footprint made, read;
    assert_int_equal(wk_footprint_create(&made, wcs, e.width, e.height, NULL), WK_OK);
    size_t count = wk_outline_write(outline, &made);
    assert_int_equal(count, 6 + 2 * made.count);
    assert_int_equal(wk_outline_read(&read, vectors, outline, count), 0);
    assert_memory_equal(read.centre, made.centre, sizeof made.centre);
    assert_true(read.radius == made.radius && read.scale == made.scale &&
                read.growth == made.growth && read.count == made.count);
    assert_memory_equal(read.vectors, made.vectors, (size_t)made.count * sizeof *vectors);
    wk_footprint_release(&made);
    wk_wcs_free(wcs);
}

static void test_what_is_no_outline(void **state)
{
    (void)state;
    double outline[wk_outline_most + 2] = {1, 0, 0, 0.1, 1e-6, 1.01, 10, 20};
    double vectors[wk_footprint_most][3];
    wk_footprint read;
    assert_int_equal(wk_outline_read(&read, vectors, outline, 6), 0);
    assert_int_equal(read.count, 0);
    assert_int_equal(wk_outline_read(&read, vectors, outline, 8), 0);
    assert_int_equal(wk_outline_read(&read, vectors, outline, wk_outline_most), 0);
    assert_int_equal(wk_outline_read(&read, vectors, outline, 4), 1);
    assert_int_equal(wk_outline_read(&read, vectors, outline, 7), 1);
    assert_int_equal(wk_outline_read(&read, vectors, outline, wk_outline_most + 2), 1);
    outline[7] = (double)NAN;
    assert_int_equal(wk_outline_read(&read, vectors, outline, 8), 1);
}

static double uniform(uint32_t *state)
{
    *state = *state * 1664525U + 1013904223U;
    return *state / 4294967296.0;
}

/* Random caps: random points of each lie in its box, and its poles along the axes touch it. */
static void test_boxes_hold_their_caps(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (int i = 0; i < 300; i++) {
        double sky[2] = {360 * uniform(&seed), 180 * uniform(&seed) - 90};
        double centre[3], box[6], radius = 3.2 * pow(uniform(&seed), 3);
        wk_vector_from_sky(centre, sky);
        wk_cap_box(box, centre, radius);
        for (int j = 0; j < 200; j++) {
            double other[2] = {360 * uniform(&seed), 180 * uniform(&seed) - 90}, at[3], side[3];
            wk_vector_from_sky(at, other);
            wk_vector_cross(side, centre, at);
            wk_vector_normalise(side);
            wk_vector_cross(at, side, centre);
            double turn = fmin(radius, 3.14159265358979) * uniform(&seed);
            for (int k = 0; k < 3; k++) {
                double x = cos(turn) * centre[k] + sin(turn) * at[k];
                assert_true(x >= box[2 * k] && x <= box[2 * k + 1]);
            }
        }
    }
}

/* About the pole a cap reaches as far along x as along y, and to the pole along z. */
static void test_boxes_are_tight(void **state)
{
    (void)state;
    const double pole[3] = {0, 0, 1};
    double box[6];
    wk_cap_box(box, pole, 0.1);
    const double expected[6] = {-sin(0.1), sin(0.1), -sin(0.1), sin(0.1), cos(0.1), 1.0};
    for (int k = 0; k < 6; k++)
        assert_true(fabs(box[k] - expected[k]) < 2e-12); /* the margin */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_what_is_no_outline),
        cmocka_unit_test(test_boxes_hold_their_caps),
        cmocka_unit_test(test_boxes_are_tight),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
