#include "correlation.h"

#include <math.h>
#include <string.h>

#include "fourier.h"
#include "memory.h"
#include "parallel.h"

/* Pieces of this size are still in the outer caches, and their margins are few. */
enum { PIECE = 512, PIECE_MOST = 2048 };

/* Results that may be held until they are added up. */
static const int64_t HELD = 1 << 23;

/* First pixels of pairs: a rectangle within one block. */
typedef struct piece {
    int64_t x, y, width, height, block;
    double *product; /* [half] */
    int64_t *pairs;
} piece;

/* Room of one worker. */
typedef struct desk {
    double *inner_re, *inner_im; /* first pixels: residuals and marks */
    double *outer_re, *outer_im; /* second pixels: L more on three sides */
    double *room;
    uint64_t *marks;
} desk;

typedef struct transform {
    const wk_correlation_field *field;
    const wk_correlation_sums *sums;
    const wk_fourier *plan;
    int64_t rows, columns;
    piece *pieces;
    desk *desks;
} transform;

static int64_t piece_size(int64_t lag)
{
    int64_t size = 4 * lag > PIECE ? 4 * lag : PIECE;
    return size < PIECE_MOST ? size : PIECE_MOST;
}

/* How the image is cut: parts of each block in x and y, and the transform that the largest fits. */
typedef struct grid {
    int64_t parts[2], count, rows, columns;
} grid;

/* One axis; returns the length of the longest part. */
static int64_t cut(int64_t *parts, int64_t length, int64_t blocks, int64_t size)
{
    int64_t block = (length + blocks - 1) / blocks;
    *parts = (block + size - 1) / size;
    return (block + *parts - 1) / *parts;
}

static grid grid_make(const wk_correlation_sums *sums, const wk_samples *samples)
{
    grid made;
    int64_t lag = sums->lag, size = piece_size(lag);
    int64_t width = cut(&made.parts[0], samples->width, sums->blocks[0], size);
    int64_t height = cut(&made.parts[1], samples->height, sums->blocks[1], size);
    made.count = sums->blocks[0] * sums->blocks[1] * made.parts[0] * made.parts[1];
    made.columns = wk_fourier_size(width + 2 * lag);
    made.rows = wk_fourier_size(height + lag);
    return made;
}

static void fill_plane(double *re, double *im, int64_t stride, desk *own,
                       const wk_correlation_field *field, wk_rect of)
{
    for (int64_t y = 0; y < of.height; y++) {
        wk_correlation_row(re + y * stride, own->marks, field, of.y + y, of.x, of.width);
        for (int64_t x = 0; x < of.width; x++)
            im[y * stride + x] = (double)(own->marks[x / 64] >> (x % 64) & 1);
    }
}

/* Both planes of the second pixels, and a copy of the first pixels alone. */
static void fill(const transform *all, desk *own, const piece *of)
{
    int64_t lag = all->sums->lag, stride = wk_fourier_stride(all->plan);
    const wk_samples *from = all->field->samples;
    size_t bytes = wk_fourier_plane(all->plan) * sizeof(double);
    memset(own->inner_re, 0, bytes);
    memset(own->inner_im, 0, bytes);
    memset(own->outer_re, 0, bytes);
    memset(own->outer_im, 0, bytes);
    wk_rect wide = {of->x < lag ? 0 : of->x - lag, of->y, 0, 0};
    int64_t right = of->x + of->width + lag, bottom = of->y + of->height + lag;
    wide.width = (right < from->width ? right : from->width) - wide.x;
    wide.height = (bottom < from->height ? bottom : from->height) - wide.y;
    int64_t shift = wide.x - (of->x - lag);
    fill_plane(own->outer_re + shift, own->outer_im + shift, stride, own, all->field, wide);
    for (int64_t y = 0; y < of->height; y++) {
        size_t row = (size_t)of->width * sizeof(double);
        memcpy(own->inner_re + y * stride + lag, own->outer_re + y * stride + lag, row);
        memcpy(own->inner_im + y * stride + lag, own->outer_im + y * stride + lag, row);
    }
}

