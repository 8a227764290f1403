/* Exposures of one smooth sky with backgrounds of their own, for the tests of cells. */
#ifndef WELKIN_TESTS_CELLS_CASE_H
#define WELKIN_TESTS_CELLS_CASE_H

#include "scene.h"

#include "cells.h"

/* Backgrounds: level + slope[0] x + slope[1] y + bend x y, x and y from -1 to 1. */
typedef struct cells_background {
    double level, slope[2], bend;
} cells_background;

typedef struct cells_case {
    scene scene;
    cells_background backgrounds[scene_most];
    double sky; /* how strong the common sky is */
} cells_case;

static inline double cells_sky(double ra, double dec)
{
    return sin((ra - 150.0) * 400.0) * cos(dec * 300.0);
}

static inline wk_status cells_load(void *payload, size_t index, wk_pixels *pixels, wk_error *error)
{
    cells_case *all = payload;
    const scene_exposure *e = &all->scene.exposures[index];
    const cells_background *own = &all->backgrounds[index];
    wk_wcs *wcs = scene_make_wcs(e);
    wk_status status = scene_load(&all->scene, index, pixels, error);
    double *sky = malloc((size_t)(2 * e->width) * sizeof *sky);
    for (int64_t y = 0; y < e->height && status == WK_OK; y++) {
        for (int64_t x = 0; x < e->width; x++) {
            sky[2 * x] = (double)x;
            sky[2 * x + 1] = (double)y;
        }
        assert_int_equal(wk_wcs_to_sky(wcs, e->width, sky, sky, NULL), WK_OK);
        for (int64_t x = 0; x < e->width; x++) {
            double u = (2.0 * (double)x + 1.0) / (double)e->width - 1.0;
            double v = (2.0 * (double)y + 1.0) / (double)e->height - 1.0;
            pixels->data[y * e->width + x] +=
                (float)(all->sky * cells_sky(sky[2 * x], sky[2 * x + 1]) + own->level +
                        own->slope[0] * u + own->slope[1] * v + own->bend * u * v);
        }
    }
    free(sky);
    wk_wcs_free(wcs);
    return status;
}

/* A row whose exposures overlap by half, without levels of the scene's own. */
static inline void cells_row(cells_case *all, size_t n, int64_t width, int64_t height)
{
    memset(all, 0, sizeof *all);
    scene_row(&all->scene, n, width, height);
    for (size_t i = 0; i < n; i++) {
        all->scene.exposures[i].level = 0.0;
        all->scene.exposures[i].rotation = 1.0 * (double)i - 0.7;
        all->backgrounds[i].level = 10.0 + 3.0 * (double)(i * i % 5);
    }
}

/* A block of rows and columns. */
static inline void cells_block(cells_case *all, size_t side, int64_t size)
{
    cells_row(all, side * side, size, size);
    for (size_t i = 0; i < side * side; i++) {
        scene_exposure *e = &all->scene.exposures[i];
        e->ra = 150.0 - 0.6 * (double)size * e->scale * (double)(i % side);
        e->dec = 1.9 + 0.6 * (double)size * e->scale * (double)(i / side);
        all->backgrounds[i].slope[0] = 2.0 * sin((double)i);
        all->backgrounds[i].slope[1] = 2.0 * cos(2.0 * (double)i);
    }
}

static inline wk_overlaps *cells_find(cells_case *all)
{
    wk_overlaps *out = NULL;
    wk_error error = {WK_OK, "", ""};
    scene_open(&all->scene);
    if (wk_overlaps_find(&out, all->scene.fields, all->scene.count, NULL, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
    return out;
}

static inline wk_sky_cells *cells_measure(cells_case *all, wk_overlaps *overlaps,
                                          const wk_sky_cells_options *options)
{
    wk_sky_cells *cells = NULL;
    wk_error error = {WK_OK, "", ""};
    if (wk_sky_cells_measure(&cells, overlaps, cells_load, all, options, NULL, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
    if (wk_sky_cells_merge(cells, &error) != WK_OK)
        fail_msg("%s: %s", error.subject, error.message);
    return cells;
}

/* All shared cells together, for tests to look at and to change. */
typedef struct cells_all {
    int64_t count;
    int64_t start[100000];
    wk_sky_cell_value *values[200000];
} cells_all;

static inline wk_status cells_add_block(void *payload, const wk_sky_cell_block *block,
                                        wk_error *error)
{
    cells_all *all = payload;
    (void)error;
    for (int64_t c = 0; c < block->count; c++) {
        int64_t from = all->start[all->count];
        for (int32_t i = block->start[c]; i < block->start[c + 1]; i++)
            all->values[from++] = &block->values[i];
        all->start[++all->count] = from;
    }
    return WK_OK;
}

/* The pointers hold while the cells do, for so few are all in memory. */
static inline const cells_all *cells_look(const wk_sky_cells *cells)
{
    static cells_all all;
    assert_true(cells->count < 100000 && cells->values < 200000);
    all.count = 0;
    all.start[0] = 0;
    assert_int_equal(wk_sky_cells_visit(cells, cells_add_block, &all, 0, NULL), WK_OK);
    assert_int_equal(all.count, cells->count);
    assert_int_equal(all.start[all.count], cells->values);
    return &all;
}

static inline wk_sky_cells_options cells_options(int order)
{
    wk_sky_cells_options options = wk_sky_cells_options_default();
    options.order = order;
    return options;
}

/* Find, measure and match, to anchor mean. */
static inline wk_solution *cells_match(cells_case *all, const wk_sky_cells_options *options)
{
    wk_overlaps *overlaps = cells_find(all);
    wk_sky_cells *cells = cells_measure(all, overlaps, options);
    wk_match_options match = wk_match_options_default();
    wk_solution *out = NULL;
    wk_error error = {WK_OK, "", ""};
    match.method = WK_MATCH_MATCH;
    match.anchor = WK_ANCHOR_MEAN;
    if (wk_sky_cells_match(&out, cells, options, &match, NULL, &error) < 0)
        fail_msg("%s: %s", error.subject, error.message);
    wk_sky_cells_free(cells);
    wk_overlaps_free(overlaps);
    scene_close(&all->scene);
    return out;
}

#endif
