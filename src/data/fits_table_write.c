#include "fits_table_write.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "fits_pixel.h"
#include "memory.h"
#include "status.h"

enum {
    STRIP = 1 << 18, /* bytes of rows put together at once */
    COLUMNS = 999,   /* what TFIELDS may be */
    NAME = 68,       /* characters that a card has room for */
    NUMBER = 8       /* bytes of an integer or a real */
};

/* A table on its way to the file. */
typedef struct table {
    const wk_table_column *columns;
    size_t count;
    int64_t rows;
    int64_t *width; /* of one value of each column, in bytes */
    int64_t bytes;  /* of a row */
} table;

static const char *text_at(const wk_table_column *column, int64_t i)
{
    const char *text = ((const char *const *)column->values)[i];
    return text ? text : "";
}

/* The longest text's; a column without letters still has one character. */
static int64_t value_width(const wk_table_column *column, int64_t rows)
{
    size_t width = 1;
    if (column->type != WK_TABLE_TEXT)
        return NUMBER;
    for (int64_t i = 0; i < rows * column->repeat; i++) {
        size_t length = strlen(text_at(column, i));
        width = length > width ? length : width;
    }
    return (int64_t)width;
}

static wk_status check_name(const table *t, size_t index, wk_error *error)
{
    const char *name = t->columns[index].name;
    if (!name || !*name)
        return wk_error_set(error, WK_ARGUMENT, "", "column %zu has no name", index + 1);
    if (strlen(name) > NAME)
        return wk_error_set(error, WK_ARGUMENT, name, "a column's name has at most %d characters",
                            NAME);
    for (const char *c = name; *c; c++)
        if (!isascii(*c) || !(isalnum(*c) || *c == '_'))
            return wk_error_set(error, WK_ARGUMENT, name,
                                "a column's name has letters, digits and underscores only");
    for (size_t i = 0; i < index; i++)
        if (strcasecmp(t->columns[i].name, name) == 0)
            return wk_error_set(error, WK_ARGUMENT, name, "columns %zu and %zu have the same name",
                                i + 1, index + 1);
    return WK_OK;
}

static wk_status check_repeat(const table *t, const wk_table_column *column, wk_error *error)
{
    int64_t product, values;
    const int64_t *shape = column->shape;
    if (column->repeat < 1 || __builtin_mul_overflow(column->repeat, t->rows, &values))
        return wk_error_set(error, WK_ARGUMENT, column->name,
                            "%lld values in each of %lld rows are no column",
                            (long long)column->repeat, (long long)t->rows);
    if (shape[0] == 0 && shape[1] == 0)
        return WK_OK;
    if (shape[0] < 1 || shape[1] < 1 || __builtin_mul_overflow(shape[0], shape[1], &product) ||
        product != column->repeat)
        return wk_error_set(error, WK_ARGUMENT, column->name,
                            "%lld values are no matrix of %lld x %lld", (long long)column->repeat,
                            (long long)shape[0], (long long)shape[1]);
    return WK_OK;
}

static wk_status check_column(const table *t, size_t index, wk_error *error)
{
    const wk_table_column *column = &t->columns[index];
    wk_status status = check_name(t, index, error);
    if (status != WK_OK)
        return status;
    if (column->type != WK_TABLE_INTEGER && column->type != WK_TABLE_REAL &&
        column->type != WK_TABLE_TEXT)
        return wk_error_set(error, WK_ARGUMENT, column->name, "there is no type %d of columns",
                            (int)column->type);
    if (!column->values && t->rows > 0)
        return wk_error_set(error, WK_ARGUMENT, column->name, "the column has no values");
    return check_repeat(t, column, error);
}

/* The widths, and their sum.  The whole table must have a size that is a number. */
static wk_status measure(table *t, wk_error *error)
{
    t->bytes = 0;
    for (size_t i = 0; i < t->count; i++) {
        int64_t bytes, all;
        wk_status status = check_column(t, i, error);
        if (status != WK_OK)
            return status;
        t->width[i] = value_width(&t->columns[i], t->rows);
        if (__builtin_mul_overflow(t->width[i], t->columns[i].repeat, &bytes) ||
            __builtin_add_overflow(t->bytes, bytes, &t->bytes) ||
            __builtin_mul_overflow(t->bytes, t->rows, &all))
            return wk_error_set(error, WK_ARGUMENT, t->columns[i].name,
                                "with this column %lld rows are too large for a file",
                                (long long)t->rows);
    }
    return WK_OK;
}