/* Lags are places of the circular correlation, negative columns at its end.  Pairs are whole. */
static void collect(const transform *all, const desk *own, const piece *to)
{
    int64_t lag = all->sums->lag, stride = wk_fourier_stride(all->plan);
    double norm = 1.0 / ((double)all->rows * (double)all->columns);
    for (int64_t dy = 0; dy <= lag; dy++)
        for (int64_t dx = dy == 0 ? 0 : -lag; dx <= lag; dx++) {
            int64_t at = wk_correlation_index(lag, dy, dx);
            int64_t place = dy * stride + (dx < 0 ? all->columns + dx : dx);
            to->product[at] = own->inner_re[place] * norm;
            to->pairs[at] = llrint(own->inner_im[place] * norm);
        }
}

static wk_status add_piece(int64_t index, int worker, void *payload, int64_t *bytes,
                           wk_error *error)
{
    (void)error;
    const transform *all = payload;
    const piece *of = &all->pieces[index];
    desk *own = &all->desks[worker];
    int64_t lag = all->sums->lag;
    fill(all, own, of);
    wk_fourier_forward(all->plan, own->inner_re, own->inner_im, of->height, own->room);
    wk_fourier_forward(all->plan, own->outer_re, own->outer_im, of->height + lag, own->room);
    wk_fourier_correlate(all->plan, own->inner_re, own->inner_im, own->outer_re, own->outer_im);
    wk_fourier_inverse(all->plan, own->inner_re, own->inner_im, lag + 1, own->room);
    collect(all, own, of);
    *bytes = of->width * of->height * (int64_t)sizeof(float);
    return WK_OK;
}

static void desks_free(desk *desks, int workers)
{
    for (int i = 0; desks && i < workers; i++) {
        wk_memory_free(desks[i].inner_re);
        wk_memory_free(desks[i].inner_im);
        wk_memory_free(desks[i].outer_re);
        wk_memory_free(desks[i].outer_im);
        wk_memory_free(desks[i].room);
        wk_memory_free(desks[i].marks);
    }
    wk_memory_free(desks);
}

static desk *desks_make(const transform *all, int workers, wk_error *error)
{
    size_t plane = wk_fourier_plane(all->plan), room = wk_fourier_room(all->plan);
    desk *desks = wk_memory_new((size_t)workers, sizeof *desks, error);
    for (int i = 0; desks && i < workers; i++) {
        desk *own = &desks[i];
        own->inner_re = wk_memory_raw(plane, sizeof(double), error);
        own->inner_im = wk_memory_raw(plane, sizeof(double), error);
        own->outer_re = wk_memory_raw(plane, sizeof(double), error);
        own->outer_im = wk_memory_raw(plane, sizeof(double), error);
        own->room = wk_memory_raw(room, sizeof(double), error);
        own->marks = wk_memory_raw((size_t)all->columns / 64 + 1, sizeof(uint64_t), error);
        if (!own->inner_re || !own->inner_im || !own->outer_re || !own->outer_im || !own->room ||
            !own->marks) {
            desks_free(desks, workers);
            return NULL;
        }
    }
    return desks;
}

/* Pieces of the image, block by block; every part of a block is about the same size. */
static void divide(piece *pieces, const wk_correlation_sums *sums, const wk_samples *samples,
                   const grid *cuts)
{
    int64_t count = 0, parts_x = cuts->parts[0], parts_y = cuts->parts[1];
    for (int64_t i = 0; i < sums->blocks[0] * sums->blocks[1]; i++) {
        int64_t bx = i % sums->blocks[0], by = i / sums->blocks[0];
        int64_t left = wk_correlation_edge(samples->width, sums->blocks[0], bx);
        int64_t width = wk_correlation_edge(samples->width, sums->blocks[0], bx + 1) - left;
        int64_t top = wk_correlation_edge(samples->height, sums->blocks[1], by);
        int64_t height = wk_correlation_edge(samples->height, sums->blocks[1], by + 1) - top;
        for (int64_t k = 0; k < parts_x * parts_y; k++, count++) {
            int64_t x = wk_correlation_edge(width, parts_x, k % parts_x);
            int64_t y = wk_correlation_edge(height, parts_y, k / parts_x);
            piece made = {left + x, top + y, 0, 0, i, NULL, NULL};
            made.width = wk_correlation_edge(width, parts_x, k % parts_x + 1) - x;
            made.height = wk_correlation_edge(height, parts_y, k / parts_x + 1) - y;
            pieces[count] = made;
        }
    }
}

