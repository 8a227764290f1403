#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "exposure.h"
#include "exposure_mark.h"
#include "fits.h"
#include "memory.h"
#include "status.h"
#include "welkin/rows.h"

typedef enum which { IMAGE, MASK, NOISE, PLANES } which;

/* A worker's own way to one plane. */
typedef struct handle {
    wk_fits *fits; /* NULL: not open yet */
    wk_fits_plane plane;
} handle;

/* What one worker needs. */
typedef struct reader {
    handle planes[PLANES];
    void *flags;  /* one strip */
    float *noise; /* one strip */
    size_t flags_room, noise_room;
} reader;

struct wk_exposure_rows {
    const wk_exposure *exposure;
    int workers, judge_noise, packed;
    reader *readers;
    /* what is kept of rows that were read whole; NULL: nothing is */
    float *data;
    uint8_t *bad;
    _Atomic uint8_t *kept; /* a row: 0 no, 1 somebody is copying it, 2 yes */
};

static const char *path_of(const wk_exposure_header *header, which plane)
{
    const char *beside = plane == MASK ? header->mask_file : header->noise_file;
    return plane != IMAGE && beside ? beside : header->file;
}

static int hdu_of(const wk_exposure_header *header, which plane)
{
    return plane == IMAGE  ? header->image_hdu
           : plane == MASK ? header->mask_hdu
                           : header->noise_hdu;
}

static wk_status open_handle(handle *h, const wk_exposure *exposure, which plane, wk_error *error)
{
    const wk_exposure_header *header = &exposure->header;
    if (h->fits)
        return WK_OK;
    wk_status status = wk_fits_open(&h->fits, path_of(header, plane), error);
    if (status == WK_OK)
        status = wk_fits_plane_open(&h->plane, h->fits, hdu_of(header, plane), header->width,
                                    header->height, error);
    if (status != WK_OK) {
        wk_fits_close(h->fits);
        h->fits = NULL;
    }
    return status;
}

static void close_reader(reader *r)
{
    for (int plane = 0; plane < PLANES; plane++) {
        if (r->planes[plane].fits)
            wk_fits_plane_close(&r->planes[plane].plane);
        wk_fits_close(r->planes[plane].fits);
    }
    wk_memory_free(r->flags);
    wk_memory_free(r->noise);
}

/* One strip of a rectangle. */
static wk_status get_pixels(float *out, wk_fits_plane *plane, wk_rect rect, wk_error *error)
{
    if (rect.width == plane->width)
        return wk_fits_read_pixels(out, plane, rect.y, rect.height, error);
    wk_status status = WK_OK;
    for (int64_t y = 0; status == WK_OK && y < rect.height; y++)
        status =
            wk_fits_read_run(out + y * rect.width, plane, rect.y + y, rect.x, rect.width, error);
    return status;
}

static wk_status get_flags(void *out, wk_fits_plane *plane, wk_rect rect, wk_error *error)
{
    if (rect.width == plane->width)
        return wk_fits_read_flags(out, plane, rect.y, rect.height, error);
    char *flags = out;
    int64_t bytes = rect.width * plane->flag_bytes;
    wk_status status = WK_OK;
    for (int64_t y = 0; status == WK_OK && y < rect.height; y++)
        status =
            wk_fits_read_flag_run(flags + y * bytes, plane, rect.y + y, rect.x, rect.width, error);
    return status;
}

/* The part of rect from row done on that is read at once. */
static wk_rect strip_of(wk_rect rect, int64_t done, const wk_fits_plane *plane)
{
    int64_t left = rect.height - done;
    return (wk_rect){rect.x, rect.y + done, rect.width, left < plane->strip ? left : plane->strip};
}

