#include "tile_case.h"

#include "tile_file.h"

static void check_refused(const char *text, int64_t index, const char *key, wk_status expected,
                          const char *words, const char *subject)
{
    wk_tile *tile = tile_read(text);
    wk_tile_file file;
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_tile_file_open(&file, tile, index, key, NULL, &error), expected);
    if (!strstr(error.message, words) || !strstr(error.subject, subject))
        fail_msg("'%s' of '%s' does not say '%s'", error.message, error.subject, words);
    assert_null(file.fits);
    wk_tile_file_close(&file);
    wk_tile_free(tile);
}

static void test_finds_extensions(void **state)
{
    (void)state;
    static const struct {
        const char *ext, *name;
    } cases[] = {
        {"sci", "se.fits[1]"}, {"WGT", "se.fits[3]"}, {"2", "se.fits[2]"}, {"~", "se.fits[1]"}};
    tile_write();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[1000];
        wk_tile_file file;
        snprintf(text, sizeof text,
                 TILE_COADD "src_info:\n- image_path: se.fits\n  image_ext: %s\n"
                            "  weight_path: ~\n  bmask_path: ~\n  bkg_path: ~\n  scale: 1\n",
                 cases[i].ext);
        wk_tile *tile = tile_read(text);
        assert_int_equal(wk_tile_file_open(&file, tile, 0, "image", NULL, NULL), WK_OK);
        assert_non_null(strstr(file.name, cases[i].name));
        assert_int_equal(file.width, SE_WIDTH);
        assert_int_equal(file.height, SE_HEIGHT);
        wk_tile_file_close(&file);
        wk_tile_free(tile);
    }
}

static void test_reads_rows(void **state)
{
    (void)state;
    double values[SE_WIDTH * SE_HEIGHT];
    wk_wcs *wcs = NULL;
    wk_tile_file image, weight;
    wk_tile *tile = tile_read(TILE_INFO);
    assert_int_equal(wk_tile_file_open(&image, tile, 0, "image", NULL, NULL), WK_OK);
    assert_int_equal(wk_tile_file_open(&weight, tile, 0, "weight", &image, NULL), WK_OK);
    assert_true(image.single && weight.single);
    assert_int_equal(wk_tile_file_rows(&image, 0), SE_HEIGHT);
    assert_int_equal(wk_tile_file_rows(&image, SE_HEIGHT - 1), 1);
    assert_int_equal(wk_tile_file_read(values, &image, 2, 3, NULL), WK_OK);
    for (int i = 0; i < 3 * SE_WIDTH; i++)
        assert_true(values[i] == 100.0 + 2 * SE_WIDTH + i);
    assert_int_equal(wk_tile_file_wcs(&wcs, &image, NULL), WK_OK);
    double xy[2] = {10.0, 7.0}, sky[2];
    assert_int_equal(wk_wcs_to_sky(wcs, 1, xy, sky, NULL), WK_OK);
    assert_true(fabs(sky[0] - 21.0) < 1e-12 && fabs(sky[1] + 33.0) < 1e-12);
    wk_wcs_free(wcs);
    wk_tile_file_close(&weight);
    wk_tile_file_close(&image);
    wk_tile_free(tile);
}

/* More rows than one strip has, stored as float32 in one file and as float64 in another. */
static void test_reads_many_strips(void **state)
{
    (void)state;
    long width = 3000, height = 100;
    double *values = malloc((size_t)(width * height) * sizeof *values);
    assert_non_null(values);
    const int types[] = {FLOAT_IMG, DOUBLE_IMG};
    for (int i = 0; i < 2; i++) {
        wk_tile_file file;
        fitsfile *made = fixture_create("se.fits");
        fixture_empty(made);
        fixture_ramp(made, types[i], width, height, "SCI", 0, 0);
        fixture_close(made);
        wk_tile *tile = tile_read(TILE_INFO);
        assert_int_equal(wk_tile_file_open(&file, tile, 0, "image", NULL, NULL), WK_OK);
        assert_int_equal(file.single, i == 0);
        assert_true(wk_tile_file_rows(&file, 0) < height);
        assert_int_equal(wk_tile_file_read(values, &file, 0, height, NULL), WK_OK);
        for (long k = 0; k < width * height; k++)
            assert_true(values[k] == (double)k);
        wk_tile_file_close(&file);
        wk_tile_free(tile);
    }
    free(values);
}

