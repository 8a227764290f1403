#include "table_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "decimal.h"
#include "memory.h"
#include "status.h"
#include "table_ecsv.h"
#include "table_record.h"

/* A text file on its way into a table. */
typedef struct wk_reading {
    wk_table *table;
    wk_record record;
    wk_decimal decimal;
    wk_ecsv ecsv;
    int declared; /* nonzero: ECSV */
    char delimiter;
    wk_error *error;
} wk_reading;

/* Go to the line with the names; the comments before it are the header of an ECSV. */
static wk_status find_names(wk_reading *reading)
{
    wk_record *record = &reading->record;
    int more = 0;
    for (;;) {
        wk_status status = wk_record_next(&more, record, reading->error);
        if (status != WK_OK)
            return status;
        if (!more)
            return wk_error_set(reading->error, WK_FILE, record->path,
                                "there is no line with the names of columns");
        if (record->line == 1)
            reading->declared = wk_ecsv_begins(record->text, record->length);
        if (!wk_record_comment(record) && !wk_record_blank(record))
            return WK_OK;
        if (reading->declared)
            status = wk_ecsv_append(&reading->ecsv, record->text, record->length, reading->error);
        if (status != WK_OK) {
            wk_error_subject(reading->error, record->path);
            return status;
        }
    }
}

static wk_status refuse_count(const wk_reading *reading)
{
    const wk_record *record = &reading->record;
    return wk_error_set(reading->error, WK_FILE, record->path,
                        "line %lld has %zu field%s, but the table has %zu column%s",
                        (long long)record->line, record->count, record->count == 1 ? "" : "s",
                        reading->table->count, reading->table->count == 1 ? "" : "s");
}

/* The names that the header of an ECSV has given stand in the line once more. */
static wk_status compare_names(wk_reading *reading)
{
    wk_status status = WK_OK;
    if (reading->record.count != reading->table->count)
        return refuse_count(reading);
    for (size_t i = 0; status == WK_OK && i < reading->record.count; i++) {
        char *name = wk_record_text(&reading->record, i, reading->error);
        if (!name)
            return WK_MEMORY;
        if (strcmp(name, reading->table->items[i].name) != 0)
            status =
                wk_error_set(reading->error, WK_FILE, reading->record.path,
                             "line %lld: the name %.100s is %.100s in the header",
                             (long long)reading->record.line, name, reading->table->items[i].name);
        wk_memory_free(name);
    }
    return status;
}

static wk_status take_names(wk_reading *reading)
{
    const wk_record *record = &reading->record;
    wk_status status = WK_OK;
    for (size_t i = 0; status == WK_OK && i < record->count; i++) {
        const wk_record_field *field = &record->fields[i];
        double number;
        if (wk_decimal_read(&number, &reading->decimal, record->text + field->start, field->length))
            return wk_error_set(reading->error, WK_FILE, record->path,
                                "line %lld holds the number %.*s where the names of columns should "
                                "be",
                                (long long)record->line,
                                (int)(field->length < 40 ? field->length : 40),
                                record->text + field->start);
        status = wk_table_append(reading->table, wk_record_text(record, i, reading->error),
                                 WK_CONTENT_NUMBER, reading->error);
    }
    return status;
}

static wk_status read_names(wk_reading *reading)
{
    wk_status status = WK_OK;
    reading->delimiter = wk_record_delimiter(&reading->record);
    if (reading->declared)
        status = wk_ecsv_read(reading->table, &reading->delimiter, &reading->ecsv, reading->error);
    if (status == WK_OK)
        status = wk_record_split(&reading->record, reading->delimiter, reading->error);
    if (status != WK_OK)
        return status;
    return reading->declared ? compare_names(reading) : take_names(reading);
}

static int is_text(const char *text, size_t length, const char *word)
{
    return strlen(word) == length && memcmp(text, word, length) == 0;
}

/* One field's number; 0: it is none. */
static int read_value(double *value, const wk_reading *reading, const wk_table_item *item,
                      const char *text, size_t length)
{
    if (length == 0) {
        *value = (double)NAN;
        return 1;
    }
    if (item->content != WK_CONTENT_LOGICAL) {
        int found = wk_decimal_read(value, &reading->decimal, text, length);
        if (found && item->single)
            *value = (double)(float)*value; /* the nearest float32 is what was written */
        return found;
    }
    *value = is_text(text, length, "True") || is_text(text, length, "true");
    return *value > 0.0 || is_text(text, length, "False") || is_text(text, length, "false");
}

/* A column in which something is no number: texts, unless the header says otherwise. */
static wk_status meet_text(wk_reading *reading, wk_table_item *item, const char *text,
                           size_t length)
{
    int64_t line = reading->record.line;
    size_t shown = length < sizeof item->text_word ? length : sizeof item->text_word - 1;
    memcpy(item->text_word, text, shown);
    item->text_word[shown] = '\0';
    for (char *letter = item->text_word; *letter; letter++)
        if ((unsigned char)*letter < ' ' || (unsigned char)*letter > '~')
            *letter = '?';
    if (item->declared)
        return wk_error_set(reading->error, WK_FILE, reading->record.path,
                            "line %lld: \"%s\" in the column %.100s is no %s", (long long)line,
                            item->text_word, item->name,
                            item->content == WK_CONTENT_LOGICAL ? "truth value" : "number");
    item->content = WK_CONTENT_TEXT;
    item->text_line = line;
    wk_memory_free(item->values);
    item->values = NULL;
    item->room = 0;
    return WK_OK;
}

static wk_status take_row(wk_reading *reading)
{
    const wk_record *record = &reading->record;
    wk_table *table = reading->table;
    size_t row = (size_t)table->rows;
    for (size_t i = 0; i < table->count; i++) {
        wk_table_item *item = &table->items[i];
        const wk_record_field *field = &record->fields[i];
        const char *text = record->text + field->start;
        wk_status status = WK_OK;
        if (item->content != WK_CONTENT_NUMBER && item->content != WK_CONTENT_LOGICAL)
            continue;
        if (row == item->room)
            status = wk_memory_reserve((void **)&item->values, &item->room, 2 * row + 16,
                                       sizeof *item->values, reading->error);
        if (status == WK_OK && !read_value(&item->values[row], reading, item, text, field->length))
            status = meet_text(reading, item, text, field->length);
        if (status != WK_OK)
            return status;
    }
    table->rows++;
    return WK_OK;
}

static wk_status read_rows(wk_reading *reading)
{
    wk_record *record = &reading->record;
    int more = 1;
    for (;;) {
        wk_status status = wk_record_next(&more, record, reading->error);
        if (status != WK_OK || !more)
            return status;
        if (wk_record_blank(record) || wk_record_comment(record))
            continue;
        status = wk_record_split(record, reading->delimiter, reading->error);
        if (status != WK_OK)
            return status;
        if (record->count != reading->table->count)
            return refuse_count(reading);
        status = take_row(reading);
        if (status != WK_OK)
            return status;
    }
}

wk_status wk_table_read_text(wk_table *table, wk_error *error)
{
    wk_reading reading;
    memset(&reading, 0, sizeof reading);
    reading.table = table;
    reading.error = error;
    wk_status status = wk_decimal_open(&reading.decimal, error);
    if (status == WK_OK)
        status = wk_record_open(&reading.record, table->path, error);
    if (status == WK_OK)
        status = find_names(&reading);
    if (status == WK_OK)
        status = read_names(&reading);
    if (status == WK_OK)
        status = read_rows(&reading);
    wk_record_close(&reading.record);
    wk_decimal_close(&reading.decimal);
    wk_ecsv_free(&reading.ecsv);
    return status;
}
