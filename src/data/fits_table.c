#include "fits_table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fits_pixel.h"
#include "memory.h"
#include "status.h"

enum { COLUMNS = 999 };

static wk_status senseless(const char *subject, const char *what, wk_error *error)
{
    return wk_error_set(error, WK_HEADER, subject, "%s of the table makes no sense", what);
}

static int64_t type_size(char code)
{
    switch (code) {
    case 'L':
    case 'A':
    case 'B':
        return 1;
    case 'I':
        return 2;
    case 'J':
    case 'E':
        return 4;
    case 'K':
    case 'D':
    case 'C':
    case 'P':
        return 8;
    case 'M':
    case 'Q':
        return 16;
    default:
        return 0;
    }
}

/* TFORM: a repeat count, a letter, and for variable length the elements' letter and "(longest)". */
static int parse_form(const char *form, wk_fits_column *c)
{
    char *end;
    long long repeat = strtoll(form, &end, 10);
    if (end == form)
        repeat = 1;
    if (repeat < 0 || repeat > INT32_MAX)
        return 0;
    c->code = *end;
    c->width = c->code == 'X' ? (repeat + 7) / 8 : repeat * type_size(c->code);
    if (c->code != 'P' && c->code != 'Q')
        return c->code == 'X' || type_size(c->code) > 0;
    c->element = end[1];
    return repeat <= 1 && type_size(c->element) > 0;
}

static wk_status read_columns(wk_fits_table *table, const wk_cards *cards, const char *subject,
                              wk_error *error)
{
    int64_t place = 0;
    for (int i = 0; i < table->count; i++) {
        wk_fits_column *c = &table->columns[i];
        char keyword[24];
        char form[WK_FITS_CARD] = "";
        snprintf(keyword, sizeof keyword, "TFORM%d", i + 1);
        wk_cards_text(cards, keyword, form, sizeof form);
        if (!parse_form(form, c))
            return senseless(subject, keyword, error);
        snprintf(keyword, sizeof keyword, "TTYPE%d", i + 1);
        wk_cards_text(cards, keyword, c->name, sizeof c->name);
        c->place = place;
        place += c->width;
    }
    return place == table->row ? WK_OK : senseless(subject, "NAXIS1", error);
}

static wk_status read_sizes(wk_fits_table *table, const wk_cards *cards, const char *subject,
                            wk_error *error)
{
    int64_t count = 0, rows;
    wk_cards_integer(cards, "NAXIS1", &table->row);
    wk_cards_integer(cards, "NAXIS2", &table->rows);
    wk_cards_integer(cards, "PCOUNT", &table->heap);
    wk_cards_integer(cards, "TFIELDS", &count);
    if (count < 1 || count > COLUMNS)
        return senseless(subject, "TFIELDS", error);
    if (table->row < 1 || table->rows < 0 || __builtin_mul_overflow(table->row, table->rows, &rows))
        return senseless(subject, "NAXIS1 or NAXIS2", error);
    int64_t start = rows;
    wk_cards_integer(cards, "THEAP", &start);
    if (start < rows || start - rows > table->heap)
        return senseless(subject, "THEAP", error);
    table->gap = start - rows;
    table->heap -= table->gap;
    table->count = (int)count;
    return WK_OK;
}

wk_status wk_fits_table_open(wk_fits_table *table, const wk_cards *cards, const char *subject,
                             wk_error *error)
{
    *table = (wk_fits_table){0};
    wk_status status = read_sizes(table, cards, subject, error);
    if (status != WK_OK)
        return status;
    table->columns = wk_memory_new((size_t)table->count, sizeof *table->columns, error);
    return table->columns ? read_columns(table, cards, subject, error) : WK_MEMORY;
}

void wk_fits_table_free(wk_fits_table *table)
{
    wk_memory_free(table->columns);
    *table = (wk_fits_table){0};
}

int wk_fits_table_find(const wk_fits_table *table, const char *name)
{
    for (int i = 0; i < table->count; i++)
        if (strcmp(table->columns[i].name, name) == 0)
            return i;
    return -1;
}

int wk_fits_column_variable(const wk_fits_column *column)
{
    return (column->code == 'P' || column->code == 'Q') && column->width > 0;
}

int64_t wk_fits_column_element(const wk_fits_column *column)
{
    return type_size(column->element);
}

static int descriptor_part(const wk_fits_column *column)
{
    return column->code == 'P' ? 4 : 8;
}

void wk_fits_column_get(const wk_fits_column *column, const unsigned char *row, int64_t *length,
                        int64_t *place)
{
    int part = descriptor_part(column);
    *length = (int64_t)wk_pixel_load(row + column->place, part);
    *place = (int64_t)wk_pixel_load(row + column->place + part, part);
}

int wk_fits_column_put(const wk_fits_column *column, unsigned char *row, int64_t length,
                       int64_t place)
{
    int part = descriptor_part(column);
    if (part == 4 && (length > INT32_MAX || place > INT32_MAX))
        return 0;
    wk_pixel_store(row + column->place, part, (uint64_t)length);
    wk_pixel_store(row + column->place + part, part, (uint64_t)place);
    return 1;
}

static wk_status set_form(const wk_fits_column *c, int number, wk_cards *cards, wk_error *error)
{
    char keyword[24];
    char form[40];
    snprintf(keyword, sizeof keyword, "TFORM%d", number);
    snprintf(form, sizeof form, "1%c%c(%lld)", c->code, c->element, (long long)c->longest);
    return wk_cards_set_text(cards, keyword, form, "variable length array", error);
}

wk_status wk_fits_table_heap(const wk_fits_table *table, wk_cards *cards, int64_t heap,
                             wk_error *error)
{
    wk_status status = wk_cards_set_integer(cards, "PCOUNT", heap, "size of the heap", error);
    if (status == WK_OK && wk_cards_find(cards, "THEAP") < cards->count)
        status = wk_cards_set_integer(cards, "THEAP", table->row * table->rows, "start of the heap",
                                      error);
    for (int i = 0; status == WK_OK && i < table->count; i++)
        if (wk_fits_column_variable(&table->columns[i]))
            status = set_form(&table->columns[i], i + 1, cards, error);
    return status;
}
