/* Frames on the sky, and the way from each to ICRS. */
#ifndef WELKIN_DATA_WCS_FRAME_H
#define WELKIN_DATA_WCS_FRAME_H

#include "welkin/status.h"
#include "wcs_header.h"

typedef enum wk_frame_kind {
    WK_FRAME_ICRS = 0, /* nothing to do */
    WK_FRAME_ROTATION, /* matrix times vector */
    WK_FRAME_BESSELIAN /* FK4: also the elliptic terms of aberration */
} wk_frame_kind;

typedef struct wk_wcs_frame {
    wk_frame_kind kind;
    char name[16];          /* as in wk_wcs_summary */
    double matrix[3][3];    /* to ICRS; for FK4 from FK5 J2000 */
    double besselian[3][3]; /* FK4: from the equinox to B1950 */
    double whole[3][3];     /* FK4: to ICRS but for terms of 1e-5 */
    double equinox;         /* years, Besselian for FK4 */
    int elliptic;           /* FK4 positions include the elliptic terms */
} wk_wcs_frame;

/* Choose the frame.
 *
 * Given      system, radesys ("" if the header has none), equinox (NaN if it has none)
 * Returned   out
 * Status     WK_WCS: a frame that cannot be brought to ICRS, or no year
 * Notes      1. Without RADESYS the equinox decides: none is ICRS, before 1984 FK4, else FK5.
 *            2. FK5 is turned into ICRS by the Hipparcos rotation (23 mas), another equinox than
 *               2000 first by the IAU 2006 precession.
 *            3. FK4 positions are taken at the epoch of their equinox: objects without motion in
 *               FK5.  Another equinox than 1950 is precessed by Newcomb's constants, the elliptic
 *               terms along with it (1 mas in fifty years).
 * Accuracy   against astropy: 1e-5 arcsec FK5 and ecliptic; 0.01 arcsec FK4 of 1950, 0.05 of 1900;
 *            0.03 arcsec galactic, whose pole astropy defines in FK5 and ERFA in ICRS
 *            [tests/unit/test_wcs_frame.c] */
wk_status wk_wcs_frame_choose(wk_wcs_frame *out, wk_wcs_system system, const char *radesys,
                              double equinox, const char *subject, wk_error *error);

/* Turn n positions, degrees, in place; NaN stays NaN.  Longitudes come out in [0, 360). */
void wk_wcs_frame_to_icrs(const wk_wcs_frame *frame, int64_t n, double *sky);
void wk_wcs_frame_from_icrs(const wk_wcs_frame *frame, int64_t n, double *sky);

#endif
