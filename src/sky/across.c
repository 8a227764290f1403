#include "across.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "moment.h"
#include "parallel.h"
#include "status.h"
#include "welkin/background.h"
#include "welkin/rows.h"

enum { STRIP = 1 << 16 };

/* The state of the pixels of a band, by Welford's recurrence. */
typedef struct band {
    double *mean, *square, *min, *max;
    int32_t *count;
} band;

enum { BAND_BYTES = 4 * sizeof(double) + sizeof(int32_t) };

/* What a worker reads into: one strip. */
typedef struct desk {
    double *wide;
    float *data;
    uint8_t *bad;
} desk;

typedef struct work {
    const wk_across_sink *sink;
    const wk_across_input *inputs;
    size_t count;
    const wk_context *context;
    int64_t width, height;
    int64_t band_rows, strip_rows;
    int workers, deep;
    band band;
    desk *desks;
    /* what is under way */
    int64_t first, rows; /* of the band */
    wk_rows source;      /* of the image */
    const wk_background_list *list;
} work;

const char *wk_across_name(wk_across_plane plane)
{
    static const char *const names[] = {"MEAN", "STD", "MIN", "MAX", "COUNT"};
    return names[plane];
}

static wk_status size_of(int64_t *width, int64_t *height, const wk_across_input *input,
                         wk_error *error)
{
    if (input->exposure) {
        const wk_exposure_header *header = wk_exposure_describe(input->exposure);
        *width = header->width;
        *height = header->height;
        return WK_OK;
    }
    wk_background_list list;
    wk_status status = wk_background_list_read(&list, input->list, error);
    if (status != WK_OK)
        return status;
    wk_background_size(list.backgrounds[0], width, height);
    wk_background_list_release(&list);
    return WK_OK;
}

static const char *name_of(const wk_across_input *input)
{
    return input->exposure ? wk_exposure_name(input->exposure) : input->list;
}

wk_status wk_across_size(int64_t *width, int64_t *height, const wk_across_input *inputs,
                         size_t count, wk_error *error)
{
    if (count < 1)
        return wk_error_set(error, WK_ARGUMENT, "", "there is no image");
    wk_status status = size_of(width, height, &inputs[0], error);
    for (size_t i = 1; i < count && status == WK_OK; i++) {
        int64_t w, h;
        status = size_of(&w, &h, &inputs[i], error);
        if (status == WK_OK && (w != *width || h != *height))
            return wk_error_set(error, WK_HEADER, name_of(&inputs[i]),
                                "has %lld x %lld pixels, %s has %lld x %lld", (long long)w,
                                (long long)h, name_of(&inputs[0]), (long long)*width,
                                (long long)*height);
    }
    return status;
}

/* Masked pixels step by nothing. */
WK_INLINE void add_body(const band *to, int64_t at, const double *values, const uint8_t *bad,
                        int64_t n)
{
    double *restrict mean = to->mean + at, *restrict square = to->square + at;
    double *restrict min = to->min + at, *restrict max = to->max + at;
    int32_t *restrict count = to->count + at;
    for (int64_t i = 0; i < n; i++) {
        int good = bad[i] == 0;
        int32_t now = count[i] + good;
        double value = good ? values[i] : mean[i], step = value - mean[i];
        mean[i] += step / (double)(now > 0 ? now : 1);
        square[i] += step * (value - mean[i]);
        min[i] = good && value < min[i] ? value : min[i];
        max[i] = good && value > max[i] ? value : max[i];
        count[i] = now;
    }
}

WK_WIDE static void add_wide(const band *to, int64_t at, const double *values, const uint8_t *bad,
                             int64_t n)
{
    add_body(to, at, values, bad, n);
}

static wk_status read_list(const work *w, desk *d, wk_rect rect, wk_error *error)
{
    wk_view view = {d->data, rect.width, rect.height, rect.width};
    wk_status status = wk_background_list_fill(w->list, rect, view, error);
    for (int64_t i = 0; i < rect.width * rect.height && status == WK_OK; i++) {
        d->wide[i] = (double)d->data[i];
        d->bad[i] = (uint8_t)!isfinite(d->data[i]);
    }
    return status;
}

static wk_status read_image(const work *w, desk *d, int worker, wk_rect rect, wk_error *error)
{
    if (w->source.read_wide)
        return w->source.read_wide(w->source.payload, worker, rect, d->wide, d->bad, error);
    wk_status status =
        w->source.read(w->source.payload, worker, rect, d->data, d->bad, NULL, error);
    for (int64_t i = 0; i < rect.width * rect.height && status == WK_OK; i++)
        d->wide[i] = (double)d->data[i];
    return status;
}

static wk_rect strip_of(const work *w, int64_t index)
{
    int64_t row = index * w->strip_rows, left = w->rows - row;
    return (wk_rect){0, w->first + row, w->width, left < w->strip_rows ? left : w->strip_rows};
}

