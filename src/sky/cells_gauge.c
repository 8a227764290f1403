/* What cells do not determine: surfaces that all exposures of a component have in common.
 *
 * A surface over a whole component can be taken off the sky and added to every background.  The
 * cells then say nothing, or, where coordinates bend, almost nothing.  Of all solutions the one is
 * taken whose coefficients are orthogonal to these common surfaces.  To factorise, one exposure or
 * group of each component is held; the hold is taken back exactly by a small system for each
 * component.  What a reference determines needs neither.
 */
#include <math.h>
#include <string.h>

#include "cells.h"
#include "linear.h"
#include "memory.h"
#include "status.h"

static double *mode_of(const wk_sky_cell_gauge *gauge, int64_t mode, int64_t node)
{
    const wk_sky_cell_model *model = gauge->model;
    return gauge->modes + (mode * model->nodes + node) * model->size;
}

static double *answer_of(const wk_sky_cell_gauge *gauge, int64_t answer, int64_t node)
{
    const wk_sky_cell_model *model = gauge->model;
    return gauge->answers + (answer * model->nodes + node) * model->size;
}

static double trace_of(const wk_sky_cell_model *model, int64_t node)
{
    double sum = 0.0;
    for (int64_t k = 0; k < model->size; k++)
        sum += model->matrix.diagonal[(node * model->size + k) * model->size + k];
    return sum;
}

/* More terms, fewer of them held, a larger diagonal. */
static int is_bound_more(const wk_sky_cell_model *model, int64_t node, int64_t other)
{
    if (model->terms[node] != model->terms[other])
        return model->terms[node] > model->terms[other];
    if (model->held[node] != model->held[other])
        return model->held[node] < model->held[other];
    return trace_of(model, node) > trace_of(model, other);
}

/* Hold the node that is bound most strongly. */
static void choose_ground(wk_sky_cell_gauge *gauge)
{
    const wk_sky_cell_model *model = gauge->model;
    for (int64_t c = 0; c < model->components; c++)
        gauge->ground[c] = -1;
    for (int64_t i = 0; i < model->nodes; i++) {
        int64_t *ground = &gauge->ground[model->component[i]];
        if (*ground < 0 || is_bound_more(model, i, *ground))
            *ground = i;
    }
    for (int64_t c = 0; c < model->components; c++)
        if (model->bonds[c] != wk_sky_cell_fixed)
            gauge->hold[c] = trace_of(model, gauge->ground[c]) / (double)model->size;
}

static void change_hold(const wk_sky_cell_gauge *gauge, double sign)
{
    const wk_sky_cell_model *model = gauge->model;
    for (int64_t c = 0; c < model->components; c++)
        for (int64_t k = 0; k < model->size; k++)
            model->matrix.diagonal[(gauge->ground[c] * model->size + k) * model->size + k] +=
                sign * gauge->hold[c];
}

/* The held matrix; the model gets its own diagonal back to the bit. */
static wk_status factorise(wk_sky_cell_gauge *gauge, wk_error *error)
{
    const wk_sky_cell_model *model = gauge->model;
    size_t bytes = (size_t)(model->nodes * model->size * model->size) * sizeof(double);
    double *kept = wk_memory_raw(bytes / sizeof(double), sizeof *kept, error);
    if (!kept)
        return WK_MEMORY;
    memcpy(kept, model->matrix.diagonal, bytes);
    change_hold(gauge, 1.0);
    wk_status status = wk_blocks_factor_fill(&gauge->factor, &model->matrix, error);
    memcpy(model->matrix.diagonal, kept, bytes);
    wk_memory_free(kept);
    return status;
}

static void answer_all(const wk_sky_cell_gauge *gauge)
{
    const wk_sky_cell_model *model = gauge->model;
    int64_t size = model->size, length = model->nodes * size;
    for (int64_t k = 0; k < size; k++) {
        for (int64_t c = 0; c < model->components; c++)
            answer_of(gauge, k, gauge->ground[c])[k] = 1.0;
        memcpy(answer_of(gauge, size + k, 0), mode_of(gauge, k, 0),
               (size_t)length * sizeof *gauge->answers);
    }
    for (int64_t k = 0; k < 2 * size; k++)
        wk_blocks_factor_solve(answer_of(gauge, k, 0), &gauge->factor, gauge->work);
}

