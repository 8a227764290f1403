#include "tile_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "fits_wide.h"
#include "memory.h"
#include "status.h"

static const wk_tile_plane *plane_of(const wk_tile_image *image, const char *key)
{
    const struct {
        const char *key;
        const wk_tile_plane *plane;
    } planes[] = {{"image", &image->image},
                  {"weight", &image->weight},
                  {"bmask", &image->bmask},
                  {"seg", &image->seg},
                  {"bkg", &image->background}};
    for (size_t i = 0; i < sizeof planes / sizeof *planes; i++)
        if (!strcmp(planes[i].key, key))
            return planes[i].plane;
    return NULL;
}

static wk_status unnamed(const wk_tile *tile, const wk_tile_image *image, int64_t index,
                         const char *key, wk_error *error)
{
    char label[WK_TILE_LABEL];
    wk_tile_label(label, index);
    return wk_error_set(error, WK_HEADER, tile->path, "%s names no %s_path (line %d)", label, key,
                        image->line);
}

static int is_image(const wk_fits_hdu *hdu)
{
    return hdu->image && hdu->axes >= 2;
}

/* The HDU of an extension; -1: there is none. */
static int find_extension(const wk_fits_hdu *hdus, int count, const char *ext)
{
    for (int i = 0; i < count; i++)
        if (is_image(&hdus[i]) && (!ext || !strcasecmp(hdus[i].name, ext)))
            return i;
    size_t digits = ext ? strspn(ext, "0123456789") : 0;
    if (digits == 0 || digits > 6 || ext[digits])
        return -1;
    int number = atoi(ext);
    return number < count && is_image(&hdus[number]) ? number : -1;
}

static wk_status no_extension(const char *path, const wk_fits_hdu *hdus, int count, const char *ext,
                              wk_error *error)
{
    char names[200] = "";
    for (int i = 0; i < count; i++) {
        size_t used = strlen(names);
        if (is_image(&hdus[i]) && hdus[i].name[0])
            snprintf(names + used, sizeof names - used, "%s%s", used ? ", " : "; there is ",
                     hdus[i].name);
    }
    if (!ext)
        return wk_error_set(error, WK_HEADER, path, "holds no image");
    return wk_error_set(error, WK_HEADER, path, "has no image extension '%.60s'%s", ext, names);
}

static wk_status open_plane(wk_tile_file *file, const wk_tile_plane *plane, wk_error *error)
{
    wk_fits_hdu *hdus = NULL;
    int count = 0;
    wk_status status = wk_fits_open(&file->fits, plane->path, error);
    if (status == WK_OK)
        status = wk_fits_list(&hdus, &count, file->fits, error);
    int found = status == WK_OK ? find_extension(hdus, count, plane->ext) : -1;
    if (status == WK_OK && found < 0)
        status = no_extension(plane->path, hdus, count, plane->ext, error);
    if (status == WK_OK && hdus[found].depth != 1)
        status =
            wk_error_set(error, WK_HEADER, plane->path, "HDU %d is no image but a cube", found);
    if (status == WK_OK) {
        file->width = hdus[found].width;
        file->height = hdus[found].height;
        file->single = hdus[found].bitpix == -32;
        snprintf(file->name, sizeof file->name, "%.230s[%d]", plane->path, found);
        status =
            wk_fits_plane_open(&file->plane, file->fits, found, file->width, file->height, error);
    }
    wk_memory_free(hdus);
    return status;
}

static wk_status check_size(const wk_tile_file *file, const wk_tile_file *like, wk_error *error)
{
    if (file->width < 1 || file->height < 1)
        return wk_error_set(error, WK_HEADER, file->name, "the image has no pixels");
    if (!like || (file->width == like->width && file->height == like->height))
        return WK_OK;
    return wk_error_set(error, WK_HEADER, file->name,
                        "is %lld x %lld pixels, not %lld x %lld as %s", (long long)file->width,
                        (long long)file->height, (long long)like->width, (long long)like->height,
                        like->name);
}

wk_status wk_tile_file_open(wk_tile_file *file, const wk_tile *tile, int64_t index, const char *key,
                            const wk_tile_file *like, wk_error *error)
{
    const wk_tile_image *image = index < 0 ? &tile->coadd : &tile->sources[index];
    const wk_tile_plane *plane = plane_of(image, key);
    memset(file, 0, sizeof *file);
    if (!plane || !plane->path)
        return unnamed(tile, image, index, key, error);
    wk_status status = open_plane(file, plane, error);
    if (status == WK_OK)
        status = check_size(file, like, error);
    if (status != WK_OK)
        wk_tile_file_close(file);
    return status;
}

void wk_tile_file_close(wk_tile_file *file)
{
    if (file->fits)
        wk_fits_plane_close(&file->plane);
    wk_fits_close(file->fits);
    wk_memory_free(file->room);
    memset(file, 0, sizeof *file);
}

int64_t wk_tile_file_rows(const wk_tile_file *file, int64_t row)
{
    int64_t left = file->height - row;
    return left < file->plane.strip ? left : file->plane.strip;
}

static wk_status read_single(double *values, wk_tile_file *file, int64_t row, int64_t rows,
                             wk_error *error)
{
    if (!file->room)
        file->room =
            wk_memory_raw((size_t)(file->plane.strip * file->width), sizeof *file->room, error);
    if (!file->room)
        return WK_MEMORY;
    wk_status status = wk_fits_read_pixels(file->room, &file->plane, row, rows, error);
    for (int64_t i = 0; status == WK_OK && i < rows * file->width; i++)
        values[i] = (double)file->room[i];
    return status;
}

wk_status wk_tile_file_read(double *values, wk_tile_file *file, int64_t row, int64_t rows,
                            wk_error *error)
{
    wk_status status = WK_OK;
    while (rows > 0 && status == WK_OK) {
        int64_t part = wk_tile_file_rows(file, row);
        part = part < rows ? part : rows;
        status = file->single ? read_single(values, file, row, part, error)
                              : wk_fits_read_wide(values, &file->plane, row, part, error);
        values += part * file->width;
        row += part;
        rows -= part;
    }
    return status;
}

wk_status wk_tile_file_wcs(wk_wcs **out, wk_tile_file *file, wk_error *error)
{
    char *text = NULL;
    int64_t records = 0;
    wk_status status = wk_fits_records(&text, &records, file->fits, error);
    if (status == WK_OK)
        status = wk_wcs_create(out, text, records, file->name, error);
    wk_memory_free(text);
    return status;
}
