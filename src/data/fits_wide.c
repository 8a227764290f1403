#include "fits_wide.h"

#include <math.h>

#include "fits_file.h"

wk_status wk_fits_read_wide(double *pixels, wk_fits_plane *plane, int64_t row, int64_t rows,
                            wk_error *error)
{
    double undefined = (double)NAN;
    int found = 0, status = 0;
    fits_read_img(plane->fits->file, TDOUBLE, row * plane->width + 1, rows * plane->width,
                  plane->blank ? &undefined : NULL, pixels, &found, &status);
    return status
               ? wk_fits_fail(plane->fits->path, plane->fits->hdu, status, "read the pixels", error)
               : WK_OK;
}
