#include <math.h>

#include "fits_checksum.h"
#include "fits_write.h"
#include "memory.h"
#include "offset.h"
#include "offset_survey.h"
#include "parallel.h"
#include "status.h"

enum { PLANES = 6 }; /* of a file at most */

/* In the order of the file: X, Y, and what --errors adds. */
static const struct {
    const char *name, *band;
} planes_of[PLANES] = {{"XOFF", "X offsets"}, {"YOFF", "Y offsets"}, {"XERR", "X errors"},
                       {"YERR", "Y errors"},  {"FLAG", "flags"},     {"DISTANCE", "distances"}};

/* What one worker holds: three rows of offsets, one of the rest, and room to turn them around. */
typedef struct desk {
    wk_offset_walk *walk;
    double *x[3], *y[3];
    double *error[2], *distance;
    uint8_t *flag;
    double *together; /* a row of a pixmap */
    float *narrow;
    unsigned char *swapped;
    uint32_t sums[PLANES];
} desk;

typedef struct writing {
    const wk_offset_file *file;
    const wk_offset *offset;
    wk_fits_writer *writer;
    wk_fits_held held[PLANES];
    int count; /* of HDUs held */
    desk *desks;
    int workers;
    wk_offset_tally *tallies; /* one an item of work */
} writing;

/* Rows of one item of work; a function of the image alone, since sums follow it. */
static int64_t piece_rows(const wk_offset *offset)
{
    const int64_t block = 64, most = 65536;
    return block * (1 + offset->facts.height / (block * most));
}

static int64_t piece_count(const wk_offset *offset)
{
    const int64_t rows = piece_rows(offset);
    return (offset->facts.height + rows - 1) / rows;
}

static int with_errors(const writing *w)
{
    return w->file->errors && w->file->format == WK_OFFSET_IMAGES;
}

/* Bytes of a number of plane k. */
static int size_of(const writing *w, int k)
{
    if (k == 4)
        return 1;
    return w->file->wide || w->file->format == WK_OFFSET_PIXMAP ? 8 : 4;
}

static wk_status add_axes(wk_cards *cards, const writing *w, int primary, int k, wk_error *error)
{
    static const char *const names[] = {"NAXIS1", "NAXIS2", "NAXIS3"};
    const wk_offset_facts *facts = &w->offset->facts;
    const int cube = w->file->format != WK_OFFSET_IMAGES;
    int64_t axes[3] = {facts->width, facts->height, 2};
    if (w->file->format == WK_OFFSET_PIXMAP) {
        axes[0] = 2;
        axes[1] = facts->width;
        axes[2] = facts->height;
    }
    const int bits = size_of(w, k) == 1 ? 8 : -8 * size_of(w, k);
    wk_status status = primary ? wk_cards_set_logical(cards, "SIMPLE", 1, "FITS standard", error)
                               : wk_cards_set_text(cards, "XTENSION", "IMAGE", "image", error);
    if (status == WK_OK)
        status = wk_cards_set_integer(cards, "BITPIX", bits, "bits of a pixel", error);
    if (status == WK_OK)
        status = wk_cards_set_integer(cards, "NAXIS", cube ? 3 : 2, "axes", error);
    for (int i = 0; status == WK_OK && i < (cube ? 3 : 2); i++)
        status = wk_cards_set_integer(cards, names[i], axes[i], "", error);
    if (status == WK_OK && primary)
        return wk_cards_set_logical(cards, "EXTEND", 1, "extensions may follow", error);
    if (status == WK_OK)
        status = wk_cards_set_integer(cards, "PCOUNT", 0, "no parameters", error);
    return status == WK_OK ? wk_cards_set_integer(cards, "GCOUNT", 1, "one group", error) : status;
}

static const char *model_name(wk_offset_model model)
{
    static const char *const names[] = {"nearest", "seed", "polynomial", "spline", "auto", "wcs"};
    return names[model];
}

