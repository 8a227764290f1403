#include <string.h>

#include "memory.h"
#include "status.h"
#include "tile_file.h"
#include "tile_place.h"

/* The planes of one image while it is read. */
typedef struct planes {
    wk_tile_file image, background, bmask, weight;
    double *strip;
} planes;

static wk_status open_planes(planes *p, const wk_tile *tile, int64_t index, wk_error *error)
{
    wk_status status = wk_tile_file_open(&p->image, tile, index, "image", NULL, error);
    if (status == WK_OK)
        status = wk_tile_file_open(&p->background, tile, index, "bkg", &p->image, error);
    if (status == WK_OK)
        status = wk_tile_file_open(&p->bmask, tile, index, "bmask", &p->image, error);
    if (status == WK_OK)
        status = wk_tile_file_open(&p->weight, tile, index, "weight", &p->image, error);
    if (status != WK_OK)
        return status;
    int64_t rows = wk_tile_file_rows(&p->image, 0);
    p->strip = wk_memory_raw((size_t)(rows * p->image.width), sizeof *p->strip, error);
    return p->strip ? WK_OK : WK_MEMORY;
}

static void close_planes(planes *p)
{
    wk_tile_file_close(&p->image);
    wk_tile_file_close(&p->background);
    wk_tile_file_close(&p->bmask);
    wk_tile_file_close(&p->weight);
    wk_memory_free(p->strip);
}

/* Larger buffers take the place of the old ones, whose pixels nobody needs. */
static wk_status reserve(wk_tile_pixels *out, int64_t width, int64_t height, wk_error *error)
{
    size_t room = (size_t)(width * height);
    out->width = width;
    out->height = height;
    if (room <= out->room)
        return WK_OK;
    wk_memory_free(out->values);
    wk_memory_free(out->bad);
    out->room = 0;
    out->bad = NULL;
    out->values = wk_memory_raw(room, sizeof *out->values, error);
    out->bad = out->values ? wk_memory_raw(room, 1, error) : NULL;
    if (!out->bad)
        return WK_MEMORY;
    out->room = room;
    return WK_OK;
}

static wk_status read_strip(wk_tile_pixels *out, planes *p, double scale, int64_t row, int64_t rows,
                            wk_error *error)
{
    int64_t n = rows * out->width;
    double *values = out->values + row * out->width;
    uint8_t *bad = out->bad + row * out->width;
    wk_status status = wk_tile_file_read(values, &p->image, row, rows, error);
    if (status == WK_OK)
        status = wk_tile_file_read(p->strip, &p->background, row, rows, error);
    for (int64_t i = 0; status == WK_OK && i < n; i++)
        values[i] = (values[i] - p->strip[i]) * scale;
    if (status == WK_OK)
        status = wk_tile_file_read(p->strip, &p->bmask, row, rows, error);
    if (status == WK_OK) {
        wk_tile_mark_flagged(bad, p->strip, n);
        status = wk_tile_file_read(p->strip, &p->weight, row, rows, error);
    }
    if (status == WK_OK)
        wk_tile_mark_weightless(bad, p->strip, n);
    for (int64_t i = 0; status == WK_OK && i < n; i++)
        out->good += !bad[i];
    return status;
}

static wk_status place(wk_tile_pixels *out, planes *p, const wk_tile_sky *sky, wk_error *error)
{
    wk_wcs *wcs = NULL;
    wk_status status = wk_tile_file_wcs(&wcs, &p->image, error);
    if (status == WK_OK)
        status = wk_tile_place(out->bad, out->width, out->height, wcs, sky, error);
    wk_wcs_free(wcs);
    if (status != WK_OK)
        wk_error_subject(error, p->image.name);
    return status;
}

wk_status wk_tile_pixels_load(wk_tile_pixels *out, const wk_tile *tile, const wk_tile_sky *sky,
                              size_t index, wk_error *error)
{
    planes p;
    memset(&p, 0, sizeof p);
    out->good = 0;
    if (index >= wk_tile_count(tile))
        return wk_error_set(error, WK_ARGUMENT, "index", "the tile has %zu images, none is %zu",
                            wk_tile_count(tile), index);
    double scale = wk_tile_source(tile, index)->scale;
    wk_status status = open_planes(&p, tile, (int64_t)index, error);
    if (status == WK_OK)
        status = reserve(out, p.image.width, p.image.height, error);
    if (status == WK_OK)
        status = place(out, &p, sky, error);
    for (int64_t row = 0; status == WK_OK && row < out->height;) {
        int64_t rows = wk_tile_file_rows(&p.image, row);
        status = read_strip(out, &p, scale, row, rows, error);
        row += rows;
    }
    close_planes(&p);
    return status;
}

void wk_tile_pixels_release(wk_tile_pixels *pixels)
{
    if (!pixels)
        return;
    wk_memory_free(pixels->values);
    wk_memory_free(pixels->bad);
    memset(pixels, 0, sizeof *pixels);
}
