#include "match.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "memory.h"
#include "status.h"

wk_match_options wk_match_options_default(void)
{
    wk_match_options options;
    memset(&options, 0, sizeof options);
    options.method = WK_MATCH_GLOBAL_MATCH;
    options.weights = WK_WEIGHTS_PIXELS;
    options.anchor = WK_ANCHOR_SHIFT;
    options.statistic = wk_statistic_options_default();
    return options;
}

static int uses_overlaps(wk_match_method method)
{
    return method == WK_MATCH_MATCH || method == WK_MATCH_GLOBAL_MATCH;
}

static int uses_whole(wk_match_method method)
{
    return method == WK_MATCH_LOCAL || method == WK_MATCH_GLOBAL || method == WK_MATCH_GLOBAL_MATCH;
}

/* The least statistic of each item's fields, less what their levels have beyond the item's, and
 * whether it has any good pixel. */
static void find_own(wk_matching *matching)
{
    const wk_overlaps *overlaps = matching->overlaps;
    for (size_t i = 0; i < overlaps->items; i++) {
        matching->own[i] = (double)NAN;
        matching->own_errors[i] = (double)NAN;
        matching->empty[i] = overlaps->count > 0;
    }
    for (size_t i = 0; i < overlaps->count; i++) {
        const wk_member *member = &overlaps->members[i];
        if (member->good != 0)
            matching->empty[member->item] = 0;
        if (member->whole.measure.pixels == 0)
            continue;
        double *own = &matching->own[member->item], value = member->whole.measure.value;
        if (matching->source)
            value -= matching->source->rises[i];
        if (isnan(*own) || value < *own) {
            *own = value;
            matching->own_errors[member->item] = member->whole.error;
        }
    }
}

static wk_status open_matching(wk_matching *matching, const wk_overlaps *overlaps,
                               const wk_match_options *options, const wk_match_source *source,
                               wk_error *error)
{
    memset(matching, 0, sizeof *matching);
    matching->source = source;
    matching->tied = -1;
    matching->overlaps = overlaps;
    matching->options = options;
    matching->levels = wk_memory_new(overlaps->items, sizeof *matching->levels, error);
    matching->errors = wk_memory_new(overlaps->items, sizeof *matching->errors, error);
    matching->own = wk_memory_new(overlaps->items, sizeof *matching->own, error);
    matching->own_errors = wk_memory_new(overlaps->items, sizeof *matching->own_errors, error);
    matching->components = wk_memory_new(overlaps->items, sizeof *matching->components, error);
    matching->empty = wk_memory_new(overlaps->items, sizeof *matching->empty, error);
    if (!matching->levels || !matching->errors || !matching->own || !matching->own_errors ||
        !matching->components || !matching->empty)
        return WK_MEMORY;
    for (size_t i = 0; i < overlaps->edge_count; i++)
        matching->used += overlaps->edges[i].used != 0;
    find_own(matching);
    return WK_OK;
}

static void close_matching(wk_matching *matching)
{
    wk_memory_free(matching->levels);
    wk_memory_free(matching->errors);
    wk_memory_free(matching->own);
    wk_memory_free(matching->own_errors);
    wk_memory_free(matching->components);
    wk_memory_free(matching->empty);
}

static wk_status set_local(wk_matching *matching)
{
    size_t items = matching->overlaps->items;
    memcpy(matching->levels, matching->own, items * sizeof *matching->levels);
    memcpy(matching->errors, matching->own_errors, items * sizeof *matching->errors);
    return WK_OK;
}

/* The level of the lowest item for all that were measured. */
static wk_status set_global(wk_matching *matching)
{
    size_t items = matching->overlaps->items;
    size_t lowest = items;
    for (size_t i = 0; i < items; i++)
        if (!isnan(matching->own[i]) &&
            (lowest == items || matching->own[i] < matching->own[lowest]))
            lowest = i;
    for (size_t i = 0; i < items; i++) {
        int known = !isnan(matching->own[i]);
        matching->levels[i] = known ? matching->own[lowest] : (double)NAN;
        matching->errors[i] = known ? matching->own_errors[lowest] : (double)NAN;
    }
    return WK_OK;
}

/* For the overlaps' residuals an item has the level of its last field. */
static wk_status set_user(wk_matching *matching, wk_error *error)
{
    const wk_overlaps *overlaps = matching->overlaps;
    const double *user = matching->options->user;
    if (!user)
        return wk_error_set(error, WK_ARGUMENT, "", "the method user needs the user's levels");
    for (size_t i = 0; i < overlaps->items; i++)
        matching->levels[i] = matching->errors[i] = (double)NAN;
    for (size_t i = 0; i < overlaps->count; i++) {
        const wk_member *member = &overlaps->members[i];
        matching->levels[member->item] = user[member->input] * member->field.flux;
    }
    return WK_OK;
}

