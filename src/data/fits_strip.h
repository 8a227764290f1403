/* Changing the pixels of one image on their way to another file, strip by strip. */
#ifndef WELKIN_DATA_FITS_STRIP_H
#define WELKIN_DATA_FITS_STRIP_H

#include "fits_carry.h"
#include "welkin/edit.h"

/* What is to become of one HDU. */
typedef struct wk_fits_plane_edit {
    int hdu; /* 0-based */
    int64_t width, height;
    wk_status (*change)(void *payload, int worker, wk_rect rect, double *values, wk_error *error);
    void *payload; /* as in wk_plane_edit; so are the rest */
    const wk_keyword *keywords;
    size_t keyword_count;
    int worker; /* the number that change is given for the first worker */
} wk_fits_plane_edit;

/* Carry the pixels of the HDU at hand over, from carry->from to carry->to, changed by edit->change.
 *
 * Given      pixel    4 or 8: its data unit is of such floats and stays so; 0: any image, read by
 *                     CFITSIO, becomes float32
 * Returned   sum      the new data unit's checksum, the same for any number of threads
 * Notes      1. A NaN of float pixels that is still one keeps its bits.
 *            2. Each worker holds a strip as it is stored and in double.  A gzipped file is read by
 *               one worker, because CFITSIO holds all of it in memory. */
wk_status wk_fits_strip_change(uint32_t *sum, const wk_fits_carry *carry,
                               const wk_fits_plane_edit *edit, int pixel, const wk_context *context,
                               wk_error *error);

#endif
