#include "fits_gzip.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>
#include <zlib.h>

#include "memory.h"
#include "status.h"

enum {
    GZIP = 15 + 16, /* the largest window, gzip's own header */
    LEVEL = 1,      /* noise hardly packs better at higher levels, and they are far slower */
    PIECE = 1 << 17
};

wk_status wk_bytes_resize(wk_bytes *bytes, size_t size, wk_error *error)
{
    if (size > bytes->room) {
        size_t room = size < SIZE_MAX / 2 ? size + size / 2 : size;
        wk_status status = wk_memory_grow((void **)&bytes->data, room, 1, error);
        if (status != WK_OK)
            return status;
        bytes->room = room;
    }
    bytes->size = size;
    return WK_OK;
}

void wk_bytes_free(wk_bytes *bytes)
{
    wk_memory_free(bytes->data);
    *bytes = (wk_bytes){0};
}

static voidpf get_room(voidpf payload, uInt count, uInt size)
{
    (void)payload;
    return wk_memory_new(count, size, NULL);
}

static void give_back(voidpf payload, voidpf block)
{
    (void)payload;
    wk_memory_free(block);
}

static wk_status no_room(wk_error *error)
{
    return wk_error_set(error, WK_MEMORY, "", "no memory for gzip");
}

static wk_status damaged(const char *subject, wk_error *error)
{
    return wk_error_set(error, WK_FILE, subject, "the gzip data is damaged");
}

static wk_status begin_unpack(z_stream *stream, wk_error *error)
{
    *stream = (z_stream){.zalloc = get_room, .zfree = give_back};
    return inflateInit2(stream, GZIP) == Z_OK ? WK_OK : no_room(error);
}

static wk_status begin_pack(z_stream *stream, wk_error *error)
{
    *stream = (z_stream){.zalloc = get_room, .zfree = give_back};
    return deflateInit2(stream, LEVEL, Z_DEFLATED, GZIP, 8, Z_DEFAULT_STRATEGY) == Z_OK
               ? WK_OK
               : no_room(error);
}

static wk_status unpack_all(z_stream *stream, wk_bytes *out, size_t limit, const char *subject,
                            wk_error *error)
{
    for (int code = Z_OK; code != Z_STREAM_END;) {
        size_t done = stream->total_out;
        if (done > limit)
            return damaged(subject, error);
        wk_status status = wk_bytes_resize(out, done + PIECE, error);
        if (status != WK_OK)
            return status;
        stream->next_out = out->data + done;
        stream->avail_out = PIECE;
        code = inflate(stream, Z_NO_FLUSH);
        if (code == Z_MEM_ERROR)
            return no_room(error);
        if (code != Z_OK && code != Z_STREAM_END)
            return damaged(subject, error);
    }
    out->size = stream->total_out;
    return out->size <= limit ? WK_OK : damaged(subject, error);
}

wk_status wk_gzip_unpack(wk_bytes *out, const void *data, size_t size, size_t limit,
                         const char *subject, wk_error *error)
{
    z_stream stream;
    if (size > UINT_MAX)
        return damaged(subject, error);
    wk_status status = begin_unpack(&stream, error);
    if (status != WK_OK)
        return status;
    stream.next_in = (z_const Bytef *)data;
    stream.avail_in = (uInt)size;
    status = unpack_all(&stream, out, limit, subject, error);
    inflateEnd(&stream);
    return status;
}

wk_status wk_gzip_pack(wk_bytes *out, const void *data, size_t size, wk_error *error)
{
    z_stream stream;
    if (size > UINT_MAX / 2)
        return wk_error_set(error, WK_ARGUMENT, "", "a tile of %zu bytes is too large", size);
    wk_status status = begin_pack(&stream, error);
    if (status != WK_OK)
        return status;
    status = wk_bytes_resize(out, deflateBound(&stream, size), error);
    if (status == WK_OK) {
        stream.next_in = (z_const Bytef *)data;
        stream.avail_in = (uInt)size;
        stream.next_out = out->data;
        stream.avail_out = (uInt)out->size;
        if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
            status = no_room(error);
        out->size = stream.total_out;
    }
    deflateEnd(&stream);
    return status;
}

