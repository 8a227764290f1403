#include "fits_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "input.h"
#include "memory.h"
#include "status.h"

enum { BLOCK = 2880, SUFFIX_ROOM = 16 };

wk_status wk_fits_fail(const char *path, int hdu, int status, const char *action, wk_error *error)
{
    char cause[FLEN_STATUS] = "";
    char subject[sizeof error->subject];
    fits_get_errstatus(status, cause);
    fits_clear_errmsg();
    if (hdu < 0)
        snprintf(subject, sizeof subject, "%s", path);
    else
        snprintf(subject, sizeof subject, "%s[%d]", path, hdu);
    return wk_error_set(error, status == MEMORY_ALLOCATION ? WK_MEMORY : WK_FILE, subject,
                        "cannot %s: %s", action, cause);
}

/* What a look at a file's two ends shows. */
typedef struct wk_ends {
    char start[9];
    unsigned char last[4];
    int64_t size;
} wk_ends;

static wk_status read_ends(wk_ends *ends, const char *path, wk_error *error)
{
    memset(ends, 0, sizeof *ends);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return wk_error_set(error, WK_FILE, path, "cannot be opened: %s", wk_input_cause(errno));
    ssize_t got = read(descriptor, ends->start, sizeof ends->start - 1);
    off_t size = lseek(descriptor, 0, SEEK_END);
    if (got >= 0 && size >= (off_t)sizeof ends->last)
        got = pread(descriptor, ends->last, sizeof ends->last, size - (off_t)sizeof ends->last);
    close(descriptor);
    ends->size = (int64_t)size;
    if (got < 0)
        return wk_error_set(error, WK_FILE, path, "cannot be read: %s", wk_input_cause(errno));
    return WK_OK;
}

/* CFITSIO makes room for as many bytes as the last four say, which in a truncated file are
 * anything; deflate cannot shrink more than 1032-fold. */
static int claims_too_much(const wk_ends *ends)
{
    uint32_t claim = (uint32_t)ends->last[0] | (uint32_t)ends->last[1] << 8 |
                     (uint32_t)ends->last[2] << 16 | (uint32_t)ends->last[3] << 24;
    return claim / 1032 > ends->size;
}

static wk_status check_ends(int *packed, const char *path, wk_error *error)
{
    wk_ends ends;
    wk_status status = wk_input_check(path, "a FITS file", error);
    if (status == WK_OK)
        status = read_ends(&ends, path, error);
    if (status != WK_OK)
        return status;
    *packed = ends.start[0] == '\037' && ends.start[1] == '\213';
    if (*packed && claims_too_much(&ends))
        return wk_error_set(error, WK_FILE, path,
                            "is truncated or damaged: its end is not that of a gzip file");
    if (!*packed && strncmp(ends.start, "SIMPLE", 6) != 0)
        return wk_error_set(error, WK_FILE, path,
                            "is not FITS: it does not begin with the keyword SIMPLE");
    return WK_OK;
}

/* CFITSIO gives a leading blank, '~' or '-' a meaning: a path that begins with '.' or '/' has
 * none. */
static wk_status open_plainly(fitsfile **file, const char *path, wk_error *error)
{
    char name[FLEN_FILENAME];
    int status = 0;
    if (strlen(path) + SUFFIX_ROOM > sizeof name)
        return wk_error_set(error, WK_FILE, path, "cannot be opened: the name is too long");
    snprintf(name, sizeof name, "%s%s", path[0] == '/' ? "" : "./", path);
    if (fits_open_diskfile(file, name, READONLY, &status))
        return wk_fits_fail(path, 0, status, "read the primary header", error);
    return WK_OK;
}

