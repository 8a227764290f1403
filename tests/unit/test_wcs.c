#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "parallel.h"
#include "wcs_cards.h"
#include "wcs_decam.h"
#include "wcs_sky.h"

/* Terms as strong as those of the ACS camera: 80 px at the corner of 4096 px. */
#define STRONG_SIP                                                                                 \
    "CTYPE1  = 'RA---TAN-SIP'\nCTYPE2  = 'DEC--TAN-SIP'\nCRPIX1  = 2048.\nCRPIX2  = 1024.\n"       \
    "CD1_1   = 1.29E-5\nCD1_2   = 5.95E-6\nCD2_1   = 5.03E-6\nCD2_2   = -1.26E-5\n"                \
    "A_ORDER = 4\nB_ORDER = 4\nA_0_2   = 2.166E-6\nB_0_2   = -7.217E-6\nA_1_1   = -5.195E-6\n"     \
    "B_1_1   = 6.194E-6\nA_2_0   = 8.543E-6\nB_2_0   = -1.751E-6\nA_0_3   = 1.08E-11\n"            \
    "B_0_3   = -4.2E-10\nA_1_2   = -5.2E-10\nB_1_2   = -6.7E-11\nA_2_1   = -4.3E-11\n"             \
    "B_2_1   = -5.1E-10\nA_3_0   = -4.7E-10\nB_3_0   = 8.4E-11\nA_0_4   = 1.8E-14\n"

static wk_wcs *make(const char *lines)
{
    wk_wcs *wcs = NULL;
    wk_error error = {0};
    if (create(&wcs, lines, &error) != WK_OK)
        fail_msg("%s", error.message);
    return wcs;
}

static void expect_sky(const char *lines, double x, double y, double ra, double dec, double bound)
{
    wk_wcs *wcs = make(lines);
    const double xy[2] = {x, y};
    double sky[2];
    assert_int_equal(wk_wcs_to_sky(wcs, 1, xy, sky, NULL), WK_OK);
    wk_wcs_free(wcs);
    if (!(fabs(sky[0] - ra) < bound && fabs(sky[1] - dec) < bound))
        fail_msg("(%.12f, %.12f) is not (%.12f, %.12f)", sky[0], sky[1], ra, dec);
}

static void decam_is_astropys(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++) {
        const double *a = decam_n11_golden[i], *b = decam_n12_golden[i];
        expect_sky(decam_n11, a[0], a[1], a[2], a[3], 1e-9);
        expect_sky(decam_n12, b[0], b[1], b[2], b[3], 1e-9);
    }
}

static void frames_are_astropys(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++) {
        const double *a = spitzer_golden[i], *b = plate_golden[i];
        expect_sky(spitzer, a[0], a[1], a[2], a[3], 1e-9);
        expect_sky(plate, b[0], b[1], b[2], b[3], 1e-9);
    }
}

/* astropy 5.2: WCS(h).all_pix2world([[0, 0]], 0), printed to 1e-12. */
static void projections_are_astropys(void **state)
{
    (void)state;
    static const struct {
        const char *code, *cards;
        double ra, dec;
    } known[] = {{"TAN", "", 150.032583263974, 19.785378052800},
                 {"SIN", "PV2_1   = 0.1\nPV2_2   = -0.05\n", 150.032539921402, 19.785397027992},
                 {"CAR", "", 150.032583266870, 19.785377018287},
                 {"ZEA", "", 150.032583438679, 19.785376900464},
                 {"ARC", "", 150.032583419267, 19.785377028502},
                 {"STG", "", 150.032583380443, 19.785377284578},
                 {"ZPN", "PV2_1   = 1.\nPV2_3   = 42.\n", 150.032563887327, 19.785505858861},
                 {"AIT", "", 150.032583438386, 19.785376894702}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        char lines[640];
        snprintf(lines, sizeof lines,
                 TAN_CARDS "CTYPE1  = 'RA---%s'\nCTYPE2  = 'DEC--%s'\nPC1_1   = 0.8\n"
                           "PC1_2   = -0.6\nPC2_1   = 0.6\nPC2_2   = 0.8\n%s",
                 known[i].code, known[i].code, known[i].cards);
        expect_sky(lines, 0, 0, known[i].ra, known[i].dec, 1e-9);
    }
}

