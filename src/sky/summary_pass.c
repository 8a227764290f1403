#include "summary_pass.h"

#include <string.h>

#include "memory.h"
#include "moment.h"
#include "parallel.h"

WK_INLINE void widen_body(double *restrict out, const float *restrict from, int n)
{
    for (int i = 0; i < n; i++)
        out[i] = (double)from[i];
}

WK_WIDE static void widen_wide(double *out, const float *from, int n)
{
    widen_body(out, from, n);
}

static void widen(double *out, const float *from, int n)
{
    if (wk_wide_usable())
        widen_wide(out, from, n);
    else
        widen_body(out, from, n);
}

static void take_off(double *restrict out, const wk_summary_image *image, int64_t first, int n)
{
    for (int i = 0; i < n; i++)
        out[i] -=
            image->minus_wide ? image->minus_wide[first + i] : (double)image->minus[first + i];
}

const double *wk_summary_fetch(const wk_summary_image *image, int64_t block, int *n, double *room)
{
    int64_t first = block * WK_SUMMARY_BLOCK, left = image->n - first;
    *n = left < WK_SUMMARY_BLOCK ? (int)left : WK_SUMMARY_BLOCK;
    int less = image->minus || image->minus_wide;
    if (image->wide && !less)
        return image->wide + first;
    if (image->wide)
        memcpy(room, image->wide + first, (size_t)*n * sizeof *room);
    else
        widen(room, image->data + first, *n);
    if (less)
        take_off(room, image, first, *n);
    return room;
}

/* Why a pixel is bad, but for its value, which says enough itself. */
WK_INLINE int is_masked(const uint8_t *bad, int n)
{
    unsigned any = 0;
    for (int i = 0; i < n; i++)
        any |= bad[i];
    return (any & ~(unsigned)WK_BAD_VALUE) != 0;
}

enum { PIECE = 16 };

/* Good ones stay in order, masked ones go aside; pieces without any are the most. */
static void part_block(wk_summary_block *block, double *room, const double *values,
                       const uint8_t *bad, int n)
{
    double *good = room, *masked = room + WK_SUMMARY_BLOCK;
    for (int i = 0; i < n; i += PIECE) {
        int size = n - i < PIECE ? n - i : PIECE;
        if (size == PIECE && !is_masked(bad + i, PIECE)) {
            memcpy(good, values + i, PIECE * sizeof *good);
            good += PIECE;
            continue;
        }
        for (int k = i; k < i + size; k++) {
            int out = (bad[k] & ~WK_BAD_VALUE) != 0;
            *good = *masked = values[k];
            good += !out;
            masked += out;
        }
    }
    block->good = room;
    block->good_count = (int)(good - room);
    block->masked = room + WK_SUMMARY_BLOCK;
    block->masked_count = (int)(masked - block->masked);
}

typedef struct pass {
    const wk_summary_source *source;
    int judge;
    wk_summary_body body;
    void *payload;
    double *room; /* [workers][3] blocks, and one value more for each */
} pass;

enum { ROOM = 3 * WK_SUMMARY_BLOCK + PIECE };

static wk_status run_block(const pass *p, const wk_summary_image *image, int64_t index, int worker,
                           int64_t strip, wk_error *error)
{
    double *room = p->room + (size_t)worker * ROOM;
    wk_summary_block block = {.worker = worker, .strip = strip};
    block.good = wk_summary_fetch(image, index, &block.good_count, room);
    const uint8_t *bad = p->judge && image->bad ? image->bad + index * WK_SUMMARY_BLOCK : NULL;
    if (bad && is_masked(bad, block.good_count))
        part_block(&block, room + WK_SUMMARY_BLOCK, block.good, bad, block.good_count);
    return p->body(p->payload, &block, error);
}

static wk_status run_strip(int64_t index, int worker, void *payload, int64_t *bytes,
                           wk_error *error)
{
    const pass *p = payload;
    const wk_summary_source *source = p->source;
    int64_t first = index * source->strip, left = source->n - first;
    wk_summary_image image;
    wk_status status =
        source->read(source->payload, worker, first, left < source->strip ? left : source->strip,
                     p->judge, &image, error);
    for (int64_t block = 0; status == WK_OK && block * WK_SUMMARY_BLOCK < image.n; block++)
        status = run_block(p, &image, block, worker, index, error);
    *bytes += (int64_t)sizeof(float) * (left < source->strip ? left : source->strip);
    return status;
}

int wk_summary_pass_workers(const wk_summary_source *source, const wk_context *context)
{
    int workers = wk_parallel_workers(source->strips, context);
    return workers < source->workers ? workers : source->workers;
}

wk_status wk_summary_pass(const wk_summary_source *source, int judge, wk_summary_body body,
                          void *payload, const wk_context *context, wk_error *error)
{
    wk_context limited = context ? *context : (wk_context){0};
    limited.threads = wk_summary_pass_workers(source, context);
    pass p = {source, judge && source->masked, body, payload,
              wk_memory_raw((size_t)limited.threads * ROOM, sizeof *p.room, error)};
    if (!p.room)
        return WK_MEMORY;
    wk_status status = wk_parallel_for(source->strips, "measure", run_strip, &p, &limited, error);
    wk_memory_free(p.room);
    return status;
}
