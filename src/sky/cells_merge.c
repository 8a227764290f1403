/* From each member's cells to the cells that members share. */
#include <math.h>

#include "cells.h"
#include "memory.h"

/* The member whose next cell comes first, kept as a heap by key and member. */
typedef struct queue {
    const wk_sky_cell_list *lists;
    int64_t *next; /* [members] the cell that comes next */
    int64_t *heap; /* members */
    int64_t count;
} queue;

static int comes_before(const queue *all, int64_t a, int64_t b)
{
    int64_t left = all->lists[a].cells[all->next[a]].key;
    int64_t right = all->lists[b].cells[all->next[b]].key;
    return left < right || (left == right && a < b);
}

static void sink(queue *all, int64_t place)
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

static void begin(queue *all, int64_t members)
{
    all->count = 0;
    for (int64_t i = 0; i < members; i++) {
        all->next[i] = 0;
        if (all->lists[i].count > 0)
            all->heap[all->count++] = i;
    }
    for (int64_t i = all->count; i-- > 0;)
        sink(all, i);
}

/* Step on; the member whose cell was first. */
static int64_t take(queue *all, const wk_tally_cell **cell)
{
    int64_t member = all->heap[0];
    *cell = &all->lists[member].cells[all->next[member]++];
    if (all->next[member] == all->lists[member].count) {
        int64_t last = all->heap[--all->count];
        all->heap[0] = last;
    }
    if (all->count > 0)
        sink(all, 0);
    return member;
}

static int64_t next_key(const queue *all)
{
    int64_t member = all->heap[0];
    return all->lists[member].cells[all->next[member]].key;
}

static wk_sky_cell_value make_value(const wk_overlaps *overlaps, const wk_tally_cell *cell,
                                    int64_t member)
{
    double flux = overlaps->members[member].field.flux;
    return (wk_sky_cell_value){
        cell->value * flux, (float)((double)cell->error * flux), cell->x, cell->y, cell->pixels,
        (int32_t)member};
}

/* Walk over all cells; without arrays only count.  A value is kept when its cell turns out to be
 * shared. */
static void walk(wk_sky_cells *cells, queue *all, int64_t *shared, int64_t *values)
{
    *shared = *values = 0;
    begin(all, (int64_t)cells->overlaps->count);
    while (all->count > 0) {
        int64_t key = next_key(all), size = 0;
        while (all->count > 0 && next_key(all) == key) {
            const wk_tally_cell *cell;
            int64_t member = take(all, &cell);
            if (cells->values)
                cells->values[*values + size] = make_value(cells->overlaps, cell, member);
            size++;
        }
        if (size < 2)
            continue;
        if (cells->start)
            cells->start[*shared] = *values;
        ++*shared;
        *values += size;
    }
    if (cells->start)
        cells->start[*shared] = *values;
}

/* No weight may be infinite: an error that is not known is the least of the others. */
static void mend_errors(wk_sky_cells *cells, int64_t count)
{
    float least = INFINITY;
    for (int64_t i = 0; i < count; i++)
        if (cells->values[i].error > 0.0F)
            least = fminf(least, cells->values[i].error);
    for (int64_t i = 0; i < count; i++)
        if (!(cells->values[i].error > 0.0F))
            cells->values[i].error = isfinite(least) ? least : 1.0F;
}

static void drop_lists(wk_sky_cells *cells)
{
    for (size_t i = 0; i < cells->overlaps->count; i++) {
        wk_memory_free(cells->lists[i].cells);
        cells->lists[i] = (wk_sky_cell_list){NULL, 0};
    }
}

wk_status wk_sky_cells_merge(wk_sky_cells *cells, wk_error *error)
{
    size_t members = cells->overlaps->count;
    queue all = {.lists = cells->lists};
    all.next = wk_memory_new(members, sizeof *all.next, error);
    all.heap = wk_memory_new(members, sizeof *all.heap, error);
    wk_status status = all.next && all.heap ? WK_OK : WK_MEMORY;
    int64_t values = 0;
    if (status == WK_OK) {
        walk(cells, &all, &cells->count, &values);
        /* a cell that is not shared is put behind the last one before it is given up */
        cells->values = wk_memory_raw((size_t)values + members, sizeof *cells->values, error);
        cells->start = wk_memory_raw((size_t)cells->count + 1, sizeof *cells->start, error);
        status = cells->values && cells->start ? WK_OK : WK_MEMORY;
    }
    if (status == WK_OK) {
        walk(cells, &all, &cells->count, &values);
        mend_errors(cells, values);
        drop_lists(cells);
    }
    wk_memory_free(all.next);
    wk_memory_free(all.heap);
    return status;
}