/* As above; the TPV values serve a TAN header with the same terms. */
static void conventions_are_astropys(void **state)
{
    (void)state;
    expect_sky(TAN_CARDS, 0, 0, 150.162979297570, 19.846626343109, 1e-9);
    expect_sky(TAN_CARDS "CROTA2  = 30.", 0, 0, 150.222770741249, 19.943749460956, 1e-9);
    expect_sky(TAN_AXES "CD1_1   = -1.08\nCD2_2   = 1.08\nCUNIT1  = 'arcsec'\nCUNIT2  = 'arcsec'\n"
                        "CRVAL1  = 5.4D5\nCRVAL2  = 7.2D4",
               0, 0, 150.162979297570, 19.846626343109, 1e-9);
    expect_sky(TAN_CARDS "A_ORDER = 2\nB_ORDER = 2\nA_2_0   = 1E-5\nB_0_2   = 2E-5\nA_1_1   = 1E-6",
               0, 0, 150.162064807226, 19.848193881550, 1e-9);
    expect_sky(TAN_CARDS "PV1_1   = 1.01\nPV1_2   = 1E-3\nPV1_4   = 0.01\nPV1_7   = 0.05\n"
                         "PV2_1   = 0.99\nPV2_5   = 0.01",
               0, 0, 150.164888814218, 19.847922576153, 1e-9);
    expect_sky(TAN_CARDS "CTYPE3  = 'FREQ'\nCRVAL3  = 1.4E9\nCDELT3  = 0.\nCRPIX3  = 1.", 0, 0,
               150.162979297570, 19.846626343109, 1e-9);
    expect_sky(TAN_CARDS
               "CTYPE1  = 'DEC--TAN'\nCTYPE2  = 'RA---TAN'\nCRVAL1  = 20.\nCRVAL2  = 150.",
               511, 511, 150, 20, 1e-12);
}

/* A cubic of a sum of Chebyshev terms, split over cards in the middle of numbers. */
static void tnx_is_astropys(void **state)
{
    (void)state;
    const char *lines =
        TAN_CARDS "CTYPE1  = 'RA---TNX'\nCTYPE2  = 'DEC--TNX'\n"
                  "WAT1_001= 'wtype=tnx axtype=ra lngcor = \"1. 4. 4. 2. -0.2 0.2 -0.2 0.2 "
                  "1.000000'\n"
                  "WAT1_002= 'E-04 2.000000E-03 1.000000E-04 3.000000E-03 1.000000E-03 "
                  "2.000000E-0'\n"
                  "WAT1_003= '4 1.000000E-03 2.000000E-03 1.000000E-03 -1.000000E-03 \"'\n"
                  "WAT2_001= 'wtype=tnx axtype=dec latcor = \"1. 4. 4. 2. -0.2 0.2 -0.2 0.2 "
                  "1.00000'\n"
                  "WAT2_002= '0E-04 1.000000E-03 1.000000E-04 3.000000E-03 1.000000E-03 "
                  "1.000000E-'\n"
                  "WAT2_003= '04 1.000000E-03 1.000000E-03 1.000000E-03 -1.000000E-03 \"'\n";
    expect_sky(lines, 0, 0, 150.162046142986, 19.844868376079, 1e-9);
}

static double round_trip(const char *lines, double size)
{
    enum { SIDE = 41, COUNT = SIDE * SIDE };
    static double xy[2 * COUNT], sky[2 * COUNT], back[2 * COUNT];
    wk_wcs *wcs = make(lines);
    double worst = 0;
    for (int i = 0; i < COUNT; i++) {
        xy[2 * i] = size * (i % SIDE) / (SIDE - 1) - 0.5;
        xy[2 * i + 1] = size * (i / SIDE) / (SIDE - 1) - 0.5;
    }
    assert_int_equal(wk_wcs_to_sky(wcs, COUNT, xy, sky, NULL), WK_OK);
    assert_int_equal(wk_wcs_to_pixel(wcs, COUNT, sky, back, NULL), WK_OK);
    for (int i = 0; i < 2 * COUNT; i++)
        worst = fmax(worst, isnan(back[i]) ? 1e9 : fabs(back[i] - xy[i]));
    wk_wcs_free(wcs);
    return worst;
}

