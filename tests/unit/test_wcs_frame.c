#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wcs_frame.h"

static const double arcsec = M_PI / 648000;

static double separation(const double a[2], const double b[2])
{
    double d = (a[1] - b[1]) * M_PI / 180;
    double r = remainder(a[0] - b[0], 360) * M_PI / 180;
    double mean = 0.5 * (a[1] + b[1]) * M_PI / 180;
    return hypot(d, r * cos(mean)) / arcsec;
}

typedef struct golden {
    wk_wcs_system system;
    const char *radesys;
    double equinox;
    const char *name;
    double bound; /* arcsec */
    double icrs[3][2];
} golden;

static const double places[3][2] = {{10, 20}, {200, -70}, {359.9, 5}};

/* astropy 5.2: SkyCoord(place, frame=F).icrs with F in turn FK5(), FK5(equinox="J1975"), FK4(),
 * FK4(equinox="B1900"), FK4(equinox="B1975"), FK4NoETerms(), Galactic(),
 * BarycentricMeanEcliptic(); printed to 1e-9 degrees = 4e-6 arcsec.
 * The bounds: FK5 and ecliptic by the printed digits; FK4 by astropy's own note that its matrix
 * (Murray 1989) and the one of ERFA (Standish 1982) differ by milliarcseconds. */
static const golden known[] = {
    {WK_WCS_EQUATORIAL, "ICRS", (double)NAN, "ICRS", 1e-12, {{10, 20}, {200, -70}, {359.9, 5}}},
    {WK_WCS_EQUATORIAL,
     "FK5",
     2000,
     "FK5",
     1e-5,
     {{9.999991498, 19.999998471}, {199.999976992, -69.999999515}, {359.899993156, 4.999997463}}},
    {WK_WCS_EQUATORIAL,
     "FK5",
     1975,
     "FK5",
     1e-5,
     {{10.329230634, 20.137000886}, {200.452929436, -70.130603103}, {0.220271174, 5.139184683}}},
    {WK_WCS_EQUATORIAL,
     "FK4",
     1950,
     "FK4",
     0.01,
     {{10.658967276, 20.273867216}, {200.909911944, -70.260937263}, {0.540776915, 5.278401107}}},
    {WK_WCS_EQUATORIAL,
     "FK4",
     1900,
     "FK4",
     0.05,
     {{11.318851542, 20.547219419}, {201.834879879, -70.520248155}, {1.181307748, 5.556827109}}},
    {WK_WCS_EQUATORIAL,
     "",
     1975,
     "FK4",
     0.01,
     {{10.329496851, 20.136988479}, {200.453244551, -70.130700240}, {0.220553270, 5.139197154}}},
    {WK_WCS_EQUATORIAL,
     "FK4-NO-E",
     (double)NAN,
     "FK4",
     0.01,
     {{10.658965342, 20.273892222}, {200.909867245, -70.260851929}, {0.540758386, 5.278401321}}},
    {WK_WCS_GALACTIC,
     "",
     (double)NAN,
     "GALACTIC",
     1e-5,
     {{254.284943584, -9.782228772},
      {33.797345544, -21.122512024},
      {261.585711235, -26.330628533}}},
    {WK_WCS_ECLIPTIC,
     "",
     (double)NAN,
     "ECLIPTIC",
     1e-5,
     {{0.845873287, 22.253494661}, {140.338339191, -65.323883239}, {357.915215965, 4.546739162}}},
};
enum { KNOWN = sizeof known / sizeof *known };

static wk_wcs_frame frame_of(const golden *one)
{
    wk_wcs_frame frame;
    assert_int_equal(
        wk_wcs_frame_choose(&frame, one->system, one->radesys, one->equinox, NULL, NULL), WK_OK);
    return frame;
}

static void icrs_is_astropys(void **state)
{
    (void)state;
    for (int i = 0; i < KNOWN; i++) {
        double sky[3][2];
        wk_wcs_frame frame = frame_of(&known[i]);
        memcpy(sky, places, sizeof sky);
        wk_wcs_frame_to_icrs(&frame, 3, sky[0]);
        for (int k = 0; k < 3; k++)
            assert_true(separation(sky[k], known[i].icrs[k]) < known[i].bound);
        assert_string_equal(frame.name, known[i].name);
    }
}

/* There and back must agree far better than a millionth of any pixel: 1e-9 arcsec is a few times
 * the rounding of 360 degrees. */
static void back_is_where_it_began(void **state)
{
    (void)state;
    for (int i = 0; i < KNOWN; i++) {
        wk_wcs_frame frame = frame_of(&known[i]);
        for (double ra = 0; ra < 360; ra += 7) {
            for (double dec = -89.9; dec < 90; dec += 12.3) {
                double sky[2] = {ra, dec}, first[2] = {ra, dec};
                wk_wcs_frame_to_icrs(&frame, 1, sky);
                wk_wcs_frame_from_icrs(&frame, 1, sky);
                assert_true(separation(sky, first) < 2e-9);
            }
        }
    }
}

static void poles_and_nan_pass(void **state)
{
    (void)state;
    for (int i = 1; i < KNOWN; i++) {
        double sky[6] = {0, 90, 123, -90, (double)NAN, (double)NAN};
        wk_wcs_frame frame = frame_of(&known[i]);
        wk_wcs_frame_to_icrs(&frame, 3, sky);
        assert_true(sky[0] >= 0 && sky[0] < 360 && fabs(sky[1]) <= 90);
        assert_true(sky[2] >= 0 && sky[2] < 360 && fabs(sky[3]) <= 90);
        assert_true(isnan(sky[4]) && isnan(sky[5]));
    }
}

static void expect_name(const char *radesys, double equinox, const char *name)
{
    wk_wcs_frame frame;
    assert_int_equal(wk_wcs_frame_choose(&frame, WK_WCS_EQUATORIAL, radesys, equinox, NULL, NULL),
                     WK_OK);
    assert_string_equal(frame.name, name);
}

static void equinox_decides_without_radesys(void **state)
{
    (void)state;
    expect_name("", (double)NAN, "ICRS");
    expect_name("", 1983.9, "FK4");
    expect_name("", 1984, "FK5");
    expect_name("", 0, "ICRS");
    expect_name("ICRS", 2000, "ICRS");
    expect_name("J2000", (double)NAN, "FK5");
    expect_name("whatever", 2000, "FK5");
}

static void what_is_not_a_frame_is_refused(void **state)
{
    (void)state;
    wk_wcs_frame frame;
    wk_error error;
    assert_int_equal(
        wk_wcs_frame_choose(&frame, WK_WCS_EQUATORIAL, "GAPPT", (double)NAN, "a.fits", &error),
        WK_WCS);
    assert_non_null(strstr(error.message, "GAPPT"));
    assert_int_equal(wk_wcs_frame_choose(&frame, WK_WCS_EQUATORIAL, "", 20, "a.fits", &error),
                     WK_WCS);
    assert_string_equal(error.message, "EQUINOX 20 is not a year");
    assert_string_equal(error.subject, "a.fits");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(icrs_is_astropys),
        cmocka_unit_test(back_is_where_it_began),
        cmocka_unit_test(poles_and_nan_pass),
        cmocka_unit_test(equinox_decides_without_radesys),
        cmocka_unit_test(what_is_not_a_frame_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
