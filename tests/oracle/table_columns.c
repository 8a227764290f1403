/* Print the columns of a table for comparison with other programs: for each column its name, a tab,
 * and its numbers with blanks between them, or an exclamation mark and why there are none.
 *
 * table_columns FILE
 */
#include <stdio.h>
#include <stdlib.h>

#include "welkin/table.h"

static void print_column(const wk_table *table, const char *name, double *values)
{
    wk_error error;
    printf("%s\t", name);
    if (wk_table_numbers(values, table, name, &error) != WK_OK)
        printf("! %s", error.message);
    else
        for (int64_t i = 0; i < wk_table_rows(table); i++)
            printf("%s%.17g", i ? " " : "", values[i]);
    printf("\n");
}

int main(int count, char **words)
{
    wk_table *table = NULL;
    wk_error error;
    if (count != 2)
        return 2;
    if (wk_table_open(&table, words[1], &error) != WK_OK) {
        printf("%s: %s\n", error.subject, error.message);
        return 3;
    }
    double *values = calloc((size_t)wk_table_rows(table) + 1, sizeof *values);
    for (size_t i = 0; values && i < wk_table_columns(table); i++)
        print_column(table, wk_table_column_name(table, i), values);
    free(values);
    wk_table_free(table);
    return values ? 0 : 4;
}