/* 1e-6 px is promised; 1e-8 is the iteration's bound, and the rounding of degrees (3e-14 of 360)
 * is 5e-9 of the smallest pixels here. */
static void back_is_where_it_began(void **state)
{
    (void)state;
    assert_true(round_trip(TAN_CARDS, 8192) < 1e-8);
    assert_true(round_trip(decam_n11, 2048) < 2e-8);
    assert_true(round_trip(decam_n12, 8192) < 2e-8);
    assert_true(round_trip(TAN_AXES STRONG_SIP, 4096) < 2e-8);
    assert_true(round_trip(TAN_AXES STRONG_SIP "EQUINOX = 1950.\nRADESYS = 'FK4'", 2048) < 5e-8);
    assert_true(round_trip(TAN_CARDS "CTYPE1  = 'GLON-CAR'\nCTYPE2  = 'GLAT-CAR'\nCRVAL2  = 0.",
                           8192) < 1e-8);
    /* across the pole and across 0 h */
    assert_true(round_trip(TAN_CARDS "CRVAL2  = 89.95", 2048) < 1e-8);
    assert_true(round_trip(TAN_CARDS "CRVAL1  = 0.", 2048) < 1e-8);
}

/* The same matrix in its four forms, before a distortion that is defined in degrees. */
static void forms_of_the_matrix_agree(void **state)
{
    (void)state;
    const char *terms = "PV1_1   = 1.01\nPV1_7   = 5.0\nPV2_1   = 0.99\nPV2_5   = 0.1\n";
    const char *forms[] = {"CD1_1   = -2.4E-4\nCD1_2   = -2.4E-4\nCD2_1   = -1.8E-4\n"
                           "CD2_2   = 3.2E-4\n",
                           "CDELT1  = -3.0E-4\nCDELT2  = 4.0E-4\nPC1_1   = 0.8\nPC1_2   = 0.8\n"
                           "PC2_1   = -0.45\nPC2_2   = 0.8\n",
                           "CDELT1  = -3.0E-4\nCDELT2  = 4.0E-4\nCROTA2  = 36.869897645844021\n",
                           "CDELT1  = -1.08\nCDELT2  = 1.44\nCROTA2  = 36.869897645844021\n"
                           "CUNIT1  = 'arcsec'\nCUNIT2  = 'arcsec'\nCRVAL1  = 540000.\n"
                           "CRVAL2  = 72000.\n"};
    double sky[2];
    for (int i = 0; i < 4; i++) {
        char lines[1024];
        const double xy[2] = {1500, -300};
        snprintf(lines, sizeof lines, TAN_AXES "%s%s", terms, forms[i]);
        wk_wcs *wcs = make(lines);
        if (i == 0)
            wk_wcs_to_sky(wcs, 1, xy, sky, NULL);
        wk_wcs_free(wcs);
        expect_sky(lines, xy[0], xy[1], sky[0], sky[1], 1e-11);
    }
}

static void longitudes_are_in_range(void **state)
{
    (void)state;
    wk_wcs *wcs = make(TAN_CARDS "CRVAL1  = 0.");
    const double xy[4] = {411, 511, 611, 511};
    double sky[4];
    wk_wcs_to_sky(wcs, 2, xy, sky, NULL);
    assert_true(sky[0] > 0 && sky[0] < 1);
    assert_true(sky[2] > 359 && sky[2] < 360);
    const double same[4] = {360 + sky[0], sky[1], sky[2] - 360, sky[3]};
    double back[4];
    wk_wcs_to_pixel(wcs, 2, same, back, NULL);
    for (int i = 0; i < 4; i++)
        assert_true(fabs(back[i] - xy[i]) < 1e-8);
    wk_wcs_free(wcs);
}

