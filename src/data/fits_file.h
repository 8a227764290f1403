/* The inside of an open FITS file, for src/data/fits*.c only. */
#ifndef WELKIN_DATA_FITS_FILE_H
#define WELKIN_DATA_FITS_FILE_H

#include <fitsio.h>

#include "fits.h"

struct wk_fits {
    fitsfile *file;
    char *path;
    int packed; /* nonzero: gzipped, so that CFITSIO holds the file in memory */
    int hdu;    /* the selected one, 0-based */
};

/* Report CFITSIO's status in words: "cannot <action>: ..."; the subject is path[hdu], hdu < 0: the
 * path alone.  WK_FILE, or WK_MEMORY where memory was the cause. */
wk_status wk_fits_fail(const char *path, int hdu, int status, const char *action, wk_error *error);

#endif
