/* An image whose background is known: what of the exposures' backgrounds it determines.
 *
 * Its values take part in the cells' skies, its node has no unknowns.  Exposures that share cells
 * with each other are a part of the mosaic; where one of them shares cells with the reference, all
 * of the part has an absolute background.
 */
#include <math.h>
#include <string.h>

#include "cells.h"
#include "memory.h"
#include "status.h"

static wk_status find_scale(double *scale, const wk_field *field, wk_error *error)
{
    wk_wcs_summary summary;
    wk_status status = wk_wcs_describe(&summary, field->wcs, field->width, field->height, error);
    *scale = status < 0 ? 0.0 : summary.pixel_scale;
    return status;
}

/* Cells below two pixels would hold one here, none there. */
wk_status wk_sky_cells_width(double *width, const wk_sky_cells *cells,
                             const wk_sky_cells_options *options, wk_error *error)
{
    const wk_overlaps *overlaps = cells->overlaps;
    size_t first = 0;
    double coarsest = 0.0;
    while (first + 1 < overlaps->count && overlaps->members[first].field.reference)
        first++;
    for (size_t i = 0; i < overlaps->count; i++) {
        const wk_field *field = &overlaps->members[i].field;
        double scale = 0.0;
        if (!field->reference && (i != first || options->pitch != 0.0))
            continue;
        wk_status status = find_scale(&scale, field, error);
        if (status < 0)
            return status;
        if (options->pitch != 0.0 && options->pitch < 2.0 * scale)
            return wk_error_set(error, WK_ARGUMENT, field->name,
                                "cells of %g arcsec are below two pixels of the reference, which "
                                "are %g arcsec wide",
                                options->pitch, scale);
        coarsest = fmax(coarsest, scale);
    }
    *width = options->pitch != 0.0 ? options->pitch : options->cell * coarsest;
    return WK_OK;
}

/* The first exposure of the reference, as the user knows it. */
static const wk_field *name_reference(const wk_overlaps *overlaps)
{
    return &overlaps->members[overlaps->ranks[overlaps->count - overlaps->references]].field;
}

wk_status wk_sky_cells_check_reference(const wk_overlaps *overlaps, wk_error *error)
{
    if (overlaps->references == 0)
        return WK_OK;
    for (size_t i = 0; i < overlaps->count; i++)
        if (overlaps->members[i].field.reference && overlaps->members[i].neighbour_count > 0)
            return WK_OK;
    return wk_error_set(error, WK_NO_OVERLAP, name_reference(overlaps)->name,
                        "the reference overlaps none of the exposures");
}

static wk_status no_cell(const wk_overlaps *overlaps, wk_error *error)
{
    const char *name = name_reference(overlaps)->name;
    int64_t good = 0;
    for (size_t i = 0; i < overlaps->count; i++)
        if (overlaps->members[i].field.reference && overlaps->members[i].good > 0)
            good += overlaps->members[i].good;
    if (good == 0)
        return wk_error_set(error, WK_NO_DATA, name, "the reference has no good pixel");
    return wk_error_set(error, WK_NO_OVERLAP, name,
                        "the reference shares no cell with any of the exposures");
}

/* The component of a cell that holds a value of the reference; -1 if it holds none. */
static int64_t tied_component(const wk_sky_cell_model *model, const wk_sky_cell_value *values,
                              int64_t count)
{
    int64_t component = -1;
    int found = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t node = model->node[values[i].member];
        if (node == model->reference)
            found = 1;
        else
            component = model->component[node];
    }
    return found ? component : -1;
}

static wk_status count_ties(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    wk_sky_cell_model *model = payload;
    (void)error;
    for (int64_t c = 0; c < block->count; c++) {
        int64_t component = tied_component(model, block->values + block->start[c],
                                           block->start[c + 1] - block->start[c]);
        if (component < 0)
            continue;
        model->ties[component]++;
        model->tied_cells++;
    }
    return WK_OK;
}

/* As for an exposure, a surface needs two cells for each coefficient; a level needs one. */
static void choose_bonds(wk_sky_cell_model *model)
{
    for (int64_t i = 0; i < model->nodes; i++) {
        int64_t c = model->component[i], needed = 2 * model->size;
        if (model->ties[c] == 0 || model->bonds[c] == wk_sky_cell_level)
            continue;
        int weak = model->ties[c] < needed && model->terms[i] > 1;
        model->bonds[c] = weak ? wk_sky_cell_level : wk_sky_cell_fixed;
    }
}

/* Numbers ascend with the first node of each, as wk_match wants them. */
static void number_told(wk_sky_cell_model *model)
{
    int64_t next = 0;
    memset(model->told, 0xff, (size_t)model->components * sizeof *model->told);
    for (int64_t i = 0; i < model->nodes; i++) {
        int64_t c = model->component[i];
        int64_t root = model->ties[c] > 0 ? model->component[model->reference] : c;
        if (model->told[root] < 0)
            model->told[root] = next++;
        model->told[c] = model->told[root];
    }
}

wk_status wk_sky_cell_ties_fill(wk_sky_cell_model *model, wk_error *error)
{
    size_t components = (size_t)model->components;
    model->ties = wk_memory_new(components, sizeof *model->ties, error);
    model->bonds = wk_memory_new(components, sizeof *model->bonds, error);
    model->told = wk_memory_new(components, sizeof *model->told, error);
    if (!model->ties || !model->bonds || !model->told)
        return WK_MEMORY;
    if (model->reference >= 0) {
        wk_status status = wk_sky_cells_visit(model->cells, count_ties, model, 0, error);
        if (status < 0)
            return status;
        if (model->tied_cells == 0)
            return no_cell(model->cells->overlaps, error);
        choose_bonds(model);
    }
    number_told(model);
    return WK_OK;
}

typedef struct mean {
    double sums[wk_blocks_largest];
    double count;
} mean;

static void take_means(double *modes, mean *means, const wk_sky_cell_model *model)
{
    int64_t size = model->size, length = model->nodes * size;
    for (int64_t i = 0; i < model->nodes; i++) {
        mean *own = &means[model->component[i]];
        own->count += model->terms[i] > 0;
        for (int64_t k = 1; k < size && model->terms[i] > 0; k++)
            own->sums[k] += modes[k * length + i * size];
    }
    for (int64_t i = 0; i < model->nodes; i++) {
        const mean *own = &means[model->component[i]];
        if (model->bonds[model->component[i]] != wk_sky_cell_level || model->terms[i] < 1)
            continue;
        for (int64_t k = 1; k < size; k++)
            modes[k * length + i * size] -= own->sums[k] / own->count;
        modes[i * size] = 0.0;
    }
}

wk_status wk_sky_cell_modes_tie(double *modes, const wk_sky_cell_model *model, wk_error *error)
{
    if (model->reference < 0)
        return WK_OK;
    mean *means = wk_memory_new((size_t)model->components, sizeof *means, error);
    if (!means)
        return WK_MEMORY;
    take_means(modes, means, model);
    wk_memory_free(means);
    return WK_OK;
}