wk_status wk_fits_open(wk_fits **out, const char *path, wk_error *error)
{
    int packed = 0;
    wk_status status = check_ends(&packed, path, error);
    if (status != WK_OK)
        return status;
    wk_fits *fits = wk_memory_new(1, sizeof *fits, error);
    if (!fits)
        return WK_MEMORY;
    fits->packed = packed;
    fits->path = wk_memory_text(path, error);
    status = fits->path ? open_plainly(&fits->file, path, error) : WK_MEMORY;
    if (status == WK_OK)
        *out = fits;
    else
        wk_fits_close(fits);
    return status;
}

void wk_fits_close(wk_fits *fits)
{
    if (!fits)
        return;
    int status = 0;
    if (fits->file)
        fits_close_file(fits->file, &status);
    if (status)
        fits_clear_errmsg();
    wk_memory_free(fits->path);
    wk_memory_free(fits);
}

wk_status wk_fits_select(wk_fits *fits, int hdu, wk_error *error)
{
    int status = 0;
    if (fits_movabs_hdu(fits->file, hdu + 1, NULL, &status))
        return wk_fits_fail(fits->path, hdu, status, "read the header", error);
    fits->hdu = hdu;
    return WK_OK;
}

static int64_t length_key(wk_fits *fits, const char *keyword, int64_t missing)
{
    LONGLONG value = 0;
    int status = 0;
    if (fits_read_key(fits->file, TLONGLONG, keyword, &value, NULL, &status)) {
        fits_clear_errmsg();
        return missing;
    }
    return value > 0 ? value : 0;
}

