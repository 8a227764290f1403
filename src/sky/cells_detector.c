/* Which detectors have offsets, and what a solution says of them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cells_offset.h"
#include "match.h"
#include "memory.h"
#include "status.h"

/* Of the unit that stands for an offset, what is left when the undetermined is taken off. */
static const double determined = 1e-6;

typedef struct named {
    const char *detector;
    int64_t amplifiers;
    int64_t member;
} named;

static int compare_named(const void *left, const void *right)
{
    const named *a = left;
    const named *b = right;
    int order = strcmp(a->detector, b->detector);
    return order ? order : (a->member > b->member) - (a->member < b->member);
}

/* Those that have a detector; returns how many. */
static size_t name_all(named *list, const wk_overlaps *overlaps)
{
    size_t count = 0;
    for (size_t i = 0; i < overlaps->count; i++) {
        const wk_field *field = &overlaps->members[i].field;
        if (field->detector && !field->reference) /* what is known has no offset */
            list[count++] = (named){field->detector, (int64_t)field->amplifier_count, (int64_t)i};
    }
    qsort(list, count, sizeof *list, compare_named);
    return count;
}

static int64_t parts_of(const named *item)
{
    return item->amplifiers > 0 ? item->amplifiers : 1;
}

/* Detectors follow each other, each with its amplifiers. */
static wk_status number_all(wk_sky_cell_offsets *offsets, const named *list, size_t count,
                            const wk_overlaps *overlaps, wk_error *error)
{
    for (size_t i = 0; i < overlaps->count; i++)
        offsets->first[i] = -1;
    for (size_t i = 0; i < count; i++) {
        int same = i > 0 && !strcmp(list[i].detector, list[i - 1].detector);
        if (same && list[i].amplifiers != list[i - 1].amplifiers)
            return wk_error_set(error, WK_ARGUMENT, overlaps->members[list[i].member].field.name,
                                "it has %lld amplifiers, others of detector %.100s have %lld",
                                (long long)list[i].amplifiers, list[i].detector,
                                (long long)list[i - 1].amplifiers);
        if (!same)
            offsets->count += parts_of(&list[i]);
        offsets->first[list[i].member] = offsets->count - parts_of(&list[i]);
    }
    return WK_OK;
}

wk_status wk_sky_cell_detectors_list(wk_sky_cell_offsets *offsets, const wk_overlaps *overlaps,
                                     wk_error *error)
{
    named *list = wk_memory_new(overlaps->count, sizeof *list, error);
    offsets->count = 0;
    offsets->first = wk_memory_new(overlaps->count, sizeof *offsets->first, error);
    wk_status status = list && offsets->first ? WK_OK : WK_MEMORY;
    size_t count = status == WK_OK ? name_all(list, overlaps) : 0;
    if (status == WK_OK)
        status = number_all(offsets, list, count, overlaps, error);
    if (status == WK_OK) {
        offsets->owners = wk_memory_new((size_t)offsets->count, sizeof *offsets->owners, error);
        status = offsets->owners ? WK_OK : WK_MEMORY;
    }
    for (size_t i = 0; i < count && status == WK_OK; i++)
        for (int64_t k = 0; k < parts_of(&list[i]); k++)
            offsets->owners[offsets->first[list[i].member] + k] =
                (wk_sky_cell_owner){list[i].detector, list[i].amplifiers > 0 ? k : -1};
    wk_memory_free(list);
    return status;
}

/* The variance of an offset, and whether any combination that is determined has part in it. */
static int is_known(double *variance, const wk_sky_cell_offsets *offsets, int64_t place)
{
    *variance = 0.0;
    for (int64_t k = 0; k < offsets->rank; k++) {
        double part = offsets->factor[k * offsets->count + place];
        *variance += part * part;
    }
    return *variance * offsets->bond[place] > determined;
}

static wk_status give_offsets(wk_solution *solution, const wk_sky_cell_model *model,
                              wk_error *error)
{
    const wk_sky_cell_offsets *offsets = model->offsets;
    size_t count = (size_t)offsets->count;
    solution->offsets = wk_memory_new(count, sizeof *solution->offsets, error);
    if (!solution->offsets)
        return WK_MEMORY;
    solution->offset_count = count;
    for (size_t i = 0; i < count; i++) {
        double variance;
        int known = is_known(&variance, offsets, (int64_t)i);
        solution->offsets[i] =
            (wk_detector_offset){.detector = wk_memory_text(offsets->owners[i].detector, error),
                                 .amplifier = offsets->owners[i].amplifier,
                                 .offset = known ? offsets->values[i] : 0.0,
                                 .error = known ? sqrt(variance * model->inflation) : (double)NAN,
                                 .cells = offsets->cells[i],
                                 .valid = known};
        if (!solution->offsets[i].detector)
            return WK_MEMORY;
    }
    return WK_OK;
}

/* Beyond the constant that all have in common. */
static wk_status warn_of_offsets(wk_solution *solution, const wk_sky_cell_offsets *offsets,
                                 wk_error *error)
{
    char text[512];
    long long count = (long long)offsets->count, left = count - 1 - (long long)offsets->rank;
    if (offsets->rank == 0)
        snprintf(
            text, sizeof text,
            "the offsets of detectors are undetermined, 0 is taken: cells tell them only where "
            "exposures that share a background meet others on other detectors");
    else
        snprintf(text, sizeof text,
                 "%lld of %lld combinations of the detectors' offsets are undetermined: of all "
                 "solutions the one with the smallest offsets is taken",
                 left, count - 1);
    return left > 0 || offsets->rank == 0 ? wk_solution_warn(solution, text, error) : WK_OK;
}

wk_status wk_sky_cell_detectors_report(wk_solution *solution, const wk_sky_cell_model *model,
                                       wk_error *error)
{
    wk_status status = give_offsets(solution, model, error);
    return status == WK_OK ? warn_of_offsets(solution, model->offsets, error) : status;
}

/* What each amplifier has beyond the mean of all. */
static wk_status put_parts(wk_sky_surface *surface, const wk_field *field, const double *values,
                           double mean, wk_error *error)
{
    surface->parts = wk_memory_new(field->amplifier_count, sizeof *surface->parts, error);
    if (!surface->parts)
        return WK_MEMORY;
    surface->part_count = field->amplifier_count;
    for (size_t k = 0; k < field->amplifier_count; k++)
        surface->parts[k] = (wk_sky_part){field->amplifiers[k], (values[k] - mean) / field->flux};
    return WK_OK;
}

wk_status wk_sky_cell_detectors_put(wk_sky_surface *surface, const wk_level_result *level,
                                    const wk_sky_cell_model *model, int64_t member, wk_error *error)
{
    const wk_sky_cell_offsets *offsets = model->offsets;
    const wk_field *field = &model->cells->overlaps->members[member].field;
    int64_t first = offsets->first[member];
    double mean =
        wk_sky_cell_amplifier_mean(offsets, model->cells->overlaps, member, offsets->values);
    if (!isfinite(level->sky))
        return WK_OK;
    return first >= 0 && field->amplifier_count > 0
               ? put_parts(surface, field, offsets->values + first, mean, error)
               : WK_OK;
}