/* Lend the pieces room for their results, work, and add the results in order. */
static wk_status add_wave(const transform *all, wk_correlation_sums *sums, int64_t first,
                          int64_t count, double *product, int64_t *pairs, const wk_context *context,
                          wk_error *error)
{
    transform wave = *all;
    wave.pieces += first;
    for (int64_t i = 0; i < count; i++) {
        wave.pieces[i].product = product + i * sums->half;
        wave.pieces[i].pairs = pairs + i * sums->half;
    }
    wk_status status = wk_parallel_for(count, "correlate", add_piece, &wave, context, error);
    double unit = 1.0 / (all->field->scale * all->field->scale);
    for (int64_t i = 0; i < count && status == WK_OK; i++) {
        double *into = sums->product + wave.pieces[i].block * sums->half;
        int64_t *counts = sums->pairs + wave.pieces[i].block * sums->half;
        for (int64_t k = 0; k < sums->half; k++) {
            into[k] += wave.pieces[i].pairs[k] ? wave.pieces[i].product[k] * unit : 0.0;
            counts[k] += wave.pieces[i].pairs[k];
        }
    }
    return status;
}

static wk_status add_waves(const transform *all, wk_correlation_sums *sums, int64_t count,
                           const wk_context *context, wk_error *error)
{
    int64_t half = sums->half, most = HELD / half > 4 ? HELD / half : 4;
    most = most < count ? most : count;
    double *product = wk_memory_raw((size_t)(most * half), sizeof *product, error);
    int64_t *pairs = wk_memory_raw((size_t)(most * half), sizeof *pairs, error);
    wk_status status = product && pairs ? WK_OK : WK_MEMORY;
    for (int64_t i = 0; i < count && status == WK_OK; i += most)
        status = add_wave(all, sums, i, count - i < most ? count - i : most, product, pairs,
                          context, error);
    wk_memory_free(product);
    wk_memory_free(pairs);
    return status;
}

/* Residuals about as large as marks, by a power of two: rounding errors of one plane reach the
 * other. */
static wk_correlation_field scaled(const wk_correlation_field *field)
{
    wk_correlation_field made = *field;
    double size = sqrt(field->square);
    if (size > 0.0 && isfinite(size))
        made.scale = ldexp(1.0, -ilogb(size));
    return made;
}

/* As many workers as the context's memory has desks for, at least one. */
static int desks_possible(const wk_fourier *plan, int64_t count, const wk_context *context)
{
    int workers = wk_parallel_workers(count, context);
    double budget = context && context->memory > 0 ? (double)context->memory : 1073741824.0;
    double most = budget / (32.0 * (double)wk_fourier_plane(plan));
    return most < workers ? (most < 1.0 ? 1 : (int)most) : workers;
}

wk_status wk_correlation_fourier(wk_correlation_sums *sums, const wk_correlation_field *field,
                                 const wk_context *context, wk_error *error)
{
    wk_correlation_field of = scaled(field);
    grid cuts = grid_make(sums, field->samples);
    int64_t count = cuts.count;
    transform all = {.field = &of, .sums = sums, .rows = cuts.rows, .columns = cuts.columns};
    wk_fourier *plan = NULL;
    wk_status status = wk_fourier_create(&plan, all.rows, all.columns, error);
    if (status != WK_OK)
        return status;
    wk_context own = {0};
    if (context)
        own = *context;
    own.threads = desks_possible(plan, count, context);
    all.plan = plan;
    all.pieces = wk_memory_new((size_t)count, sizeof *all.pieces, error);
    all.desks = desks_make(&all, own.threads, error);
    status = all.pieces && all.desks ? WK_OK : WK_MEMORY;
    if (status == WK_OK) {
        divide(all.pieces, sums, field->samples, &cuts);
        status = add_waves(&all, sums, count, &own, error);
    }
    desks_free(all.desks, own.threads);
    wk_memory_free(all.pieces);
    wk_fourier_free(plan);
    return status;
}

double wk_correlation_fourier_cost(const wk_correlation_sums *sums, const wk_samples *samples)
{
    grid cuts = grid_make(sums, samples);
    double size = (double)cuts.rows * (double)cuts.columns;
    return (double)cuts.count * size * (5e-9 + 0.8e-9 * log2(size));
}