static void test_says_what_is_not_there(void **state)
{
    (void)state;
    tile_write();
    check_refused(TILE_INFO, 0, "seg", WK_HEADER, "src_info[0] names no seg_path (line 10)",
                  "info.yaml");
    check_refused(TILE_COADD "bmask_path2: 1\nsrc_info: []\n", -1, "bkg", WK_HEADER,
                  "the coadd names no bkg_path (line 1)", "info.yaml");
    check_refused("image_path: none.fits\nimage_ext: sci\nweight_path: ~\nbmask_path: ~\n"
                  "seg_path: ~\nsrc_info: []\n",
                  -1, "image", WK_FILE, "there is no such file", "none.fits");
    check_refused("image_path: se.fits\nimage_ext: seg\nweight_path: se.fits\nweight_ext: 0\n"
                  "bmask_path: se.fits\nbmask_ext: '77'\nseg_path: ~\nsrc_info: []\n",
                  -1, "image", WK_HEADER, "has no image extension 'seg'; there is SCI, MSK, WGT",
                  "se.fits");
    check_refused("image_path: se.fits\nimage_ext: seg\nweight_path: se.fits\nweight_ext: 0\n"
                  "bmask_path: se.fits\nbmask_ext: '77'\nseg_path: ~\nsrc_info: []\n",
                  -1, "weight", WK_HEADER, "has no image extension '0'", "se.fits");
    check_refused("image_path: se.fits\nimage_ext: seg\nweight_path: se.fits\nweight_ext: 0\n"
                  "bmask_path: se.fits\nbmask_ext: '77'\nseg_path: ~\nsrc_info: []\n",
                  -1, "bmask", WK_HEADER, "has no image extension '77'", "se.fits");
}

static void test_refuses_other_shapes(void **state)
{
    (void)state;
    long cube[3] = {4, 3, 2};
    wk_error error = {WK_OK, "", ""};
    wk_tile_file image, other;
    fitsfile *file = fixture_create("bkg.fits");
    fixture_empty(file);
    fixture_hdu(file, FLOAT_IMG, 3, cube, "SCI", 0);
    fixture_close(file);
    check_refused(TILE_INFO, 0, "bkg", WK_HEADER, "is no image but a cube", "bkg.fits");
    wk_tile *tile = tile_read(TILE_INFO);
    assert_int_equal(wk_tile_file_open(&image, tile, -1, "image", NULL, NULL), WK_OK);
    assert_int_equal(wk_tile_file_open(&other, tile, 0, "weight", &image, &error), WK_HEADER);
    assert_non_null(strstr(error.message, "is 20 x 12 pixels, not 40 x 30 as "));
    assert_non_null(strstr(error.message, "coadd.fits[1]"));
    assert_non_null(strstr(error.subject, "se.fits[3]"));
    wk_tile_file_close(&image);
    wk_tile_free(tile);
    file = fixture_create("seg.fits");
    fixture_empty(file);
    fixture_close(file);
    check_refused("image_path: seg.fits\nimage_ext: ~\nweight_path: ~\nbmask_path: ~\n"
                  "seg_path: ~\nsrc_info: []\n",
                  -1, "image", WK_HEADER, "holds no image", "seg.fits");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finds_extensions),     cmocka_unit_test(test_reads_rows),
        cmocka_unit_test(test_reads_many_strips),    cmocka_unit_test(test_says_what_is_not_there),
        cmocka_unit_test(test_refuses_other_shapes),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
