#include "wcs_frame.h"

#include <erfa.h>
#include <erfam.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "status.h"

/* The E-terms of aberration of B1950, from Smith et al. 1989, AJ 97, 265. */
static const double elliptic_terms[3] = {-1.62557e-6, -0.31919e-6, -0.13843e-6};

static void to_vector(const double position[2], double v[3])
{
    eraS2c(position[0] * ERFA_DD2R, position[1] * ERFA_DD2R, v);
}

static void from_vector(const double v[3], double position[2])
{
    double longitude = atan2(v[1], v[0]) * ERFA_DR2D;
    if (longitude < 0)
        longitude += 360;
    position[0] = longitude >= 360 ? 0 : longitude;
    position[1] = atan2(v[2], hypot(v[0], v[1])) * ERFA_DR2D;
}

static void multiply(const double m[3][3], const double v[3], double out[3])
{
    for (int i = 0; i < 3; i++)
        out[i] = m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2];
}

static void multiply_back(const double m[3][3], const double v[3], double out[3])
{
    for (int i = 0; i < 3; i++)
        out[i] = m[0][i] * v[0] + m[1][i] * v[1] + m[2][i] * v[2];
}

static void set_matrix(wk_wcs_frame *frame, double m[3][3])
{
    memcpy(frame->matrix, m, sizeof frame->matrix);
    frame->kind = WK_FRAME_ROTATION;
}

static void choose_fk5(wk_wcs_frame *frame)
{
    double to_hipparcos[3][3], spin[3], date1, date2, bias[3][3], precession[3][3], both[3][3];
    double back[3][3], product[3][3];
    eraFk5hip(to_hipparcos, spin);
    eraEpj2jd(frame->equinox, &date1, &date2);
    eraBp06(date1, date2, bias, precession, both);
    eraTr(precession, back);
    eraRxr(to_hipparcos, back, product);
    set_matrix(frame, frame->equinox == 2000 ? to_hipparcos : product);
}

/* Newcomb's precession from one Besselian year to another, in the form of Kinoshita 1975 (SAO
 * Special Report 364). */
static void newcomb(double from, double to, double m[3][3])
{
    double t0 = (from - 1850) / 1000;
    double t = (to - from) / 1000;
    double common = 23035.545 + t0 * (139.720 + 0.060 * t0);
    double zeta = ((17.995 * t + 30.240 - 0.27 * t0) * t + common) * t;
    double z = ((18.325 * t + 109.480 + 0.39 * t0) * t + common) * t;
    double linear = 20051.12 - t0 * (85.29 + 0.37 * t0);
    double theta = ((-41.80 * t - 42.65 - 0.37 * t0) * t + linear) * t;
    eraIr(m);
    eraRz(-zeta * ERFA_DAS2R, m);
    eraRy(theta * ERFA_DAS2R, m);
    eraRz(-z * ERFA_DAS2R, m);
}

/* A vector of FK4, of any length near 1, to ICRS. */
static void besselian_to_icrs(const wk_wcs_frame *frame, const double v[3], double out[3])
{
    double b1950[3], ra, dec, ra2000, dec2000, fk5[3];
    multiply(frame->besselian, v, b1950);
    if (!frame->elliptic) {
        double along = 0;
        for (int i = 0; i < 3; i++)
            along += b1950[i] * elliptic_terms[i];
        for (int i = 0; i < 3; i++)
            b1950[i] += elliptic_terms[i] - along * b1950[i];
    }
    eraC2s(b1950, &ra, &dec);
    eraFk45z(ra, dec, frame->equinox, &ra2000, &dec2000);
    eraS2c(ra2000, dec2000, fk5);
    multiply(frame->matrix, fk5, out);
}

/* The whole way as one rotation, up to terms of 1e-5. */
static void set_whole(wk_wcs_frame *frame)
{
    for (int column = 0; column < 3; column++) {
        double axis[3] = {column == 0, column == 1, column == 2};
        double turned[3];
        besselian_to_icrs(frame, axis, turned);
        for (int row = 0; row < 3; row++)
            frame->whole[row][column] = turned[row];
    }
}

static void choose_fk4(wk_wcs_frame *frame, int elliptic)
{
    double spin[3];
    eraFk5hip(frame->matrix, spin);
    newcomb(frame->equinox, 1950, frame->besselian);
    frame->elliptic = elliptic;
    frame->kind = WK_FRAME_BESSELIAN;
    set_whole(frame);
}

/* The pole and the zero of longitude in FK5 J2000, as astropy has them (Reid & Brunthaler 2004, ApJ
 * 616, 872), so that positions agree with what most users compare with.  The Hipparcos definition,
 * in ICRS, lies 0.024 arcsec away. */
