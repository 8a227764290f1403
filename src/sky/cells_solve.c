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

enum { most_rounds = 200, scale_rounds = 3 };

static const double threshold = 2.0; /* sigma */
static const double enough = 1e-3;   /* sigma: a step this small in every direction is the last */

typedef struct fitting {
    wk_sky_cell_model *model;
    const wk_sky_cell_gauge *gauge;
    double *step;     /* [members][size] */
    double *right;    /* [members][size] */
    double *sky_step; /* [cells] mean of a cell's cut residuals */
    float *sizes;     /* [values] of the residuals, in their errors */
    void *room;
    double cut;        /* in errors; infinite for least squares */
    double sum, inner; /* of squared cut residuals; values that were not cut */
} fitting;

static double weight_of(const wk_sky_cell_value *value)
{
    return 1.0 / ((double)value->error * (double)value->error);
}

/* Standard deviation of a residual in its error: the sky comes from the same values. */
static double spread(double weight, double total)
{
    return sqrt(fmax((total - weight) / total, DBL_EPSILON));
}

static double step_of(const fitting *all, const wk_sky_cell_value *value)
{
    const wk_sky_cell_model *model = all->model;
    double terms[wk_blocks_largest], sum = 0.0;
    wk_sky_cell_terms(terms, model, value);
    for (int64_t k = 0; k < model->size; k++)
        sum += terms[k] * all->step[value->member * model->size + k];
    return sum;
}

/* The sky that goes with the last step of the backgrounds. */
static void step_sky(fitting *all, int64_t cell, const wk_sky_cell_value *values, int64_t count,
                     double total)
{
    double sum = 0.0;
    for (int64_t i = 0; i < count; i++)
        sum += weight_of(&values[i]) * step_of(all, &values[i]);
    all->model->sky[cell] += all->sky_step[cell] - sum / total;
}

static void add_right(fitting *all, const wk_sky_cell_value *value, double weighted)
{
    double terms[wk_blocks_largest];
    wk_sky_cell_terms(terms, all->model, value);
    double *right = all->right + value->member * all->model->size;
    for (int64_t k = 0; k < all->model->size; k++)
        right[k] += weighted * terms[k];
}

static double cut_residual(fitting *all, double residual, double limit)
{
    double size = fabs(residual) / limit;
    all->sum += fmin(size, all->cut) * fmin(size, all->cut);
    all->inner += size <= all->cut;
    return size <= all->cut ? residual : copysign(all->cut * limit, residual);
}

/* One cell's residuals: cut, less their mean, summed into the right-hand side. */
static void visit_cell(fitting *all, int64_t cell)
{
    const wk_sky_cell_model *model = all->model;
    int64_t first = model->cells->start[cell], count = model->cells->start[cell + 1] - first;
    const wk_sky_cell_value *values = model->cells->values + first;
    double total = 0.0, mean = 0.0;
    for (int64_t i = 0; i < count; i++)
        total += weight_of(&values[i]);
    step_sky(all, cell, values, count, total);
    for (int pass = 0; pass < 2; pass++)
        for (int64_t i = 0; i < count; i++) {
            double weight = weight_of(&values[i]);
            double limit = (double)values[i].error * spread(weight, total);
            double residual =
                values[i].value - wk_sky_cell_background(model, &values[i]) - model->sky[cell];
            if (pass == 0) {
                all->sizes[first + i] = (float)(fabs(residual) / limit);
                mean += weight * cut_residual(all, residual, limit) / total;
            } else {
                double kept = copysign(fmin(fabs(residual), all->cut * limit), residual);
                add_right(all, &values[i], weight * (kept - mean));
            }
        }
    all->sky_step[cell] = mean;
}

static void visit_all(fitting *all)
{
    const wk_sky_cell_model *model = all->model;
    memset(all->right, 0, (size_t)(model->members * model->size) * sizeof *all->right);
    all->sum = all->inner = 0.0;
    for (int64_t c = 0; c < model->cells->count; c++)
        visit_cell(all, c);
    /* the skies have followed */
    memset(all->step, 0, (size_t)(model->members * model->size) * sizeof *all->step);
}

/* Move the backgrounds; the skies follow at the next visit.  Returns the square of the step in
 * sigma: no combination of coefficients has moved by more. */
static double step(fitting *all)
{
    wk_sky_cell_model *model = all->model;
    int64_t length = model->members * model->size;
    double square = 0.0;
    memcpy(all->step, all->right, (size_t)length * sizeof *all->step);
    wk_sky_cell_gauge_solve(all->step, all->gauge);
    for (int64_t i = 0; i < length; i++) {
        model->coefficients[i] += all->step[i];
        square += all->step[i] * all->right[i];
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

static void fit_huber(fitting *all)
{
    wk_sky_cell_model *model = all->model;
    model->converged = 0;
    for (model->rounds = 0; model->rounds < most_rounds && !model->converged; model->rounds++) {
        if (model->rounds < scale_rounds)
            model->scale = find_scale(all);
        all->cut = threshold * fmax(model->scale, DBL_EPSILON);
        visit_all(all);
        double square = step(all);
        model->converged =
            model->rounds > scale_rounds && square <= enough * enough * model->scale * model->scale;
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

wk_status wk_sky_cell_model_solve(wk_sky_cell_model *model, const wk_sky_cell_gauge *gauge,
                                  wk_sky_cells_loss loss, wk_error *error)
{
    size_t length = (size_t)(model->members * model->size);
    size_t cells = (size_t)model->cells->count;
    int64_t values = model->cells->start[model->cells->count];
    fitting all = {.model = model, .gauge = gauge};
    all.step = wk_memory_new(length, sizeof *all.step, error);
    all.right = wk_memory_new(length, sizeof *all.right, error);
    all.sky_step = wk_memory_new(cells, sizeof *all.sky_step, error);
    all.sizes = wk_memory_new((size_t)values, sizeof *all.sizes, error);
    all.room = wk_memory_new(wk_select_room(values, 2), 1, error);
    wk_status status =
        all.step && all.right && all.sky_step && all.sizes && all.room ? WK_OK : WK_MEMORY;
    if (status == WK_OK) {
        begin(&all);
        model->scale = find_scale(&all);
        model->converged = 1;
        if (loss == WK_LOSS_HUBER)
            fit_huber(&all);
        judge(&all);
    }
    wk_memory_free(all.step);
    wk_memory_free(all.right);
    wk_memory_free(all.sky_step);
    wk_memory_free(all.sizes);
    wk_memory_free(all.room);
    return status;
}
