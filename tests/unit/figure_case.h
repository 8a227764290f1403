/* A folder for written pictures, their bytes and their pixels, for the tests of figures. */
#ifndef WELKIN_TESTS_FIGURE_CASE_H
#define WELKIN_TESTS_FIGURE_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cairo.h>
#include <cmocka.h>

enum { FIGURE_ROOM = 1 << 22 };

static char folder[64], path[128];

static inline int set_up(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/welkin-figure-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

/* The path holds until the next call. */
static inline const char *in_folder(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* Removes known files, then the folder: a forgotten temporary file makes it fail. */
static inline int tear_down(void **state)
{
    (void)state;
    static const char *const names[] = {"a.png", "b.png", "a.svg", "a.pdf"};
    for (size_t k = 0; k < sizeof names / sizeof *names; k++)
        remove(in_folder(names[k]));
    return rmdir(folder);
}

static inline size_t read_all(const char *name, char *bytes)
{
    FILE *file = fopen(in_folder(name), "rb");
    assert_non_null(file);
    size_t length = fread(bytes, 1, FIGURE_ROOM, file);
    fclose(file);
    return length;
}

static inline void expect_equal_files(const char *first, const char *second, int equal)
{
    char *bytes = malloc(2 * FIGURE_ROOM);
    size_t a = read_all(first, bytes), b = read_all(second, bytes + FIGURE_ROOM);
    assert_true(a > 1000 && a < FIGURE_ROOM);
    assert_int_equal(a == b && memcmp(bytes, bytes + FIGURE_ROOM, a) == 0, equal);
    free(bytes);
}

static inline unsigned pixel(cairo_surface_t *image, double x, double y)
{
    unsigned value;
    const unsigned char *data = cairo_image_surface_get_data(image);
    memcpy(&value, data + (int)y * cairo_image_surface_get_stride(image) + 4 * (int)x, 4);
    return value & 0xffffff;
}

#endif
