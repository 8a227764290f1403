#include "catalog_case.h"
#include "scene.h"

#include "outline.h"
#include "polygon.h"

static wk_error error;

/* An exposure of 200 x 100 px of 1e-4 degrees, put in under the name of its number. */
static void put_scene(wk_catalog *catalog, int number, double ra, double dec, double rotation)
{
    scene_exposure e = {.width = 200, .height = 100, .ra = ra, .dec = dec, .scale = 1e-4};
    double outline[wk_outline_most];
    char name[16];
    e.rotation = rotation;
    wk_wcs *wcs = scene_make_wcs(&e);
    wk_footprint footprint;
    wk_exposure_header header = case_header(0, "", "r", "", 1);
    wk_catalog_row row = {.header = &header, .centre = {ra, dec}, .outline = outline};
    assert_int_equal(wk_footprint_create(&footprint, wcs, 200, 100, &error), WK_OK);
    row.outline_count = wk_outline_write(outline, &footprint);
    wk_cap_box(row.box, footprint.centre, footprint.radius);
    snprintf(name, sizeof name, "%d", number);
    case_put(catalog, name, &row, 1);
    wk_footprint_release(&footprint);
    wk_wcs_free(wcs);
}

static int64_t around(wk_catalog *catalog, double ra, double dec, double radius)
{
    case_names names = {"", 0};
    const double centre[2] = {ra, dec};
    if (wk_catalog_around(catalog, centre, radius, NULL, case_take, &names, &error))
        fail_msg("%s", error.message);
    return names.count;
}

/* North and south of an exposure the nearest point of its border is 50 px off its centre, whatever
 * the right ascension: circles end 0.1 px before it and behind it. */
static void test_circles(void **state)
{
    (void)state;
    static const double places[][2] = {{0, 0}, {359.9999, 30}, {150, -60}, {12, 89}, {300, -89}};
    for (int i = 0; i < 5; i++) {
        double ra = places[i][0], dec = places[i][1], side = dec > 0 ? -1 : 1;
        wk_catalog *catalog = case_open();
        put_scene(catalog, 0, ra, dec, 0);
        assert_int_equal(around(catalog, ra, dec + side * 0.1, 0.1 - 0.005 - 1e-5), 0);
        assert_int_equal(around(catalog, ra, dec + side * 0.1, 0.1 - 0.005 + 1e-5), 1);
        assert_int_equal(around(catalog, ra, dec, 0), 1);
        assert_int_equal(around(catalog, fmod(ra + 180, 360), -dec, 179.9), 0);
        assert_int_equal(around(catalog, fmod(ra + 180, 360), -dec, 180), 1);
        wk_catalog_close(catalog);
    }
}

/* Across right ascension 0, and over the pole to the other side. */
static void test_wrap_and_pole(void **state)
{
    (void)state;
    wk_catalog *catalog = case_open();
    put_scene(catalog, 0, 0, 0, 0);
    put_scene(catalog, 1, 40, 90, 0);
    put_scene(catalog, 2, 40, -90, 30);
    assert_int_equal(around(catalog, 359.5, 0, 0.5 - 0.01 + 1e-5), 1);
    assert_int_equal(around(catalog, 359.5, 0, 0.5 - 0.01 - 1e-5), 0);
    assert_int_equal(around(catalog, -0.5, 0, 0.5 - 0.01 + 1e-5), 1);
    assert_int_equal(around(catalog, 0.5, 0, 0.5 - 0.01 + 1e-5), 1);
    for (int ra = 0; ra < 360; ra += 45) {
        assert_int_equal(around(catalog, ra, 90, 0), 1);
        assert_int_equal(around(catalog, ra, 89.98, 0.016), 1); /* reaches 40 px off the centre */
        assert_int_equal(around(catalog, ra, 89.98, 0.008), 0); /* 120 px off: beyond the corners */
        assert_int_equal(around(catalog, ra, -90, 0), 1);
    }
    assert_int_equal(around(catalog, 0, 0, 180), 3);
    wk_catalog_close(catalog);
}

