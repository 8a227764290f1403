/* The archive in files of LSST's software: an index, and tables that objects have rows in. */
#ifndef WELKIN_DATA_FITS_ARCHIVE_H
#define WELKIN_DATA_FITS_ARCHIVE_H

#include "fits.h"

/* The rows of one table that belong to an object. */
typedef struct wk_archive_part {
    int hdu; /* from 0 */
    int64_t row, rows;
} wk_archive_part;

/* Find the parts of a component of the file, "COADD_INPUTS", in the order the object has them.
 *
 * Returned   parts   *count; caller frees with wk_memory_free.  A part without rows has hdu -1
 * Status     WK_HEADER  there is no archive or no such component, or the index makes no sense */
wk_status wk_fits_archive_find(wk_archive_part **parts, size_t *count, wk_fits *fits,
                               const char *component, wk_error *error);

/* Numbers or texts of a column of the part's rows; *found 0: there is no such column of one value
 * in each row, and values stay.
 * Given   width   of one text with its end */
wk_status wk_fits_archive_integers(int64_t *values, int *found, wk_fits *fits,
                                   const wk_archive_part *part, const char *column,
                                   wk_error *error);
wk_status wk_fits_archive_reals(double *values, int *found, wk_fits *fits,
                                const wk_archive_part *part, const char *column, wk_error *error);
wk_status wk_fits_archive_texts(char *values, size_t width, int *found, wk_fits *fits,
                                const wk_archive_part *part, const char *column, wk_error *error);

#endif
