/* Levels of the items: solve, shift, add what is common. */
#include "match.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "match_share.h"
#include "solve.h"
#include "status.h"

static int compare_edges(const void *left, const void *right)
{
    const wk_edge *a = left;
    const wk_edge *b = right;
    if (a->a != b->a)
        return a->a < b->a ? -1 : 1;
    return (a->b > b->b) - (a->b < b->b);
}

static double pixel_weight(const wk_overlap *overlap)
{
    double n =
        0.5 * ((double)overlap->side_a.measure.pixels + (double)overlap->side_b.measure.pixels);
    return n * n;
}

/* The edge of an overlap between our items a < b, where flipped says that the caller's order is
 * the other one. */
static wk_edge make_edge(const wk_overlap *overlap, size_t a, size_t b, int flipped)
{
    const wk_region *first = flipped ? &overlap->side_b : &overlap->side_a;
    const wk_region *second = flipped ? &overlap->side_a : &overlap->side_b;
    wk_edge edge = {.a = (int64_t)a,
                    .b = (int64_t)b,
                    .value = first->measure.value - second->measure.value,
                    .weight = pixel_weight(overlap),
                    .error = hypot(first->error, second->error)};
    return edge;
}

/* Inverse variance.  A difference of unknown error counts as the worst of the others; where all
 * are exact or unknown, pixels decide. */
static void weight_by_variance(wk_edge *edges, size_t count)
{
    double largest = 0.0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(edges[i].error))
            largest = fmax(largest, edges[i].error);
    for (size_t i = 0; i < count && largest > 0.0; i++) {
        double error = isfinite(edges[i].error) ? edges[i].error : largest;
        error = fmax(error, 1e-6 * largest);
        edges[i].weight = 1.0 / (error * error);
    }
}

static wk_edge *list_edges(const wk_matching *matching, wk_error *error)
{
    const wk_overlaps *overlaps = matching->overlaps;
    size_t *ours = wk_memory_new(overlaps->items, sizeof *ours, error);
    wk_edge *edges = wk_memory_new(matching->used, sizeof *edges, error);
    if (!ours || !edges) {
        wk_memory_free(ours);
        wk_memory_free(edges);
        return NULL;
    }
    for (size_t i = 0; i < overlaps->items; i++)
        ours[overlaps->item_numbers[i]] = i;
    size_t count = 0;
    for (size_t i = 0; i < overlaps->edge_count; i++) {
        const wk_overlap *overlap = &overlaps->edges[i];
        if (!overlap->used)
            continue;
        size_t a = ours[overlap->a];
        size_t b = ours[overlap->b];
        edges[count++] = a < b ? make_edge(overlap, a, b, 0) : make_edge(overlap, b, a, 1);
    }
    wk_memory_free(ours);
    qsort(edges, count, sizeof *edges, compare_edges);
    if (matching->options->weights == WK_WEIGHTS_VARIANCE)
        weight_by_variance(edges, count);
    return edges;
}

wk_status wk_matching_solve(wk_matching *matching, wk_error *error)
{
    const wk_overlaps *overlaps = matching->overlaps;
    int64_t used = (int64_t)matching->used;
    wk_edge *edges = list_edges(matching, error);
    if (!edges)
        return WK_MEMORY;
    wk_shared_noise shared;
    wk_status status = wk_shared_noise_list(&shared, edges, used, overlaps, error);
    if (status == WK_OK)
        status = wk_solve_levels_shared(matching->levels, matching->errors, matching->components,
                                        &matching->component_count, (int64_t)overlaps->items, edges,
                                        used, shared.sources, shared.count, error);
    wk_shared_noise_release(&shared);
    wk_memory_free(edges);
    return status;
}

/* The component and own level of the field that the caller named. */
static wk_status find_anchor(const wk_matching *matching, int64_t *component, double *level,
                             wk_error *error)
{
    const wk_overlaps *overlaps = matching->overlaps;
    const char *name = matching->options->anchor_name;
    for (size_t i = 0; i < overlaps->count; i++) {
        const wk_member *member = &overlaps->members[i];
        if (!name || strcmp(member->field.name, name) != 0)
            continue;
        *component = matching->components[member->item];
        *level = matching->levels[member->item];
        if (matching->source)
            *level += matching->source->rises[i];
        if (isnan(*level))
            return wk_error_set(error, WK_NO_OVERLAP, name,
                                "the anchor overlaps no other exposure");
        return WK_OK;
    }
    return wk_error_set(error, WK_ARGUMENT, name ? name : "",
                        "the anchor is not among the exposures");
}

