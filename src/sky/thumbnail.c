#include "thumbnail.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "moment.h"
#include "parallel.h"
#include "welkin/rows.h"

/* Pixels of a band, which is what one worker reads at once. */
enum { BAND = 1 << 18 };

/* Sums of one row of the thumbnail, column by column of the image. */
typedef struct buffers {
    float *data;
    uint8_t *bad;
    double *sums;
    int32_t *counts;
} buffers;

/* What is found in one band. */
typedef struct found {
    int64_t finite, good;
    float min, max, good_min, good_max;
} found;

typedef struct making {
    wk_thumbnail *out;
    wk_rows rows;
    int judge;
    int64_t deep; /* rows of the thumbnail in a band */
    buffers *buffers;
    found *bands;
} making;

int64_t wk_thumbnail_binning(int64_t width, int64_t height, int64_t most_width, int64_t most_height)
{
    int64_t across = (width + most_width - 1) / most_width;
    int64_t along = (height + most_height - 1) / most_height;
    return across > along ? across : along;
}

WK_INLINE void add_body(double *restrict sums, int32_t *restrict counts, float *restrict extremes,
                        const float *restrict row, int64_t n)
{
    float low = extremes[0], high = extremes[1];
    for (int64_t x = 0; x < n; x++) {
        float value = row[x];
        int finite = value - value == 0; /* neither NaN nor infinite */
        float kept = finite ? value : 0;
        sums[x] += (double)kept;
        counts[x] += finite;
        low = finite && value < low ? value : low;
        high = finite && value > high ? value : high;
    }
    extremes[0] = low;
    extremes[1] = high;
}

WK_WIDE static void add_wide(double *sums, int32_t *counts, float *extremes, const float *row,
                             int64_t n)
{
    add_body(sums, counts, extremes, row, n);
}

static void add_row(double *sums, int32_t *counts, float *extremes, const float *row, int64_t n)
{
    if (wk_wide_usable())
        add_wide(sums, counts, extremes, row, n);
    else
        add_body(sums, counts, extremes, row, n);
}

static void join_columns(float *out, const buffers *own, int64_t width, int64_t binning)
{
    if (binning == 1)
        for (int64_t x = 0; x < width; x++)
            out[x] = own->counts[x] ? (float)own->sums[x] : NAN;
    for (int64_t first = 0; binning > 1 && first < width; first += binning) {
        int64_t end = first + binning < width ? first + binning : width;
        double sum = 0;
        int64_t count = 0;
        for (int64_t x = first; x < end; x++) {
            sum += own->sums[x];
            count += own->counts[x];
        }
        out[first / binning] = count > 0 ? (float)(sum / (double)count) : NAN;
    }
}

static int64_t count_finite(const int32_t *counts, int64_t n)
{
    int64_t sum = 0;
    for (int64_t x = 0; x < n; x++)
        sum += counts[x];
    return sum;
}

static void judge_row(found *band, const float *row, const uint8_t *bad, int64_t n)
{
    float low = band->good_min, high = band->good_max;
    int64_t good = 0;
    for (int64_t x = 0; x < n; x++) {
        int kept = bad[x] == 0;
        good += kept;
        low = kept && row[x] < low ? row[x] : low;
        high = kept && row[x] > high ? row[x] : high;
    }
    band->good += good;
    band->good_min = low;
    band->good_max = high;
}

/* One row of the thumbnail from the rows of the image that it covers. */
static void bin_rows(making *all, buffers *own, found *band, int64_t line, wk_rect rect)
{
    wk_thumbnail *out = all->out;
    int64_t width = rect.width, first = line * out->binning;
    int64_t end = first + out->binning < all->rows.height ? first + out->binning : all->rows.height;
    float extremes[2] = {band->min, band->max};
    int64_t before = 0;
    memset(own->sums, 0, (size_t)width * sizeof *own->sums);
    memset(own->counts, 0, (size_t)width * sizeof *own->counts);
    for (int64_t y = first; y < end; y++) {
        const float *row = own->data + (y - rect.y) * width;
        add_row(own->sums, own->counts, extremes, row, width);
        int64_t finite = count_finite(own->counts, width);
        out->finite_of[y] = (int32_t)(finite - before);
        before = finite;
        if (all->judge)
            judge_row(band, row, own->bad + (y - rect.y) * width, width);
    }
    band->finite += before;
    band->min = extremes[0];
    band->max = extremes[1];
    join_columns(out->values + line * out->width, own, width, out->binning);
}

