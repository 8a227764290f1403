/* New FITS files: primary, image and other HDUs from cards and arrays, with checksums.  The bytes
 * depend on the arguments alone. */
#ifndef WELKIN_DATA_FITS_WRITE_H
#define WELKIN_DATA_FITS_WRITE_H

#include "fits_card.h"

typedef struct wk_fits_writer wk_fits_writer;

/* Begin a file that appears when it is finished.  Statuses as wk_output_begin. */
wk_status wk_fits_create(wk_fits_writer **out, const char *path, int overwrite, int durable,
                         wk_error *error);

/* A primary HDU without data: count records of 80 characters each follow the mandatory keywords.
 * It must be the first HDU. */
wk_status wk_fits_append_primary(wk_fits_writer *writer, const char *records, int64_t count,
                                 wk_error *error);

/* An image: the primary array if it is the first HDU, else an extension.
 * Given      records  count records of 80 characters each, without the mandatory keywords, EXTNAME,
 *                     EXTVER and END
 *            extname  NULL or "": none
 *            extver   0: none
 *            bitpix   8, 16, 32, 64, -32 or -64; data are of that type in this machine's order */
wk_status wk_fits_append_image(wk_fits_writer *writer, const char *records, int64_t count,
                               const char *extname, int extver, int bitpix, int64_t width,
                               int64_t height, const void *data, wk_error *error);

/* The same in pieces.  Between begin and end the rows are put in any order, by several threads at
 * once; nothing else may be done with the writer meanwhile.  width x height pixels of bitpix. */
wk_status wk_fits_begin_image(wk_fits_writer *writer, const char *records, int64_t count,
                              const char *extname, int extver, int bitpix, int64_t width,
                              int64_t height, wk_error *error);

/* Write rows of an image of BITPIX -32, each once.
 * Given      data     [rows][width], this machine's order
 *            swapped  room for as many floats
 *            sum      what this call adds to; start from 0.  Each thread may have its own: they are
 *                     joined by wk_checksum_words, in any order with the same result */
wk_status wk_fits_put_rows(const wk_fits_writer *writer, int64_t row, int64_t rows,
                           const float *data, void *swapped, uint32_t *sum, wk_error *error);

/* Write padding and header, when all rows are there; sum is that of all of them. */
wk_status wk_fits_end_image(wk_fits_writer *writer, uint32_t sum, wk_error *error);

/* An HDU of any kind: its mandatory keywords, in their order, are the caller's.
 * Given      cards   without CHECKSUM, DATASUM and END
 *            bytes   of the data unit, without padding; 0: none */
wk_status wk_fits_begin_data(wk_fits_writer *writer, const wk_cards *cards, int64_t bytes,
                             wk_error *error);

/* Write count numbers of 1, 2, 4 or 8 bytes, of this machine's order, at a place of the data unit
 * counted in bytes; each byte once, in any order.  sum is as for wk_fits_put_rows. */
wk_status wk_fits_put_numbers(wk_fits_writer *writer, int64_t place, const void *data,
                              int64_t count, int size, uint32_t *sum, wk_error *error);

/* As wk_fits_end_image. */
wk_status wk_fits_end_data(wk_fits_writer *writer, uint32_t sum, wk_error *error);

/* An HDU that has begun and waits, so that others can begin before its data are there: planes of
 * one size are written side by side.  Start from all zero bytes. */
typedef struct wk_fits_held {
    wk_cards cards;
    int64_t start, place, bytes; /* of header, data and data without padding */
} wk_fits_held;

/* Take the HDU that has begun out of the writer. */
wk_status wk_fits_hold(wk_fits_held *held, wk_fits_writer *writer, wk_error *error);

/* As wk_fits_put_numbers, by several threads at once; swapped: room for the same bytes. */
wk_status wk_fits_put_held(const wk_fits_writer *writer, const wk_fits_held *held, int64_t place,
                           const void *data, int64_t count, int size, void *swapped, uint32_t *sum,
                           wk_error *error);

/* As wk_fits_end_image.  Held HDUs that are not ended leave a hole: abandon the file then. */
wk_status wk_fits_end_held(wk_fits_writer *writer, wk_fits_held *held, uint32_t sum,
                           wk_error *error);
void wk_fits_held_release(wk_fits_held *held);

/* Give the file its name; WK_ARGUMENT if an image has begun and not ended.  The writer is freed,
 * whatever the status. */
wk_status wk_fits_finish(wk_fits_writer *writer, wk_error *error);

/* Remove what was written and free the writer; NULL is allowed. */
void wk_fits_abandon(wk_fits_writer *writer);

#endif
