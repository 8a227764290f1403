#include "background.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "parallel.h"
#include "source.h"
#include "status.h"

wk_status wk_background_new(wk_background **out, const wk_background_options *options,
                            wk_error *error)
{
    *out = wk_memory_new(1, sizeof **out, error);
    if (!*out)
        return WK_MEMORY;
    (*out)->options = *options;
    return WK_OK;
}

void wk_background_free(wk_background *background)
{
    if (!background)
        return;
    wk_cells_free(&background->grid);
    wk_measured_free(&background->measured);
    wk_memory_free(background->level);
    wk_memory_free(background->rms);
    wk_memory_free(background->weights);
    for (int plane = 0; plane < 2; plane++)
        wk_surface_free(background->surfaces[plane]);
    wk_memory_free(background);
}

static wk_status reserve(wk_background *b, wk_error *error)
{
    size_t cells = (size_t)(b->grid.nx * b->grid.ny);
    wk_status status = wk_measured_reserve(&b->measured, &b->grid, error);
    if (status != WK_OK)
        return status;
    b->level = wk_memory_raw(cells, sizeof *b->level, error);
    b->rms = b->level ? wk_memory_raw(cells, sizeof *b->rms, error) : NULL;
    b->weights = b->rms ? wk_memory_raw(cells, sizeof *b->weights, error) : NULL;
    return b->weights ? WK_OK : WK_MEMORY;
}

/* A worker's room while it looks for sources. */
typedef struct finder {
    float *level, *rms;
    size_t level_room, rms_room;
    wk_source_scratch scratch;
} finder;

typedef struct search {
    const wk_background *background;
    finder *finders;
    int workers;
} search;

static wk_status evaluate(float **out, size_t *room, const wk_background *b,
                          wk_background_plane plane, wk_rect rect, wk_error *error)
{
    size_t pixels = (size_t)(rect.width * rect.height);
    wk_status status = wk_memory_reserve((void **)out, room, pixels, sizeof **out, error);
    if (status != WK_OK)
        return status;
    wk_view view = {*out, rect.width, rect.height, rect.width};
    return wk_background_fill(b, plane, rect, view, error);
}

/* Cells are measured on what remains: slopes and curvature then neither widen the scatter of their
 * pixels nor turn masked parts into errors of the level. */
static wk_status mark_sources(void *payload, int worker, wk_rect rect, float *data, uint8_t *bad,
                              const float **model, wk_error *error)
{
    search *all = payload;
    finder *f = &all->finders[worker];
    wk_status status =
        evaluate(&f->level, &f->level_room, all->background, WK_BACKGROUND_LEVEL, rect, error);
    if (status == WK_OK)
        status = evaluate(&f->rms, &f->rms_room, all->background, WK_BACKGROUND_RMS, rect, error);
    if (status == WK_OK)
        status = wk_source_mark(bad, data, f->level, f->rms, rect.width, rect.height,
                                &all->background->options, WK_MESH_SOURCE, &f->scratch, error);
    for (int64_t i = 0; status == WK_OK && i < rect.width * rect.height; i++)
        data[i] -= f->level[i];
    *model = f->level;
    return status;
}

static wk_status measure_without_sources(wk_background *b, const wk_rows *rows,
                                         const wk_context *context, wk_error *error)
{
    search all = {.background = b, .workers = wk_mesh_workers(rows, context)};
    all.finders = wk_memory_new((size_t)all.workers, sizeof *all.finders, error);
    if (!all.finders)
        return WK_MEMORY;
    wk_mesh_mask mask = {wk_source_margin(&b->options), mark_sources, &all};
    wk_status status =
        wk_mesh_measure(&b->measured, &b->grid, rows, &b->options, &mask, context, error);
    for (int i = 0; i < all.workers; i++) {
        wk_memory_free(all.finders[i].level);
        wk_memory_free(all.finders[i].rms);
        wk_source_scratch_release(&all.finders[i].scratch);
    }
    wk_memory_free(all.finders);
    return status;
}

