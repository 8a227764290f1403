#include <stdlib.h>

#include "common.h"
#include "provenance.h"
#include "stats_task.h"
#include "welkin/background.h"

typedef struct across_task {
    cli_session *session;
    cli_inputs images; /* of those FILEs that are no lists */
    wk_across_input *inputs;
    size_t count;
    double *planes[WK_ACROSS_PLANES]; /* without an output */
    stats_planes found;
    cli_outputs outputs;
} across_task;

/* Which of the files are lists; the others' paths come first in others. */
static wk_status look(char *is_list, char **others, size_t *other_count, const cli_session *session,
                      wk_error *error)
{
    *other_count = 0;
    for (size_t i = 0; i < session->file_count; i++) {
        int is = wk_background_list_is(session->files[i]);
        if (is < 0)
            return cli_fail(error, WK_MEMORY, session->files[i], "no memory to look into it");
        is_list[i] = (char)is;
        if (!is)
            others[(*other_count)++] = session->files[i];
    }
    return WK_OK;
}

/* In the order of the FILEs. */
static wk_status list_inputs(across_task *task, const char *is_list, wk_error *error)
{
    const cli_session *session = task->session;
    size_t file = 0;
    task->inputs = cli_new(session->file_count + task->images.count, sizeof *task->inputs, error);
    if (!task->inputs)
        return WK_MEMORY;
    for (size_t i = 0; i < session->file_count; i++) {
        if (is_list[i]) {
            task->inputs[task->count++].list = session->files[i];
            continue;
        }
        const cli_file *own = &task->images.files[file++];
        for (size_t k = 0; k < own->count; k++)
            task->inputs[task->count++].exposure = own->exposures[k];
    }
    return WK_OK;
}

static wk_status open_inputs(across_task *task, wk_error *error)
{
    cli_session others = *task->session;
    char *is_list = cli_new(others.file_count, 1, error);
    others.files = cli_new(others.file_count, sizeof *others.files, error);
    wk_status status = is_list && others.files ? WK_OK : WK_MEMORY;
    if (!status)
        status = look(is_list, others.files, &others.file_count, task->session, error);
    if (!status && others.file_count)
        status = cli_inputs_open(&task->images, &others, error);
    if (!status)
        status = list_inputs(task, is_list, error);
    free(others.files);
    free(is_list);
    return status;
}

static wk_status check_options(const cli_options *values, wk_error *error)
{
    static const char *const others[] = {"compare", "histogram"};
    for (int i = 0; i < 2; i++)
        if (cli_get_text(values, others[i]))
            return cli_fail(error, WK_ARGUMENT, "", "--across excludes --%s", others[i]);
    return WK_OK;
}

static wk_status check_output(const across_task *task, const char *output, wk_error *error)
{
    for (size_t i = 0; i < task->count; i++)
        if (task->inputs[i].list && cli_same_file(task->inputs[i].list, output))
            return cli_fail(error, WK_ARGUMENT, output, "an output may not replace an input");
    return cli_check_output(output, &task->images, &task->session->options, error);
}

static wk_status prepare(across_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const char *output = cli_get_text(values, "output");
    stats_planes *found = &task->found;
    wk_status status = check_options(values, error);
    if (!status)
        status = open_inputs(task, error);
    if (!status && output)
        status = check_output(task, output, error);
    if (!status)
        status = wk_across_size(&found->width, &found->height, task->inputs, task->count, error);
    found->files = task->session->file_count;
    found->images = task->count;
    return status;
}

/* Without an output the planes are held, as far as the budget goes. */
static wk_status hold(across_task *task, wk_error *error)
{
    size_t pixels = (size_t)(task->found.width * task->found.height);
    size_t bytes = WK_ACROSS_PLANES * sizeof(double) * pixels;
    const wk_context *context = &task->session->context;
    if (bytes > context->memory)
        return cli_fail(error, WK_MEMORY, "",
                        "the results take %zu MB: name a file for them, --output, or allow more "
                        "--memory",
                        bytes / 1000000 + 1);
    for (int k = 0; k < WK_ACROSS_PLANES; k++) {
        task->planes[k] = cli_new(pixels, sizeof *task->planes[k], error);
        if (!task->planes[k])
            return WK_MEMORY;
    }
    wk_status status = wk_across_fill(task->planes, task->inputs, task->count, context, error);
    for (int k = 0; k < WK_ACROSS_PLANES && !status; k++) {
        wk_summary summary;
        wk_summary_image image = {.wide = task->planes[k], .n = (int64_t)pixels};
        status = wk_summary_measure(&summary, &image, NULL, context, error);
        task->found.lines[k] = summary.finite;
        wk_summary_release(&summary);
    }
    return status;
}

/* A plane of the file that was written. */
static wk_status measure_plane(across_task *task, const char *path, int plane, wk_error *error)
{
    static const char *const names[WK_ACROSS_PLANES] = {"MEAN", "STD", "MIN", "MAX", "COUNT"};
    const wk_context *context = &task->session->context;
    wk_exposure_options options = wk_exposure_options_default();
    wk_exposure **exposures = NULL;
    wk_exposure_rows *open = NULL;
    wk_summary summary = {0};
    size_t count = 0;
    options.layout = WK_LAYOUT_PLAIN;
    options.image_ext = names[plane];
    wk_status status = wk_exposures_open(&exposures, &count, path, &options, error);
    if (!status)
        status =
            wk_exposure_rows_open(&open, exposures[0], wk_context_workers(context), 0, 0, error);
    if (!status) {
        wk_rows rows = wk_exposure_rows_get(open);
        status = wk_summary_measure_rows(&summary, &rows, NULL, 0, NULL, context, error);
    }
    task->found.lines[plane] = summary.finite;
    wk_summary_release(&summary);
    wk_exposure_rows_close(open);
    wk_exposures_free(exposures, count);
    return status;
}

static wk_status write_file(across_task *task, const char *path, wk_error *error)
{
    const cli_options *values = &task->session->options;
    char **cards;
    wk_status status = cli_provenance_cards(&cards, task->session, error);
    if (status)
        return status;
    const wk_across_file file = {path, cli_get_switch(values, "overwrite"),
                                 cli_get_switch(values, "durable"), (const char *const *)cards};
    status = wk_across_write(&file, task->inputs, task->count, &task->session->context, error);
    cli_provenance_cards_free(cards);
    cli_outputs_beside(&task->outputs, status ? NULL : path);
    for (int k = 0; k < WK_ACROSS_PLANES && !status; k++)
        status = measure_plane(task, path, k, error);
    return status;
}

wk_status stats_run_across(cli_session *session, wk_error *error)
{
    across_task task = {.session = session};
    const char *output = cli_get_text(&session->options, "output");
    wk_status status = prepare(&task, error);
    if (!status)
        status = output ? write_file(&task, output, error) : hold(&task, error);
    if (!status)
        status = stats_print_across(&task.found, session, error);
    if (status)
        cli_outputs_undo(&task.outputs, &session->options);
    for (int k = 0; k < WK_ACROSS_PLANES; k++)
        free(task.planes[k]);
    free(task.inputs);
    cli_inputs_free(&task.images);
    return status;
}
