/* The cards of an image header that describe its place on the sky, mended and put in order. */
#ifndef WELKIN_DATA_WCS_HEADER_H
#define WELKIN_DATA_WCS_HEADER_H

#include "welkin/status.h"

typedef enum wk_wcs_system {
    WK_WCS_EQUATORIAL = 0,
    WK_WCS_GALACTIC = 1,
    WK_WCS_ECLIPTIC = 2
} wk_wcs_system;

/* Two axes, numbered 1 and 2, of one representation, every card well formed. */
typedef struct wk_wcs_header {
    char *text;         /* 80-character records for a WCS parser, no END */
    int64_t records;    /* how many of them */
    char ctype[2][16];  /* as the header has them, trimmed */
    char distortion[8]; /* as in wk_wcs_summary */
    char radesys[16];   /* upper case; "" if there is none */
    wk_wcs_system system;
    int latitude;   /* which of the two axes it is, 0 or 1 */
    double unit[2]; /* degrees in a unit of the axis: CUNIT is left out of text */
    int ignored_lookup;
    int has_texts; /* text holds terms of a distortion that nobody has checked */
} wk_wcs_header;

/* Read the primary representation of a header.
 *
 * Given      header, records, subject as for wk_wcs_create; the records after END are not read
 * Returned   out      freed with wk_wcs_header_free, also after a failure
 * Status     WK_WCS, WK_MEMORY
 * Notes      1. Of more than two axes the celestial pair is kept and numbered anew; a matrix that
 *               mixes it with another axis is an error.
 *            2. Numbers may be quoted or have a D for the exponent.  Cards of other axes may be
 *               what they like.
 *            3. CDELT and CROTA beside a CD matrix are dropped.
 *            4. TAN becomes TPV when the latitude axis has PV terms, or the longitude axis has one
 *               above 4; a TPV header without PVi_1 has PVi_1 = 1.
 *            5. SIP terms put "-SIP" into CTYPE; they win over PV terms of TAN, as SCAMP's and
 *               SIP's terms in one header describe the same distortion.  Inverse SIP terms are
 *               dropped: the inverse is iterated.
 *            6. Plate solutions of the Digitized Sky Survey are used where CTYPE is absent. */
wk_status wk_wcs_header_read(wk_wcs_header *out, const char *header, int64_t records,
                             const char *subject, wk_error *error);

void wk_wcs_header_free(wk_wcs_header *header);

#endif
