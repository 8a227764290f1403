/* What a solution leaves, told exposure by exposure. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cells_offset.h"
#include "memory.h"
#include "status.h"

static const double far = 5.0; /* standard deviations: beyond it lie outliers */
static const double arcsecond = 4.848136811095359935899e-6;

/* A value on the list of the worst. */
typedef struct candidate {
    wk_sky_cell_value value;
    int64_t key;
    int32_t other, count;  /* member on the other side, members in the cell */
    double residual, size; /* size: in standard deviations */
} candidate;

/* Sums over a member's values. */
typedef struct member_sum {
    double weight, residual, square; /* square: of the weighted residuals' standard deviations */
} member_sum;

typedef struct collecting {
    const wk_sky_cell_model *model;
    wk_sky_report *report;
    member_sum *sums;         /* [members] */
    int64_t *values, *cells;  /* [components of the model] */
    candidate *list;          /* the worst so far, and some more */
    size_t count, room, most; /* most: how many are wanted */
    double least;             /* a candidate has to be larger */
    double sum;               /* of squared residuals */
} collecting;

wk_sky_report_options wk_sky_report_options_default(void)
{
    return (wk_sky_report_options){.outliers = 20, .weak_modes = 4, .weak_most = 20000};
}

/* The worst first, equal ones in the order of cells. */
static int compare_candidates(const void *left, const void *right)
{
    const candidate *a = left;
    const candidate *b = right;
    if (a->size != b->size)
        return a->size > b->size ? -1 : 1;
    return (a->key > b->key) - (a->key < b->key);
}

static void thin_list(collecting *all)
{
    if (all->count == 0)
        return;
    qsort(all->list, all->count, sizeof *all->list, compare_candidates);
    if (all->count > all->most)
        all->count = all->most;
    if (all->count == all->most)
        all->least = all->list[all->count - 1].size;
}

/* The list grows to twice what is wanted before it is thinned. */
static wk_status consider(collecting *all, const candidate *found, wk_error *error)
{
    if (all->most == 0 || !(found->size >= all->least))
        return WK_OK;
    if (all->count == all->room) {
        size_t room = all->room ? 2 * all->room : 64;
        wk_status status =
            wk_memory_reserve((void **)&all->list, &all->room, room, sizeof *all->list, error);
        if (status < 0)
            return status;
    }
    all->list[all->count++] = *found;
    if (all->count >= 2 * all->most)
        thin_list(all);
    return WK_OK;
}

/* Returns the residual in standard deviations at the nominal errors. */
static double add_value(collecting *all, const wk_sky_cell_value *value, double residual)
{
    const wk_member *member = &all->model->cells->overlaps->members[value->member];
    wk_sky_fit *fit = &all->report->fits[member->input];
    member_sum *sum = &all->sums[value->member];
    double unit = (double)value->unit, size = residual * unit;
    double weight = wk_sky_cell_weight(value);
    int outlying = fabs(size) > far * all->report->scale && all->report->scale > 0.0;
    all->sum += size * size;
    fit->cells++;
    fit->chi2 += size * size;
    fit->outliers += outlying;
    all->report->outlying += outlying;
    sum->weight += weight;
    sum->residual += weight * residual;
    sum->square += weight * weight / (unit * unit);
    return size;
}

/* The worst value stands for its cell.  Two alone are equally far from their sky: then the first
 * does, whatever the last bits are. */
static wk_status add_cell(collecting *all, const wk_sky_cell_value *values, int32_t count,
                          int64_t key, double sky, wk_error *error)
{
    candidate worst = {.key = key, .count = count};
    double low = (double)INFINITY, high = -(double)INFINITY;
    int32_t lowest = 0, highest = 0;
    for (int32_t i = 0; i < count; i++) {
        double residual = wk_sky_cell_residual(all->model, &values[i], sky);
        double size = add_value(all, &values[i], residual);
        if (fabs(size) > worst.size * (1.0 + 1e-6)) {
            worst.value = values[i];
            worst.residual = residual;
            worst.size = fabs(size);
        }
        if (size < low) {
            low = size;
            lowest = values[i].member;
        }
        if (size > high) {
            high = size;
            highest = values[i].member;
        }
    }
    worst.other = worst.residual > 0.0 ? lowest : highest;
    return worst.size > 0.0 && all->report->scale > 0.0 ? consider(all, &worst, error) : WK_OK;
}