static wk_status set_structure(wk_cards *cards, const table *t, wk_error *error)
{
    const struct {
        const char *keyword;
        int64_t value;
        const char *comment;
    } all[] = {
        {"BITPIX", 8, "bytes"},
        {"NAXIS", 2, "axes"},
        {"NAXIS1", t->bytes, "bytes of a row"},
        {"NAXIS2", t->rows, "rows"},
        {"PCOUNT", 0, "no heap"},
        {"GCOUNT", 1, "one group"},
        {"TFIELDS", (int64_t)t->count, "columns"},
    };
    wk_status status = wk_cards_set_text(cards, "XTENSION", "BINTABLE", "binary table", error);
    for (size_t i = 0; status == WK_OK && i < sizeof all / sizeof *all; i++)
        status = wk_cards_set_integer(cards, all[i].keyword, all[i].value, all[i].comment, error);
    return status;
}

/* TDIM counts from the axis that runs fastest; characters are one of their own, which a single text
 * need not tell.  0: the column needs none. */
static int print_shape(char *text, size_t size, const wk_table_column *column, int64_t width)
{
    const int64_t *shape = column->shape;
    const int texts = column->type == WK_TABLE_TEXT;
    char first[32] = "";
    if (texts)
        snprintf(first, sizeof first, "%lld,", (long long)width);
    if (shape[0] > 0)
        snprintf(text, size, "(%s%lld,%lld)", first, (long long)shape[1], (long long)shape[0]);
    else
        snprintf(text, size, "(%s%lld)", first, (long long)column->repeat);
    return shape[0] > 0 || (texts && column->repeat > 1);
}

static wk_status set_column(wk_cards *cards, const table *t, size_t index, wk_error *error)
{
    static const char letters[] = {'K', 'D', 'A'};
    static const char *const kinds[] = {"64-bit integers", "float64", "characters"};
    const wk_table_column *column = &t->columns[index];
    const int texts = column->type == WK_TABLE_TEXT, number = (int)index + 1;
    char keyword[32], text[96];
    snprintf(keyword, sizeof keyword, "TTYPE%d", number);
    wk_status status = wk_cards_set_text(cards, keyword, column->name, "name", error);
    snprintf(keyword, sizeof keyword, "TFORM%d", number);
    snprintf(text, sizeof text, "%lld%c",
             (long long)(column->repeat * (texts ? t->width[index] : 1)), letters[column->type]);
    if (status == WK_OK)
        status = wk_cards_set_text(cards, keyword, text, kinds[column->type], error);
    snprintf(keyword, sizeof keyword, "TDIM%d", number);
    if (status == WK_OK && print_shape(text, sizeof text, column, t->width[index]))
        status = wk_cards_set_text(cards, keyword, text, "axes, the fastest first", error);
    snprintf(keyword, sizeof keyword, "TUNIT%d", number);
    if (status == WK_OK && column->unit && *column->unit)
        status = wk_cards_set_text(cards, keyword, column->unit, "unit", error);
    return status;
}

static wk_status fill_cards(wk_cards *cards, const table *t, const char *extname,
                            const char *records, int64_t count, wk_error *error)
{
    wk_status status = set_structure(cards, t, error);
    if (status == WK_OK && extname && *extname)
        status = wk_cards_set_text(cards, "EXTNAME", extname, "name of this HDU", error);
    for (size_t i = 0; status == WK_OK && i < t->count; i++)
        status = set_column(cards, t, i, error);
    for (int64_t i = 0; status == WK_OK && i < count; i++)
        status = wk_cards_append(cards, records + i * WK_FITS_CARD, error);
    return status;
}

/* A text ends with NUL or with its room; nothing but printable ASCII is allowed. */
static void put_text(unsigned char *to, const char *text, int64_t width)
{
    memset(to, 0, (size_t)width);
    for (int64_t i = 0; i < width && text[i]; i++)
        to[i] = (unsigned char)(text[i] < ' ' || text[i] > '~' ? '?' : text[i]);
}

static void put_row(unsigned char *to, const table *t, int64_t row)
{
    for (size_t i = 0; i < t->count; i++) {
        const wk_table_column *column = &t->columns[i];
        const int64_t first = row * column->repeat;
        if (column->type != WK_TABLE_TEXT)
            wk_pixel_swap(to, (const unsigned char *)column->values + NUMBER * first,
                          (size_t)column->repeat, NUMBER);
        for (int64_t k = 0; column->type == WK_TABLE_TEXT && k < column->repeat; k++)
            put_text(to + k * t->width[i], text_at(column, first + k), t->width[i]);
        to += t->width[i] * column->repeat;
    }
}

