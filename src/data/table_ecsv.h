/* The header of an ECSV file: YAML in comment lines. */
#ifndef WELKIN_DATA_TABLE_ECSV_H
#define WELKIN_DATA_TABLE_ECSV_H

#include "table_read.h"

/* The header's YAML, a line for each of the file, so that the lines' numbers are the file's. */
typedef struct wk_ecsv {
    char *text;
    size_t length, room;
} wk_ecsv;

/* Nonzero: a line that says the file is ECSV. */
int wk_ecsv_begins(const char *line, size_t length);

/* Add a comment line, or an empty one. */
wk_status wk_ecsv_append(wk_ecsv *ecsv, const char *line, size_t length, wk_error *error);

/* Make the table's columns as the header declares them.
 * Returned   delimiter   ' ' or ','
 * Status     WK_HEADER   no YAML (with the line), or no columns in it */
wk_status wk_ecsv_read(wk_table *table, char *delimiter, const wk_ecsv *ecsv, wk_error *error);

void wk_ecsv_free(wk_ecsv *ecsv);

#endif
