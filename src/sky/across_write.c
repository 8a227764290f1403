#include <string.h>

#include "across.h"
#include "exposure.h"
#include "fits_checksum.h"
#include "fits_write.h"
#include "memory.h"
#include "status.h"
#include "wcs_card.h"

/* What one worker turns rows around in. */
typedef struct desk {
    void *narrow, *swapped; /* a row each */
    uint32_t sums[WK_ACROSS_PLANES];
} desk;

typedef struct writing {
    const wk_across_file *file;
    const wk_across_input *inputs;
    size_t count;
    int64_t width, height;
    int deep, workers;
    wk_fits_writer *writer;
    wk_fits_held held[WK_ACROSS_PLANES];
    desk *desks;
} writing;

/* BITPIX of a plane. */
static int bitpix_of(const writing *w, int plane)
{
    return plane == WK_ACROSS_COUNT ? 32 : w->deep ? -64 : -32;
}

static size_t size_of(const writing *w, int plane)
{
    return bitpix_of(w, plane) == -64 ? 8 : 4;
}

static wk_status add_axes(wk_cards *cards, const writing *w, int plane, wk_error *error)
{
    const struct {
        const char *name, *comment;
        int64_t value;
    } numbers[] = {{"BITPIX", "bits of a pixel", bitpix_of(w, plane)},
                   {"NAXIS", "axes", 2},
                   {"NAXIS1", "", w->width},
                   {"NAXIS2", "", w->height},
                   {"PCOUNT", "no parameters", 0},
                   {"GCOUNT", "one group", 1}};
    wk_status status = wk_cards_set_text(cards, "XTENSION", "IMAGE", "image", error);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0] && status == WK_OK; i++)
        status = wk_cards_set_integer(cards, numbers[i].name, numbers[i].value, numbers[i].comment,
                                      error);
    if (status == WK_OK)
        status =
            wk_cards_set_text(cards, "EXTNAME", wk_across_name((wk_across_plane)plane), "", error);
    return status;
}

/* A record of coordinates that does not point to another HDU. */
static int is_place(const char *record)
{
    wk_card card;
    return wk_card_read(&card, record) && card.kind != WK_CARD_DISTORTION &&
           card.kind != WK_CARD_RECORD && card.kind != WK_CARD_LOOKUP;
}

/* Of the first image, on whose grid pixels are compared. */
static wk_status add_place(wk_cards *cards, const writing *w, int plane, wk_error *error)
{
    char *text;
    int64_t count;
    if (!w->inputs[0].exposure)
        return WK_OK;
    wk_status status = wk_exposure_records(&text, &count, w->inputs[0].exposure, error);
    if (status != WK_OK)
        return status;
    for (int64_t i = 0; i < count && status == WK_OK; i++) {
        const char *record = text + i * WK_FITS_CARD;
        int unit = !memcmp(record, "BUNIT   ", 8) && plane != WK_ACROSS_COUNT;
        if (unit || is_place(record))
            status = wk_cards_append(cards, record, error);
    }
    wk_memory_free(text);
    return status;
}

static wk_status begin_plane(writing *w, int plane, wk_error *error)
{
    wk_cards cards = {0};
    int64_t bytes = w->width * w->height * (int64_t)size_of(w, (int)plane);
    wk_status status = add_axes(&cards, w, plane, error);
    if (status == WK_OK)
        status = add_place(&cards, w, plane, error);
    if (status == WK_OK)
        status = wk_fits_begin_data(w->writer, &cards, bytes, error);
    if (status == WK_OK)
        status = wk_fits_hold(&w->held[plane], w->writer, error);
    wk_cards_free(&cards);
    return status;
}

static wk_status begin(void *payload, int64_t width, int64_t height, int deep, int workers,
                       wk_error *error)
{
    writing *w = payload;
    const wk_across_file *file = w->file;
    wk_cards cards = {0};
    w->width = width;
    w->height = height;
    w->deep = deep;
    w->workers = workers;
    w->desks = wk_memory_new((size_t)workers, sizeof *w->desks, error);
    if (!w->desks)
        return WK_MEMORY;
    wk_status status =
        wk_fits_create(&w->writer, file->path, file->overwrite, file->durable, error);
    if (status == WK_OK)
        status = wk_cards_set_integer(&cards, "NIMAGES", (int64_t)w->count,
                                      "images that were compared", error);
    if (status == WK_OK)
        status = wk_cards_histories(&cards, file->cards, error);
    if (status == WK_OK)
        status = wk_fits_append_primary(w->writer, cards.text, (int64_t)cards.count, error);
    wk_cards_free(&cards);
    for (int k = 0; k < WK_ACROSS_PLANES && status == WK_OK; k++)
        status = begin_plane(w, k, error);
    return status;
}

/* Numbers of the plane's own type. */
static const void *narrow(desk *d, const writing *w, int plane, const double *values)
{
    float *real = d->narrow;
    int32_t *whole = d->narrow;
    if (bitpix_of(w, plane) == -64)
        return values;
    for (int64_t i = 0; i < w->width; i++)
        if (plane == WK_ACROSS_COUNT)
            whole[i] = (int32_t)values[i];
        else
            real[i] = (float)values[i];
    return d->narrow;
}

static wk_status put(void *payload, int worker, wk_across_plane plane, int64_t row, double *values,
                     wk_error *error)
{
    writing *w = payload;
    desk *d = &w->desks[worker];
    const size_t size = size_of(w, (int)plane);
    if (!d->narrow)
        d->narrow = wk_memory_raw((size_t)w->width, sizeof(double), error);
    if (d->narrow && !d->swapped)
        d->swapped = wk_memory_raw((size_t)w->width, sizeof(double), error);
    if (!d->narrow || !d->swapped)
        return WK_MEMORY;
    return wk_fits_put_held(w->writer, &w->held[plane], row * w->width * (int64_t)size,
                            narrow(d, w, (int)plane, values), w->width, (int)size, d->swapped,
                            &d->sums[plane], error);
}

static wk_status end_file(writing *w, wk_error *error)
{
    wk_status status = WK_OK;
    for (int k = 0; k < WK_ACROSS_PLANES && status == WK_OK; k++) {
        uint32_t sum = 0;
        for (int i = 0; i < w->workers; i++)
            sum = wk_checksum_words(sum, w->desks[i].sums[k]);
        status = wk_fits_end_held(w->writer, &w->held[k], sum, error);
    }
    if (status != WK_OK)
        return status;
    wk_fits_writer *writer = w->writer;
    w->writer = NULL;
    return wk_fits_finish(writer, error);
}

wk_status wk_across_write(const wk_across_file *file, const wk_across_input *inputs, size_t count,
                          const wk_context *context, wk_error *error)
{
    writing w = {.file = file, .inputs = inputs, .count = count};
    wk_across_sink sink = {begin, put, &w};
    wk_status status = wk_across_run(&sink, inputs, count, context, error);
    if (status == WK_OK)
        status = end_file(&w, error);
    wk_fits_abandon(w.writer);
    for (int k = 0; k < WK_ACROSS_PLANES; k++)
        wk_fits_held_release(&w.held[k]);
    for (int i = 0; w.desks && i < w.workers; i++) {
        wk_memory_free(w.desks[i].narrow);
        wk_memory_free(w.desks[i].swapped);
    }
    wk_memory_free(w.desks);
    return status;
}