/* What the numbers are and come from. */
static wk_status add_facts(wk_cards *cards, const writing *w, wk_error *error)
{
    const wk_offset_facts *facts = &w->offset->facts;
    static const char *const names[] = {"LOORMSX", "LOORMSY"};
    wk_status status =
        wk_cards_set_text(cards, "MODEL", model_name(facts->model), "model of the offsets", error);
    if (status == WK_OK && facts->model == WK_OFFSET_POLYNOMIAL)
        status = wk_cards_set_integer(cards, "ORDER", facts->order, "of the polynomial", error);
    if (status == WK_OK && facts->model != WK_OFFSET_WCS)
        status = wk_cards_set_integer(cards, "NSTARS", facts->stars - facts->clipped,
                                      "stars that were used", error);
    for (int axis = 0; status == WK_OK && axis < 2; axis++)
        if (isfinite(facts->left_out[axis]))
            status = wk_cards_set_real(cards, names[axis], facts->left_out[axis],
                                       "leave-one-out rms (pixels)", error);
    return status == WK_OK ? wk_cards_histories(cards, w->file->cards, error) : status;
}

static wk_status add_names(wk_cards *cards, const writing *w, int k, wk_error *error)
{
    if (w->file->format == WK_OFFSET_PIXMAP)
        return wk_cards_set_text(cards, "CONTENT", "PIXMAP", "x, y in the reference, from 0",
                                 error);
    if (w->file->format == WK_OFFSET_DGEO)
        return wk_cards_set_text(cards, "DGEO_TYPE", "PIXEL", "to be added to predicted places",
                                 error);
    wk_status status = wk_cards_set_text(cards, "EXTNAME", planes_of[k].name, "", error);
    if (status == WK_OK)
        status = wk_cards_set_text(cards, "BAND", planes_of[k].band, "", error);
    if (status == WK_OK && k != 4)
        status = wk_cards_set_text(cards, "BUNIT", "pixel", "", error);
    return status;
}

static wk_status begin_plane(writing *w, int k, wk_error *error)
{
    const int primary = w->file->format != WK_OFFSET_IMAGES;
    const int64_t pixels = w->offset->facts.width * w->offset->facts.height;
    wk_cards cards = {0};
    wk_status status = add_axes(&cards, w, primary, k, error);
    if (status == WK_OK)
        status = add_names(&cards, w, k, error);
    if (status == WK_OK)
        status = add_facts(&cards, w, error);
    if (status == WK_OK)
        status = wk_fits_begin_data(w->writer, &cards, (primary ? 2 : 1) * pixels * size_of(w, k),
                                    error);
    if (status == WK_OK)
        status = wk_fits_hold(&w->held[k], w->writer, error);
    w->count += status == WK_OK;
    wk_cards_free(&cards);
    return status;
}

static wk_status begin_file(writing *w, wk_error *error)
{
    const wk_offset_file *file = w->file;
    int planes = with_errors(w) ? PLANES : 2;
    if (!file->path)
        return WK_OK;
    wk_status status =
        wk_fits_create(&w->writer, file->path, file->overwrite, file->durable, error);
    if (status != WK_OK || file->format != WK_OFFSET_IMAGES)
        return status == WK_OK ? begin_plane(w, 0, error) : status;
    wk_cards cards = {0};
    status = add_facts(&cards, w, error);
    if (status == WK_OK)
        status = wk_fits_append_primary(w->writer, cards.text, (int64_t)cards.count, error);
    wk_cards_free(&cards);
    for (int k = 0; k < planes && status == WK_OK; k++)
        status = begin_plane(w, k, error);
    return status;
}

static void free_desk(desk *d)
{
    wk_offset_walk_close(d->walk);
    for (int i = 0; i < 3; i++) {
        wk_memory_free(d->x[i]);
        wk_memory_free(d->y[i]);
    }
    wk_memory_free(d->error[0]);
    wk_memory_free(d->error[1]);
    wk_memory_free(d->distance);
    wk_memory_free(d->flag);
    wk_memory_free(d->together);
    wk_memory_free(d->narrow);
    wk_memory_free(d->swapped);
}

