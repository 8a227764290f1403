#include "image.h"

#include <string.h>

#include "memory.h"
#include "status.h"

void wk_pixels_release(wk_pixels *pixels)
{
    if (!pixels)
        return;
    wk_memory_free(pixels->data);
    wk_memory_free(pixels->bad);
    wk_memory_free(pixels->variance_buffer);
    memset(pixels, 0, sizeof *pixels);
}

wk_status wk_pixels_reserve(wk_pixels *pixels, int64_t width, int64_t height, int want_variance,
                            wk_error *error)
{
    if (width < 1 || height < 1 || width > PTRDIFF_MAX / height)
        return wk_error_set(error, WK_MEMORY, "", "no memory for %lld x %lld pixels",
                            (long long)width, (long long)height);
    size_t count = (size_t)width * (size_t)height;
    if (count > pixels->allocated) {
        wk_memory_free(pixels->data);
        wk_memory_free(pixels->bad);
        pixels->allocated = 0;
        pixels->data = wk_memory_raw(count, sizeof *pixels->data, error);
        pixels->bad = wk_memory_raw(count, sizeof *pixels->bad, error);
        if (!pixels->data || !pixels->bad)
            return WK_MEMORY;
        pixels->allocated = count;
    }
    if (want_variance && count > pixels->allocated_variance) {
        wk_memory_free(pixels->variance_buffer);
        pixels->allocated_variance = 0;
        pixels->variance_buffer = wk_memory_raw(count, sizeof *pixels->variance_buffer, error);
        if (!pixels->variance_buffer)
            return WK_MEMORY;
        pixels->allocated_variance = count;
    }
    pixels->width = width;
    pixels->height = height;
    pixels->variance = want_variance ? pixels->variance_buffer : NULL;
    pixels->good = 0;
    return WK_OK;
}