static ssize_t read_piece(int fd, void *piece, int64_t place)
{
    ssize_t done;
    do
        done = pread(fd, piece, PIECE, (off_t)place);
    while (done < 0 && errno == EINTR);
    return done;
}

int wk_gzip_is_file(int fd)
{
    unsigned char magic[2];
    return pread(fd, magic, 2, 0) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
}

/* Unpack what one piece of input gives.  A member's end may be followed by another member, as
 * `cat a.gz b.gz` makes, or by padding, which is ignored as gzip does. */
static wk_status unpack_piece(z_stream *stream, int *ended, unsigned char *out, const char *name,
                              wk_output *output, wk_error *error)
{
    do {
        if (*ended && stream->avail_in > 0) {
            if (*stream->next_in != 0x1f) {
                stream->avail_in = 0;
                return WK_OK;
            }
            inflateReset(stream);
            *ended = 0;
        }
        stream->next_out = out;
        stream->avail_out = PIECE;
        int code = inflate(stream, Z_NO_FLUSH);
        if (code == Z_MEM_ERROR)
            return no_room(error);
        if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
            return damaged(name, error);
        *ended = code == Z_STREAM_END;
        wk_status status = wk_output_write(output, out, PIECE - stream->avail_out, error);
        if (status != WK_OK)
            return status;
    } while (stream->avail_in > 0 || stream->avail_out == 0);
    return WK_OK;
}

static wk_status unpack_pieces(z_stream *stream, unsigned char *pieces, int fd, const char *name,
                               wk_output *output, wk_error *error)
{
    int ended = 0;
    for (int64_t place = 0;;) {
        ssize_t size = read_piece(fd, pieces, place);
        if (size < 0)
            return wk_output_failed(name, "read", errno, error);
        if (size == 0)
            return ended ? WK_OK : damaged(name, error);
        place += size;
        stream->next_in = pieces;
        stream->avail_in = (uInt)size;
        wk_status status = unpack_piece(stream, &ended, pieces + PIECE, name, output, error);
        if (status != WK_OK)
            return status;
    }
}

wk_status wk_gzip_unpack_file(int fd, const char *name, wk_output *output, wk_error *error)
{
    z_stream stream;
    unsigned char *pieces = wk_memory_raw(2, PIECE, error);
    wk_status status = pieces ? begin_unpack(&stream, error) : WK_MEMORY;
    if (status == WK_OK) {
        status = unpack_pieces(&stream, pieces, fd, name, output, error);
        inflateEnd(&stream);
    }
    wk_memory_free(pieces);
    return status;
}

static wk_status pack_piece(z_stream *stream, int flush, unsigned char *out, wk_output *output,
                            wk_error *error)
{
    do {
        stream->next_out = out;
        stream->avail_out = PIECE;
        deflate(stream, flush);
        wk_status status = wk_output_write(output, out, PIECE - stream->avail_out, error);
        if (status != WK_OK)
            return status;
    } while (stream->avail_out == 0);
    return WK_OK;
}

static wk_status pack_pieces(z_stream *stream, unsigned char *pieces, int fd, const char *name,
                             wk_output *output, wk_error *error)
{
    for (int64_t place = 0;;) {
        ssize_t size = read_piece(fd, pieces, place);
        if (size < 0)
            return wk_output_failed(name, "read", errno, error);
        place += size;
        stream->next_in = pieces;
        stream->avail_in = (uInt)size;
        wk_status status =
            pack_piece(stream, size == 0 ? Z_FINISH : Z_NO_FLUSH, pieces + PIECE, output, error);
        if (status != WK_OK || size == 0)
            return status;
    }
}

wk_status wk_gzip_pack_file(int fd, const char *name, wk_output *output, wk_error *error)
{
    z_stream stream;
    unsigned char *pieces = wk_memory_raw(2, PIECE, error);
    wk_status status = pieces ? begin_pack(&stream, error) : WK_MEMORY;
    if (status == WK_OK) {
        status = pack_pieces(&stream, pieces, fd, name, output, error);
        deflateEnd(&stream);
    }
    wk_memory_free(pieces);
    return status;
}