static void choose_galactic(wk_wcs_frame *frame)
{
    const double pole_ra = 192.8594812065348, pole_dec = 27.12825118085622;
    const double pole_longitude = 122.9319185680026;
    double to_galactic[3][3], to_fk5[3][3], to_icrs[3][3], spin[3];
    eraIr(to_galactic);
    eraRz(pole_ra * ERFA_DD2R, to_galactic);
    eraRy((90 - pole_dec) * ERFA_DD2R, to_galactic);
    eraRz((180 - pole_longitude) * ERFA_DD2R, to_galactic);
    eraTr(to_galactic, to_fk5);
    eraFk5hip(to_icrs, spin);
    eraRxr(to_icrs, to_fk5, frame->matrix);
    frame->kind = WK_FRAME_ROTATION;
}

static void choose_ecliptic(wk_wcs_frame *frame)
{
    double date1, date2, to_ecliptic[3][3], back[3][3];
    eraEpj2jd(frame->equinox, &date1, &date2);
    eraEcm06(date1, date2, to_ecliptic);
    eraTr(to_ecliptic, back);
    set_matrix(frame, back);
}

/* RADESYS in the spellings that headers have; "" where it says nothing. */
static const char *reference(const char *radesys, double equinox)
{
    static const char *const names[][2] = {{"ICRS", "ICRS"}, {"ICRF", "ICRS"}, {"FK5", "FK5"},
                                           {"J2000", "FK5"}, {"FK4", "FK4"},   {"FK4-NO-E", "FK4N"},
                                           {"B1950", "FK4"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(radesys, names[i][0]) == 0)
            return names[i][1];
    if (isnan(equinox))
        return "ICRS";
    return equinox < 1984 ? "FK4" : "FK5";
}

static void choose_equatorial(wk_wcs_frame *out, const char *name)
{
    int fk4 = strncmp(name, "FK4", 3) == 0;
    snprintf(out->name, sizeof out->name, "%.4s", fk4 ? "FK4" : name);
    if (isnan(out->equinox))
        out->equinox = fk4 ? 1950 : 2000;
    if (fk4)
        choose_fk4(out, strcmp(name, "FK4") == 0);
    else if (strcmp(name, "FK5") == 0)
        choose_fk5(out);
}

wk_status wk_wcs_frame_choose(wk_wcs_frame *out, wk_wcs_system system, const char *radesys,
                              double equinox, const char *subject, wk_error *error)
{
    memset(out, 0, sizeof *out);
    if (equinox == 0)
        equinox = (double)NAN;
    if (strcmp(radesys, "GAPPT") == 0)
        return wk_error_set(error, WK_WCS, subject,
                            "RADESYS is GAPPT: apparent places cannot be brought to ICRS");
    if (!isnan(equinox) && !(equinox > 1500 && equinox < 2500))
        return wk_error_set(error, WK_WCS, subject, "EQUINOX %g is not a year", equinox);
    out->equinox = equinox;
    if (system == WK_WCS_GALACTIC) {
        snprintf(out->name, sizeof out->name, "GALACTIC");
        choose_galactic(out);
    } else if (system == WK_WCS_ECLIPTIC) {
        snprintf(out->name, sizeof out->name, "ECLIPTIC");
        out->equinox = isnan(equinox) ? 2000 : equinox;
        choose_ecliptic(out);
    } else {
        choose_equatorial(out, reference(radesys, equinox));
    }
    return WK_OK;
}

/* The inverse is iterated, so that there and back ends where it began: the published inverse
 * supposes another motion and misses by more than a pixel's millionth. */
static void besselian_from_icrs(const wk_wcs_frame *frame, const double target[3], double out[3])
{
    multiply_back(frame->whole, target, out);
    for (int iteration = 0; iteration < 5; iteration++) {
        double reached[3], missing[3], step[3];
        besselian_to_icrs(frame, out, reached);
        for (int i = 0; i < 3; i++)
            missing[i] = target[i] - reached[i];
        multiply_back(frame->whole, missing, step);
        for (int i = 0; i < 3; i++)
            out[i] += step[i];
        double length = sqrt(out[0] * out[0] + out[1] * out[1] + out[2] * out[2]);
        for (int i = 0; i < 3; i++)
            out[i] /= length;
    }
}

void wk_wcs_frame_to_icrs(const wk_wcs_frame *frame, int64_t n, double *sky)
{
    if (frame->kind == WK_FRAME_ICRS)
        return;
    for (int64_t i = 0; i < n; i++) {
        double v[3], turned[3];
        to_vector(sky + 2 * i, v);
        if (frame->kind == WK_FRAME_ROTATION)
            multiply(frame->matrix, v, turned);
        else
            besselian_to_icrs(frame, v, turned);
        from_vector(turned, sky + 2 * i);
    }
}

void wk_wcs_frame_from_icrs(const wk_wcs_frame *frame, int64_t n, double *sky)
{
    if (frame->kind == WK_FRAME_ICRS)
        return;
    for (int64_t i = 0; i < n; i++) {
        double v[3], turned[3];
        to_vector(sky + 2 * i, v);
        if (frame->kind == WK_FRAME_ROTATION)
            multiply_back(frame->matrix, v, turned);
        else
            besselian_from_icrs(frame, v, turned);
        from_vector(turned, sky + 2 * i);
    }
}
