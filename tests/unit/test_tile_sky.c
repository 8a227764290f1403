#include "tile_case.h"

#include "tile_sky.h"

static void check_refused(const char *text, wk_status expected, const char *words)
{
    wk_tile *tile = tile_read(text);
    wk_tile_sky *sky = (wk_tile_sky *)1;
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_tile_sky_load(&sky, tile, &error), expected);
    assert_null(sky);
    if (!strstr(error.message, words))
        fail_msg("'%s' does not say '%s'", error.message, words);
    assert_true(error.subject[0] != '\0');
    wk_tile_free(tile);
}

static void test_marks_what_may_not_be_used(void **state)
{
    (void)state;
    const double values[6] = {0.0, -0.0, 1.0, -1e-300, NAN, INFINITY};
    const uint8_t flagged[6] = {0, 0, 1, 1, 1, 1};
    const uint8_t weightless[6] = {1, 1, 0, 1, 1, 0};
    uint8_t bad[6] = {0};
    wk_tile_mark_flagged(bad, values, 6);
    assert_memory_equal(bad, flagged, 6);
    memset(bad, 0, sizeof bad);
    wk_tile_mark_weightless(bad, values, 6);
    assert_memory_equal(bad, weightless, 6);
    memset(bad, 1, sizeof bad);
    wk_tile_mark_weightless(bad, values, 6);
    wk_tile_mark_flagged(bad, values, 6);
    for (int i = 0; i < 6; i++)
        assert_int_equal(bad[i], 1);
}

static void test_joins_the_planes_of_the_coadd(void **state)
{
    (void)state;
    wk_tile_sky *sky = NULL;
    tile_write();
    tile_set("seg.fits", 1, 5, 12.0);
    tile_set("coadd.fits", 2, 45, -2147483648.0);
    tile_set("coadd.fits", 3, 81, 0.0);
    tile_set("coadd.fits", 3, 82, NAN);
    tile_set("coadd.fits", 3, 1199, -1.0);
    tile_set("coadd.fits", 1, 300, NAN); /* the coadd's own values do not count */
    wk_tile *tile = tile_read(TILE_INFO);
    assert_int_equal(wk_tile_sky_load(&sky, tile, NULL), WK_OK);
    assert_int_equal(sky->width, TILE_WIDTH);
    assert_int_equal(sky->height, TILE_HEIGHT);
    for (int i = 0; i < TILE_WIDTH * TILE_HEIGHT; i++)
        assert_int_equal(sky->bad[i], i == 5 || i == 45 || i == 81 || i == 82 || i == 1199);
    wk_tile_sky_free(sky);
    wk_tile_free(tile);
    wk_tile_sky_free(NULL);
}

static void test_planes_must_be_of_one_size(void **state)
{
    (void)state;
    tile_write();
    tile_plane("seg.fits", LONG_IMG, TILE_WIDTH, TILE_HEIGHT + 1, 0.0);
    check_refused(TILE_INFO, WK_HEADER, "is 40 x 31 pixels, not 40 x 30 as ");
    tile_plane("seg.fits", LONG_IMG, TILE_WIDTH, TILE_HEIGHT, 0.0);
    tile_plane("weight.fits", FLOAT_IMG, TILE_WIDTH - 1, TILE_HEIGHT, 0.0);
    check_refused("image_path: coadd.fits\nimage_ext: sci\nweight_path: weight.fits\n"
                  "weight_ext: sci\nbmask_path: coadd.fits\nbmask_ext: msk\nseg_path: seg.fits\n"
                  "seg_ext: sci\nsrc_info: []\n",
                  WK_HEADER, "is 39 x 30 pixels, not 40 x 30 as ");
}

static void test_refuses_what_is_missing(void **state)
{
    (void)state;
    tile_write();
    remove(fixture_path("seg.fits"));
    check_refused(TILE_INFO, WK_FILE, "there is no such file");
    tile_plane("coadd.fits", FLOAT_IMG, TILE_WIDTH, TILE_HEIGHT, 0.0);
    check_refused(TILE_INFO, WK_WCS, "no world coordinates");
    check_refused("image_path: ~\nweight_path: ~\nbmask_path: ~\nseg_path: ~\nsrc_info: []\n",
                  WK_HEADER, "the coadd names no image_path (line 1)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_marks_what_may_not_be_used),
        cmocka_unit_test(test_joins_the_planes_of_the_coadd),
        cmocka_unit_test(test_planes_must_be_of_one_size),
        cmocka_unit_test(test_refuses_what_is_missing),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
