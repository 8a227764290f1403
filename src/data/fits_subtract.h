/* Copying a FITS file while taking a level off some of its images. */
#ifndef WELKIN_DATA_FITS_SUBTRACT_H
#define WELKIN_DATA_FITS_SUBTRACT_H

#include "welkin/exposure.h"

/* What is done to one HDU. */
typedef struct wk_fits_edit {
    int hdu;      /* 0-based, each at most once */
    double level; /* in the image's units, finite */
    int valid;    /* zero: copied as it is */
} wk_fits_edit;

/* wk_exposures_write with plain arguments.
 * Status     WK_EXISTS, WK_FILE; WK_HEADER if an HDU holds no image, or one whose numbers cannot
 *            take the level (unsigned 64-bit integers lose it; see fits_tile.h for others);
 *            WK_ARGUMENT for a level that is not finite, two edits of an HDU or a method that is no
 *            header text
 * Notes      1. The input may be gzipped; the output is when its name ends in ".gz".
 *            2. Floats with BSCALE or BZERO are treated like integers: BZERO moves.
 *            3. Bytes that follow the last HDU are copied too.
 *            4. Links: an output that is a link is replaced, not what it points to. */
wk_status wk_fits_subtract(const char *path, const char *input, const wk_fits_edit *edits,
                           size_t count, const wk_write_options *options, wk_error *error);

#endif
