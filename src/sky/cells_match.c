/* From shared cells to a solution as wk_match gives it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cells_offset.h"
#include "cells_surface.h"
#include "log.h"
#include "match.h"
#include "memory.h"
#include "status.h"

/* In errors of the level if the exposure hung on its shared cells alone: beyond it is not bound. */
static const double loosest = 1e3;
/* Logarithm of a factor of errors' squares that changes nothing worth another fit. */
static const double enough = 0.1;

typedef struct answer {
    wk_sky_cell_model model;
    wk_sky_cell_gauge gauge;
    double *covariances; /* [nodes][size][size] without inflation; NaN where there is no bound */
    double *together;    /* [members][1 + size] of wk_sky_cell_offsets_covariances */
    double *offsets;     /* [members] of the detectors */
    double *rises;       /* [members] what own levels have beyond the nodes', offsets included */
    double *slopes;      /* [edges] */
    int64_t loose;       /* nodes whose slope is not bound */
} answer;

const char *wk_sky_surface_term(int i)
{
    static const char *const names[] = {"1", "x", "y", "xx", "xy", "yy"};
    return i >= 0 && i < 6 ? names[i] : NULL;
}

void wk_sky_surface_row(double *values, const wk_sky_surface *surface, int64_t x, int64_t y,
                        int64_t n)
{
    const double *c = surface->coefficients;
    double b = ((double)y - surface->centre[1]) / surface->scale[1];
    double constant = surface->terms > 0 ? c[0] : 0.0, linear = 0.0, square = 0.0;
    if (surface->terms >= 3) {
        constant += c[2] * b;
        linear = c[1];
    }
    if (surface->terms >= 6) {
        constant += c[5] * b * b;
        linear += c[4] * b;
        square = c[3];
    }
    for (int64_t i = 0; i < n; i++) {
        double a = ((double)(x + i) - surface->centre[0]) / surface->scale[0];
        values[i] = constant + a * (linear + a * square);
    }
    for (size_t k = 0; k < surface->part_count; k++) {
        wk_rect rect = surface->parts[k].rect;
        int64_t last = rect.x + rect.width < x + n ? rect.x + rect.width : x + n;
        if (y < rect.y || y >= rect.y + rect.height)
            continue;
        for (int64_t i = rect.x > x ? rect.x : x; i < last; i++)
            values[i - x] += surface->parts[k].offset;
    }
}

/* Levels and components as wk_match wants them. */
static void give_levels(wk_matching *matching, void *payload)
{
    const answer *all = payload;
    const wk_sky_cell_model *model = &all->model;
    int64_t square = model->size * model->size;
    for (int64_t i = 0; i < model->nodes; i++) {
        int known = model->terms[i] > 0;
        matching->levels[i] = known ? model->coefficients[i * model->size] : (double)NAN;
        matching->errors[i] =
            known ? sqrt(all->covariances[i * square] * model->inflation) : (double)NAN;
        matching->components[i] = model->told[model->component[i]];
        if (matching->components[i] >= matching->component_count)
            matching->component_count = matching->components[i] + 1;
    }
    if (model->reference >= 0)
        matching->levels[model->reference] = 0.0;
}

static wk_status find_covariances(answer *all, wk_error *error)
{
    const wk_sky_cell_model *model = &all->model;
    int64_t square = model->size * model->size;
    all->covariances =
        wk_memory_new((size_t)(model->nodes * square), sizeof *all->covariances, error);
    if (!all->covariances)
        return WK_MEMORY;
    wk_status status = wk_sky_cell_gauge_covariances(all->covariances, &all->gauge, error);
    for (int64_t i = 0; i < model->nodes && status == WK_OK; i++) {
        double *block = all->covariances + i * square;
        double own = model->matrix.diagonal[i * square];
        int bound = model->held[i] == 0 && block[0] * own < loosest * loosest;
        if (bound || model->terms[i] == 0)
            continue;
        for (int64_t k = 0; k < square; k++)
            block[k] = (double)NAN;
        all->loose++;
    }
    return status;
}

