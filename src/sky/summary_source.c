#include <string.h>

#include "memory.h"
#include "parallel.h"
#include "summary_pass.h"

enum { STRIP = 1 << 16, ANY = 1 << 20 };

static wk_status lend(void *payload, int worker, int64_t first, int64_t count, int judge,
                      wk_summary_image *image, wk_error *error)
{
    (void)worker;
    (void)judge;
    (void)error;
    memcpy(image, payload, sizeof *image);
    image->data = image->data ? image->data + first : NULL;
    image->wide = image->wide ? image->wide + first : NULL;
    image->minus = image->minus ? image->minus + first : NULL;
    image->minus_wide = image->minus_wide ? image->minus_wide + first : NULL;
    image->bad = image->bad ? image->bad + first : NULL;
    image->n = count;
    return WK_OK;
}

wk_summary_source wk_summary_source_of(const wk_summary_image *image)
{
    wk_summary_source source = {.n = image->n,
                                .unit = 1,
                                .strip = STRIP,
                                .strips = (image->n + STRIP - 1) / STRIP,
                                .workers = ANY,
                                .masked = image->bad != NULL,
                                .read = lend};
    memcpy(&source.payload, &image, sizeof image); /* only read, whatever payload's type says */
    return source;
}

/* What one worker reads into. */
typedef struct desk {
    float *data[2];
    double *wide[2];
    uint8_t *bad[2];
} desk;

struct wk_summary_reader {
    wk_rows rows[2]; /* the image, what is taken off it */
    int count;       /* of these */
    int masked;
    int64_t height; /* rows of a strip */
    int workers;
    desk *desks; /* [workers] */
};

static wk_status make_desk(desk *d, const wk_summary_reader *reader, wk_error *error)
{
    size_t room = (size_t)(reader->height * reader->rows[0].width);
    for (int i = 0; i < reader->count; i++) {
        if (reader->rows[i].read_wide)
            d->wide[i] = wk_memory_raw(room, sizeof *d->wide[i], error);
        else
            d->data[i] = wk_memory_raw(room, sizeof *d->data[i], error);
        d->bad[i] = wk_memory_raw(room, 1, error);
        if (!(d->wide[i] || d->data[i]) || !d->bad[i])
            return WK_MEMORY;
    }
    return WK_OK;
}

static wk_status read_one(desk *d, const wk_summary_reader *reader, int i, int worker, wk_rect rect,
                          int judge, wk_error *error)
{
    const wk_rows *rows = &reader->rows[i];
    uint8_t *bad = judge && reader->masked ? d->bad[i] : NULL;
    return rows->read_wide ? rows->read_wide(rows->payload, worker, rect, d->wide[i], bad, error)
                           : rows->read(rows->payload, worker, rect, d->data[i], bad, NULL, error);
}

static wk_status read_strip(void *payload, int worker, int64_t first, int64_t count, int judge,
                            wk_summary_image *image, wk_error *error)
{
    wk_summary_reader *reader = payload;
    desk *d = &reader->desks[worker];
    int64_t width = reader->rows[0].width;
    wk_rect rect = {0, first / width, width, count / width};
    wk_status status = d->bad[0] ? WK_OK : make_desk(d, reader, error);
    for (int i = 0; status == WK_OK && i < reader->count; i++)
        status = read_one(d, reader, i, worker, rect, judge, error);
    int judged = judge && reader->masked;
    for (int64_t i = 0; status == WK_OK && judged && reader->count > 1 && i < count; i++)
        d->bad[0][i] |= d->bad[1][i];
    *image = (wk_summary_image){
        d->data[0], d->wide[0], d->data[1], d->wide[1], judged ? d->bad[0] : NULL, count};
    return status;
}

wk_status wk_summary_reader_open(wk_summary_reader **out, const wk_rows *rows, const wk_rows *minus,
                                 int masked, const wk_context *context, wk_error *error)
{
    *out = NULL;
    wk_summary_reader *reader = wk_memory_new(1, sizeof *reader, error);
    if (!reader)
        return WK_MEMORY;
    reader->rows[0] = *rows;
    reader->rows[1] = minus ? *minus : *rows;
    reader->count = minus ? 2 : 1;
    reader->masked = masked;
    reader->height = rows->width < STRIP ? STRIP / rows->width : 1;
    reader->workers = wk_context_workers(context);
    for (int i = 0; i < reader->count; i++)
        if (reader->rows[i].workers < reader->workers)
            reader->workers = reader->rows[i].workers;
    reader->desks = wk_memory_new((size_t)reader->workers, sizeof *reader->desks, error);
    if (!reader->desks) {
        wk_summary_reader_close(reader);
        return WK_MEMORY;
    }
    *out = reader;
    return WK_OK;
}

wk_summary_source wk_summary_reader_source(wk_summary_reader *reader)
{
    const wk_rows *rows = &reader->rows[0];
    return (wk_summary_source){.n = rows->width * rows->height,
                               .unit = rows->width,
                               .strip = rows->width * reader->height,
                               .strips = (rows->height + reader->height - 1) / reader->height,
                               .workers = reader->workers,
                               .masked = reader->masked,
                               .read = read_strip,
                               .payload = reader};
}

void wk_summary_reader_close(wk_summary_reader *reader)
{
    if (!reader)
        return;
    for (int i = 0; reader->desks && i < reader->workers; i++)
        for (int k = 0; k < 2; k++) {
            wk_memory_free(reader->desks[i].data[k]);
            wk_memory_free(reader->desks[i].wide[k]);
            wk_memory_free(reader->desks[i].bad[k]);
        }
    wk_memory_free(reader->desks);
    wk_memory_free(reader);
}