static wk_status make_desk(desk *d, const writing *w, wk_error *error)
{
    const size_t n = (size_t)w->offset->facts.width;
    double **const rows[] = {&d->x[0], &d->x[1],     &d->x[2],     &d->y[0],    &d->y[1],
                             &d->y[2], &d->error[0], &d->error[1], &d->distance};
    const size_t count = with_errors(w) ? 9 : 6;
    int good = 1;
    for (size_t i = 0; i < count && good; i++) {
        *rows[i] = wk_memory_raw(n, sizeof(double), error);
        good = *rows[i] != NULL;
    }
    if (good && with_errors(w))
        good = (d->flag = wk_memory_raw(n, 1, error)) != NULL;
    if (good && w->file->path)
        good = (d->narrow = wk_memory_raw(n, sizeof(float), error)) &&
               (d->swapped = wk_memory_raw(n, 2 * sizeof(double), error));
    if (good && w->file->path && w->file->format == WK_OFFSET_PIXMAP)
        good = (d->together = wk_memory_raw(n, 2 * sizeof(double), error)) != NULL;
    return good ? wk_offset_walk_open(&d->walk, w->offset, error) : WK_MEMORY;
}

/* One row of doubles as plane k has them, at a place counted in numbers. */
static wk_status put_row(desk *d, const writing *w, int k, int held, const double *values,
                         int64_t place, wk_error *error)
{
    const int64_t width = w->offset->facts.width;
    const int size = size_of(w, k);
    const void *data = values;
    for (int64_t i = 0; size == 4 && i < width; i++)
        d->narrow[i] = (float)values[i];
    if (size == 4)
        data = d->narrow;
    return wk_fits_put_held(w->writer, &w->held[held], place * size, data, width, size, d->swapped,
                            &d->sums[held], error);
}

static wk_status put_pixmap(desk *d, const writing *w, const double *x, const double *y,
                            int64_t row, wk_error *error)
{
    const int64_t width = w->offset->facts.width;
    for (int64_t i = 0; i < width; i++) {
        d->together[2 * i] = (double)i - x[i];
        d->together[2 * i + 1] = (double)row - y[i];
    }
    return wk_fits_put_held(w->writer, &w->held[0], 16 * row * width, d->together, 2 * width, 8,
                            d->swapped, &d->sums[0], error);
}

static wk_status put_planes(desk *d, const writing *w, const double *x, const double *y,
                            int64_t row, wk_error *error)
{
    const int64_t width = w->offset->facts.width, place = row * width;
    if (!w->writer)
        return WK_OK;
    if (w->file->format == WK_OFFSET_PIXMAP)
        return put_pixmap(d, w, x, y, row, error);
    const int cube = w->file->format == WK_OFFSET_DGEO;
    const int64_t second = cube ? width * w->offset->facts.height : 0;
    wk_status status = put_row(d, w, 0, 0, x, place, error);
    if (status == WK_OK)
        status = put_row(d, w, 1, cube ? 0 : 1, y, place + second, error);
    for (int axis = 0; axis < 2 && with_errors(w) && status == WK_OK; axis++)
        status = put_row(d, w, 2 + axis, 2 + axis, d->error[axis], place, error);
    if (status == WK_OK && with_errors(w))
        status = wk_fits_put_held(w->writer, &w->held[4], place, d->flag, width, 1, d->swapped,
                                  &d->sums[4], error);
    if (status == WK_OK && with_errors(w))
        status = put_row(d, w, 5, 5, d->distance, place, error);
    return status;
}

/* Three rows follow each other: row r lies in r modulo 3. */
static wk_status evaluate(desk *d, const writing *w, int64_t row, int own, wk_error *error)
{
    const int at = (int)(row % 3);
    const int errors = own && with_errors(w);
    wk_offset_planes planes = {.x = d->x[at], .y = d->y[at]};
    if (errors) {
        planes.error_x = d->error[0];
        planes.error_y = d->error[1];
        planes.distance = d->distance;
        planes.flag = d->flag;
    }
    return wk_offset_walk_row(&planes, d->walk, row, error);
}

static void count_jumps(desk *d, const writing *w, wk_offset_tally *tally, int64_t row)
{
    const int64_t height = w->offset->facts.height, width = w->offset->facts.width;
    const int at = (int)(row % 3), above = (at + 1) % 3, below = (at + 2) % 3;
    wk_offset_tally_jumps(tally, row > 0 ? d->x[below] : NULL, d->x[at],
                          row + 1 < height ? d->x[above] : NULL, row, width);
    wk_offset_tally_jumps(tally, row > 0 ? d->y[below] : NULL, d->y[at],
                          row + 1 < height ? d->y[above] : NULL, row, width);
}