static wk_status fit(wk_background *b, const wk_rows *rows, const wk_context *context,
                     wk_error *error)
{
    wk_background_options *options = &b->options;
    int64_t size[2] = {rows->width, rows->height};
    /* as photutils has it: a box is never larger than the image */
    for (int axis = 0; axis < 2 && options->mesh == WK_MESH_PHOTUTILS; axis++)
        options->box[axis] = options->box[axis] < size[axis] ? options->box[axis] : size[axis];
    wk_status status =
        wk_cells_create(&b->grid, rows->width, rows->height, options->cells, options->box, error);
    if (status == WK_OK)
        status = reserve(b, error);
    if (status == WK_OK)
        status = wk_mesh_measure(&b->measured, &b->grid, rows, options, NULL, context, error);
    if (status == WK_OK)
        status = wk_background_build(b, error);
    for (int round = 0; status == WK_OK && round < options->mask_sources; round++) {
        status = measure_without_sources(b, rows, context, error);
        if (status == WK_OK)
            status = wk_background_build(b, error);
    }
    return status;
}

wk_status wk_background_fit(wk_background **out, const wk_rows *rows,
                            const wk_background_options *options, const wk_context *context,
                            wk_error *error)
{
    wk_background_options defaults = wk_background_options_default();
    wk_status status = wk_background_check(options, error);
    *out = NULL;
    if (status == WK_OK)
        status = wk_background_new(out, options ? options : &defaults, error);
    if (status == WK_OK)
        status = fit(*out, rows, context, error);
    if (status < 0) {
        wk_background_free(*out);
        *out = NULL;
    }
    return status;
}

static void take_cells(wk_background *b, const float *level, const float *error_of_level)
{
    size_t cells = (size_t)(b->grid.nx * b->grid.ny);
    memcpy(b->measured.level, level, cells * sizeof *level);
    for (size_t i = 0; i < cells; i++) {
        b->measured.error[i] = error_of_level ? error_of_level[i] : NAN;
        b->measured.rms[i] = NAN;
    }
}

wk_status wk_background_create(wk_background **out, int64_t width, int64_t height, int64_t nx,
                               int64_t ny, const float *level, const float *error_of_level,
                               const wk_background_options *options, wk_error *error)
{
    wk_background_options own = options ? *options : wk_background_options_default();
    own.cells = WK_CELLS_CEIL;
    own.mesh = WK_MESH_LSST;
    own.filter[0] = own.filter[1] = 1;
    if (own.interpolation == WK_INTERPOLATE_SMOOTH)
        own.interpolation = WK_INTERPOLATE_SPLINE;
    if (!error_of_level)
        own.weights = WK_CELL_WEIGHTS_NONE;
    *out = NULL;
    wk_status status = wk_background_check(&own, error);
    if (status == WK_OK)
        status = wk_background_new(out, &own, error);
    if (status == WK_OK)
        status = wk_cells_divide(&(*out)->grid, width, height, nx, ny, error);
    if (status == WK_OK)
        status = reserve(*out, error);
    if (status == WK_OK) {
        take_cells(*out, level, error_of_level);
        status = wk_background_build(*out, error);
    }
    if (status < 0) {
        wk_background_free(*out);
        *out = NULL;
    }
    return status;
}

wk_status wk_background_fill(const wk_background *background, wk_background_plane plane,
                             wk_rect rect, wk_view out, wk_error *error)
{
    const wk_surface *surface = background->surfaces[plane];
    const wk_cells *grid = &background->grid;
    if (rect.x < 0 || rect.y < 0 || rect.width < 0 || rect.height < 0 ||
        rect.x + rect.width > grid->width || rect.y + rect.height > grid->height)
        return wk_error_set(error, WK_ARGUMENT, "",
                            "the rectangle from (%lld, %lld) of %lld x %lld pixels is not within "
                            "the image of %lld x %lld",
                            (long long)rect.x, (long long)rect.y, (long long)rect.width,
                            (long long)rect.height, (long long)grid->width,
                            (long long)grid->height);
    double *room = wk_memory_raw(wk_surface_room(surface), sizeof *room, error);
    if (!room)
        return WK_MEMORY;
    for (int64_t y = 0; y < rect.height; y++)
        wk_surface_row(out.data + y * out.stride, surface, rect.y + y, rect.x, rect.width, room);
    wk_memory_free(room);
    return WK_OK;
}

const wk_mesh *wk_background_mesh(const wk_background *background)
{
    return &background->mesh;
}

const wk_background_options *wk_background_in_force(const wk_background *background)
{
    return &background->options;
}

void wk_background_size(const wk_background *background, int64_t *width, int64_t *height)
{
    *width = background->grid.width;
    *height = background->grid.height;
}
