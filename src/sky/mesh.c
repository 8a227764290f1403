#include "mesh.h"

#include <math.h>
#include <string.h>

#include "cell.h"
#include "memory.h"
#include "parallel.h"
#include "status.h"

enum {
    PIECE = 1 << 19,  /* pixels of a piece of work, if cells allow: some rows stay in the cache */
    SHARE = 16,       /* bytes of working memory for a pixel of it */
    SHARE_MASKED = 48 /* the same while sources are looked for */
};

static int64_t count_cells(int64_t size, int64_t box, wk_cell_rule rule)
{
    return rule == WK_CELLS_FLOOR_PLUS ? size / box + 1 : (size - 1) / box + 1;
}

static wk_status reserve(wk_cells *grid, int64_t width, int64_t height, int64_t nx, int64_t ny,
                         wk_error *error)
{
    int64_t cells;
    *grid = (wk_cells){.width = width, .height = height, .nx = nx, .ny = ny};
    if (width < 1 || height < 1 || nx < 1 || ny < 1 || __builtin_mul_overflow(nx, ny, &cells))
        return wk_error_set(error, WK_ARGUMENT, "",
                            "an image of %lld x %lld pixels cannot have %lld x %lld cells",
                            (long long)width, (long long)height, (long long)nx, (long long)ny);
    grid->x_edge = wk_memory_new((size_t)nx + 1, sizeof *grid->x_edge, error);
    grid->y_edge = grid->x_edge ? wk_memory_new((size_t)ny + 1, sizeof *grid->y_edge, error) : NULL;
    grid->x = grid->y_edge ? wk_memory_new((size_t)nx, sizeof *grid->x, error) : NULL;
    grid->y = grid->x ? wk_memory_new((size_t)ny, sizeof *grid->y, error) : NULL;
    if (grid->y)
        return WK_OK;
    wk_cells_free(grid);
    return WK_MEMORY;
}

/* fixed: the size of every cell but the last; 0: all of nearly equal size. */
static void divide(int64_t *edges, double *centers, int64_t size, int64_t count, int64_t fixed)
{
    for (int64_t i = 0; i < count; i++) {
        int64_t end = fixed > 0 ? (i + 1) * fixed : ((i + 1) * size + count / 2) / count;
        edges[i + 1] = end < size ? end : size;
        int64_t extent = fixed > 0 ? fixed : edges[i + 1] - edges[i];
        centers[i] = (double)edges[i] + 0.5 * (double)extent - 0.5;
    }
}

wk_status wk_cells_create(wk_cells *grid, int64_t width, int64_t height, wk_cell_rule rule,
                          const int64_t box[2], wk_error *error)
{
    int fixed = rule == WK_CELLS_FIXED;
    wk_status status = reserve(grid, width, height, count_cells(width, box[0], rule),
                               count_cells(height, box[1], rule), error);
    if (status != WK_OK)
        return status;
    divide(grid->x_edge, grid->x, width, grid->nx, fixed ? box[0] : 0);
    divide(grid->y_edge, grid->y, height, grid->ny, fixed ? box[1] : 0);
    return WK_OK;
}

wk_status wk_cells_divide(wk_cells *grid, int64_t width, int64_t height, int64_t nx, int64_t ny,
                          wk_error *error)
{
    wk_status status = reserve(grid, width, height, nx, ny, error);
    if (status != WK_OK)
        return status;
    divide(grid->x_edge, grid->x, width, nx, 0);
    divide(grid->y_edge, grid->y, height, ny, 0);
    return WK_OK;
}

void wk_cells_free(wk_cells *grid)
{
    wk_memory_free(grid->x_edge);
    wk_memory_free(grid->y_edge);
    wk_memory_free(grid->x);
    wk_memory_free(grid->y);
    *grid = (wk_cells){0};
}

