#include "command.h"

#include <stdio.h>
#include <stdlib.h>

#include "common.h"
#include "section.h"
#include "stats_task.h"
#include "welkin/figure.h"

static wk_status open_others(stats_task *task, wk_error *error)
{
    cli_session *session = task->session, other = *session;
    char *path = (char *)cli_get_text(&session->options, "compare");
    if (!path)
        return WK_OK;
    other.files = &path;
    other.file_count = 1;
    wk_status status = cli_inputs_open(&task->others, &other, error);
    if (!status && task->others.count != task->inputs.count)
        status = cli_fail(error, WK_ARGUMENT, path,
                          "has %zu images to take off, but there are %zu to take them from",
                          task->others.count, task->inputs.count);
    for (size_t i = 0; i < task->others.count && !status; i++) {
        const wk_exposure_header *a = wk_exposure_describe(task->inputs.exposures[i]);
        const wk_exposure_header *b = wk_exposure_describe(task->others.exposures[i]);
        if (a->width != b->width || a->height != b->height)
            status = cli_fail(error, WK_HEADER, wk_exposure_name(task->others.exposures[i]),
                              "has %lld x %lld pixels, %s has %lld x %lld", (long long)b->width,
                              (long long)b->height, wk_exposure_name(task->inputs.exposures[i]),
                              (long long)a->width, (long long)a->height);
    }
    return status;
}

static wk_status check_figure(const stats_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const char *path = cli_get_text(values, "histogram");
    if (!path)
        return WK_OK;
    wk_status status = cli_check_figure(path, error);
    if (!status)
        status = cli_check_output(path, &task->inputs, values, error);
    if (!status && cli_inputs_hold(&task->others, path))
        status = cli_fail(error, WK_ARGUMENT, path, "an output may not replace an input");
    if (!status && task->inputs.count > 1)
        status =
            cli_fail(error, WK_ARGUMENT, path,
                     "--histogram is for one exposure, but there are %zu: name one, as FILE[HDU]",
                     task->inputs.count);
    return status;
}

/* Everything that can be refused is refused before pixels are read. */
static wk_status prepare(stats_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    task->options = (wk_summary_options){cli_get_real(values, "sigma"),
                                         (int)cli_get_integer(values, "iterations"),
                                         (int)cli_get_integer(values, "bins")};
    wk_status status = wk_summary_check(&task->options, error);
    if (!status)
        status = cli_inputs_open(&task->inputs, task->session, error);
    if (!status)
        status = open_others(task, error);
    if (!status)
        status = check_figure(task, error);
    if (status)
        return status;
    task->images = cli_new(task->inputs.count, sizeof *task->images, error);
    return task->images ? WK_OK : WK_MEMORY;
}

static wk_status draw(stats_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const char *path = cli_get_text(values, "histogram");
    const wk_exposure *exposure = task->inputs.exposures[0];
    char unit[80] = "";
    if (!path)
        return WK_OK;
    if (wk_exposure_keyword(unit, sizeof unit, exposure, "BUNIT", NULL))
        unit[0] = '\0';
    wk_status status =
        wk_figure_histogram(path, &task->images[0], cli_base_name(wk_exposure_name(exposure)),
                            unit[0] ? unit : NULL, cli_get_switch(values, "overwrite"), error);
    cli_outputs_beside(&task->outputs, status ? NULL : path);
    return status;
}

static wk_status work(stats_task *task, wk_error *error)
{
    wk_status status = prepare(task, error);
    for (size_t i = 0; i < task->inputs.count && !status; i++) {
        status = cli_check_cancel(error);
        if (!status)
            status = stats_measure(task, i, error);
        if (status && !error->subject[0])
            snprintf(error->subject, sizeof error->subject, "%s",
                     wk_exposure_name(task->inputs.exposures[i]));
    }
    if (!status)
        status = draw(task, error);
    if (!status)
        status = stats_print(task, error);
    if (status)
        cli_outputs_undo(&task->outputs, &task->session->options);
    return status;
}

static wk_status run(cli_session *session, wk_error *error)
{
    stats_task task = {.session = session};
    const char *output = cli_get_text(&session->options, "output");
    if (cli_get_switch(&session->options, "across"))
        return stats_run_across(session, error);
    if (output)
        return cli_fail(error, WK_ARGUMENT, output,
                        "only --across makes an image: --output needs it");
    wk_status status = work(&task, error);
    for (size_t i = 0; task.images && i < task.inputs.count; i++)
        wk_summary_release(&task.images[i]);
    free(task.images);
    cli_inputs_free(&task.others);
    cli_inputs_free(&task.inputs);
    return status;
}

static const cli_section *const sections[] = {&cli_stats_section, &cli_plane_section,
                                              &cli_choice_section, &cli_general_section, NULL};

const cli_command cli_stats = {
    .name = "stats",
    .arguments = "FILE...",
    .summary = "tell extremes, mean, median, scatter and histogram of the pixels, of each image or "
               "across several",
    .detail = "Of each image, over all pixels, where one NaN makes every number unknown, over the "
              "finite ones, over the good ones, and over what clipping about the median leaves of "
              "these. Numbers are those of numpy in float64; the standard deviation is the "
              "population's. --across goes through several images pixel by pixel instead.",
    .sections = sections,
    .run = run,
};
