#include "fits_record.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fits_file.h"
#include "fits_pixel.h"
#include "memory.h"
#include "status.h"

enum { PIECE = 1 << 18 }; /* bytes of rows that are converted at a time, or one row */

static int size_of(char code)
{
    return code == 'K' || code == 'D' ? 8 : code == 'A' ? 1 : 4;
}

static const char *text_of(const void *record, const wk_fits_record_field *field)
{
    const char *text;
    memcpy(&text, (const char *)record + field->offset, sizeof text);
    return text ? text : "";
}

/* Texts are as wide as the longest one, and one character at least. */
static int64_t width_of(const wk_fits_record_form *form, const wk_fits_record_field *field,
                        const void *records, int64_t rows)
{
    size_t width = 1;
    if (field->code != 'A')
        return field->repeat * size_of(field->code);
    for (int64_t i = 0; records && i < rows; i++) {
        size_t length = strlen(text_of((const char *)records + (size_t)i * form->size, field));
        width = length > width ? length : width;
    }
    return (int64_t)width;
}

static int64_t rows_of_piece(int64_t bytes)
{
    return bytes >= PIECE ? 1 : PIECE / bytes;
}

static wk_status set_structure(wk_cards *cards, const wk_fits_record_writer *t, wk_error *error)
{
    const struct {
        const char *keyword;
        int64_t value;
        const char *comment;
    } all[] = {{"BITPIX", 8, "bytes"},
               {"NAXIS", 2, "axes"},
               {"NAXIS1", t->bytes, "bytes of a row"},
               {"NAXIS2", t->rows, "rows"},
               {"PCOUNT", 0, "no heap"},
               {"GCOUNT", 1, "one group"},
               {"TFIELDS", (int64_t)t->form->count, "columns"}};
    wk_status status = wk_cards_set_text(cards, "XTENSION", "BINTABLE", "binary table", error);
    for (size_t i = 0; status == WK_OK && i < sizeof all / sizeof *all; i++)
        status = wk_cards_set_integer(cards, all[i].keyword, all[i].value, all[i].comment, error);
    return status;
}

static wk_status set_column(wk_cards *cards, const wk_fits_record_writer *t, size_t i,
                            wk_error *error)
{
    const wk_fits_record_field *field = &t->form->fields[i];
    char keyword[16], form[32];
    snprintf(keyword, sizeof keyword, "TTYPE%zu", i + 1);
    wk_status status = wk_cards_set_text(cards, keyword, field->name, "name", error);
    snprintf(keyword, sizeof keyword, "TFORM%zu", i + 1);
    snprintf(form, sizeof form, "%lld%c", (long long)(t->width[i] / size_of(field->code)),
             field->code);
    if (status == WK_OK)
        status = wk_cards_set_text(cards, keyword, form, "type", error);
    snprintf(keyword, sizeof keyword, "TUNIT%zu", i + 1);
    if (status == WK_OK && field->unit)
        status = wk_cards_set_text(cards, keyword, field->unit, "unit", error);
    return status;
}

static wk_status make_cards(wk_cards *all, const wk_fits_record_writer *t, const char *cards,
                            int64_t count, wk_error *error)
{
    wk_status status = set_structure(all, t, error);
    for (size_t i = 0; status == WK_OK && i < t->form->count; i++)
        status = set_column(all, t, i, error);
    if (status == WK_OK)
        status = wk_cards_set_text(all, "EXTNAME", t->form->name, "name", error);
    for (int64_t i = 0; status == WK_OK && i < count; i++)
        status = wk_cards_append(all, cards + i * WK_FITS_CARD, error);
    return status;
}

wk_status wk_fits_record_begin(wk_fits_record_writer *table, wk_fits_writer *writer,
                               const wk_fits_record_form *form, const char *cards, int64_t count,
                               const void *texts, int64_t rows, wk_error *error)
{
    wk_cards all = {0};
    *table = (wk_fits_record_writer){.writer = writer, .form = form, .rows = rows};
    for (size_t i = 0; i < form->count; i++) {
        table->width[i] = width_of(form, &form->fields[i], texts, rows);
        table->bytes += table->width[i];
    }
    table->piece = wk_memory_raw((size_t)(rows_of_piece(table->bytes) * table->bytes), 1, error);
    if (!table->piece)
        return WK_MEMORY;
    wk_status status = make_cards(&all, table, cards, count, error);
    if (status == WK_OK)
        status = wk_fits_begin_data(writer, &all, table->bytes * rows, error);
    wk_cards_free(&all);
    if (status < 0)
        wk_fits_record_abandon(table);
    return status;
}

