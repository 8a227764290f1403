#include "fits_file.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "status.h"

/* A quarter of a megabyte of float32: the byte swap and what follows find the strip still in the
 * cache. */
enum { STRIP_PIXELS = 1 << 16 };

/* fits_get_tile_dim tells of tiles to be written, not of those in the file: hence ZTILE2. */
static int64_t strip_rows(wk_fits *fits, int64_t width, int64_t height)
{
    int64_t rows = STRIP_PIXELS / width > 0 ? STRIP_PIXELS / width : 1;
    double tile = 1.0;
    int status = 0;
    if (fits_is_compressed_image(fits->file, &status) && wk_fits_number(&tile, fits, "ZTILE2") &&
        tile > 1.0 && tile <= (double)height)
        rows = (rows + (int64_t)tile - 1) / (int64_t)tile * (int64_t)tile;
    return rows < height ? rows : height;
}

/* Which type holds every flag.  CFITSIO's "equivalent type" knows no unsigned 64-bit integers. */
static void choose_flags(wk_fits_plane *plane, int stored)
{
    double zero = 0.0;
    plane->flag_type = stored == ULONG_IMG ? TUINT : TINT;
    plane->flag_bytes = 4;
    if (stored == LONGLONG_IMG || stored == ULONGLONG_IMG) {
        int biased = wk_fits_number(&zero, plane->fits, "BZERO") && zero > 9e18;
        plane->flag_type = biased ? TULONGLONG : TLONGLONG;
        plane->flag_bytes = 8;
    }
}

/* CFITSIO cuts float64 off at the largest float32 and then reports an overflow: such images are
 * narrowed here.  NaN passes through unchecked; only integers with BLANK and the quantised floats
 * of compressed tiles need a look. */
static void choose_pixels(wk_fits_plane *plane, int bitpix)
{
    double number;
    int status = 0;
    plane->pixel_type = bitpix == DOUBLE_IMG ? TDOUBLE : TFLOAT;
    plane->deep = bitpix == DOUBLE_IMG || bitpix == LONG_IMG || bitpix == LONGLONG_IMG;
    if (bitpix < 0)
        plane->blank = fits_is_compressed_image(plane->fits->file, &status);
    else
        plane->blank = wk_fits_number(&number, plane->fits, "BLANK") ||
                       wk_fits_number(&number, plane->fits, "ZBLANK");
}

/* A factor on 8- or 16-bit integers is applied in float32, as astropy and Source Extractor do:
 * pixels then are theirs to the bit, within one and a half units of float32's last place. CFITSIO's
 * own way, in double, is half a unit nearer. */
static void choose_scale(wk_fits_plane *plane, int bitpix)
{
    double factor = 1.0, offset = 0.0;
    int status = 0;
    if ((bitpix != BYTE_IMG && bitpix != SHORT_IMG) ||
        fits_is_compressed_image(plane->fits->file, &status))
        return;
    wk_fits_number(&offset, plane->fits, "BZERO");
    plane->rescale = wk_fits_number(&factor, plane->fits, "BSCALE") && (factor < 1 || factor > 1);
    plane->factor = (float)factor;
    plane->offset = (float)offset;
}

wk_status wk_fits_plane_open(wk_fits_plane *plane, wk_fits *fits, int hdu, int64_t width,
                             int64_t height, wk_error *error)
{
    LONGLONG size[2] = {0, 0};
    int bitpix = 0, axes = 0, stored = 0, status = 0;
    memset(plane, 0, sizeof *plane);
    wk_status result = wk_fits_select(fits, hdu, error);
    if (result != WK_OK)
        return result;
    fits_get_img_paramll(fits->file, 2, &bitpix, &axes, size, &status);
    if (fits_get_img_equivtype(fits->file, &stored, &status))
        return wk_fits_fail(fits->path, hdu, status, "read the header", error);
    if (size[0] != width || size[1] != height)
        return wk_error_set(error, WK_FILE, fits->path,
                            "has changed: HDU %d is now %lld x %lld, it was %lld x %lld", hdu,
                            (long long)size[0], (long long)size[1], (long long)width,
                            (long long)height);
    plane->fits = fits;
    plane->width = width;
    plane->height = height;
    plane->strip = strip_rows(fits, width, height);
    choose_pixels(plane, bitpix);
    choose_scale(plane, bitpix);
    choose_flags(plane, stored);
    return WK_OK;
}

void wk_fits_plane_close(wk_fits_plane *plane)
{
    wk_memory_free(plane->scratch);
    memset(plane, 0, sizeof *plane);
}

