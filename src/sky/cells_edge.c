/* What the shared cells say of each pair of exposures. */
#include <math.h>
#include <string.h>

#include "cells.h"
#include "memory.h"

/* Sums over the cells of a pair, first < second in the order of nodes. */
typedef struct pair_sum {
    double weight;
    double value[2], square[2]; /* weighted values; squares of weighted errors */
    double residual, chi2;
    int64_t pixels[2], cells;
} pair_sum;

static void add_pair(pair_sum *sum, const wk_sky_cell_model *model, const wk_sky_cell_value *first,
                     const wk_sky_cell_value *second)
{
    const wk_sky_cell_value *sides[] = {first, second};
    double variance =
        (double)first->error * (double)first->error + (double)second->error * (double)second->error;
    double weight = 1.0 / variance;
    double residual = (first->value - wk_sky_cell_background(model, first)) -
                      (second->value - wk_sky_cell_background(model, second));
    for (int k = 0; k < 2; k++) {
        double error = weight * (double)sides[k]->error;
        sum->value[k] += weight * sides[k]->value;
        sum->square[k] += error * error;
        sum->pixels[k] += sides[k]->pixels;
    }
    sum->weight += weight;
    sum->residual += weight * residual;
    sum->chi2 += weight * residual * residual;
    sum->cells++;
}

typedef struct adding {
    pair_sum *sums;
    const wk_sky_cell_model *model;
    wk_sky_cell_pairs pairs;
} adding;

static void add_cell(const adding *all, const wk_sky_cell_value *values, int64_t count)
{
    const int32_t *node = all->model->node;
    for (int64_t i = 0, p = 0; i < count; i++)
        for (int64_t k = i + 1; k < count; k++, p++) {
            int64_t place = all->pairs.place[p];
            int turned = node[values[i].member] > node[values[k].member];
            if (place >= 0)
                add_pair(&all->sums[place], all->model, &values[turned ? k : i],
                         &values[turned ? i : k]);
        }
}

static wk_status add_block(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    adding *all = payload;
    wk_status status = WK_OK;
    for (int64_t c = 0; c < block->count && status == WK_OK; c++) {
        const wk_sky_cell_value *values = block->values + block->start[c];
        int64_t count = block->start[c + 1] - block->start[c];
        status = wk_sky_cell_pairs_find(&all->pairs, all->model, values, count, error);
        if (status == WK_OK)
            add_cell(all, values, count);
    }
    return status;
}

static wk_status add_cells(pair_sum *sums, const wk_sky_cell_model *model, wk_error *error)
{
    adding all = {.sums = sums, .model = model};
    wk_status status = wk_sky_cells_visit(model->cells, add_block, &all, 0, error);
    wk_sky_cell_pairs_clear(&all.pairs);
    return status;
}

static void fill_side(wk_region *side, const pair_sum *sum, int k, double pitch)
{
    double value = sum->value[k] / sum->weight;
    side->measure = (wk_measure){.value = value,
                                 .mean = value,
                                 .stddev = (double)NAN,
                                 .min = (double)NAN,
                                 .max = (double)NAN,
                                 .pixels = sum->pixels[k]};
    side->error = sqrt(sum->square[k]) / sum->weight;
    side->area = (double)sum->cells * pitch * pitch;
    side->covered = sum->pixels[k];
}

/* The edge between nodes first < second; flipped: the caller's order is the other one. */
static double fill_edge(wk_overlap *edge, const pair_sum *sum, const wk_sky_cell_model *model,
                        int64_t first, int64_t second, int flipped)
{
    double levels =
        model->coefficients[first * model->size] - model->coefficients[second * model->size];
    fill_side(flipped ? &edge->side_b : &edge->side_a, sum, 0, model->cells->pitch);
    fill_side(flipped ? &edge->side_a : &edge->side_b, sum, 1, model->cells->pitch);
    edge->used = 1;
    edge->cells = sum->cells;
    edge->chi2 = sum->chi2;
    double slope = (sum->value[0] - sum->value[1] - sum->residual) / sum->weight - levels;
    return flipped ? -slope : slope;
}

static void fill_all(double *slopes, wk_overlaps *overlaps, const pair_sum *sums,
                     const wk_sky_cell_model *model, const int64_t *ours)
{
    int64_t square = model->size * model->size;
    for (size_t i = 0; i < overlaps->edge_count; i++) {
        wk_overlap *edge = &overlaps->edges[i];
        int64_t a = ours[edge->a], b = ours[edge->b];
        const double *block = wk_blocks_find(&model->matrix, a < b ? a : b, a < b ? b : a);
        const pair_sum *sum = block ? &sums[(block - model->matrix.block) / square] : NULL;
        if (sum && sum->cells > 0)
            slopes[i] = fill_edge(edge, sum, model, a < b ? a : b, a < b ? b : a, a > b);
    }
}

wk_status wk_sky_cells_fill_edges(double **slopes, wk_overlaps *overlaps,
                                  const wk_sky_cell_model *model, wk_error *error)
{
    size_t places = (size_t)model->matrix.start[model->nodes];
    overlaps->measured = 0;
    *slopes = NULL;
    wk_status status = wk_overlaps_join(overlaps, error);
    if (status < 0)
        return status;
    *slopes = wk_memory_new(overlaps->edge_count, sizeof **slopes, error);
    pair_sum *sums = wk_memory_new(places, sizeof *sums, error);
    int64_t *ours = wk_memory_new(overlaps->items, sizeof *ours, error);
    status = *slopes && sums && ours ? add_cells(sums, model, error) : WK_MEMORY;
    if (status == WK_OK) {
        for (size_t i = 0; i < overlaps->items; i++)
            ours[overlaps->item_numbers[i]] = (int64_t)i;
        fill_all(*slopes, overlaps, sums, model, ours);
        overlaps->measured = 1;
    }
    wk_memory_free(sums);
    wk_memory_free(ours);
    return status;
}