static void store_field(unsigned char *to, const void *record, const wk_fits_record_field *field,
                        int64_t width)
{
    if (field->code == 'A') {
        const char *text = text_of(record, field);
        size_t length = strlen(text);
        memset(to, ' ', (size_t)width);
        memcpy(to, text, length < (size_t)width ? length : (size_t)width);
        return;
    }
    wk_pixel_swap(to, (const char *)record + field->offset, (size_t)field->repeat,
                  size_of(field->code));
}

static void store_rows(const wk_fits_record_writer *t, const char *records, int64_t rows)
{
    unsigned char *to = t->piece;
    for (int64_t r = 0; r < rows; r++)
        for (size_t i = 0; i < t->form->count; i++) {
            store_field(to, records + (size_t)r * t->form->size, &t->form->fields[i], t->width[i]);
            to += t->width[i];
        }
}

wk_status wk_fits_record_put(wk_fits_record_writer *table, const void *records, int64_t rows,
                             wk_error *error)
{
    int64_t most = rows_of_piece(table->bytes);
    wk_status status = WK_OK;
    if (rows > table->rows - table->row)
        return wk_error_set(error, WK_ARGUMENT, table->form->name,
                            "more than the %lld rows that were announced", (long long)table->rows);
    for (int64_t done = 0; done < rows && status == WK_OK; done += most) {
        int64_t count = rows - done < most ? rows - done : most;
        store_rows(table, (const char *)records + (size_t)done * table->form->size, count);
        status = wk_fits_put_numbers(table->writer, table->row * table->bytes, table->piece,
                                     count * table->bytes, 1, &table->sum, error);
        table->row += count;
    }
    return status;
}

void wk_fits_record_abandon(wk_fits_record_writer *table)
{
    wk_memory_free(table->piece);
    table->piece = NULL;
}

wk_status wk_fits_record_end(wk_fits_record_writer *table, wk_error *error)
{
    wk_fits_record_abandon(table);
    if (table->row != table->rows)
        return wk_error_set(error, WK_ARGUMENT, table->form->name, "%lld of %lld rows were written",
                            (long long)table->row, (long long)table->rows);
    return wk_fits_end_data(table->writer, table->sum, error);
}

static wk_status refuse(const wk_fits_record_reader *t, const wk_fits_record_field *field,
                        const char *what, wk_error *error)
{
    char subject[512];
    snprintf(subject, sizeof subject, "%s[%d]", t->fits->path, t->hdu);
    return wk_error_set(error, WK_HEADER, subject, "the column %s %s", field->name, what);
}

/* "16A", "D", "50D": the code, and how many. */
static int read_form(char *code, int64_t *repeat, const char *text)
{
    char *end;
    long long count = isdigit((unsigned char)*text) ? strtoll(text, &end, 10) : 1;
    const char *rest = isdigit((unsigned char)*text) ? end : text;
    *code = *rest;
    *repeat = count;
    return *rest != '\0' && count >= 0 && count <= 1 << 20;
}

static int64_t bytes_of(char code, int64_t repeat)
{
    static const char codes[] = "LBAIJEKDCMPQ";
    static const int sizes[] = {1, 1, 1, 2, 4, 4, 8, 8, 8, 16, 8, 16};
    const char *found = code ? strchr(codes, code) : NULL;
    if (code == 'X')
        return (repeat + 7) / 8;
    return found ? repeat * sizes[found - codes] : -1;
}

static int find_field(const wk_fits_record_form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++)
        if (strcmp(form->fields[i].name, name) == 0)
            return (int)i;
    return -1;
}

/* Walk the file's columns; those of the form get their place. */
static wk_status take_columns(wk_fits_record_reader *t, int columns, wk_error *error)
{
    int64_t place = 0;
    for (int c = 1; c <= columns; c++) {
        char keyword[24], name[WK_FITS_VALUE] = "", form[WK_FITS_VALUE] = "", code = 0;
        int64_t repeat = 0;
        snprintf(keyword, sizeof keyword, "TTYPE%d", c);
        wk_fits_text(name, sizeof name, t->fits, keyword);
        snprintf(keyword, sizeof keyword, "TFORM%d", c);
        wk_fits_text(form, sizeof form, t->fits, keyword);
        int known = read_form(&code, &repeat, form);
        int64_t width = known ? bytes_of(code, repeat) : -1;
        int i = find_field(t->form, name);
        if (i >= 0) {
            const wk_fits_record_field *field = &t->form->fields[i];
            if (code != field->code || (code != 'A' && repeat != field->repeat))
                return refuse(t, field, "is of another type", error);
            t->place[i] = place;
            t->width[i] = width;
        }
        if (width < 0)
            return wk_error_set(error, WK_HEADER, t->fits->path, "%s = %s is no type of columns",
                                keyword, form);
        place += width;
    }
    return place == t->bytes
               ? WK_OK
               : wk_error_set(error, WK_HEADER, t->fits->path,
                              "the columns of %s do not fill its rows", t->form->name);
}

