#include "match_task.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

enum { VALUE = 80, NAMES_SHOWN = 5 };

/* Two exposures of one file may be an input and the reference, one exposure may not. */
static wk_status check_apart(const match_task *task, wk_error *error)
{
    const cli_inputs *inputs = &task->inputs, *reference = &task->reference;
    for (size_t i = 0; i < inputs->count; i++)
        for (size_t k = 0; k < reference->count; k++) {
            const wk_exposure *a = inputs->exposures[i], *b = reference->exposures[k];
            if (wk_exposure_describe(a)->image_hdu == wk_exposure_describe(b)->image_hdu &&
                !strcmp(inputs->files[inputs->file_of[i]].real,
                        reference->files[reference->file_of[k]].real))
                return cli_fail(error, WK_ARGUMENT, wk_exposure_name(a),
                                "the reference is among the exposures");
        }
    return WK_OK;
}

wk_status match_open_reference(match_task *task, wk_error *error)
{
    cli_session other = *task->session;
    char *path = (char *)cli_get_text(&task->session->options, "reference");
    if (!path)
        return WK_OK;
    other.files = &path;
    other.file_count = 1;
    wk_status status = cli_inputs_open(&task->reference, &other, error);
    return status ? status : check_apart(task, error);
}

const wk_exposure *match_opened(const match_task *task, size_t field)
{
    size_t count = task->inputs.count;
    return field < count ? task->inputs.exposures[field] : task->reference.exposures[field - count];
}

/* The group of an exposure as a text of its own; stays NULL for one that stands alone. */
static wk_status name_group(match_task *task, size_t index, const char *key, wk_error *error)
{
    char value[VALUE];
    const cli_inputs *inputs = &task->inputs;
    const char *name = value;
    if (!strcmp(key, "none"))
        return WK_OK;
    if (!strcmp(key, "exposure")) {
        const cli_file *file = &inputs->files[inputs->files[inputs->file_of[index]].twin];
        name = wk_exposure_describe(file->exposures[0])->file;
    } else {
        wk_status status =
            wk_exposure_keyword(value, sizeof value, inputs->exposures[index], key, error);
        if (status == WK_HEADER)
            return WK_OK;
        if (status)
            return status;
    }
    task->groups[index] = cli_copy(name, error);
    return task->groups[index] ? WK_OK : WK_MEMORY;
}

static wk_status read_flux(double *flux, const wk_exposure *exposure, const char *key,
                           wk_error *error)
{
    char value[VALUE], *end;
    *flux = 1;
    if (!key)
        return WK_OK;
    wk_status status = wk_exposure_keyword(value, sizeof value, exposure, key, error);
    if (status)
        return status;
    *flux = strtod(value, &end);
    if (end == value || end[strspn(end, " ")] || !isfinite(*flux) || *flux <= 0)
        return cli_fail(error, WK_HEADER, wk_exposure_name(exposure),
                        "%s is %s, not a positive number", key, value);
    return WK_OK;
}

static wk_status make_field(match_task *task, size_t index, wk_error *error)
{
    const cli_options *options = &task->session->options;
    const wk_exposure *exposure = match_opened(task, index);
    const wk_exposure_header *header = wk_exposure_describe(exposure);
    wk_field *field = &task->fields[index];
    task->exposures[index] = (match_exposure){wk_exposure_name(exposure), header->file,
                                              header->detector, header->image_hdu};
    wk_status status = wk_exposure_wcs(&task->wcs[index], exposure, error);
    if (!status && index < task->inputs.count)
        status = name_group(task, index, cli_get_text(options, "group"), error);
    if (!status)
        status = read_flux(&field->flux, exposure, cli_get_text(options, "flux-keyword"), error);
    field->name = wk_exposure_name(exposure);
    field->group = task->groups[index];
    field->wcs = task->wcs[index];
    field->width = header->width;
    field->height = header->height;
    field->reference = index >= task->inputs.count;
    if (!status && task->cell_options.detectors && !field->reference)
        status = match_read_detector(task, index, error);
    return status;
}

/* A keyword that no exposure has is rather a slip than a wish. */
static void warn_without_groups(match_task *task)
{
    const char *key = cli_get_text(&task->session->options, "group");
    for (size_t i = 0; i < task->inputs.count; i++)
        if (task->groups[i])
            return;
    cli_log(task->session, WK_LOG_WARNING, "no exposure has the keyword %s: each stands alone",
            key);
}

/* Coordinates that are somewhat off move levels only a little: no reason to stop. */
static void warn_of_lookup(match_task *task)
{
    const char *names[NAMES_SHOWN] = {"", "", "", "", ""};
    size_t count = 0;
    for (size_t i = 0; i < task->field_count; i++) {
        const wk_field *field = &task->fields[i];
        wk_wcs_summary summary = {.ignored_lookup = 0};
        wk_error error;
        wk_wcs_describe(&summary, field->wcs, field->width, field->height, &error);
        if (summary.ignored_lookup && count++ < NAMES_SHOWN)
            names[count - 1] = field->name;
    }
    if (count)
        cli_log(task->session, WK_LOG_WARNING,
                "distortions in lookup tables are not applied, in %zu exposure%s: "
                "%s%s%s%s%s%s%s%s%s%s",
                count, count > 1 ? "s" : "", names[0], count > 1 ? ", " : "", names[1],
                count > 2 ? ", " : "", names[2], count > 3 ? ", " : "", names[3],
                count > 4 ? ", " : "", names[4], count > NAMES_SHOWN ? ", ..." : "");
}

wk_status match_make_fields(match_task *task, wk_error *error)
{
    size_t count = task->inputs.count + task->reference.count;
    task->count = task->inputs.count;
    task->field_count = count;
    task->exposures = cli_new(count, sizeof *task->exposures, error);
    task->fields = cli_new(count, sizeof *task->fields, error);
    task->wcs = cli_new(count, sizeof *task->wcs, error);
    task->groups = cli_new(count, sizeof *task->groups, error);
    task->amplifiers = cli_new(count, sizeof *task->amplifiers, error);
    wk_status status =
        task->exposures && task->fields && task->wcs && task->groups && task->amplifiers
            ? WK_OK
            : WK_MEMORY;
    for (size_t i = 0; i < count && !status; i++) {
        status = cli_check_cancel(error);
        if (!status)
            status = make_field(task, i, error);
    }
    if (!status && task->grouped)
        warn_without_groups(task);
    if (!status)
        warn_of_lookup(task);
    return status;
}

void match_free_fields(match_task *task)
{
    for (size_t i = 0; i < task->field_count; i++) {
        if (task->wcs)
            wk_wcs_free(task->wcs[i]);
        if (task->groups)
            free(task->groups[i]);
        if (task->amplifiers)
            free(task->amplifiers[i]);
    }
    free(task->exposures);
    free(task->fields);
    free(task->wcs);
    free(task->groups);
    free(task->amplifiers);
    free(task->user);
}
