#include "fits_tile.h"

#include <stdio.h>
#include <string.h>

#include "fits_checksum.h"
#include "fits_gzip.h"
#include "fits_pixel.h"
#include "fits_table.h"
#include "status.h"

enum { ROWS = 1 << 16 }; /* bytes of rows handled at once */

typedef struct tiles {
    wk_fits_table table;
    int64_t image;                 /* bytes of all pixels */
    int pixel;                     /* bytes of a pixel */
    int lossless;                  /* no quantisation anywhere */
    int zipped;                    /* the method is GZIP_1 or GZIP_2 */
    int shuffled;                  /* GZIP_2 */
    int packed, gzip, plain, zero; /* columns by their role; -1: none */
    double level;
    const char *name;
    wk_bytes rows, cell, pixels, mixed; /* scratch */
    wk_bytes pending;                   /* of the new heap, not yet written */
    int64_t heap_at, written;           /* where the new heap goes, how much of it is there */
    uint32_t heap_sum;
} tiles;

static wk_status unusable(const tiles *t, const char *why, wk_error *error)
{
    return wk_error_set(error, WK_HEADER, t->name, "the compressed image cannot be changed: %s",
                        why);
}

/* Nonzero if the column is absent or of variable length with these elements. */
static int holds(const tiles *t, int i, char element)
{
    return i < 0 || (wk_fits_column_variable(&t->table.columns[i]) &&
                     t->table.columns[i].element == element);
}

static wk_status find_roles(tiles *t, wk_error *error)
{
    t->packed = wk_fits_table_find(&t->table, "COMPRESSED_DATA");
    t->gzip = wk_fits_table_find(&t->table, "GZIP_COMPRESSED_DATA");
    t->plain = wk_fits_table_find(&t->table, "UNCOMPRESSED_DATA");
    t->zero = wk_fits_table_find(&t->table, "ZZERO");
    if (t->packed < 0 || !wk_fits_column_variable(&t->table.columns[t->packed]))
        return unusable(t, "it has no column of compressed data", error);
    if (!holds(t, t->gzip, 'B') || !holds(t, t->plain, t->pixel == 4 ? 'E' : 'D'))
        return unusable(t, "a column of unquantised tiles is of another type", error);
    if (t->zero >= 0 &&
        (t->table.columns[t->zero].code != 'D' || t->table.columns[t->zero].width != 8))
        return unusable(t, "its ZZERO column is not of doubles", error);
    return WK_OK;
}

static wk_status read_image(tiles *t, const wk_cards *cards, wk_error *error)
{
    int64_t bitpix = 0, axes = 0;
    wk_cards_integer(cards, "ZBITPIX", &bitpix);
    wk_cards_integer(cards, "ZNAXIS", &axes);
    if ((bitpix != -32 && bitpix != -64) || axes < 1 || axes > 999)
        return unusable(t, "ZBITPIX or ZNAXIS makes no sense", error);
    t->pixel = bitpix == -32 ? 4 : 8;
    t->image = t->pixel;
    for (int i = 1; i <= (int)axes; i++) {
        char keyword[24];
        int64_t axis = 0;
        snprintf(keyword, sizeof keyword, "ZNAXIS%d", i);
        wk_cards_integer(cards, keyword, &axis);
        if (axis < 0 || __builtin_mul_overflow(t->image, axis, &t->image))
            return unusable(t, "ZNAXISn makes no sense", error);
    }
    return WK_OK;
}

static int is_rescaled(const wk_cards *cards)
{
    double scale = 1, zero = 0;
    int bad =
        wk_cards_real(cards, "BSCALE", &scale) < 0 || wk_cards_real(cards, "BZERO", &zero) < 0;
    return bad || scale < 1 || scale > 1 || zero < 0 || zero > 0;
}

