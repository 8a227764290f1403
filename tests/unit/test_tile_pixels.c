#include "tile_case.h"

static wk_tile_sky *load_sky(const wk_tile *tile)
{
    wk_tile_sky *sky = NULL;
    wk_error error = {WK_OK, "", ""};
    if (wk_tile_sky_load(&sky, tile, &error) != WK_OK)
        fail_msg("%s", error.message);
    return sky;
}

/* Each condition takes its own pixel away; x + 10, y + 8 is the place in the coadd. */
static void test_all_six_conditions(void **state)
{
    (void)state;
    wk_tile_pixels pixels = {.width = 0};
    tile_write();
    tile_set("seg.fits", 1, 8 * TILE_WIDTH + 10, 3.0);
    tile_set("coadd.fits", 2, 8 * TILE_WIDTH + 12, 1.0);
    tile_set("coadd.fits", 3, 9 * TILE_WIDTH + 14, 0.0);
    tile_set("se.fits", 2, 30, 512.0);
    tile_set("se.fits", 3, 31, 0.0);
    tile_set("se.fits", 3, 32, NAN);
    tile_set("se.fits", 3, 33, -1.0);
    tile_set("se.fits", 1, 34, NAN); /* does not count as bad */
    tile_set("bkg.fits", 1, 35, 30.0);
    wk_tile *tile = tile_read(TILE_INFO);
    wk_tile_sky *sky = load_sky(tile);
    assert_int_equal(wk_tile_pixels_load(&pixels, tile, sky, 0, NULL), WK_OK);
    assert_int_equal(pixels.width, SE_WIDTH);
    assert_int_equal(pixels.height, SE_HEIGHT);
    assert_int_equal(pixels.good, SE_WIDTH * SE_HEIGHT - 7);
    for (int i = 0; i < SE_WIDTH * SE_HEIGHT; i++) {
        int bad = i == 0 || i == 2 || i == 24 || (i >= 30 && i <= 33);
        assert_int_equal(pixels.bad[i], bad);
        if (i == 34)
            assert_true(isnan(pixels.values[i]));
        else
            assert_true(pixels.values[i] == 0.5 * (100.0 + i - (i == 35 ? 30.0 : 40.0)));
    }
    wk_tile_pixels_release(&pixels);
    wk_tile_sky_free(sky);
    wk_tile_free(tile);
    wk_tile_pixels_release(NULL);
}

/* The image hangs over the coadd's left and lower edges: (x - 15, y - 4). */
static void test_pixels_off_the_coadd(void **state)
{
    (void)state;
    wk_tile_pixels pixels = {.width = 0};
    tile_write();
    tile_planes("se.fits", SE_WIDTH, SE_HEIGHT, 36.0, 20.0, 21.0);
    wk_tile *tile = tile_read(TILE_INFO);
    wk_tile_sky *sky = load_sky(tile);
    assert_int_equal(wk_tile_pixels_load(&pixels, tile, sky, 0, NULL), WK_OK);
    assert_int_equal(pixels.good, (SE_WIDTH - 15) * (SE_HEIGHT - 4));
    for (int i = 0; i < SE_WIDTH * SE_HEIGHT; i++)
        assert_int_equal(pixels.bad[i], i % SE_WIDTH < 15 || i / SE_WIDTH < 4);
    /* one that misses it has no good pixel; the buffers are used again */
    const double *before = pixels.values;
    tile_planes("se.fits", SE_WIDTH, SE_HEIGHT, 11.0, 8.0, 201.0);
    assert_int_equal(wk_tile_pixels_load(&pixels, tile, sky, 0, NULL), WK_OK);
    assert_int_equal(pixels.good, 0);
    assert_ptr_equal(pixels.values, before);
    wk_tile_pixels_release(&pixels);
    assert_null(pixels.values);
    wk_tile_sky_free(sky);
    wk_tile_free(tile);
}

/* float64 and integer images keep all their digits. */
static void test_values_are_taken_as_stored(void **state)
{
    (void)state;
    const int types[] = {DOUBLE_IMG, LONG_IMG, FLOAT_IMG};
    for (int i = 0; i < 3; i++) {
        wk_tile_pixels pixels = {.width = 0};
        tile_write();
        tile_plane("bkg.fits", types[i], SE_WIDTH, SE_HEIGHT, 16777217.0);
        wk_tile *tile = tile_read(TILE_INFO);
        wk_tile_sky *sky = load_sky(tile);
        assert_int_equal(wk_tile_pixels_load(&pixels, tile, sky, 0, NULL), WK_OK);
        double level = types[i] == FLOAT_IMG ? 16777216.0 : 16777217.0;
        assert_true(pixels.values[0] == 0.5 * (100.0 - level));
        wk_tile_pixels_release(&pixels);
        wk_tile_sky_free(sky);
        wk_tile_free(tile);
    }
}

static void refused(const char *text, size_t index, wk_status expected, const char *words)
{
    wk_tile_pixels pixels = {.width = 0};
    wk_error error = {WK_OK, "", ""};
    wk_tile *tile = tile_read(text);
    wk_tile_sky *sky = load_sky(tile);
    assert_int_equal(wk_tile_pixels_load(&pixels, tile, sky, index, &error), expected);
    if (!strstr(error.message, words) || !error.subject[0])
        fail_msg("'%s' of '%s' does not say '%s'", error.message, error.subject, words);
    wk_tile_pixels_release(&pixels);
    wk_tile_sky_free(sky);
    wk_tile_free(tile);
}

static void test_refuses_what_does_not_fit(void **state)
{
    (void)state;
    tile_write();
    refused(TILE_INFO, 1, WK_ARGUMENT, "the tile has 1 images, none is 1");
    refused(TILE_COADD "src_info:\n- image_path: se.fits\n  image_ext: sci\n  weight_path: ~\n"
                       "  bmask_path: se.fits\n  bmask_ext: msk\n  bkg_path: bkg.fits\n"
                       "  bkg_ext: sci\n  scale: 1\n",
            0, WK_HEADER, "src_info[0] names no weight_path (line 10)");
    tile_plane("bkg.fits", FLOAT_IMG, SE_WIDTH + 1, SE_HEIGHT, 0.0);
    refused(TILE_INFO, 0, WK_HEADER, "is 21 x 12 pixels, not 20 x 12 as ");
    remove(fixture_path("bkg.fits"));
    refused(TILE_INFO, 0, WK_FILE, "there is no such file");
    tile_plane("bkg.fits", FLOAT_IMG, SE_WIDTH, SE_HEIGHT, 0.0);
    refused(TILE_COADD "src_info:\n- image_path: bkg.fits\n  image_ext: sci\n"
                       "  weight_path: se.fits\n  weight_ext: wgt\n  bmask_path: se.fits\n"
                       "  bmask_ext: msk\n  bkg_path: bkg.fits\n  bkg_ext: sci\n  scale: 1\n",
            0, WK_WCS, "no world coordinates");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_six_conditions),
        cmocka_unit_test(test_pixels_off_the_coadd),
        cmocka_unit_test(test_values_are_taken_as_stored),
        cmocka_unit_test(test_refuses_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
