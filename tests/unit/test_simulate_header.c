#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "simulate.h"

typedef struct scene_wcs {
    wk_simulation *simulation;
    char *text;
    int64_t records;
    wk_wcs *wcs;
} scene_wcs;

static scene_wcs opened(const wk_simulation_options *options, int64_t exposure, int64_t detector)
{
    scene_wcs it = {0};
    wk_error error = {0};
    assert_int_equal(wk_simulation_create(&it.simulation, options, &error), WK_OK);
    assert_int_equal(
        wk_simulation_header(&it.text, &it.records, it.simulation, exposure, detector, &error),
        WK_OK);
    assert_int_equal(wk_wcs_create(&it.wcs, it.text, it.records, "test", &error), WK_OK);
    return it;
}

static void closed(scene_wcs it)
{
    wk_wcs_free(it.wcs);
    wk_simulation_header_free(it.text);
    wk_simulation_free(it.simulation);
}

/* The text after "KEYWORD = ", NULL without such a record. */
static const char *value_of(const scene_wcs *it, const char *keyword)
{
    for (int64_t i = 0; i < it->records; i++) {
        const char *record = it->text + 80 * i;
        size_t n = strlen(keyword);
        if (memcmp(record, keyword, n) == 0 && (n == 8 || record[n] == ' '))
            return record + 10;
    }
    return NULL;
}

static double number_of(const scene_wcs *it, const char *keyword)
{
    const char *value = value_of(it, keyword);
    assert_non_null(value);
    return atof(value);
}

static void records_are_fits(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        wk_simulation_options options = wk_simulation_options_default();
        options.distortion = (wk_distortion)kind;
        scene_wcs it = opened(&options, 3, 0);
        assert_int_equal(strlen(it.text), 80 * it.records);
        for (int64_t i = 0; i < it.records; i++) {
            const char *record = it.text + 80 * i;
            assert_memory_equal(record + 8, "= ", 2);
            for (int k = 0; k < 80; k++)
                assert_in_range(record[k], 32, 126);
        }
        assert_memory_equal(value_of(&it, "TELESCOP"), "'WELKIN  '", 10);
        assert_memory_equal(value_of(&it, "GROUPID"), "'4       '", 10);
        assert_non_null(value_of(&it, "FILTER"));
        assert_true(number_of(&it, "EXPTIME") > 0);
        closed(it);
    }
}

/* The exposure's centre is where truth says it is: both are rounded to 1e-10 degree, and the pixel
 * scale's ten digits leave nothing at the reference point. */
static void centre_is_the_pointing(void **state)
{
    (void)state;
    static const double centre[][2] = {{150.1, 2.2}, {0, 0}, {77, 90}, {200, -89.97}};
    for (int i = 0; i < 12; i++) {
        wk_simulation_options options = wk_simulation_options_default();
        options.ra = centre[i % 4][0];
        options.dec = centre[i % 4][1];
        options.distortion = (wk_distortion)(i / 4);
        scene_wcs it = opened(&options, 5, 0);
        const wk_simulated_exposure *truth = wk_simulation_exposure(it.simulation, 5);
        double xy[2] = {511.5, 511.5}, sky[2];
        assert_int_equal(wk_wcs_to_sky(it.wcs, 1, xy, sky, NULL), WK_OK);
        double across = remainder(sky[0] - truth->ra, 360) * cos(truth->dec * M_PI / 180);
        assert_true(fabs(across) < 5e-10 && fabs(sky[1] - truth->dec) < 5e-10);
        closed(it);
    }
}

/* Where pixel (x, y) would be without the distortion's records, in pixels. */
static void bow(double out[2], const scene_wcs *it, double x, double y)
{
    char *plain = malloc(80 * (size_t)it->records);
    wk_wcs *wcs;
    double xy[2] = {x, y}, sky[2];
    int64_t records = 0;
    assert_non_null(plain);
    for (int64_t i = 0; i < it->records; i++) {
        const char *record = it->text + 80 * i;
        if (record[1] == '_' || memcmp(record, "PV", 2) == 0)
            continue;
        char *copy = plain + 80 * records++;
        memcpy(copy, record, 80);
        if (memcmp(record, "CTYPE", 5) == 0)
            memcpy(copy + 10, record[5] == '1' ? "'RA---TAN'    " : "'DEC--TAN'    ", 14);
    }
    assert_int_equal(wk_wcs_create(&wcs, plain, records, "test", NULL), WK_OK);
    assert_int_equal(wk_wcs_to_sky(it->wcs, 1, xy, sky, NULL), WK_OK);
    assert_int_equal(wk_wcs_to_pixel(wcs, 1, sky, out, NULL), WK_OK);
    out[0] -= x;
    out[1] -= y;
    wk_wcs_free(wcs);
    free(plain);
}

