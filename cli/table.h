/* A table of text for the terminal. */
#ifndef WELKIN_CLI_TABLE_H
#define WELKIN_CLI_TABLE_H

#include <stdio.h>

#include "welkin/status.h"

/* Start from all zero bytes but align: one letter a column, l or r. */
typedef struct cli_table {
    const char *align;
    char **cells;
    size_t count, room;
    wk_error *error;
    wk_status status; /* the first failure; cells added later are dropped */
} cli_table;

/* Add the next cell, row by row. */
void cli_table_add(cli_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A number with so many decimals, or a dash where there is none.  Below 0: significant digits. */
void cli_table_number(cli_table *table, double value, int decimals);

/* Print the rows, columns two blanks apart; the status of all that was added. */
wk_status cli_table_print(const cli_table *table, FILE *out);

void cli_table_free(cli_table *table);

#endif
