#include "fits_write.h"

#include <string.h>

#include "fits_card.h"
#include "fits_checksum.h"
#include "fits_pixel.h"
#include "memory.h"
#include "output.h"
#include "status.h"

enum { STRIP = 1 << 18 }; /* bytes turned around at once */

struct wk_fits_writer {
    wk_output output;
    wk_cards cards; /* of the HDU at hand */
    int64_t end;    /* of what was written */
    int hdus;
    int held;   /* HDUs that wait for their data */
    int open;   /* nonzero: an image or other data have begun, of this kind */
    int bitpix; /* 0: no image */
    int64_t width, height;
    int64_t place; /* of the first byte */
    int64_t bytes; /* without padding */
    unsigned char *strip;
};

wk_status wk_fits_create(wk_fits_writer **out, const char *path, int overwrite, int durable,
                         wk_error *error)
{
    *out = NULL;
    wk_fits_writer *writer = wk_memory_new(1, sizeof *writer, error);
    if (!writer)
        return WK_MEMORY;
    writer->strip = wk_memory_raw(STRIP, 1, error);
    wk_status status = writer->strip ? WK_OK : WK_MEMORY;
    if (status == WK_OK)
        status = wk_output_begin(&writer->output, path, overwrite, durable, error);
    if (status == WK_OK)
        *out = writer;
    else
        wk_fits_abandon(writer);
    return status;
}

void wk_fits_abandon(wk_fits_writer *writer)
{
    if (!writer)
        return;
    wk_output_abandon(&writer->output);
    wk_cards_free(&writer->cards);
    wk_memory_free(writer->strip);
    wk_memory_free(writer);
}

static wk_status check_ended(const wk_fits_writer *writer, wk_error *error)
{
    if (writer->open)
        return wk_error_set(error, WK_ARGUMENT, writer->output.path, "HDU %d has not ended yet",
                            writer->hdus);
    return WK_OK;
}

static wk_status check_all_ended(const wk_fits_writer *writer, wk_error *error)
{
    if (writer->held)
        return wk_error_set(error, WK_ARGUMENT, writer->output.path, "%d HDUs have not ended yet",
                            writer->held);
    return check_ended(writer, error);
}

wk_status wk_fits_finish(wk_fits_writer *writer, wk_error *error)
{
    wk_status status = check_all_ended(writer, error);
    if (status == WK_OK)
        status = wk_output_commit(&writer->output, error);
    wk_fits_abandon(writer);
    return status;
}

static wk_status set_type(wk_cards *cards, int primary, int bitpix, wk_error *error)
{
    wk_status status = primary ? wk_cards_set_logical(cards, "SIMPLE", 1, "FITS standard", error)
                               : wk_cards_set_text(cards, "XTENSION", "IMAGE", "image", error);
    if (status != WK_OK)
        return status;
    return wk_cards_set_integer(cards, "BITPIX", bitpix, "bits of a pixel", error);
}

static wk_status set_axes(wk_cards *cards, int64_t width, int64_t height, wk_error *error)
{
    wk_status status = wk_cards_set_integer(cards, "NAXIS", width > 0 ? 2 : 0, "axes", error);
    if (status == WK_OK && width > 0)
        status = wk_cards_set_integer(cards, "NAXIS1", width, "columns", error);
    if (status == WK_OK && width > 0)
        status = wk_cards_set_integer(cards, "NAXIS2", height, "rows", error);
    return status;
}

static wk_status set_kind(wk_cards *cards, int primary, wk_error *error)
{
    if (primary)
        return wk_cards_set_logical(cards, "EXTEND", 1, "extensions may follow", error);
    wk_status status = wk_cards_set_integer(cards, "PCOUNT", 0, "no parameters", error);
    if (status != WK_OK)
        return status;
    return wk_cards_set_integer(cards, "GCOUNT", 1, "one group", error);
}

