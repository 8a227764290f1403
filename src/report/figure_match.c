#include "figure_match.h"

#include <math.h>

#include "welkin/figure.h"
#include "figure_solution.h"
#include "memory.h"

/* The arrays that a wk_figure_levels borrows. */
typedef struct columns {
    const double **outlines;
    size_t *corners;
    double *levels, *remains;
    double *before, *after, *errors;
} columns;

static void release(columns *c)
{
    wk_memory_free(c->outlines);
    wk_memory_free(c->corners);
    wk_memory_free(c->levels);
    wk_memory_free(c->remains);
    wk_memory_free(c->before);
    wk_memory_free(c->after);
    wk_memory_free(c->errors);
}

static double *column(size_t count, int *short_of_memory, wk_error *error)
{
    double *values = *short_of_memory ? NULL : wk_memory_new(count, sizeof *values, error);
    *short_of_memory |= values == NULL;
    return values;
}

static wk_status reserve(columns *c, size_t fields, size_t overlaps, wk_error *error)
{
    *c = (columns){0};
    c->outlines = wk_memory_new(fields, sizeof *c->outlines, error);
    c->corners = c->outlines ? wk_memory_new(fields, sizeof *c->corners, error) : NULL;
    int failed = c->corners == NULL;
    c->levels = column(fields, &failed, error);
    c->remains = column(fields, &failed, error);
    c->before = column(overlaps, &failed, error);
    c->after = column(overlaps, &failed, error);
    c->errors = column(overlaps, &failed, error);
    return failed ? WK_MEMORY : WK_OK;
}

static size_t take_overlaps(columns *c, const wk_solution *solution)
{
    size_t used = 0;
    for (size_t k = 0; k < solution->overlap_count; k++) {
        const wk_overlap *overlap = &solution->overlaps[k];
        double before = overlap->side_a.measure.value - overlap->side_b.measure.value;
        if (!overlap->used || !isfinite(before))
            continue;
        c->before[used] = before;
        c->after[used] = overlap->residual;
        c->errors[used++] = hypot(overlap->side_a.error, overlap->side_b.error);
    }
    return used;
}

/* Mean squares of an item's residuals, weighted by the pixels of the overlaps. */
static void add_residual(double *sums, double *weights, const wk_overlap *overlap)
{
    double pixels =
        0.5 * (double)overlap->side_a.measure.pixels + 0.5 * (double)overlap->side_b.measure.pixels;
    double weight = pixels > 0 ? pixels : 1;
    double square = weight * overlap->residual * overlap->residual;
    if (!overlap->used || !isfinite(square))
        return;
    sums[overlap->a] += square;
    sums[overlap->b] += square;
    weights[overlap->a] += weight;
    weights[overlap->b] += weight;
}

static wk_status take_remains(double *remains, const wk_solution *solution, wk_error *error)
{
    size_t items = solution->items;
    double *sums = wk_memory_new(2 * items, sizeof *sums, error);
    if (!sums)
        return WK_MEMORY;
    for (size_t k = 0; k < solution->overlap_count; k++)
        add_residual(sums, sums + items, &solution->overlaps[k]);
    for (size_t k = 0; k < solution->fields; k++) {
        size_t item = solution->levels[k].item;
        double weight = sums[items + item];
        remains[k] = weight > 0 ? sqrt(sums[item] / weight) : (double)NAN;
    }
    wk_memory_free(sums);
    return WK_OK;
}

static void take_fields(columns *c, wk_outline_get get, const void *source,
                        const wk_solution *solution)
{
    for (size_t k = 0; k < solution->fields; k++) {
        const wk_level_result *level = &solution->levels[k];
        c->levels[k] = level->valid ? level->sky : (double)NAN;
        c->outlines[k] = get ? get(source, k, &c->corners[k]) : NULL;
        if (!c->outlines[k])
            c->corners[k] = 0;
    }
}

static wk_status draw(const char *path, const wk_figure_levels *levels, int overwrite,
                      wk_error *error)
{
    wk_figure *figure;
    wk_status status =
        wk_figure_open(&figure, path, WK_FIGURE_WIDTH, WK_FIGURE_HEIGHT, overwrite, error);
    if (status != WK_OK)
        return status;
    status = wk_figure_levels_draw(figure, levels, error);
    if (status == WK_OK)
        return wk_figure_close(figure, error);
    wk_figure_abandon(figure);
    return status;
}

wk_status wk_figure_match_from(const char *path, wk_outline_get get, const void *source,
                               const wk_solution *solution, const char *const *names, int overwrite,
                               wk_error *error)
{
    columns c;
    size_t fields = solution->fields;
    wk_status status = reserve(&c, fields, solution->overlap_count, error);
    if (status == WK_OK)
        status = take_remains(c.remains, solution, error);
    if (status == WK_OK) {
        take_fields(&c, get, source, solution);
        size_t used = take_overlaps(&c, solution);
        wk_figure_levels levels = {.shapes = {c.outlines, c.corners, names, fields},
                                   .levels = c.levels,
                                   .remains = c.remains,
                                   .before = c.before,
                                   .after = c.after,
                                   .errors = c.errors,
                                   .overlaps = used,
                                   .unmeasured = solution->overlap_count - used,
                                   .components = solution->components,
                                   .rms_before = solution->rms_before,
                                   .rms_after = solution->rms_after};
        status = draw(path, &levels, overwrite, error);
    }
    release(&c);
    return status;
}

static const double *footprint(const void *source, size_t field, size_t *count)
{
    return wk_overlaps_footprint(source, field, count);
}

wk_status wk_figure_match(const char *path, const wk_overlaps *overlaps,
                          const wk_solution *solution, const char *const *names, int overwrite,
                          wk_error *error)
{
    return wk_figure_match_from(path, overlaps ? footprint : NULL, overlaps, solution, names,
                                overwrite, error);
}
