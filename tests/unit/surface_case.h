/* Meshes for the tests of surfaces. */
#ifndef WELKIN_TEST_SURFACE_CASE_H
#define WELKIN_TEST_SURFACE_CASE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "surface.h"

enum { MOST = 40 };

/* An image in nx x ny bins whose values are means of its pixels, as LSST makes them: bin i ends
 * before ((i + 1) width + nx / 2) / nx. */
typedef struct scene {
    wk_surface_nodes nodes;
    double x[MOST], y[MOST];
    float values[MOST * MOST];
    double weights[MOST * MOST];
} scene;

static inline int64_t bin_end(int64_t i, int64_t size, int64_t n)
{
    return ((i + 1) * size + n / 2) / n;
}

static inline void bin_centres(double *x, int64_t size, int64_t n)
{
    for (int64_t i = 0, start = 0; i < n; start = bin_end(i++, size, n))
        x[i] = 0.5 * (double)(start + bin_end(i, size, n)) - 0.5;
}

/* The mean over the finite pixels of a bin. */
static inline double bin_mean(const scene *s, int64_t i, int64_t j,
                              double (*image)(int64_t, int64_t))
{
    const wk_surface_nodes *n = &s->nodes;
    double sum = 0.0, count = 0.0;
    for (int64_t y = j ? bin_end(j - 1, n->height, n->ny) : 0; y < bin_end(j, n->height, n->ny);
         y++)
        for (int64_t x = i ? bin_end(i - 1, n->width, n->nx) : 0; x < bin_end(i, n->width, n->nx);
             x++)
            if (isfinite(image(x, y))) {
                sum += image(x, y);
                count += 1.0;
            }
    return sum / count;
}

static inline void fill(scene *s, int64_t width, int64_t height, int64_t nx, int64_t ny,
                        double (*image)(int64_t, int64_t))
{
    memset(s, 0, sizeof *s);
    wk_surface_nodes nodes = {width, height, nx, ny, s->x, s->y, {0, 0}, s->values, NULL, 0, 0};
    nodes.box[0] = (width + nx - 1) / nx;
    nodes.box[1] = (height + ny - 1) / ny;
    s->nodes = nodes;
    bin_centres(s->x, width, nx);
    bin_centres(s->y, height, ny);
    for (int64_t k = 0; k < nx * ny; k++)
        s->values[k] = (float)bin_mean(s, k % nx, k / nx, image);
}

static inline wk_surface *create(const scene *s, wk_surface_style style)
{
    wk_surface *surface = NULL;
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_surface_create(&surface, &s->nodes, style, &error), WK_OK);
    assert_non_null(surface);
    return surface;
}

/* Every pixel; the caller frees it. */
static inline float *whole(const wk_surface *surface, const wk_surface_nodes *nodes)
{
    float *out = malloc((size_t)(nodes->width * nodes->height) * sizeof *out);
    double *room = malloc(wk_surface_room(surface) * sizeof *room + 1);
    for (int64_t y = 0; y < nodes->height; y++)
        wk_surface_row(out + y * nodes->width, surface, y, 0, nodes->width, room);
    free(room);
    return out;
}

static inline float *image_of(const scene *s, wk_surface_style style)
{
    wk_surface *surface = create(s, style);
    float *out = whole(surface, &s->nodes);
    wk_surface_free(surface);
    return out;
}

static inline void expect_failure(const scene *s, wk_surface_style style, wk_status want,
                                  const char *word)
{
    wk_surface *surface = (wk_surface *)(uintptr_t)s;
    wk_error error = {WK_OK, "", ""};
    assert_int_equal(wk_surface_create(&surface, &s->nodes, style, &error), want);
    assert_null(surface);
    assert_non_null(strstr(error.message, word));
}

#endif
