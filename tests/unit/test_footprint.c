#include "scene.h"

#include "footprint.h"
#include "polygon.h"

static scene_exposure plain(double ra, double dec)
{
    scene_exposure e;
    memset(&e, 0, sizeof e);
    e.width = 400;
    e.height = 300;
    e.ra = ra;
    e.dec = dec;
    e.scale = 1e-4;
    return e;
}

static wk_footprint make(const scene_exposure *e)
{
    wk_wcs *wcs = scene_make_wcs(e);
    wk_footprint out;
    assert_int_equal(wk_footprint_create(&out, wcs, e->width, e->height, NULL), WK_OK);
    wk_wcs_free(wcs);
    return out;
}

static int meet(const scene_exposure *a, const scene_exposure *b)
{
    wk_footprint fa = make(a);
    wk_footprint fb = make(b);
    int answer = wk_footprint_meet(&fa, &fb);
    assert_int_equal(answer, wk_footprint_meet(&fb, &fa));
    wk_footprint_release(&fa);
    wk_footprint_release(&fb);
    return answer;
}

static void test_straight_edges_need_corners_only(void **state)
{
    (void)state;
    scene_exposure e = plain(150.0, 2.0);
    wk_footprint f = make(&e);
    assert_int_equal(f.count, 4);
    assert_memory_equal(f.sky, f.sky + 8, 2 * sizeof *f.sky);
    /* half the diagonal of 400 x 300 pixels of 1e-4 deg is 250 of them; margin some pixels */
    double radius = 0.025 * 0.017453292519943295;
    assert_true(f.radius > radius && f.radius < 1.05 * radius);
    wk_footprint_release(&f);
}

/* Between two vertices the border must keep within 0.1 px of the great circle. */
static void test_bowed_edges_are_followed(void **state)
{
    (void)state;
    scene_exposure e = plain(150.0, 2.0);
    e.sip = 1;
    wk_footprint f = make(&e);
    assert_true(f.count > 4 && f.count <= wk_footprint_most);
    wk_wcs *wcs = scene_make_wcs(&e);
    for (int64_t i = 0; i < f.count; i++) {
        double middle[3];
        for (int k = 0; k < 3; k++)
            middle[k] = f.vectors[i][k] + f.vectors[(i + 1) % f.count][k];
        double sky[2] = {atan2(middle[1], middle[0]) / 0.017453292519943295,
                         atan2(middle[2], hypot(middle[0], middle[1])) / 0.017453292519943295};
        double xy[2];
        assert_int_equal(wk_wcs_to_pixel(wcs, 1, sky, xy, NULL), WK_OK);
        double x = fmin(fabs(xy[0] + 0.5), fabs(xy[0] - 399.5));
        double y = fmin(fabs(xy[1] + 0.5), fabs(xy[1] - 299.5));
        /* the scale varies by some percent over the image */
        assert_true(fmin(x, y) < 0.11);
    }
    wk_wcs_free(wcs);
    wk_footprint_release(&f);
}

static void test_meet(void **state)
{
    (void)state;
    scene_exposure a = plain(150.0, 2.0);
    scene_exposure b = plain(150.035, 2.0);
    scene_exposure diagonal = plain(150.045, 2.035);
    scene_exposure touching = plain(150.04, 2.0);
    assert_true(meet(&a, &b));
    assert_true(meet(&a, &touching));
    assert_false(meet(&a, &diagonal));
    diagonal.rotation = 45.0; /* its corner now reaches towards a, not far enough */
    assert_false(meet(&a, &diagonal));
    scene_exposure behind = plain(330.0, -2.0);
    assert_false(meet(&a, &behind));
}

static void test_wrap_and_pole(void **state)
{
    (void)state;
    scene_exposure a = plain(359.99, 10.0);
    scene_exposure b = plain(0.01, 10.0);
    assert_true(meet(&a, &b));
    scene_exposure north = plain(10.0, 89.995);
    scene_exposure over = plain(190.0, 89.995);
    scene_exposure off = plain(190.0, 89.9);
    assert_true(meet(&north, &over));
    assert_false(meet(&north, &off));
}

static void test_one_pixel(void **state)
{
    (void)state;
    scene_exposure a = plain(150.0, 2.0);
    scene_exposure dot = plain(150.0, 2.0);
    dot.width = dot.height = 1;
    assert_true(meet(&a, &dot));
    dot.ra = 150.03;
    assert_false(meet(&a, &dot));
}

/* An image wider than a hemisphere: its border has no position, so it may be anywhere. */
static void test_beyond_the_projection(void **state)
{
    (void)state;
    scene_exposure wide = plain(150.0, 2.0);
    wide.scale = 5.0;
    scene_exposure a = plain(150.0, 2.0);
    wk_footprint f = make(&wide);
    assert_true(f.radius > 3.0);
    wk_footprint_release(&f);
    assert_true(meet(&a, &wide));
}

static int reach(const wk_footprint *f, double ra, double dec, double degrees)
{
    double centre[3];
    wk_vector_from_sky(centre, (const double[2]){ra, dec});
    return wk_footprint_reach(f, centre, degrees * 0.017453292519943295);
}

/* 400 x 300 px of 1e-4 degrees reach 0.015 degrees north of their centre; one of 60 degrees across
 * has corners that lie more than 90 degrees from points within it. */
static void test_reach(void **state)
{
    (void)state;
    scene_exposure e = plain(150.0, 2.0);
    wk_footprint f = make(&e);
    assert_true(reach(&f, 150.0, 2.0, 0.0) && reach(&f, 150.019, 1.9855, 0.0));
    assert_true(reach(&f, 150.0, 2.1, 0.08501) && !reach(&f, 150.0, 2.1, 0.08499));
    assert_false(reach(&f, 330.0, -2.0, 1.0));
    assert_true(reach(&f, 330.0, -2.0, 180.0));
    wk_footprint_release(&f);
    e.width = e.height = 200;
    e.scale = 0.6;
    f = make(&e);
    assert_true(f.count > 0 && f.radius > 0.9);
    assert_true(reach(&f, 195.0, 2.0, 0.0) && reach(&f, 105.5, 2.0, 0.0));
    assert_false(reach(&f, 203.0, 2.0, 0.0));
    wk_footprint_release(&f);
    f = (wk_footprint){.centre = {1, 0, 0}, .radius = 4};
    assert_true(reach(&f, 180.0, 0.0, 0.0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_straight_edges_need_corners_only),
        cmocka_unit_test(test_bowed_edges_are_followed),
        cmocka_unit_test(test_meet),
        cmocka_unit_test(test_wrap_and_pole),
        cmocka_unit_test(test_one_pixel),
        cmocka_unit_test(test_beyond_the_projection),
        cmocka_unit_test(test_reach),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
