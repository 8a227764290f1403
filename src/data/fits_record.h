/* Binary tables whose rows are records in memory, written and read in pieces of any size.
 *
 * A record is a struct; a list of fields says which of its members is which column.
 */
#ifndef WELKIN_DATA_FITS_RECORD_H
#define WELKIN_DATA_FITS_RECORD_H

#include "fits.h"
#include "fits_write.h"

typedef struct wk_fits_record_field {
    const char *name; /* of the column */
    const char *unit; /* NULL: none */
    char code;        /* K: int64_t, J: int32_t, D: double, E: float, A: const char * */
    int64_t repeat;   /* values in a row; of A always 1 */
    size_t offset;    /* of the member within the record */
} wk_fits_record_field;

typedef struct wk_fits_record_form {
    const char *name; /* of the table */
    const wk_fits_record_field *fields;
    size_t count;
    size_t size; /* of a record */
} wk_fits_record_form;

enum { wk_fits_record_fields = 40 }; /* at most */

/* A table on its way to a file. */
typedef struct wk_fits_record_writer {
    wk_fits_writer *writer;
    const wk_fits_record_form *form;
    int64_t width[wk_fits_record_fields]; /* bytes of a field */
    int64_t bytes;                        /* of a row */
    int64_t row, rows;
    uint32_t sum;
    unsigned char *piece;
} wk_fits_record_writer;

/* Begin a table; it cannot be the first HDU.
 * Given    texts   records from which the widths of texts are taken, all rows of them; NULL where
 *                  there are no texts
 *          cards   records of 80 characters each, count of them, behind the table's own */
wk_status wk_fits_record_begin(wk_fits_record_writer *table, wk_fits_writer *writer,
                               const wk_fits_record_form *form, const char *cards, int64_t count,
                               const void *texts, int64_t rows, wk_error *error);

/* Write the next rows. */
wk_status wk_fits_record_put(wk_fits_record_writer *table, const void *records, int64_t rows,
                             wk_error *error);

/* WK_ARGUMENT if rows are missing.  Whatever the status, nothing is left of the writer's memory. */
wk_status wk_fits_record_end(wk_fits_record_writer *table, wk_error *error);
void wk_fits_record_abandon(wk_fits_record_writer *table);

/* A table of a file that is open. */
typedef struct wk_fits_record_reader {
    wk_fits *fits;
    const wk_fits_record_form *form;
    int64_t place[wk_fits_record_fields],
        width[wk_fits_record_fields]; /* within a row of the file */
    int64_t bytes;                    /* of a row */
    int64_t rows;
    int hdu;
    unsigned char *piece;
} wk_fits_record_reader;

/* Find the table of the form's name and see that it has the form's columns, in any order and among
 * others; it becomes the selected HDU.  Released after a failure.
 * Status   WK_HEADER   no such table, a column is missing or of another type */
wk_status wk_fits_record_open(wk_fits_record_reader *table, wk_fits *fits, const wk_fits_hdu *hdus,
                              int count, const wk_fits_record_form *form, wk_error *error);

/* Read rows into records.  Texts are copies without trailing blanks, which the caller frees with
 * wk_memory_free, also those of the rows before a failure: records begin as zero bytes. */
wk_status wk_fits_record_read(void *records, wk_fits_record_reader *table, int64_t row,
                              int64_t rows, wk_error *error);
void wk_fits_record_close(wk_fits_record_reader *table);

#endif