/* A cell belongs where its first exposure does that is no reference. */
static int64_t component_of(const wk_sky_cell_model *model, const wk_sky_cell_value *values,
                            int32_t count)
{
    int32_t i = 0;
    while (i + 1 < count && model->node[values[i].member] == model->reference)
        i++;
    return model->component[model->node[values[i].member]];
}

static wk_status add_block(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    collecting *all = payload;
    const wk_sky_cell_model *model = all->model;
    wk_status status = WK_OK;
    for (int64_t c = 0; c < block->count && status == WK_OK; c++) {
        int32_t from = block->start[c], count = block->start[c + 1] - from;
        int64_t component = component_of(model, block->values + from, count);
        all->cells[component]++;
        all->values[component] += count;
        status = add_cell(all, block->values + from, count, block->key[c], block->sky[c], error);
    }
    return status;
}

/* The part of each component's degrees of freedom that backgrounds leave: double[components]. */
static wk_status find_freedom(double *left, const collecting *all, wk_error *error)
{
    const wk_sky_cell_model *model = all->model;
    int *most = wk_memory_new((size_t)model->components, sizeof *most, error);
    if (!most)
        return WK_MEMORY;
    for (int64_t c = 0; c < model->components; c++)
        left[c] = (double)(all->values[c] - all->cells[c]);
    for (int64_t i = 0; i < model->nodes; i++) {
        int *common = &most[model->component[i]];
        left[model->component[i]] -= model->terms[i];
        *common = model->terms[i] > *common ? model->terms[i] : *common;
    }
    double total = (double)(model->cells->values - model->cells->count);
    double offsets = model->offsets ? (double)model->offsets->rank : 0.0;
    for (int64_t c = 0; c < model->components; c++) {
        double whole = (double)(all->values[c] - all->cells[c]);
        left[c] += wk_sky_cell_lost(model, c, most[c]) - offsets * whole / fmax(total, 1.0);
        left[c] = whole > 0.0 ? fmax(left[c] / whole, 0.0) : 0.0;
    }
    wk_memory_free(most);
    return WK_OK;
}

static wk_status finish_fits(collecting *all, wk_error *error)
{
    const wk_sky_cell_model *model = all->model;
    const wk_overlaps *overlaps = model->cells->overlaps;
    double *left = wk_memory_new((size_t)model->components, sizeof *left, error);
    wk_status status = left ? find_freedom(left, all, error) : WK_MEMORY;
    for (size_t i = 0; i < overlaps->count && status == WK_OK; i++) {
        wk_sky_fit *fit = &all->report->fits[overlaps->members[i].input];
        const member_sum *sum = &all->sums[i];
        fit->expected = (double)fit->cells * left[model->component[model->node[i]]];
        double sigma = sqrt(sum->square) * all->report->scale;
        fit->pull = sigma > 0.0 ? sum->residual / sigma : (double)NAN;
    }
    wk_memory_free(left);
    return status;
}

static wk_status give_outliers(collecting *all, wk_error *error)
{
    const wk_sky_cells *cells = all->model->cells;
    wk_zone zone = {.number = -1};
    thin_list(all);
    wk_sky_outlier *out = wk_memory_new(all->count, sizeof *out, error);
    if (!out)
        return WK_MEMORY;
    for (size_t i = 0; i < all->count; i++) {
        const candidate *found = &all->list[i];
        const wk_member *member = &cells->overlaps->members[found->value.member];
        double flux = member->field.flux;
        out[i] = (wk_sky_outlier){.field = member->input,
                                  .other = cells->overlaps->members[found->other].input,
                                  .exposures = found->count,
                                  .key = found->key,
                                  .value = found->value.value / flux,
                                  .residual = found->residual / flux,
                                  .sigma = wk_sky_cell_sigma(all->model, &found->value) / flux};
        wk_sky_cell_pixel(out[i].place, &member->field, &found->value);
        wk_zone_cell(out[i].sky, &zone, found->key, cells->pitch * arcsecond);
    }
    all->report->outliers = out;
    all->report->outlier_count = all->count;
    return WK_OK;
}

