/* The surfaces that all backgrounds of a component can have in common, as each background's own
 * polynomials.
 */
#include <math.h>
#include <string.h>

#include "cells.h"
#include "linear.h"
#include "memory.h"

enum { side = 5, samples = wk_sky_cell_samples };

typedef struct making {
    const wk_sky_cell_model *model;
    const int64_t *ground;
    double *modes;
    int64_t *frame_of;         /* [members] */
    wk_sky_cell_frame *frames; /* [components] */
    double (*middles)[3];      /* [nodes] mean places of their cells, and how many */
    int64_t *start;            /* [nodes + 1] into list */
    int64_t *list;             /* members of each node */
} making;

/* What a least squares fit of a node's common surfaces adds up. */
typedef struct fit {
    double normal[wk_blocks_largest * wk_blocks_largest];
    double right[wk_blocks_largest * wk_blocks_largest];
} fit;

static void add_samples(fit *sums, const making *all, int64_t member, const wk_sky_cell_frame *in)
{
    int64_t size = all->model->size;
    for (int i = 0; i < samples; i++) {
        double own[wk_blocks_largest], common[wk_blocks_largest], place[2];
        wk_sky_cell_value at = {.x = (float)((2.0 * (i % side) + 1.0) / side - 1.0),
                                .y = (float)((2.0 * (i / side) + 1.0) / side - 1.0),
                                .member = (int32_t)member};
        wk_sky_cell_frame_place(place, in, all->model->cells->samples[member][i]);
        wk_sky_cell_powers(common, place[0], place[1]);
        wk_sky_cell_place(place, all->model, &at);
        wk_sky_cell_powers(own, place[0], place[1]);
        for (int64_t a = 0; a < size; a++) {
            for (int64_t b = 0; b < size; b++)
                sums->normal[a * size + b] += own[a] * own[b];
            for (int64_t k = 0; k < size; k++)
                sums->right[a * size + k] += own[a] * common[k];
        }
    }
}

/* The common surfaces as polynomials of a node's own coordinates.  0 if the places do not tell. */
static int fit_modes(double out[][wk_blocks_largest], const making *all, int64_t node)
{
    int64_t size = all->model->size;
    fit sums = {{0.0}, {0.0}};
    for (int64_t i = all->start[node]; i < all->start[node + 1]; i++)
        add_samples(&sums, all, all->list[i], &all->frames[all->model->component[node]]);
    int solved = wk_linear_solve(sums.right, size, sums.normal, size);
    for (int64_t k = 0; k < size && solved; k++)
        for (int64_t a = 0; a < size; a++) {
            out[k][a] = sums.right[a * size + k];
            solved &= isfinite(out[k][a]) != 0;
        }
    return solved;
}

static double *mode_of(const making *all, int64_t mode, int64_t node)
{
    return all->modes + (mode * all->model->nodes + node) * all->model->size;
}

/* A level follows a common surface where its cells are. */
static void put_modes(const making *all, int64_t node, double modes[][wk_blocks_largest])
{
    int64_t size = all->model->size;
    double powers[wk_blocks_largest];
    wk_sky_cell_powers(powers, all->middles[node][0], all->middles[node][1]);
    for (int64_t k = 1; k < size; k++) {
        double *mode = mode_of(all, k, node), sum = 0.0;
        for (int64_t a = 0; a < size; a++)
            sum += powers[a] * modes[k][a];
        if (all->model->terms[node] == size)
            memcpy(mode, modes[k], (size_t)size * sizeof *mode);
        else
            mode[0] = sum;
    }
}

static wk_status add_middles(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    const making *all = payload;
    (void)error;
    for (int32_t i = 0; i < block->start[block->count]; i++) {
        double place[2];
        int32_t node = all->model->node[block->values[i].member];
        wk_sky_cell_place(place, all->model, &block->values[i]);
        double n = all->middles[node][2] += 1.0;
        for (int k = 0; k < 2; k++)
            all->middles[node][k] += (place[k] - all->middles[node][k]) / n;
    }
    return WK_OK;
}

/* Only where surfaces are fitted do common ones go unnoticed. */
static int has_surfaces(const making *all, int64_t node)
{
    const wk_sky_cell_model *model = all->model;
    return model->size > 1 && model->terms[all->ground[model->component[node]]] == model->size;
}

static void list_members(making *all)
{
    const wk_sky_cell_model *model = all->model;
    int64_t members = (int64_t)model->cells->overlaps->count;
    for (int64_t i = 0; i < members; i++)
        all->start[model->node[i] + 1]++;
    for (int64_t i = 0; i < model->nodes; i++)
        all->start[i + 1] += all->start[i];
    for (int64_t i = members; i-- > 0;)
        all->list[--all->start[model->node[i] + 1]] = i;
    /* each start has been moved down to where its node begins */
    memmove(all->start, all->start + 1, (size_t)model->nodes * sizeof *all->start);
    all->start[model->nodes] = members;
}

static void make_modes(making *all)
{
    const wk_sky_cell_model *model = all->model;
    const wk_overlaps *overlaps = model->cells->overlaps;
    for (size_t i = 0; i < overlaps->count; i++)
        all->frame_of[i] = model->component[model->node[i]];
    wk_sky_cell_frames_fill(all->frames, model->components, overlaps, all->frame_of);
    list_members(all);
    for (int64_t i = 0; i < model->nodes; i++) {
        double modes[wk_blocks_largest][wk_blocks_largest];
        if (model->terms[i] < 1 || model->bonds[model->component[i]] == wk_sky_cell_fixed)
            continue;
        mode_of(all, 0, i)[0] = 1.0;
        if (has_surfaces(all, i) && fit_modes(modes, all, i))
            put_modes(all, i, modes);
    }
}

wk_status wk_sky_cell_modes_fill(double *modes, const wk_sky_cell_model *model,
                                 const int64_t *ground, wk_error *error)
{
    size_t nodes = (size_t)model->nodes;
    making all = {.model = model, .ground = ground, .modes = modes};
    all.frame_of = wk_memory_new(model->cells->overlaps->count, sizeof *all.frame_of, error);
    all.frames = wk_memory_new((size_t)model->components, sizeof *all.frames, error);
    all.middles = wk_memory_new(nodes, sizeof *all.middles, error);
    all.start = wk_memory_new(nodes + 1, sizeof *all.start, error);
    all.list = wk_memory_new(model->cells->overlaps->count, sizeof *all.list, error);
    wk_status status =
        all.frame_of && all.frames && all.middles && all.start && all.list ? WK_OK : WK_MEMORY;
    if (status == WK_OK)
        status = wk_sky_cells_visit(model->cells, add_middles, &all, 0, error);
    if (status == WK_OK) {
        make_modes(&all);
        status = wk_sky_cell_modes_tie(modes, model, error);
    }
    wk_memory_free(all.frame_of);
    wk_memory_free(all.frames);
    wk_memory_free(all.middles);
    wk_memory_free(all.start);
    wk_memory_free(all.list);
    return status;
}
