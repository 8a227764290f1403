#include "match_task.h"

#include <stdlib.h>

#include "common.h"
#include "provenance.h"

static void put_pixels(wk_ledger *ledger, const char *key, int64_t pixels)
{
    if (pixels < 0)
        wk_ledger_null(ledger, key);
    else
        wk_ledger_integer(ledger, key, pixels);
}

static void put_surface(wk_ledger *ledger, const wk_solution *solution, size_t index)
{
    const wk_sky_surface *surface = solution->surfaces ? &solution->surfaces[index] : NULL;
    int terms = surface && solution->order > 0 ? surface->terms : 0;
    wk_ledger_open_array(ledger, "coefficients");
    for (int i = 0; i < terms; i++)
        wk_ledger_number(ledger, NULL, surface->coefficients[i]);
    wk_ledger_close(ledger);
    if (!surface || (solution->order == 0 && surface->part_count == 0))
        return;
    wk_ledger_open_array(ledger, "terms");
    for (int i = 0; i < terms; i++)
        wk_ledger_text(ledger, NULL, wk_sky_surface_term(i));
    wk_ledger_close(ledger);
    wk_ledger_open_array(ledger, "centre");
    for (int i = 0; i < 2; i++)
        wk_ledger_number(ledger, NULL, surface->centre[i]);
    wk_ledger_close(ledger);
    wk_ledger_open_array(ledger, "scale");
    for (int i = 0; i < 2; i++)
        wk_ledger_number(ledger, NULL, surface->scale[i]);
    wk_ledger_close(ledger);
}

static void put_exposure(wk_ledger *ledger, const match_task *task, size_t index)
{
    const match_exposure *exposure = &task->exposures[index];
    const wk_level_result *level = &task->solution->levels[index];
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_text(ledger, "file", exposure->file);
    wk_ledger_text(ledger, "detector", exposure->detector);
    wk_ledger_integer(ledger, "hdu", exposure->hdu);
    wk_ledger_text(ledger, "group", task->groups[index]);
    wk_ledger_integer(ledger, "component", (int64_t)level->component);
    wk_ledger_number(ledger, "sky", level->sky);
    put_surface(ledger, task->solution, index);
    match_put_detector(ledger, task, index);
    wk_ledger_number(ledger, "error", level->error);
    if (task->report)
        match_put_fit(ledger, task, index);
    wk_ledger_boolean(ledger, "valid", level->valid);
    put_pixels(ledger, "pixels", level->pixels);
    wk_ledger_close(ledger);
}

/* A group or an exposure that stands alone: what the overlaps' a and b count. */
static void put_group(wk_ledger *ledger, const match_task *task, size_t first, const size_t *next)
{
    const wk_solution *solution = task->solution;
    const wk_level_result *level = &solution->levels[first];
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_text(ledger, "group", task->groups[first]);
    wk_ledger_open_array(ledger, "exposures");
    for (size_t i = first; i < solution->fields; i = next[i])
        wk_ledger_integer(ledger, NULL, (int64_t)i);
    wk_ledger_close(ledger);
    wk_ledger_integer(ledger, "component", (int64_t)level->component);
    wk_ledger_number(ledger, "sky", solution->item_levels[level->item]);
    wk_ledger_number(ledger, "error", solution->item_errors[level->item]);
    wk_ledger_boolean(ledger, "valid", level->valid);
    wk_ledger_close(ledger);
}

/* The first exposure of each item, and after each exposure the next of its item. */
static void chain_members(size_t *first, size_t *next, const wk_solution *solution)
{
    for (size_t i = 0; i < solution->items; i++)
        first[i] = solution->fields;
    for (size_t i = solution->fields; i-- > 0;) {
        size_t item = solution->levels[i].item;
        next[i] = first[item];
        first[item] = i;
    }
}

static wk_status put_groups(wk_ledger *ledger, const match_task *task, wk_error *error)
{
    const wk_solution *solution = task->solution;
    size_t *first = cli_new(solution->items, sizeof *first, error);
    size_t *next = cli_new(solution->fields, sizeof *next, error);
    wk_status status = first && next ? WK_OK : WK_MEMORY;
    if (!status) {
        chain_members(first, next, solution);
        wk_ledger_open_array(ledger, "groups");
        for (size_t i = 0; i < solution->items; i++)
            put_group(ledger, task, first[i], next);
        wk_ledger_close(ledger);
    }
    free(first);
    free(next);
    return status;
}

