/* Backgrounds from residuals, with Huber's loss or without.
 *
 * Huber's algorithm of modified residuals: residuals are cut at the threshold and least squares
 * are asked for the step, again and again.  The matrix stays as it is, so that it is factorised
 * once; each round lowers the loss.  P. J. Huber & E. M. Ronchetti, Robust Statistics, 7.8.
 */
#include <float.h>
#include <math.h>
#include <string.h>

#include "cells_offset.h"
#include "memory.h"
#include "spread.h"

enum { most_rounds = 200, scale_rounds = 40 };

static const double threshold = 2.0; /* sigma */
static const double enough = 1e-2;   /* sigma: a step this small in every direction is the last */

enum { most_parts = 16, values_for_part = 1 << 15 };

/* Cells that one thread looks at; what is summed over all of them ends up in the first part. */
typedef struct part {
    const wk_sky_cell_model *model;
    double cut;                     /* in standard deviations; infinite for least squares */
    double *right;                  /* [nodes][size] */
    double *weight;                 /* [values of the largest cell] */
    double *residual;               /* [values of the largest cell] */
    wk_spread sizes;                /* of residuals in their standard deviations */
    double sum;                     /* of squared cut residuals, in their standard deviations */
    double square;                  /* the same, each times its information */
    double inner;                   /* information of the values that were not cut */
    double all, all_squared, whole; /* information of all values, its squares; if none shared */
} part;

typedef struct fitting {
    wk_sky_cell_model *model;
    const wk_sky_cell_gauge *gauge;
    double *step; /* [nodes][size] */
    double cut;
    int64_t count;
    part parts[most_parts]; /* [count] */
    void *payloads[most_parts];
} fitting;

/* What a value says about its background, the cell's sky being as unknown: the diagonal of the
 * equations is the sum of it. */
static double information(double weight, double unit)
{
    return (weight / unit) * (weight / unit);
}

/* Pixels on a cell's border give a part of themselves to each side, so that a mean of n scatters by
 * less than noise / sqrt(n), and goes with its neighbours' means: for squares at any place the
 * variance is this part.  What many cells say together has the scatter of n whole pixels. */
static double part_of_variance(int32_t pixels)
{
    double side = 1.0 - 1.0 / (3.0 * sqrt((double)pixels));
    return side * side;
}

/* The spread of residuals from a sky that comes from the same values.  Every cell's sky begins as
 * its first value. */
static wk_status prepare_block(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    part *all = payload;
    (void)error;
    for (int64_t c = 0; c < block->count; c++) {
        wk_sky_cell_value *values = block->values + block->start[c];
        int64_t count = block->start[c + 1] - block->start[c];
        double total = 0.0;
        for (int64_t i = 0; i < count; i++)
            total += wk_sky_cell_weight(&values[i]);
        for (int64_t i = 0; i < count; i++) {
            double weight = wk_sky_cell_weight(&values[i]);
            double others = fmax((total - weight) / total, DBL_EPSILON);
            values[i].unit = (float)sqrt(weight / others);
            double told = information(weight, (double)values[i].unit);
            all->all += told;
            all->all_squared += told * told;
            all->whole += told / part_of_variance(values[i].pixels);
        }
        block->sky[c] = values[0].value;
        block->shift[c] = 0.0;
    }
    return WK_OK;
}

/* Residuals from the backgrounds as they are and the cell's old sky; returns their mean. */
static double find_residuals(part *all, const wk_sky_cell_value *values, int64_t count, double sky)
{
    const wk_sky_cell_model *model = all->model;
    double total = 0.0, sum = 0.0;
    for (int64_t i = 0; i < count; i++) {
        all->weight[i] = wk_sky_cell_weight(&values[i]);
        all->residual[i] = wk_sky_cell_residual(model, &values[i], sky);
        total += all->weight[i];
        sum += all->weight[i] * all->residual[i];
    }
    return sum / total;
}

/* Residuals from the new sky, cut; returns their mean. */
static double cut_residuals(part *all, const wk_sky_cell_value *values, int64_t count, double step)
{
    double total = 0.0, sum = 0.0;
    for (int64_t i = 0; i < count; i++) {
        double residual = all->residual[i] - step, unit = (double)values[i].unit;
        double size = fabs(residual) * unit;
        int within = size <= all->cut;
        wk_spread_add(&all->sizes, size);
        if (!within) {
            residual = copysign(all->cut / unit, residual);
            size = all->cut;
        }
        double told = information(all->weight[i], unit);
        all->residual[i] = residual;
        all->sum += size * size;
        all->square += told * size * size;
        all->inner += within ? told : 0.0;
        total += all->weight[i];
        sum += all->weight[i] * residual;
    }
    return sum / total;
}