/* The number to subtract from every level of a component, one for each component; what a reference
 * ties has none. */
static void choose_shifts(double *shifts, const wk_matching *matching, wk_anchor anchor)
{
    int64_t count = matching->component_count;
    for (int64_t c = 0; c < count; c++)
        shifts[c] = (double)NAN;
    for (size_t i = 0; i < matching->overlaps->items; i++) {
        double *shift = &shifts[matching->components[i]];
        if (matching->components[i] == matching->tied)
            continue;
        if (anchor == WK_ANCHOR_MINIMUM)
            *shift = fmin(*shift, matching->levels[i]);
        else if (anchor == WK_ANCHOR_MAXIMUM)
            *shift = fmax(*shift, matching->levels[i]);
        else if (anchor == WK_ANCHOR_MEAN)
            *shift = 0.0; /* the mean of a component is zero already */
    }
}

/* One shift for all: the least or the greatest level of any component. */
static void choose_common_shift(double *shifts, const wk_matching *matching, wk_anchor end)
{
    choose_shifts(shifts, matching, end);
    double common = (double)NAN;
    for (int64_t c = 0; c < matching->component_count; c++)
        common = end == WK_ANCHOR_MAXIMUM ? fmax(common, shifts[c]) : fmin(common, shifts[c]);
    for (int64_t c = 0; c < matching->component_count; c++)
        shifts[c] = common;
}

wk_status wk_matching_shift(wk_matching *matching, wk_error *error)
{
    const wk_match_options *options = matching->options;
    wk_anchor end = options->up ? WK_ANCHOR_MAXIMUM : WK_ANCHOR_MINIMUM;
    double *shifts = wk_memory_new((size_t)matching->component_count, sizeof *shifts, error);
    if (!shifts)
        return WK_MEMORY;
    wk_status status = WK_OK;
    if (options->anchor == WK_ANCHOR_SHIFT) {
        choose_common_shift(shifts, matching, end);
    } else if (options->anchor == WK_ANCHOR_EXPOSURE) {
        int64_t component = 0;
        double level = 0.0;
        choose_shifts(shifts, matching, end);
        status = find_anchor(matching, &component, &level, error);
        shifts[component] = level;
    } else {
        choose_shifts(shifts, matching, options->anchor);
    }
    for (size_t i = 0; i < matching->overlaps->items && status == WK_OK; i++)
        if (matching->components[i] != matching->tied)
            matching->levels[i] -= shifts[matching->components[i]];
    wk_memory_free(shifts);
    return status;
}

/* What items have in common is the least of their own skies, taken relative to the levels; with an
 * anchor per component each component has its own.  Levels that a reference ties are whole. */
wk_status wk_matching_add_global(wk_matching *matching, wk_error *error)
{
    size_t items = matching->overlaps->items;
    int apart = matching->options->anchor != WK_ANCHOR_SHIFT;
    double *least = wk_memory_new((size_t)matching->component_count, sizeof *least, error);
    if (!least)
        return WK_MEMORY;
    double common = (double)NAN;
    for (int64_t c = 0; c < matching->component_count; c++)
        least[c] = (double)NAN;
    for (size_t i = 0; i < items; i++) {
        double level = isnan(matching->levels[i]) ? 0.0 : matching->levels[i];
        int64_t c = matching->components[i];
        if (c == matching->tied)
            continue;
        least[c] = fmin(least[c], matching->own[i] - level);
        common = fmin(common, least[c]);
    }
    for (size_t i = 0; i < items; i++) {
        double base = apart ? least[matching->components[i]] : common;
        if (matching->components[i] == matching->tied)
            continue;
        if (!isnan(matching->levels[i])) {
            matching->levels[i] += base;
        } else if (!isnan(matching->own[i])) {
            matching->levels[i] = base;
            matching->errors[i] = (double)NAN;
        }
    }
    wk_memory_free(least);
    return WK_OK;
}
