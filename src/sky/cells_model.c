/* The normal equations of backgrounds, the sky of every cell eliminated. */
#include <math.h>
#include <string.h>

#include "cells.h"
#include "graph.h"
#include "memory.h"
#include "status.h"

/* Relative to the diagonal: it holds slopes that no cell binds, and is lost in rounding beside
 * those that are bound. */
static const double ridge = 1e-13;

void wk_sky_cell_terms(double terms[wk_blocks_largest], const wk_sky_cell_model *model,
                       const wk_sky_cell_value *value)
{
    double all[wk_blocks_largest];
    wk_sky_cell_powers(all, value);
    for (int i = 0; i < model->size; i++)
        terms[i] = i < model->terms[value->member] ? all[i] : 0.0;
}

double wk_sky_cell_background(const wk_sky_cell_model *model, const wk_sky_cell_value *value)
{
    double terms[wk_blocks_largest], sum = 0.0;
    const double *own = model->coefficients + value->member * model->size;
    wk_sky_cell_terms(terms, model, value);
    for (int i = 0; i < model->size; i++)
        sum += terms[i] * own[i];
    return sum;
}

/* Members that may share a cell, from the footprints. */
static wk_status list_pairs(int64_t (**pairs)[2], int64_t *count, const wk_overlaps *overlaps,
                            wk_error *error)
{
    size_t most = 0;
    for (size_t i = 0; i < overlaps->count; i++)
        most += overlaps->members[i].neighbour_count;
    *count = 0;
    *pairs = wk_memory_raw(most, sizeof **pairs, error);
    if (!*pairs)
        return WK_MEMORY;
    for (size_t i = 0; i < overlaps->count; i++)
        for (size_t k = 0; k < overlaps->members[i].neighbour_count; k++) {
            size_t other = overlaps->members[i].neighbours[k];
            if (other > i) {
                (*pairs)[*count][0] = (int64_t)i;
                (*pairs)[(*count)++][1] = (int64_t)other;
            }
        }
    return WK_OK;
}

static wk_status reserve(wk_sky_cell_model *model, wk_error *error)
{
    size_t members = (size_t)model->members, cells = (size_t)model->cells->count;
    int64_t(*pairs)[2] = NULL, count = 0;
    wk_status status = list_pairs(&pairs, &count, model->cells->overlaps, error);
    if (status == WK_OK)
        status = wk_blocks_create(&model->matrix, model->members, model->size,
                                  (const int64_t(*)[2])pairs, count, error);
    wk_memory_free(pairs);
    if (status < 0)
        return status;
    model->terms = wk_memory_new(members, sizeof *model->terms, error);
    model->shared = wk_memory_new(members, sizeof *model->shared, error);
    model->component = wk_memory_new(members, sizeof *model->component, error);
    model->together = wk_memory_new(2 * (size_t)count, sizeof *model->together, error);
    model->coefficients =
        wk_memory_new(members * (size_t)model->size, sizeof *model->coefficients, error);
    model->sky = wk_memory_new(cells, sizeof *model->sky, error);
    return model->terms && model->shared && model->component && model->together &&
                   model->coefficients && model->sky
               ? WK_OK
               : WK_MEMORY;
}

/* A surface needs two cells for each coefficient; a level needs one. */
static void choose_terms(wk_sky_cell_model *model)
{
    const wk_sky_cells *cells = model->cells;
    for (int64_t i = 0; i < cells->start[cells->count]; i++)
        model->shared[cells->values[i].member]++;
    for (int64_t i = 0; i < model->members; i++) {
        int64_t shared = model->shared[i];
        model->terms[i] = shared >= 2 * model->size ? (int)model->size : shared > 0;
    }
}

static int same_members(const wk_sky_cells *cells, int64_t a, int64_t b)
{
    int64_t size = cells->start[a + 1] - cells->start[a];
    if (cells->start[b + 1] - cells->start[b] != size)
        return 0;
    for (int64_t i = 0; i < size; i++)
        if (cells->values[cells->start[a] + i].member != cells->values[cells->start[b] + i].member)
            return 0;
    return 1;
}

wk_status wk_sky_cell_pairs_find(wk_sky_cell_pairs *pairs, const wk_sky_cell_model *model,
                                 int64_t cell, wk_error *error)
{
    const wk_sky_cells *cells = model->cells;
    const wk_blocks *matrix = &model->matrix;
    const wk_sky_cell_value *values = cells->values + cells->start[cell];
    int64_t size = cells->start[cell + 1] - cells->start[cell], square = model->size * model->size;
    if (pairs->cell >= 0 && same_members(cells, pairs->cell, cell))
        return WK_OK;
    wk_status status =
        wk_memory_reserve((void **)&pairs->place, &pairs->room, (size_t)(size * (size - 1) / 2),
                          sizeof *pairs->place, error);
    for (int64_t a = 0, p = 0; a < size && status == WK_OK; a++)
        for (int64_t b = a + 1; b < size; b++) {
            const double *block = wk_blocks_find(matrix, values[a].member, values[b].member);
            /* footprints are wider than the pixels: every pair is there */
            pairs->place[p++] = block ? (block - matrix->block) / square : -1;
        }
    pairs->cell = cell;
    return status;
}

