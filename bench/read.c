/* Reads every image HDU of the files named, as they are stored, into one buffer that is used again.
 *
 * bench_read FILE...
 *
 * The floor below which no program that reads these files with CFITSIO can fall.  The sum that it
 * prints proves that the pixels were there; it takes one pixel in 1024 and no time to speak of.
 */
#include <fitsio.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct buffer {
    void *pixels;
    size_t size;
} buffer;

static void check(int status, const char *name)
{
    if (!status)
        return;
    fits_report_error(stderr, status);
    fprintf(stderr, "bench_read: %s cannot be read\n", name);
    exit(3);
}

static void reserve(buffer *room, size_t size)
{
    if (size <= room->size)
        return;
    free(room->pixels);
    room->pixels = malloc(size);
    room->size = size;
    if (!room->pixels) {
        fprintf(stderr, "bench_read: no memory for %zu bytes\n", size);
        exit(4);
    }
}

/* Floating-point images as float, whole numbers as int: the types of the simulated planes. */
static double read_image(fitsfile *file, buffer *room, LONGLONG count, int kind, int *status)
{
    double sum = 0;
    int any;
    reserve(room, (size_t)count * 4);
    fits_read_img(file, kind, 1, count, NULL, room->pixels, &any, status);
    for (LONGLONG i = 0; i < count && !*status; i += 1024)
        sum += kind == TFLOAT ? (double)((float *)room->pixels)[i] : ((int *)room->pixels)[i];
    return sum;
}

static double read_file(const char *name, buffer *room, LONGLONG *pixels)
{
    fitsfile *file;
    int status = 0, hdus = 0;
    double sum = 0;
    fits_open_diskfile(&file, name, READONLY, &status);
    check(status, name);
    fits_get_num_hdus(file, &hdus, &status);
    for (int i = 1; i <= hdus && !status; i++) {
        int kind, dimensions = 0, type = 0;
        LONGLONG sizes[3] = {0, 0, 0};
        fits_movabs_hdu(file, i, &kind, &status);
        if (kind != IMAGE_HDU)
            continue;
        fits_get_img_paramll(file, 3, &type, &dimensions, sizes, &status);
        if (dimensions != 2)
            continue;
        *pixels += sizes[0] * sizes[1];
        sum += read_image(file, room, sizes[0] * sizes[1], type < 0 ? TFLOAT : TINT, &status);
    }
    fits_close_file(file, &status);
    check(status, name);
    return sum;
}

int main(int argc, char **argv)
{
    buffer room = {NULL, 0};
    LONGLONG pixels = 0;
    double sum = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: bench_read FILE...\n");
        return 2;
    }
    for (int i = 1; i < argc; i++)
        sum += read_file(argv[i], &room, &pixels);
    free(room.pixels);
    printf("%lld pixels, sum of one in 1024: %.9g\n", (long long)pixels, sum);
    return 0;
}
