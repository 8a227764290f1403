#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "background_options.h"
#include "background_task.h"
#include "common.h"
#include "section.h"

static const char *const maps[] = {"model", "rms", "mesh"};
static const char *const singles[] = {"background-list", "figure"};

static wk_status check_names(background_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const char *figure = cli_get_text(values, "figure"), *names[5];
    wk_status status = figure ? cli_check_figure(figure, error) : WK_OK;
    for (int i = 0; i < 5; i++)
        names[i] = cli_get_text(values, i < 3 ? maps[i] : singles[i - 3]);
    if (!status)
        status = cli_check_apart(names, 5, &task->outputs, error);
    for (int i = 0; i < 3 && !status; i++)
        if (names[i])
            status = cli_check_output(names[i], &task->inputs, values, error);
    for (int i = 0; i < 2 && !status; i++) {
        const char *path = names[3 + i];
        if (path)
            status = cli_check_output(path, &task->inputs, values, error);
        if (path && !status && task->inputs.count > 1)
            status = cli_fail(error, WK_ARGUMENT, path,
                              "--%s is for one exposure, but there are %zu: name one, as FILE[HDU]",
                              singles[i], task->inputs.count);
    }
    return status;
}

/* Everything that can be refused is refused before pixels are read. */
static wk_status prepare(background_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    wk_status status = cli_background_options(&task->options, values, error);
    if (!status)
        status = cli_inputs_open_for(&task->inputs, task->session,
                                     "BAD,EDGE,DETECTED,DETECTED_NEGATIVE,NO_DATA", error);
    if (!status && cli_outputs_wanted(values))
        status = cli_outputs_plan(&task->outputs, &task->inputs, values, error);
    if (!status)
        status = check_names(task, error);
    if (status)
        return status;
    task->models = cli_new(task->inputs.count, sizeof *task->models, error);
    task->summaries = cli_new(task->inputs.count, sizeof *task->summaries, error);
    task->meshes = cli_new(task->inputs.count, sizeof *task->meshes, error);
    return task->models && task->summaries && task->meshes ? WK_OK : WK_MEMORY;
}

static wk_status fit(background_task *task, size_t index, wk_error *error)
{
    const wk_context *context = &task->session->context;
    const wk_exposure *exposure = task->inputs.exposures[index];
    wk_exposure_rows *rows = NULL;
    wk_status status = wk_exposure_rows_open(&rows, exposure, wk_context_workers(context),
                                             context->memory, 1, error);
    if (!status) {
        wk_rows pixels = wk_exposure_rows_get(rows);
        status = wk_background_fit(&task->models[index], &pixels, &task->options, context, error);
    }
    wk_exposure_rows_close(rows);
    if (!status)
        task->meshes[index] = *wk_background_mesh(task->models[index]);
    else if (!error->subject[0])
        snprintf(error->subject, sizeof error->subject, "%s", wk_exposure_name(exposure));
    return status;
}

static wk_status summarise(background_task *task, size_t index, wk_error *error)
{
    const wk_background *model = task->models[index];
    return wk_background_summarise(&task->summaries[index], &model, 1, &task->session->context,
                                   error);
}

/* All exposures of one file, which may have been given by several arguments. */
static wk_status work_on_file(background_task *task, size_t file, size_t job, wk_error *error)
{
    int copies = task->outputs.count > 0, keep = background_wants_maps(task);
    wk_status status = WK_OK;
    for (size_t i = 0; i < task->inputs.count && !status; i++) {
        if (task->inputs.files[task->inputs.file_of[i]].twin != file)
            continue;
        status = fit(task, i, error);
        if (!status && (copies || !keep))
            status = summarise(task, i, error);
    }
    if (!status && copies)
        status = background_write_copy(task, job, error);
    for (size_t i = 0; i < task->inputs.count && !keep && task->inputs.count > 1; i++)
        if (task->inputs.files[task->inputs.file_of[i]].twin == file) {
            wk_background_free(task->models[i]);
            task->models[i] = NULL;
        }
    return status;
}

static wk_status work(background_task *task, wk_error *error)
{
    size_t job = 0;
    wk_status status = prepare(task, error);
    for (size_t f = 0; f < task->inputs.file_count && !status; f++)
        if (task->inputs.files[f].twin == f)
            status = work_on_file(task, f, job++, error);
    if (!status && background_wants_maps(task))
        status = background_write_maps(task, error);
    if (!status)
        status = background_write_singles(task, error);
    if (!status)
        status = background_print(task, error);
    if (status)
        cli_outputs_undo(&task->outputs, &task->session->options);
    return status;
}

static wk_status run(cli_session *session, wk_error *error)
{
    background_task task = {.session = session};
    if (background_is_stored(session))
        return background_run_stored(session, error);
    wk_status status = session->file_count ? work(&task, error)
                                           : cli_fail(error, WK_ARGUMENT, "", "no file is given");
    for (size_t i = 0; task.models && i < task.inputs.count; i++)
        wk_background_free(task.models[i]);
    free(task.models);
    free(task.summaries);
    free(task.meshes);
    cli_outputs_free(&task.outputs);
    cli_inputs_free(&task.inputs);
    return status;
}

static const cli_section *const sections[] = {&cli_background_section, &cli_output_section,
                                              &cli_plane_section,      &cli_choice_section,
                                              &cli_general_section,    NULL};

const cli_command cli_background = {
    .name = "background",
    .arguments = "[FILE...]",
    .summary = "model, subtract and inspect the background of exposures",
    .detail = "Measures the background of each exposure in cells and joins them to a smooth model; "
              "writes exposures less their background (--output, --output-dir), the model, its "
              "noise and its cells. Each exposure's pixels are read once, a row of cells at a "
              "time. In the lsst layout the planes BAD, EDGE, DETECTED, DETECTED_NEGATIVE and "
              "NO_DATA make a pixel bad, unless --bad-bits says otherwise.",
    .sections = sections,
    .run = run,
};
