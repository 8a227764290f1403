/* What headers say about an exposure as a whole: detector, filter, time. */
#ifndef WELKIN_DATA_EXPOSURE_DESCRIPTION_H
#define WELKIN_DATA_EXPOSURE_DESCRIPTION_H

#include "fits.h"

typedef struct wk_description {
    char detector[WK_FITS_VALUE]; /* CCDNUM, else DETECTOR; "" if neither */
    char filter[WK_FITS_VALUE];   /* FILTER, else that of FILTER1 and FILTER2 that is not clear */
    double exposure_time;         /* seconds; NaN if none */
    int jwst;                     /* nonzero: TELESCOP is JWST */
    char visit[WK_FITS_VALUE];    /* what exposures of one shutter opening share; "" if none */
    char date[2 * WK_FITS_VALUE]; /* of the observation, as it is written; "" if none */
} wk_description;

/* Read one HDU's header. */
wk_status wk_description_read(wk_description *out, wk_fits *fits, int hdu, wk_error *error);

/* Fill what an image's header lacks from the primary's.  Of several detectors in a file each needs
 * a name of its own: those are named by EXTNAME (EXTVER where EXTNAME says which plane it is), and
 * the primary's detector is passed over. */
void wk_description_complete(wk_description *out, const wk_description *primary,
                             const wk_fits_hdu *hdu, wk_layout layout, int several);

#endif
