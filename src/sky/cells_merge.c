/* From each member's cells to the cells that members share.
 *
 * A member takes part between its first key and its last, and holds a short stretch of its cells
 * meanwhile: memory follows the members that cross one row of cells, not all of them.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cells_offset.h"
#include "memory.h"
#include "status.h"

enum {
    stretch = 256,         /* cells that a member holds */
    block_values = 1 << 14 /* a block is closed when it has as many */
};

/* A member's place in its list. */
typedef struct reader {
    const wk_tally_cell *cells; /* the stretch, or the whole list where it is in memory */
    wk_tally_cell *buffer;
    int64_t at, held; /* within cells */
    int64_t left;     /* cells behind the stretch */
} reader;

typedef struct merging {
    wk_sky_cells *cells;
    reader *readers; /* [members] */
    double *reach;   /* [members] half a cell's diagonal, where amplifiers matter */
    int64_t *order;  /* [members with cells] by first key */
    int64_t waiting, members;
    int64_t *heap; /* members whose turn it is: the one with the least key first */
    int64_t count;
    wk_sky_cell_value *values; /* of the block to come */
    int64_t value_count;
    size_t value_room;
    int32_t *start;
    int64_t cell_count;
    size_t start_room;
    int64_t *keys; /* beside start */
    size_t key_room;
    float least; /* of the errors that are known */
    int unknown; /* nonzero: an error is not known */
} merging;

static int64_t key_of(const merging *all, int64_t member)
{
    const reader *own = &all->readers[member];
    return own->cells[own->at].key;
}

static int comes_before(const merging *all, int64_t a, int64_t b)
{
    int64_t left = key_of(all, a), right = key_of(all, b);
    return left < right || (left == right && a < b);
}

static void sink(merging *all, int64_t place)
{
    int64_t member = all->heap[place];
    for (;;) {
        int64_t child = 2 * place + 1;
        if (child + 1 < all->count && comes_before(all, all->heap[child + 1], all->heap[child]))
            child++;
        if (child >= all->count || !comes_before(all, all->heap[child], member))
            break;
        all->heap[place] = all->heap[child];
        place = child;
    }
    all->heap[place] = member;
}

static void rise(merging *all, int64_t place)
{
    int64_t member = all->heap[place];
    while (place > 0 && comes_before(all, member, all->heap[(place - 1) / 2])) {
        all->heap[place] = all->heap[(place - 1) / 2];
        place = (place - 1) / 2;
    }
    all->heap[place] = member;
}

/* The next stretch of a list that lies in the file. */
static wk_status refill(merging *all, int64_t member, wk_error *error)
{
    reader *own = &all->readers[member];
    const wk_sky_cell_list *list = &all->cells->lists[member];
    int64_t count = own->left < stretch ? own->left : stretch;
    wk_status status = wk_spool_read(own->buffer, all->cells->measured, &list->cells,
                                     (size_t)(list->count - own->left) * sizeof *own->buffer,
                                     (size_t)count * sizeof *own->buffer, error);
    own->at = 0;
    own->held = count;
    own->left -= count;
    return status;
}

static wk_status admit(merging *all, int64_t member, wk_error *error)
{
    reader *own = &all->readers[member];
    const wk_sky_cell_list *list = &all->cells->lists[member];
    wk_status status = WK_OK;
    if (list->cells.memory) {
        *own = (reader){.cells = list->cells.memory, .held = list->count};
    } else {
        *own = (reader){.left = list->count};
        own->buffer = wk_memory_raw(stretch, sizeof *own->buffer, error);
        own->cells = own->buffer;
        status = own->buffer ? refill(all, member, error) : WK_MEMORY;
    }
    if (status < 0)
        return status;
    all->heap[all->count] = member;
    rise(all, all->count++);
    return WK_OK;
}

/* Let in whoever may hold the least key. */
static wk_status admit_waiting(merging *all, wk_error *error)
{
    wk_status status = WK_OK;
    while (status == WK_OK && all->waiting < all->members) {
        int64_t member = all->order[all->waiting];
        if (all->count > 0 && all->cells->lists[member].first > key_of(all, all->heap[0]))
            break;
        all->waiting++;
        status = admit(all, member, error);
    }
    return status;
}

static void dismiss(merging *all, int64_t member)
{
    wk_memory_free(all->readers[member].buffer);
    all->readers[member].buffer = NULL;
    wk_spool_forget(all->cells->measured, &all->cells->lists[member].cells);
    all->heap[0] = all->heap[--all->count];
}