static wk_status set_name(wk_cards *cards, const char *extname, int extver, wk_error *error)
{
    wk_status status = WK_OK;
    if (extname && *extname)
        status = wk_cards_set_text(cards, "EXTNAME", extname, "name of this HDU", error);
    if (status == WK_OK && extver != 0)
        status = wk_cards_set_integer(cards, "EXTVER", extver, "version of this HDU", error);
    return status;
}

static wk_status add_records(wk_cards *cards, const char *records, int64_t count, wk_error *error)
{
    wk_status status = WK_OK;
    for (int64_t i = 0; status == WK_OK && i < count; i++)
        status = wk_cards_append(cards, records + i * WK_FITS_CARD, error);
    return status == WK_OK ? wk_checksum_reserve(cards, error) : status;
}

static wk_status write_cards(const wk_fits_writer *writer, wk_cards *cards, int64_t place,
                             uint32_t sum, wk_error *error)
{
    size_t size = wk_cards_size(cards);
    char *header = wk_memory_raw(size, 1, error);
    if (!header)
        return WK_MEMORY;
    wk_status status = wk_checksum_header(cards, sum, header, error);
    if (status == WK_OK)
        status = wk_output_write_at(&writer->output, place, header, size, error);
    wk_memory_free(header);
    return status;
}

static wk_status write_header(wk_fits_writer *writer, uint32_t sum, wk_error *error)
{
    return write_cards(writer, &writer->cards, writer->end, sum, error);
}

wk_status wk_fits_append_primary(wk_fits_writer *writer, const char *records, int64_t count,
                                 wk_error *error)
{
    if (writer->hdus != 0)
        return wk_error_set(error, WK_ARGUMENT, writer->output.path,
                            "the primary HDU comes first, not as HDU %d", writer->hdus);
    wk_status status = check_ended(writer, error);
    if (status != WK_OK)
        return status;
    writer->cards.count = 0;
    status = set_type(&writer->cards, 1, 8, error);
    if (status == WK_OK)
        status = set_axes(&writer->cards, 0, 0, error);
    if (status == WK_OK)
        status = set_kind(&writer->cards, 1, error);
    if (status == WK_OK)
        status = add_records(&writer->cards, records, count, error);
    if (status == WK_OK)
        status = write_header(writer, 0, error);
    writer->end += (int64_t)wk_cards_size(&writer->cards);
    writer->hdus++;
    return status;
}

static int pixel_size(int bitpix)
{
    return (bitpix < 0 ? -bitpix : bitpix) / 8;
}

static wk_status check_image(const wk_fits_writer *writer, int bitpix, int64_t width,
                             int64_t height, int64_t *count, wk_error *error)
{
    int64_t bytes;
    if (bitpix != 8 && bitpix != 16 && bitpix != 32 && bitpix != 64 && bitpix != -32 &&
        bitpix != -64)
        return wk_error_set(error, WK_ARGUMENT, writer->output.path, "BITPIX cannot be %d", bitpix);
    if (width < 1 || height < 1 || __builtin_mul_overflow(width, height, count) ||
        __builtin_mul_overflow(*count, 8, &bytes))
        return wk_error_set(error, WK_ARGUMENT, writer->output.path,
                            "an image cannot have %lld x %lld pixels", (long long)width,
                            (long long)height);
    return WK_OK;
}

static wk_status image_cards(wk_fits_writer *writer, const char *records, int64_t count,
                             const char *extname, int extver, wk_error *error)
{
    wk_cards *cards = &writer->cards;
    int primary = writer->hdus == 0;
    cards->count = 0;
    wk_status status = set_type(cards, primary, writer->bitpix, error);
    if (status == WK_OK)
        status = set_axes(cards, writer->width, writer->height, error);
    if (status == WK_OK)
        status = set_kind(cards, primary, error);
    if (status == WK_OK)
        status = set_name(cards, extname, extver, error);
    return status == WK_OK ? add_records(cards, records, count, error) : status;
}

