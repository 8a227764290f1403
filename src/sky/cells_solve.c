/* Backgrounds from residuals, with Huber's loss or without.
 *
 * Huber's algorithm of modified residuals: residuals are cut at the threshold and least squares
 * are asked for the step, again and again.  The matrix stays as it is, so that it is factorised
 * once; each round lowers the loss.  P. J. Huber & E. M. Ronchetti, Robust Statistics, 7.8.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "cells.h"
#include "memory.h"
#include "select.h"

enum { most_rounds = 200, scale_rounds = 40 };

static const double threshold = 2.0; /* sigma */
static const double enough = 1e-2;   /* sigma: a step this small in every direction is the last */

typedef struct fitting {
    wk_sky_cell_model *model;
    const wk_sky_cell_gauge *gauge;
    double *step;     /* [members][size] */
    double *right;    /* [members][size] */
    double *weight;   /* [values] */
    double *unit;     /* [values] 1 / standard deviation of the residual */
    double *residual; /* [values of the largest cell] */
    double *shift;    /* [cells] what the sky's next step has beyond the mean residual */
    float *sizes;     /* [values] of the residuals, in their standard deviations */
    void *room;
    double cut;        /* in standard deviations; infinite for least squares */
    double sum, inner; /* of squared cut residuals; values that were not cut */
} fitting;

/* Weights, and the spread of residuals from a sky that comes from the same values. */
static void weigh(fitting *all)
{
    const wk_sky_cells *cells = all->model->cells;
    for (int64_t c = 0; c < cells->count; c++) {
        double total = 0.0;
        for (int64_t i = cells->start[c]; i < cells->start[c + 1]; i++) {
            double error = (double)cells->values[i].error;
            all->weight[i] = 1.0 / (error * error);
            total += all->weight[i];
        }
        for (int64_t i = cells->start[c]; i < cells->start[c + 1]; i++) {
            double others = fmax((total - all->weight[i]) / total, DBL_EPSILON);
            all->unit[i] = sqrt(all->weight[i] / others);
        }
    }
}

/* Residuals from the backgrounds as they are and the cell's old sky; returns their mean. */
static double find_residuals(fitting *all, int64_t cell)
{
    const wk_sky_cell_model *model = all->model;
    int64_t first = model->cells->start[cell], count = model->cells->start[cell + 1] - first;
    const wk_sky_cell_value *values = model->cells->values + first;
    double total = 0.0, sum = 0.0;
    for (int64_t i = 0; i < count; i++) {
        double terms[wk_blocks_largest], background = 0.0;
        const double *own = model->coefficients + values[i].member * model->size;
        wk_sky_cell_powers(terms, &values[i]);
        for (int64_t k = 0; k < model->size; k++)
            background += terms[k] * own[k];
        all->residual[i] = values[i].value - background - model->sky[cell];
        total += all->weight[first + i];
        sum += all->weight[first + i] * all->residual[i];
    }
    return sum / total;
}

/* Residuals from the new sky, cut; returns their mean. */
static double cut_residuals(fitting *all, int64_t first, int64_t count, double step)
{
    double total = 0.0, sum = 0.0;
    for (int64_t i = 0; i < count; i++) {
        double residual = all->residual[i] - step;
        double size = fabs(residual) * all->unit[first + i];
        int within = size <= all->cut;
        all->sizes[first + i] = (float)size;
        if (!within) {
            residual = copysign(all->cut / all->unit[first + i], residual);
            size = all->cut;
        }
        all->residual[i] = residual;
        all->sum += size * size;
        all->inner += within;
        total += all->weight[first + i];
        sum += all->weight[first + i] * residual;
    }
    return sum / total;
}

/* The sky of a cell moves by the mean of its cut residuals less the mean step of the backgrounds.
 * The latter is the mean of uncut residuals before, which is minus the shift, less what it is now.
 */
static void visit_cell(fitting *all, int64_t cell)
{
    wk_sky_cell_model *model = all->model;
    int64_t first = model->cells->start[cell], count = model->cells->start[cell + 1] - first;
    const wk_sky_cell_value *values = model->cells->values + first;
    double step = all->shift[cell] + find_residuals(all, cell);
    model->sky[cell] += step;
    double mean = cut_residuals(all, first, count, step);
    all->shift[cell] += mean;
    for (int64_t i = 0; i < count; i++) {
        double terms[wk_blocks_largest];
        double *right = all->right + values[i].member * model->size;
        double weighted = all->weight[first + i] * (all->residual[i] - mean);
        wk_sky_cell_powers(terms, &values[i]);
        for (int64_t k = 0; k < model->size; k++)
            right[k] += weighted * terms[k];
    }
}

static void visit_all(fitting *all)
{
    const wk_sky_cell_model *model = all->model;
    memset(all->right, 0, (size_t)(model->members * model->size) * sizeof *all->right);
    all->sum = all->inner = 0.0;
    for (int64_t c = 0; c < model->cells->count; c++)
        visit_cell(all, c);
}

/* Move the backgrounds; the skies follow at the next visit.  Returns the square of the step in
 * sigma: no combination of coefficients has moved by more. */