static wk_status make_band(int64_t index, int worker, void *payload, int64_t *bytes,
                           wk_error *error)
{
    making *all = payload;
    buffers *own = &all->buffers[worker];
    found *band = &all->bands[index];
    int64_t binning = all->out->binning, line = index * all->deep;
    int64_t end = line + all->deep < all->out->height ? line + all->deep : all->out->height;
    int64_t y = line * binning;
    int64_t rows = end * binning < all->rows.height ? end * binning - y : all->rows.height - y;
    wk_rect rect = {0, y, all->rows.width, rows};
    *band = (found){0, 0, INFINITY, -INFINITY, INFINITY, -INFINITY};
    wk_status status = all->rows.read(all->rows.payload, worker, rect, own->data,
                                      all->judge ? own->bad : NULL, NULL, error);
    for (; status == WK_OK && line < end; line++)
        bin_rows(all, own, band, line, rect);
    *bytes = rect.width * rows * 4;
    return status;
}

static wk_status make_buffers(making *all, int workers, wk_error *error)
{
    size_t width = (size_t)all->rows.width;
    size_t room = width * (size_t)(all->deep * all->out->binning);
    all->buffers = wk_memory_new((size_t)workers, sizeof *all->buffers, error);
    if (!all->buffers)
        return WK_MEMORY;
    for (int worker = 0; worker < workers; worker++) {
        buffers *own = &all->buffers[worker];
        own->data = wk_memory_raw(room, sizeof *own->data, error);
        own->bad = all->judge && own->data ? wk_memory_raw(room, 1, error) : NULL;
        own->sums = own->data ? wk_memory_raw(width, sizeof *own->sums, error) : NULL;
        own->counts = own->sums ? wk_memory_raw(width, sizeof *own->counts, error) : NULL;
        if (!own->counts || (all->judge && !own->bad))
            return WK_MEMORY;
    }
    return WK_OK;
}

static void free_buffers(buffers *all, int workers)
{
    for (int worker = 0; all && worker < workers; worker++) {
        wk_memory_free(all[worker].data);
        wk_memory_free(all[worker].bad);
        wk_memory_free(all[worker].sums);
        wk_memory_free(all[worker].counts);
    }
    wk_memory_free(all);
}

static void join_bands(wk_thumbnail *out, const found *bands, int64_t count)
{
    float low = INFINITY, high = -INFINITY, good_low = INFINITY, good_high = -INFINITY;
    for (int64_t k = 0; k < count; k++) {
        out->finite += bands[k].finite;
        out->good += bands[k].good;
        low = fminf(low, bands[k].min);
        high = fmaxf(high, bands[k].max);
        good_low = fminf(good_low, bands[k].good_min);
        good_high = fmaxf(good_high, bands[k].good_max);
    }
    out->min = out->finite > 0 ? (double)low : (double)NAN;
    out->max = out->finite > 0 ? (double)high : (double)NAN;
    out->good_min = out->good > 0 ? (double)good_low : (double)NAN;
    out->good_max = out->good > 0 ? (double)good_high : (double)NAN;
}

static wk_status prepare(making *all, int64_t binning, wk_error *error)
{
    wk_thumbnail *out = all->out;
    out->binning = binning;
    out->width = (all->rows.width + binning - 1) / binning;
    out->height = (all->rows.height + binning - 1) / binning;
    out->pixels = all->rows.width * all->rows.height;
    all->deep = BAND / (all->rows.width * binning);
    if (all->deep < 1)
        all->deep = 1;
    out->values = wk_memory_raw((size_t)(out->width * out->height), sizeof *out->values, error);
    if (out->values)
        out->finite_of = wk_memory_raw((size_t)all->rows.height, sizeof *out->finite_of, error);
    return out->finite_of ? WK_OK : WK_MEMORY;
}

wk_status wk_thumbnail_make(wk_thumbnail *out, const wk_rows *rows, int64_t binning, int judge,
                            const wk_context *context, wk_error *error)
{
    making all = {.out = out, .rows = *rows, .judge = judge};
    wk_context own = context ? *context : (wk_context){0};
    memset(out, 0, sizeof *out);
    wk_status status = prepare(&all, binning, error);
    int64_t count = status == WK_OK ? (out->height + all.deep - 1) / all.deep : 0;
    int workers = wk_parallel_workers(count, &own);
    if (workers > rows->workers)
        own.threads = workers = rows->workers;
    if (status == WK_OK)
        all.bands = wk_memory_new((size_t)count, sizeof *all.bands, error);
    if (status == WK_OK)
        status = all.bands ? make_buffers(&all, workers, error) : WK_MEMORY;
    if (status == WK_OK)
        status = wk_parallel_for(count, "read", make_band, &all, &own, error);
    if (status == WK_OK)
        join_bands(out, all.bands, count);
    free_buffers(all.buffers, workers);
    wk_memory_free(all.bands);
    if (status != WK_OK)
        wk_thumbnail_release(out);
    return status;
}

void wk_thumbnail_release(wk_thumbnail *thumbnail)
{
    wk_memory_free(thumbnail->values);
    wk_memory_free(thumbnail->finite_of);
    wk_memory_free(thumbnail->shares);
    wk_memory_free(thumbnail->flagged);
    memset(thumbnail, 0, sizeof *thumbnail);
}
