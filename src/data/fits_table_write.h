/* Binary tables in new FITS files. */
#ifndef WELKIN_DATA_FITS_TABLE_WRITE_H
#define WELKIN_DATA_FITS_TABLE_WRITE_H

#include "fits_write.h"
#include "welkin/table.h"

/* Add a binary table to the file; it cannot be the first HDU.
 * Given      records  count records of 80 characters each, which follow the table's own keywords
 *            extname  NULL or "": none
 *            columns  as wk_table_write has them; integers are K, reals D, texts A
 * Status     WK_ARGUMENT as of wk_table_write */
wk_status wk_fits_append_table(wk_fits_writer *writer, const char *records, int64_t count,
                               const char *extname, const wk_table_column *columns,
                               size_t column_count, int64_t rows, wk_error *error);

#endif