/* The sky of a cell moves by the mean of its cut residuals less the mean step of the backgrounds.
 * The latter is the mean of uncut residuals before, which is minus the shift, less what it is now.
 */
static void visit_cell(part *all, const wk_sky_cell_block *block, int64_t cell)
{
    const wk_sky_cell_model *model = all->model;
    const wk_sky_cell_value *values = block->values + block->start[cell];
    int64_t count = block->start[cell + 1] - block->start[cell];
    double step = block->shift[cell] + find_residuals(all, values, count, block->sky[cell]);
    block->sky[cell] += step;
    double mean = cut_residuals(all, values, count, step);
    block->shift[cell] += mean;
    for (int64_t i = 0; i < count; i++) {
        double terms[wk_blocks_largest];
        double *right = all->right + model->node[values[i].member] * model->size;
        double weighted = all->weight[i] * (all->residual[i] - mean);
        wk_sky_cell_terms_of(terms, model, &values[i]);
        for (int64_t k = 0; k < model->size; k++)
            right[k] += weighted * terms[k];
        int64_t place = model->offsets ? wk_sky_cell_offset_place(model, &values[i]) : -1;
        if (place >= 0)
            model->offsets->right[place] += weighted;
    }
}

static wk_status visit_block(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    (void)error;
    for (int64_t c = 0; c < block->count; c++)
        visit_cell(payload, block, c);
    return WK_OK;
}

static void empty(part *own)
{
    const wk_sky_cell_model *model = own->model;
    memset(own->right, 0, (size_t)(model->nodes * model->size) * sizeof *own->right);
    wk_spread_empty(&own->sizes);
    own->sum = own->square = own->inner = 0.0;
}

static void join(part *first, const part *other)
{
    const wk_sky_cell_model *model = first->model;
    for (int64_t i = 0; i < model->nodes * model->size; i++)
        first->right[i] += other->right[i];
    wk_spread_join(&first->sizes, &other->sizes);
    first->sum += other->sum;
    first->square += other->square;
    first->inner += other->inner;
}

static wk_status visit_all(fitting *all, wk_error *error)
{
    const wk_sky_cell_model *model = all->model;
    if (model->offsets)
        memset(model->offsets->right, 0, (size_t)model->offsets->count * sizeof(double));
    for (int64_t i = 0; i < all->count; i++) {
        empty(&all->parts[i]);
        all->parts[i].cut = all->cut;
    }
    wk_status status =
        wk_sky_cells_visit_parts(model->cells, visit_block, all->payloads, all->count, 1, error);
    for (int64_t i = 1; i < all->count && status == WK_OK; i++)
        join(&all->parts[0], &all->parts[i]);
    return status;
}

static wk_status prepare_all(fitting *all, wk_error *error)
{
    part *first = &all->parts[0];
    wk_status status = wk_sky_cells_visit_parts(all->model->cells, prepare_block, all->payloads,
                                                all->count, 1, error);
    for (int64_t i = 1; i < all->count && status == WK_OK; i++) {
        first->all += all->parts[i].all;
        first->all_squared += all->parts[i].all_squared;
        first->whole += all->parts[i].whole;
    }
    return status;
}

/* Move the backgrounds; the skies follow at the next visit.  Returns the square of the step in
 * sigma: no combination of coefficients has moved by more. */
static double step(fitting *all)
{
    wk_sky_cell_model *model = all->model;
    int64_t size = model->size;
    double square = 0.0;
    memcpy(all->step, all->parts[0].right, (size_t)(model->nodes * size) * sizeof *all->step);
    wk_sky_cell_gauge_solve(all->step, all->gauge);
    if (model->offsets)
        square += wk_sky_cell_offsets_step(all->step, model, all->gauge);
    for (int64_t i = 0; i < model->nodes; i++)
        for (int64_t k = i * size; k < i * size + model->terms[i]; k++) {
            model->coefficients[k] += all->step[k];
            square += all->step[k] * all->parts[0].right[k];
        }
    return square;
}

static wk_status begin(fitting *all, wk_error *error)
{
    wk_status status = prepare_all(all, error);
    all->cut = (double)INFINITY;
    if (status == WK_OK)
        status = visit_all(all, error);
    if (status == WK_OK) {
        step(all);
        status = visit_all(all, error);
    }
    return status;
}

/* One round; nonzero in *still when nothing moves any more. */
static wk_status improve(fitting *all, int *still, wk_error *error)
{
    wk_sky_cell_model *model = all->model;
    double before = model->scale;
    if (model->rounds < scale_rounds)
        model->scale = wk_spread_sigma(&all->parts[0].sizes);
    all->cut = threshold * fmax(model->scale, DBL_EPSILON);
    wk_status status = visit_all(all, error);
    if (status < 0)
        return status;
    double square = step(all);
    *still = model->rounds > 0 && square <= enough * enough * model->scale * model->scale &&
             fabs(model->scale - before) <= enough * model->scale;
    return WK_OK;
}