/* Whatever lies within the circle by the footprints alone is found through the boxes, too. */
static void test_boxes_lose_nothing(void **state)
{
    (void)state;
    enum { count = 400 };
    static double outlines[count][wk_outline_most];
    static size_t sizes[count];
    wk_catalog *catalog = case_open();
    uint32_t seed = 7;
    for (int i = 0; i < count; i++) {
        scene_exposure e = {.width = 300, .height = 200, .scale = 0.01 * (1 + i % 7)};
        e.ra = 180.0 + 60 * scene_gauss(&seed);
        e.dec = fmod(40 * scene_gauss(&seed), 90.0);
        e.rotation = 90 * scene_gauss(&seed);
        wk_wcs *wcs = scene_make_wcs(&e);
        wk_footprint footprint;
        wk_exposure_header header = case_header(i, "", "r", "", 1);
        wk_catalog_row row = {.header = &header, .outline = outlines[i]};
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        assert_int_equal(wk_footprint_create(&footprint, wcs, 300, 200, &error), WK_OK);
        sizes[i] = row.outline_count = wk_outline_write(outlines[i], &footprint);
        wk_cap_box(row.box, footprint.centre, footprint.radius);
        case_put(catalog, name, &row, 1);
        wk_footprint_release(&footprint);
        wk_wcs_free(wcs);
    }
    for (int trial = 0; trial < 200; trial++) {
        double at[2] = {180 + 60 * scene_gauss(&seed), fmod(40 * scene_gauss(&seed), 90.0)};
        double radius = fabs(scene_gauss(&seed)) * (trial % 3), centre[3];
        int64_t expected = 0;
        at[0] = fmod(at[0], 360);
        wk_vector_from_sky(centre, at);
        for (int i = 0; i < count; i++) {
            wk_footprint one;
            double vectors[wk_footprint_most][3];
            assert_int_equal(wk_outline_read(&one, vectors, outlines[i], sizes[i]), 0);
            expected += wk_footprint_reach(&one, centre, radius * 0.017453292519943295);
        }
        assert_int_equal(around(catalog, at[0], at[1], radius), expected);
    }
    wk_catalog_close(catalog);
}

static void test_arguments(void **state)
{
    (void)state;
    static const double wrong[][3] = {{0, 91, 1},          {0, -90.5, 1},      {361, 0, 1},
                                      {0, 0, -0.1},        {0, 0, 181},        {(double)NAN, 0, 1},
                                      {0, (double)NAN, 1}, {0, 0, (double)NAN}};
    wk_catalog *catalog = case_open();
    case_names names = {"", 0};
    for (int i = 0; i < 8; i++)
        assert_int_equal(
            wk_catalog_around(catalog, wrong[i], wrong[i][2], NULL, case_take, &names, &error),
            WK_ARGUMENT);
    const double centre[2] = {0, 0};
    assert_int_equal(wk_catalog_around(catalog, centre, 1, "x = 1", case_take, &names, &error),
                     WK_ARGUMENT);
    wk_catalog_close(catalog);
}

static void test_a_damaged_footprint_is_named(void **state)
{
    (void)state;
    wk_catalog *catalog = case_open();
    double outline[7] = {1, 0, 0, 0.1, 1e-6, 1.01, 3};
    wk_exposure_header header = case_header(0, "", "r", "", 1);
    wk_catalog_row row = {.header = &header,
                          .outline = outline,
                          .outline_count = 7,
                          .box = {0.9, 1, -0.1, 0.1, -0.1, 0.1}};
    case_names names = {"", 0};
    const double centre[2] = {0, 0};
    case_put(catalog, "a", &row, 1);
    assert_int_equal(wk_catalog_around(catalog, centre, 1, NULL, case_take, &names, &error),
                     WK_FILE);
    assert_non_null(strstr(error.message, "damaged"));
    wk_catalog_close(catalog);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_circles),
        cmocka_unit_test(test_wrap_and_pole),
        cmocka_unit_test(test_boxes_lose_nothing),
        cmocka_unit_test(test_arguments),
        cmocka_unit_test(test_a_damaged_footprint_is_named),
    };
    return cmocka_run_group_tests(tests, case_setup, case_teardown);
}