static wk_status add_strip(int64_t index, int worker, void *payload, int64_t *bytes,
                           wk_error *error)
{
    const work *w = payload;
    desk *d = &w->desks[worker];
    wk_rect rect = strip_of(w, index);
    int64_t at = index * w->strip_rows * w->width, n = rect.width * rect.height;
    (void)bytes;
    wk_status status =
        w->list ? read_list(w, d, rect, error) : read_image(w, d, worker, rect, error);
    if (status == WK_OK && wk_wide_usable())
        add_wide(&w->band, at, d->wide, d->bad, n);
    else if (status == WK_OK)
        add_body(&w->band, at, d->wide, d->bad, n);
    return status;
}

/* Of a row that lies in the band from pixel at on. */
static void finish_row(double *room, const work *w, wk_across_plane plane, int64_t at)
{
    const band *b = &w->band;
    const double *const from[] = {b->mean, b->square, b->min, b->max, NULL};
    for (int64_t i = 0; i < w->width; i++) {
        int32_t n = b->count[at + i];
        double value = plane == WK_ACROSS_COUNT ? (double)n : from[plane][at + i];
        if (plane == WK_ACROSS_STD)
            value = sqrt(value / n);
        if (plane != WK_ACROSS_COUNT && n == 0)
            value = (double)NAN;
        room[i] = w->deep ? value : (double)(float)value;
    }
}

static wk_status put_strip(int64_t index, int worker, void *payload, int64_t *bytes,
                           wk_error *error)
{
    const work *w = payload;
    double *room = w->desks[worker].wide;
    wk_rect rect = strip_of(w, index);
    wk_status status = WK_OK;
    (void)bytes;
    for (int64_t y = 0; y < rect.height; y++)
        for (int k = 0; k < WK_ACROSS_PLANES && status == WK_OK; k++) {
            finish_row(room, w, (wk_across_plane)k, (index * w->strip_rows + y) * w->width);
            status =
                w->sink->put(w->sink->payload, worker, (wk_across_plane)k, rect.y + y, room, error);
        }
    return status;
}

static wk_status run_strips(work *w, wk_parallel_body body, int workers, wk_error *error)
{
    wk_context limited = w->context ? *w->context : (wk_context){0};
    limited.threads = workers;
    return wk_parallel_for((w->rows + w->strip_rows - 1) / w->strip_rows, NULL, body, w, &limited,
                           error);
}

static wk_status add_exposure(work *w, const wk_exposure *exposure, wk_error *error)
{
    wk_exposure_rows *rows;
    wk_status status = wk_exposure_rows_open(&rows, exposure, w->workers, 0, 1, error);
    if (status != WK_OK)
        return status;
    w->source = wk_exposure_rows_get(rows);
    w->list = NULL;
    status = run_strips(w, add_strip, w->source.workers, error);
    wk_exposure_rows_close(rows);
    return status;
}

static wk_status add_list(work *w, const char *path, wk_error *error)
{
    int64_t width, height;
    wk_background_list list;
    wk_status status = wk_background_list_read(&list, path, error);
    if (status != WK_OK)
        return status;
    wk_background_size(list.backgrounds[0], &width, &height);
    if (width != w->width || height != w->height)
        status = wk_error_set(error, WK_FILE, path, "has changed while it was read");
    w->list = &list;
    if (status == WK_OK)
        status = run_strips(w, add_strip, w->workers, error);
    wk_background_list_release(&list);
    return status;
}

static void clear_band(const work *w)
{
    const band *b = &w->band;
    size_t n = (size_t)(w->rows * w->width);
    memset(b->mean, 0, n * sizeof *b->mean);
    memset(b->square, 0, n * sizeof *b->square);
    memset(b->count, 0, n * sizeof *b->count);
    for (size_t i = 0; i < n; i++) {
        b->min[i] = (double)INFINITY;
        b->max[i] = -(double)INFINITY;
    }
}

/* Images are many and short: what is told is how many are done. */
static wk_status tell(const work *w, size_t done, wk_error *error)
{
    int64_t bands = (w->height + w->band_rows - 1) / w->band_rows;
    wk_progress progress = {"measure", w->first / w->band_rows * (int64_t)w->count + (int64_t)done,
                            bands * (int64_t)w->count, 0};
    if (w->context && w->context->progress &&
        w->context->progress(&progress, w->context->payload) != 0)
        return wk_error_set(error, WK_CANCELLED, "", "cancelled");
    return WK_OK;
}

static wk_status run_band(work *w, wk_error *error)
{
    wk_status status = WK_OK;
    clear_band(w);
    for (size_t i = 0; i < w->count && status == WK_OK; i++) {
        status = w->inputs[i].exposure ? add_exposure(w, w->inputs[i].exposure, error)
                                       : add_list(w, w->inputs[i].list, error);
        if (status == WK_OK)
            status = tell(w, i + 1, error);
    }
    return status == WK_OK ? run_strips(w, put_strip, w->workers, error) : status;
}

