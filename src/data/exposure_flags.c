#include <string.h>

#include "exposure.h"
#include "fits.h"
#include "memory.h"
#include "status.h"
#include "welkin/rows.h"

/* A worker's own way to the mask. */
typedef struct reader {
    wk_fits *fits; /* NULL: not open yet */
    wk_fits_plane plane;
    void *strip;
    size_t room;
} reader;

struct wk_exposure_flags {
    const wk_exposure *exposure;
    int workers;
    reader *readers;
};

static wk_status open_reader(reader *r, const wk_exposure *exposure, wk_error *error)
{
    const wk_exposure_header *header = &exposure->header;
    const char *path = header->mask_file ? header->mask_file : header->file;
    if (r->fits)
        return WK_OK;
    wk_status status = wk_fits_open(&r->fits, path, error);
    if (status == WK_OK)
        status = wk_fits_plane_open(&r->plane, r->fits, header->mask_hdu, header->width,
                                    header->height, error);
    if (status != WK_OK) {
        wk_fits_close(r->fits);
        r->fits = NULL;
    }
    return status;
}

static void widen(uint64_t *out, const void *flags, int bytes, int64_t count)
{
    if (bytes == (int)sizeof *out) {
        memcpy(out, flags, (size_t)count * sizeof *out);
        return;
    }
    const uint32_t *narrow = flags;
    for (int64_t i = 0; i < count; i++)
        out[i] = narrow[i];
}

static wk_status read_strip(reader *r, int64_t y, int64_t rows, uint64_t *flags, wk_error *error)
{
    size_t bytes = (size_t)(rows * r->plane.width * r->plane.flag_bytes);
    wk_status status = wk_memory_reserve(&r->strip, &r->room, bytes, 1, error);
    if (status == WK_OK)
        status = wk_fits_read_flags(r->strip, &r->plane, y, rows, error);
    if (status == WK_OK)
        widen(flags, r->strip, r->plane.flag_bytes, rows * r->plane.width);
    return status;
}

static wk_status read_rows(void *payload, int worker, int64_t y, int64_t rows, uint64_t *flags,
                           wk_error *error)
{
    wk_exposure_flags *all = payload;
    reader *r = &all->readers[worker];
    wk_status status = open_reader(r, all->exposure, error);
    for (int64_t done = 0; status == WK_OK && done < rows;) {
        int64_t part = rows - done < r->plane.strip ? rows - done : r->plane.strip;
        status = read_strip(r, y + done, part, flags + done * r->plane.width, error);
        done += part;
    }
    if (status != WK_OK)
        wk_error_subject(error, all->exposure->name);
    return status;
}

wk_status wk_exposure_flags_open(wk_exposure_flags **out, const wk_exposure *exposure, int workers,
                                 wk_error *error)
{
    *out = NULL;
    if (workers < 1)
        return wk_error_set(error, WK_ARGUMENT, "workers", "%d workers cannot read", workers);
    if (exposure->header.mask_hdu < 0)
        return wk_error_set(error, WK_HEADER, exposure->name, "has no mask");
    wk_exposure_flags *flags = wk_memory_new(1, sizeof *flags, error);
    if (!flags)
        return WK_MEMORY;
    flags->exposure = exposure;
    flags->workers = workers;
    flags->readers = wk_memory_new((size_t)workers, sizeof *flags->readers, error);
    wk_status status =
        flags->readers ? open_reader(&flags->readers[0], exposure, error) : WK_MEMORY;
    if (status == WK_OK && wk_fits_packed(flags->readers[0].fits))
        flags->workers = 1;
    if (status == WK_OK)
        *out = flags;
    else {
        wk_error_subject(error, exposure->name);
        wk_exposure_flags_close(flags);
    }
    return status;
}

wk_flag_rows wk_exposure_flags_get(wk_exposure_flags *flags)
{
    return (wk_flag_rows){.width = flags->exposure->header.width,
                          .height = flags->exposure->header.height,
                          .workers = flags->workers,
                          .read = read_rows,
                          .payload = flags};
}

void wk_exposure_flags_close(wk_exposure_flags *flags)
{
    if (!flags)
        return;
    for (int i = 0; flags->readers && i < flags->workers; i++) {
        if (flags->readers[i].fits)
            wk_fits_plane_close(&flags->readers[i].plane);
        wk_fits_close(flags->readers[i].fits);
        wk_memory_free(flags->readers[i].strip);
    }
    wk_memory_free(flags->readers);
    wk_memory_free(flags);
}