static void add_outer(double *block, const double *a, const double *b, double weight, int64_t size)
{
    for (int64_t r = 0; r < size; r++)
        for (int64_t c = 0; c < size; c++)
            block[r * size + c] += weight * a[r] * b[c];
}

static double weight_of(const wk_sky_cell_value *value)
{
    return 1.0 / ((double)value->error * (double)value->error);
}

/* With the sky of the cell eliminated, what remains is the sum over pairs of
 * w_a w_b / W (difference)^2: no diagonal is a difference. */
static void add_cell(wk_sky_cell_model *model, int64_t cell, const wk_sky_cell_pairs *pairs)
{
    const wk_sky_cells *cells = model->cells;
    const wk_sky_cell_value *values = cells->values + cells->start[cell];
    int64_t count = cells->start[cell + 1] - cells->start[cell], size = model->size;
    double total = 0.0, a[wk_blocks_largest], b[wk_blocks_largest];
    for (int64_t i = 0; i < count; i++)
        total += weight_of(&values[i]);
    for (int64_t i = 0, p = 0; i < count; i++) {
        double weight = weight_of(&values[i]), others = 0.0;
        wk_sky_cell_terms(a, model, &values[i]);
        for (int64_t k = 0; k < count; k++)
            others += k == i ? 0.0 : weight_of(&values[k]);
        add_outer(model->matrix.diagonal + values[i].member * size * size, a, a,
                  weight * others / total, size);
        for (int64_t k = i + 1; k < count; k++, p++) {
            int64_t place = pairs->place[p];
            if (place < 0)
                continue;
            wk_sky_cell_terms(b, model, &values[k]);
            add_outer(model->matrix.block + place * size * size, a, b,
                      -weight * weight_of(&values[k]) / total, size);
            model->together[place]++;
        }
    }
}

static wk_status add_cells(wk_sky_cell_model *model, wk_error *error)
{
    wk_sky_cell_pairs pairs = {.cell = -1};
    wk_status status = WK_OK;
    for (int64_t c = 0; c < model->cells->count && status == WK_OK; c++) {
        status = wk_sky_cell_pairs_find(&pairs, model, c, error);
        if (status == WK_OK)
            add_cell(model, c, &pairs);
    }
    wk_memory_free(pairs.place);
    return status;
}

/* Only the blocks of first < second have been summed. */
static void mirror(wk_sky_cell_model *model)
{
    const wk_blocks *matrix = &model->matrix;
    int64_t size = model->size, square = size * size;
    for (int64_t i = 0; i < matrix->nodes; i++)
        for (int64_t p = matrix->start[i]; p < matrix->start[i + 1]; p++) {
            if (matrix->node[p] < i)
                continue;
            double *other = wk_blocks_find(matrix, matrix->node[p], i);
            const double *block = matrix->block + p * square;
            for (int64_t r = 0; r < size; r++)
                for (int64_t c = 0; c < size; c++)
                    other[c * size + r] = block[r * size + c];
            model->together[(other - matrix->block) / square] = model->together[p];
        }
}

/* Coefficients that are not free are held at 0; free slopes get the ridge. */
static void hold_diagonal(wk_sky_cell_model *model)
{
    int64_t size = model->size;
    for (int64_t i = 0; i < model->members; i++) {
        double *own = model->matrix.diagonal + i * size * size;
        for (int64_t k = 0; k < size; k++) {
            if (k >= model->terms[i])
                own[k * size + k] = own[0] > 0.0 ? own[0] : 1.0;
            else if (k > 0)
                own[k * size + k] += ridge * own[0];
        }
    }
}

static wk_status find_components(wk_sky_cell_model *model, wk_error *error)
{
    const wk_blocks *matrix = &model->matrix;
    int64_t count = 0;
    wk_edge *edges = wk_memory_raw((size_t)matrix->start[matrix->nodes], sizeof *edges, error);
    if (!edges)
        return WK_MEMORY;
    for (int64_t i = 0; i < matrix->nodes; i++)
        for (int64_t p = matrix->start[i]; p < matrix->start[i + 1]; p++)
            if (matrix->node[p] > i && model->together[p] > 0)
                edges[count++] = (wk_edge){.a = i, .b = matrix->node[p]};
    wk_status status = wk_graph_components(model->component, &model->components, model->members,
                                           edges, count, error);
    wk_memory_free(edges);
    return status;
}

wk_status wk_sky_cell_model_fill(wk_sky_cell_model *model, const wk_sky_cells *cells, int order,
                                 wk_error *error)
{
    static const int64_t sizes[] = {1, 3, 6};
    memset(model, 0, sizeof *model);
    model->cells = cells;
    model->members = (int64_t)cells->overlaps->count;
    model->size = sizes[order];
    wk_status status = reserve(model, error);
    if (status < 0)
        return status;
    choose_terms(model);
    status = add_cells(model, error);
    if (status < 0)
        return status;
    mirror(model);
    hold_diagonal(model);
    return find_components(model, error);
}

void wk_sky_cell_model_clear(wk_sky_cell_model *model)
{
    wk_memory_free(model->terms);
    wk_memory_free(model->shared);
    wk_memory_free(model->component);
    wk_memory_free(model->together);
    wk_memory_free(model->coefficients);
    wk_memory_free(model->sky);
    wk_blocks_clear(&model->matrix);
    memset(model, 0, sizeof *model);
}