wk_status wk_measured_reserve(wk_measured *measured, const wk_cells *grid, wk_error *error)
{
    size_t cells = (size_t)(grid->nx * grid->ny);
    *measured = (wk_measured){0};
    measured->level = wk_memory_new(cells, sizeof *measured->level, error);
    measured->error = measured->level ? wk_memory_new(cells, sizeof(float), error) : NULL;
    measured->rms = measured->error ? wk_memory_new(cells, sizeof(float), error) : NULL;
    measured->count = measured->rms ? wk_memory_new(cells, sizeof(int64_t), error) : NULL;
    if (measured->count)
        return WK_OK;
    wk_measured_free(measured);
    return WK_MEMORY;
}

void wk_measured_free(wk_measured *measured)
{
    wk_memory_free(measured->level);
    wk_memory_free(measured->error);
    wk_memory_free(measured->rms);
    wk_memory_free(measured->count);
    *measured = (wk_measured){0};
}

/* Buffers of one worker. */
typedef struct bench {
    float *data, *values;
    uint8_t *bad;
    const float *model; /* what was taken off data; NULL: nothing */
    size_t data_room, bad_room, values_room;
    wk_cell_scratch scratch;
} bench;

typedef struct job {
    const wk_cells *grid;
    const wk_rows *rows;
    const wk_background_options *options;
    const wk_mesh_mask *mask;
    wk_measured *out;
    bench *benches;
    int64_t columns;    /* of cells in a piece */
    int64_t pieces;     /* in a row of cells */
    int64_t (*sums)[3]; /* of each piece: good, masked, source pixels */
} job;

/* Copy the good pixels of a run; how many there were. */
static int64_t gather(float *restrict out, const float *restrict data, const uint8_t *restrict bad,
                      int64_t count)
{
    int64_t kept = 0, i = 0;
    for (; i + 16 <= count; i += 16) {
        uint64_t flags[2];
        memcpy(flags, bad + i, sizeof flags);
        if ((flags[0] | flags[1]) == 0) {
            memcpy(out + kept, data + i, 16 * sizeof *out);
            kept += 16;
            continue;
        }
        for (int64_t j = i; j < i + 16; j++) {
            out[kept] = data[j];
            kept += bad[j] == 0;
        }
    }
    for (; i < count; i++)
        if (bad[i] == 0)
            out[kept++] = data[i];
    return kept;
}

static int64_t count_sources(const uint8_t *bad, int64_t count)
{
    int64_t sources = 0;
    for (int64_t i = 0; i < count; i++)
        sources += bad[i] == WK_MESH_SOURCE;
    return sources;
}

/* Mean over a cell whose first pixel is model[0], in rows of from_width pixels. */
static double mean_of(const float *model, int64_t from_width, int64_t width, int64_t height)
{
    double sum = 0.0;
    for (int64_t row = 0; row < height; row++) {
        double here = 0.0;
        for (int64_t i = 0; i < width; i++)
            here += (double)model[row * from_width + i];
        sum += here;
    }
    return sum / (double)(width * height);
}

/* The pixels of a cell are at data[(y - from.y) * from.width + x - from.x]. */
static wk_status measure_cell(job *all, bench *b, wk_rect from, int64_t i, int64_t j,
                              int64_t sums[3], wk_error *error)
{
    const wk_cells *grid = all->grid;
    int64_t x = grid->x_edge[i], width = grid->x_edge[i + 1] - x;
    int64_t y = grid->y_edge[j], height = grid->y_edge[j + 1] - y;
    int64_t area = width * height, n = 0, sources = 0, at = j * grid->nx + i;
    for (int64_t row = 0; row < height; row++) {
        int64_t start = (y + row - from.y) * from.width + x - from.x;
        n += gather(b->values + n, b->data + start, b->bad + start, width);
        if (all->mask)
            sources += count_sources(b->bad + start, width);
    }
    sums[0] += n + sources;
    sums[1] += area - n - sources;
    sums[2] += sources;
    if (all->options->mesh == WK_MESH_PHOTUTILS)
        area = all->options->box[0] * all->options->box[1];
    wk_cell cell;
    wk_status status = wk_cell_measure(&cell, b->values, n, area, all->options, &b->scratch, error);
    if (b->model && status == WK_OK && isfinite(cell.level))
        cell.level +=
            mean_of(b->model + (y - from.y) * from.width + x - from.x, from.width, width, height);
    all->out->level[at] = (float)cell.level;
    all->out->error[at] = (float)cell.error;
    all->out->rms[at] = (float)cell.rms;
    all->out->count[at] = cell.count;
    return status;
}

