#include "cells_offset.h"

#include <math.h>
#include <string.h>

#include "memory.h"
#include "semidefinite.h"
#include "status.h"

/* Relative to what holds an offset: what is not above it is rounding. */
static const double least = 1e-9;

static int64_t length_of(const wk_sky_cell_model *model)
{
    return model->nodes * model->size;
}

static double product(const double *a, const double *b, int64_t n)
{
    double sum = 0.0;
    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void add(double *to, const double *from, double factor, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        to[i] += factor * from[i];
}

int64_t wk_sky_cell_offset_place(const wk_sky_cell_model *model, const wk_sky_cell_value *value)
{
    const wk_sky_cell_offsets *offsets = model->offsets;
    const wk_field *field = &model->cells->overlaps->members[value->member].field;
    int64_t first = offsets->first[value->member];
    if (first < 0 || field->amplifier_count == 0)
        return first;
    /* cells that no amplifier holds have been left out when the exposures were merged */
    return first + wk_sky_cell_amplifier(field, offsets->reach[value->member], (double)value->x,
                                         (double)value->y);
}

typedef struct adding {
    const wk_sky_cell_model *model;
    double *square; /* [count][count] C */
} adding;

/* Two values of a cell, whose difference is that of two offsets, too. */
static void add_pair(const adding *all, const wk_sky_cell_value *first,
                     const wk_sky_cell_value *second, double weight)
{
    const wk_sky_cell_model *model = all->model;
    const wk_sky_cell_value *sides[] = {first, second};
    int64_t count = model->offsets->count, length = length_of(model);
    int64_t place[] = {wk_sky_cell_offset_place(model, first),
                       wk_sky_cell_offset_place(model, second)};
    if (place[0] == place[1])
        return;
    for (int i = 0; i < 2; i++) {
        double terms[wk_blocks_largest];
        int64_t at = model->node[sides[i]->member] * model->size;
        wk_sky_cell_terms(terms, model, sides[i]);
        for (int k = 0; k < 2; k++) {
            double sign = i == k ? weight : -weight;
            if (place[k] < 0)
                continue;
            add(model->offsets->coupling + place[k] * length + at, terms, sign, model->size);
            if (place[i] >= 0)
                all->square[place[i] * count + place[k]] += sign;
        }
    }
}

static wk_status add_block(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    const adding *all = payload;
    (void)error;
    for (int64_t c = 0; c < block->count; c++) {
        const wk_sky_cell_value *values = block->values + block->start[c];
        int64_t count = block->start[c + 1] - block->start[c];
        double total = 0.0;
        for (int64_t i = 0; i < count; i++) {
            total += wk_sky_cell_weight(&values[i]);
            int64_t place = wk_sky_cell_offset_place(all->model, &values[i]);
            if (place >= 0)
                all->model->offsets->cells[place]++;
        }
        for (int64_t i = 0; i < count; i++)
            for (int64_t k = i + 1; k < count; k++)
                add_pair(all, &values[i], &values[k],
                         wk_sky_cell_weight(&values[i]) * wk_sky_cell_weight(&values[k]) / total);
    }
    return WK_OK;
}

/* square = S, its rows and columns over the roots of what holds the offsets. */
static void complete_square(double *square, const wk_sky_cell_model *model,
                            const wk_sky_cell_gauge *gauge)
{
    wk_sky_cell_offsets *offsets = model->offsets;
    int64_t count = offsets->count, length = length_of(model);
    for (int64_t k = 0; k < count; k++)
        offsets->bond[k] = square[k * count + k];
    for (int64_t k = 0; k < count; k++) {
        memcpy(offsets->work, offsets->coupling + k * length,
               (size_t)length * sizeof *offsets->work);
        wk_sky_cell_gauge_solve(offsets->work, gauge);
        for (int64_t i = k; i < count; i++) {
            double scale = sqrt(offsets->bond[i] * offsets->bond[k]);
            double value = square[i * count + k] -
                           product(offsets->coupling + i * length, offsets->work, length);
            square[i * count + k] = square[k * count + i] = scale > 0.0 ? value / scale : 0.0;
        }
    }
}

/* Of all solutions the one is wanted whose sum of bond times offset squared is least. */
static wk_status find_factor(wk_sky_cell_offsets *offsets, double *square, wk_error *error)
{
    int64_t count = offsets->count;
    wk_status status =
        wk_semidefinite_inverse(offsets->factor, &offsets->rank, square, count, least, error);
    for (int64_t k = 0; k < offsets->rank && status == WK_OK; k++)
        for (int64_t i = 0; i < count; i++)
            if (offsets->bond[i] > 0.0)
                offsets->factor[k * count + i] /= sqrt(offsets->bond[i]);
    return status;
}

static wk_status check_memory(const wk_sky_cell_model *model, size_t memory, wk_error *error)
{
    double count = (double)model->offsets->count;
    double bytes = 8.0 * count * ((double)length_of(model) + 2.0 * count);
    if (bytes <= (double)memory)
        return WK_OK;
    return wk_error_set(error, WK_MEMORY, "",
                        "%.0f offsets of detectors beside %lld backgrounds need %.0f MB, more than "
                        "the %.0f MB that they may take",
                        count, (long long)model->nodes, bytes / 1e6, (double)memory / 1e6);
}

static wk_status reserve(const wk_sky_cell_model *model, wk_error *error)
{
    wk_sky_cell_offsets *offsets = model->offsets;
    size_t count = (size_t)offsets->count, length = (size_t)length_of(model);
    offsets->reach = wk_memory_new(model->cells->overlaps->count, sizeof *offsets->reach, error);
    offsets->cells = wk_memory_new(count, sizeof *offsets->cells, error);
    offsets->coupling = wk_memory_new(count * length, sizeof *offsets->coupling, error);
    offsets->bond = wk_memory_new(count, sizeof *offsets->bond, error);
    offsets->factor = wk_memory_new(count * count, sizeof *offsets->factor, error);
    offsets->values = wk_memory_new(count, sizeof *offsets->values, error);
    offsets->right = wk_memory_new(count, sizeof *offsets->right, error);
    offsets->left = wk_memory_new(count, sizeof *offsets->left, error);
    offsets->step = wk_memory_new(count, sizeof *offsets->step, error);
    offsets->work = wk_memory_new(length, sizeof *offsets->work, error);
    if (!offsets->reach || !offsets->cells || !offsets->coupling || !offsets->bond ||
        !offsets->factor || !offsets->values || !offsets->right || !offsets->left ||
        !offsets->step || !offsets->work)
        return WK_MEMORY;
    return wk_sky_cell_reach_fill(offsets->reach, model->cells, error);
}

wk_status wk_sky_cell_offsets_fill(wk_sky_cell_model *model, const wk_sky_cell_gauge *gauge,
                                   size_t memory, wk_error *error)
{
    wk_sky_cell_offsets *offsets = wk_memory_new(1, sizeof *offsets, error);
    model->offsets = offsets;
    if (!offsets)
        return WK_MEMORY;
    wk_status status = wk_sky_cell_detectors_list(offsets, model->cells->overlaps, error);
    if (status == WK_OK)
        status = check_memory(model, memory, error);
    if (status == WK_OK)
        status = reserve(model, error);
    if (status < 0)
        return status;
    size_t count = (size_t)offsets->count;
    adding all = {model, wk_memory_new(count * count, sizeof *all.square, error)};
    status = all.square ? wk_sky_cells_visit(model->cells, add_block, &all, 0, error) : WK_MEMORY;
    if (status == WK_OK) {
        complete_square(all.square, model, gauge);
        status = find_factor(offsets, all.square, error);
    }
    wk_memory_free(all.square);
    return status;
}

void wk_sky_cell_offsets_free(wk_sky_cell_offsets *offsets)
{
    if (!offsets)
        return;
    wk_memory_free(offsets->owners);
    wk_memory_free(offsets->first);
    wk_memory_free(offsets->reach);
    wk_memory_free(offsets->cells);
    wk_memory_free(offsets->coupling);
    wk_memory_free(offsets->bond);
    wk_memory_free(offsets->factor);
    wk_memory_free(offsets->values);
    wk_memory_free(offsets->right);
    wk_memory_free(offsets->left);
    wk_memory_free(offsets->step);
    wk_memory_free(offsets->work);
    wk_memory_free(offsets);
}

/* work = K B d. */
static void find_answer(const wk_sky_cell_model *model, const wk_sky_cell_gauge *gauge,
                        const double *d)
{
    const wk_sky_cell_offsets *offsets = model->offsets;
    int64_t length = length_of(model);
    memset(offsets->work, 0, (size_t)length * sizeof *offsets->work);
    for (int64_t i = 0; i < offsets->count; i++)
        add(offsets->work, offsets->coupling + i * length, d[i], length);
    wk_sky_cell_gauge_solve(offsets->work, gauge);
}

double wk_sky_cell_offsets_step(double *step, const wk_sky_cell_model *model,
                                const wk_sky_cell_gauge *gauge)
{
    wk_sky_cell_offsets *offsets = model->offsets;
    int64_t count = offsets->count, length = length_of(model);
    double square = 0.0;
    memset(offsets->step, 0, (size_t)count * sizeof *offsets->step);
    for (int64_t i = 0; i < count; i++)
        offsets->left[i] =
            offsets->right[i] - product(offsets->coupling + i * length, step, length);
    for (int64_t k = 0; k < offsets->rank; k++) {
        const double *row = offsets->factor + k * count;
        add(offsets->step, row, product(row, offsets->left, count), count);
    }
    find_answer(model, gauge, offsets->step);
    add(step, offsets->work, -1.0, length);
    for (int64_t i = 0; i < count; i++) {
        square += offsets->step[i] * offsets->right[i];
        offsets->values[i] += offsets->step[i];
    }
    return square;
}

void wk_sky_cell_offsets_covariances(double *covariances, double *members,
                                     const wk_sky_cell_model *model, const wk_sky_cell_gauge *gauge)
{
    const wk_sky_cell_offsets *offsets = model->offsets;
    const wk_overlaps *overlaps = model->cells->overlaps;
    int64_t size = model->size, width = 1 + size;
    memset(members, 0, overlaps->count * (size_t)width * sizeof *members);
    for (int64_t k = 0; k < offsets->rank; k++) {
        const double *row = offsets->factor + k * offsets->count;
        find_answer(model, gauge, row);
        for (int64_t i = 0; i < model->nodes; i++) {
            const double *node = offsets->work + i * size;
            for (int64_t r = 0; r < size; r++)
                add(covariances + (i * size + r) * size, node, node[r], size);
        }
        for (int64_t i = 0; i < (int64_t)overlaps->count; i++) {
            double own = wk_sky_cell_amplifier_mean(offsets, overlaps, i, row);
            members[i * width] += own * own;
            /* what an offset takes, the background beside it gives back */
            add(members + i * width + 1, offsets->work + model->node[i] * size, -own, size);
        }
    }
}