/* What a vector has on the held unknowns and along the common surfaces of each component:
 * double[components][2 size]. */
static void measure_vector(double *out, const wk_sky_cell_gauge *gauge, const double *x)
{
    const wk_sky_cell_model *model = gauge->model;
    int64_t size = model->size;
    memset(out, 0, (size_t)(2 * size * model->components) * sizeof *out);
    for (int64_t c = 0; c < model->components; c++)
        for (int64_t k = 0; k < size; k++)
            out[2 * size * c + k] = x[gauge->ground[c] * size + k];
    for (int64_t i = 0; i < model->nodes; i++)
        for (int64_t m = 0; m < size; m++) {
            double *sum = &out[2 * size * model->component[i] + size + m];
            const double *mode = mode_of(gauge, m, i);
            for (int64_t k = 0; k < size; k++)
                *sum += mode[k] * x[i * size + k];
        }
}

/* A common surface that a component cannot have (all its nodes have levels alone) is no
 * condition: its row and column become those of the unit matrix. */
static void mend_system(double *system, int64_t size)
{
    for (int64_t m = size; m < 2 * size; m++) {
        double sum = 0.0;
        for (int64_t k = 0; k < 2 * size; k++)
            sum += fabs(system[m * 2 * size + k]);
        if (sum == 0.0)
            system[m * 2 * size + m] = 1.0;
    }
}

/* With x = answer + hold X e - Y m: the held unknowns of x are e, and x has no common surface. */
static wk_status make_systems(wk_sky_cell_gauge *gauge, wk_error *error)
{
    const wk_sky_cell_model *model = gauge->model;
    int64_t size = model->size, wide = 2 * size;
    double *seen = wk_memory_raw((size_t)(wide * model->components), sizeof *seen, error);
    if (!seen)
        return WK_MEMORY;
    for (int64_t column = 0; column < wide; column++) {
        measure_vector(seen, gauge, answer_of(gauge, column, 0));
        for (int64_t c = 0; c < model->components; c++) {
            double *system = gauge->systems + c * wide * wide;
            double factor = column < size ? gauge->hold[c] : -gauge->hold[c];
            for (int64_t row = 0; row < wide; row++)
                system[row * wide + column] = factor * seen[wide * c + row];
            if (column < size)
                system[column * wide + column] -= 1.0;
        }
    }
    wk_memory_free(seen);
    for (int64_t c = 0; c < model->components; c++) {
        double *system = gauge->systems + c * wide * wide;
        mend_system(system, size);
        if (!wk_linear_invert(system, wide))
            return wk_error_set(error, WK_NO_CONVERGENCE, "",
                                "the surfaces that component %lld has in common are not apart",
                                (long long)c);
    }
    return WK_OK;
}

wk_status wk_sky_cell_gauge_fill(wk_sky_cell_gauge *gauge, const wk_sky_cell_model *model,
                                 wk_error *error)
{
    size_t length = (size_t)(model->nodes * model->size), size = (size_t)model->size;
    size_t components = (size_t)model->components;
    *gauge = (wk_sky_cell_gauge){.model = model};
    gauge->ground = wk_memory_new(components, sizeof *gauge->ground, error);
    gauge->hold = wk_memory_new(components, sizeof *gauge->hold, error);
    gauge->modes = wk_memory_new(size * length, sizeof *gauge->modes, error);
    gauge->answers = wk_memory_new(2 * size * length, sizeof *gauge->answers, error);
    gauge->systems = wk_memory_new(4 * size * size * components, sizeof *gauge->systems, error);
    if (!gauge->ground || !gauge->hold || !gauge->modes || !gauge->answers || !gauge->systems)
        return WK_MEMORY;
    choose_ground(gauge);
    wk_status status = wk_sky_cell_modes_fill(gauge->modes, model, gauge->ground, error);
    if (status == WK_OK)
        status = factorise(gauge, error);
    if (status < 0)
        return status;
    gauge->work = wk_memory_new(length + (size_t)gauge->factor.largest + 4 * size * components,
                                sizeof *gauge->work, error);
    if (!gauge->work)
        return WK_MEMORY;
    answer_all(gauge);
    return make_systems(gauge, error);
}