/* Whether and how the tiles are quantised. */
static wk_status read_method(tiles *t, const wk_cards *cards, wk_error *error)
{
    char method[WK_FITS_CARD] = "";
    char quantised[WK_FITS_CARD] = "";
    double zero;
    if (is_rescaled(cards))
        return unusable(t, "its pixels are rescaled by BSCALE or BZERO", error);
    wk_cards_text(cards, "ZCMPTYPE", method, sizeof method);
    wk_cards_text(cards, "ZQUANTIZ", quantised, sizeof quantised);
    t->shuffled = strcmp(method, "GZIP_2") == 0;
    t->zipped = t->shuffled || strcmp(method, "GZIP_1") == 0;
    t->lossless = t->zero < 0 && wk_cards_real(cards, "ZZERO", &zero) != 1;
    if (!t->lossless && strcmp(quantised, "NONE") == 0)
        return unusable(t, "ZQUANTIZ is NONE, but it has ZZERO", error);
    if (t->lossless && !t->zipped && strcmp(method, "NOCOMPRESS") != 0)
        return unusable(t, "its floats are neither quantised nor packed by gzip", error);
    return WK_OK;
}

static wk_status open_tiles(tiles *t, const wk_cards *cards, wk_error *error)
{
    wk_status status = wk_fits_table_open(&t->table, cards, t->name, error);
    if (status == WK_OK)
        status = read_image(t, cards, error);
    if (status == WK_OK)
        status = find_roles(t, error);
    return status == WK_OK ? read_method(t, cards, error) : status;
}

static void free_tiles(tiles *t)
{
    wk_fits_table_free(&t->table);
    wk_bytes_free(&t->rows);
    wk_bytes_free(&t->cell);
    wk_bytes_free(&t->pixels);
    wk_bytes_free(&t->mixed);
    wk_bytes_free(&t->pending);
}

static int is_filled(const tiles *t, int i, const unsigned char *row)
{
    int64_t length = 0, place;
    if (i >= 0)
        wk_fits_column_get(&t->table.columns[i], row, &length, &place);
    return length != 0;
}

/* The column in which a row keeps its floats whole; -1 if it is quantised. */
static int whole_column(const tiles *t, const unsigned char *row)
{
    if (is_filled(t, t->packed, row))
        return t->lossless ? t->packed : -1;
    if (is_filled(t, t->plain, row))
        return t->plain;
    return is_filled(t, t->gzip, row) ? t->gzip : -1;
}

static void move_zero(const tiles *t, unsigned char *row)
{
    double zero;
    uint64_t bits = wk_pixel_load(row + t->table.columns[t->zero].place, 8);
    memcpy(&zero, &bits, sizeof zero);
    zero -= t->level;
    memcpy(&bits, &zero, sizeof bits);
    wk_pixel_store(row + t->table.columns[t->zero].place, 8, bits);
}

static void subtract_pixels(const tiles *t, wk_bytes *pixels)
{
    if (t->pixel == 4)
        wk_pixel_subtract_float(pixels->data, pixels->size / 4, t->level);
    else
        wk_pixel_subtract_double(pixels->data, pixels->size / 8, t->level);
}

/* GZIP_2 keeps the pixels' first bytes together, then their second ones, and so on. */
static void shuffle(unsigned char *to, const unsigned char *from, size_t count, int pixel, int back)
{
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < (size_t)pixel; j++) {
            size_t whole = i * (size_t)pixel + j, apart = j * count + i;
            if (back)
                to[whole] = from[apart];
            else
                to[apart] = from[whole];
        }
}

static wk_status subtract_shuffled(tiles *t, wk_error *error)
{
    size_t count = t->pixels.size / (size_t)t->pixel;
    wk_status status = wk_bytes_resize(&t->mixed, t->pixels.size, error);
    if (status != WK_OK)
        return status;
    shuffle(t->mixed.data, t->pixels.data, count, t->pixel, 1);
    subtract_pixels(t, &t->mixed);
    shuffle(t->pixels.data, t->mixed.data, count, t->pixel, 0);
    return WK_OK;
}

/* The cell as read, packed by gzip, becomes the cell as it is to be written. */
static wk_status subtract_packed(tiles *t, int shuffled, wk_error *error)
{
    wk_status status =
        wk_gzip_unpack(&t->pixels, t->cell.data, t->cell.size, (size_t)t->image, t->name, error);
    if (status != WK_OK)
        return status;
    if (t->pixels.size % (size_t)t->pixel != 0)
        return wk_error_set(error, WK_FILE, t->name, "a compressed tile of %zu bytes is damaged",
                            t->pixels.size);
    if (shuffled)
        status = subtract_shuffled(t, error);
    else
        subtract_pixels(t, &t->pixels);
    if (status != WK_OK)
        return status;
    return wk_gzip_pack(&t->cell, t->pixels.data, t->pixels.size, error);
}

