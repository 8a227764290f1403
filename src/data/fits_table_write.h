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

/* The same in pieces, for tables larger than memory. */
typedef struct wk_fits_rows {
    wk_fits_writer *writer;
    const wk_table_column *columns; /* borrowed: each piece is put from their values */
    size_t column_count;
    int64_t *width;
    int64_t bytes, count, done; /* bytes of a row; rows in all and so far */
    uint32_t sum;
} wk_fits_rows;

/* Begin a table of count rows of numbers.  Nothing else may be done with the writer until it is
 * ended; release the rows whatever the status.
 * Status     WK_ARGUMENT  a column of texts; else as wk_fits_append_table */
wk_status wk_fits_begin_table(wk_fits_rows *rows, wk_fits_writer *writer, const char *extname,
                              const wk_table_column *columns, size_t column_count, int64_t count,
                              wk_error *error);

/* The next count rows, from the columns' values. */
wk_status wk_fits_put_table(wk_fits_rows *rows, int64_t count, wk_error *error);

/* WK_ARGUMENT if rows are missing. */
wk_status wk_fits_end_table(wk_fits_rows *rows, wk_error *error);
void wk_fits_rows_release(wk_fits_rows *rows);

#endif
