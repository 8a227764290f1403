/* Carrying the bytes of one FITS file to another, changed or not, a strip at a time. */
#ifndef WELKIN_DATA_FITS_COPY_H
#define WELKIN_DATA_FITS_COPY_H

#include "output.h"

enum { WK_FITS_STRIP = 1 << 18 }; /* bytes; small enough for the cache, large enough for the disk */

typedef struct wk_fits_copy {
    int input;
    const char *name; /* the input's, for messages */
    int64_t size;     /* of the input */
    int64_t from;     /* the next byte to read */
    int64_t to;       /* where it goes */
    wk_output *output;
    unsigned char *strip; /* WK_FITS_STRIP bytes */
} wk_fits_copy;

/* Room for the strip; the caller sets the rest. */
wk_status wk_fits_copy_begin(wk_fits_copy *copy, wk_error *error);
void wk_fits_copy_end(wk_fits_copy *copy);

/* Read at a place of the input; WK_FILE where it ends before. */
wk_status wk_fits_copy_read(const wk_fits_copy *copy, int64_t place, void *data, size_t size,
                            wk_error *error);

/* Carry bytes over as they are. */
wk_status wk_fits_copy_plain(wk_fits_copy *copy, int64_t bytes, wk_error *error);

/* The same, adding them to a checksum; start is where they lie in the data unit. */
wk_status wk_fits_copy_sum(wk_fits_copy *copy, int64_t start, int64_t bytes, uint32_t *sum,
                           wk_error *error);

/* Carry float pixels of 4 or 8 bytes over, from the start of a data unit, less the level. */
wk_status wk_fits_copy_subtract(wk_fits_copy *copy, int64_t bytes, int pixel, double level,
                                uint32_t *sum, wk_error *error);

/* Fill the last block behind a data unit of bytes bytes.  What fills it in the input is carried
 * over if the unit was of that size there too, else it is skipped and zeros are written. */
wk_status wk_fits_copy_padding(wk_fits_copy *copy, int64_t before, int64_t bytes, uint32_t *sum,
                               wk_error *error);

#endif