/* Offsets of detectors and what their errors do to others. */
static wk_status find_offsets(answer *all, wk_error *error)
{
    const wk_sky_cell_model *model = &all->model;
    const wk_overlaps *overlaps = model->cells->overlaps;
    size_t width = (size_t)(1 + model->size);
    all->together = wk_memory_new(overlaps->count * width, sizeof *all->together, error);
    all->offsets = wk_memory_new(overlaps->count, sizeof *all->offsets, error);
    if (!all->together || !all->offsets)
        return WK_MEMORY;
    for (size_t i = 0; i < overlaps->count; i++)
        all->offsets[i] = wk_sky_cell_amplifier_mean(model->offsets, overlaps, (int64_t)i,
                                                     model->offsets->values);
    wk_sky_cell_offsets_covariances(all->covariances, all->together, model, &all->gauge);
    return WK_OK;
}

static wk_status find_rises(answer *all, wk_error *error)
{
    size_t count = all->model.cells->overlaps->count;
    all->rises = wk_memory_new(count, sizeof *all->rises, error);
    for (size_t i = 0; i < count && all->rises; i++)
        all->rises[i] =
            wk_sky_cell_rise(&all->model, (int64_t)i) + (all->offsets ? all->offsets[i] : 0.0);
    return all->rises ? WK_OK : WK_MEMORY;
}

static void clear(answer *all)
{
    wk_sky_cell_gauge_clear(&all->gauge);
    wk_sky_cell_model_clear(&all->model);
    wk_memory_free(all->covariances);
    wk_memory_free(all->together);
    wk_memory_free(all->offsets);
    wk_memory_free(all->rises);
    wk_memory_free(all->slopes);
}

/* The equations with the errors as they are, and their solution. */
static wk_status fit(answer *all, const wk_sky_cells *cells, const wk_sky_cells_options *options,
                     wk_sky_cells_loss loss, size_t memory, wk_error *error)
{
    wk_status status = wk_sky_cell_model_fill(&all->model, cells, options->order, error);
    if (status == WK_OK)
        status = wk_sky_cell_gauge_fill(&all->gauge, &all->model, error);
    if (status == WK_OK && options->detectors)
        status = wk_sky_cell_offsets_fill(&all->model, &all->gauge, memory, error);
    return status == WK_OK ? wk_sky_cell_model_solve(&all->model, &all->gauge, loss, error)
                           : status;
}

/* The residuals of least squares say how large structure's errors are; with these the fit is made.
 * A former match may have changed them. */
static wk_status fit_twice(answer *all, wk_sky_cells *cells, const wk_sky_cells_options *options,
                           size_t memory, wk_error *error)
{
    double factor = 1.0;
    wk_status status = wk_sky_cells_structure_set(cells, factor, error);
    if (status == WK_OK)
        status = fit(all, cells, options, WK_LOSS_SQUARE, memory, error);
    if (status == WK_OK)
        status = wk_sky_cells_structure_find(&factor, &all->model, error);
    if (status < 0)
        return status;
    if (fabs(log(factor)) < enough)
        return options->loss == WK_LOSS_SQUARE
                   ? WK_OK
                   : wk_sky_cell_model_solve(&all->model, &all->gauge, options->loss, error);
    clear(all);
    status = wk_sky_cells_structure_set(cells, factor, error);
    return status == WK_OK ? fit(all, cells, options, options->loss, memory, error) : status;
}

static wk_status solve(answer *all, wk_sky_cells *cells, const wk_sky_cells_options *options,
                       const wk_context *context, wk_error *error)
{
    size_t memory = (context && context->memory ? context->memory : (size_t)1 << 30) / 2;
    wk_status status = wk_sky_cells_merge(cells, error);
    if (status == WK_OK)
        status = fit_twice(all, cells, options, memory, error);
    if (status == WK_OK)
        status = find_covariances(all, error);
    if (status == WK_OK && options->detectors)
        status = find_offsets(all, error);
    if (status == WK_OK)
        status = find_rises(all, error);
    if (status == WK_OK)
        status = wk_sky_cells_fill_edges(&all->slopes, cells->overlaps, &all->model, error);
    return status;
}