static wk_status no_overlap(const wk_matching *matching, wk_error *error)
{
    const wk_overlaps *overlaps = matching->overlaps;
    size_t empty = 0;
    const char *name = "";
    for (size_t i = overlaps->count; i-- > 0;)
        if (overlaps->members[overlaps->ranks[i]].good == 0) {
            name = overlaps->members[overlaps->ranks[i]].field.name;
            empty++;
        }
    if (empty > 0)
        return wk_error_set(error, WK_NO_DATA, name,
                            "no good pixel (%zu of %zu exposures have none) and no overlap is left",
                            empty, overlaps->count);
    const char *first = overlaps->count ? overlaps->members[overlaps->ranks[0]].field.name : "";
    if (overlaps->edge_count > 0)
        return wk_error_set(error, WK_NO_DATA, first,
                            "none of %zu overlaps has usable pixels on both sides",
                            overlaps->edge_count);
    return wk_error_set(error, WK_NO_OVERLAP, first, "no two of the %zu exposures overlap",
                        overlaps->items);
}

static wk_status no_data(const wk_matching *matching, wk_error *error)
{
    for (size_t i = 0; i < matching->overlaps->items; i++)
        if (!isnan(matching->own[i]))
            return WK_OK;
    const wk_overlaps *overlaps = matching->overlaps;
    const char *first = overlaps->count ? overlaps->members[overlaps->ranks[0]].field.name : "";
    return wk_error_set(error, WK_NO_DATA, first,
                        "none of %zu exposures has a usable pixel within the limits",
                        overlaps->count);
}

/* Components are wanted for every method. */
static wk_status solve_all(wk_matching *matching, wk_error *error)
{
    wk_match_method method = matching->options->method;
    wk_status status = WK_OK;
    if (matching->source)
        matching->source->solve(matching, matching->source->payload);
    else
        status = wk_matching_solve(matching, error);
    if (status < 0)
        return status;
    if (matching->overlaps->references > 0)
        matching->tied = matching->components[wk_overlaps_reference(matching->overlaps)];
    if (method == WK_MATCH_USER)
        return set_user(matching, error);
    if (uses_overlaps(method) && matching->used == 0)
        return no_overlap(matching, error);
    if (uses_whole(method))
        status = no_data(matching, error);
    if (status == WK_OK && method == WK_MATCH_LOCAL)
        status = set_local(matching);
    else if (status == WK_OK && method == WK_MATCH_GLOBAL)
        status = set_global(matching);
    else if (status == WK_OK)
        status = wk_matching_shift(matching, error);
    if (status == WK_OK && method == WK_MATCH_GLOBAL_MATCH)
        status = wk_matching_add_global(matching, error);
    return status;
}

/* Components are told in the order of the caller's items; a reference alone is none. */
static wk_status number_components(wk_solution *out, wk_matching *matching, wk_error *error)
{
    const wk_overlaps *overlaps = matching->overlaps;
    size_t *ours = wk_memory_new(overlaps->items, sizeof *ours, error);
    int64_t *numbers = wk_memory_raw((size_t)matching->component_count, sizeof *numbers, error);
    if (!ours || !numbers) {
        wk_memory_free(ours);
        wk_memory_free(numbers);
        return WK_MEMORY;
    }
    for (size_t i = 0; i < overlaps->items; i++)
        ours[overlaps->item_numbers[i]] = i;
    memset(numbers, 0xff, (size_t)matching->component_count * sizeof *numbers);
    int64_t next = 0;
    for (size_t i = 0; i < out->items; i++)
        if (numbers[matching->components[ours[i]]] < 0)
            numbers[matching->components[ours[i]]] = next++;
    for (size_t i = 0; i < out->fields; i++) {
        size_t item = overlaps->members[overlaps->ranks[i]].item;
        out->levels[i].component = (size_t)numbers[matching->components[item]];
    }
    out->components = (size_t)next;
    out->reference_component = matching->tied < 0 ? -1 : numbers[matching->tied];
    wk_memory_free(ours);
    wk_memory_free(numbers);
    return WK_OK;
}