static wk_status look_at(wk_fits_record_reader *t, wk_error *error)
{
    double bytes = 0.0, rows = 0.0, columns = 0.0;
    if (!wk_fits_number(&bytes, t->fits, "NAXIS1") || !wk_fits_number(&rows, t->fits, "NAXIS2") ||
        !wk_fits_number(&columns, t->fits, "TFIELDS") || bytes < 1.0 || rows < 0.0 ||
        columns < 1.0 || columns > 999.0 || bytes > 1e9)
        return wk_error_set(error, WK_HEADER, t->fits->path, "%s is no table with columns",
                            t->form->name);
    t->bytes = (int64_t)bytes;
    t->rows = (int64_t)rows;
    for (size_t i = 0; i < t->form->count; i++)
        t->place[i] = -1;
    wk_status status = take_columns(t, (int)columns, error);
    for (size_t i = 0; i < t->form->count && status == WK_OK; i++)
        if (t->place[i] < 0)
            status = refuse(t, &t->form->fields[i], "is missing", error);
    return status;
}

wk_status wk_fits_record_open(wk_fits_record_reader *table, wk_fits *fits, const wk_fits_hdu *hdus,
                              int count, const wk_fits_record_form *form, wk_error *error)
{
    *table = (wk_fits_record_reader){.fits = fits, .form = form, .hdu = -1};
    for (int i = 0; i < count && table->hdu < 0; i++)
        if (!hdus[i].image && strcmp(hdus[i].name, form->name) == 0)
            table->hdu = i;
    if (table->hdu < 0)
        return wk_error_set(error, WK_HEADER, fits->path, "there is no table %s in the file",
                            form->name);
    wk_status status = wk_fits_select(fits, table->hdu, error);
    if (status == WK_OK)
        status = look_at(table, error);
    if (status < 0)
        return status;
    table->piece = wk_memory_raw((size_t)(rows_of_piece(table->bytes) * table->bytes), 1, error);
    return table->piece ? WK_OK : WK_MEMORY;
}

static wk_status load_text(char **out, const unsigned char *from, int64_t width, wk_error *error)
{
    size_t length = 0;
    while (length < (size_t)width && from[length])
        length++;
    while (length > 0 && from[length - 1] == ' ')
        length--;
    *out = wk_memory_new(length + 1, 1, error);
    if (!*out)
        return WK_MEMORY;
    memcpy(*out, from, length);
    return WK_OK;
}

static wk_status load_rows(char *records, const wk_fits_record_reader *t, int64_t rows,
                           wk_error *error)
{
    wk_status status = WK_OK;
    for (int64_t r = 0; r < rows && status == WK_OK; r++)
        for (size_t i = 0; i < t->form->count && status == WK_OK; i++) {
            const wk_fits_record_field *field = &t->form->fields[i];
            const unsigned char *from = t->piece + r * t->bytes + t->place[i];
            char *to = records + (size_t)r * t->form->size + field->offset;
            if (field->code == 'A')
                status = load_text((char **)(void *)to, from, t->width[i], error);
            else
                wk_pixel_swap(to, from, (size_t)field->repeat, size_of(field->code));
        }
    return status;
}

wk_status wk_fits_record_read(void *records, wk_fits_record_reader *table, int64_t row,
                              int64_t rows, wk_error *error)
{
    int64_t most = rows_of_piece(table->bytes);
    wk_status result = WK_OK;
    for (int64_t done = 0; done < rows && result == WK_OK; done += most) {
        int64_t count = rows - done < most ? rows - done : most;
        int status = 0;
        if (fits_read_tblbytes(table->fits->file, row + done + 1, 1, count * table->bytes,
                               table->piece, &status))
            return wk_fits_fail(table->fits->path, table->hdu, status, "read the table", error);
        result = load_rows((char *)records + (size_t)done * table->form->size, table, count, error);
    }
    return result;
}

void wk_fits_record_close(wk_fits_record_reader *table)
{
    wk_memory_free(table->piece);
    table->piece = NULL;
}
