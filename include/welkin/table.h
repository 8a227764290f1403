/* Tables and cubes of numbers as new FITS files: results for other programs to read. */
#ifndef WELKIN_TABLE_H
#define WELKIN_TABLE_H

#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a column's values are. */
typedef enum wk_table_type {
    WK_TABLE_INTEGER = 0, /* int64_t */
    WK_TABLE_REAL,        /* double; NaN is undefined */
    WK_TABLE_TEXT         /* const char *; NULL is empty */
} wk_table_type;

/* One column; borrows what it points to. */
typedef struct wk_table_column {
    const char *name; /* letters, digits and underscores, at most 68; unlike all others of the
                         table, also where the case of letters is ignored */
    const char *unit; /* NULL or "": none */
    wk_table_type type;
    int64_t repeat;     /* values in each row, >= 1 */
    int64_t shape[2];   /* 0, 0: a vector; else rows and columns of the matrix that each row's
                           values are, row by row; their product is repeat */
    const void *values; /* [rows][repeat] of int64_t, double or const char * */
} wk_table_column;

/* Write a table.
 *
 * Given      path          the output: an empty primary HDU and one binary table.  It appears when
 *                          it is whole, or not at all
 *            name          the table's name (EXTNAME), NULL or "": none
 *            column_count  1 to 999
 *            rows          0 or more
 *            cards         HISTORY lines of the table, NULL-terminated; may be NULL
 *            overwrite     nonzero: an existing output may be replaced
 *            durable       nonzero: fsync file and folder before it appears
 * Status     WK_EXISTS, WK_FILE (with the cause: no space, read-only, ...)
 *            WK_ARGUMENT   no column, one that breaks a rule above, a row of more bytes than any
 *                          file has: the subject is the column's name; a name of the table or a
 *                          unit that no header can hold: the subject is the keyword
 * Notes      1. A column of texts is as wide as its longest one.  What is no printable ASCII, byte
 *               by byte, becomes '?'.
 *            2. The bytes depend on the arguments alone: no date is written.
 */
WK_API wk_status wk_table_write(const char *path, const char *name, const wk_table_column *columns,
                                size_t column_count, int64_t rows, const char *const *cards,
                                int overwrite, int durable, wk_error *error);

/* Write an image of three axes, of float64 pixels, as the primary HDU.
 *
 * Given      values    [depth][height][width]; NaN is undefined
 *            others    as for wk_table_write
 * Status     as of wk_table_write; WK_ARGUMENT for an axis below 1
 */
WK_API wk_status wk_cube_write(const char *path, const double *values, int64_t width,
                               int64_t height, int64_t depth, const char *const *cards,
                               int overwrite, int durable, wk_error *error);

#ifdef __cplusplus
}
#endif

#endif
