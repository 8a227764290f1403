/* The normal equations of backgrounds, the sky of every cell eliminated. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cells_offset.h"
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
    int free = model->terms[model->node[value->member]];
    wk_sky_cell_terms_of(all, model, value);
    for (int i = 0; i < model->size; i++)
        terms[i] = i < free ? all[i] : 0.0;
}

double wk_sky_cell_background(const wk_sky_cell_model *model, const wk_sky_cell_value *value)
{
    double terms[wk_blocks_largest], sum = wk_sky_cell_offset(model, value);
    const double *own = model->coefficients + model->node[value->member] * model->size;
    wk_sky_cell_terms(terms, model, value);
    for (int i = 0; i < model->size; i++)
        sum += terms[i] * own[i];
    return sum;
}

static int compare_pairs(const void *left, const void *right)
{
    const int64_t *a = left, *b = right;
    int order = (a[0] > b[0]) - (a[0] < b[0]);
    return order ? order : (a[1] > b[1]) - (a[1] < b[1]);
}

/* Nodes that may share a cell, from the footprints. */
static wk_status list_pairs(int64_t (**pairs)[2], int64_t *count, const wk_overlaps *overlaps,
                            wk_error *error)
{
    size_t most = 0, kept = 0, found = 0;
    for (size_t i = 0; i < overlaps->count; i++)
        most += overlaps->members[i].neighbour_count;
    int64_t(*list)[2] = wk_memory_raw(most, sizeof *list, error);
    *pairs = list;
    if (!list)
        return WK_MEMORY;
    for (size_t i = 0; i < overlaps->count; i++)
        for (size_t k = 0; k < overlaps->members[i].neighbour_count; k++) {
            const wk_member *other = &overlaps->members[overlaps->members[i].neighbours[k]];
            if (other->item > overlaps->members[i].item) {
                list[found][0] = (int64_t)overlaps->members[i].item;
                list[found++][1] = (int64_t)other->item;
            }
        }
    qsort(list, found, sizeof *list, compare_pairs);
    for (size_t i = 0; i < found; i++)
        if (kept == 0 || compare_pairs(list[kept - 1], list[i]) != 0)
            memmove(list[kept++], list[i], sizeof *list);
    *count = (int64_t)kept;
    return WK_OK;
}

static wk_status reserve(wk_sky_cell_model *model, wk_error *error)
{
    size_t nodes = (size_t)model->nodes, members = model->cells->overlaps->count;
    int64_t(*pairs)[2] = NULL, count = 0;
    wk_status status = list_pairs(&pairs, &count, model->cells->overlaps, error);
    if (status == WK_OK)
        status = wk_blocks_create(&model->matrix, model->nodes, model->size,
                                  (const int64_t(*)[2])pairs, count, error);
    wk_memory_free(pairs);
    if (status < 0)
        return status;
    model->node = wk_memory_new(members, sizeof *model->node, error);
    model->terms = wk_memory_new(nodes, sizeof *model->terms, error);
    model->shared = wk_memory_new(nodes, sizeof *model->shared, error);
    model->areas = wk_memory_new(nodes, sizeof *model->areas, error);
    model->held = wk_memory_new(nodes, sizeof *model->held, error);
    model->component = wk_memory_new(nodes, sizeof *model->component, error);
    model->together = wk_memory_new(2 * (size_t)count, sizeof *model->together, error);
    model->coefficients =
        wk_memory_new(nodes * (size_t)model->size, sizeof *model->coefficients, error);
    if (!model->node || !model->terms || !model->shared || !model->areas || !model->held ||
        !model->component || !model->together || !model->coefficients)
        return WK_MEMORY;
    for (size_t i = 0; i < members; i++)
        model->node[i] = (int32_t)model->cells->overlaps->members[i].item;
    return WK_OK;
}

