#include <string.h>

#include "memory.h"
#include "parallel.h"
#include "thumbnail.h"

enum { MOST_PLANES = 64 };

typedef struct flagging {
    wk_thumbnail *out;
    const wk_flag_rows *flags;
    int plane_of[MOST_PLANES]; /* of each bit; -1: not drawn */
    uint64_t wanted;
    size_t planes;
    uint64_t **rows;   /* [workers] one row of flags */
    uint32_t **counts; /* [workers] of each plane and column of the thumbnail */
    int64_t *flagged;  /* [lines][planes] */
} flagging;

static void count_row(uint32_t *counts, int64_t *flagged, const flagging *all, const uint64_t *row)
{
    int64_t binning = all->out->binning, width = all->out->width;
    for (int64_t x = 0; x < all->flags->width; x++) {
        uint64_t bits = row[x] & all->wanted;
        for (int bit; bits; bits &= bits - 1) {
            bit = __builtin_ctzll(bits);
            counts[all->plane_of[bit] * width + x / binning]++;
            flagged[all->plane_of[bit]]++;
        }
    }
}

/* A single flagged pixel in a large square must not vanish. */
static void share_out(const uint32_t *counts, const flagging *all, int64_t line, int64_t rows)
{
    wk_thumbnail *out = all->out;
    for (size_t plane = 0; plane < all->planes; plane++)
        for (int64_t x = 0; x < out->width; x++) {
            int64_t left = all->flags->width - x * out->binning;
            int64_t area = rows * (left < out->binning ? left : out->binning);
            int64_t count = (int64_t)counts[(int64_t)plane * out->width + x];
            int64_t place = ((int64_t)plane * out->height + line) * out->width + x;
            out->shares[place] = (uint8_t)((count * 255 + area - 1) / area);
        }
}

static wk_status flag_line(int64_t line, int worker, void *payload, int64_t *bytes, wk_error *error)
{
    flagging *all = payload;
    const wk_flag_rows *flags = all->flags;
    int64_t first = line * all->out->binning, end = first + all->out->binning;
    uint32_t *counts = all->counts[worker];
    wk_status status = WK_OK;
    end = end < flags->height ? end : flags->height;
    memset(counts, 0, all->planes * (size_t)all->out->width * sizeof *counts);
    for (int64_t y = first; status == WK_OK && y < end; y++) {
        status = flags->read(flags->payload, worker, y, 1, all->rows[worker], error);
        if (status == WK_OK)
            count_row(counts, all->flagged + line * (int64_t)all->planes, all, all->rows[worker]);
    }
    if (status == WK_OK)
        share_out(counts, all, line, end - first);
    *bytes = (end - first) * flags->width * 4;
    return status;
}

static wk_status make_rows(flagging *all, int workers, wk_error *error)
{
    size_t cells = all->planes * (size_t)all->out->width;
    all->rows = wk_memory_new((size_t)workers, sizeof *all->rows, error);
    all->counts = all->rows ? wk_memory_new((size_t)workers, sizeof *all->counts, error) : NULL;
    for (int worker = 0; all->counts && worker < workers; worker++) {
        all->rows[worker] = wk_memory_raw((size_t)all->flags->width, sizeof **all->rows, error);
        if (all->rows[worker])
            all->counts[worker] = wk_memory_raw(cells, sizeof **all->counts, error);
        if (!all->counts[worker])
            return WK_MEMORY;
    }
    return all->counts ? WK_OK : WK_MEMORY;
}

static void free_rows(flagging *all, int workers)
{
    for (int worker = 0; worker < workers; worker++) {
        if (all->rows)
            wk_memory_free(all->rows[worker]);
        if (all->counts)
            wk_memory_free(all->counts[worker]);
    }
    wk_memory_free(all->rows);
    wk_memory_free(all->counts);
    wk_memory_free(all->flagged);
}

static wk_status prepare(flagging *all, const wk_mask_plane *planes, wk_error *error)
{
    wk_thumbnail *out = all->out;
    size_t cells = (size_t)(out->width * out->height);
    for (int bit = 0; bit < MOST_PLANES; bit++)
        all->plane_of[bit] = -1;
    for (size_t k = 0; k < all->planes; k++) {
        all->plane_of[planes[k].bit] = (int)k;
        all->wanted |= (uint64_t)1 << planes[k].bit;
    }
    out->shares = wk_memory_new(all->planes * cells, 1, error);
    if (out->shares)
        out->flagged = wk_memory_new(all->planes, sizeof *out->flagged, error);
    if (out->flagged)
        all->flagged =
            wk_memory_new(all->planes * (size_t)out->height, sizeof *all->flagged, error);
    return all->flagged ? WK_OK : WK_MEMORY;
}

wk_status wk_thumbnail_flag(wk_thumbnail *thumbnail, const wk_flag_rows *flags,
                            const wk_mask_plane *planes, size_t plane_count,
                            const wk_context *context, wk_error *error)
{
    flagging all = {.out = thumbnail, .flags = flags, .planes = plane_count};
    wk_context own = context ? *context : (wk_context){0};
    int workers = wk_parallel_workers(thumbnail->height, &own);
    if (workers > flags->workers)
        own.threads = workers = flags->workers;
    wk_status status = prepare(&all, planes, error);
    if (status == WK_OK)
        status = make_rows(&all, workers, error);
    if (status == WK_OK)
        status = wk_parallel_for(thumbnail->height, "mask", flag_line, &all, &own, error);
    for (int64_t k = 0; status == WK_OK && k < thumbnail->height * (int64_t)plane_count; k++)
        thumbnail->flagged[k % (int64_t)plane_count] += all.flagged[k];
    free_rows(&all, workers);
    return status;
}