/* Step the first member on. */
static wk_status step(merging *all, wk_error *error)
{
    int64_t member = all->heap[0];
    reader *own = &all->readers[member];
    wk_status status = WK_OK;
    if (++own->at == own->held) {
        if (own->left > 0)
            status = refill(all, member, error);
        else
            dismiss(all, member);
    }
    if (all->count > 0 && status == WK_OK)
        sink(all, 0);
    return status;
}

static wk_sky_cell_value make_value(merging *all, int64_t member)
{
    const wk_tally_cell *cell = &all->readers[member].cells[all->readers[member].at];
    double flux = all->cells->overlaps->members[member].field.flux;
    float error = (float)((double)cell->error * flux);
    if (!(error > 0.0F))
        error = 0.0F;
    return (wk_sky_cell_value){.value = cell->value * flux,
                               .error = error,
                               .x = cell->x,
                               .y = cell->y,
                               .pixels = cell->pixels,
                               .member = (int32_t)member};
}

/* Fill pixels near the largest float leave values, errors or weights that are infinite: one of them
 * would make the whole solution not a number. */
static int is_finite(const wk_sky_cell_value *value)
{
    float unit = value->error > 0.0F ? 1.0F / value->error : 0.0F;
    return isfinite(value->value * value->value) && isfinite(value->error) && isfinite(unit);
}

/* A cell that a border between amplifiers may cut says nothing of either. */
static int is_whole(const merging *all, const wk_sky_cell_value *value)
{
    const wk_field *field = &all->cells->overlaps->members[value->member].field;
    return field->amplifier_count == 0 ||
           wk_sky_cell_amplifier(field, all->reach[value->member], (double)value->x,
                                 (double)value->y) >= 0;
}

/* Lists that grow by one item after the other. */
static wk_status make_room(void **list, size_t *room, size_t needed, size_t size, wk_error *error)
{
    return needed <= *room ? WK_OK : wk_memory_reserve(list, room, 2 * needed, size, error);
}

/* Put the values that came together into a block of the spool. */
static wk_status close_block(merging *all, wk_error *error)
{
    wk_sky_cells *cells = all->cells;
    size_t size = wk_sky_cell_block_size(all->cell_count, all->value_count);
    wk_sky_cell_block block;
    if (all->cell_count == 0)
        return WK_OK;
    wk_status status = make_room((void **)&cells->blocks, &cells->block_room,
                                 (size_t)cells->block_count + 1, sizeof *cells->blocks, error);
    void *bytes = status == WK_OK ? wk_memory_new(size, 1, error) : NULL;
    if (!bytes)
        return WK_MEMORY;
    wk_sky_cell_block_lay(&block, bytes, all->cell_count, all->value_count);
    memcpy(block.values, all->values, (size_t)all->value_count * sizeof *block.values);
    memcpy((int32_t *)block.start, all->start, (size_t)all->cell_count * sizeof *block.start);
    ((int32_t *)block.start)[all->cell_count] = (int32_t)all->value_count;
    memcpy((int64_t *)block.key, all->keys, (size_t)all->cell_count * sizeof *block.key);
    cells->count += all->cell_count;
    cells->values += all->value_count;
    all->cell_count = all->value_count = 0;
    return wk_spool_give(cells->shared, &cells->blocks[cells->block_count++], &bytes, size, error);
}

static wk_status keep_cell(merging *all, int64_t key, int64_t size, wk_error *error)
{
    wk_sky_cells *cells = all->cells;
    wk_status status = make_room((void **)&all->start, &all->start_room,
                                 (size_t)all->cell_count + 1, sizeof *all->start, error);
    if (status == WK_OK)
        status = make_room((void **)&all->keys, &all->key_room, (size_t)all->cell_count + 1,
                           sizeof *all->keys, error);
    if (status < 0)
        return status;
    for (int64_t i = 0; i < size; i++) {
        float error_here = all->values[all->value_count + i].error;
        if (error_here > 0.0F)
            all->least = fminf(all->least, error_here);
        else
            all->unknown = 1;
    }
    all->keys[all->cell_count] = key;
    all->start[all->cell_count++] = (int32_t)all->value_count;
    all->value_count += size;
    cells->most = size > cells->most ? size : cells->most;
    return all->value_count >= block_values ? close_block(all, error) : WK_OK;
}

