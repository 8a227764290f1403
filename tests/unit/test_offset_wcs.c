#include "offset_case.h"
#include "wcs_cards.h"

enum { WIDTH = 300, HEIGHT = 200 };

/* Another place, scale and direction, and SIP terms of some pixels. */
static const char turned[] =
    "CTYPE1  = 'RA---TAN-SIP'\nCTYPE2  = 'DEC--TAN-SIP'\nCRVAL1  = 150.02\nCRVAL2  = 20.01\n"
    "CRPIX1  = 480.0\nCRPIX2  = 530.0\nCD1_1   = -2.9E-4\nCD1_2   = 2.0E-5\n"
    "CD2_1   = 2.0E-5\nCD2_2   = 2.9E-4\nA_ORDER = 2\nB_ORDER = 2\nA_2_0   = 2.0E-6\n"
    "B_0_2   = -1.0E-6\nB_1_1   = 1.0E-6\n";

static wk_wcs *make(const char *lines)
{
    wk_wcs *wcs;
    assert_int_equal(create(&wcs, lines, NULL), WK_OK);
    return wcs;
}

static void exact(double out[2], wk_wcs *image, wk_wcs *reference, double x, double y)
{
    double place[2] = {x, y};
    assert_int_equal(wk_wcs_to_sky(image, 1, place, place, NULL), WK_OK);
    assert_int_equal(wk_wcs_to_pixel(reference, 1, place, place, NULL), WK_OK);
    out[0] = x - place[0];
    out[1] = y - place[1];
}

static int compare(const wk_offset *offset, wk_wcs *image, wk_wcs *reference, double bound)
{
    map m = map_make(offset, 2);
    int unknown = 0;
    for (int i = 0; i < WIDTH * HEIGHT; i += 7) {
        double wanted[2];
        exact(wanted, image, reference, i % WIDTH, i / WIDTH);
        assert_int_equal(isnan(m.x[i]) != 0, isnan(wanted[0]) != 0);
        assert_int_equal(m.flag[i], isnan(wanted[0]) ? WK_OFFSET_UNKNOWN : 0);
        assert_true(isnan(m.error_x[i]) && isnan(m.distance[i]));
        unknown += isnan(wanted[0]) != 0;
        if (isnan(wanted[0]))
            continue;
        assert_near(m.x[i], wanted[0], bound);
        assert_near(m.y[i], wanted[1], bound);
    }
    map_free(&m);
    return unknown;
}

static void test_exact(void **state)
{
    static const double bounds[] = {NAN, 1e-4, 1e-7};
    wk_wcs *image = make(TAN_CARDS), *reference = make(turned);
    (void)state;
    for (int i = 0; i < 3; i++) {
        wk_offset *offset;
        assert_int_equal(
            wk_offset_from_wcs(&offset, image, reference, WIDTH, HEIGHT, bounds[i], NULL, NULL),
            WK_OK);
        const wk_offset_facts *facts = wk_offset_describe(offset);
        assert_int_equal(facts->model, WK_OFFSET_WCS);
        assert_int_equal(facts->stars, 0);
        assert_true(isnan(facts->left_out[0]) && isnan(facts->noise[0]));
        assert_int_equal(compare(offset, image, reference, i == 2 ? 1e-7 : 1e-4), 0);
        wk_offset_free(offset);
    }
    wk_wcs_free(image);
    wk_wcs_free(reference);
}

static void test_itself(void **state)
{
    wk_wcs *image = make(TAN_CARDS);
    wk_offset *offset;
    (void)state;
    assert_int_equal(wk_offset_from_wcs(&offset, image, image, 40, 30, NAN, NULL, NULL), WK_OK);
    map m = map_make(offset, 1);
    for (int i = 0; i < 40 * 30; i++)
        assert_true(fabs(m.x[i]) < 1e-8 && fabs(m.y[i]) < 1e-8); /* a round trip of WCSLIB */
    map_free(&m);
    wk_offset_free(offset);
    wk_wcs_free(image);
}

/* An image of 120 degrees: a part of it is more than 90 from the reference's centre. */
static void test_no_answer(void **state)
{
    wk_wcs *image =
        make("CTYPE1  = 'RA---CAR'\nCTYPE2  = 'DEC--CAR'\nCRVAL1  = 150.0\nCRVAL2  = 0.0\n"
             "CRPIX1  = 1.0\nCRPIX2  = 100.0\nCDELT1  = -0.4\nCDELT2  = 0.4\n");
    wk_wcs *reference = make("CTYPE1  = 'RA---TAN'\nCTYPE2  = 'DEC--TAN'\nCRVAL1  = 150.0\n"
                             "CRVAL2  = 0.0\nCRPIX1  = 1.0\nCRPIX2  = 1.0\n"
                             "CDELT1  = -0.4\nCDELT2  = 0.4\n");
    wk_wcs *away = make("CTYPE1  = 'RA---TAN'\nCTYPE2  = 'DEC--TAN'\nCRVAL1  = 330.0\n"
                        "CRVAL2  = 20.0\nCRPIX1  = 1.0\nCRPIX2  = 1.0\n" TAN_SCALE);
    wk_wcs *small = make(TAN_CARDS);
    wk_offset *offset;
    (void)state;
    assert_int_equal(wk_offset_from_wcs(&offset, image, reference, WIDTH, HEIGHT, NAN, NULL, NULL),
                     WK_OK);
    assert_true(compare(offset, image, reference, 1e-3) > 1000);
    wk_offset_free(offset);
    assert_int_equal(wk_offset_from_wcs(&offset, small, away, WIDTH, HEIGHT, NAN, NULL, NULL),
                     WK_WCS);
    assert_null(offset);
    assert_int_equal(wk_offset_from_wcs(&offset, small, small, 0, HEIGHT, NAN, NULL, NULL),
                     WK_ARGUMENT);
    wk_wcs_free(image);
    wk_wcs_free(reference);
    wk_wcs_free(away);
    wk_wcs_free(small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_itself),
        cmocka_unit_test(test_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