static wk_status read_image(reader *r, const wk_exposure *exposure, wk_rect rect, float *data,
                            uint8_t *bad, wk_error *error)
{
    wk_status status = open_handle(&r->planes[IMAGE], exposure, IMAGE, error);
    for (int64_t done = 0; status == WK_OK && done < rect.height;) {
        wk_rect strip = strip_of(rect, done, &r->planes[IMAGE].plane);
        int64_t first = done * rect.width;
        status = get_pixels(data + first, &r->planes[IMAGE].plane, strip, error);
        if (status == WK_OK && bad)
            wk_mark_nonfinite(bad + first, data + first, strip.height * rect.width);
        done += strip.height;
    }
    return status;
}

static wk_status read_mask(reader *r, const wk_exposure *exposure, wk_rect rect, uint8_t *bad,
                           wk_error *error)
{
    wk_status status = open_handle(&r->planes[MASK], exposure, MASK, error);
    for (int64_t done = 0; status == WK_OK && done < rect.height;) {
        wk_fits_plane *plane = &r->planes[MASK].plane;
        wk_rect strip = strip_of(rect, done, plane);
        int64_t count = strip.height * rect.width;
        status = wk_memory_reserve(&r->flags, &r->flags_room, (size_t)(count * plane->flag_bytes),
                                   1, error);
        if (status == WK_OK)
            status = get_flags(r->flags, plane, strip, error);
        if (status == WK_OK)
            wk_mark_flags(bad + done * rect.width, r->flags, plane->flag_bytes,
                          exposure->header.bad_bits, WK_BAD_FLAG, count);
        done += strip.height;
    }
    return status;
}

/* Straight to the variance when that is wanted, else through a strip. */
static wk_status read_noise(reader *r, const wk_exposure *exposure, wk_rect rect, uint8_t *bad,
                            float *variance, wk_error *error)
{
    wk_noise noise = exposure->header.noise;
    wk_status status = open_handle(&r->planes[NOISE], exposure, NOISE, error);
    for (int64_t done = 0; status == WK_OK && done < rect.height;) {
        wk_rect strip = strip_of(rect, done, &r->planes[NOISE].plane);
        int64_t first = done * rect.width, count = strip.height * rect.width;
        if (!variance)
            status = wk_memory_reserve((void **)&r->noise, &r->noise_room, (size_t)count,
                                       sizeof *r->noise, error);
        float *values = variance ? variance + first : r->noise;
        if (status == WK_OK)
            status = get_pixels(values, &r->planes[NOISE].plane, strip, error);
        if (status == WK_OK && bad && noise != WK_NOISE_ERROR)
            wk_mark_nonpositive(bad + first, values, WK_BAD_NOISE, count);
        if (status == WK_OK && variance)
            wk_mark_variance(values, noise, count);
        done += strip.height;
    }
    return status;
}

/* Rows of the rectangle that are kept already, when all are. */
static int take_kept(const wk_exposure_rows *rows, wk_rect rect, float *data, uint8_t *bad)
{
    int64_t width = rows->exposure->header.width;
    for (int64_t y = rect.y; y < rect.y + rect.height; y++)
        if (!rows->kept || atomic_load_explicit(&rows->kept[y], memory_order_acquire) != 2)
            return 0;
    for (int64_t y = 0; y < rect.height; y++) {
        int64_t from = (rect.y + y) * width + rect.x;
        if (data)
            memcpy(data + y * rect.width, rows->data + from, (size_t)rect.width * sizeof *data);
        if (bad)
            memcpy(bad + y * rect.width, rows->bad + from, (size_t)rect.width);
    }
    return 1;
}

static void keep(wk_exposure_rows *rows, wk_rect rect, const float *data, const uint8_t *bad)
{
    int64_t width = rows->exposure->header.width;
    if (!rows->kept || !data || !bad || rect.width != width)
        return;
    for (int64_t y = 0; y < rect.height; y++) {
        uint8_t none = 0;
        if (!atomic_compare_exchange_strong(&rows->kept[rect.y + y], &none, 1))
            continue;
        memcpy(rows->data + (rect.y + y) * width, data + y * width, (size_t)width * sizeof *data);
        memcpy(rows->bad + (rect.y + y) * width, bad + y * width, (size_t)width);
        atomic_store_explicit(&rows->kept[rect.y + y], 2, memory_order_release);
    }
}