/* The reference's exposures are not compared with each other. */
static int is_compared(const merging *all, int64_t size)
{
    const wk_member *members = all->cells->overlaps->members;
    for (int64_t i = 0; i < size; i++)
        if (!members[all->values[all->value_count + i].member].field.reference)
            return size > 1;
    return 0;
}

/* All members' values of the least key. */
static wk_status take_cell(merging *all, wk_error *error)
{
    int64_t key = key_of(all, all->heap[0]), size = 0;
    wk_status status = WK_OK;
    while (status == WK_OK && all->count > 0 && key_of(all, all->heap[0]) == key) {
        status = make_room((void **)&all->values, &all->value_room,
                           (size_t)(all->value_count + size + 1), sizeof *all->values, error);
        if (status == WK_OK) {
            wk_sky_cell_value *value = &all->values[all->value_count + size];
            *value = make_value(all, all->heap[0]);
            size += is_finite(value) && is_whole(all, value);
            status = step(all, error);
        }
        if (status == WK_OK)
            status = admit_waiting(all, error);
    }
    return status == WK_OK && is_compared(all, size) ? keep_cell(all, key, size, error) : status;
}

static wk_status set_errors(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    const merging *all = payload;
    (void)error;
    for (int32_t i = 0; i < block->start[block->count]; i++)
        if (!(block->values[i].error > 0.0F))
            block->values[i].error = isfinite(all->least) ? all->least : 1.0F;
    return WK_OK;
}

typedef struct begun {
    int64_t first, member;
} begun;

static int compare_begun(const void *left, const void *right)
{
    const begun *a = left;
    const begun *b = right;
    if (a->first != b->first)
        return a->first < b->first ? -1 : 1;
    return (a->member > b->member) - (a->member < b->member);
}

static wk_status sort_members(merging *all, int64_t members, wk_error *error)
{
    begun *list = wk_memory_new((size_t)members, sizeof *list, error);
    if (!list)
        return WK_MEMORY;
    for (int64_t i = 0; i < members; i++)
        if (all->cells->lists[i].count > 0)
            list[all->members++] = (begun){all->cells->lists[i].first, i};
    qsort(list, (size_t)all->members, sizeof *list, compare_begun);
    for (int64_t i = 0; i < all->members; i++)
        all->order[i] = list[i].member;
    wk_memory_free(list);
    return WK_OK;
}

static wk_status merge(merging *all, wk_error *error)
{
    int64_t members = (int64_t)all->cells->overlaps->count;
    all->readers = wk_memory_new((size_t)members, sizeof *all->readers, error);
    all->reach = wk_memory_new((size_t)members, sizeof *all->reach, error);
    all->order = wk_memory_new((size_t)members, sizeof *all->order, error);
    all->heap = wk_memory_new((size_t)members, sizeof *all->heap, error);
    wk_status status = all->readers && all->reach && all->order && all->heap ? WK_OK : WK_MEMORY;
    if (status == WK_OK)
        status = wk_sky_cell_reach_fill(all->reach, all->cells, error);
    if (status == WK_OK)
        status = sort_members(all, members, error);
    if (status == WK_OK)
        status = admit_waiting(all, error);
    while (status == WK_OK && all->count > 0)
        status = take_cell(all, error);
    if (status == WK_OK)
        status = close_block(all, error);
    if (status == WK_OK && all->unknown)
        status = wk_sky_cells_visit(all->cells, set_errors, all, 1, error);
    return status;
}

/* No weight may be infinite: an error that is not known is the least of the others. */
wk_status wk_sky_cells_merge(wk_sky_cells *cells, wk_error *error)
{
    merging all = {.cells = cells, .least = INFINITY};
    if (cells->merged)
        return WK_OK;
    if (cells->broken)
        return wk_error_set(error, WK_ARGUMENT, "",
                            "a match that failed has used these cells up: measure them again");
    wk_status status = merge(&all, error);
    for (size_t i = 0; all.readers && i < cells->overlaps->count; i++)
        wk_memory_free(all.readers[i].buffer);
    wk_memory_free(all.readers);
    wk_memory_free(all.reach);
    wk_memory_free(all.order);
    wk_memory_free(all.heap);
    wk_memory_free(all.values);
    wk_memory_free(all.start);
    wk_memory_free(all.keys);
    cells->merged = status == WK_OK;
    cells->broken = !cells->merged;
    return status;
}