/* Outliers enlarge the scale that least squares begin with: it follows the fit for some rounds. */
static wk_status fit_huber(fitting *all, wk_error *error)
{
    wk_sky_cell_model *model = all->model;
    wk_status status = WK_OK;
    model->converged = 0;
    for (model->rounds = 0; model->rounds < most_rounds && !model->converged && status == WK_OK;
         model->rounds++)
        status = improve(all, &model->converged, error);
    return status == WK_OK ? visit_all(all, error) : status;
}

/* Values less the unknowns that they determine. */
static int64_t freedom(const wk_sky_cell_model *model, const wk_sky_cell_gauge *gauge)
{
    int64_t dof = model->cells->values - model->cells->count;
    for (int64_t i = 0; i < model->nodes; i++)
        dof -= model->terms[i];
    /* the node that is held has as many terms as any of its component */
    for (int64_t c = 0; c < model->components; c++)
        dof += wk_sky_cell_lost(model, c, model->terms[gauge->ground[c]]);
    if (model->offsets)
        dof -= model->offsets->rank;
    return dof > 0 ? dof : 0;
}

/* Errors are scaled by the scatter that is there, each value counting by its information: what
 * those with large errors do says little of the backgrounds.  Of few values ten at the nominal
 * errors hold it.  Cut residuals go by the theory of M-estimators. */
static void judge(fitting *all)
{
    wk_sky_cell_model *model = all->model;
    double n = (double)model->cells->values;
    model->cut = all->cut;
    model->dof = freedom(model, all->gauge);
    model->chi2 = 0.0;
    model->inflation = 1.0;
    if (n == 0.0)
        return;
    /* sizes are relative to their own spread: n of them stand for the degrees of freedom */
    const part *sums = &all->parts[0];
    double dof = (double)model->dof;
    model->chi2 = sums->sum / n * dof;
    double inner = sums->inner / sums->all, mean = sums->square / sums->all;
    double many = dof * sums->all / sums->all_squared * sums->all / n;
    double scatter = (mean * many + 10.0) / (many + 10.0);
    model->inflation = scatter / (inner * inner) * sums->whole / sums->all;
}

static wk_status reserve_part(part *own, const wk_sky_cell_model *model, wk_error *error)
{
    size_t length = (size_t)(model->nodes * model->size), most = (size_t)model->cells->most;
    own->model = model;
    own->right = wk_memory_new(length, sizeof *own->right, error);
    own->weight = wk_memory_new(most, sizeof *own->weight, error);
    own->residual = wk_memory_new(most, sizeof *own->residual, error);
    wk_status status = wk_spread_open(&own->sizes, error);
    return own->right && own->weight && own->residual ? status : WK_MEMORY;
}

/* Few values are one part; what detectors' offsets sum is not kept apart.  The number follows from
 * the data alone, so that threads change no bit. */
static wk_status reserve(fitting *all, wk_error *error)
{
    const wk_sky_cell_model *model = all->model;
    int64_t parts = model->offsets ? 1 : model->cells->values / values_for_part;
    wk_status status = WK_OK;
    all->count = parts < 1 ? 1 : parts > most_parts ? most_parts : parts;
    all->step = wk_memory_new((size_t)(model->nodes * model->size), sizeof *all->step, error);
    for (int64_t i = 0; i < all->count && status == WK_OK; i++) {
        status = reserve_part(&all->parts[i], model, error);
        all->payloads[i] = &all->parts[i];
    }
    return all->step ? status : WK_MEMORY;
}

static void release(fitting *all)
{
    wk_memory_free(all->step);
    for (int64_t i = 0; i < all->count; i++) {
        wk_memory_free(all->parts[i].right);
        wk_memory_free(all->parts[i].weight);
        wk_memory_free(all->parts[i].residual);
        wk_spread_clear(&all->parts[i].sizes);
    }
}

wk_status wk_sky_cell_model_solve(wk_sky_cell_model *model, const wk_sky_cell_gauge *gauge,
                                  wk_sky_cells_loss loss, wk_error *error)
{
    fitting all = {.model = model, .gauge = gauge};
    wk_status status = reserve(&all, error);
    if (status == WK_OK)
        status = begin(&all, error);
    if (status == WK_OK) {
        model->scale = wk_spread_sigma(&all.parts[0].sizes);
        model->converged = 1;
        /* an exact answer leaves nothing to cut */
        if (loss == WK_LOSS_HUBER && freedom(model, gauge) > 0)
            status = fit_huber(&all, error);
    }
    if (status == WK_OK)
        judge(&all);
    release(&all);
    return status;
}