/* Coefficients that are free, less the surface common to each component; slopes that no cell binds
 * count as if one did. */
static wk_status count_rank(size_t *rank, const wk_sky_cell_model *model, wk_error *error)
{
    int *most = wk_memory_new((size_t)model->components, sizeof *most, error);
    if (!most)
        return WK_MEMORY;
    *rank = 0;
    for (int64_t i = 0; i < model->nodes; i++) {
        int *common = &most[model->component[i]];
        *rank += (size_t)model->terms[i];
        *common = model->terms[i] > *common ? model->terms[i] : *common;
    }
    for (int64_t c = 0; c < model->components; c++)
        *rank -= (size_t)wk_sky_cell_lost(model, c, most[c]);
    if (model->offsets)
        *rank += (size_t)model->offsets->rank;
    wk_memory_free(most);
    return WK_OK;
}

static wk_status fill_solution(wk_solution *solution, const answer *all, int order, wk_error *error)
{
    const wk_overlaps *overlaps = all->model.cells->overlaps;
    wk_status status = WK_OK;
    solution->order = order;
    solution->cells = all->model.cells->count;
    solution->reference_cells = all->model.tied_cells;
    solution->chi2 = all->model.chi2;
    solution->dof = all->model.dof;
    solution->surfaces = wk_memory_new(solution->fields, sizeof *solution->surfaces, error);
    solution->covariances = wk_memory_new(solution->fields, sizeof *solution->covariances, error);
    if (!solution->surfaces || !solution->covariances)
        return WK_MEMORY;
    for (size_t i = 0; i < solution->fields && status == WK_OK; i++) {
        int64_t member = (int64_t)overlaps->ranks[i];
        wk_sky_cell_surface_put(&solution->surfaces[i], &solution->levels[i], &all->model, member);
        wk_sky_cell_covariance_put(solution->covariances[i], &solution->levels[i], &all->model,
                                   all->covariances, all->together, member);
        if (all->model.offsets)
            status = wk_sky_cell_detectors_put(&solution->surfaces[i], &solution->levels[i],
                                               &all->model, member, error);
    }
    if (status == WK_OK && all->model.offsets)
        status = wk_sky_cell_detectors_report(solution, &all->model, error);
    return status == WK_OK ? count_rank(&solution->rank, &all->model, error) : status;
}

/* Exposures that got less than was asked for: one by name, and how many. */
static wk_status warn_levels(wk_solution *solution, const answer *all, wk_error *error)
{
    const wk_sky_cell_model *model = &all->model;
    const wk_overlaps *overlaps = model->cells->overlaps;
    const char *name = NULL;
    char text[1024];
    int64_t count = 0;
    for (size_t i = 0; i < overlaps->count; i++) {
        const wk_member *member = &overlaps->members[overlaps->ranks[i]];
        if (model->terms[member->item] < 1 || model->terms[member->item] == model->size)
            continue;
        if (count++ == 0)
            name = member->field.name;
    }
    if (count == 0)
        return WK_OK;
    snprintf(text, sizeof text,
             "%.500s%s: fewer than %lld cells shared, a level is fitted there and no slope", name,
             count > 1 ? " and others" : "", (long long)(2 * model->size));
    return wk_solution_warn(solution, text, error);
}

