/* Tables and cubes of numbers as new FITS files, results for other programs to read; and tables of
 * other programs, to be read. */
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

/* A table that has been opened for reading. */
typedef struct wk_table wk_table;

/* Open a table.
 *
 * Given      path   what the file holds decides, not its name: FITS (binary or ASCII table, also
 *                   gzipped), ECSV, or text with commas, semicolons, tabs or blanks between its
 *                   fields.  Of FITS a bracket may name the extension: file[STARS], file[STARS,2],
 *                   file[2]; else it is the first table with rows, or the first one
 * Returned   out    caller frees with wk_table_free
 * Status     WK_FILE      missing, empty, a directory, truncated, neither FITS nor text; a row with
 *                         more or fewer fields than columns, a quote that is not closed, something
 *                         else than a number where an ECSV declares one (with the line)
 *            WK_HEADER    no table in the file, no such extension, an image; an ECSV header that is
 *                         no YAML or names no columns
 *            WK_ARGUMENT  a bracket that is none, or after a text file
 * Notes      1. Text without the header of an ECSV: the first line that is neither blank nor a
 *               comment (#) holds the names.  Fields may be in double quotes, a quote within them
 *               is two, and may then hold ends of lines.  A column is one of numbers if all its
 *               fields are numbers or empty.
 *            2. The locale plays no part: the decimal point is a point.
 *            3. A text file's numbers stay in memory, 8 bytes each; a FITS file is closed again and
 *               opened anew for each column.
 *            4. A record of more than 16 MB or 65536 fields is refused.
 */
WK_API wk_status wk_table_open(wk_table **out, const char *path, wk_error *error);

WK_API void wk_table_free(wk_table *table);

WK_API int64_t wk_table_rows(const wk_table *table);
WK_API size_t wk_table_columns(const wk_table *table);

/* A column's name, good as long as the table; columns of FITS files without one are col1, col2, ...
 * by their place.  NULL: there is no such index. */
WK_API const char *wk_table_column_name(const wk_table *table, size_t index);

/* The index of a column: of the one of this very name, else of the only one that differs in the
 * case of letters alone; -1: none, or several. */
WK_API int wk_table_find(const wk_table *table, const char *name);

/* The numbers of a column.
 *
 * Given      name     as for wk_table_find
 * Returned   values   [rows]; scaled as TSCAL and TZERO have it; truth values are 1 and 0.  NaN:
 *                     not a number in the file, undefined (TNULL), masked, empty
 * Status     WK_HEADER   there is no such column (the message lists those that are there), there
 *                        are several, or it holds texts, bits, complex numbers, several values in
 *                        each row or lists of variable length
 *            WK_FILE     unreadable, or changed since it was opened
 * Notes      1. Several threads may read the same table.
 *            2. Integers beyond 2^53 are rounded.
 */
WK_API wk_status wk_table_numbers(double *values, const wk_table *table, const char *name,
                                  wk_error *error);

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
