#include "exposure.h"

#include <string.h>

#include "exposure_mark.h"
#include "fits.h"
#include "image.h"
#include "memory.h"
#include "status.h"

static int64_t strip_at(const wk_fits_plane *plane, int64_t row)
{
    int64_t left = plane->height - row;
    return left < plane->strip ? left : plane->strip;
}

static wk_status load_image(wk_pixels *pixels, wk_fits_plane *plane, wk_error *error)
{
    wk_status status = WK_OK;
    for (int64_t row = 0; status == WK_OK && row < plane->height; row += plane->strip) {
        int64_t rows = strip_at(plane, row), first = row * plane->width;
        status = wk_fits_read_pixels(pixels->data + first, plane, row, rows, error);
        if (status == WK_OK)
            wk_mark_nonfinite(pixels->bad + first, pixels->data + first, rows * plane->width);
    }
    return status;
}

static wk_status load_mask(wk_pixels *pixels, wk_fits_plane *plane, uint64_t bits, wk_error *error)
{
    size_t room = (size_t)(plane->strip * plane->width);
    void *flags = wk_memory_raw(room, (size_t)plane->flag_bytes, error);
    wk_status status = flags ? WK_OK : WK_MEMORY;
    for (int64_t row = 0; status == WK_OK && row < plane->height; row += plane->strip) {
        int64_t count = strip_at(plane, row) * plane->width;
        uint8_t *bad = pixels->bad + row * plane->width;
        status = wk_fits_read_flags(flags, plane, row, strip_at(plane, row), error);
        if (status == WK_OK)
            wk_mark_flags(bad, flags, plane->flag_bytes, bits, 1, count);
    }
    wk_memory_free(flags);
    return status;
}

/* The noise plane goes straight to the variance when that is wanted, else through a strip. */
static wk_status load_noise(wk_pixels *pixels, wk_fits_plane *plane, wk_noise noise,
                            wk_error *error)
{
    float *strip = NULL;
    wk_status status = WK_OK;
    if (!pixels->variance)
        strip = wk_memory_raw((size_t)(plane->strip * plane->width), sizeof *strip, error);
    if (!pixels->variance && !strip)
        return WK_MEMORY;
    for (int64_t row = 0; status == WK_OK && row < plane->height; row += plane->strip) {
        int64_t first = row * plane->width, count = strip_at(plane, row) * plane->width;
        float *values = strip ? strip : pixels->variance + first;
        status = wk_fits_read_pixels(values, plane, row, strip_at(plane, row), error);
        if (status == WK_OK && noise != WK_NOISE_ERROR)
            wk_mark_nonpositive(pixels->bad + first, values, 1, count);
        if (status == WK_OK && !strip)
            wk_mark_variance(values, noise, count);
    }
    wk_memory_free(strip);
    return status;
}

/* One open file, kept from plane to plane as long as they share it. */
typedef struct wk_source {
    wk_fits *fits;
    const char *path;
} wk_source;

static wk_status open_plane(wk_fits_plane *plane, wk_source *source, const char *path, int hdu,
                            const wk_exposure_header *header, wk_error *error)
{
    wk_status status = WK_OK;
    if (!source->fits || strcmp(source->path, path) != 0) {
        wk_fits_close(source->fits);
        source->fits = NULL;
        source->path = path;
        status = wk_fits_open(&source->fits, path, error);
    }
    if (status == WK_OK)
        status = wk_fits_plane_open(plane, source->fits, hdu, header->width, header->height, error);
    return status;
}

static wk_status load_planes(wk_pixels *pixels, wk_source *source, const wk_exposure_header *header,
                             int want_noise, wk_error *error)
{
    wk_fits_plane plane;
    memset(&plane, 0, sizeof plane);
    wk_status status = open_plane(&plane, source, header->file, header->image_hdu, header, error);
    if (status == WK_OK)
        status = load_image(pixels, &plane, error);
    wk_fits_plane_close(&plane);
    if (status == WK_OK && header->mask_hdu >= 0) {
        const char *path = header->mask_file ? header->mask_file : header->file;
        status = open_plane(&plane, source, path, header->mask_hdu, header, error);
        if (status == WK_OK)
            status = load_mask(pixels, &plane, header->bad_bits, error);
        wk_fits_plane_close(&plane);
    }
    if (status == WK_OK && want_noise) {
        const char *path = header->noise_file ? header->noise_file : header->file;
        status = open_plane(&plane, source, path, header->noise_hdu, header, error);
        if (status == WK_OK)
            status = load_noise(pixels, &plane, header->noise, error);
        wk_fits_plane_close(&plane);
    }
    return status;
}

wk_status wk_exposure_load(wk_pixels *pixels, const wk_exposure *exposure, int want_variance,
                           wk_error *error)
{
    const wk_exposure_header *header = &exposure->header;
    wk_source source = {NULL, NULL};
    int variance = want_variance && header->noise_hdu >= 0;
    int noise = variance || (header->noise_hdu >= 0 && header->noise != WK_NOISE_ERROR);
    wk_status status = wk_pixels_reserve(pixels, header->width, header->height, variance, error);
    if (status == WK_OK)
        status = load_planes(pixels, &source, header, noise, error);
    wk_fits_close(source.fits);
    if (status == WK_OK)
        pixels->good = wk_mark_good(pixels->bad, header->width * header->height);
    else
        wk_error_subject(error, exposure->name);
    return status;
}
