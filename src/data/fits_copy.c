#include "fits_copy.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fits_card.h"
#include "fits_checksum.h"
#include "fits_pixel.h"
#include "memory.h"
#include "status.h"

wk_status wk_fits_copy_begin(wk_fits_copy *copy, wk_error *error)
{
    copy->strip = wk_memory_raw(WK_FITS_STRIP, 1, error);
    return copy->strip ? WK_OK : WK_MEMORY;
}

void wk_fits_copy_end(wk_fits_copy *copy)
{
    wk_memory_free(copy->strip);
    copy->strip = NULL;
}

static wk_status truncated(const wk_fits_copy *copy, int64_t wanted, wk_error *error)
{
    return wk_error_set(error, WK_FILE, copy->name,
                        "the file is truncated: %lld bytes, but its headers promise %lld",
                        (long long)copy->size, (long long)wanted);
}

wk_status wk_fits_copy_read(const wk_fits_copy *copy, int64_t place, void *data, size_t size,
                            wk_error *error)
{
    char *to = data;
    while (size > 0) {
        ssize_t done = pread(copy->input, to, size, (off_t)place);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return wk_output_failed(copy->name, "read", errno, error);
        if (done == 0)
            return truncated(copy, place + (int64_t)size, error);
        to += done;
        place += done;
        size -= (size_t)done;
    }
    return WK_OK;
}

/* Let the system carry what it can; what it cannot, for whatever reason, is left to the caller,
 * whose own reading and writing finds the words for a failure. */
static int64_t carry(wk_fits_copy *copy, int64_t bytes)
{
    int64_t left = bytes;
#ifdef __linux__
    while (left > 0) {
        off_t from = (off_t)copy->from;
        off_t to = (off_t)copy->to;
        ssize_t done = copy_file_range(copy->input, &from, copy->output->fd, &to, (size_t)left, 0);
        if (done <= 0)
            break;
        copy->from += done;
        copy->to += done;
        left -= done;
    }
#endif
    return left;
}

static size_t strip_size(int64_t left)
{
    return left < WK_FITS_STRIP ? (size_t)left : WK_FITS_STRIP;
}

static wk_status read_strip(wk_fits_copy *copy, size_t size, wk_error *error)
{
    wk_status status = wk_fits_copy_read(copy, copy->from, copy->strip, size, error);
    if (status == WK_OK)
        copy->from += (int64_t)size;
    return status;
}

static wk_status write_strip(wk_fits_copy *copy, size_t size, wk_error *error)
{
    wk_status status = wk_output_write_at(copy->output, copy->to, copy->strip, size, error);
    if (status == WK_OK)
        copy->to += (int64_t)size;
    return status;
}

wk_status wk_fits_copy_plain(wk_fits_copy *copy, int64_t bytes, wk_error *error)
{
    int64_t left = carry(copy, bytes);
    wk_status status = WK_OK;
    for (; status == WK_OK && left > 0; left -= (int64_t)strip_size(left)) {
        status = read_strip(copy, strip_size(left), error);
        if (status == WK_OK)
            status = write_strip(copy, strip_size(left), error);
    }
    return status;
}

wk_status wk_fits_copy_sum(wk_fits_copy *copy, int64_t start, int64_t bytes, uint32_t *sum,
                           wk_error *error)
{
    wk_status status = WK_OK;
    for (int64_t done = 0; status == WK_OK && done < bytes;) {
        size_t size = strip_size(bytes - done);
        status = read_strip(copy, size, error);
        if (status != WK_OK)
            break;
        *sum = wk_checksum_add(*sum, start + done, copy->strip, size);
        status = write_strip(copy, size, error);
        done += (int64_t)size;
    }
    return status;
}

wk_status wk_fits_copy_subtract(wk_fits_copy *copy, int64_t bytes, int pixel, double level,
                                uint32_t *sum, wk_error *error)
{
    wk_status status = WK_OK;
    for (int64_t left = bytes; status == WK_OK && left > 0; left -= (int64_t)strip_size(left)) {
        size_t size = strip_size(left);
        status = read_strip(copy, size, error);
        if (status != WK_OK)
            break;
        uint64_t words = pixel == 4 ? wk_pixel_subtract_float(copy->strip, size / 4, level)
                                    : wk_pixel_subtract_double(copy->strip, size / 8, level);
        *sum = wk_checksum_words(*sum, words);
        status = write_strip(copy, size, error);
    }
    return status;
}

static size_t padding(int64_t bytes)
{
    return (size_t)((WK_FITS_BLOCK - bytes % WK_FITS_BLOCK) % WK_FITS_BLOCK);
}

wk_status wk_fits_copy_padding(wk_fits_copy *copy, int64_t before, int64_t bytes, uint32_t *sum,
                               wk_error *error)
{
    int64_t rest = copy->size - copy->from;
    size_t size = padding(bytes);
    size_t there = rest < (int64_t)padding(before) ? (size_t)rest : padding(before);
    wk_status status = read_strip(copy, there, error);
    if (status != WK_OK)
        return status;
    if (before != bytes)
        there = 0;
    memset(copy->strip + there, 0, size - there);
    *sum = wk_checksum_add(*sum, bytes, copy->strip, size);
    return write_strip(copy, size, error);
}
