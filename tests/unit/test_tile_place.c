#include "scene.h"

#include "tile_place.h"

/* A coadd of random good and bad pixels. */
static void make_sky(wk_tile_sky *sky, const scene_exposure *e)
{
    uint32_t state = 77U;
    sky->wcs = scene_make_wcs(e);
    sky->width = e->width;
    sky->height = e->height;
    assert_int_equal(wk_footprint_create(&sky->footprint, sky->wcs, e->width, e->height, NULL),
                     WK_OK);
    sky->bad = malloc((size_t)(e->width * e->height));
    assert_non_null(sky->bad);
    for (int64_t i = 0; i < e->width * e->height; i++) {
        state = state * 1664525U + 1013904223U;
        sky->bad[i] = (uint8_t)(state >> 31);
    }
}

static void release_sky(wk_tile_sky *sky)
{
    wk_wcs_free(sky->wcs);
    wk_footprint_release(&sky->footprint);
    free(sky->bad);
}

/* The rule itself, pixel by pixel: floor(place + 0.5) within the coadd. */
static uint8_t by_the_rule(const wk_tile_sky *sky, wk_wcs *from, double x, double y)
{
    double xy[2] = {x, y};
    assert_int_equal(wk_wcs_to_sky(from, 1, xy, xy, NULL), WK_OK);
    assert_int_equal(wk_wcs_to_pixel(sky->wcs, 1, xy, xy, NULL), WK_OK);
    double cx = floor(xy[0] + 0.5), cy = floor(xy[1] + 0.5);
    if (!(cx >= 0.0 && cy >= 0.0 && cx < (double)sky->width && cy < (double)sky->height))
        return 1;
    return sky->bad[(int64_t)cy * sky->width + (int64_t)cx];
}

/* Every pixel of an image against the rule; returns how many are good. */
static int64_t check(const scene_exposure *image, const scene_exposure *coadd)
{
    wk_tile_sky sky;
    make_sky(&sky, coadd);
    wk_wcs *from = scene_make_wcs(image);
    size_t count = (size_t)(image->width * image->height);
    uint8_t *bad = malloc(count);
    assert_non_null(bad);
    assert_int_equal(wk_tile_place(bad, image->width, image->height, from, &sky, NULL), WK_OK);
    int64_t good = 0;
    for (int64_t y = 0; y < image->height; y++)
        for (int64_t x = 0; x < image->width; x++) {
            uint8_t here = bad[y * image->width + x];
            if (here != by_the_rule(&sky, from, (double)x, (double)y))
                fail_msg("pixel %lld, %lld is %d", (long long)x, (long long)y, here);
            good += !here;
        }
    free(bad);
    wk_wcs_free(from);
    release_sky(&sky);
    return good;
}

static scene_exposure plain(int64_t width, int64_t height)
{
    scene_exposure e;
    memset(&e, 0, sizeof e);
    e.width = width;
    e.height = height;
    e.ra = 150.0;
    e.dec = 2.0;
    e.scale = 1e-4;
    return e;
}

/* The same scale and tangent point: pixel (x, y) is (x + 20, y + 10) of the coadd. */
static void test_whole_shifts(void **state)
{
    (void)state;
    wk_tile_sky sky;
    scene_exposure coadd = plain(100, 60), image = plain(60, 40);
    uint8_t bad[60 * 40];
    make_sky(&sky, &coadd);
    wk_wcs *from = scene_make_wcs(&image);
    assert_int_equal(wk_tile_place(bad, 60, 40, from, &sky, NULL), WK_OK);
    for (int y = 0; y < 40; y++)
        for (int x = 0; x < 60; x++)
            assert_int_equal(bad[y * 60 + x], sky.bad[(y + 10) * 100 + x + 20]);
    wk_wcs_free(from);
    release_sky(&sky);
}

static void test_turned_and_bent_images_follow_the_rule(void **state)
{
    (void)state;
    scene_exposure coadd = plain(300, 280), image = plain(270, 330);
    image.rotation = 30.0;
    image.scale = 0.83e-4;
    assert_true(check(&image, &coadd) > 20000);
    image.sip = 1;
    assert_true(check(&image, &coadd) > 20000);
    coadd.sip = 1;
    image.shift[0] = 150.0; /* partly off the coadd */
    assert_true(check(&image, &coadd) > 1000);
}

/* Columns that lie on the boundary between two coadd pixels, but for 1e-7 px, less than the
 * interpolation is trusted for. */
static void test_places_on_a_boundary(void **state)
{
    (void)state;
    scene_exposure coadd = plain(200, 200), image = plain(100, 100);
    image.shift[0] = 0.5 + 1e-7;
    image.shift[1] = -0.5 + 1e-7;
    assert_true(check(&image, &coadd) > 4000);
    image.shift[0] = 0.5 - 1e-7;
    assert_true(check(&image, &coadd) > 4000);
}

static void test_right_ascension_zero(void **state)
{
    (void)state;
    scene_exposure coadd = plain(300, 200), image = plain(200, 190);
    coadd.ra = 0.0;
    image.ra = 359.999;
    image.rotation = 91.0;
    assert_true(check(&image, &coadd) > 10000);
}

static void test_images_elsewhere_have_no_good_pixel(void **state)
{
    (void)state;
    scene_exposure coadd = plain(60, 50), image = plain(40, 30);
    image.ra = 151.0;
    assert_int_equal(check(&image, &coadd), 0);
    image.ra = 330.0; /* the far side of the sky */
    image.dec = -2.0;
    assert_int_equal(check(&image, &coadd), 0);
}

/* Pixels of a degree: no grid can follow, a part has no place on the coadd's plane at all. */
static void test_coarse_pixels(void **state)
{
    (void)state;
    scene_exposure coadd = plain(150, 150), image = plain(90, 70);
    coadd.scale = 1.0;
    image.scale = 1.7;
    image.ra = 200.0;
    image.rotation = 20.0;
    assert_true(check(&image, &coadd) > 500);
}

static void test_single_pixels(void **state)
{
    (void)state;
    scene_exposure coadd = plain(1, 1), image = plain(1, 1);
    check(&image, &coadd);
    image = plain(9, 1);
    check(&image, &coadd);
}

static void test_larger_than_many_cells(void **state)
{
    (void)state;
    scene_exposure coadd = plain(1500, 900), image = plain(1030, 515);
    image.rotation = -0.05;
    image.shift[1] = 300.0;
    assert_true(check(&image, &coadd) > 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_shifts),
        cmocka_unit_test(test_turned_and_bent_images_follow_the_rule),
        cmocka_unit_test(test_places_on_a_boundary),
        cmocka_unit_test(test_right_ascension_zero),
        cmocka_unit_test(test_images_elsewhere_have_no_good_pixel),
        cmocka_unit_test(test_coarse_pixels),
        cmocka_unit_test(test_single_pixels),
        cmocka_unit_test(test_larger_than_many_cells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