static int64_t bounded_product(int64_t a, int64_t b)
{
    int64_t product;
    return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

/* Bytes of the selected HDU's data as its own keywords have it; CFITSIO's sums wrap around. */
static int64_t promised_bytes(wk_fits *fits)
{
    int64_t axes = length_key(fits, "NAXIS", 0);
    int64_t pixels = axes > 0 ? 1 : 0;
    double bitpix = 8.0;
    char groups[WK_FITS_VALUE];
    wk_fits_text(groups, sizeof groups, fits, "GROUPS");
    for (int axis = 1; axis <= axes && axis <= 999; axis++) {
        char keyword[FLEN_KEYWORD];
        snprintf(keyword, sizeof keyword, "NAXIS%d", axis);
        int64_t length = length_key(fits, keyword, 0);
        if (axis > 1 || groups[0] != 'T') /* random groups have NAXIS1 = 0 */
            pixels = bounded_product(pixels, length);
    }
    int64_t heap = length_key(fits, "PCOUNT", 0);
    int64_t total;
    if (__builtin_add_overflow(pixels, heap, &total))
        total = INT64_MAX;
    wk_fits_number(&bitpix, fits, "BITPIX");
    total = bounded_product(total, (int64_t)(bitpix < 0.0 ? -bitpix : bitpix) / 8);
    return bounded_product(total, length_key(fits, "GCOUNT", 1));
}

/* Hold the selected HDU against the file's size; end is where the next one begins. */
static wk_status check_size(int64_t *end, wk_fits *fits, wk_error *error)
{
    LONGLONG start = 0;
    int status = 0;
    if (fits_get_hduaddrll(fits->file, NULL, &start, NULL, &status))
        return wk_fits_fail(fits->path, fits->hdu, status, "find the data", error);
    int64_t size = (int64_t)fits->file->Fptr->filesize;
    int64_t bytes = promised_bytes(fits);
    int64_t room = size - (int64_t)start;
    if (bytes <= INT64_MAX - BLOCK)
        bytes = (bytes + BLOCK - 1) / BLOCK * BLOCK;
    if (bytes > room) {
        char subject[sizeof error->subject], promise[48] = "more than any file can hold";
        if (bytes < INT64_MAX)
            snprintf(promise, sizeof promise, "%lld bytes of data", (long long)bytes);
        snprintf(subject, sizeof subject, "%s[%d]", fits->path, fits->hdu);
        return wk_error_set(error, WK_FILE, subject,
                            "is truncated: the header promises %s, %lld bytes are there", promise,
                            (long long)(room > 0 ? room : 0));
    }
    *end = (int64_t)start + bytes;
    return WK_OK;
}

static void describe_image(wk_fits_hdu *hdu, wk_fits *fits)
{
    LONGLONG size[9] = {0};
    int status = 0;
    if (fits_get_img_paramll(fits->file, 9, &hdu->bitpix, &hdu->axes, size, &status)) {
        fits_clear_errmsg();
        hdu->axes = 0;
    }
    hdu->image = 1;
    hdu->width = hdu->axes > 0 ? size[0] : 0;
    hdu->height = hdu->axes > 1 ? size[1] : 0;
    hdu->depth = hdu->axes > 0 ? 1 : 0;
    for (int axis = 2; axis < hdu->axes && axis < 9; axis++)
        hdu->depth = bounded_product(hdu->depth, size[axis]);
}

static void describe_hdu(wk_fits_hdu *hdu, wk_fits *fits)
{
    int kind = ANY_HDU, status = 0;
    double version = 1.0;
    memset(hdu, 0, sizeof *hdu);
    fits_get_hdu_type(fits->file, &kind, &status);
    if (kind == IMAGE_HDU || (kind == BINARY_TBL && fits_is_compressed_image(fits->file, &status)))
        describe_image(hdu, fits);
    wk_fits_text(hdu->name, sizeof hdu->name, fits, "EXTNAME");
    wk_fits_text(hdu->type, sizeof hdu->type, fits, "EXTTYPE");
    if (strcmp(hdu->name, "COMPRESSED_IMAGE") == 0) /* CFITSIO's own word for "no name" */
        hdu->name[0] = '\0';
    if (wk_fits_number(&version, fits, "EXTVER") && version > -2e9 && version < 2e9)
        hdu->version = (int)version;
    else
        hdu->version = 1;
}

/* Bytes after the last HDU: the start of a header that is cut short, or something of no concern
 * (the standard allows special records). */
static int begins_header(wk_fits *fits, int64_t offset)
{
    static const char mark[] = "XTENSION";
    char start[sizeof mark] = "";
    if (fits->packed)
        return 1;
    int descriptor = open(fits->path, O_RDONLY | O_CLOEXEC);
    ssize_t got = descriptor < 0 ? 0 : pread(descriptor, start, sizeof mark - 1, (off_t)offset);
    if (descriptor >= 0)
        close(descriptor);
    return got > 0 && strncmp(start, mark, (size_t)got) == 0;
}

/* Go to the next HDU, which would begin at offset; more is 0 when there is none. */
static wk_status next_hdu(int *more, wk_fits *fits, int64_t offset, wk_error *error)
{
    int status = 0;
    *more = 0;
    if (offset >= (int64_t)fits->file->Fptr->filesize)
        return WK_OK;
    if (fits_movrel_hdu(fits->file, 1, NULL, &status) == 0) {
        fits->hdu++;
        *more = 1;
        return WK_OK;
    }
    if (status != END_OF_FILE && begins_header(fits, offset))
        return wk_fits_fail(fits->path, fits->hdu + 1, status,
                            "read the header (cut short or damaged)", error);
    fits_clear_errmsg();
    return WK_OK;
}

wk_status wk_fits_list(wk_fits_hdu **hdus, int *count, wk_fits *fits, wk_error *error)
{
    wk_fits_hdu *list = NULL;
    int used = 0, room = 0, more = 1;
    wk_status status = wk_fits_select(fits, 0, error);
    while (status == WK_OK && more) {
        int64_t end = 0;
        if (used == room) {
            room = room ? 2 * room : 4;
            status = wk_memory_grow((void **)&list, (size_t)room, sizeof *list, error);
        }
        if (status == WK_OK)
            status = check_size(&end, fits, error);
        if (status == WK_OK) {
            describe_hdu(&list[used++], fits);
            status = next_hdu(&more, fits, end, error);
        }
    }
    if (status != WK_OK) {
        wk_memory_free(list);
        return status;
    }
    *hdus = list;
    *count = used;
    return WK_OK;
}
