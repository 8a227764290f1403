#include <math.h>

#include "memory.h"
#include "offset.h"
#include "parallel.h"
#include "status.h"

/* What one worker holds: its walk, this row and the next, and sums by block. */
typedef struct desk {
    wk_offset_walk *walk;
    double *x[2], *y[2];
    double *sum[2];
    int64_t *known[2];
} desk;

typedef struct survey {
    const wk_offset *offset;
    int64_t nx, ny;
    float *x, *y, *jump;
    desk *desks;
} survey;

static wk_status make_desk(desk *d, const survey *s, wk_error *error)
{
    const size_t n = (size_t)s->offset->facts.width, nx = (size_t)s->nx;
    int good = 1;
    for (int i = 0; i < 2 && good; i++) {
        d->x[i] = wk_memory_raw(n, sizeof(double), error);
        d->y[i] = wk_memory_raw(n, sizeof(double), error);
        d->sum[i] = wk_memory_raw(nx, sizeof(double), error);
        d->known[i] = wk_memory_raw(nx, sizeof(int64_t), error);
        good = d->x[i] && d->y[i] && d->sum[i] && d->known[i];
    }
    return good ? wk_offset_walk_open(&d->walk, s->offset, error) : WK_MEMORY;
}

static void free_desk(desk *d)
{
    wk_offset_walk_close(d->walk);
    for (int i = 0; i < 2; i++) {
        wk_memory_free(d->x[i]);
        wk_memory_free(d->y[i]);
        wk_memory_free(d->sum[i]);
        wk_memory_free(d->known[i]);
    }
}

/* In two parts, since the product of width and block may need more than 63 bits. */
static int64_t edge(int64_t block, int64_t size, int64_t blocks)
{
    return block * (size / blocks) + block * (size % blocks) / blocks;
}

static void add_row(desk *d, const survey *s, const double *values, int axis)
{
    for (int64_t b = 0; b < s->nx; b++)
        for (int64_t i = edge(b, s->offset->facts.width, s->nx);
             i < edge(b + 1, s->offset->facts.width, s->nx); i++)
            if (!isnan(values[i])) {
                d->sum[axis][b] += values[i];
                d->known[axis][b]++;
            }
}

/* Differences of a row to its right and, unless it is the last, to the upper one. */
static void add_jumps(float *jump, const survey *s, const double *row, const double *above)
{
    const int64_t width = s->offset->facts.width;
    for (int64_t b = 0; b < s->nx; b++) {
        double most = jump[b];
        for (int64_t i = edge(b, width, s->nx); i < edge(b + 1, width, s->nx); i++) {
            if (i + 1 < width && fabs(row[i + 1] - row[i]) > most)
                most = fabs(row[i + 1] - row[i]);
            if (above && fabs(above[i] - row[i]) > most)
                most = fabs(above[i] - row[i]);
        }
        jump[b] = (float)most;
    }
}

static wk_status evaluate(desk *d, int64_t row, wk_error *error)
{
    wk_offset_planes planes = {.x = d->x[row % 2], .y = d->y[row % 2]};
    return wk_offset_walk_row(&planes, d->walk, row, error);
}

static wk_status survey_blocks(int64_t index, int worker, void *payload, int64_t *bytes,
                               wk_error *error)
{
    survey *s = payload;
    desk *d = &s->desks[worker];
    const int64_t height = s->offset->facts.height;
    const int64_t first = edge(index, height, s->ny), end = edge(index + 1, height, s->ny);
    float *jump = s->jump + index * s->nx;
    wk_status status = d->walk ? WK_OK : make_desk(d, s, error);
    for (int64_t b = 0; status == WK_OK && b < s->nx; b++) {
        jump[b] = 0;
        for (int axis = 0; axis < 2; axis++) {
            d->sum[axis][b] = 0;
            d->known[axis][b] = 0;
        }
    }
    if (status == WK_OK)
        status = evaluate(d, first, error);
    for (int64_t row = first; row < end && status == WK_OK; row++) {
        const int at = (int)(row % 2), last = row + 1 == height;
        if (!last)
            status = evaluate(d, row + 1, error);
        add_row(d, s, d->x[at], 0);
        add_row(d, s, d->y[at], 1);
        add_jumps(jump, s, d->x[at], last ? NULL : d->x[1 - at]);
        add_jumps(jump, s, d->y[at], last ? NULL : d->y[1 - at]);
    }
    for (int64_t b = 0; status == WK_OK && b < s->nx; b++) {
        s->x[index * s->nx + b] = (float)(d->sum[0][b] / (double)d->known[0][b]);
        s->y[index * s->nx + b] = (float)(d->sum[1][b] / (double)d->known[1][b]);
    }
    *bytes += (end - first) * s->offset->facts.width * (int64_t)sizeof(double);
    return status;
}

wk_status wk_offset_blocks(float *x, float *y, float *jump, const wk_offset *offset, int64_t nx,
                           int64_t ny, const wk_context *context, wk_error *error)
{
    survey s = {offset, nx, ny, x, y, jump, NULL};
    if (nx < 1 || ny < 1 || nx > offset->facts.width || ny > offset->facts.height)
        return wk_error_set(error, WK_ARGUMENT, "", "%lld x %lld blocks of %lld x %lld pixels",
                            (long long)nx, (long long)ny, (long long)offset->facts.width,
                            (long long)offset->facts.height);
    const int workers = wk_parallel_workers(ny, context);
    s.desks = wk_memory_new((size_t)workers, sizeof *s.desks, error);
    if (!s.desks)
        return WK_MEMORY;
    wk_status status = wk_parallel_for(ny, "survey", survey_blocks, &s, context, error);
    for (int i = 0; i < workers; i++)
        free_desk(&s.desks[i]);
    wk_memory_free(s.desks);
    return status;
}
