/* Components of a solution and how overlaps agree after it. */
#include <math.h>
#include <stdlib.h>

#include "cells.h"
#include "memory.h"

static wk_status list_fields(wk_sky_report *report, const wk_solution *solution, wk_error *error)
{
    for (size_t i = 0; i < solution->fields; i++)
        report->components[solution->levels[i].component].count++;
    for (size_t c = 0; c < report->component_count; c++) {
        wk_sky_component *own = &report->components[c];
        own->fields = wk_memory_new(own->count, sizeof *own->fields, error);
        if (!own->fields)
            return WK_MEMORY;
        own->count = 0;
    }
    for (size_t i = 0; i < solution->fields; i++) {
        wk_sky_component *own = &report->components[solution->levels[i].component];
        own->fields[own->count++] = i;
    }
    return WK_OK;
}

/* The component of each item, from its fields: size_t[items]. */
static size_t *find_owners(const wk_solution *solution, wk_error *error)
{
    size_t *owner = wk_memory_new(solution->items, sizeof *owner, error);
    for (size_t i = 0; owner && i < solution->fields; i++)
        owner[solution->levels[i].item] = solution->levels[i].component;
    return owner;
}

typedef struct square {
    size_t component;
    double before, after;
} square;

static int compare_before(const void *left, const void *right)
{
    const square *a = left;
    const square *b = right;
    if (a->component != b->component)
        return a->component < b->component ? -1 : 1;
    return (a->before > b->before) - (a->before < b->before);
}

static int compare_after(const void *left, const void *right)
{
    const square *a = left;
    const square *b = right;
    return (a->after > b->after) - (a->after < b->after);
}

static void add_squares(wk_sky_component *own, square *squares, size_t count)
{
    for (size_t i = 0; i < count; i++)
        own->rms_before += squares[i].before;
    qsort(squares, count, sizeof *squares, compare_after);
    for (size_t i = 0; i < count; i++)
        own->rms_after += squares[i].after;
    own->overlaps = (int64_t)count;
    own->rms_before = sqrt(own->rms_before / (double)count);
    own->rms_after = sqrt(own->rms_after / (double)count);
}

/* Squares are added from the least on: the order of the overlaps, which is the caller's, changes no
 * bit. */
static void add_components(wk_sky_report *report, square *squares, size_t count)
{
    size_t first = 0;
    qsort(squares, count, sizeof *squares, compare_before);
    for (size_t c = 0; c < report->component_count; c++) {
        size_t next = first;
        while (next < count && squares[next].component == c)
            next++;
        report->components[c].rms_before = report->components[c].rms_after =
            next > first ? 0.0 : (double)NAN;
        if (next > first)
            add_squares(&report->components[c], squares + first, next - first);
        first = next;
    }
}

static wk_status judge_overlaps(wk_sky_report *report, const wk_solution *solution,
                                const size_t *owner, wk_error *error)
{
    size_t count = 0;
    square *squares = wk_memory_raw(solution->overlap_count, sizeof *squares, error);
    if (!squares)
        return WK_MEMORY;
    for (size_t k = 0; k < solution->overlap_count; k++) {
        const wk_overlap *overlap = &solution->overlaps[k];
        double before = overlap->side_a.measure.value - overlap->side_b.measure.value;
        double left = overlap->residual;
        double sigma = hypot(overlap->side_a.error, overlap->side_b.error) * report->scale;
        int known = overlap->used && isfinite(left);
        report->pulls[k] = known && sigma > 0.0 ? left / sigma : (double)NAN;
        if (known)
            squares[count++] = (square){owner[overlap->a], before * before, left * left};
    }
    add_components(report, squares, count);
    wk_memory_free(squares);
    return WK_OK;
}

wk_status wk_sky_report_fill_components(wk_sky_report *report, const wk_solution *solution,
                                        wk_error *error)
{
    report->components = wk_memory_new(solution->components, sizeof *report->components, error);
    report->pulls = wk_memory_new(solution->overlap_count, sizeof *report->pulls, error);
    if (!report->components || !report->pulls)
        return WK_MEMORY;
    report->component_count = solution->components;
    size_t *owner = find_owners(solution, error);
    wk_status status = owner ? list_fields(report, solution, error) : WK_MEMORY;
    if (status == WK_OK)
        status = judge_overlaps(report, solution, owner, error);
    wk_memory_free(owner);
    return status;
}