static void put_overlap(wk_ledger *ledger, const match_task *task, size_t index)
{
    const wk_overlap *overlap = &task->solution->overlaps[index];
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_integer(ledger, "a", (int64_t)overlap->a);
    wk_ledger_integer(ledger, "b", (int64_t)overlap->b);
    wk_ledger_number(ledger, "value_a", overlap->side_a.measure.value);
    wk_ledger_number(ledger, "value_b", overlap->side_b.measure.value);
    wk_ledger_integer(ledger, "pixels_a", overlap->side_a.measure.pixels);
    wk_ledger_integer(ledger, "pixels_b", overlap->side_b.measure.pixels);
    wk_ledger_number(ledger, "area", overlap->side_a.area);
    wk_ledger_number(ledger, "residual", overlap->residual);
    if (task->report) {
        wk_ledger_integer(ledger, "cells", overlap->cells);
        wk_ledger_number(ledger, "chi2", overlap->chi2);
        wk_ledger_number(ledger, "chi2_per_cell", overlap->chi2 / (double)overlap->cells);
        wk_ledger_number(ledger, "pull", task->report->pulls[index]);
    }
    wk_ledger_close(ledger);
}

/* Values are weighted means over the cells shared; the reference's background is 0. */
static void put_reference(wk_ledger *ledger, const match_task *task)
{
    const wk_solution *solution = task->solution;
    wk_ledger_open_object(ledger, "reference");
    wk_ledger_text(ledger, "file", task->exposures[task->count].file);
    wk_ledger_integer(ledger, "exposures", (int64_t)(task->field_count - task->count));
    wk_ledger_integer(ledger, "component", solution->reference_component);
    wk_ledger_integer(ledger, "cells", solution->reference_cells);
    wk_ledger_open_array(ledger, "overlaps");
    for (size_t i = 0; i < solution->reference_count; i++) {
        const wk_overlap *overlap = &solution->reference_overlaps[i];
        if (!overlap->used)
            continue;
        wk_ledger_open_object(ledger, NULL);
        wk_ledger_integer(ledger, "a", (int64_t)overlap->a);
        wk_ledger_integer(ledger, "cells", overlap->cells);
        wk_ledger_number(ledger, "value_a", overlap->side_a.measure.value);
        wk_ledger_number(ledger, "value_reference", overlap->side_b.measure.value);
        wk_ledger_number(ledger, "residual", overlap->residual);
        wk_ledger_number(ledger, "chi2", overlap->chi2);
        wk_ledger_close(ledger);
    }
    wk_ledger_close(ledger);
    wk_ledger_close(ledger);
}

static void put_summary(wk_ledger *ledger, const wk_solution *solution)
{
    wk_ledger_integer(ledger, "components", (int64_t)solution->components);
    wk_ledger_integer(ledger, "rank", (int64_t)solution->rank);
    wk_ledger_number(ledger, "rms_before", solution->rms_before);
    wk_ledger_number(ledger, "rms_after", solution->rms_after);
    wk_ledger_open_array(ledger, "warnings");
    for (size_t i = 0; i < solution->warning_count; i++)
        wk_ledger_text(ledger, NULL, solution->warnings[i]);
    wk_ledger_close(ledger);
}

static wk_status put_solution(wk_ledger *ledger, const match_task *task, wk_error *error)
{
    const wk_solution *solution = task->solution;
    cli_provenance_put(ledger, task->session);
    wk_ledger_text(ledger, "method", match_method_name(task));
    wk_ledger_text(ledger, "compare", task->by_cells ? "cells" : "regions");
    wk_ledger_integer(ledger, "order", solution->order);
    if (task->by_cells) {
        wk_ledger_number(ledger, "pitch", wk_sky_cells_pitch(task->cells));
        wk_ledger_integer(ledger, "cells", solution->cells);
        wk_ledger_number(ledger, "chi2", solution->chi2);
        wk_ledger_number(ledger, "chi2_uncut", task->report->chi2);
        wk_ledger_integer(ledger, "dof", solution->dof);
        wk_ledger_number(ledger, "scale", task->report->scale);
        wk_ledger_number(ledger, "structure", task->report->structure);
    }
    wk_ledger_open_array(ledger, "exposures");
    for (size_t i = 0; i < solution->fields; i++)
        put_exposure(ledger, task, i);
    wk_ledger_close(ledger);
    wk_status status = task->grouped ? put_groups(ledger, task, error) : WK_OK;
    match_put_offsets(ledger, task);
    wk_ledger_open_array(ledger, "overlaps");
    for (size_t i = 0; i < solution->overlap_count; i++)
        put_overlap(ledger, task, i);
    wk_ledger_close(ledger);
    if (task->field_count > task->count)
        put_reference(ledger, task);
    if (task->report)
        match_put_report(ledger, task);
    put_summary(ledger, solution);
    return status;
}

wk_status match_make_ledger(wk_ledger **out, const match_task *task, wk_error *error)
{
    wk_status status = wk_ledger_create(out, error);
    if (!status)
        status = put_solution(*out, task, error);
    if (status) {
        wk_ledger_free(*out);
        *out = NULL;
    }
    return status;
}
