#include "table.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

void cli_table_add(cli_table *table, const char *format, ...)
{
    char cell[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(cell, sizeof cell, format, arguments);
    va_end(arguments);
    if (!table->status && table->count == table->room) {
        size_t room = 2 * table->room + 64;
        table->status = cli_grow((void **)&table->cells, room, sizeof *table->cells, table->error);
        if (!table->status)
            table->room = room;
    }
    if (table->status)
        return;
    table->cells[table->count] = cli_copy(cell, table->error);
    if (table->cells[table->count])
        table->count++;
    else
        table->status = WK_MEMORY;
}

void cli_table_number(cli_table *table, double value, int decimals)
{
    if (isfinite(value) && decimals < 0)
        cli_table_add(table, "%.*g", -decimals, value);
    else if (isfinite(value))
        cli_table_add(table, "%.*f", decimals, value);
    else
        cli_table_add(table, "-");
}

static int column_width(const cli_table *table, size_t column, size_t columns)
{
    size_t width = 0;
    for (size_t i = column; i < table->count; i += columns)
        if (strlen(table->cells[i]) > width)
            width = strlen(table->cells[i]);
    return (int)width;
}

wk_status cli_table_print(const cli_table *table, FILE *out)
{
    size_t columns = strlen(table->align);
    int widths[32];
    if (table->status)
        return table->status;
    for (size_t column = 0; column < columns; column++)
        widths[column] = column_width(table, column, columns);
    for (size_t i = 0; i < table->count; i++) {
        size_t column = i % columns;
        int last = column + 1 == columns;
        int left = table->align[column] == 'l';
        if (left && last)
            fputs(table->cells[i], out);
        else
            fprintf(out, "%*s", left ? -widths[column] : widths[column], table->cells[i]);
        fputs(last ? "\n" : "  ", out);
    }
    return WK_OK;
}

void cli_table_free(cli_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        free(table->cells[i]);
    free(table->cells);
}