wk_status wk_fits_begin_image(wk_fits_writer *writer, const char *records, int64_t count,
                              const char *extname, int extver, int bitpix, int64_t width,
                              int64_t height, wk_error *error)
{
    int64_t pixels = 0;
    wk_status status = check_ended(writer, error);
    if (status == WK_OK)
        status = check_image(writer, bitpix, width, height, &pixels, error);
    if (status != WK_OK)
        return status;
    writer->bitpix = bitpix;
    writer->width = width;
    writer->height = height;
    writer->bytes = pixels * pixel_size(bitpix);
    status = image_cards(writer, records, count, extname, extver, error);
    if (status != WK_OK)
        return status;
    writer->place = writer->end + (int64_t)wk_cards_size(&writer->cards);
    writer->open = 1;
    return WK_OK;
}

wk_status wk_fits_put_rows(const wk_fits_writer *writer, int64_t row, int64_t rows,
                           const float *data, void *swapped, uint32_t *sum, wk_error *error)
{
    const int64_t most = (int64_t)1 << 30; /* pixels whose plain sum fits */
    if (!writer->open || writer->bitpix != -32)
        return wk_error_set(error, WK_ARGUMENT, writer->output.path,
                            "no image of float32 pixels has begun");
    if (row < 0 || rows < 0 || row > writer->height || rows > writer->height - row)
        return wk_error_set(error, WK_ARGUMENT, writer->output.path,
                            "rows %lld to %lld are not in an image of %lld rows", (long long)row,
                            (long long)(row + rows), (long long)writer->height);
    int64_t count = rows * writer->width;
    unsigned char *bytes = swapped;
    for (int64_t first = 0; first < count; first += most) {
        size_t pixels = (size_t)(count - first < most ? count - first : most);
        *sum =
            wk_checksum_words(*sum, wk_pixel_store_floats(bytes + 4 * first, data + first, pixels));
    }
    int64_t place = writer->place + 4 * row * writer->width;
    return wk_output_write_at(&writer->output, place, bytes, 4 * (size_t)count, error);
}

wk_status wk_fits_begin_data(wk_fits_writer *writer, const wk_cards *cards, int64_t bytes,
                             wk_error *error)
{
    const char *first = writer->hdus == 0 ? "SIMPLE  " : "XTENSION";
    wk_status status = check_ended(writer, error);
    if (status == WK_OK && (cards->count == 0 || memcmp(cards->text, first, strlen(first)) != 0))
        status = wk_error_set(error, WK_ARGUMENT, writer->output.path,
                              "HDU %d must begin with the keyword %s", writer->hdus, first);
    if (status == WK_OK && (bytes < 0 || bytes > INT64_MAX / 2 - writer->end))
        status = wk_error_set(error, WK_ARGUMENT, writer->output.path,
                              "an HDU cannot have %lld bytes", (long long)bytes);
    if (status != WK_OK)
        return status;
    writer->cards.count = 0;
    status = add_records(&writer->cards, cards->text, (int64_t)cards->count, error);
    if (status != WK_OK)
        return status;
    writer->bitpix = 0;
    writer->width = writer->height = 0;
    writer->bytes = bytes;
    writer->place = writer->end + (int64_t)wk_cards_size(&writer->cards);
    writer->open = 1;
    return WK_OK;
}

static size_t padding_of(int64_t bytes)
{
    return (size_t)((WK_FITS_BLOCK - bytes % WK_FITS_BLOCK) % WK_FITS_BLOCK);
}

wk_status wk_fits_end_image(wk_fits_writer *writer, uint32_t sum, wk_error *error)
{
    const int64_t bytes = writer->bytes;
    if (!writer->open)
        return wk_error_set(error, WK_ARGUMENT, writer->output.path, "no HDU has begun");
    writer->open = 0;
    size_t padding = padding_of(bytes);
    memset(writer->strip, 0, WK_FITS_BLOCK);
    wk_status status =
        wk_output_write_at(&writer->output, writer->place + bytes, writer->strip, padding, error);
    if (status == WK_OK)
        status = write_header(writer, sum, error);
    writer->end = writer->place + bytes + (int64_t)padding;
    writer->hdus++;
    return status;
}

