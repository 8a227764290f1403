#include "tile_case.h"

#include "tile.h"

static void test_reads_a_tile(void **state)
{
    (void)state;
    char path[512];
    wk_tile *tile = tile_read("band: Y\ncrossra0: N\ntilename: DES0000-0001\nscale: 1.0\n"
                              "image_shape: [200, 220]\nmagzp: 30.0\nudecmin: -33.5\n" TILE_COADD
                              "src_info:\n" TILE_SOURCE
                              "  band: Y\n  expnum: 602600\n  ccdnum: 4\n  seg_path: null\n"
                              "  magzp: 31.62564468383789\n  image_flags: 1073741824\n"
                              "  image_shape:\n  - 96\n  - 64\n"
                              "- image_path: $MEDS_DIR/b.fits.fz\n  image_ext: sci\n"
                              "  weight_path:\n  bmask_path: ''\n  bkg_path: ~\n"
                              "  scale: 0.22373922348019604\n");
    const wk_tile_image *coadd = wk_tile_coadd(tile);
    snprintf(path, sizeof path, "%s/coadd.fits", fixture_folder);
    assert_string_equal(coadd->image.path, path);
    assert_string_equal(coadd->bmask.ext, "msk");
    assert_string_equal(coadd->band, "Y");
    assert_string_equal(coadd->tilename, "DES0000-0001");
    assert_string_equal(coadd->filename, "");
    assert_true(coadd->scale == 1.0 && coadd->magzp == 30.0);
    assert_int_equal(coadd->shape[0], 200);
    assert_int_equal(coadd->shape[1], 220);
    assert_int_equal(coadd->expnum, -1);
    assert_int_equal(coadd->line, 1);
    assert_null(coadd->background.path);
    assert_int_equal(wk_tile_count(tile), 2);
    const wk_tile_image *one = wk_tile_source(tile, 0);
    assert_int_equal(one->expnum, 602600);
    assert_int_equal(one->ccdnum, 4);
    assert_int_equal(one->image_flags, 1073741824);
    assert_true(one->magzp == 31.62564468383789);
    assert_int_equal(one->shape[1], 64);
    assert_int_equal(one->line, 17);
    assert_null(one->seg.path);
    const wk_tile_image *two = wk_tile_source(tile, 1);
    assert_string_equal(two->image.path, "/meds/b.fits.fz");
    assert_true(two->scale == 0.22373922348019604);
    assert_true(isnan(two->magzp));
    assert_null(two->weight.path);
    assert_null(two->bmask.path);
    assert_null(two->background.path);
    assert_string_equal(two->band, "");
    assert_null(wk_tile_source(tile, 2));
    wk_tile_free(tile);
}

static void test_keeps_values_as_texts(void **state)
{
    (void)state;
    wk_tile *tile =
        tile_read("crossra0: N\nshape: [200, '220']\nnone: null\nempty: []\n"
                  "deep: {a: 1}\nmixed: [1, [2]]\nuramin: 20.73199999999999932\n" TILE_INFO
                  "  piff_path: null\n  other: [a, null, b]\n");
    assert_string_equal(wk_tile_value(tile, -1, "crossra0"), "N");
    assert_string_equal(wk_tile_value(tile, -1, "shape"), "200,220");
    assert_string_equal(wk_tile_value(tile, -1, "empty"), "");
    assert_string_equal(wk_tile_value(tile, -1, "uramin"), "20.73199999999999932");
    assert_null(wk_tile_value(tile, -1, "none"));
    assert_null(wk_tile_value(tile, -1, "deep"));
    assert_null(wk_tile_value(tile, -1, "mixed"));
    assert_null(wk_tile_value(tile, -1, "src_info"));
    assert_null(wk_tile_value(tile, -1, "absent"));
    assert_string_equal(wk_tile_value(tile, 0, "image_path"), "se.fits");
    assert_string_equal(wk_tile_value(tile, 0, "other"), "a,,b");
    assert_null(wk_tile_value(tile, 0, "piff_path"));
    assert_null(wk_tile_value(tile, 1, "image_path"));
    assert_int_equal(wk_tile_node(tile, 0, "image_path")->line, 17);
    wk_tile_free(tile);
}