/* Parts to which the reference gives no slope: one by name, and how many. */
static wk_status warn_bonds(wk_solution *solution, const answer *all, wk_error *error)
{
    const wk_sky_cell_model *model = &all->model;
    const wk_overlaps *overlaps = model->cells->overlaps;
    const wk_member *first = NULL;
    char text[1024];
    int64_t count = 0;
    for (size_t i = 0; i < solution->fields && !first; i++) {
        const wk_member *member = &overlaps->members[overlaps->ranks[i]];
        if (model->bonds[model->component[member->item]] == wk_sky_cell_level)
            first = member;
    }
    if (!first)
        return WK_OK;
    for (int64_t c = 0; c < model->components; c++)
        count += model->bonds[c] == wk_sky_cell_level;
    snprintf(text, sizeof text,
             "around %.500s%s %lld cells are shared with the reference, fewer than %lld: it fixes "
             "the level there, and no slope",
             first->field.name, count > 1 ? " (and in other parts)" : "",
             (long long)model->ties[model->component[first->item]], (long long)(2 * model->size));
    return wk_solution_warn(solution, text, error);
}

static wk_status warn(wk_solution *solution, const answer *all, wk_error *error)
{
    const wk_sky_cell_model *model = &all->model;
    char text[256];
    wk_status status = warn_levels(solution, all, error);
    if (status == WK_OK)
        status = warn_bonds(solution, all, error);
    if (status == WK_OK && all->loose > 0) {
        snprintf(text, sizeof text,
                 "the shared cells do not bind the slopes of %lld exposures: the smallest slopes "
                 "are taken, the errors are unknown",
                 (long long)all->loose);
        status = wk_solution_warn(solution, text, error);
    }
    if (status == WK_OK && !model->converged) {
        snprintf(text, sizeof text, "the robust fit did not come to rest in %d rounds",
                 model->rounds);
        status = wk_solution_warn(solution, text, error);
    }
    return status;
}

static void write_log(const answer *all, const wk_context *context)
{
    const wk_sky_cell_model *model = &all->model;
    if (!context || !context->log)
        return;
    wk_log(context, WK_LOG_INFO, "%lld cells of %g arcsec are shared, scatter %.3g of the errors",
           (long long)model->cells->count, model->cells->pitch, model->scale);
    wk_log(context, WK_LOG_INFO, "structure counts %.3g times as error of what was measured",
           model->cells->structure);
    wk_log(context, WK_LOG_INFO, "robust fit: %d rounds", model->rounds);
}

static wk_status check(const wk_sky_cells_options *options, const wk_match_options *match,
                       wk_error *error)
{
    if (options->order < 0 || options->order > 2)
        return wk_error_set(error, WK_ARGUMENT, "order", "%d is not 0, 1 or 2", options->order);
    if (match->method != WK_MATCH_MATCH && match->method != WK_MATCH_GLOBAL_MATCH)
        return wk_error_set(error, WK_ARGUMENT, "method",
                            "cells serve the methods match and global+match alone");
    return WK_OK;
}

wk_status wk_sky_cells_match(wk_solution **out, wk_sky_cells *cells,
                             const wk_sky_cells_options *options, const wk_match_options *match,
                             const wk_context *context, wk_error *error)
{
    wk_sky_cells_options defaults = wk_sky_cells_options_default();
    wk_match_options levels = wk_match_options_default();
    answer all = {.loose = 0};
    *out = NULL;
    if (!options)
        options = &defaults;
    if (!match)
        match = &levels;
    wk_status status = check(options, match, error);
    cells->context = context;
    if (status == WK_OK)
        status = solve(&all, cells, options, context, error);
    cells->context = NULL;
    wk_match_source source = {give_levels, &all, all.slopes, all.rises, all.offsets};
    if (status == WK_OK)
        status = wk_match_from(out, cells->overlaps, match, &source, context, error);
    wk_status judged = status;
    if (status >= 0)
        status = fill_solution(*out, &all, options->order, error);
    if (status >= 0)
        status = warn(*out, &all, error);
    if (status >= 0)
        write_log(&all, context);
    if (status >= 0)
        status = wk_sky_cells_keep_fit(cells, &all.model, &all.gauge, error);
    clear(&all);
    if (status < 0) {
        wk_solution_free(*out);
        *out = NULL;
    }
    return status < 0 ? status : judged;
}