wk_status wk_fits_end_data(wk_fits_writer *writer, uint32_t sum, wk_error *error)
{
    return wk_fits_end_image(writer, sum, error);
}

wk_status wk_fits_put_numbers(wk_fits_writer *writer, int64_t place, const void *data,
                              int64_t count, int size, uint32_t *sum, wk_error *error)
{
    const unsigned char *from = data;
    const int64_t most = STRIP / size;
    wk_status status = WK_OK;
    if (!writer->open || place < 0 || count < 0 || place > writer->bytes ||
        count > (writer->bytes - place) / size)
        return wk_error_set(error, WK_ARGUMENT, writer->output.path,
                            "%lld numbers of %d bytes at byte %lld are not in the HDU that has "
                            "begun",
                            (long long)count, size, (long long)place);
    for (int64_t first = 0; status == WK_OK && first < count; first += most) {
        size_t items = (size_t)(count - first < most ? count - first : most);
        size_t bytes = items * (size_t)size;
        wk_pixel_swap(writer->strip, from + first * size, items, size);
        int64_t at = place + first * size;
        *sum = wk_checksum_add(*sum, at, writer->strip, bytes);
        status =
            wk_output_write_at(&writer->output, writer->place + at, writer->strip, bytes, error);
    }
    return status;
}

wk_status wk_fits_hold(wk_fits_held *held, wk_fits_writer *writer, wk_error *error)
{
    if (!writer->open)
        return wk_error_set(error, WK_ARGUMENT, writer->output.path, "no HDU has begun");
    *held = (wk_fits_held){writer->cards, writer->end, writer->place, writer->bytes};
    writer->cards = (wk_cards){0};
    writer->open = 0;
    writer->end = held->place + held->bytes + (int64_t)padding_of(held->bytes);
    writer->hdus++;
    writer->held++;
    return WK_OK;
}

wk_status wk_fits_put_held(const wk_fits_writer *writer, const wk_fits_held *held, int64_t place,
                           const void *data, int64_t count, int size, void *swapped, uint32_t *sum,
                           wk_error *error)
{
    if (place < 0 || count < 0 || place > held->bytes || count > (held->bytes - place) / size)
        return wk_error_set(error, WK_ARGUMENT, writer->output.path,
                            "%lld numbers of %d bytes at byte %lld are not in the HDU that is held",
                            (long long)count, size, (long long)place);
    wk_pixel_swap(swapped, data, (size_t)count, size);
    *sum = wk_checksum_add(*sum, place, swapped, (size_t)(count * size));
    return wk_output_write_at(&writer->output, held->place + place, swapped, (size_t)(count * size),
                              error);
}

wk_status wk_fits_end_held(wk_fits_writer *writer, wk_fits_held *held, uint32_t sum,
                           wk_error *error)
{
    memset(writer->strip, 0, WK_FITS_BLOCK);
    wk_status status = wk_output_write_at(&writer->output, held->place + held->bytes, writer->strip,
                                          padding_of(held->bytes), error);
    if (status == WK_OK)
        status = write_cards(writer, &held->cards, held->start, sum, error);
    writer->held--;
    wk_fits_held_release(held);
    return status;
}

void wk_fits_held_release(wk_fits_held *held)
{
    wk_cards_free(&held->cards);
    *held = (wk_fits_held){0};
}

wk_status wk_fits_append_image(wk_fits_writer *writer, const char *records, int64_t count,
                               const char *extname, int extver, int bitpix, int64_t width,
                               int64_t height, const void *data, wk_error *error)
{
    uint32_t sum = 0;
    wk_status status =
        wk_fits_begin_image(writer, records, count, extname, extver, bitpix, width, height, error);
    if (status != WK_OK)
        return status;
    status = wk_fits_put_numbers(writer, 0, data, width * height, pixel_size(bitpix), &sum, error);
    if (status == WK_OK)
        return wk_fits_end_image(writer, sum, error);
    writer->open = 0;
    return status;
}