static void test_names_what_is_missing(void **state)
{
    (void)state;
    tile_refused("src_info: []\n", WK_HEADER, "the coadd has no image_path (line 1)");
    tile_refused("image_path: a\nsrc_info: []\n", WK_HEADER, "the coadd has no image_ext (line 1)");
    tile_refused(TILE_COADD, WK_HEADER, "the coadd has no src_info (line 1)");
    tile_refused(TILE_INFO "- image_ext: sci\n", WK_HEADER,
                 "src_info[1] has no image_path (line 19)");
    tile_refused(TILE_COADD "src_info:\n- image_path: a\n  image_ext: 1\n  weight_path: a\n"
                            "  weight_ext: b\n  bmask_path: null\n  scale: 1\n",
                 WK_HEADER, "src_info[0] has no bkg_path (line 10)");
    tile_refused(TILE_COADD "src_info:\n- image_path: ~\n  weight_path: ~\n  bmask_path: ~\n"
                            "  bkg_path: ~\n",
                 WK_HEADER, "src_info[0] has no scale (line 10)");
}

static void test_names_what_is_of_the_wrong_kind(void **state)
{
    (void)state;
    tile_refused("", WK_HEADER, "is not the map of a tile (line 1)");
    tile_refused("- a\n", WK_HEADER, "is not the map of a tile (line 1)");
    tile_refused(TILE_COADD "src_info:\n", WK_HEADER,
                 "the coadd: src_info is null, not a list of images (line 9)");
    tile_refused(TILE_INFO "- 5\n", WK_HEADER, "src_info[1] is not a map (line 19)");
    tile_refused(TILE_INFO "  magzp: faint\n", WK_HEADER,
                 "src_info[0]: magzp is 'faint', not a number (line 19)");
    tile_refused(TILE_INFO "  expnum: 1.5\n", WK_HEADER, "expnum is '1.5', not a whole number");
    tile_refused(TILE_INFO "  image_shape: [1, -2]\n", WK_HEADER, "image_shape is a list, not");
    tile_refused(TILE_INFO "  band: {a: 1}\n", WK_HEADER, "band is a map, not a text (line 19)");
    tile_refused("scale: 0.0\n" TILE_INFO, WK_HEADER,
                 "the coadd: scale is '0.0', not a positive number (line 1)");
    tile_refused("scale: .nan\n" TILE_INFO, WK_HEADER, "scale is '.nan'");
}

static void test_passes_on_what_the_text_is_refused_for(void **state)
{
    (void)state;
    tile_refused("image_path: $NOWHERE/a\n" TILE_SOURCE, WK_FILE, "line 2");
    tile_refused("image_path: $NOWHERE/a\nsrc_info: []\n", WK_HEADER,
                 "the coadd: image_path needs the variable NOWHERE, which is not known (line 1)");
    tile_refused("a: &x [*x]\n" TILE_INFO, WK_HEADER, "line 1: an anchor");
    wk_tile *tile = NULL;
    assert_int_equal(wk_tile_read(&tile, "/nonexistent/info.yaml", NULL, NULL, NULL), WK_FILE);
    assert_null(tile);
    wk_tile_free(NULL);
}

static void test_a_tile_may_have_no_image(void **state)
{
    (void)state;
    wk_tile *tile = tile_read(TILE_COADD "src_info: []\n");
    assert_int_equal(wk_tile_count(tile), 0);
    assert_null(wk_tile_source(tile, 0));
    assert_null(wk_tile_value(tile, 0, "band"));
    wk_tile_free(tile);
}

static void test_labels(void **state)
{
    (void)state;
    char label[WK_TILE_LABEL];
    wk_tile_label(label, -1);
    assert_string_equal(label, "the coadd");
    wk_tile_label(label, INT64_MAX);
    assert_string_equal(label, "src_info[9223372036854775807]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_a_tile),
        cmocka_unit_test(test_keeps_values_as_texts),
        cmocka_unit_test(test_names_what_is_missing),
        cmocka_unit_test(test_names_what_is_of_the_wrong_kind),
        cmocka_unit_test(test_passes_on_what_the_text_is_refused_for),
        cmocka_unit_test(test_a_tile_may_have_no_image),
        cmocka_unit_test(test_labels),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
