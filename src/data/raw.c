#include "raw.h"

#include <libraw/libraw.h>

#include "status.h"

static wk_status refuse(const char *path, int code, wk_error *error)
{
    if (code == LIBRAW_FILE_UNSUPPORTED)
        return wk_error_set(error, WK_FILE, path,
                            "is neither FITS nor a camera's raw file that LibRaw knows");
    if (code == LIBRAW_UNSUFFICIENT_MEMORY || code == LIBRAW_MEMPOOL_OVERFLOW)
        return wk_error_set(error, WK_MEMORY, path, "no memory for the raw file's header");
    /* it meets the end of the file where it looks for more */
    return wk_error_set(error, WK_FILE, path,
                        "is neither FITS nor a camera's raw file, or is cut short (LibRaw: %s)",
                        code < 0 ? libraw_strerror(code) : "the system's error");
}

wk_status wk_raw_size(int64_t size[2], const char *path, wk_error *error)
{
    /* its own callbacks would print */
    libraw_data_t *raw =
        libraw_init(LIBRAW_OPIONS_NO_MEMERR_CALLBACK | LIBRAW_OPIONS_NO_DATAERR_CALLBACK);
    if (!raw)
        return wk_error_set(error, WK_MEMORY, path, "no memory for LibRaw");
    int code = libraw_open_file(raw, path);
    wk_status status = WK_OK;
    size[0] = raw->sizes.width;
    size[1] = raw->sizes.height;
    if (code != LIBRAW_SUCCESS)
        status = refuse(path, code, error);
    else if (size[0] < 1 || size[1] < 1)
        status = wk_error_set(error, WK_FILE, path, "the raw image is empty: %lld x %lld pixels",
                              (long long)size[0], (long long)size[1]);
    libraw_close(raw);
    return status;
}