static int is_deep(const wk_across_input *input)
{
    if (!input->exposure)
        return 0;
    int bitpix = wk_exposure_describe(input->exposure)->bitpix;
    return bitpix == -64 || bitpix == 32 || bitpix == 64;
}

/* As many rows as half the budget holds, whole strips. */
static int64_t choose_rows(const work *w)
{
    const size_t usual = (size_t)1 << 30;
    size_t budget = w->context && w->context->memory ? w->context->memory : usual;
    int64_t rows = (int64_t)(budget / 2 / BAND_BYTES) / w->width / w->strip_rows * w->strip_rows;
    rows = rows > w->strip_rows ? rows : w->strip_rows;
    return rows < w->height ? rows : w->height;
}

static wk_status prepare(work *w, wk_error *error)
{
    wk_status status = wk_across_size(&w->width, &w->height, w->inputs, w->count, error);
    if (status != WK_OK)
        return status;
    for (size_t i = 0; i < w->count; i++)
        w->deep |= is_deep(&w->inputs[i]);
    w->strip_rows = w->width < STRIP ? STRIP / w->width : 1;
    w->band_rows = choose_rows(w);
    w->workers =
        wk_parallel_workers((w->band_rows + w->strip_rows - 1) / w->strip_rows, w->context);
    size_t n = (size_t)(w->band_rows * w->width), strip = (size_t)(w->strip_rows * w->width);
    double **const planes[] = {&w->band.mean, &w->band.square, &w->band.min, &w->band.max};
    for (int i = 0; i < 4; i++)
        if (!(*planes[i] = wk_memory_raw(n, sizeof(double), error)))
            return WK_MEMORY;
    w->band.count = wk_memory_raw(n, sizeof *w->band.count, error);
    w->desks = w->band.count ? wk_memory_new((size_t)w->workers, sizeof *w->desks, error) : NULL;
    for (int i = 0; w->desks && i < w->workers; i++) {
        desk *d = &w->desks[i];
        d->wide = wk_memory_raw(strip, sizeof *d->wide, error);
        d->data = d->wide ? wk_memory_raw(strip, sizeof *d->data, error) : NULL;
        d->bad = d->data ? wk_memory_raw(strip, 1, error) : NULL;
        if (!d->bad)
            return WK_MEMORY;
    }
    return w->desks ? WK_OK : WK_MEMORY;
}

static void release(work *w)
{
    for (int i = 0; w->desks && i < w->workers; i++) {
        wk_memory_free(w->desks[i].wide);
        wk_memory_free(w->desks[i].data);
        wk_memory_free(w->desks[i].bad);
    }
    wk_memory_free(w->desks);
    wk_memory_free(w->band.mean);
    wk_memory_free(w->band.square);
    wk_memory_free(w->band.min);
    wk_memory_free(w->band.max);
    wk_memory_free(w->band.count);
}

wk_status wk_across_run(const wk_across_sink *sink, const wk_across_input *inputs, size_t count,
                        const wk_context *context, wk_error *error)
{
    work w = {.sink = sink, .inputs = inputs, .count = count, .context = context};
    wk_status status = prepare(&w, error);
    if (status == WK_OK)
        status = sink->begin(sink->payload, w.width, w.height, w.deep, w.workers, error);
    for (; w.first < w.height && status == WK_OK; w.first += w.band_rows) {
        int64_t left = w.height - w.first;
        w.rows = left < w.band_rows ? left : w.band_rows;
        status = run_band(&w, error);
    }
    release(&w);
    return status;
}

/* Arrays to fill. */
typedef struct arrays {
    double *const *planes;
    int64_t width;
} arrays;

static wk_status begin_arrays(void *payload, int64_t width, int64_t height, int deep, int workers,
                              wk_error *error)
{
    (void)height;
    (void)deep;
    (void)workers;
    (void)error;
    ((arrays *)payload)->width = width;
    return WK_OK;
}

static wk_status put_array(void *payload, int worker, wk_across_plane plane, int64_t row,
                           double *values, wk_error *error)
{
    const arrays *to = payload;
    (void)worker;
    (void)error;
    memcpy(to->planes[plane] + row * to->width, values, (size_t)to->width * sizeof *values);
    return WK_OK;
}

wk_status wk_across_fill(double *const planes[WK_ACROSS_PLANES], const wk_across_input *inputs,
                         size_t count, const wk_context *context, wk_error *error)
{
    arrays to = {planes, 0};
    wk_across_sink sink = {begin_arrays, put_array, &to};
    return wk_across_run(&sink, inputs, count, context, error);
}
