#include "tile_case.h"

#define COADD(name, band)                                                                          \
    "band: " band "\ntilename: DES0124-3332\nscale: 1.0\nimage_path: /c/" name "_r1p01_" band      \
    ".fits.fz\nimage_ext: sci\nweight_path: /c/" name "_r1p01_" band ".fits.fz\nweight_ext: wgt\n" \
    "bmask_path: /c/" name "_r1p01_" band ".fits\nbmask_ext: msk\nseg_path: /s/" name              \
    "_r1p01_" band "_segmap.fits\nseg_ext: sci\n"
#define SOURCE(slug, band)                                                                         \
    "- image_path: /i/" slug "_r1p01_immasked.fits.fz\n  image_ext: sci\n"                         \
    "  weight_path: /i/" slug "_r1p01_immasked.fits.fz\n  weight_ext: wgt\n"                       \
    "  bmask_path: /i/" slug "_r1p01_immasked.fits.fz\n  bmask_ext: msk\n"                         \
    "  bkg_path: /b/" slug "_r1p01_bkg.fits.fz\n  bkg_ext: sci\n  seg_path: null\n"                \
    "  psf_path: ''\n  scale: 0.5\n  band: " band "\n"
#define NUMBERS "  expnum: 602600\n  ccdnum: 4\n  tilename: DES0124-3332\n"

/* The sentences are these, in this order. */
static void check(const char *text, size_t expected, const char *const *words)
{
    wk_tile *tile = tile_read(text);
    char **problems = (char **)1;
    size_t count = 77;
    assert_int_equal(wk_tile_check(&problems, &count, tile, NULL), WK_OK);
    for (size_t i = 0; i < count; i++)
        if (i >= expected || !strstr(problems[i], words[i]))
            fail_msg("problem %zu: %s", i, problems[i]);
    assert_int_equal(count, expected);
    wk_tile_problems_free(problems, count);
    wk_tile_free(tile);
}

static void test_a_tile_in_order_has_no_problem(void **state)
{
    (void)state;
    check(COADD("DES0124-3332", "i") "src_info:\n" SOURCE("D00602600_i_c04", "i") NUMBERS
          "  head_path: /h/DES0124-3332_r1p01_D00602600_i_c04_scamp.ohead\n",
          0, NULL);
    check(COADD("DES0124-3332", "Y") "src_info: []\n", 0, NULL);
    wk_tile_problems_free(NULL, 0);
}

static void test_names_of_the_coadd(void **state)
{
    (void)state;
    const char *const words[] = {
        "scale is 1.5, not 1 (line 2)", "seg_path is of the tile DES9, not DES0124-3332 (line 9)",
        "gaia_stars_file is of the tile DES8, not",
        ("image_path DES0124-3332_i.fits.gz does not end with _i.fits or "
         "that and .fz (line 3)"),
        "cat_path DES0124-3332_r_cat.fits does not end with _i_cat.fits ("};
    check("band: i\nscale: 1.5\nimage_path: DES0124-3332_i.fits.gz\nimage_ext: sci\n"
          "weight_path: ~\nbmask_path: /b/DES0124-3332_i.fits\nbmask_ext: msk\nseg_ext: sci\n"
          "seg_path: DES9_i_segmap.fits.fz\ngaia_stars_file: DES8_x.fits\n"
          "cat_path: DES0124-3332_r_cat.fits\nsrc_info: []\n",
          5, words);
}

static void test_names_of_an_image(void **state)
{
    (void)state;
    const char *const words[] = {
        "src_info[0]: band is r, not i (line 27)",
        "src_info[0]: tilename is DES9, not DES0124-3332 (line 30)",
        "src_info[0]: head_path X_i_c04_scamp.ohead does not start with DES0124-3332 (line 31)",
        ("src_info[0]: image_path D00602600_r_c04_r1p01_immasked.fits.fz does not start with "
         "D00602600_i_c04_ (line 16)"),
        "src_info[0]: weight_path",
        "src_info[0]: bmask_path",
        "src_info[0]: bkg_path"};
    check(COADD("DES0124-3332", "i") "crossra0: N\nmagzp: 30.0\nuramin: 1\nsrc_info:\n" SOURCE(
              "D00602600_r_c04", "r") "  expnum: 602600\n  ccdnum: 4\n"
                                      "  tilename: DES9\n  head_path: /h/X_i_c04_scamp.ohead\n",
          7, words);
}

static void test_what_is_missing(void **state)
{
    (void)state;
    const char *const words[] = {"src_info[0] has no tilename (line 13)",
                                 "src_info[0] has no ccdnum", "src_info[0] has no expnum"};
    check(COADD("DES0124-3332", "i") "src_info:\n" SOURCE("D00602600_i_c04", "i"), 3, words);
    const char *const none[] = {"the coadd has no band (line 1)",
                                "seg_path is of the tile seg.fits, not coadd.fits (line 7)",
                                "src_info[0] has no band",
                                "src_info[0] has no tilename",
                                "src_info[0] has no ccdnum",
                                "src_info[0] has no expnum"};
    check(TILE_INFO, 6, none);
}

/* A list where a word is expected elsewhere is refused before; here words may be very long. */
static void test_long_words_are_cut(void **state)
{
    (void)state;
    char text[6000], word[2000];
    memset(word, 'x', sizeof word);
    word[sizeof word - 1] = '\0';
    snprintf(text, sizeof text, "band: %s\ntilename: %s\n%ssrc_info: []\n", word, word, TILE_COADD);
    wk_tile *tile = tile_read(text);
    char **problems = NULL;
    size_t count = 0;
    assert_int_equal(wk_tile_check(&problems, &count, tile, NULL), WK_OK);
    assert_int_equal(count, 8); /* four names and four endings */
    wk_tile_problems_free(problems, count);
    wk_tile_free(tile);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_tile_in_order_has_no_problem),
        cmocka_unit_test(test_names_of_the_coadd),
        cmocka_unit_test(test_names_of_an_image),
        cmocka_unit_test(test_what_is_missing),
        cmocka_unit_test(test_long_words_are_cut),
    };
    return cmocka_run_group_tests(tests, fixture_setup, fixture_teardown);
}