/* Of a cell, in the coordinates of its node. */
static double area_of(const wk_sky_cell_model *model, const wk_sky_cell_value *value)
{
    const wk_field *field = &model->cells->overlaps->members[value->member].field;
    const double *map = model->maps ? model->maps[value->member] : NULL;
    double turned = map ? fabs(map[1] * map[5] - map[2] * map[4]) : 1.0;
    return turned * 4.0 * (double)value->pixels / ((double)field->width * (double)field->height);
}

/* A cell that one node's members alone have seen says nothing of it. */
static void count_cell(wk_sky_cell_model *model, const wk_sky_cell_value *values, int64_t count)
{
    int32_t first = model->node[values[0].member];
    int several = 0;
    for (int64_t i = 1; i < count; i++)
        several |= model->node[values[i].member] != first;
    for (int64_t i = 0; i < count && several; i++) {
        model->shared[model->node[values[i].member]]++;
        model->areas[model->node[values[i].member]] += area_of(model, &values[i]);
    }
}

static wk_status count_shared(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    (void)error;
    for (int64_t c = 0; c < block->count; c++)
        count_cell(payload, block->values + block->start[c], block->start[c + 1] - block->start[c]);
    return WK_OK;
}

/* A surface needs two cells for each coefficient; a level needs one. */
static wk_status choose_terms(wk_sky_cell_model *model, wk_error *error)
{
    wk_status status = wk_sky_cells_visit(model->cells, count_shared, model, 0, error);
    for (int64_t i = 0; i < model->nodes; i++) {
        int64_t shared = model->shared[i];
        model->terms[i] = shared >= 2 * model->size ? (int)model->size : shared > 0;
    }
    if (model->reference >= 0)
        model->terms[model->reference] = 0;
    return status;
}

static int same_members(const wk_sky_cell_pairs *pairs, const wk_sky_cell_value *values,
                        int64_t count)
{
    if (pairs->count != count)
        return 0;
    for (int64_t i = 0; i < count; i++)
        if (pairs->members[i] != values[i].member)
            return 0;
    return 1;
}

/* Footprints are wider than the pixels: every pair is there, unless a table says otherwise. */
static int64_t find_place(const wk_sky_cell_model *model, int32_t first, int32_t second)
{
    int32_t a = model->node[first], b = model->node[second];
    if (a == b)
        return wk_sky_cell_same;
    const double *block = wk_blocks_find(&model->matrix, a < b ? a : b, a < b ? b : a);
    return block ? (block - model->matrix.block) / (model->size * model->size) : -1;
}

static wk_status refuse_pair(const wk_sky_cell_model *model, int32_t first, int32_t second,
                             wk_error *error)
{
    const wk_member *members = model->cells->overlaps->members;
    return wk_error_set(error, WK_HEADER, members[first].field.name,
                        "cells are shared with %.300s, but the footprints do not meet",
                        members[second].field.name);
}

wk_status wk_sky_cell_pairs_find(wk_sky_cell_pairs *pairs, const wk_sky_cell_model *model,
                                 const wk_sky_cell_value *values, int64_t count, wk_error *error)
{
    if (same_members(pairs, values, count))
        return WK_OK;
    wk_status status =
        wk_memory_reserve((void **)&pairs->place, &pairs->room, (size_t)(count * (count - 1) / 2),
                          sizeof *pairs->place, error);
    if (status == WK_OK)
        status = wk_memory_reserve((void **)&pairs->members, &pairs->member_room, (size_t)count,
                                   sizeof *pairs->members, error);
    if (status < 0)
        return status;
    for (int64_t a = 0, p = 0; a < count; a++) {
        pairs->members[a] = values[a].member;
        for (int64_t b = a + 1; b < count; b++)
            if ((pairs->place[p++] = find_place(model, values[a].member, values[b].member)) == -1)
                return refuse_pair(model, values[a].member, values[b].member, error);
    }
    pairs->count = count;
    return WK_OK;
}

void wk_sky_cell_pairs_clear(wk_sky_cell_pairs *pairs)
{
    wk_memory_free(pairs->place);
    wk_memory_free(pairs->members);
    memset(pairs, 0, sizeof *pairs);
}