/* Rows of the table, the first of them being row number first of the file's. */
static wk_status put_rows(wk_fits_writer *writer, const table *t, int64_t first, uint32_t *sum,
                          wk_error *error)
{
    int64_t most = STRIP / t->bytes > 0 ? STRIP / t->bytes : 1;
    most = t->rows < most ? t->rows : most;
    unsigned char *strip = wk_memory_raw((size_t)most, (size_t)t->bytes, error);
    wk_status status = strip ? WK_OK : WK_MEMORY;
    for (int64_t row = 0; status == WK_OK && row < t->rows; row += most) {
        int64_t rows = t->rows - row < most ? t->rows - row : most;
        for (int64_t i = 0; i < rows; i++)
            put_row(strip + i * t->bytes, t, row + i);
        status = wk_fits_put_numbers(writer, (first + row) * t->bytes, strip, rows * t->bytes, 1,
                                     sum, error);
    }
    wk_memory_free(strip);
    return status;
}

static wk_status append_table(wk_fits_writer *writer, const table *t, const wk_cards *cards,
                              wk_error *error)
{
    uint32_t sum = 0;
    wk_status status = wk_fits_begin_data(writer, cards, t->bytes * t->rows, error);
    if (status == WK_OK)
        status = put_rows(writer, t, 0, &sum, error);
    return status == WK_OK ? wk_fits_end_data(writer, sum, error) : status;
}

wk_status wk_fits_append_table(wk_fits_writer *writer, const char *records, int64_t count,
                               const char *extname, const wk_table_column *columns,
                               size_t column_count, int64_t rows, wk_error *error)
{
    wk_cards cards = {0};
    table t = {.columns = columns, .count = column_count, .rows = rows};
    if (column_count < 1 || column_count > COLUMNS || rows < 0)
        return wk_error_set(error, WK_ARGUMENT, "", "a table cannot have %zu columns and %lld rows",
                            column_count, (long long)rows);
    t.width = wk_memory_new(column_count, sizeof *t.width, error);
    wk_status status = t.width ? measure(&t, error) : WK_MEMORY;
    if (status == WK_OK)
        status = fill_cards(&cards, &t, extname, records, count, error);
    if (status == WK_OK)
        status = append_table(writer, &t, &cards, error);
    wk_cards_free(&cards);
    wk_memory_free(t.width);
    return status;
}

static wk_status check_numbers(const wk_table_column *columns, size_t count, wk_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (columns[i].type == WK_TABLE_TEXT)
            return wk_error_set(error, WK_ARGUMENT, columns[i].name,
                                "a table in pieces has no texts");
    return WK_OK;
}

wk_status wk_fits_begin_table(wk_fits_rows *rows, wk_fits_writer *writer, const char *extname,
                              const wk_table_column *columns, size_t column_count, int64_t count,
                              wk_error *error)
{
    wk_cards cards = {0};
    table t = {.columns = columns, .count = column_count, .rows = count};
    *rows = (wk_fits_rows){.writer = writer, .columns = columns, .column_count = column_count};
    wk_status status = check_numbers(columns, column_count, error);
    if (status != WK_OK)
        return status;
    t.width = rows->width = wk_memory_new(column_count, sizeof *t.width, error);
    status = t.width ? measure(&t, error) : WK_MEMORY;
    rows->bytes = t.bytes;
    rows->count = count;
    if (status == WK_OK)
        status = fill_cards(&cards, &t, extname, NULL, 0, error);
    if (status == WK_OK)
        status = wk_fits_begin_data(writer, &cards, t.bytes * count, error);
    wk_cards_free(&cards);
    return status;
}

wk_status wk_fits_put_table(wk_fits_rows *rows, int64_t count, wk_error *error)
{
    table t = {rows->columns, rows->column_count, count, rows->width, rows->bytes};
    if (count > rows->count - rows->done)
        return wk_error_set(error, WK_ARGUMENT, "", "the table has no more than %lld rows",
                            (long long)rows->count);
    wk_status status = put_rows(rows->writer, &t, rows->done, &rows->sum, error);
    rows->done += count;
    return status;
}

wk_status wk_fits_end_table(wk_fits_rows *rows, wk_error *error)
{
    if (rows->done < rows->count)
        return wk_error_set(error, WK_ARGUMENT, "", "%lld of %lld rows are there",
                            (long long)rows->done, (long long)rows->count);
    return wk_fits_end_data(rows->writer, rows->sum, error);
}

void wk_fits_rows_release(wk_fits_rows *rows)
{
    wk_memory_free(rows->width);
    rows->width = NULL;
}
