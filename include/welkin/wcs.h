/* World coordinates: from pixels of an exposure to the sky and back.
 *
 * Every sky position is ICRS right ascension and declination in degrees, whatever frame the header
 * uses (ICRS, FK5, FK4, galactic, ecliptic): two exposures in different frames can be compared.
 * Pixel coordinates are 0-based centres.  Arrays hold pairs: x0, y0, x1, y1, ...
 */
#ifndef WELKIN_WCS_H
#define WELKIN_WCS_H

#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wk_wcs wk_wcs;

/* Read the world coordinates of one image header.
 *
 * Given      header   80-character records one after another, no newlines (as in the file)
 *            records  how many of them
 *            subject  named in errors ("a.fits[1]"); may be NULL
 * Returned   out      caller frees with wk_wcs_free
 * Status     WK_WCS   there is no celestial pair of axes, a number is not finite, the matrix is
 *                     singular, or the projection is unknown; the message says which
 * Notes      1. Any projection and distortion that WCSLIB knows: TAN, SIN, CAR, ZPN, ... with SIP,
 *               TPV, TNX, ZPX, DSS; CD, PC + CDELT, or CDELT + CROTA.
 *            2. TAN with PV terms beyond the standard's is read as TPV (old SCAMP headers).
 *            3. SIP terms are applied even where CTYPE lacks "-SIP".
 *            4. Of a header with more than two axes the celestial pair is used.
 *            5. Lookup-table distortions (CPDISja, D2IMDISi) are not applied; wk_wcs_describe says
 * so.
 */
WK_API wk_status wk_wcs_create(wk_wcs **out, const char *header, int64_t records,
                               const char *subject, wk_error *error);

/* A copy for another thread: the mapping functions write to scratch inside the object. */
WK_API wk_status wk_wcs_copy(wk_wcs **out, const wk_wcs *wcs, wk_error *error);

WK_API void wk_wcs_free(wk_wcs *wcs);

/* Map n pixel positions to the sky.
 *
 * Given      wcs    not shared with another thread during the call
 *            n      how many
 *            xy     double[n][2], 0-based pixels; need not lie inside the image
 * Returned   sky    double[n][2], degrees, ICRS, 0 <= ra < 360; NaN where there is no answer; may
 *                   be the array xy
 * Status     WK_MEMORY only; a position without an answer is NaN, never an error
 * Accuracy   that of WCSLIB: 1e-9 arcsec of round trip without distortion  [tests/unit/test_wcs.c]
 */
WK_API wk_status wk_wcs_to_sky(wk_wcs *wcs, int64_t n, const double *xy, double *sky,
                               wk_error *error);

/* Map n sky positions to pixels; as wk_wcs_to_sky.  NaN on the far side of the sky, and where the
 * distortion cannot be inverted.  Round trip to 1e-6 px with SIP, TPV  [tests/unit/test_wcs.c]
 * A pixel that is given does map back to its position: a distortion that folds far outside of the
 * image never brings a false pixel into it. */
WK_API wk_status wk_wcs_to_pixel(wk_wcs *wcs, int64_t n, const double *sky, double *xy,
                                 wk_error *error);

/* What a user wants to know about the coordinates of an image of some size. */
typedef struct wk_wcs_summary {
    char ctype[2][16];  /* as in the header, trimmed: "RA---TPV" */
    char distortion[8]; /* "none", "SIP", "TPV", "TNX", "ZPX", "DSS" */
    char frame[16];     /* "ICRS", "FK5", "FK4", "GALACTIC", "ECLIPTIC" */
    int ignored_lookup; /* nonzero: lookup-table distortions are present and not applied */
    double pixel_scale; /* arcsec: square root of the pixel area at the image centre */
    double centre[2];   /* degrees; of pixel ((width-1)/2, (height-1)/2) */
    double corners[4]
                  [2]; /* degrees; outer pixel edges, from (-0.5, -0.5) anticlockwise in pixels */
} wk_wcs_summary;

WK_API wk_status wk_wcs_describe(wk_wcs_summary *out, const wk_wcs *wcs, int64_t width,
                                 int64_t height, wk_error *error);

#ifdef __cplusplus
}
#endif

#endif
