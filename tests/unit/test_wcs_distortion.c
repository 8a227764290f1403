#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <wcslib/wcs.h>
#include <wcslib/wcshdr.h>

#include "wcs_cards.h"
#include "wcs_distortion.h"

enum { SIDE = 30, COUNT = SIDE * SIDE };

/* Pixels of 1e-3 with the reference at (1000, 1000) and a SIP distortion of radial third order,
 * x + strength x (x^2 + y^2), which turns over at r = 1 / sqrt(-3 strength). */
static struct wcsprm *radial(double strength)
{
    char lines[1024];
    int64_t records;
    int rejected, count;
    struct wcsprm *wcs;
    snprintf(lines, sizeof lines,
             "CTYPE1  = 'RA---TAN-SIP'\nCTYPE2  = 'DEC--TAN-SIP'\nCRPIX1  = 1000.0\n"
             "CRPIX2  = 1000.0\nCDELT1  = -1.0E-3\nCDELT2  = 1.0E-3\nA_ORDER = 3\nB_ORDER = 3\n"
             "A_3_0   = %.17E\nA_1_2   = %.17E\nB_0_3   = %.17E\nB_2_1   = %.17E\n",
             strength, strength, strength, strength);
    char *header = records_of(lines, &records);
    assert_int_equal(wcspih(header, (int)records, WCSHDR_all, 0, &rejected, &count, &wcs), 0);
    assert_int_equal(count, 1);
    assert_int_equal(wcsset(wcs), 0);
    free(header);
    return wcs;
}

static void release(struct wcsprm *wcs)
{
    int count = 1;
    wcsvfree(&count, &wcs);
}

/* The same map by hand. */
static void map(double strength, const double pixel[2], double image[2])
{
    double x = pixel[0] - 1000, y = pixel[1] - 1000;
    double factor = 1 + strength * (x * x + y * y);
    image[0] = -1e-3 * x * factor;
    image[1] = 1e-3 * y * factor;
}

static void fill_grid(double strength, double pixel[], double image[], double half)
{
    for (int i = 0; i < COUNT; i++) {
        pixel[2 * i] = 1000 + half * (2.0 * (i % SIDE) / (SIDE - 1) - 1);
        pixel[2 * i + 1] = 1000 + half * (2.0 * (i / SIDE) / (SIDE - 1) - 1);
        map(strength, pixel + 2 * i, image + 2 * i);
    }
}

static void expect_inverse(double strength, double half)
{
    struct wcsprm *wcs;
    static double pixel[2 * COUNT], image[2 * COUNT], found[2 * COUNT];
    static int stat[COUNT];
    wcs = radial(strength);
    fill_grid(strength, pixel, image, half);
    memset(stat, 0, sizeof stat);
    wk_wcs_distortion_invert(&wcs->lin, COUNT, image, found, stat);
    for (int i = 0; i < 2 * COUNT; i++) {
        assert_int_equal(stat[i / 2], 0);
        /* the promised accuracy; the analytic map is the reference */
        assert_true(fabs(found[i] - pixel[i]) < 1e-8);
    }
    release(wcs);
}

static void radial_terms_are_undone(void **state)
{
    (void)state;
    expect_inverse(0, 4000);
    expect_inverse(1e-9, 4000);
    expect_inverse(-1e-9, 4000);
    /* r = 5657 of 5774, where the map turns over: the slope has fallen to 0.04 */
    expect_inverse(-1e-8, 4000);
    expect_inverse(1e-7, 4000);
}

/* The largest radius that -1e-8 reaches is 2/3 * 5774 = 3849 px: beyond there is no pixel. */
static void out_of_reach_is_marked(void **state)
{
    (void)state;
    struct wcsprm *wcs;
    const double image[8] = {3.840, 0, 3.860, 0, 0, 100, 1e6, 1e6};
    double pixel[8];
    int stat[4] = {0};
    wcs = radial(-1e-8);
    wk_wcs_distortion_invert(&wcs->lin, 4, image, pixel, stat);
    assert_int_equal(stat[0], 0);
    for (int i = 1; i < 4; i++) {
        double back[2];
        if (!stat[i])
            map(-1e-8, pixel + 2 * i, back);
        /* another branch of the cubic may be found, but never a pixel that does not map back */
        assert_true(stat[i] || hypot(back[0] - image[2 * i], back[1] - image[2 * i + 1]) <
                                   1e-9 * hypot(image[2 * i], image[2 * i + 1]));
    }
    release(wcs);
}

static void invalid_stays_invalid(void **state)
{
    (void)state;
    struct wcsprm *wcs;
    const double image[4] = {(double)NAN, 0, 0, 0};
    double pixel[4] = {7, 7, 7, 7};
    int stat[2] = {0, 5};
    wcs = radial(1e-9);
    wk_wcs_distortion_invert(&wcs->lin, 2, image, pixel, stat);
    assert_int_equal(stat[0], 1);
    assert_int_equal(stat[1], 5);
    assert_true(pixel[2] == 7);
    release(wcs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(radial_terms_are_undone),
        cmocka_unit_test(out_of_reach_is_marked),
        cmocka_unit_test(invalid_stays_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
