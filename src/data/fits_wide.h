/* Pixels in double, with every digit that they have. */
#ifndef WELKIN_DATA_FITS_WIDE_H
#define WELKIN_DATA_FITS_WIDE_H

#include "fits.h"

/* Rows as float64, scaled; undefined integers are NaN.  At most plane->strip rows at a time.  What
 * is quantised in compressed tiles is not rounded to float32 as wk_fits_read_pixels does: for
 * float32 images that one has the pixels that other programs see. */
wk_status wk_fits_read_wide(double *pixels, wk_fits_plane *plane, int64_t row, int64_t rows,
                            wk_error *error);

#endif
