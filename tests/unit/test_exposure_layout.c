#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "exposure_layout.h"
#include "memory.h"

static wk_fits_hdu make(const char *name, int version)
{
    wk_fits_hdu hdu;
    memset(&hdu, 0, sizeof hdu);
    hdu.image = 1;
    hdu.version = version;
    hdu.axes = 2;
    hdu.width = 3;
    hdu.height = 4;
    hdu.depth = 1;
    snprintf(hdu.name, sizeof hdu.name, "%s", name);
    return hdu;
}

static wk_fits_hdu make_empty(void)
{
    wk_fits_hdu hdu = make("", 1);
    hdu.axes = 0;
    hdu.width = hdu.height = 0;
    return hdu;
}

static wk_status read_text(wk_extension *extension, const char *text)
{
    wk_error error;
    return wk_extension_read(extension, text, strlen(text), "a.fits", &error);
}

static void test_extension_texts(void **state)
{
    (void)state;
    wk_extension extension;
    assert_int_equal(read_text(&extension, "3"), WK_OK);
    assert_int_equal(extension.number, 3);
    assert_int_equal(read_text(&extension, " SCI , 2 "), WK_OK);
    assert_int_equal(extension.number, -1);
    assert_string_equal(extension.name, "SCI");
    assert_int_equal(extension.version, 2);
    assert_int_equal(read_text(&extension, "N10"), WK_OK);
    assert_int_equal(extension.version, 0);
}

static void test_bad_extension_texts(void **state)
{
    (void)state;
    static const char *const bad[] = {"",       " ",       "SCI,",    ",2",   "SCI,x",
                                      "SCI,0",  "-1",      "1:10,*",  "a=b",  "#row>3",
                                      "SCI,-2", "1.5,2,3", "A|rm -f", "b(c)", "9999999999,1,1"};
    wk_extension extension;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(read_text(&extension, bad[i]), WK_ARGUMENT);
}

static void test_extension_find(void **state)
{
    (void)state;
    wk_fits_hdu hdus[] = {make_empty(), make("SCI", 1), make("sci", 2), make("DQ", 1)};
    wk_hdu_list list = {hdus, 4};
    wk_extension extension;
    read_text(&extension, "SCI,2");
    assert_int_equal(wk_extension_find(&extension, list), 2);
    read_text(&extension, "SCI");
    assert_int_equal(wk_extension_find(&extension, list), 1);
    read_text(&extension, "4");
    assert_int_equal(wk_extension_find(&extension, list), -1);
    read_text(&extension, "SCI,3");
    assert_int_equal(wk_extension_find(&extension, list), -1);
}

static void expect_split(const char *path, wk_status status, const char *file, int bracketed)
{
    char *found = NULL;
    int seen = 0;
    wk_extension extension;
    wk_error error;
    assert_int_equal(wk_path_split(&found, &extension, &seen, path, &error), status);
    if (status == WK_OK) {
        assert_string_equal(found, file);
        assert_int_equal(seen, bracketed);
    }
    wk_memory_free(found);
}

static void test_path_split(void **state)
{
    (void)state;
    expect_split("a.fits", WK_OK, "a.fits", 0);
    expect_split("a.fits[3]", WK_OK, "a.fits", 1);
    expect_split("/d[1]/a.fits", WK_OK, "/d[1]/a.fits", 0);
    expect_split("/d[1]/a.fits[SCI,2]", WK_OK, "/d[1]/a.fits", 1);
    expect_split("", WK_OK, "", 0);
    expect_split("[3]", WK_ARGUMENT, NULL, 1);
    expect_split("a.fits]", WK_ARGUMENT, NULL, 1);
    expect_split("a.fits[]", WK_ARGUMENT, NULL, 1);
    expect_split("a.fits[SCI][1:5]", WK_ARGUMENT, NULL, 1);
    expect_split("a.fits[1][2]", WK_ARGUMENT, NULL, 1);
}

static void expect_sibling(const char *path, char letter, const char *expected)
{
    char *found = NULL;
    wk_error error;
    assert_int_equal(wk_path_sibling(&found, path, letter, &error), WK_OK);
    if (expected)
        assert_string_equal(found, expected);
    else
        assert_null(found);
    wk_memory_free(found);
}

static void test_sibling_names(void **state)
{
    (void)state;
    expect_sibling("x_ooi_/c4d_ooi_g_ooi_1.fits", 'd', "x_ooi_/c4d_ood_g_ooi_1.fits");
    expect_sibling("c4d_ooi_g.fits.fz", 'w', "c4d_oow_g.fits.fz");
    expect_sibling("x_ooi_/plain.fits", 'd', NULL);
    expect_sibling("c4d_ooi.fits", 'd', NULL);
}

static void expect_layout(const char *path, wk_fits_hdu *hdus, int count, wk_layout expected)
{
    wk_hdu_list list = {hdus, count};
    assert_int_equal(wk_layout_detect(path, list), expected);
}

