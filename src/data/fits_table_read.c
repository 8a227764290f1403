#include "fits_table_read.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "fits_file.h"
#include "memory.h"
#include "status.h"

/* A table that is open for reading. */
typedef struct wk_sheet {
    wk_fits *fits;
    wk_fits_hdu *hdus;
    int count;
    char subject[512]; /* path[hdu] */
} wk_sheet;

static wk_status sheet_open(wk_sheet *sheet, const char *path, wk_error *error)
{
    memset(sheet, 0, sizeof *sheet);
    wk_status status = wk_fits_open(&sheet->fits, path, error);
    return status == WK_OK ? wk_fits_list(&sheet->hdus, &sheet->count, sheet->fits, error) : status;
}

static void sheet_close(wk_sheet *sheet)
{
    wk_fits_close(sheet->fits);
    wk_memory_free(sheet->hdus);
}

static wk_status sheet_select(wk_sheet *sheet, int hdu, wk_error *error)
{
    snprintf(sheet->subject, sizeof sheet->subject, "%s[%d]", sheet->fits->path, hdu);
    return wk_fits_select(sheet->fits, hdu, error);
}

/* Rows of the selected table; 0 if CFITSIO cannot tell. */
static int64_t count_rows(wk_sheet *sheet)
{
    LONGLONG rows = 0;
    int status = 0;
    if (fits_get_num_rowsll(sheet->fits->file, &rows, &status))
        fits_clear_errmsg();
    return status == 0 && rows > 0 ? (int64_t)rows : 0;
}

/* The first table with rows, else the first one; -1: there is none. */
static wk_status find_table(int *found, wk_sheet *sheet, wk_error *error)
{
    *found = -1;
    for (int i = 0; i < sheet->count; i++) {
        if (sheet->hdus[i].image)
            continue;
        wk_status status = wk_fits_select(sheet->fits, i, error);
        if (status != WK_OK)
            return status;
        if (count_rows(sheet) > 0) {
            *found = i;
            return WK_OK;
        }
        *found = *found < 0 ? i : *found;
    }
    return WK_OK;
}

static wk_status pick_table(wk_table *table, wk_sheet *sheet, const wk_extension *extension,
                            wk_error *error)
{
    wk_status status = WK_OK;
    if (extension)
        table->hdu = wk_extension_find(extension, (wk_hdu_list){sheet->hdus, sheet->count});
    else
        status = find_table(&table->hdu, sheet, error);
    if (status == WK_OK && table->hdu < 0 && extension)
        return wk_extension_absent(extension, table->path, sheet->count, error);
    if (status == WK_OK && table->hdu < 0)
        return wk_error_set(error, WK_HEADER, table->path, "there is no table in the file");
    if (status == WK_OK)
        status = sheet_select(sheet, table->hdu, error);
    if (status == WK_OK && sheet->hdus[table->hdu].image)
        return wk_error_set(error, WK_HEADER, sheet->subject, "is an image, not a table");
    return status;
}

static wk_content content_of(int type, int64_t repeat)
{
    if (type < 0)
        return WK_CONTENT_VARIABLE;
    if (type == TSTRING)
        return WK_CONTENT_TEXT;
    if (repeat == 0)
        return WK_CONTENT_NOTHING;
    if (type == TBIT)
        return WK_CONTENT_BITS;
    if (type == TCOMPLEX || type == TDBLCOMPLEX)
        return WK_CONTENT_COMPLEX;
    if (repeat > 1)
        return WK_CONTENT_VECTOR;
    return type == TLOGICAL ? WK_CONTENT_LOGICAL : WK_CONTENT_NUMBER;
}

static wk_status take_column(wk_table *table, wk_sheet *sheet, int column, wk_error *error)
{
    char keyword[FLEN_KEYWORD], name[WK_FITS_VALUE];
    LONGLONG repeat = 0, width = 0;
    int type = 0, status = 0;
    snprintf(keyword, sizeof keyword, "TTYPE%d", column);
    if (!wk_fits_text(name, sizeof name, sheet->fits, keyword) || name[0] == '\0')
        snprintf(name, sizeof name, "col%d", column);
    if (fits_get_coltypell(sheet->fits->file, column, &type, &repeat, &width, &status))
        return wk_fits_fail(table->path, table->hdu, status, "understand a column", error);
    return wk_table_append(table, wk_memory_text(name, error), content_of(type, (int64_t)repeat),
                           error);
}

static wk_status take_columns(wk_table *table, wk_sheet *sheet, wk_error *error)
{
    int columns = 0, status = 0;
    double bytes = 0.0;
    if (fits_get_num_cols(sheet->fits->file, &columns, &status))
        return wk_fits_fail(table->path, table->hdu, status, "count the columns", error);
    table->rows = count_rows(sheet);
    /* rows of no bytes cost nothing: any number of them could be promised */
    wk_fits_number(&bytes, sheet->fits, "NAXIS1");
    if (columns == 0 || (table->rows > 0 && bytes < 1.0))
        return wk_error_set(error, WK_HEADER, sheet->subject, "the table has no columns");
    wk_status result = WK_OK;
    for (int i = 1; result == WK_OK && i <= columns; i++)
        result = take_column(table, sheet, i, error);
    return result;
}

