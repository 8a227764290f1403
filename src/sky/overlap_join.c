/* From what each field saw of each item to one edge for each pair of items. */
#include "overlap.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"

/* What one field saw, with the pair of items it belongs to in the caller's numbers. */
typedef struct half {
    size_t a, b;
    int side; /* 0: the field belongs to a */
    size_t member;
    const wk_region *region; /* NULL before measuring */
} half;

static int compare_halves(const void *left, const void *right)
{
    const half *x = left;
    const half *y = right;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    if (x->b != y->b)
        return x->b < y->b ? -1 : 1;
    if (x->side != y->side)
        return x->side < y->side ? -1 : 1;
    return (x->member > y->member) - (x->member < y->member);
}

static half make_half(const wk_overlaps *all, size_t member, size_t other, const wk_region *region)
{
    size_t own = all->item_numbers[all->members[member].item];
    size_t far = all->item_numbers[other];
    if (own < far)
        return (half){own, far, 0, member, region};
    return (half){far, own, 1, member, region};
}

static size_t collect(half *list, const wk_overlaps *all)
{
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++) {
        const wk_member *member = &all->members[i];
        if (all->measured) {
            for (size_t k = 0; k < member->side_count; k++)
                if (member->sides[k].region.covered > 0)
                    list[count++] =
                        make_half(all, i, member->sides[k].item, &member->sides[k].region);
        } else {
            for (size_t k = 0; k < member->neighbour_count; k++)
                list[count++] = make_half(all, i, all->members[member->neighbours[k]].item, NULL);
        }
    }
    return count;
}

/* The side of a group is the mean of its members' values, weighted by their pixels. */
static void add_region(wk_region *sum, const wk_region *part)
{
    sum->area += part->area;
    sum->covered += part->covered;
    double n = (double)part->measure.pixels;
    if (part->measure.pixels == 0)
        return;
    wk_measure *total = &sum->measure;
    if (total->pixels == 0) {
        *total = part->measure;
        sum->error = part->error;
        return;
    }
    double before = (double)total->pixels;
    double all = before + n;
    total->value = (total->value * before + part->measure.value * n) / all;
    total->mean = (total->mean * before + part->measure.mean * n) / all;
    total->stddev = (double)NAN;
    total->min = fmin(total->min, part->measure.min);
    total->max = fmax(total->max, part->measure.max);
    total->pixels += part->measure.pixels;
    sum->error = hypot(sum->error * before, part->error * n) / all;
}

static wk_region empty_region(void)
{
    wk_region region = {
        {(double)NAN, (double)NAN, (double)NAN, (double)NAN, (double)NAN, 0}, (double)NAN, 0.0, 0};
    return region;
}

static size_t merge(wk_overlap *edges, const half *list, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        wk_overlap *edge = kept > 0 ? &edges[kept - 1] : NULL;
        if (!edge || edge->a != list[i].a || edge->b != list[i].b) {
            edge = &edges[kept++];
            *edge = (wk_overlap){.a = list[i].a,
                                 .b = list[i].b,
                                 .side_a = empty_region(),
                                 .side_b = empty_region(),
                                 .residual = (double)NAN};
        }
        if (list[i].region)
            add_region(list[i].side ? &edge->side_b : &edge->side_a, list[i].region);
    }
    for (size_t i = 0; i < kept; i++)
        edges[i].used = edges[i].side_a.measure.pixels > 0 && edges[i].side_b.measure.pixels > 0;
    return kept;
}

wk_status wk_overlaps_join(wk_overlaps *overlaps, wk_error *error)
{
    size_t most = 0;
    for (size_t i = 0; i < overlaps->count; i++)
        most += overlaps->members[i].neighbour_count;
    half *list = wk_memory_new(most, sizeof *list, error);
    wk_overlap *edges = wk_memory_new(most, sizeof *edges, error);
    if (!list || !edges) {
        wk_memory_free(list);
        wk_memory_free(edges);
        return WK_MEMORY;
    }
    size_t count = collect(list, overlaps);
    qsort(list, count, sizeof *list, compare_halves);
    wk_memory_free(overlaps->edges);
    overlaps->edges = edges;
    overlaps->edge_count = merge(edges, list, count);
    wk_memory_free(list);
    return WK_OK;
}
