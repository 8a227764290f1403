#include "table_read.h"

#include <stdio.h>
#include <string.h>

#include "exposure_layout.h"
#include "fits_table_read.h"
#include "input.h"
#include "memory.h"
#include "status.h"
#include "table_text.h"

wk_status wk_table_append(wk_table *table, char *name, wk_content content, wk_error *error)
{
    wk_status status = name ? WK_OK : WK_MEMORY;
    size_t count = table->count;
    if (status == WK_OK && (count & (count - 1)) == 0) /* room is the next power of two */
        status = wk_memory_grow((void **)&table->items, count ? 2 * count : 1, sizeof *table->items,
                                error);
    if (status != WK_OK) {
        wk_memory_free(name);
        return status;
    }
    table->items[table->count++] = (wk_table_item){.name = name, .content = content};
    return WK_OK;
}

void wk_table_free(wk_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->count; i++) {
        wk_memory_free(table->items[i].name);
        wk_memory_free(table->items[i].values);
    }
    wk_memory_free(table->items);
    wk_memory_free(table->path);
    wk_memory_free(table);
}

static wk_status read_kind(wk_table *table, const char *path, const wk_extension *extension,
                           wk_error *error)
{
    wk_input_kind kind;
    wk_status status = wk_input_look(&kind, table->path, "a table", error);
    if (status != WK_OK)
        return status;
    if (kind != WK_INPUT_OTHER)
        return wk_fits_table_look(table, extension, error);
    if (extension)
        return wk_error_set(error, WK_ARGUMENT, path,
                            "the bracket names an extension, but the file is not FITS");
    return wk_table_read_text(table, error);
}

wk_status wk_table_open(wk_table **out, const char *path, wk_error *error)
{
    wk_extension extension;
    int bracketed = 0;
    wk_table *table = wk_memory_new(1, sizeof *table, error);
    if (!table)
        return WK_MEMORY;
    table->hdu = -1;
    wk_status status = wk_path_split(&table->path, &extension, &bracketed, path, error);
    if (status == WK_OK)
        status = read_kind(table, path, bracketed ? &extension : NULL, error);
    if (status == WK_OK)
        *out = table;
    else
        wk_table_free(table);
    return status;
}

int64_t wk_table_rows(const wk_table *table)
{
    return table->rows;
}

size_t wk_table_columns(const wk_table *table)
{
    return table->count;
}

const char *wk_table_column_name(const wk_table *table, size_t index)
{
    return index < table->count ? table->items[index].name : NULL;
}

static int lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
}

/* The letters of names are ASCII's in any locale. */
static int same_name(const char *a, const char *b, int exactly)
{
    if (exactly)
        return strcmp(a, b) == 0;
    while (*a && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return *a == *b;
}

static size_t count_names(int *first, const wk_table *table, const char *name, int exactly)
{
    size_t found = 0;
    *first = -1;
    for (size_t i = 0; i < table->count; i++)
        if (same_name(table->items[i].name, name, exactly) && found++ == 0)
            *first = (int)i;
    return found;
}

/* The column meant; several of the name give their number in found and -1. */
static int find(size_t *found, const wk_table *table, const char *name)
{
    int index;
    *found = count_names(&index, table, name, 1);
    if (*found == 0)
        *found = count_names(&index, table, name, 0);
    return *found == 1 ? index : -1;
}

int wk_table_find(const wk_table *table, const char *name)
{
    size_t found;
    return find(&found, table, name);
}

static const char *subject_of(char *subject, size_t size, const wk_table *table)
{
    if (table->hdu < 0)
        snprintf(subject, size, "%s", table->path);
    else
        snprintf(subject, size, "%s[%d]", table->path, table->hdu);
    return subject;
}

/* "a, b, c", or the first ones and how many there are. */
static void list_names(char *list, size_t size, const wk_table *table)
{
    size_t used = 0;
    list[0] = '\0';
    for (size_t i = 0; i < table->count; i++) {
        size_t left = size - used;
        int length = snprintf(list + used, left, "%s%.80s", i ? ", " : "", table->items[i].name);
        if (length >= 0 && (size_t)length + 40 < left) {
            used += (size_t)length;
            continue;
        }
        snprintf(list + used, left, " ... (%zu columns)", table->count);
        return;
    }
}

static wk_status refuse_name(const wk_table *table, const char *name, size_t found, wk_error *error)
{
    char subject[sizeof error->subject], list[360];
    subject_of(subject, sizeof subject, table);
    if (found > 1)
        return wk_error_set(error, WK_HEADER, subject, "%zu columns are named %.100s", found, name);
    list_names(list, sizeof list, table);
    return wk_error_set(error, WK_HEADER, subject, "there is no column %.100s; there are %s", name,
                        list);
}

static wk_status refuse_content(const wk_table *table, const wk_table_item *item, wk_error *error)
{
    static const char *const contents[] = {
        [WK_CONTENT_NUMBER] = "numbers",
        [WK_CONTENT_LOGICAL] = "truth values",
        [WK_CONTENT_TEXT] = "texts",
        [WK_CONTENT_BITS] = "bits",
        [WK_CONTENT_COMPLEX] = "complex numbers",
        [WK_CONTENT_VECTOR] = "several values in each row",
        [WK_CONTENT_VARIABLE] = "lists of variable length",
        [WK_CONTENT_NOTHING] = "nothing",
    };
    char subject[sizeof error->subject], place[80] = "";
    if (item->text_line > 0)
        snprintf(place, sizeof place, " (\"%s\" in line %lld)", item->text_word,
                 (long long)item->text_line);
    return wk_error_set(error, WK_HEADER, subject_of(subject, sizeof subject, table),
                        "the column %.100s holds %s%s, not one number a row", item->name,
                        contents[item->content], place);
}

wk_status wk_table_numbers(double *values, const wk_table *table, const char *name, wk_error *error)
{
    size_t found;
    int index = find(&found, table, name);
    if (index < 0)
        return refuse_name(table, name, found, error);
    const wk_table_item *item = &table->items[index];
    if (item->content != WK_CONTENT_NUMBER && item->content != WK_CONTENT_LOGICAL)
        return refuse_content(table, item, error);
    if (table->hdu >= 0)
        return wk_fits_table_numbers(values, table, index, error);
    if (table->rows > 0)
        memcpy(values, item->values, (size_t)table->rows * sizeof *values);
    return WK_OK;
}