static wk_status write_piece(int64_t index, int worker, void *payload, int64_t *bytes,
                             wk_error *error)
{
    writing *w = payload;
    desk *d = &w->desks[worker];
    const int64_t height = w->offset->facts.height, width = w->offset->facts.width;
    const int64_t rows = piece_rows(w->offset), first = index * rows;
    const int64_t end = first + rows < height ? first + rows : height;
    wk_offset_tally *tally = &w->tallies[index];
    *tally = wk_offset_tally_start();
    wk_status status = d->walk ? WK_OK : make_desk(d, w, error);
    for (int64_t row = first > 0 ? first - 1 : 0; row <= end && status == WK_OK; row++) {
        const int own = row >= first && row < end, at = (int)(row % 3);
        if (row < height)
            status = evaluate(d, w, row, own, error);
        if (status == WK_OK && own) {
            wk_offset_tally_row(tally, d->x[at], d->y[at], width);
            if (with_errors(w))
                wk_offset_tally_errors(tally, d->error[0], d->error[1], d->flag, width);
            status = put_planes(d, w, d->x[at], d->y[at], row, error);
        }
        if (status == WK_OK && row > first)
            count_jumps(d, w, tally, row - 1);
    }
    *bytes += (end - first) * width * 2 * size_of(w, 0);
    return status;
}

static wk_status end_file(writing *w, wk_error *error)
{
    wk_status status = WK_OK;
    for (int k = 0; k < w->count && status == WK_OK; k++) {
        uint32_t sum = 0;
        for (int i = 0; i < w->workers; i++)
            sum = wk_checksum_words(sum, w->desks[i].sums[k]);
        status = wk_fits_end_held(w->writer, &w->held[k], sum, error);
    }
    if (status == WK_OK && w->writer) {
        wk_fits_writer *writer = w->writer;
        w->writer = NULL;
        status = wk_fits_finish(writer, error);
    }
    return status;
}

/* No more workers than there is memory for; one is always there. */
static wk_context bounded(const writing *w, const wk_context *context)
{
    const size_t usual = (size_t)1 << 30;
    const size_t pixel = 9 * sizeof(double) + 1 + sizeof(float) + 4 * sizeof(double);
    const size_t each = wk_offset_walk_bytes(w->offset) + pixel * (size_t)w->offset->facts.width;
    wk_context allowed = context ? *context : (wk_context){0};
    const size_t most = (allowed.memory ? allowed.memory : usual) / each;
    const int workers = wk_context_workers(&allowed);
    allowed.threads = most < 1 ? 1 : most < (size_t)workers ? (int)most : workers;
    return allowed;
}

static wk_status write_all(writing *w, const wk_context *given, wk_error *error)
{
    const int64_t pieces = piece_count(w->offset);
    const wk_context allowed = bounded(w, given), *context = &allowed;
    w->workers = wk_parallel_workers(pieces, context);
    w->desks = wk_memory_new((size_t)w->workers, sizeof *w->desks, error);
    w->tallies = wk_memory_new((size_t)pieces, sizeof *w->tallies, error);
    if (!w->desks || !w->tallies)
        return WK_MEMORY;
    wk_status status = begin_file(w, error);
    if (status == WK_OK)
        status = wk_parallel_for(pieces, "write", write_piece, w, context, error);
    return status == WK_OK ? end_file(w, error) : status;
}

wk_status wk_offset_write(const wk_offset_file *file, wk_offset_summary *summary,
                          const wk_offset *offset, const wk_context *context, wk_error *error)
{
    const int64_t pieces = piece_count(offset);
    writing w = {.file = file, .offset = offset};
    wk_status status = write_all(&w, context, error);
    if (status == WK_OK && summary) {
        wk_offset_tally all = wk_offset_tally_start();
        for (int64_t i = 0; i < pieces; i++)
            wk_offset_tally_join(&all, &w.tallies[i]);
        *summary = wk_offset_tally_summary(&all, with_errors(&w));
    }
    wk_fits_abandon(w.writer);
    for (int k = 0; k < PLANES; k++)
        wk_fits_held_release(&w.held[k]);
    for (int i = 0; w.desks && i < w.workers; i++)
        free_desk(&w.desks[i]);
    wk_memory_free(w.desks);
    wk_memory_free(w.tallies);
    return status;
}