static void add_outer(double *block, const double *a, const double *b, double weight, int64_t size)
{
    for (int64_t r = 0; r < size; r++)
        for (int64_t c = 0; c < size; c++)
            block[r * size + c] += weight * a[r] * b[c];
}

/* A pair of values, the block's first index being the lower node's. */
static void add_pair(wk_sky_cell_model *model, const wk_sky_cell_value *first,
                     const wk_sky_cell_value *second, int64_t place, double weight)
{
    int64_t size = model->size, square = size * size;
    double a[wk_blocks_largest], b[wk_blocks_largest];
    int32_t nodes[2] = {model->node[first->member], model->node[second->member]};
    wk_sky_cell_terms(a, model, first);
    wk_sky_cell_terms(b, model, second);
    if (place == wk_sky_cell_same) {
        add_outer(model->matrix.diagonal + nodes[0] * square, a, b, weight, size);
        add_outer(model->matrix.diagonal + nodes[0] * square, b, a, weight, size);
    } else if (nodes[0] < nodes[1]) {
        add_outer(model->matrix.block + place * square, a, b, weight, size);
    } else {
        add_outer(model->matrix.block + place * square, b, a, weight, size);
    }
    if (place >= 0)
        model->together[place]++;
}

/* With the sky of the cell eliminated, what remains is the sum over pairs of
 * w_a w_b / W (difference)^2: no diagonal is a difference. */
static void add_cell(wk_sky_cell_model *model, const wk_sky_cell_value *values, int64_t count,
                     const wk_sky_cell_pairs *pairs)
{
    int64_t square = model->size * model->size;
    double total = 0.0, terms[wk_blocks_largest];
    for (int64_t i = 0; i < count; i++)
        total += wk_sky_cell_weight(&values[i]);
    for (int64_t i = 0, p = 0; i < count; i++) {
        double weight = wk_sky_cell_weight(&values[i]), others = 0.0;
        for (int64_t k = 0; k < count; k++)
            others += k == i ? 0.0 : wk_sky_cell_weight(&values[k]);
        wk_sky_cell_terms(terms, model, &values[i]);
        add_outer(model->matrix.diagonal + model->node[values[i].member] * square, terms, terms,
                  weight * others / total, model->size);
        for (int64_t k = i + 1; k < count; k++, p++)
            add_pair(model, &values[i], &values[k], pairs->place[p],
                     -weight * wk_sky_cell_weight(&values[k]) / total);
    }
}

enum { most_parts = 16 };

/* Sums of some of the cells; those of the first part are the model's own. */
typedef struct adding {
    wk_sky_cell_model model;
    wk_sky_cell_pairs pairs;
} adding;

static wk_status add_block(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    adding *all = payload;
    wk_status status = WK_OK;
    for (int64_t c = 0; c < block->count && status == WK_OK; c++) {
        const wk_sky_cell_value *values = block->values + block->start[c];
        int64_t count = block->start[c + 1] - block->start[c];
        status = wk_sky_cell_pairs_find(&all->pairs, &all->model, values, count, error);
        if (status == WK_OK)
            add_cell(&all->model, values, count, &all->pairs);
    }
    return status;
}

static wk_status own_sums(wk_sky_cell_model *copy, wk_error *error)
{
    wk_blocks *matrix = &copy->matrix;
    size_t square = (size_t)(copy->size * copy->size);
    size_t nodes = (size_t)matrix->nodes, blocks = (size_t)matrix->start[nodes];
    matrix->diagonal = wk_memory_new(nodes * square, sizeof *matrix->diagonal, error);
    matrix->block = wk_memory_new(blocks * square, sizeof *matrix->block, error);
    copy->together = wk_memory_new(blocks, sizeof *copy->together, error);
    return matrix->diagonal && matrix->block && copy->together ? WK_OK : WK_MEMORY;
}