static double step(fitting *all)
{
    wk_sky_cell_model *model = all->model;
    int64_t size = model->size;
    double square = 0.0;
    memcpy(all->step, all->right, (size_t)(model->members * size) * sizeof *all->step);
    wk_sky_cell_gauge_solve(all->step, all->gauge);
    for (int64_t i = 0; i < model->members; i++)
        for (int64_t k = i * size; k < i * size + model->terms[i]; k++) {
            model->coefficients[k] += all->step[k];
            square += all->step[k] * all->right[k];
        }
    return square;
}

/* 1.4826 times the median size: 1 where errors are true, whatever single values do. */
static double find_scale(const fitting *all)
{
    int64_t n = all->model->cells->start[all->model->cells->count];
    wk_selection sizes = {all->sizes, n, 0.0F, INFINITY, n};
    return n > 0 ? 1.482602218505602 * wk_select_median(&sizes, all->room) : 1.0;
}

/* Where to begin: every cell's sky is the mean of its values. */
static void begin(fitting *all)
{
    const wk_sky_cell_model *model = all->model;
    for (int64_t c = 0; c < model->cells->count; c++)
        model->sky[c] = model->cells->values[model->cells->start[c]].value;
    all->cut = (double)INFINITY;
    visit_all(all);
    step(all);
    visit_all(all);
}

/* Outliers enlarge the scale that least squares begin with: it follows the fit for some rounds. */
static void fit_huber(fitting *all)
{
    wk_sky_cell_model *model = all->model;
    model->converged = 0;
    for (model->rounds = 0; model->rounds < most_rounds && !model->converged; model->rounds++) {
        double before = model->scale;
        if (model->rounds < scale_rounds)
            model->scale = find_scale(all);
        all->cut = threshold * fmax(model->scale, DBL_EPSILON);
        visit_all(all);
        double square = step(all);
        model->converged = model->rounds > 0 &&
                           square <= enough * enough * model->scale * model->scale &&
                           fabs(model->scale - before) <= enough * model->scale;
    }
    visit_all(all);
}

/* Values less the unknowns that they determine. */
static int64_t freedom(const wk_sky_cell_model *model, const wk_sky_cell_gauge *gauge)
{
    const wk_sky_cells *cells = model->cells;
    int64_t dof = cells->start[cells->count] - cells->count;
    for (int64_t i = 0; i < model->members; i++)
        dof -= model->terms[i];
    /* the member that is held has as many terms as any of its component */
    for (int64_t c = 0; c < model->components; c++)
        dof += model->terms[gauge->ground[c]];
    return dof > 0 ? dof : 0;
}

/* Errors are scaled by the scatter that is there: of few values ten at the nominal errors hold
 * it. */
static void judge(fitting *all)
{
    wk_sky_cell_model *model = all->model;
    double n = (double)model->cells->start[model->cells->count];
    model->dof = freedom(model, all->gauge);
    double dof = (double)model->dof, inner = n > 0.0 ? all->inner / n : 1.0;
    /* sizes are relative to their own spread: n of them stand for the degrees of freedom */
    double mean = n > 0.0 ? all->sum / n : 1.0;
    model->chi2 = mean * dof;
    model->inflation = (mean * dof + 10.0) / (dof + 10.0) / (inner * inner);
}

static int64_t largest_cell(const wk_sky_cells *cells)
{
    int64_t most = 0;
    for (int64_t c = 0; c < cells->count; c++)
        if (cells->start[c + 1] - cells->start[c] > most)
            most = cells->start[c + 1] - cells->start[c];
    return most;
}

static wk_status reserve(fitting *all, wk_error *error)
{
    const wk_sky_cell_model *model = all->model;
    size_t length = (size_t)(model->members * model->size), cells = (size_t)model->cells->count;
    size_t values = (size_t)model->cells->start[cells];
    all->step = wk_memory_new(length, sizeof *all->step, error);
    all->right = wk_memory_new(length, sizeof *all->right, error);
    all->weight = wk_memory_new(values, sizeof *all->weight, error);
    all->unit = wk_memory_new(values, sizeof *all->unit, error);
    all->residual = wk_memory_new((size_t)largest_cell(model->cells), sizeof *all->residual, error);
    all->shift = wk_memory_new(cells, sizeof *all->shift, error);
    all->sizes = wk_memory_new(values, sizeof *all->sizes, error);
    all->room = wk_memory_new(wk_select_room((int64_t)values, 2), 1, error);
    return all->step && all->right && all->weight && all->unit && all->residual && all->shift &&
                   all->sizes && all->room
               ? WK_OK
               : WK_MEMORY;
}

static void release(fitting *all)
{
    wk_memory_free(all->step);
    wk_memory_free(all->right);
    wk_memory_free(all->weight);
    wk_memory_free(all->unit);
    wk_memory_free(all->residual);
    wk_memory_free(all->shift);
    wk_memory_free(all->sizes);
    wk_memory_free(all->room);
}

wk_status wk_sky_cell_model_solve(wk_sky_cell_model *model, const wk_sky_cell_gauge *gauge,
                                  wk_sky_cells_loss loss, wk_error *error)
{
    fitting all = {.model = model, .gauge = gauge};
    wk_status status = reserve(&all, error);
    if (status == WK_OK) {
        weigh(&all);
        begin(&all);
        model->scale = find_scale(&all);
        model->converged = 1;
        if (loss == WK_LOSS_HUBER)
            fit_huber(&all);
        judge(&all);
    }
    release(&all);
    return status;
}
