#include "offset_case.h"
#include "wcs_cards.h"

#define TURNED                                                                                     \
    TAN_AXES "CD1_1   = -2.9E-4\nCD1_2   = 4.0E-5\nCD2_1   = 5.0E-5\nCD2_2   = 3.1E-4\n"           \
             "CRVAL1  = 150.001\n"
#define SIP                                                                                        \
    "CTYPE1  = 'RA---TAN-SIP'\nCTYPE2  = 'DEC--TAN-SIP'\nCRVAL1  = 150.0\nCRVAL2  = 20.0\n"        \
    "CRPIX1  = 100.0\nCRPIX2  = 80.0\n" TAN_SCALE                                                  \
    "A_ORDER = 3\nB_ORDER = 3\nA_3_0   = 1.0E-8\nA_0_2   = 2.0E-6\nB_0_3   = -2.0E-8\n"            \
    "B_2_0   = 3.0E-6\n"

static wk_wcs *made(const char *cards)
{
    wk_wcs *wcs;
    assert_int_equal(create(&wcs, cards, NULL), WK_OK);
    return wcs;
}

/* All pixels against the way over the sky. */
static void check(const char *image, const char *reference, int64_t width, int64_t height)
{
    wk_wcs *a = made(image), *b = made(reference);
    wk_offset *offset;
    assert_int_equal(wk_offset_from_wcs(&offset, a, b, width, height, NAN, NULL, NULL), WK_OK);
    assert_int_equal(wk_offset_describe(offset)->model, WK_OFFSET_WCS);
    map m = map_make(offset, 2);
    for (int64_t i = 0; i < width * height; i++) {
        double place[2] = {(double)(i % width), (double)(i / width)};
        assert_int_equal(wk_wcs_to_sky(a, 1, place, place, NULL), WK_OK);
        assert_int_equal(wk_wcs_to_pixel(b, 1, place, place, NULL), WK_OK);
        if (isnan(place[0])) {
            assert_true(isnan(m.x[i]) && m.flag[i] == WK_OFFSET_UNKNOWN);
            continue;
        }
        assert_near(m.x[i], (double)(i % width) - place[0], 1e-4);
        assert_near(m.y[i], (double)(i / width) - place[1], 1e-4);
        assert_true(m.flag[i] == 0 && isnan(m.distance[i]) && isnan(m.error_x[i]));
    }
    map_free(&m);
    wk_offset_free(offset);
    wk_wcs_free(a);
    wk_wcs_free(b);
}

static void test_pairs(void **state)
{
    (void)state;
    check(TAN_CARDS, TAN_CARDS, 40, 30); /* no offset */
    check(TURNED, TAN_CARDS, 150, 90);
    check(TURNED, SIP, 260, 130);
    check(SIP, TURNED, 5, 1);
}

/* Half of a whole-sky image lies behind the reference's sky. */
static void test_beyond(void **state)
{
    (void)state;
    check("CTYPE1  = 'RA---CAR'\nCTYPE2  = 'DEC--CAR'\nCRVAL1  = 150.0\nCRVAL2  = 0.0\n"
          "CRPIX1  = 60.0\nCRPIX2  = 30.0\nCDELT1  = -3.0\nCDELT2  = 3.0\n",
          "CTYPE1  = 'RA---TAN'\nCTYPE2  = 'DEC--TAN'\nCRVAL1  = 150.0\nCRVAL2  = 20.0\n"
          "CRPIX1  = 10.0\nCRPIX2  = 10.0\nCDELT1  = -5.0\nCDELT2  = 5.0\n",
          119, 59);
}

/* Nothing of the image is on the reference's side of the sky. */
static void test_apart(void **state)
{
    wk_wcs *a = made(TAN_CARDS);
    wk_wcs *b = made("CTYPE1  = 'RA---TAN'\nCTYPE2  = 'DEC--TAN'\nCRVAL1  = 330.0\n"
                     "CRVAL2  = -20.0\nCRPIX1  = 1.0\nCRPIX2  = 1.0\n" TAN_SCALE);
    wk_offset *offset;
    (void)state;
    assert_int_equal(wk_offset_from_wcs(&offset, a, b, 30, 30, NAN, NULL, NULL), WK_WCS);
    assert_null(offset);
    assert_int_equal(wk_offset_from_wcs(&offset, a, b, 0, 30, NAN, NULL, NULL), WK_ARGUMENT);
    wk_wcs_free(a);
    wk_wcs_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_pairs), cmocka_unit_test(test_beyond),
                                       cmocka_unit_test(test_apart)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
