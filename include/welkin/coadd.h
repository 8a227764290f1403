/* What a coadd of LSST's software was made of: the visits and detectors in its CoaddInputs. */
#ifndef WELKIN_COADD_H
#define WELKIN_COADD_H

#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wk_coadd_input {
    int64_t id;       /* of the visit; of a detector the exposure's own number */
    int64_t visit;    /* of a detector; of a visit its id */
    int64_t detector; /* of a detector, else -1 */
    double weight;    /* NaN: the table has none */
    char filter[72];  /* "": the table has none */
} wk_coadd_input;

typedef struct wk_coadd_inputs {
    wk_coadd_input *visits, *detectors; /* as they stand in the file */
    size_t visit_count, detector_count;
    int has_weight, has_filter; /* nonzero: the table of visits has them */
} wk_coadd_inputs;

/* Read the inputs of a coadd.
 *
 * Given      path   a coadd in LSST's FITS form, also gzipped
 * Returned   out    release with wk_coadd_inputs_release
 * Status     WK_FILE    missing, truncated, not FITS
 *            WK_HEADER  no archive or no CoaddInputs in it, an archive that makes no sense
 * Notes      A table without rows is no failure.
 * Source     docs/methods/butler.md
 */
WK_API wk_status wk_coadd_inputs_read(wk_coadd_inputs *out, const char *path, wk_error *error);

/* Release what a read gave and zero the struct. */
WK_API void wk_coadd_inputs_release(wk_coadd_inputs *inputs);

#ifdef __cplusplus
}
#endif

#endif