wk_status wk_fits_table_look(wk_table *table, const wk_extension *extension, wk_error *error)
{
    wk_sheet sheet;
    wk_status status = sheet_open(&sheet, table->path, error);
    if (status == WK_OK)
        status = pick_table(table, &sheet, extension, error);
    if (status == WK_OK)
        status = take_columns(table, &sheet, error);
    sheet_close(&sheet);
    return status;
}

static wk_status read_logical(double *values, const wk_table *table, wk_sheet *sheet, int column,
                              wk_error *error)
{
    enum { PIECE = 4096, UNDEFINED = 2 };
    char piece[PIECE], undefined = UNDEFINED;
    for (int64_t row = 0; row < table->rows; row += PIECE) {
        int64_t count = table->rows - row < PIECE ? table->rows - row : PIECE;
        int any, status = 0;
        if (fits_read_col(sheet->fits->file, TLOGICAL, column, row + 1, 1, count, &undefined, piece,
                          &any, &status))
            return wk_fits_fail(table->path, table->hdu, status, "read a column", error);
        for (int64_t i = 0; i < count; i++)
            values[row + i] = piece[i] == 0 || piece[i] == 1 ? (double)piece[i] : (double)NAN;
    }
    return WK_OK;
}

/* Where a field of an ASCII table is in its row, and what stands there for undefined. */
typedef struct wk_place {
    long start;
    int width;
    char undefined[FLEN_VALUE];
} wk_place;

static int find_place(wk_place *place, wk_sheet *sheet, int column)
{
    char form[FLEN_VALUE] = "";
    int status = 0;
    place->width = 0;
    fits_get_acolparms(sheet->fits->file, column, NULL, &place->start, NULL, form, NULL, NULL,
                       place->undefined, NULL, &status);
    if (status == 0 && sscanf(form, "%*[A-Za-z]%9d", &place->width) != 1)
        status = BAD_TFORM;
    return status;
}

static size_t trim(const char **text, size_t length)
{
    for (; length > 0 && **text == ' '; length--)
        ++*text;
    while (length > 0 && (*text)[length - 1] == ' ')
        length--;
    return length;
}

/* CFITSIO reads a blank field as zero, but nobody has measured it; and TNULL only where a field
 * begins with it, though numbers stand at the field's right end. */
static wk_status mark_undefined(double *values, const wk_table *table, wk_sheet *sheet, int column,
                                wk_error *error)
{
    char field[256];
    wk_place place;
    int status = find_place(&place, sheet, column);
    if (status == 0 && (place.width < 1 || place.width > (int)sizeof field))
        status = BAD_TFORM;
    const char *undefined = place.undefined;
    size_t length = status ? 0 : trim(&undefined, strlen(undefined));
    for (int64_t row = 0; status == 0 && row < table->rows; row++) {
        const char *text = field;
        fits_read_tblbytes(sheet->fits->file, row + 1, place.start, place.width,
                           (unsigned char *)field, &status);
        size_t used = trim(&text, (size_t)place.width);
        if (used == 0 || (used == length && memcmp(text, undefined, used) == 0))
            values[row] = (double)NAN;
    }
    return status ? wk_fits_fail(table->path, table->hdu, status, "read a column", error) : WK_OK;
}

static wk_status read_numbers(double *values, const wk_table *table, wk_sheet *sheet, int column,
                              wk_error *error)
{
    double undefined = (double)NAN;
    LONGLONG repeat = 0, width = 0;
    int any, kind = ANY_HDU, type = 0, status = 0;
    fits_get_hdu_type(sheet->fits->file, &kind, &status);
    fits_get_coltypell(sheet->fits->file, column, &type, &repeat, &width, &status);
    /* looking for undefined ones among floating-point numbers, CFITSIO would take infinite ones for
     * them and denormal ones for zero; these are NaN as they stand */
    int look = kind == ASCII_TBL || (type != TFLOAT && type != TDOUBLE);
    if (fits_read_col(sheet->fits->file, TDOUBLE, column, 1, 1, table->rows,
                      look ? &undefined : NULL, values, &any, &status))
        return wk_fits_fail(table->path, table->hdu, status, "read a column", error);
    return kind == ASCII_TBL ? mark_undefined(values, table, sheet, column, error) : WK_OK;
}

wk_status wk_fits_table_numbers(double *values, const wk_table *table, int index, wk_error *error)
{
    wk_sheet sheet;
    int columns = 0, failed = 0;
    wk_status status = sheet_open(&sheet, table->path, error);
    if (status == WK_OK && table->hdu < sheet.count)
        status = sheet_select(&sheet, table->hdu, error);
    if (status == WK_OK)
        fits_get_num_cols(sheet.fits->file, &columns, &failed);
    if (status == WK_OK && (failed || table->hdu >= sheet.count || index >= columns ||
                            count_rows(&sheet) != table->rows))
        status = wk_error_set(error, WK_FILE, table->path, "has changed since it was opened");
    if (status == WK_OK && table->rows > 0)
        status = table->items[index].content == WK_CONTENT_LOGICAL
                     ? read_logical(values, table, &sheet, index + 1, error)
                     : read_numbers(values, table, &sheet, index + 1, error);
    sheet_close(&sheet);
    return status;
}
