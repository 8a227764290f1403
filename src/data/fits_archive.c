#include "fits_archive.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fits_file.h"
#include "memory.h"
#include "status.h"

enum { MOST_ROWS = 10000000, MOST_TEXT = 1000 };

/* The columns of an index. */
typedef struct entry {
    int64_t id, catalogue, order, row, rows;
} entry;

static wk_status fail(wk_fits *fits, const char *what, wk_error *error)
{
    char subject[sizeof error->subject];
    snprintf(subject, sizeof subject, "%s[%d]", fits->path, fits->hdu);
    return wk_error_set(error, WK_HEADER, subject, "%s", what);
}

/* The selected HDU must be a table with so many rows at least. */
static wk_status check_table(int64_t *rows, wk_fits *fits, wk_error *error)
{
    LONGLONG found = 0;
    int kind = ANY_HDU, status = 0;
    fits_get_hdu_type(fits->file, &kind, &status);
    if (status || kind != BINARY_TBL)
        return fail(fits, "the archive has something else here than a binary table", error);
    if (fits_get_num_rowsll(fits->file, &found, &status))
        return wk_fits_fail(fits->path, fits->hdu, status, "count the rows", error);
    *rows = (int64_t)found;
    return WK_OK;
}

/* A column of the selected table, from 1; 0: there is none with one value of this kind a row. */
static int find_column(wk_fits *fits, const char *name, int texts, long *width)
{
    char copy[FLEN_VALUE];
    int column = 0, type = 0, status = 0;
    long repeat = 0;
    snprintf(copy, sizeof copy, "%s", name);
    fits_get_colnum(fits->file, CASESEN, copy, &column, &status);
    if (!status)
        fits_get_coltype(fits->file, column, &type, &repeat, width, &status);
    fits_clear_errmsg();
    if (status)
        return 0;
    if (texts)
        return type == TSTRING && repeat >= 1 && repeat <= MOST_TEXT ? column : 0;
    int number = type == TBYTE || type == TSHORT || type == TLONG || type == TLONGLONG ||
                 type == TFLOAT || type == TDOUBLE || type == TINT;
    *width = repeat;
    return number && repeat == 1 ? column : 0;
}

/* Select the table of a part and find a column in it. */
static wk_status open_column(int *column, long *width, wk_fits *fits, const wk_archive_part *part,
                             const char *name, int texts, wk_error *error)
{
    wk_status status = wk_fits_select(fits, part->hdu, error);
    *column = status ? 0 : find_column(fits, name, texts, width);
    return status;
}

static wk_status read_numbers(void *values, int type, int *found, wk_fits *fits,
                              const wk_archive_part *part, const char *name, wk_error *error)
{
    int column = 0, any, failed = 0;
    long width = 0;
    *found = 0;
    if (part->rows == 0)
        return WK_OK;
    wk_status status = open_column(&column, &width, fits, part, name, 0, error);
    if (status || !column)
        return status;
    if (fits_read_col(fits->file, type, column, part->row + 1, 1, part->rows, NULL, values, &any,
                      &failed))
        return wk_fits_fail(fits->path, part->hdu, failed, "read a column", error);
    *found = 1;
    return WK_OK;
}

wk_status wk_fits_archive_integers(int64_t *values, int *found, wk_fits *fits,
                                   const wk_archive_part *part, const char *column, wk_error *error)
{
    _Static_assert(sizeof(LONGLONG) == sizeof(int64_t), "CFITSIO's long integers are int64_t");
    return read_numbers(values, TLONGLONG, found, fits, part, column, error);
}

wk_status wk_fits_archive_reals(double *values, int *found, wk_fits *fits,
                                const wk_archive_part *part, const char *column, wk_error *error)
{
    return read_numbers(values, TDOUBLE, found, fits, part, column, error);
}

wk_status wk_fits_archive_texts(char *values, size_t width, int *found, wk_fits *fits,
                                const wk_archive_part *part, const char *column, wk_error *error)
{
    char text[MOST_TEXT + 1], *texts[] = {text};
    int place = 0, any, failed = 0;
    long stored = 0;
    *found = 0;
    if (part->rows == 0)
        return WK_OK;
    wk_status status = open_column(&place, &stored, fits, part, column, 1, error);
    if (status || !place)
        return status;
    if (stored < 1 || stored > MOST_TEXT)
        return WK_OK;
    for (int64_t i = 0; i < part->rows; i++) {
        if (fits_read_col(fits->file, TSTRING, place, part->row + i + 1, 1, 1, NULL, texts, &any,
                          &failed))
            return wk_fits_fail(fits->path, part->hdu, failed, "read a column", error);
        size_t length = strlen(text); /* CFITSIO makes one blank of an empty text */
        while (length > 0 && text[length - 1] == ' ')
            text[--length] = '\0';
        snprintf(values + (size_t)i * width, width, "%.*s", (int)width - 1, text);
    }
    *found = 1;
    return WK_OK;
}