static void test_detection(void **state)
{
    (void)state;
    wk_fits_hdu stsci[] = {make_empty(), make("SCI", 1), make("ERR", 1), make("DQ", 1)};
    wk_fits_hdu lsst[] = {make_empty(), make("IMAGE", 1), make("MASK", 1), make("VARIANCE", 1)};
    wk_fits_hdu old[] = {make_empty(), make("", 1), make("", 1), make("", 1)};
    wk_fits_hdu des[] = {make_empty(), make("SCI", 1), make("MSK", 1), make("WGT", 1)};
    wk_fits_hdu alone[] = {make("", 1)};
    strcpy(old[1].type, "IMAGE");
    strcpy(old[2].type, "MASK");
    expect_layout("a.fits", stsci, 4, WK_LAYOUT_STSCI);
    expect_layout("a_ooi_g.fits", stsci, 2, WK_LAYOUT_STSCI);
    expect_layout("a.fits", lsst, 4, WK_LAYOUT_LSST);
    expect_layout("a.fits", lsst, 2, WK_LAYOUT_PLAIN);
    expect_layout("a.fits", old, 4, WK_LAYOUT_LSST);
    expect_layout("a.fits", des, 4, WK_LAYOUT_DES);
    expect_layout("a.fits", des, 2, WK_LAYOUT_STSCI);
    expect_layout("a_ooi_g.fits", alone, 1, WK_LAYOUT_DECAM);
    expect_layout("a.fits", alone, 1, WK_LAYOUT_PLAIN);
    expect_layout("a.fits", alone, 0, WK_LAYOUT_PLAIN);
}

static void test_companions_of_the_same_file(void **state)
{
    (void)state;
    wk_fits_hdu hdus[] = {make_empty(),   make("SCI", 1), make("DQ", 1),
                          make("SCI", 2), make("DQ", 2),  make("ERR", 2)};
    wk_hdu_list list = {hdus, 6};
    assert_int_equal(wk_layout_companion(WK_LAYOUT_STSCI, WK_ROLE_MASK, list, &hdus[1], 1), 2);
    assert_int_equal(wk_layout_companion(WK_LAYOUT_STSCI, WK_ROLE_MASK, list, &hdus[3], 1), 4);
    assert_int_equal(wk_layout_companion(WK_LAYOUT_STSCI, WK_ROLE_NOISE, list, &hdus[1], 1), -1);
    assert_int_equal(wk_layout_companion(WK_LAYOUT_STSCI, WK_ROLE_NOISE, list, &hdus[3], 1), 5);
    assert_int_equal(wk_layout_companion(WK_LAYOUT_PLAIN, WK_ROLE_MASK, list, &hdus[1], 1), -1);
    hdus[4].axes = 0; /* HST writes a constant plane without pixels */
    assert_int_equal(wk_layout_companion(WK_LAYOUT_STSCI, WK_ROLE_MASK, list, &hdus[3], 1), -1);
}

static void test_companions_of_another_file(void **state)
{
    (void)state;
    wk_fits_hdu hdus[] = {make_empty(), make("S1", 1), make("N10", 1)};
    wk_hdu_list list = {hdus, 3};
    wk_fits_hdu image = make("N10", 1), other = make("N11", 1), nameless = make("", 1);
    assert_int_equal(wk_layout_companion(WK_LAYOUT_DECAM, WK_ROLE_MASK, list, &image, 0), 2);
    assert_int_equal(wk_layout_companion(WK_LAYOUT_DECAM, WK_ROLE_MASK, list, &other, 0), -1);
    assert_int_equal(wk_layout_companion(WK_LAYOUT_DECAM, WK_ROLE_MASK, list, &nameless, 0), 1);
    assert_int_equal(wk_layout_companion(WK_LAYOUT_PLAIN, WK_ROLE_MASK, list, &other, 0), 1);
}

static void test_planes(void **state)
{
    (void)state;
    wk_fits_hdu hdu = make("", 1), table = make("", 1);
    assert_true(wk_hdu_is_plane(&hdu));
    table.image = 0;
    assert_false(wk_hdu_is_plane(&table));
    hdu.axes = 4;
    assert_true(wk_hdu_is_plane(&hdu));
    hdu.depth = 2;
    assert_false(wk_hdu_is_plane(&hdu));
    hdu = make("", 1);
    hdu.width = 0;
    assert_false(wk_hdu_is_plane(&hdu));
    hdu = make_empty();
    assert_false(wk_hdu_is_plane(&hdu));
}

static void test_noise_kinds(void **state)
{
    (void)state;
    assert_int_equal(wk_layout_noise(WK_LAYOUT_PLAIN), WK_NOISE_NONE);
    assert_int_equal(wk_layout_noise(WK_LAYOUT_STSCI), WK_NOISE_ERROR);
    assert_int_equal(wk_layout_noise(WK_LAYOUT_LSST), WK_NOISE_VARIANCE);
    assert_int_equal(wk_layout_noise(WK_LAYOUT_DES), WK_NOISE_WEIGHT);
    assert_int_equal(wk_layout_noise(WK_LAYOUT_DECAM), WK_NOISE_WEIGHT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_extension_texts),
        cmocka_unit_test(test_bad_extension_texts),
        cmocka_unit_test(test_extension_find),
        cmocka_unit_test(test_path_split),
        cmocka_unit_test(test_sibling_names),
        cmocka_unit_test(test_detection),
        cmocka_unit_test(test_companions_of_the_same_file),
        cmocka_unit_test(test_companions_of_another_file),
        cmocka_unit_test(test_planes),
        cmocka_unit_test(test_noise_kinds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
