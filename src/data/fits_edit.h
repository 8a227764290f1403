/* Copying a FITS file while pixels and keywords of some of its images are changed. */
#ifndef WELKIN_DATA_FITS_EDIT_H
#define WELKIN_DATA_FITS_EDIT_H

#include "fits_strip.h"

/* wk_exposures_edit with plain arguments.
 * Status     as there; WK_FILE for an image that is not of the size given; WK_HEADER for an HDU
 *            that holds no image or is not there */
wk_status wk_fits_edit_planes(const char *path, const char *input, const wk_fits_plane_edit *edits,
                              size_t count, const wk_write_options *options,
                              const wk_context *context, wk_error *error);

#endif
