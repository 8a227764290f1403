#include "match_share.h"

#include <math.h>
#include <string.h>

#include "memory.h"

/* The edge between two items, or -1. */
static int64_t find_edge(const wk_edge *edges, int64_t count, int64_t a, int64_t b)
{
    int64_t low = 0;
    int64_t high = count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        const wk_edge *edge = &edges[middle];
        if (edge->a < a || (edge->a == a && edge->b < b))
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && edges[low].a == a && edges[low].b == b ? low : -1;
}

/* What the work is done on. */
typedef struct listing {
    wk_edge *edges;
    int64_t count;
    const wk_overlaps *overlaps;
    double (*pixels)[2]; /* [count]: on the two sides of each edge, all fields of an item */
} listing;

/* The edge of a side, and whether the field belongs to its first item. */
static int64_t side_edge(const listing *all, const wk_member *member, const wk_side *side,
                         int *first)
{
    *first = member->item < side->item;
    size_t a = *first ? member->item : side->item;
    size_t b = *first ? side->item : member->item;
    return find_edge(all->edges, all->count, (int64_t)a, (int64_t)b);
}

static void count_pixels(listing *all)
{
    for (size_t i = 0; i < all->overlaps->count; i++) {
        const wk_member *member = &all->overlaps->members[i];
        for (size_t k = 0; k < member->side_count; k++) {
            int first = 0;
            int64_t edge = side_edge(all, member, &member->sides[k], &first);
            if (edge >= 0)
                all->pixels[edge][!first] += (double)member->sides[k].region.measure.pixels;
        }
    }
}

/* What one set of pixels adds to the value of one edge; returns 0 if nothing. */
static int make_term(wk_noise_term *term, const listing *all, const wk_member *member,
                     const wk_shared_set *set, size_t side_index)
{
    const wk_side *side = &member->sides[side_index];
    int first = 0;
    int64_t edge = side_edge(all, member, side, &first);
    if (edge < 0 || side->points == 0 || !(side->region.error > 0.0))
        return 0;
    double of_item = (double)side->region.measure.pixels / all->pixels[edge][!first];
    double of_side = sqrt((double)set->points / (double)side->points);
    double size = side->region.error * of_side * of_item;
    *term = (wk_noise_term){edge, first ? size : -size};
    return 1;
}

static void count_sets(const wk_overlaps *overlaps, size_t *sets, size_t *terms)
{
    *sets = *terms = 0;
    for (size_t i = 0; i < overlaps->count; i++) {
        *sets += overlaps->members[i].set_count;
        for (size_t k = 0; k < overlaps->members[i].set_count; k++)
            *terms += overlaps->members[i].sets[k].count;
    }
}

static void add_source(wk_shared_noise *out, const listing *all, const wk_member *member,
                       const wk_shared_set *set)
{
    wk_noise_source *source = &out->sources[out->count];
    wk_noise_term *terms = out->terms + out->term_count;
    source->terms = terms;
    source->count = 0;
    for (size_t k = 0; k < set->count; k++)
        source->count += make_term(&terms[source->count], all, member, set, set->sides[k]);
    if (source->count < 2)
        return;
    for (int64_t k = 0; k < source->count; k++) {
        wk_edge *edge = &all->edges[terms[k].edge];
        double left = edge->error * edge->error - terms[k].coefficient * terms[k].coefficient;
        edge->error = sqrt(fmax(left, 0.0));
    }
    out->term_count += source->count;
    out->count++;
}

wk_status wk_shared_noise_list(wk_shared_noise *out, wk_edge *edges, int64_t count,
                               const wk_overlaps *overlaps, wk_error *error)
{
    size_t sets = 0;
    size_t terms = 0;
    memset(out, 0, sizeof *out);
    count_sets(overlaps, &sets, &terms);
    out->sources = wk_memory_new(sets, sizeof *out->sources, error);
    out->terms = wk_memory_new(terms, sizeof *out->terms, error);
    listing all = {edges, count, overlaps, NULL};
    all.pixels = wk_memory_new((size_t)count, sizeof *all.pixels, error);
    if (!out->sources || !out->terms || !all.pixels) {
        wk_memory_free(all.pixels);
        return WK_MEMORY;
    }
    count_pixels(&all);
    for (size_t i = 0; i < overlaps->count; i++)
        for (size_t k = 0; k < overlaps->members[i].set_count; k++)
            add_source(out, &all, &overlaps->members[i], &overlaps->members[i].sets[k]);
    wk_memory_free(all.pixels);
    return WK_OK;
}

void wk_shared_noise_release(wk_shared_noise *shared)
{
    wk_memory_free(shared->sources);
    wk_memory_free(shared->terms);
    memset(shared, 0, sizeof *shared);
}
