/* Tables of FITS files: which HDU, its columns, a column's numbers. */
#ifndef WELKIN_DATA_FITS_TABLE_READ_H
#define WELKIN_DATA_FITS_TABLE_READ_H

#include "exposure_layout.h"
#include "table_read.h"

/* Fill a table that has a path; the file is closed again.
 * Given    extension   NULL: the first table with rows, else the first table
 * Status   WK_FILE, WK_HEADER */
wk_status wk_fits_table_look(wk_table *table, const wk_extension *extension, wk_error *error);

/* One number a row of a column of numbers or truth values; undefined ones are NaN.  The file is
 * opened anew, so that threads may read at the same time. */
wk_status wk_fits_table_numbers(double *values, const wk_table *table, int index, wk_error *error);

#endif
