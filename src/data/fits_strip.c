#include "fits_strip.h"

#include "fits.h"
#include "fits_checksum.h"
#include "fits_pixel.h"
#include "memory.h"
#include "parallel.h"

enum { STRIP_PIXELS = 1 << 16 };

/* What one worker has for itself. */
typedef struct bench {
    unsigned char *stored; /* pixels as in the file */
    float *pixels;         /* as CFITSIO gives them */
    double *values;
    uint32_t sum;
    wk_fits *fits;
    wk_fits_plane plane;
} bench;

typedef struct strips {
    const wk_fits_carry *carry;
    const wk_fits_plane_edit *edit;
    int pixel;    /* bytes of one, in input and output; 0: any, and float32 */
    int64_t rows; /* of a strip */
    bench *benches;
} strips;

static wk_status make_room(bench *own, const strips *all, wk_error *error)
{
    size_t count = (size_t)(all->rows * all->edit->width);
    if (!own->values)
        own->values = wk_memory_raw(count, sizeof *own->values, error);
    if (!own->stored && own->values)
        own->stored = wk_memory_raw(count, all->pixel ? (size_t)all->pixel : 4, error);
    if (!own->pixels && own->stored && !all->pixel)
        own->pixels = wk_memory_raw(count, sizeof *own->pixels, error);
    return own->stored && (all->pixel || own->pixels) ? WK_OK : WK_MEMORY;
}

static wk_status open_plane(bench *own, const strips *all, wk_error *error)
{
    const wk_fits_plane_edit *edit = all->edit;
    if (own->fits)
        return WK_OK;
    wk_status status = wk_fits_open(&own->fits, all->carry->copy.name, error);
    if (status == WK_OK)
        status =
            wk_fits_plane_open(&own->plane, own->fits, edit->hdu, edit->width, edit->height, error);
    return status;
}

static void free_benches(bench *benches, int count)
{
    for (int i = 0; benches && i < count; i++) {
        wk_memory_free(benches[i].stored);
        wk_memory_free(benches[i].pixels);
        wk_memory_free(benches[i].values);
        wk_fits_plane_close(&benches[i].plane);
        wk_fits_close(benches[i].fits);
    }
    wk_memory_free(benches);
}

static wk_status read_floats(bench *own, const strips *all, wk_rect rect, wk_error *error)
{
    size_t count = (size_t)(rect.width * rect.height);
    int64_t place = all->carry->from + rect.y * rect.width * all->pixel;
    wk_status status =
        wk_fits_copy_read(&all->carry->copy, place, own->stored, count * (size_t)all->pixel, error);
    if (status == WK_OK)
        wk_pixel_widen(own->values, own->stored, count, all->pixel);
    return status;
}

static wk_status read_any(bench *own, const strips *all, wk_rect rect, wk_error *error)
{
    wk_status status = open_plane(own, all, error);
    if (status == WK_OK)
        status = wk_fits_read_pixels(own->pixels, &own->plane, rect.y, rect.height, error);
    for (int64_t i = 0; status == WK_OK && i < rect.width * rect.height; i++)
        own->values[i] = (double)own->pixels[i];
    return status;
}

/* Round, turn around and add up what is to be written. */
static void store(bench *own, const strips *all, size_t count)
{
    uint64_t words;
    if (all->pixel) {
        words = wk_pixel_narrow(own->stored, own->values, count, all->pixel);
    } else {
        for (size_t i = 0; i < count; i++)
            own->pixels[i] = (float)own->values[i];
        words = wk_pixel_store_floats(own->stored, own->pixels, count);
    }
    own->sum = wk_checksum_words(own->sum, words);
}

static wk_status change_strip(int64_t index, int worker, void *payload, int64_t *bytes,
                              wk_error *error)
{
    const strips *all = payload;
    const wk_fits_plane_edit *edit = all->edit;
    bench *own = &all->benches[worker];
    int64_t row = index * all->rows, left = edit->height - row;
    const wk_rect rect = {0, row, edit->width, left < all->rows ? left : all->rows};
    size_t count = (size_t)(rect.width * rect.height), size = all->pixel ? (size_t)all->pixel : 4;
    wk_status status = make_room(own, all, error);
    if (status == WK_OK)
        status = all->pixel ? read_floats(own, all, rect, error) : read_any(own, all, rect, error);
    if (status == WK_OK)
        status = edit->change(edit->payload, edit->worker + worker, rect, own->values, error);
    if (status < 0)
        return status;
    store(own, all, count);
    *bytes = (int64_t)(count * size);
    int64_t place = all->carry->to + rect.y * rect.width * (int64_t)size;
    return wk_output_write_at(all->carry->copy.output, place, own->stored, count * size, error);
}

static wk_status change_all(uint32_t *sum, strips *all, const wk_context *context, wk_error *error)
{
    int64_t count = (all->edit->height + all->rows - 1) / all->rows;
    int workers = wk_parallel_workers(count, context);
    wk_status status = wk_parallel_for(count, NULL, change_strip, all, context, error);
    *sum = 0;
    for (int i = 0; i < workers; i++)
        *sum = wk_checksum_words(*sum, all->benches[i].sum);
    return status;
}

/* The rows of a strip: CFITSIO's are those of whole tiles. */
static wk_status choose_rows(strips *all, wk_error *error)
{
    all->rows = STRIP_PIXELS / all->edit->width;
    if (all->rows < 1)
        all->rows = 1;
    if (all->pixel)
        return WK_OK;
    wk_status status = open_plane(&all->benches[0], all, error);
    if (status == WK_OK)
        all->rows = all->benches[0].plane.strip;
    return status;
}

wk_status wk_fits_strip_change(uint32_t *sum, const wk_fits_carry *carry,
                               const wk_fits_plane_edit *edit, int pixel, const wk_context *context,
                               wk_error *error)
{
    wk_context own = context ? *context : (wk_context){0};
    strips all = {.carry = carry, .edit = edit, .pixel = pixel};
    if (!pixel && carry->packed)
        own.threads = 1;
    int workers = wk_parallel_workers(edit->height, &own);
    all.benches = wk_memory_new((size_t)workers, sizeof *all.benches, error);
    if (!all.benches)
        return WK_MEMORY;
    wk_status status = choose_rows(&all, error);
    if (status == WK_OK)
        status = change_all(sum, &all, &own, error);
    free_benches(all.benches, workers);
    return status;
}
