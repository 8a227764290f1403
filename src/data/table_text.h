/* Tables in text files: ECSV, and values with commas, semicolons, tabs or blanks between them. */
#ifndef WELKIN_DATA_TABLE_TEXT_H
#define WELKIN_DATA_TABLE_TEXT_H

#include "table_read.h"

/* Fill a table that has a path: columns, rows, numbers.
 * Status   WK_FILE     no text, no names, a row of more or fewer fields, a quote not closed; with
 *                      the line
 *          WK_HEADER   the YAML of an ECSV makes no sense */
wk_status wk_table_read_text(wk_table *table, wk_error *error);

#endif
