/* From shared cells to a solution as wk_match gives it. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cells_offset.h"
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
    double *together;    /* [members] variances of levels with the detectors' offsets */
    double *offsets;     /* [members] of the detectors */
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
    all->together = wk_memory_new(overlaps->count, sizeof *all->together, error);
    all->offsets = wk_memory_new(overlaps->count, sizeof *all->offsets, error);
    double *variances = wk_memory_new((size_t)model->nodes, sizeof *variances, error);
    if (!all->together || !all->offsets || !variances) {
        wk_memory_free(variances);
        return WK_MEMORY;
    }
    for (size_t i = 0; i < overlaps->count; i++)
        all->offsets[i] = wk_sky_cell_amplifier_mean(model->offsets, overlaps, (int64_t)i,
                                                     model->offsets->values);
    int64_t square = model->size * model->size;
    for (int64_t i = 0; i < model->nodes; i++)
        variances[i] = all->covariances[i * square];
    wk_sky_cell_offsets_variances(variances, all->together, model, &all->gauge);
    for (int64_t i = 0; i < model->nodes; i++)
        all->covariances[i * square] = variances[i];
    wk_memory_free(variances);
    return WK_OK;
}

static void clear(answer *all)
{
    wk_sky_cell_gauge_clear(&all->gauge);
    wk_sky_cell_model_clear(&all->model);
    wk_memory_free(all->covariances);
    wk_memory_free(all->together);
    wk_memory_free(all->offsets);
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
        status = wk_sky_cells_fill_edges(&all->slopes, cells->overlaps, &all->model, error);
    return status;
}

/* A node's background as one of a member's own coordinates: exact, for the map is affine. */
static void compose(double out[wk_blocks_largest], const double *c, int terms, const double map[6])
{
    double full[wk_blocks_largest] = {0.0};
    memcpy(full, c, (size_t)terms * sizeof *full);
    double constants[2] = {map[0], map[3]}, xs[2] = {map[1], map[4]}, ys[2] = {map[2], map[5]};
    const double *k = constants;
    out[0] = full[0] + full[1] * k[0] + full[2] * k[1] + full[3] * k[0] * k[0] +
             full[4] * k[0] * k[1] + full[5] * k[1] * k[1];
    double along[2] = {full[1] + 2.0 * full[3] * k[0] + full[4] * k[1],
                       full[2] + full[4] * k[0] + 2.0 * full[5] * k[1]};
    out[1] = along[0] * xs[0] + along[1] * xs[1];
    out[2] = along[0] * ys[0] + along[1] * ys[1];
    out[3] = full[3] * xs[0] * xs[0] + full[4] * xs[0] * xs[1] + full[5] * xs[1] * xs[1];
    out[4] = 2.0 * full[3] * xs[0] * ys[0] + full[4] * (xs[0] * ys[1] + xs[1] * ys[0]) +
             2.0 * full[5] * xs[1] * ys[1];
    out[5] = full[3] * ys[0] * ys[0] + full[4] * ys[0] * ys[1] + full[5] * ys[1] * ys[1];
}

static const double same_place[6] = {0.0, 1.0, 0.0, 0.0, 0.0, 1.0};

/* The covariance of a member's coefficients from that of its node's: compose is linear. */
static void carry(double *out, const double *block, int64_t size, int terms, const double map[6],
                  double factor)
{
    double turn[wk_blocks_largest][wk_blocks_largest];
    for (int k = 0; k < terms; k++) {
        double unit[wk_blocks_largest] = {0.0};
        unit[k] = 1.0;
        compose(turn[k], unit, terms, map);
    }
    for (int r = 0; r < terms; r++)
        for (int c = 0; c <= r; c++) {
            double sum = 0.0;
            for (int a = 0; a < terms; a++)
                for (int b = 0; b < terms; b++)
                    sum += turn[a][r] * turn[b][c] * block[a * size + b];
            out[r * terms + c] = out[c * terms + r] = factor * sum;
        }
}

/* With groups of surfaces the error becomes that at the exposure's own centre, too. */
static void fill_covariance(double *out, wk_level_result *level, const answer *all, int64_t member)
{
    const wk_sky_cell_model *model = &all->model;
    double flux = model->cells->overlaps->members[member].field.flux;
    int64_t node = model->node[member], size = model->size;
    int terms = model->terms[node];
    out[0] = level->error * level->error;
    if (terms == 0)
        return;
    carry(out, all->covariances + node * size * size, size, terms,
          model->maps ? model->maps[member] : same_place, model->inflation / (flux * flux));
    if (model->maps)
        level->error = sqrt(out[0]);
}

/* What was shifted are the nodes' levels; an exposure without cells may have got one.  With groups
 * of surfaces the level becomes that at the exposure's own centre. */
static void fill_surface(wk_sky_surface *surface, wk_level_result *level,
                         const wk_sky_cell_model *model, int64_t member)
{
    const wk_field *field = &model->cells->overlaps->members[member].field;
    int64_t node = model->node[member];
    double own[wk_blocks_largest];
    surface->centre[0] = 0.5 * ((double)field->width - 1.0);
    surface->centre[1] = 0.5 * ((double)field->height - 1.0);
    surface->scale[0] = 0.5 * (double)field->width;
    surface->scale[1] = 0.5 * (double)field->height;
    if (!isfinite(level->sky))
        return;
    surface->terms = model->terms[node] > 1 ? model->terms[node] : 1;
    const double *coefficients = model->coefficients + node * model->size;
    compose(own, coefficients, surface->terms, model->maps ? model->maps[member] : same_place);
    level->sky += (own[0] - coefficients[0]) / field->flux;
    surface->coefficients[0] = level->sky;
    for (int64_t k = 1; k < surface->terms; k++)
        surface->coefficients[k] = own[k] / field->flux;
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
        fill_surface(&solution->surfaces[i], &solution->levels[i], &all->model, member);
        fill_covariance(solution->covariances[i], &solution->levels[i], all, member);
        if (!all->model.offsets)
            continue;
        status = wk_sky_cell_detectors_put(&solution->surfaces[i], &solution->levels[i],
                                           &all->model, member, all->together[member], error);
        solution->covariances[i][0] = solution->levels[i].error * solution->levels[i].error;
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
    if (status == WK_OK)
        status = solve(&all, cells, options, context, error);
    wk_match_source source = {give_levels, &all, all.slopes, all.offsets};
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