/* The corners move outward by five pixels give or take the quadratic terms (each below a tenth, and
 * half of each at a corner of a square), the centre not at all. */
static void border_is_bowed(void **state)
{
    (void)state;
    for (int kind = WK_DISTORTION_SIP; kind <= WK_DISTORTION_TPV; kind++) {
        wk_simulation_options options = wk_simulation_options_default();
        options.distortion = (wk_distortion)kind;
        options.width = 2048;
        options.height = 2048;
        options.rotation = 30;
        scene_wcs it = opened(&options, 0, 0);
        double move[2];
        bow(move, &it, 1023.5, 1023.5);
        assert_true(hypot(move[0], move[1]) < 1e-6);
        for (int corner = 0; corner < 4; corner++) {
            double x = corner % 2 ? 2047.5 : -0.5, y = corner / 2 ? 2047.5 : -0.5;
            bow(move, &it, x, y);
            assert_true(fabs(hypot(move[0], move[1]) - 5) < 1.1);
            assert_true(move[0] * (x - 1023.5) + move[1] * (y - 1023.5) > 0);
        }
        closed(it);
    }
}

/* Neighbouring detectors are 20 pixels apart on one focal plane: a column of the one continues the
 * pixels of the other.  CRPIX to 1e-10, sky to 1e-9 arcsec. */
static void detectors_are_in_a_row(void **state)
{
    (void)state;
    wk_simulation_options options = wk_simulation_options_default();
    options.detectors = 3;
    options.width = 200;
    options.height = 300;
    options.distortion = WK_DISTORTION_SIP;
    scene_wcs left = opened(&options, 2, 0), right = opened(&options, 2, 1);
    double one[2] = {220 + 17, 100}, two[2] = {17, 100}, sky[2], same[2];
    assert_int_equal(wk_wcs_to_sky(left.wcs, 1, one, sky, NULL), WK_OK);
    assert_int_equal(wk_wcs_to_sky(right.wcs, 1, two, same, NULL), WK_OK);
    assert_true(fabs(sky[0] - same[0]) < 1e-12 && fabs(sky[1] - same[1]) < 1e-12);
    assert_memory_equal(value_of(&left, "GROUPID"), value_of(&right, "GROUPID"), 20);
    assert_memory_equal(value_of(&right, "DETECTOR"), "'2       '", 10);
    closed(left);
    closed(right);
}

/* Without dither, rotation and distortion all exposures share one pixel grid. */
static void one_grid(void **state)
{
    (void)state;
    wk_simulation_options options = wk_simulation_options_default();
    options.dither = 0;
    options.rotation = 0;
    options.exposures = 4;
    scene_wcs first = opened(&options, 0, 0), last = opened(&options, 3, 0);
    assert_true(number_of(&first, "CRVAL1") == number_of(&last, "CRVAL1"));
    double step = number_of(&first, "CRPIX1") - number_of(&last, "CRPIX1");
    assert_true(fabs(step - 819) < 1e-9);
    closed(first);
    closed(last);
}

static void no_such_detector(void **state)
{
    (void)state;
    wk_simulation *simulation;
    char *text;
    int64_t records;
    wk_error error = {0};
    assert_int_equal(wk_simulation_create(&simulation, NULL, &error), WK_OK);
    assert_int_equal(wk_simulation_header(&text, &records, simulation, 9, 0, &error), WK_ARGUMENT);
    assert_string_equal(error.subject, "exposure");
    assert_int_equal(wk_simulation_header(&text, &records, simulation, 0, 1, &error), WK_ARGUMENT);
    assert_string_equal(error.subject, "detector");
    assert_null(text);
    wk_simulation_free(simulation);
    wk_simulation_header_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_fits),       cmocka_unit_test(centre_is_the_pointing),
        cmocka_unit_test(border_is_bowed),        cmocka_unit_test(one_grid),
        cmocka_unit_test(detectors_are_in_a_row), cmocka_unit_test(no_such_detector),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