static wk_status read_pixels(wk_exposure_rows *rows, reader *r, wk_rect rect, float *data,
                             uint8_t *bad, wk_error *error)
{
    const wk_exposure_header *header = &rows->exposure->header;
    if ((!data && !bad) || take_kept(rows, rect, data, bad))
        return WK_OK;
    float *values = data;
    if (!data) {
        wk_status status =
            wk_memory_reserve((void **)&r->noise, &r->noise_room,
                              (size_t)(rect.width * rect.height), sizeof *values, error);
        if (status != WK_OK)
            return status;
        values = r->noise;
    }
    wk_status status = read_image(r, rows->exposure, rect, values, bad, error);
    if (status == WK_OK && bad && header->mask_hdu >= 0)
        status = read_mask(r, rows->exposure, rect, bad, error);
    if (status == WK_OK)
        keep(rows, rect, data, bad);
    return status;
}

static wk_status read_rect(void *payload, int worker, wk_rect rect, float *data, uint8_t *bad,
                           float *variance, wk_error *error)
{
    wk_exposure_rows *rows = payload;
    const wk_exposure_header *header = &rows->exposure->header;
    reader *r = &rows->readers[worker];
    int judge = bad && rows->judge_noise && header->noise != WK_NOISE_ERROR;
    wk_status status = read_pixels(rows, r, rect, data, bad, error);
    if (status == WK_OK && header->noise_hdu >= 0 && (variance || judge))
        status = read_noise(r, rows->exposure, rect, bad, variance, error);
    if (status != WK_OK)
        wk_error_subject(error, rows->exposure->name);
    return status;
}

static wk_status get_doubles(double *out, wk_fits_plane *plane, wk_rect rect, wk_error *error)
{
    if (rect.width == plane->width)
        return wk_fits_read_doubles(out, plane, rect.y, rect.height, error);
    wk_status status = WK_OK;
    for (int64_t y = 0; status == WK_OK && y < rect.height; y++)
        status = wk_fits_read_double_run(out + y * rect.width, plane, rect.y + y, rect.x,
                                         rect.width, error);
    return status;
}

static wk_status read_doubles(reader *r, const wk_exposure *exposure, wk_rect rect, double *data,
                              uint8_t *bad, wk_error *error)
{
    wk_status status = open_handle(&r->planes[IMAGE], exposure, IMAGE, error);
    for (int64_t done = 0; status == WK_OK && done < rect.height;) {
        wk_rect strip = strip_of(rect, done, &r->planes[IMAGE].plane);
        int64_t first = done * rect.width, count = strip.height * rect.width;
        status = get_doubles(data + first, &r->planes[IMAGE].plane, strip, error);
        for (int64_t i = first; status == WK_OK && bad && i < first + count; i++)
            bad[i] = (uint8_t)(isfinite(data[i]) ? 0 : WK_BAD_VALUE);
        done += strip.height;
    }
    return status;
}

/* Kept pixels are float32: these are read from the file each time. */
static wk_status read_wide_rect(void *payload, int worker, wk_rect rect, double *data, uint8_t *bad,
                                wk_error *error)
{
    wk_exposure_rows *rows = payload;
    const wk_exposure_header *header = &rows->exposure->header;
    reader *r = &rows->readers[worker];
    int judge = bad && rows->judge_noise && header->noise != WK_NOISE_ERROR;
    wk_status status = read_doubles(r, rows->exposure, rect, data, bad, error);
    if (status == WK_OK && bad && header->mask_hdu >= 0)
        status = read_mask(r, rows->exposure, rect, bad, error);
    if (status == WK_OK && header->noise_hdu >= 0 && judge)
        status = read_noise(r, rows->exposure, rect, bad, NULL, error);
    if (status != WK_OK)
        wk_error_subject(error, rows->exposure->name);
    return status;
}

