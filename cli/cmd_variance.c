#include "command.h"

#include <stdio.h>
#include <stdlib.h>

#include "common.h"
#include "section.h"
#include "variance_task.h"
#include "welkin/figure.h"

enum { FIGURE_BINS = 120 };
static const double figure_range = 6.0;

static wk_status read_options(variance_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    wk_variance_options *options = &task->options;
    *options = wk_variance_options_default();
    options->method = (wk_variance_method)cli_get_choice(values, "method");
    options->limit = cli_get_real(values, "limit");
    options->floor = cli_get_real(values, "floor");
    options->exact = cli_get_choice(values, "constant") == 1;
    options->background = !cli_get_switch(values, "no-background");
    cli_get_extent(options->fit.box, values, "box");
    options->fit.cells = (wk_cell_rule)cli_get_choice(values, "bins");
    return wk_variance_check(options, error);
}

static wk_status check_planes(const cli_inputs *inputs, wk_error *error)
{
    for (size_t i = 0; i < inputs->count; i++)
        if (wk_exposure_describe(inputs->exposures[i])->noise_hdu < 0)
            return cli_fail(error, WK_HEADER, wk_exposure_name(inputs->exposures[i]),
                            "there is no variance, weight or error plane to rescale");
    return WK_OK;
}

static wk_status check_figure(const variance_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const char *path = cli_get_text(values, "figure");
    wk_status status = path ? cli_check_figure(path, error) : WK_OK;
    if (!status)
        status = cli_check_apart(&path, 1, &task->outputs, error);
    if (path && !status)
        status = cli_check_output(path, &task->inputs, values, error);
    if (path && !status && task->inputs.count > 1)
        status = cli_fail(error, WK_ARGUMENT, path,
                          "--figure is for one exposure, but there are %zu: name one, as FILE[HDU]",
                          task->inputs.count);
    return status;
}

/* Everything that can be refused is refused before pixels are read. */
static wk_status prepare(variance_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    task->outputs.plane = WK_PLANE_NOISE;
    wk_status status = read_options(task, error);
    if (!status)
        status = cli_inputs_open(&task->inputs, task->session, error);
    if (!status)
        status = check_planes(&task->inputs, error);
    if (!status && cli_outputs_wanted(values))
        status = cli_outputs_plan(&task->outputs, &task->inputs, values, error);
    if (!status)
        status = check_figure(task, error);
    if (!status) {
        task->images = cli_new(task->inputs.count, sizeof *task->images, error);
        status = task->images ? WK_OK : WK_MEMORY;
    }
    for (size_t i = 0; i < task->inputs.count && !status; i++)
        status = variance_find_regions(&task->images[i], task->inputs.exposures[i], values, error);
    return status;
}

static wk_status draw(const variance_task *task, const wk_rows *rows,
                      const wk_background *background, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const char *name = cli_base_name(wk_exposure_name(task->inputs.exposures[0]));
    int64_t counts[FIGURE_BINS], below, above;
    wk_status status =
        wk_variance_histogram(counts, FIGURE_BINS, -figure_range, figure_range, &below, &above,
                              rows, background, NULL, &task->session->context, error);
    if (!status)
        status = wk_figure_variance(
            cli_get_text(values, "figure"), counts, FIGURE_BINS, -figure_range, figure_range, below,
            above, &task->images[0].result, name, cli_get_switch(values, "overwrite"), error);
    return status;
}

static void warn(const variance_task *task, const char *name, const wk_variance_result *result)
{
    if (result->good < 2)
        cli_log(task->session, WK_LOG_WARNING,
                "%s: with %lld good pixel%s nothing can be measured: the factor is 1", name,
                (long long)result->good, result->good == 1 ? "" : "s");
    else if (result->raised)
        cli_log(task->session, WK_LOG_WARNING, "%s: the factor was raised to the floor, %g", name,
                result->factor);
    else if (task->options.method == WK_VARIANCE_AUTO && result->used == WK_VARIANCE_IMAGE)
        cli_log(task->session, WK_LOG_WARNING,
                "%s: the pixel factor %g exceeds the limit: the image factor %g is used", name,
                result->pixel, result->image);
}

static wk_status measure(variance_task *task, size_t index, const wk_rows *rows,
                         wk_background **background, wk_error *error)
{
    const wk_context *context = &task->session->context;
    variance_image *image = &task->images[index];
    wk_status status = WK_OK;
    if (task->options.background) {
        status = wk_background_fit(background, rows, &task->options.fit, context, error);
        const wk_background *model = *background;
        if (!status)
            status = wk_background_summarise(&image->background, &model, 1, context, error);
        if (!status)
            image->mesh = *wk_background_mesh(*background);
    }
    if (!status)
        status = wk_variance_measure(&image->result, rows, *background, NULL, &task->options,
                                     context, error);
    if (status >= 0 && image->region_count)
        status = variance_measure_regions(image, task->inputs.exposures[index], rows, *background,
                                          task, error);
    if (status >= 0)
        status = variance_correlate(image, rows, *background, task, error);
    return status < 0 ? status : WK_OK;
}

static wk_status work_on_exposure(variance_task *task, size_t index, wk_error *error)
{
    const wk_context *context = &task->session->context;
    const wk_exposure *exposure = task->inputs.exposures[index];
    const char *figure = cli_get_text(&task->session->options, "figure");
    wk_exposure_rows *open = NULL;
    wk_background *background = NULL;
    wk_status status = wk_exposure_rows_open(&open, exposure, wk_context_workers(context),
                                             context->memory, 0, error);
    if (!status) {
        wk_rows rows = wk_exposure_rows_get(open);
        status = measure(task, index, &rows, &background, error);
        if (!status)
            warn(task, wk_exposure_name(exposure), &task->images[index].result);
        if (!status && figure) {
            status = draw(task, &rows, background, error);
            cli_outputs_beside(&task->outputs, status ? NULL : figure);
        }
    }
    if (status && !error->subject[0])
        snprintf(error->subject, sizeof error->subject, "%s", wk_exposure_name(exposure));
    wk_background_free(background);
    wk_exposure_rows_close(open);
    return status;
}

static wk_status work(variance_task *task, wk_error *error)
{
    wk_status status = prepare(task, error);
    for (size_t i = 0; i < task->inputs.count && !status; i++)
        status = work_on_exposure(task, i, error);
    if (!status && task->outputs.count)
        status = variance_write_copies(task, error);
    if (!status)
        status = variance_print(task, error);
    if (status)
        cli_outputs_undo(&task->outputs, &task->session->options);
    return status;
}

static wk_status run(cli_session *session, wk_error *error)
{
    variance_task task = {.session = session};
    wk_status status = work(&task, error);
    for (size_t i = 0; task.images && i < task.inputs.count; i++) {
        free(task.images[i].regions);
        wk_background_free(task.images[i].map);
    }
    free(task.images);
    cli_outputs_free(&task.outputs);
    cli_inputs_free(&task.inputs);
    return status;
}

static const cli_section *const sections[] = {&cli_variance_section, &cli_output_section,
                                              &cli_plane_section,    &cli_choice_section,
                                              &cli_general_section,  NULL};

const cli_command cli_variance = {
    .name = "variance",
    .arguments = "FILE...",
    .summary = "rescale the variance plane to the noise that is seen",
    .detail = "Compares the scatter of the good pixels, less their background, with what the "
              "variance plane promises, and writes copies (--output, --output-dir) whose variance "
              "is multiplied by the factor found; weights are divided by it, errors multiplied by "
              "its root. Where the noise plane is in a file of its own, that file is copied.",
    .sections = sections,
    .run = run,
};