void wk_sky_cell_gauge_clear(wk_sky_cell_gauge *gauge)
{
    wk_blocks_factor_clear(&gauge->factor);
    wk_memory_free(gauge->ground);
    wk_memory_free(gauge->hold);
    wk_memory_free(gauge->modes);
    wk_memory_free(gauge->answers);
    wk_memory_free(gauge->systems);
    wk_memory_free(gauge->work);
    memset(gauge, 0, sizeof *gauge);
}

/* The combination of answers that satisfies the conditions: double[2 size] for one component. */
static void weigh_answers(double *out, const wk_sky_cell_gauge *gauge, int64_t c,
                          const double *seen)
{
    int64_t size = gauge->model->size, wide = 2 * size;
    const double *inverse = gauge->systems + c * wide * wide;
    for (int64_t row = 0; row < wide; row++) {
        double sum = 0.0;
        for (int64_t k = 0; k < wide; k++)
            sum -= inverse[row * wide + k] * seen[k];
        out[row] = row < size ? gauge->hold[c] * sum : -gauge->hold[c] * sum;
    }
}

void wk_sky_cell_gauge_solve(double *x, const wk_sky_cell_gauge *gauge)
{
    const wk_sky_cell_model *model = gauge->model;
    int64_t size = model->size, wide = 2 * size;
    double *seen = gauge->work + model->nodes * size + gauge->factor.largest;
    double *share = seen + wide * model->components;
    wk_blocks_factor_solve(x, &gauge->factor, gauge->work);
    measure_vector(seen, gauge, x);
    for (int64_t c = 0; c < model->components; c++)
        weigh_answers(share + wide * c, gauge, c, seen + wide * c);
    for (int64_t i = 0; i < model->nodes; i++)
        for (int64_t a = 0; a < wide; a++) {
            double factor = share[wide * model->component[i] + a];
            const double *answer = answer_of(gauge, a, i);
            for (int64_t k = 0; k < model->terms[i]; k++)
                x[i * size + k] += factor * answer[k];
        }
}

/* Correct a diagonal block of the held inverse as a solution is corrected: each column of it is the
 * answer to one unit unknown of the node.  Coefficients that are not free have no covariance. */
static void correct_block(double *block, const wk_sky_cell_gauge *gauge, int64_t node)
{
    const wk_sky_cell_model *model = gauge->model;
    int64_t size = model->size, wide = 2 * size, free = model->terms[node];
    double share[wk_blocks_largest][2 * wk_blocks_largest], seen[2 * wk_blocks_largest];
    for (int64_t k = 0; k < size; k++) {
        for (int64_t a = 0; a < wide; a++)
            seen[a] = answer_of(gauge, a, node)[k];
        weigh_answers(share[k], gauge, model->component[node], seen);
    }
    for (int64_t r = 0; r < size; r++)
        for (int64_t k = 0; k <= r; k++) {
            double sum = block[r * size + k];
            for (int64_t a = 0; a < wide; a++)
                sum += share[k][a] * answer_of(gauge, a, node)[r];
            block[r * size + k] = block[k * size + r] = r < free ? sum : 0.0;
        }
}

wk_status wk_sky_cell_gauge_covariances(double *covariances, const wk_sky_cell_gauge *gauge,
                                        wk_error *error)
{
    const wk_sky_cell_model *model = gauge->model;
    int64_t square = model->size * model->size;
    wk_status status = wk_blocks_factor_inverse(covariances, &gauge->factor, error);
    for (int64_t i = 0; i < model->nodes && status == WK_OK; i++)
        correct_block(covariances + i * square, gauge, i);
    return status;
}