static wk_status change_cell(tiles *t, int i, wk_error *error)
{
    if (i == t->gzip || (i == t->packed && t->zipped))
        return subtract_packed(t, i == t->packed && t->shuffled, error);
    if (t->cell.size % (size_t)t->pixel != 0)
        return wk_error_set(error, WK_FILE, t->name, "a tile of %zu bytes is damaged",
                            t->cell.size);
    subtract_pixels(t, &t->cell);
    return WK_OK;
}

static wk_status flush_heap(tiles *t, wk_output *output, wk_error *error)
{
    wk_status status = wk_output_write_at(output, t->heap_at + t->written, t->pending.data,
                                          t->pending.size, error);
    t->heap_sum = wk_checksum_add(t->heap_sum, t->table.row * t->table.rows + t->written,
                                  t->pending.data, t->pending.size);
    t->written += (int64_t)t->pending.size;
    t->pending.size = 0;
    return status;
}

static wk_status append_cell(tiles *t, wk_output *output, wk_error *error)
{
    size_t before = t->pending.size;
    wk_status status = wk_bytes_resize(&t->pending, before + t->cell.size, error);
    if (status != WK_OK)
        return status;
    if (t->cell.size > 0)
        memcpy(t->pending.data + before, t->cell.data, t->cell.size);
    return t->pending.size < WK_FITS_STRIP ? WK_OK : flush_heap(t, output, error);
}

static wk_status read_cell(tiles *t, const wk_fits_copy *copy, const wk_fits_column *c,
                           const unsigned char *row, wk_error *error)
{
    int64_t length, place, size;
    wk_fits_column_get(c, row, &length, &place);
    if (length < 0 || __builtin_mul_overflow(length, wk_fits_column_element(c), &size) ||
        place < 0 || place > t->table.heap || size > t->table.heap - place)
        return wk_error_set(error, WK_FILE, t->name, "a compressed tile lies outside of the heap");
    wk_status status = wk_bytes_resize(&t->cell, (size_t)size, error);
    if (status != WK_OK)
        return status;
    int64_t heap = copy->from + t->table.row * t->table.rows + t->table.gap;
    return wk_fits_copy_read(copy, heap + place, t->cell.data, (size_t)size, error);
}

/* Carry one cell to the new heap, changed if it holds the row's pixels, and point the row to it. */
static wk_status carry_cell(tiles *t, wk_fits_copy *copy, int i, unsigned char *row, int changed,
                            wk_error *error)
{
    wk_fits_column *c = &t->table.columns[i];
    int64_t place = t->written + (int64_t)t->pending.size;
    wk_status status = read_cell(t, copy, c, row, error);
    if (status == WK_OK && changed)
        status = change_cell(t, i, error);
    if (status != WK_OK)
        return status;
    int64_t length = (int64_t)t->cell.size / wk_fits_column_element(c);
    c->longest = length > c->longest ? length : c->longest;
    if (!wk_fits_column_put(c, row, length, place))
        return wk_error_set(error, WK_FILE, t->name, "the compressed image outgrows its table");
    return append_cell(t, copy->output, error);
}

static wk_status carry_row(tiles *t, wk_fits_copy *copy, unsigned char *row, wk_error *error)
{
    int whole = whole_column(t, row);
    wk_status status = WK_OK;
    if (whole < 0 && t->zero >= 0)
        move_zero(t, row);
    for (int i = 0; status == WK_OK && i < t->table.count; i++)
        if (wk_fits_column_variable(&t->table.columns[i]))
            status = carry_cell(t, copy, i, row, i == whole, error);
    return status;
}

typedef wk_status row_task(tiles *t, wk_fits_copy *copy, unsigned char *row, wk_error *error);

