/* The gzip format: whole files and the tiles of compressed images. */
#ifndef WELKIN_DATA_FITS_GZIP_H
#define WELKIN_DATA_FITS_GZIP_H

#include "output.h"

/* A buffer that grows; zeroed: empty. */
typedef struct wk_bytes {
    unsigned char *data;
    size_t size;
    size_t room;
} wk_bytes;

/* Set the size, making room; what it held within the old size stays. */
wk_status wk_bytes_resize(wk_bytes *bytes, size_t size, wk_error *error);
void wk_bytes_free(wk_bytes *bytes);

/* Unpack one gzip stream; WK_FILE if it is damaged or unpacks to more than limit bytes. */
wk_status wk_gzip_unpack(wk_bytes *out, const void *data, size_t size, size_t limit,
                         const char *subject, wk_error *error);

/* Pack into one gzip stream; the bytes depend on the data alone. */
wk_status wk_gzip_pack(wk_bytes *out, const void *data, size_t size, wk_error *error);

/* Nonzero if the open file starts like a gzip file. */
int wk_gzip_is_file(int fd);

/* Unpack a whole file, of one or more gzip members, into an output. */
wk_status wk_gzip_unpack_file(int fd, const char *name, wk_output *output, wk_error *error);

/* Pack a whole file into an output. */
wk_status wk_gzip_pack_file(int fd, const char *name, wk_output *output, wk_error *error);

#endif
