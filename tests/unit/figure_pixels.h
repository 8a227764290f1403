/* A PNG figure whose pixels are looked at and which is never written, for the tests of figures. */
#ifndef WELKIN_TESTS_FIGURE_PIXELS_H
#define WELKIN_TESTS_FIGURE_PIXELS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "figure.h"

static char folder[64];

static inline wk_figure *canvas(int width, int height)
{
    char path[128];
    wk_figure *figure;
    snprintf(folder, sizeof folder, "/tmp/welkin-figure-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.png", folder);
    assert_int_equal(wk_figure_open(&figure, path, width, height, 0, NULL), WK_OK);
    return figure;
}

static inline void discard(wk_figure *figure)
{
    assert_int_equal(cairo_status(wk_figure_cairo(figure)), CAIRO_STATUS_SUCCESS);
    wk_figure_abandon(figure);
    assert_int_equal(rmdir(folder), 0);
}

static inline unsigned pixel(wk_figure *figure, int x, int y)
{
    cairo_surface_t *image = wk_figure_image(figure);
    unsigned value;
    cairo_surface_flush(image);
    memcpy(&value,
           cairo_image_surface_get_data(image) + y * cairo_image_surface_get_stride(image) + 4 * x,
           4);
    return value & 0xffffff;
}

/* Pixels of a box that are not white. */
static inline int inked(wk_figure *figure, int x0, int y0, int width, int height)
{
    int count = 0;
    for (int y = y0; y < y0 + height; y++)
        for (int x = x0; x < x0 + width; x++)
            count += pixel(figure, x, y) != 0xffffff;
    return count;
}

#endif