/* The number of a component in the archive; 0: none. */
static int64_t component_id(wk_fits *fits, const char *component)
{
    char keyword[80];
    double id = 0.0;
    snprintf(keyword, sizeof keyword, "ARCHIVE_ID_%s", component);
    if (!wk_fits_number(&id, fits, keyword)) {
        snprintf(keyword, sizeof keyword, "%s_ID", component);
        if (!wk_fits_number(&id, fits, keyword))
            return 0;
    }
    return id >= 1.0 && id <= 2147483647.0 ? (int64_t)id : 0;
}

static int compare_entries(const void *left, const void *right)
{
    const entry *a = left, *b = right;
    return (a->order > b->order) - (a->order < b->order);
}

/* The index's rows of one object, sorted; columns are read one after the other. */
static wk_status read_index(entry **out, size_t *count, wk_fits *fits, int index, int64_t id,
                            wk_error *error)
{
    static const char *const names[] = {"id", "cat.archive", "cat.persistable", "row0", "nrows"};
    wk_archive_part all = {.hdu = index};
    wk_status status = check_table(&all.rows, fits, error);
    if (!status && all.rows > MOST_ROWS)
        status = fail(fits, "the index of the archive has more than 10000000 rows", error);
    if (status)
        return status;
    int64_t *values = wk_memory_new((size_t)all.rows * 5, sizeof *values, error);
    entry *list = wk_memory_new((size_t)all.rows, sizeof *list, error);
    status = values && list ? WK_OK : WK_MEMORY;
    for (int i = 0; i < 5 && !status; i++) {
        int found = 0;
        status =
            wk_fits_archive_integers(values + i * all.rows, &found, fits, &all, names[i], error);
        if (!status && !found && all.rows)
            status = fail(fits, "the index of the archive lacks a column", error);
    }
    *count = 0;
    for (int64_t i = 0; i < all.rows && !status; i++)
        if (values[i] == id)
            list[(*count)++] = (entry){id, values[all.rows + i], values[2 * all.rows + i],
                                       values[3 * all.rows + i], values[4 * all.rows + i]};
    wk_memory_free(values);
    if (status) {
        wk_memory_free(list);
        return status;
    }
    qsort(list, *count, sizeof *list, compare_entries);
    *out = list;
    return WK_OK;
}

/* A part's table must be there with its rows. */
static wk_status check_part(wk_archive_part *part, const entry *one, wk_fits *fits, int index,
                            int hdus, wk_error *error)
{
    int64_t rows = 0;
    *part = (wk_archive_part){.hdu = -1};
    if (one->rows == 0)
        return WK_OK;
    if (one->catalogue < 1 || one->catalogue >= hdus - index)
        return fail(fits, "the index of the archive names a table that is not there", error);
    part->hdu = index + (int)one->catalogue;
    wk_status status = wk_fits_select(fits, part->hdu, error);
    if (!status)
        status = check_table(&rows, fits, error);
    if (!status &&
        (one->row < 0 || one->rows < 0 || one->rows > MOST_ROWS || one->row > rows - one->rows))
        status = fail(fits, "the index of the archive names rows that are not there", error);
    part->row = one->row;
    part->rows = one->rows;
    return status;
}

static wk_status take_parts(wk_archive_part **parts, size_t *count, wk_fits *fits, int index,
                            int hdus, int64_t id, wk_error *error)
{
    entry *list = NULL;
    wk_status status = read_index(&list, count, fits, index, id, error);
    if (!status && !*count)
        status = fail(fits, "the index of the archive has no such object", error);
    wk_archive_part *found = status ? NULL : wk_memory_new(*count, sizeof *found, error);
    if (!status && !found)
        status = WK_MEMORY;
    for (size_t i = 0; i < *count && !status; i++)
        status = check_part(&found[i], &list[i], fits, index, hdus, error);
    wk_memory_free(list);
    if (status)
        wk_memory_free(found);
    else
        *parts = found;
    return status;
}

wk_status wk_fits_archive_find(wk_archive_part **parts, size_t *count, wk_fits *fits,
                               const char *component, wk_error *error)
{
    wk_fits_hdu *hdus = NULL;
    int hdu_count = 0;
    double place = 0.0;
    *parts = NULL;
    *count = 0;
    wk_status status = wk_fits_list(&hdus, &hdu_count, fits, error);
    wk_memory_free(hdus);
    if (!status)
        status = wk_fits_select(fits, 0, error);
    if (status)
        return status;
    int there = wk_fits_number(&place, fits, "AR_HDU");
    int64_t id = component_id(fits, component);
    if (!there || !id)
        return wk_error_set(error, WK_HEADER, fits->path,
                            there ? "its archive has no %s" : "has no archive, and so no %s",
                            component);
    if (!(place >= 2.0 && place <= (double)hdu_count))
        return wk_error_set(error, WK_HEADER, fits->path,
                            "AR_HDU = %g is not from 2 to the number of HDUs, %d", place,
                            hdu_count);
    status = wk_fits_select(fits, (int)place - 1, error);
    if (status)
        return status;
    return take_parts(parts, count, fits, (int)place - 1, hdu_count, id, error);
}
