/* The inside of an exposure: what its headers said when it was opened.
 *
 * No header text is kept: of 100,000 exposures it would fill a gigabyte, while reading it again
 * costs about what opening the file cost.
 */
#ifndef WELKIN_DATA_EXPOSURE_H
#define WELKIN_DATA_EXPOSURE_H

#include "welkin/exposure.h"

struct wk_exposure {
    wk_exposure_header header; /* its texts belong to the exposure, but for JWST's mask planes */
    char *name;                /* "file[hdu]" */
    wk_mask_plane *planes;     /* where header.planes points when the file names them */
};

void wk_exposure_free(wk_exposure *exposure);

/* The records of the image's header that also hold for a float32 image made from it, as
 * wk_fits_append_image takes them: coordinates, object, filter, dates.  Left out are those of its
 * structure, scaling, compression, checksums, name and value range, and comments.
 * Returned   text   *count times 80 characters; caller frees with wk_memory_free */
wk_status wk_exposure_records(char **text, int64_t *count, const wk_exposure *exposure,
                              wk_error *error);

#endif