/* A place without an answer is NaN, and its neighbours in the call are as if it were not there. */
static void far_side_is_nan(void **state)
{
    (void)state;
    const double sky[16] = {150, 20,  330,   -20, (double)NAN, 20, 150, 91,
                            150, -71, 1e300, 0,   240.2,       -1, 150, 20};
    const char *headers[] = {TAN_CARDS, TAN_CARDS "PV2_7   = 0.1",
                             TAN_CARDS "A_ORDER = 2\nA_2_0   = 1E-6"};
    for (int h = 0; h < 3; h++) {
        double xy[16];
        wk_wcs *wcs = make(headers[h]);
        assert_int_equal(wk_wcs_to_pixel(wcs, 8, sky, xy, NULL), WK_OK);
        for (int i = 0; i < 16; i++) {
            if (i < 2 || i > 13)
                assert_true(fabs(xy[i] - 511) < 1e-8);
            else
                assert_true(isnan(xy[i]));
        }
        wk_wcs_free(wcs);
    }
}

static void strange_pixels_are_nan(void **state)
{
    (void)state;
    const double xy[10] = {(double)NAN, 1, 1, (double)INFINITY, 1e300, 1, 511, 511, -1e12, 0};
    double sky[10];
    wk_wcs *wcs = make(TAN_CARDS);
    assert_int_equal(wk_wcs_to_sky(wcs, 5, xy, sky, NULL), WK_OK);
    for (int i = 0; i < 10; i++)
        assert_true(i / 2 == 3 ? isfinite(sky[i]) : isnan(sky[i]));
    wk_wcs_free(wcs);
    /* SIN: beyond the edge of the sphere, 191000 px from the reference */
    const double edge[4] = {511 + 190000, 511, 511 + 192000, 511};
    wcs = make(TAN_CARDS "CTYPE1  = 'RA---SIN'\nCTYPE2  = 'DEC--SIN'");
    assert_int_equal(wk_wcs_to_sky(wcs, 2, edge, sky, NULL), WK_OK);
    assert_true(isfinite(sky[0]) && isnan(sky[2]) && isnan(sky[3]));
    wk_wcs_free(wcs);
}

/* An answer must not depend on how many are asked for at once. */
static void any_count_gives_the_same(void **state)
{
    (void)state;
    enum { COUNT = 600 };
    static double xy[2 * COUNT], sky[2 * COUNT], back[2 * COUNT], one[2];
    wk_wcs *wcs = make(decam_n11);
    for (int i = 0; i < 2 * COUNT; i++)
        xy[i] = (i * 7919) % 4001;
    assert_int_equal(wk_wcs_to_sky(wcs, COUNT, xy, sky, NULL), WK_OK);
    sky[2 * 5] = 64; /* the far side, amid others */
    assert_int_equal(wk_wcs_to_pixel(wcs, COUNT, sky, back, NULL), WK_OK);
    for (int i = 0; i < COUNT; i++) {
        wk_wcs_to_pixel(wcs, 1, sky + 2 * i, one, NULL);
        assert_memory_equal(one, back + 2 * i, sizeof one);
        wk_wcs_to_sky(wcs, 1, xy + 2 * i, one, NULL);
        assert_true(i == 5 || memcmp(one, sky + 2 * i, sizeof one) == 0);
    }
    assert_int_equal(wk_wcs_to_sky(wcs, 0, NULL, NULL, NULL), WK_OK);
    assert_int_equal(wk_wcs_to_pixel(wcs, 0, NULL, NULL, NULL), WK_OK);
    wk_wcs_free(wcs);
}

