/* Raw files as cameras write them, with no more in them than their sizes: TIFF with some tags. */
#ifndef WELKIN_TESTS_RAW_CASE_H
#define WELKIN_TESTS_RAW_CASE_H

#include "fits_case.h"

typedef struct raw_camera {
    const char *make, *model;
    uint32_t width, height; /* all pixels */
    uint32_t active[4];     /* top, left, bottom, right; all zero: no such tag */
    uint32_t orientation;   /* TIFF's: 1 as it lies, 6 turned by 90 degrees */
    uint32_t bits, compression;
    int dng;
} raw_camera;

/* Entries of the directory, and behind them the values that do not fit into one. */
typedef struct raw_file {
    unsigned char bytes[1024];
    size_t entry, tail;
} raw_file;

static void raw_put(raw_file *file, size_t at, uint32_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        file->bytes[at + i] = (unsigned char)(value >> 8 * i);
}

/* Types of TIFF: 1 bytes, 2 texts, 3 of two bytes, 4 of four. */
static void raw_tag(raw_file *file, uint32_t tag, uint32_t type, uint32_t count, const void *values)
{
    static const size_t sizes[] = {0, 1, 1, 2, 4};
    size_t at = file->entry + 8;
    raw_put(file, file->entry, tag, 2);
    raw_put(file, file->entry + 2, type, 2);
    raw_put(file, file->entry + 4, count, 4);
    if (count * sizes[type] > 4) {
        raw_put(file, at, (uint32_t)file->tail, 4);
        at = file->tail;
        file->tail += (count * sizes[type] + 1) / 2 * 2;
    }
    for (uint32_t i = 0; i < count; i++)
        raw_put(file, at + i * sizes[type],
                type < 3 ? ((const unsigned char *)values)[i] : ((const uint32_t *)values)[i],
                sizes[type]);
    file->entry += 12;
    raw_put(file, 8, (uint32_t)(file->entry - 10) / 12, 2);
}

static void raw_number(raw_file *file, uint32_t tag, uint32_t type, uint32_t value)
{
    raw_tag(file, tag, type, 1, &value);
}

static void raw_text(raw_file *file, uint32_t tag, const char *text)
{
    raw_tag(file, tag, 2, (uint32_t)strlen(text) + 1, text);
}

/* Write the file; the pixels are a hole in it. */
static void raw_write(const char *path, const raw_camera *camera)
{
    static const unsigned char pattern[] = {0, 1, 1, 2}, version[] = {1, 4, 0, 0};
    static const uint32_t repeat[] = {2, 2};
    raw_file file = {{'I', 'I', 42, 0, 8}, 10, 400};
    uint32_t bytes = camera->width * camera->height * camera->bits / 8;
    raw_number(&file, 254, 4, 0);
    raw_number(&file, 256, 4, camera->width);
    raw_number(&file, 257, 4, camera->height);
    raw_number(&file, 258, 3, camera->bits);
    raw_number(&file, 259, 3, camera->compression);
    raw_number(&file, 262, 3, 32803);
    raw_text(&file, 271, camera->make);
    raw_text(&file, 272, camera->model);
    raw_number(&file, 273, 4, sizeof file.bytes);
    raw_number(&file, 274, 3, camera->orientation);
    raw_number(&file, 277, 3, 1);
    raw_number(&file, 278, 4, camera->height);
    raw_number(&file, 279, 4, bytes);
    raw_number(&file, 284, 3, 1);
    raw_tag(&file, 33421, 3, 2, repeat);
    raw_tag(&file, 33422, 1, 4, pattern);
    if (camera->dng) {
        raw_tag(&file, 50706, 1, 4, version);
        raw_text(&file, 50708, camera->model);
    }
    if (camera->active[2] > 0)
        raw_tag(&file, 50829, 4, 4, camera->active);
    case_write(path, file.bytes, sizeof file.bytes);
    assert_int_equal(truncate(path, (off_t)(sizeof file.bytes + bytes)), 0);
}

#endif