/* Call task for every row; written back, with its sum, if sum is not NULL. */
static wk_status for_rows(tiles *t, wk_fits_copy *copy, row_task *task, uint32_t *sum,
                          wk_error *error)
{
    int64_t row = t->table.row;
    int64_t most = row < ROWS ? ROWS / row : 1;
    wk_status status = wk_bytes_resize(&t->rows, (size_t)(most * row), error);
    for (int64_t first = 0; status == WK_OK && first < t->table.rows; first += most) {
        int64_t rows = t->table.rows - first < most ? t->table.rows - first : most;
        size_t size = (size_t)(rows * row);
        status = wk_fits_copy_read(copy, copy->from + first * row, t->rows.data, size, error);
        for (int64_t i = 0; status == WK_OK && i < rows; i++)
            status = task(t, copy, t->rows.data + i * row, error);
        if (status != WK_OK || !sum)
            continue;
        *sum = wk_checksum_add(*sum, first * row, t->rows.data, size);
        status =
            wk_output_write_at(copy->output, copy->to + first * row, t->rows.data, size, error);
    }
    return status;
}

static wk_status zero_row(tiles *t, wk_fits_copy *copy, unsigned char *row, wk_error *error)
{
    (void)copy;
    (void)error;
    if (t->zero >= 0)
        move_zero(t, row);
    return WK_OK;
}

/* Any row that keeps its floats whole ends the search with a warning. */
static wk_status find_whole(tiles *t, wk_fits_copy *copy, unsigned char *row, wk_error *error)
{
    (void)copy;
    (void)error;
    return whole_column(t, row) >= 0 ? WK_SPARSE : WK_OK;
}

/* The heap stays as it is. */
static wk_status move_zeros(tiles *t, wk_fits_copy *copy, int64_t *bytes, uint32_t *sum,
                            wk_error *error)
{
    int64_t rows = t->table.row * t->table.rows;
    int64_t rest = t->table.gap + t->table.heap;
    wk_status status = for_rows(t, copy, zero_row, sum, error);
    copy->from += rows;
    copy->to += rows;
    *bytes = rows + rest;
    return status == WK_OK ? wk_fits_copy_sum(copy, rows, rest, sum, error) : status;
}

static wk_status rewrite_heap(tiles *t, wk_fits_copy *copy, wk_cards *cards, int64_t *bytes,
                              uint32_t *sum, wk_error *error)
{
    int64_t rows = t->table.row * t->table.rows;
    t->heap_at = copy->to + rows;
    wk_status status = for_rows(t, copy, carry_row, sum, error);
    if (status == WK_OK)
        status = flush_heap(t, copy->output, error);
    if (status != WK_OK)
        return status;
    *sum = wk_checksum_words(*sum, t->heap_sum);
    *bytes = rows + t->written;
    copy->from += rows + t->table.gap + t->table.heap;
    copy->to += *bytes;
    return wk_fits_table_heap(&t->table, cards, t->written, error);
}

static wk_status move_zero_keyword(const tiles *t, wk_cards *cards, wk_error *error)
{
    double zero;
    if (wk_cards_real(cards, "ZZERO", &zero) != 1)
        return WK_OK;
    return wk_cards_set_real(cards, "ZZERO", zero - t->level, "zero point of the tiles", error);
}

wk_status wk_fits_tile_subtract(wk_fits_copy *copy, wk_cards *cards, double level, int64_t *bytes,
                                uint32_t *sum, wk_error *error)
{
    tiles t = {
        .packed = -1, .gzip = -1, .plain = -1, .zero = -1, .level = level, .name = copy->name};
    wk_status status = open_tiles(&t, cards, error);
    int whole = t.lossless;
    if (status == WK_OK && !whole && (t.gzip >= 0 || t.plain >= 0)) {
        status = for_rows(&t, copy, find_whole, NULL, error);
        whole = status == WK_SPARSE;
        status = whole ? WK_OK : status;
    }
    if (status == WK_OK && t.zero < 0)
        status = move_zero_keyword(&t, cards, error);
    if (status == WK_OK)
        status = whole ? rewrite_heap(&t, copy, cards, bytes, sum, error)
                       : move_zeros(&t, copy, bytes, sum, error);
    free_tiles(&t);
    return status;
}