static void copy_stands_alone(void **state)
{
    (void)state;
    const char *headers[] = {TAN_CARDS, decam_n11, TAN_AXES STRONG_SIP,
                             TAN_CARDS "EQUINOX = 1950."};
    for (int h = 0; h < 4; h++) {
        wk_wcs *copy, *first = make(headers[h]);
        const double xy[2] = {100, 200};
        double a[2], b[2], back[2];
        wk_wcs_to_sky(first, 1, xy, a, NULL);
        assert_int_equal(wk_wcs_copy(&copy, first, NULL), WK_OK);
        wk_wcs_free(first);
        wk_wcs_to_sky(copy, 1, xy, b, NULL);
        wk_wcs_to_pixel(copy, 1, b, back, NULL);
        assert_memory_equal(a, b, sizeof a);
        assert_true(hypot(back[0] - 100, back[1] - 200) < 1e-7);
        wk_wcs_free(copy);
    }
    wk_wcs_free(NULL);
}

static wk_status create_and_copy(int64_t index, int worker, void *payload, int64_t *bytes,
                                 wk_error *error)
{
    const double xy[2] = {2000, 4000};
    double(*sky)[2] = payload;
    wk_wcs *wcs, *copy;
    (void)worker;
    (void)bytes;
    wk_status status = create(&wcs, index % 2 ? decam_n11 : TAN_AXES STRONG_SIP, error);
    if (status < 0)
        return status;
    status = wk_wcs_copy(&copy, wcs, error);
    if (status == WK_OK)
        status = wk_wcs_to_sky(copy, 1, xy, sky[index], error);
    wk_wcs_free(copy);
    wk_wcs_free(wcs);
    return status;
}

static void threads_do_not_meet(void **state)
{
    (void)state;
    enum { COUNT = 400 };
    static double sky[COUNT][2];
    wk_context four = {.threads = 4};
    assert_int_equal(wk_parallel_for(COUNT, NULL, create_and_copy, sky, &four, NULL), WK_OK);
    for (int i = 2; i < COUNT; i++)
        assert_memory_equal(sky[i], sky[i % 2], sizeof sky[i]);
}

typedef struct shared {
    const wk_wcs *wcs;
    double sky[200][2];
} shared;

static wk_status copy_shared(int64_t index, int worker, void *payload, int64_t *bytes,
                             wk_error *error)
{
    const double xy[2] = {2000, 4000};
    shared *all = payload;
    wk_wcs *copy;
    (void)worker;
    (void)bytes;
    wk_status status = wk_wcs_copy(&copy, all->wcs, error);
    if (status == WK_OK)
        status = wk_wcs_to_sky(copy, 1, xy, all->sky[index], error);
    wk_wcs_free(copy);
    return status;
}

static void one_is_copied_by_many(void **state)
{
    (void)state;
    static shared all;
    wk_wcs *wcs = make(decam_n11);
    wk_context four = {.threads = 4};
    all.wcs = wcs;
    assert_int_equal(wk_parallel_for(200, NULL, copy_shared, &all, &four, NULL), WK_OK);
    for (int i = 0; i < 200; i++)
        for (int k = 0; k < 2; k++)
            assert_true(fabs(all.sky[i][k] - decam_n11_golden[5][2 + k]) < 1e-9);
    wk_wcs_free(wcs);
}

static void expect_refusal(const char *lines, const char *part)
{
    wk_wcs *wcs = (wk_wcs *)lines;
    wk_error error = {0};
    assert_int_equal(create(&wcs, lines, &error), WK_WCS);
    assert_null(wcs);
    assert_string_equal(error.subject, "a.fits[1]");
    if (!strstr(error.message, part))
        fail_msg("'%s' does not say '%s'", error.message, part);
}

