#include "indexed_png.h"

#include <math.h>
#include <setjmp.h>

#include <png.h>

#include "memory.h"
#include "output.h"
#include "status.h"

/* zlib's strategy of runs and Huffman codes (Z_RLE): noise does not become smaller by a search for
 * longer repeats, which takes most of the time. */
enum { RUNS = 3 };

typedef struct writing {
    wk_output output;
    wk_error failure; /* of the output; code WK_OK: none */
    const char *path;
    png_structp png;
    png_infop info;
    uint8_t *row;
} writing;

static void write_bytes(png_structp png, png_bytep bytes, size_t length)
{
    writing *all = png_get_io_ptr(png);
    if (wk_output_write(&all->output, bytes, length, &all->failure) != WK_OK)
        png_error(png, "output");
}

static void flush(png_structp png)
{
    (void)png;
}

/* The library is silent: what libpng says on the way out is told by the status. */
static void say_nothing(png_structp png, png_const_charp text)
{
    (void)png;
    (void)text;
}

static void leave(png_structp png, png_const_charp text)
{
    (void)text;
    png_longjmp(png, 1);
}

static png_byte byte_of(double part)
{
    return (png_byte)lround(255 * fmin(fmax(part, 0), 1));
}

static void set_palette(writing *all, const wk_indexed_png *image)
{
    png_color palette[PNG_MAX_PALETTE_LENGTH];
    for (int k = 0; k < image->colour_count; k++) {
        palette[k].red = byte_of(image->colours[k].red);
        palette[k].green = byte_of(image->colours[k].green);
        palette[k].blue = byte_of(image->colours[k].blue);
    }
    png_set_PLTE(all->png, all->info, palette, image->colour_count);
}

/* libpng comes back to the jump when it fails, with what is behind the pointer unchanged. */
static int encode(writing *all, const wk_indexed_png *image)
{
    if (setjmp(png_jmpbuf(all->png)))
        return 0;
    png_set_write_fn(all->png, all, write_bytes, flush);
    png_set_compression_strategy(all->png, RUNS);
    png_set_compression_buffer_size(all->png, 1 << 16);
    png_set_IHDR(all->png, all->info, (png_uint_32)image->width, (png_uint_32)image->height, 8,
                 image->colour_count > 0 ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_GRAY,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    /* filters would make runs of equal greys unequal */
    png_set_filter(all->png, PNG_FILTER_TYPE_BASE, PNG_FILTER_NONE);
    if (image->colour_count > 0)
        set_palette(all, image);
    png_write_info(all->png, all->info);
    for (int64_t y = 0; y < image->height; y++) {
        image->fill(all->row, y, image->payload);
        png_write_row(all->png, all->row);
    }
    png_write_end(all->png, all->info);
    return 1;
}

static wk_status run(writing *all, const wk_indexed_png *image, wk_error *error)
{
    all->row = wk_memory_raw((size_t)image->width, 1, error);
    if (!all->row)
        return WK_MEMORY;
    all->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, leave, say_nothing);
    all->info = all->png ? png_create_info_struct(all->png) : NULL;
    if (all->info && encode(all, image))
        return WK_OK;
    if (all->failure.code != WK_OK) {
        if (error)
            *error = all->failure;
        return all->failure.code;
    }
    return wk_error_set(error, WK_MEMORY, all->path, "no memory to write the picture");
}

wk_status wk_indexed_png_write(const char *path, const wk_indexed_png *image, int overwrite,
                               wk_error *error)
{
    writing *all = wk_memory_new(1, sizeof *all, error);
    if (!all)
        return WK_MEMORY;
    all->path = path;
    wk_status status = wk_output_begin(&all->output, path, overwrite, 0, error);
    if (status == WK_OK) {
        status = run(all, image, error);
        png_destroy_write_struct(&all->png, &all->info);
        wk_memory_free(all->row);
        if (status == WK_OK)
            status = wk_output_commit(&all->output, error);
        else
            wk_output_abandon(&all->output);
    }
    wk_memory_free(all);
    return status;
}