static void report_levels(wk_solution *out, const wk_matching *matching)
{
    const wk_overlaps *overlaps = matching->overlaps;
    const double *offsets = matching->source ? matching->source->offsets : NULL;
    for (size_t i = 0; i < overlaps->items; i++) {
        out->item_levels[overlaps->item_numbers[i]] = matching->levels[i];
        out->item_errors[overlaps->item_numbers[i]] = matching->errors[i];
    }
    for (size_t i = 0; i < overlaps->count; i++) {
        const wk_member *member = &overlaps->members[overlaps->ranks[i]];
        double flux = member->field.flux;
        wk_level_result *level = &out->levels[i];
        level->detector_offset = offsets ? offsets[overlaps->ranks[i]] / flux : 0.0;
        level->sky = matching->levels[member->item] / flux;
        if (matching->source)
            level->sky += matching->source->rises[overlaps->ranks[i]] / flux;
        level->error = matching->errors[member->item] / flux;
        if (matching->options->method == WK_MATCH_USER)
            level->sky = matching->options->user[member->input];
        level->valid = isfinite(level->sky);
        level->item = overlaps->item_numbers[member->item];
        level->pixels = member->good;
        level->whole =
            member->whole.measure.pixels > 0 ? member->whole.measure.value / flux : (double)NAN;
    }
}

