/* What the user should know about a solution, in sentences. */
#include "match.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"

/* A sentence has room for the names it shows, however long, and for what it says of them. */
enum { names_shown = 5, name_size = 512, sentence_size = (names_shown + 1) * name_size };

void wk_matching_name(char *name, size_t size, const wk_matching *matching, size_t item)
{
    const wk_overlaps *overlaps = matching->overlaps;
    for (size_t i = 0; i < overlaps->count; i++) {
        const wk_member *member = &overlaps->members[overlaps->ranks[i]];
        if (member->item != item)
            continue;
        snprintf(name, size, "%s", member->field.group ? member->field.group : member->field.name);
        return;
    }
    snprintf(name, size, "item %zu", overlaps->item_numbers[item]);
}

/* A sentence that grows. */
typedef struct sentence {
    char text[sentence_size];
    size_t length;
    size_t names; /* how many names it was asked to hold */
} sentence;

__attribute__((format(printf, 2, 3))) static void say(sentence *out, const char *format, ...)
{
    if (out->length >= sizeof out->text)
        return;
    va_list arguments;
    va_start(arguments, format);
    int written =
        vsnprintf(out->text + out->length, sizeof out->text - out->length, format, arguments);
    va_end(arguments);
    if (written > 0)
        out->length += (size_t)written;
}

static void say_name(sentence *out, const char *name)
{
    if (out->names < names_shown)
        say(out, "%s%.*s", out->names ? ", " : "", name_size - 1, name);
    out->names++;
}

static void end_names(sentence *out)
{
    if (out->names > names_shown)
        say(out, " and %zu more", out->names - names_shown);
}

wk_status wk_solution_warn(wk_solution *solution, const char *text, wk_error *error)
{
    wk_status status = wk_memory_grow((void **)&solution->warnings, solution->warning_count + 1,
                                      sizeof *solution->warnings, error);
    if (status < 0)
        return status;
    char *copy = wk_memory_text(text, error);
    if (!copy)
        return WK_MEMORY;
    solution->warnings[solution->warning_count++] = copy;
    return WK_OK;
}

static wk_status warn_empty(wk_solution *solution, const wk_matching *matching, wk_error *error)
{
    const wk_overlaps *overlaps = matching->overlaps;
    sentence out = {.length = 0};
    for (size_t i = 0; i < overlaps->count; i++) {
        const wk_member *member = &overlaps->members[overlaps->ranks[i]];
        if (member->good == 0)
            say_name(&out, member->field.name);
    }
    if (out.names == 0)
        return WK_OK;
    end_names(&out);
    say(&out, ": no good pixel, skipped");
    return wk_solution_warn(solution, out.text, error);
}

static void say_item(sentence *out, const wk_matching *matching, size_t item)
{
    char name[name_size] = "";
    if (out->names < names_shown)
        wk_matching_name(name, sizeof name, matching, item);
    say_name(out, name);
}

static wk_status warn_alone(wk_solution *solution, const wk_matching *matching,
                            const int64_t *sizes, wk_error *error)
{
    sentence out = {.length = 0};
    for (size_t i = 0; i < matching->overlaps->items; i++)
        if (sizes[matching->components[i]] == 1 && !matching->empty[i])
            say_item(&out, matching, i);
    if (out.names == 0)
        return WK_OK;
    end_names(&out);
    say(&out, ": no usable overlap with another exposure, not matched");
    return wk_solution_warn(solution, out.text, error);
}

/* The first item of a component that is no reference. */
static void say_first(sentence *out, const wk_matching *matching, int64_t component)
{
    size_t i = 0, reference = wk_overlaps_reference(matching->overlaps);
    while (i + 1 < matching->overlaps->items &&
           (matching->components[i] != component || i == reference))
        i++;
    say_item(out, matching, i);
}

/* Name one item of each part that holds more than one. */
static wk_status warn_parts(wk_solution *solution, const wk_matching *matching,
                            const int64_t *sizes, wk_error *error)
{
    int64_t parts = 0;
    for (int64_t c = 0; c < matching->component_count; c++)
        parts += sizes[c] > 1;
    if (parts < 2)
        return WK_OK;
    sentence out = {.length = 0};
    say(&out, "the exposures fall into %lld unconnected parts, matched only within each: around ",
        (long long)parts);
    int64_t next = 0;
    for (size_t i = 0; i < matching->overlaps->items; i++) {
        if (matching->components[i] != next)
            continue;
        if (sizes[next] > 1)
            say_first(&out, matching, next);
        next++;
    }
    end_names(&out);
    return wk_solution_warn(solution, out.text, error);
}

/* Name what the reference does not reach, not even through others. */
static wk_status warn_apart(wk_solution *solution, const wk_matching *matching, wk_error *error)
{
    sentence out = {.length = 0};
    for (size_t i = 0; i < matching->overlaps->items; i++)
        if (matching->tied >= 0 && matching->components[i] != matching->tied && !matching->empty[i])
            say_item(&out, matching, i);
    if (out.names == 0)
        return WK_OK;
    end_names(&out);
    say(&out, ": the reference is not reached, not even through others, levels are relative");
    return wk_solution_warn(solution, out.text, error);
}

static wk_status warn_anchor(wk_solution *solution, const wk_matching *matching, wk_error *error)
{
    const wk_match_options *options = matching->options;
    char text[2 * name_size];
    if (options->anchor != WK_ANCHOR_EXPOSURE)
        return WK_OK;
    for (size_t i = 0; i < solution->fields; i++) {
        const wk_field *field = &matching->overlaps->members[matching->overlaps->ranks[i]].field;
        if ((int64_t)solution->levels[i].component != solution->reference_component ||
            strcmp(field->name, options->anchor_name) != 0)
            continue;
        snprintf(text, sizeof text, "%.*s: the anchor is not used, the reference gives the levels",
                 name_size - 1, field->name);
        return wk_solution_warn(solution, text, error);
    }
    return WK_OK;
}

wk_status wk_matching_warn(wk_solution *solution, const wk_matching *matching, wk_error *error)
{
    wk_status status = warn_empty(solution, matching, error);
    wk_match_method method = matching->options->method;
    if (status < 0 || (method != WK_MATCH_MATCH && method != WK_MATCH_GLOBAL_MATCH))
        return status;
    int64_t *sizes = wk_memory_new((size_t)matching->component_count, sizeof *sizes, error);
    if (!sizes)
        return WK_MEMORY;
    for (size_t i = 0; i < matching->overlaps->items; i++)
        sizes[matching->components[i]]++;
    status = warn_alone(solution, matching, sizes, error);
    if (status == WK_OK)
        status = warn_parts(solution, matching, sizes, error);
    if (status == WK_OK)
        status = warn_apart(solution, matching, error);
    if (status == WK_OK)
        status = warn_anchor(solution, matching, error);
    wk_memory_free(sizes);
    return status;
}
