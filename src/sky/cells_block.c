/* Shared cells lie in blocks, of which one is looked at at a time. */
#include "cells.h"
#include "memory.h"
#include "parallel.h"

typedef struct head {
    int64_t cells, values;
} head;

size_t wk_sky_cell_block_size(int64_t cells, int64_t values)
{
    return sizeof(head) + (size_t)cells * (2 * sizeof(double) + sizeof(int64_t)) +
           (size_t)values * sizeof(wk_sky_cell_value) + (size_t)(cells + 1) * sizeof(int32_t);
}

static void point_into(wk_sky_cell_block *block, void *bytes)
{
    const head *own = bytes;
    block->count = own->cells;
    block->sky = (double *)(void *)((char *)bytes + sizeof *own);
    block->shift = block->sky + own->cells;
    block->key = (const int64_t *)(block->shift + own->cells);
    block->values = (wk_sky_cell_value *)(block->key + own->cells);
    block->start = (const int32_t *)(block->values + own->values);
}

void wk_sky_cell_block_lay(wk_sky_cell_block *block, void *bytes, int64_t cells, int64_t values)
{
    *(head *)bytes = (head){cells, values};
    point_into(block, bytes);
}

/* A block in memory is looked at where it lies. */
static wk_status visit_one(const wk_sky_cells *cells, const wk_spool_entry *entry, void *buffer,
                           wk_sky_cell_visit visit, void *payload, int changes, wk_error *error)
{
    wk_sky_cell_block block;
    void *bytes = entry->memory ? entry->memory : buffer;
    wk_status status =
        entry->memory ? WK_OK : wk_spool_read(buffer, cells->shared, entry, 0, entry->size, error);
    if (status < 0)
        return status;
    point_into(&block, bytes);
    status = visit(payload, &block, error);
    if (status == WK_OK && changes && !entry->memory)
        status = wk_spool_replace(cells->shared, entry, bytes, error);
    return status;
}

typedef struct visiting {
    const wk_sky_cells *cells;
    wk_sky_cell_visit visit;
    void *const *payloads;
    int64_t parts;
    size_t largest; /* block that must be read */
    int changes;
} visiting;

/* The blocks of a part follow each other. */
static wk_status visit_part(int64_t part, int worker, void *payload, int64_t *bytes,
                            wk_error *error)
{
    const visiting *all = payload;
    int64_t blocks = all->cells->block_count, stop = (part + 1) * blocks / all->parts;
    (void)worker;
    (void)bytes;
    void *buffer = wk_memory_raw(all->largest, 1, error);
    wk_status status = buffer ? WK_OK : WK_MEMORY;
    for (int64_t i = part * blocks / all->parts; i < stop && status == WK_OK; i++)
        status = visit_one(all->cells, &all->cells->blocks[i], buffer, all->visit,
                           all->payloads[part], all->changes, error);
    wk_memory_free(buffer);
    return status;
}

wk_status wk_sky_cells_visit_parts(const wk_sky_cells *cells, wk_sky_cell_visit visit,
                                   void *const *payloads, int64_t parts, int changes,
                                   wk_error *error)
{
    visiting all = {cells, visit, payloads, parts, 0, changes};
    for (int64_t i = 0; i < cells->block_count; i++)
        if (!cells->blocks[i].memory && cells->blocks[i].size > all.largest)
            all.largest = cells->blocks[i].size;
    return wk_parallel_for(parts, NULL, visit_part, &all, cells->context, error);
}

wk_status wk_sky_cells_visit(const wk_sky_cells *cells, wk_sky_cell_visit visit, void *payload,
                             int changes, wk_error *error)
{
    return wk_sky_cells_visit_parts(cells, visit, &payload, 1, changes, error);
}