static int compare_numbers(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Squares are added from the least on, so that the order of the overlaps, which is the caller's,
 * changes no bit. */
static double root_mean(double *squares, size_t count)
{
    double sum = 0.0;
    qsort(squares, count, sizeof *squares, compare_numbers);
    for (size_t i = 0; i < count; i++)
        sum += squares[i];
    return count > 0 ? sqrt(sum / (double)count) : (double)NAN;
}

static wk_status report_overlaps(wk_solution *out, const wk_matching *matching, wk_error *error)
{
    const wk_overlaps *overlaps = matching->overlaps;
    double *before = wk_memory_raw(2 * matching->used, sizeof *before, error);
    if (!before)
        return WK_MEMORY;
    double *after = before + matching->used;
    size_t count = 0;
    for (size_t i = 0; i < overlaps->edge_count; i++) {
        int outside = overlaps->edges[i].b >= out->items; /* the reference is the last item */
        wk_overlap *edge = outside ? &out->reference_overlaps[out->reference_count++]
                                   : &out->overlaps[out->overlap_count++];
        *edge = overlaps->edges[i];
        edge->residual = (double)NAN;
        double difference = edge->side_a.measure.value - edge->side_b.measure.value;
        double left = difference - (out->item_levels[edge->a] - out->item_levels[edge->b]);
        if (matching->source)
            left -= matching->source->slopes[i];
        if (!edge->used || isnan(left))
            continue;
        edge->residual = left;
        if (outside)
            continue;
        before[count] = difference * difference;
        after[count++] = left * left;
    }
    out->rms_before = root_mean(before, count);
    out->rms_after = root_mean(after, count);
    wk_memory_free(before);
    return WK_OK;
}

static wk_status report(wk_solution **out, wk_matching *matching, wk_error *error)
{
    const wk_overlaps *overlaps = matching->overlaps;
    wk_solution *solution = wk_memory_new(1, sizeof *solution, error);
    if (!solution)
        return WK_MEMORY;
    *out = solution;
    solution->fields = overlaps->count - overlaps->references;
    solution->items = overlaps->items - (overlaps->references > 0);
    solution->cells = -1;
    solution->chi2 = (double)NAN;
    solution->levels = wk_memory_new(overlaps->count, sizeof *solution->levels, error);
    solution->item_levels = wk_memory_new(overlaps->items, sizeof(double), error);
    solution->item_errors = wk_memory_new(overlaps->items, sizeof(double), error);
    solution->overlaps = wk_memory_new(overlaps->edge_count, sizeof(wk_overlap), error);
    solution->reference_overlaps = wk_memory_new(
        overlaps->references > 0 ? overlaps->edge_count : 0, sizeof(wk_overlap), error);
    if (!solution->levels || !solution->item_levels || !solution->item_errors ||
        !solution->overlaps || !solution->reference_overlaps)
        return WK_MEMORY;
    report_levels(solution, matching);
    wk_status status = report_overlaps(solution, matching, error);
    if (status == WK_OK)
        status = number_components(solution, matching, error);
    solution->rank = solution->items - solution->components;
    if (status == WK_OK)
        status = wk_matching_warn(solution, matching, error);
    return status;
}

static const char *method_name(wk_match_method method)
{
    static const char *const names[] = {"local", "global", "match", "global+match", "user"};
    return names[method];
}

/* The lines that users of skymatch know. */
static void write_log(const wk_solution *solution, const wk_overlaps *overlaps,
                      const wk_match_options *options, const wk_context *context)
{
    if (!context || !context->log)
        return;
    wk_log(context, WK_LOG_INFO, "Sky computation method: '%s'", method_name(options->method));
    if (uses_overlaps(options->method))
        wk_log(context, WK_LOG_INFO, "Sky matching direction: %s", options->up ? "UP" : "DOWN");
    for (size_t i = 0; i < solution->fields; i++) {
        const wk_member *member = &overlaps->members[overlaps->ranks[i]];
        if (solution->levels[i].valid)
            wk_log(context, WK_LOG_INFO, " * Image ID=%s. Sky background: %G", member->field.name,
                   solution->levels[i].sky);
        else
            wk_log(context, WK_LOG_INFO, " * Image ID=%s: Unable to compute sky value",
                   member->field.name);
    }
}

/* A result may be usable and yet not what was hoped for. */
static wk_status judge(const wk_solution *solution, wk_match_method method)
{
    for (size_t i = 0; i < solution->fields; i++)
        if (!solution->levels[i].valid)
            return WK_SPARSE;
    return uses_overlaps(method) && solution->components > 1 ? WK_DISCONNECTED : WK_OK;
}

static wk_status refuse(const char *option, int value, wk_error *error)
{
    return wk_error_set(error, WK_ARGUMENT, option, "%d is none of its values", value);
}

static wk_status check_options(const wk_match_options *options, wk_error *error)
{
    if (options->method < WK_MATCH_LOCAL || options->method > WK_MATCH_USER)
        return refuse("method", (int)options->method, error);
    if (options->weights < WK_WEIGHTS_PIXELS || options->weights > WK_WEIGHTS_VARIANCE)
        return refuse("weights", (int)options->weights, error);
    if (options->anchor < WK_ANCHOR_SHIFT || options->anchor > WK_ANCHOR_EXPOSURE)
        return refuse("anchor", (int)options->anchor, error);
    return WK_OK;
}

/* What the method needs must have been measured. */
static wk_status check_measured(const wk_overlaps *overlaps, wk_match_method method,
                                wk_error *error)
{
    if (!overlaps->measured && method != WK_MATCH_USER)
        return wk_error_set(error, WK_ARGUMENT, "", "the overlaps have not been measured");
    if (uses_whole(method) && !overlaps->whole)
        return wk_error_set(error, WK_ARGUMENT, "",
                            "the method needs the whole exposures measured");
    return WK_OK;
}

wk_status wk_match(wk_solution **out, const wk_overlaps *overlaps, const wk_match_options *options,
                   const wk_context *context, wk_error *error)
{
    *out = NULL;
    if (overlaps->references > 0)
        return wk_error_set(error, WK_ARGUMENT, "reference",
                            "only cells have room for a reference");
    return wk_match_from(out, overlaps, options, NULL, context, error);
}

wk_status wk_match_from(wk_solution **out, const wk_overlaps *overlaps,
                        const wk_match_options *options, const wk_match_source *source,
                        const wk_context *context, wk_error *error)
{
    *out = NULL;
    wk_match_options defaults = wk_match_options_default();
    if (!options)
        options = &defaults;
    wk_status status = check_options(options, error);
    if (status == WK_OK)
        status = check_measured(overlaps, options->method, error);
    if (status < 0)
        return status;
    wk_matching matching;
    status = open_matching(&matching, overlaps, options, source, error);
    if (status == WK_OK)
        status = solve_all(&matching, error);
    if (status == WK_OK)
        status = report(out, &matching, error);
    close_matching(&matching);
    if (status < 0) {
        wk_solution_free(*out);
        *out = NULL;
        return status;
    }
    write_log(*out, overlaps, options, context);
    return judge(*out, options->method);
}

void wk_solution_free(wk_solution *solution)
{
    if (!solution)
        return;
    for (size_t i = 0; i < solution->warning_count; i++)
        wk_memory_free(solution->warnings[i]);
    wk_memory_free(solution->warnings);
    wk_memory_free(solution->levels);
    wk_memory_free(solution->item_levels);
    wk_memory_free(solution->item_errors);
    wk_memory_free(solution->overlaps);
    wk_memory_free(solution->reference_overlaps);
    for (size_t i = 0; solution->surfaces && i < solution->fields; i++)
        wk_memory_free(solution->surfaces[i].parts);
    wk_memory_free(solution->surfaces);
    for (size_t i = 0; i < solution->offset_count; i++)
        wk_memory_free(solution->offsets[i].detector);
    wk_memory_free(solution->offsets);
    wk_memory_free(solution->covariances);
    wk_memory_free(solution);
}