static wk_status read_run(void *out, wk_fits_plane *plane, int type, int64_t first, int64_t count,
                          wk_error *error)
{
    float undefined_float = NAN;
    double undefined_double = (double)NAN;
    void *undefined = NULL;
    int found = 0, status = 0;
    if (plane->blank && type == TFLOAT)
        undefined = &undefined_float;
    else if (plane->blank && type == TDOUBLE)
        undefined = &undefined_double;
    if (fits_read_img(plane->fits->file, type, first + 1, count, undefined, out, &found, &status))
        return wk_fits_fail(plane->fits->path, plane->fits->hdu, status, "read the pixels", error);
    return WK_OK;
}

static wk_status read_rescaled(float *pixels, wk_fits_plane *plane, int64_t first, int64_t count,
                               wk_error *error)
{
    int status = 0;
    fits_set_bscale(plane->fits->file, 1.0, 0.0, &status);
    wk_status result = read_run(pixels, plane, TFLOAT, first, count, error);
    for (int64_t i = 0; result == WK_OK && i < count; i++) {
        float scaled = pixels[i] * plane->factor;
        pixels[i] = scaled + plane->offset;
    }
    return result;
}

/* Room for a strip of doubles, which is enough for one of floats. */
static wk_status make_scratch(wk_fits_plane *plane, wk_error *error)
{
    size_t room = (size_t)(plane->strip * plane->width);
    if (!plane->scratch)
        plane->scratch = wk_memory_raw(room, sizeof(double), error);
    return plane->scratch ? WK_OK : WK_MEMORY;
}

static wk_status read_pixels(float *pixels, wk_fits_plane *plane, int64_t first, int64_t count,
                             wk_error *error)
{
    if (plane->rescale)
        return read_rescaled(pixels, plane, first, count, error);
    if (plane->pixel_type == TFLOAT)
        return read_run(pixels, plane, TFLOAT, first, count, error);
    wk_status status = make_scratch(plane, error);
    if (status == WK_OK)
        status = read_run(plane->scratch, plane, TDOUBLE, first, count, error);
    const double *values = plane->scratch;
    for (int64_t i = 0; status == WK_OK && i < count; i++)
        pixels[i] = (float)values[i];
    return status;
}

wk_status wk_fits_read_pixels(float *pixels, wk_fits_plane *plane, int64_t row, int64_t rows,
                              wk_error *error)
{
    return read_pixels(pixels, plane, row * plane->width, rows * plane->width, error);
}

static wk_status read_doubles(double *values, wk_fits_plane *plane, int64_t first, int64_t count,
                              wk_error *error)
{
    if (plane->deep)
        return read_run(values, plane, TDOUBLE, first, count, error);
    wk_status status = make_scratch(plane, error);
    if (status == WK_OK)
        status = read_pixels(plane->scratch, plane, first, count, error);
    const float *pixels = plane->scratch;
    for (int64_t i = 0; status == WK_OK && i < count; i++)
        values[i] = (double)pixels[i];
    return status;
}

wk_status wk_fits_read_doubles(double *values, wk_fits_plane *plane, int64_t row, int64_t rows,
                               wk_error *error)
{
    return read_doubles(values, plane, row * plane->width, rows * plane->width, error);
}

wk_status wk_fits_read_double_run(double *values, wk_fits_plane *plane, int64_t row, int64_t x,
                                  int64_t count, wk_error *error)
{
    return read_doubles(values, plane, row * plane->width + x, count, error);
}

wk_status wk_fits_read_run(float *pixels, wk_fits_plane *plane, int64_t row, int64_t x,
                           int64_t count, wk_error *error)
{
    return read_pixels(pixels, plane, row * plane->width + x, count, error);
}

wk_status wk_fits_read_flags(void *flags, wk_fits_plane *plane, int64_t row, int64_t rows,
                             wk_error *error)
{
    return read_run(flags, plane, plane->flag_type, row * plane->width, rows * plane->width, error);
}

wk_status wk_fits_read_flag_run(void *flags, wk_fits_plane *plane, int64_t row, int64_t x,
                                int64_t count, wk_error *error)
{
    return read_run(flags, plane, plane->flag_type, row * plane->width + x, count, error);
}

int wk_fits_plane_compressed(const wk_fits_plane *plane)
{
    int status = 0;
    return fits_is_compressed_image(plane->fits->file, &status) || plane->fits->packed;
}

int wk_fits_packed(const wk_fits *fits)
{
    return fits->packed;
}
