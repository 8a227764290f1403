#include "tile_sky.h"

#include "memory.h"
#include "status.h"
#include "tile_file.h"

/* The place of a pixel is counted in int32 where it is looked up. */
static const int64_t widest = (int64_t)1 << 30;

void wk_tile_mark_flagged(uint8_t *bad, const double *values, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        bad[i] |= !(values[i] >= 0.0 && values[i] <= 0.0);
}

void wk_tile_mark_weightless(uint8_t *bad, const double *values, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        bad[i] |= !(values[i] > 0.0);
}

static wk_status mark_plane(wk_tile_sky *sky, const wk_tile *tile, const char *key,
                            const wk_tile_file *image, wk_error *error)
{
    wk_tile_file file;
    wk_status status = wk_tile_file_open(&file, tile, -1, key, image, error);
    if (status != WK_OK)
        return status;
    double *values =
        wk_memory_raw((size_t)(wk_tile_file_rows(&file, 0) * file.width), sizeof *values, error);
    status = values ? WK_OK : WK_MEMORY;
    for (int64_t row = 0; status == WK_OK && row < file.height;) {
        int64_t rows = wk_tile_file_rows(&file, row);
        uint8_t *bad = sky->bad + row * file.width;
        status = wk_tile_file_read(values, &file, row, rows, error);
        if (status == WK_OK && key[0] == 'w')
            wk_tile_mark_weightless(bad, values, rows * file.width);
        else if (status == WK_OK)
            wk_tile_mark_flagged(bad, values, rows * file.width);
        row += rows;
    }
    wk_memory_free(values);
    wk_tile_file_close(&file);
    return status;
}

static wk_status load_image(wk_tile_sky *sky, wk_tile_file *image, wk_error *error)
{
    sky->width = image->width;
    sky->height = image->height;
    if (image->width >= widest || image->height >= widest)
        return wk_error_set(error, WK_HEADER, image->name, "%lld x %lld pixels are too many",
                            (long long)image->width, (long long)image->height);
    wk_status status = wk_tile_file_wcs(&sky->wcs, image, error);
    if (status == WK_OK)
        status = wk_footprint_create(&sky->footprint, sky->wcs, sky->width, sky->height, error);
    if (status != WK_OK) {
        wk_error_subject(error, image->name);
        return status;
    }
    sky->bad = wk_memory_new((size_t)sky->height, (size_t)sky->width, error);
    return sky->bad ? WK_OK : WK_MEMORY;
}

wk_status wk_tile_sky_load(wk_tile_sky **out, const wk_tile *tile, wk_error *error)
{
    wk_tile_file image;
    *out = NULL;
    wk_tile_sky *sky = wk_memory_new(1, sizeof *sky, error);
    if (!sky)
        return WK_MEMORY;
    wk_status status = wk_tile_file_open(&image, tile, -1, "image", NULL, error);
    if (status == WK_OK)
        status = load_image(sky, &image, error);
    if (status == WK_OK)
        status = mark_plane(sky, tile, "weight", &image, error);
    if (status == WK_OK)
        status = mark_plane(sky, tile, "bmask", &image, error);
    if (status == WK_OK)
        status = mark_plane(sky, tile, "seg", &image, error);
    wk_tile_file_close(&image);
    if (status == WK_OK)
        *out = sky;
    else
        wk_tile_sky_free(sky);
    return status;
}

void wk_tile_sky_free(wk_tile_sky *sky)
{
    if (!sky)
        return;
    wk_wcs_free(sky->wcs);
    wk_footprint_release(&sky->footprint);
    wk_memory_free(sky->bad);
    wk_memory_free(sky);
}