static void join_sums(wk_sky_cell_model *model, const wk_sky_cell_model *part)
{
    const wk_blocks *matrix = &model->matrix;
    int64_t square = model->size * model->size, blocks = matrix->start[matrix->nodes];
    for (int64_t i = 0; i < matrix->nodes * square; i++)
        matrix->diagonal[i] += part->matrix.diagonal[i];
    for (int64_t i = 0; i < blocks * square; i++)
        matrix->block[i] += part->matrix.block[i];
    for (int64_t i = 0; i < blocks; i++)
        model->together[i] += part->together[i];
}

/* So many that all sums together are fewer than values: a number that threads do not change. */
static int64_t count_parts(const wk_sky_cell_model *model)
{
    int64_t blocks = model->matrix.nodes + model->matrix.start[model->matrix.nodes];
    int64_t parts = model->cells->values / (1 << 15);
    int64_t room = model->cells->values / (blocks * model->size * model->size + 1);
    parts = parts < room ? parts : room;
    return parts < 1 ? 1 : parts > most_parts ? most_parts : parts;
}

static wk_status add_cells(wk_sky_cell_model *model, wk_error *error)
{
    adding parts[most_parts];
    void *payloads[most_parts];
    int64_t count = count_parts(model);
    wk_status status = WK_OK;
    for (int64_t i = 0; i < count; i++) {
        parts[i] = (adding){.model = *model};
        payloads[i] = &parts[i];
        if (i > 0) {
            parts[i].model.matrix.diagonal = parts[i].model.matrix.block = NULL;
            parts[i].model.together = NULL;
        }
    }
    for (int64_t i = 1; i < count && status == WK_OK; i++)
        status = own_sums(&parts[i].model, error);
    if (status == WK_OK)
        status = wk_sky_cells_visit_parts(model->cells, add_block, payloads, count, 0, error);
    for (int64_t i = 0; i < count; i++) {
        if (i > 0 && status == WK_OK)
            join_sums(model, &parts[i].model);
        wk_sky_cell_pairs_clear(&parts[i].pairs);
        if (i == 0)
            continue;
        wk_memory_free(parts[i].model.matrix.diagonal);
        wk_memory_free(parts[i].model.matrix.block);
        wk_memory_free(parts[i].model.together);
    }
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
    for (int64_t i = 0; i < model->nodes; i++) {
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
            if (matrix->node[p] > i && model->together[p] > 0 && i != model->reference &&
                matrix->node[p] != model->reference)
                edges[count++] = (wk_edge){.a = i, .b = matrix->node[p]};
    wk_status status = wk_graph_components(model->component, &model->components, model->nodes,
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
    model->nodes = (int64_t)cells->overlaps->items;
    model->size = sizes[order];
    model->reference =
        cells->overlaps->references > 0 ? (int64_t)wk_overlaps_reference(cells->overlaps) : -1;
    wk_status status = reserve(model, error);
    if (status < 0)
        return status;
    status = wk_sky_cell_maps_fill(model, error);
    if (status == WK_OK)
        status = choose_terms(model, error);
    if (status == WK_OK)
        status = add_cells(model, error);
    if (status < 0)
        return status;
    mirror(model);
    status = model->size > 1 ? wk_sky_cell_model_bind(model, error) : WK_OK;
    hold_diagonal(model);
    if (status == WK_OK)
        status = find_components(model, error);
    return status == WK_OK ? wk_sky_cell_ties_fill(model, error) : status;
}

void wk_sky_cell_model_clear(wk_sky_cell_model *model)
{
    wk_memory_free(model->node);
    wk_memory_free(model->maps);
    wk_memory_free(model->terms);
    wk_memory_free(model->shared);
    wk_memory_free(model->areas);
    wk_memory_free(model->held);
    wk_memory_free(model->component);
    wk_memory_free(model->ties);
    wk_memory_free(model->bonds);
    wk_memory_free(model->told);
    wk_memory_free(model->together);
    wk_memory_free(model->coefficients);
    wk_sky_cell_offsets_free(model->offsets);
    wk_blocks_clear(&model->matrix);
    memset(model, 0, sizeof *model);
}