static void refusals_say_why(void **state)
{
    (void)state;
    expect_refusal("", "no CTYPE");
    expect_refusal("SIMPLE  = T", "no CTYPE");
    expect_refusal(TAN_CARDS "CRVAL1  = NaN", "CRVAL1 is not finite");
    expect_refusal(TAN_AXES "CD1_1   = 0.\nCD2_2   = 0.", "singular");
    expect_refusal(TAN_AXES "CD1_1   = 1E-4\nCD1_2   = 1E-4\nCD2_1   = 1E-4\nCD2_2   = 1E-4",
                   "singular");
    expect_refusal(TAN_AXES "CD1_1   = 1E-4\nCD1_2   = 2E-4\nCD2_1   = 3E-4\n"
                            "CD2_2   = 6.000000000000001E-4",
                   "singular");
    expect_refusal(TAN_CARDS "CDELT1  = 0.0", "CDELT1 is zero");
    expect_refusal(TAN_CARDS "CRVAL2  = 95.", "latitude 95");
    expect_refusal(TAN_CARDS "RADESYS = 'GAPPT'", "GAPPT");
    expect_refusal(TAN_CARDS "EQUINOX = 20.", "EQUINOX 20");
    expect_refusal(TAN_CARDS "CTYPE1  = 'RA---COP'\nCTYPE2  = 'DEC--COP'", "make no sense");
    expect_refusal(TAN_CARDS "CTYPE1  = 'RA---TNX'\nCTYPE2  = 'DEC--TNX'\n"
                             "WAT1_001= 'wtype=tnx lngcor = \"3. 4. x\"'",
                   "TNX are malformed");
}

static void summary_is_told(void **state)
{
    (void)state;
    wk_wcs *wcs = make(decam_n11);
    wk_wcs_summary told;
    assert_int_equal(wk_wcs_describe(&told, wcs, 41, 51, NULL), WK_OK);
    assert_string_equal(told.ctype[0], "RA---TPV");
    assert_string_equal(told.ctype[1], "DEC--TPV");
    assert_string_equal(told.distortion, "TPV");
    assert_string_equal(told.frame, "ICRS");
    assert_int_equal(told.ignored_lookup, 0);
    for (int k = 0; k < 2; k++) {
        assert_true(fabs(told.centre[k] - decam_n11_golden[0][2 + k]) < 1e-9);
        for (int i = 0; i < 4; i++)
            assert_true(fabs(told.corners[i][k] - decam_n11_golden[1 + i][2 + k]) < 1e-9);
    }
    assert_int_equal(wk_wcs_describe(&told, wcs, 0, 51, NULL), WK_ARGUMENT);
    wk_wcs_free(wcs);
}

/* The scale at the reference of an undistorted TAN is that of the header; CAR shrinks pixels by the
 * cosine of the latitude.  Differences over a pixel of 5e-6 rad leave 1e-10 of rounding. */
static void scale_is_of_the_area(void **state)
{
    (void)state;
    wk_wcs_summary told;
    wk_wcs *wcs = make(TAN_CARDS "CDELT1  = -4.E-4\nCDELT2  = 1.E-4");
    assert_int_equal(wk_wcs_describe(&told, wcs, 1023, 1023, NULL), WK_OK);
    assert_true(fabs(told.pixel_scale - 2e-4 * 3600) < 1e-8);
    wk_wcs_free(wcs);
    wcs = make("CTYPE1  = 'GLON-CAR'\nCTYPE2  = 'GLAT-CAR'\nCRPIX1  = 1.\nCRPIX2  = 1.\n"
               "CDELT1  = -0.01\nCDELT2  = 0.01\nRADESYS = 'FK5'");
    assert_int_equal(wk_wcs_describe(&told, wcs, 1, 12001, NULL), WK_OK);
    assert_true(fabs(told.pixel_scale - 36 * sqrt(0.5)) < 1e-6);
    assert_string_equal(told.frame, "GALACTIC");
    wk_wcs_free(wcs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decam_is_astropys),         cmocka_unit_test(frames_are_astropys),
        cmocka_unit_test(projections_are_astropys),  cmocka_unit_test(conventions_are_astropys),
        cmocka_unit_test(tnx_is_astropys),           cmocka_unit_test(back_is_where_it_began),
        cmocka_unit_test(forms_of_the_matrix_agree), cmocka_unit_test(longitudes_are_in_range),
        cmocka_unit_test(far_side_is_nan),           cmocka_unit_test(strange_pixels_are_nan),
        cmocka_unit_test(any_count_gives_the_same),  cmocka_unit_test(copy_stands_alone),
        cmocka_unit_test(threads_do_not_meet),       cmocka_unit_test(one_is_copied_by_many),
        cmocka_unit_test(refusals_say_why),          cmocka_unit_test(summary_is_told),
        cmocka_unit_test(scale_is_of_the_area),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