static wk_status collect(collecting *all, const wk_sky_cells *cells, wk_error *error)
{
    size_t components = (size_t)all->model->components;
    all->sums = wk_memory_new(cells->overlaps->count, sizeof *all->sums, error);
    all->values = wk_memory_new(components, sizeof *all->values, error);
    all->cells = wk_memory_new(components, sizeof *all->cells, error);
    wk_status status = all->sums && all->values && all->cells ? WK_OK : WK_MEMORY;
    if (status == WK_OK)
        status = wk_sky_cells_visit(cells, add_block, all, 0, error);
    if (status == WK_OK)
        status = finish_fits(all, error);
    return status == WK_OK ? give_outliers(all, error) : status;
}

static wk_status fill_fits(wk_sky_report *report, const wk_sky_cells *cells, size_t outliers,
                           wk_error *error)
{
    const wk_sky_cell_model *model = &cells->fit->model;
    collecting all = {.model = model, .report = report, .most = outliers};
    report->fits = wk_memory_new(cells->overlaps->count, sizeof *report->fits, error);
    wk_status status = report->fits ? collect(&all, cells, error) : WK_MEMORY;
    double n = (double)cells->values;
    report->chi2 = n > 0.0 ? all.sum / n * (double)model->dof : 0.0;
    wk_memory_free(all.sums);
    wk_memory_free(all.values);
    wk_memory_free(all.cells);
    wk_memory_free(all.list);
    return status;
}

static wk_status fill(wk_sky_report *report, const wk_sky_cells *cells, const wk_solution *solution,
                      const wk_sky_report_options *options, wk_error *error)
{
    report->fields = solution->fields;
    report->overlap_count = solution->overlap_count;
    /* where scatter is but rounding, nothing is far from anything */
    report->scale = cells->fit->model.scale > 1e-9 ? cells->fit->model.scale : 0.0;
    report->structure = cells->structure;
    wk_status status = fill_fits(report, cells, options->outliers, error);
    if (status == WK_OK)
        status = wk_sky_report_fill_components(report, solution, error);
    int64_t nodes = cells->fit->model.nodes;
    report->weak_known = options->weak_most == 0 || nodes <= options->weak_most;
    if (status == WK_OK && report->weak_known && options->weak_modes > 0)
        status = wk_sky_report_fill_weak(report, cells, solution, options->weak_modes, error);
    return status;
}

wk_status wk_sky_cells_report(wk_sky_report **out, const wk_sky_cells *cells,
                              const wk_solution *solution, const wk_sky_report_options *options,
                              wk_error *error)
{
    wk_sky_report_options defaults = wk_sky_report_options_default();
    *out = NULL;
    if (!options)
        options = &defaults;
    if (!cells->fit || solution->fields != wk_overlaps_fields(cells->overlaps))
        return wk_error_set(error, WK_ARGUMENT, "", "the cells have not been matched");
    if (options->weak_modes < 0 || options->weak_modes > 16)
        return wk_error_set(error, WK_ARGUMENT, "weak_modes", "%d is not from 0 to 16",
                            options->weak_modes);
    wk_sky_report *report = wk_memory_new(1, sizeof *report, error);
    wk_status status = report ? fill(report, cells, solution, options, error) : WK_MEMORY;
    if (status == WK_OK)
        *out = report;
    else
        wk_sky_report_free(report);
    return status;
}

void wk_sky_report_free(wk_sky_report *report)
{
    if (!report)
        return;
    for (size_t i = 0; report->components && i < report->component_count; i++)
        wk_memory_free(report->components[i].fields);
    for (size_t i = 0; report->weak_modes && i < report->weak_mode_count; i++)
        wk_memory_free(report->weak_modes[i].pattern);
    wk_memory_free(report->fits);
    wk_memory_free(report->pulls);
    wk_memory_free(report->components);
    wk_memory_free(report->outliers);
    wk_memory_free(report->weak_modes);
    wk_memory_free(report);
}