/* Unpacked once: opening a gzipped file for each worker would unpack it for each. */
static wk_status keep_all(wk_exposure_rows *rows, wk_error *error)
{
    const wk_exposure_header *header = &rows->exposure->header;
    wk_rect all = {0, 0, header->width, header->height};
    wk_status status =
        read_image(&rows->readers[0], rows->exposure, all, rows->data, rows->bad, error);
    if (status == WK_OK && header->mask_hdu >= 0)
        status = read_mask(&rows->readers[0], rows->exposure, all, rows->bad, error);
    for (int64_t y = 0; y < header->height; y++)
        atomic_store(&rows->kept[y], 2);
    close_reader(&rows->readers[0]);
    memset(&rows->readers[0], 0, sizeof rows->readers[0]);
    return status;
}

static wk_status start_keeping(wk_exposure_rows *rows, size_t room, wk_error *error)
{
    const wk_exposure_header *header = &rows->exposure->header;
    size_t pixels = (size_t)(header->width * header->height);
    wk_status status = open_handle(&rows->readers[0].planes[IMAGE], rows->exposure, IMAGE, error);
    if (status != WK_OK)
        return status;
    int packed = rows->packed = wk_fits_packed(rows->readers[0].planes[IMAGE].fits);
    int compressed = wk_fits_plane_compressed(&rows->readers[0].planes[IMAGE].plane);
    if (!packed && (!compressed || room / 5 < pixels))
        return WK_OK;
    rows->data = wk_memory_raw(pixels, sizeof *rows->data, error);
    rows->bad = rows->data ? wk_memory_raw(pixels, 1, error) : NULL;
    rows->kept = rows->bad ? wk_memory_new((size_t)header->height, 1, error) : NULL;
    if (!rows->kept)
        return WK_MEMORY;
    return packed ? keep_all(rows, error) : WK_OK;
}

wk_status wk_exposure_rows_open(wk_exposure_rows **out, const wk_exposure *exposure, int workers,
                                size_t room, int judge_noise, wk_error *error)
{
    *out = NULL;
    if (workers < 1)
        return wk_error_set(error, WK_ARGUMENT, "workers", "%d workers cannot read", workers);
    wk_exposure_rows *rows = wk_memory_new(1, sizeof *rows, error);
    if (!rows)
        return WK_MEMORY;
    rows->exposure = exposure;
    rows->workers = workers;
    rows->judge_noise = judge_noise;
    rows->readers = wk_memory_new((size_t)workers, sizeof *rows->readers, error);
    wk_status status = rows->readers ? start_keeping(rows, room, error) : WK_MEMORY;
    if (status == WK_OK)
        *out = rows;
    else {
        wk_error_subject(error, exposure->name);
        wk_exposure_rows_close(rows);
    }
    return status;
}

static int is_deep(const wk_exposure_header *header)
{
    return header->bitpix == -64 || header->bitpix == 32 || header->bitpix == 64;
}

/* A second handle of a gzipped file would unpack all of it once more. */
wk_rows wk_exposure_rows_get(wk_exposure_rows *rows)
{
    const wk_exposure_header *header = &rows->exposure->header;
    return (wk_rows){.width = header->width,
                     .height = header->height,
                     .has_variance = header->noise_hdu >= 0,
                     .workers = rows->packed ? 1 : rows->workers,
                     .read = read_rect,
                     .payload = rows,
                     .read_wide = is_deep(header) ? read_wide_rect : NULL};
}

void wk_exposure_rows_close(wk_exposure_rows *rows)
{
    if (!rows)
        return;
    for (int i = 0; rows->readers && i < rows->workers; i++)
        close_reader(&rows->readers[i]);
    wk_memory_free(rows->readers);
    wk_memory_free(rows->data);
    wk_memory_free(rows->bad);
    wk_memory_free((void *)rows->kept);
    wk_memory_free(rows);
}