static wk_rect widened(wk_rect rect, int64_t margin, const wk_cells *grid)
{
    int64_t x0 = rect.x > margin ? rect.x - margin : 0, y0 = rect.y > margin ? rect.y - margin : 0;
    int64_t x1 = rect.x + rect.width + margin, y1 = rect.y + rect.height + margin;
    x1 = x1 < grid->width ? x1 : grid->width;
    y1 = y1 < grid->height ? y1 : grid->height;
    return (wk_rect){x0, y0, x1 - x0, y1 - y0};
}

/* Bad pixels of kinds that do not matter here become good; NaN never does. */
static void forgive(uint8_t *bad, uint8_t kinds, int64_t count)
{
    uint8_t left = (uint8_t) ~(kinds & ~(unsigned)WK_BAD_VALUE);
    for (int64_t i = 0; i < count; i++)
        bad[i] &= left;
}

static wk_status read_piece(job *all, bench *b, wk_rect rect, int worker, wk_error *error)
{
    size_t pixels = (size_t)(rect.width * rect.height);
    wk_status status =
        wk_memory_reserve((void **)&b->data, &b->data_room, pixels, sizeof *b->data, error);
    if (status == WK_OK)
        status = wk_memory_reserve((void **)&b->bad, &b->bad_room, pixels, 1, error);
    if (status == WK_OK)
        status = all->rows->read(all->rows->payload, worker, rect, b->data, b->bad, NULL, error);
    if (status == WK_OK && all->options->ignore)
        forgive(b->bad, all->options->ignore, (int64_t)pixels);
    b->model = NULL;
    if (status == WK_OK && all->mask)
        status =
            all->mask->mark(all->mask->payload, worker, rect, b->data, b->bad, &b->model, error);
    return status;
}

static wk_status measure_piece(int64_t index, int worker, void *payload, int64_t *bytes,
                               wk_error *error)
{
    job *all = payload;
    bench *b = &all->benches[worker];
    const wk_cells *grid = all->grid;
    int64_t j = index / all->pieces, first = index % all->pieces * all->columns;
    int64_t end = first + all->columns < grid->nx ? first + all->columns : grid->nx;
    wk_rect rect = {grid->x_edge[first], grid->y_edge[j], grid->x_edge[end] - grid->x_edge[first],
                    grid->y_edge[j + 1] - grid->y_edge[j]};
    rect = widened(rect, all->mask ? all->mask->margin : 0, grid);
    wk_status status = read_piece(all, b, rect, worker, error);
    int64_t most = 0;
    for (int64_t i = first; i < end; i++) {
        int64_t width = grid->x_edge[i + 1] - grid->x_edge[i];
        most = width > most ? width : most;
    }
    if (status == WK_OK)
        status = wk_memory_reserve((void **)&b->values, &b->values_room,
                                   (size_t)(most * rect.height), sizeof *b->values, error);
    for (int64_t i = first; status == WK_OK && i < end; i++)
        status = measure_cell(all, b, rect, i, j, all->sums[index], error);
    *bytes = rect.width * rect.height * (int64_t)sizeof(float);
    return status;
}

static int64_t largest(const int64_t *edges, int64_t count)
{
    int64_t most = 0;
    for (int64_t i = 0; i < count; i++)
        most = edges[i + 1] - edges[i] > most ? edges[i + 1] - edges[i] : most;
    return most;
}

/* How many columns of cells a piece has, so that the workers' pieces fit into the memory. */
static wk_status choose_columns(job *all, int workers, const wk_context *context, wk_error *error)
{
    const wk_cells *grid = all->grid;
    size_t memory = context && context->memory > 0 ? context->memory : (size_t)1 << 30;
    int64_t margin = all->mask ? 2 * all->mask->margin : 0;
    int64_t width = largest(grid->x_edge, grid->nx), height = largest(grid->y_edge, grid->ny);
    int share = all->mask ? SHARE_MASKED : SHARE;
    double most = (double)memory / (double)workers / share, room = most < PIECE ? most : PIECE;
    double columns = (room / (double)(height + margin) - (double)margin) / (double)width;
    all->columns = columns < 1.0 ? 1 : columns > (double)grid->nx ? grid->nx : (int64_t)columns;
    all->pieces = (grid->nx + all->columns - 1) / all->columns;
    double least = (double)(width + margin) * (double)(height + margin);
    if (least > (double)memory / share)
        return wk_error_set(error, WK_MEMORY, "",
                            "one cell of %lld x %lld pixels needs %.0f MB, %.0f MB are allowed",
                            (long long)width, (long long)height, least * share / 1e6,
                            (double)memory / 1e6);
    return WK_OK;
}

int wk_mesh_workers(const wk_rows *rows, const wk_context *context)
{
    return wk_parallel_workers(rows->workers, context);
}

/* As many workers as the rows allow, and as cells fit into the memory for. */
static wk_context limit_workers(const wk_cells *grid, const wk_rows *rows, const wk_mesh_mask *mask,
                                const wk_context *context)
{
    wk_context limited = context ? *context : (wk_context){0};
    size_t memory = limited.memory > 0 ? limited.memory : (size_t)1 << 30;
    int64_t margin = mask ? 2 * mask->margin : 0;
    double cell = (double)(largest(grid->x_edge, grid->nx) + margin) *
                  (double)(largest(grid->y_edge, grid->ny) + margin);
    double most = (double)memory / (mask ? SHARE_MASKED : SHARE) / cell;
    limited.threads = wk_mesh_workers(rows, context);
    if (most < (double)limited.threads)
        limited.threads = most > 1.0 ? (int)most : 1;
    return limited;
}

static void release(job *all, int workers)
{
    for (int i = 0; all->benches && i < workers; i++) {
        wk_memory_free(all->benches[i].data);
        wk_memory_free(all->benches[i].values);
        wk_memory_free(all->benches[i].bad);
        wk_cell_scratch_release(&all->benches[i].scratch);
    }
    wk_memory_free(all->benches);
    wk_memory_free(all->sums);
}

wk_status wk_mesh_measure(wk_measured *out, const wk_cells *grid, const wk_rows *rows,
                          const wk_background_options *options, const wk_mesh_mask *mask,
                          const wk_context *context, wk_error *error)
{
    job all = {.grid = grid, .rows = rows, .options = options, .mask = mask, .out = out};
    wk_context limited = limit_workers(grid, rows, mask, context);
    wk_status status = choose_columns(&all, limited.threads, context, error);
    if (status != WK_OK)
        return status;
    int64_t count = all.pieces * grid->ny;
    all.benches = wk_memory_new((size_t)limited.threads, sizeof *all.benches, error);
    all.sums = all.benches ? wk_memory_new((size_t)count, sizeof *all.sums, error) : NULL;
    status = all.sums ? wk_parallel_for(count, "measure", measure_piece, &all, &limited, error)
                      : WK_MEMORY;
    out->good = out->masked = out->sources = 0;
    for (int64_t i = 0; status == WK_OK && i < count; i++) {
        out->good += all.sums[i][0];
        out->masked += all.sums[i][1];
        out->sources += all.sums[i][2];
    }
    release(&all, limited.threads);
    return status;
}
