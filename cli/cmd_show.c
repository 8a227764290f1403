#include "command.h"

#include <stdio.h>
#include <stdlib.h>

#include "common.h"
#include "section.h"
#include "show_task.h"

enum { MOST_IMAGES = 64 };

static int is_input(const show_task *task, const char *path)
{
    const cli_options *values = &task->session->options;
    const char *marks = cli_get_text(values, "marks"), *minus = cli_get_text(values, "minus");
    for (size_t i = 0; i < task->session->file_count; i++)
        if (cli_same_file(task->session->files[i], path))
            return 1;
    return cli_inputs_hold(&task->minus, path) || (marks && cli_same_file(marks, path)) ||
           (minus && cli_same_file(minus, path));
}

static wk_status check_picture(const show_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const char *path = cli_get_text(values, "output");
    if (!path)
        return WK_OK;
    wk_status status = cli_check_figure(path, error);
    if (!status && is_input(task, path))
        status = cli_fail(error, WK_ARGUMENT, path, "an output may not replace an input");
    return status ? status : cli_check_output(path, &task->inputs, values, error);
}

static wk_status check_options(const show_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    if (cli_get_text(values, "planes") && !cli_get_switch(values, "mask-overlay"))
        return cli_fail(error, WK_ARGUMENT, "--planes", "is for --mask-overlay");
    if (cli_get_text(values, "mark-columns") && !cli_get_text(values, "marks"))
        return cli_fail(error, WK_ARGUMENT, "--mark-columns", "is for --marks");
    return WK_OK;
}

/* Everything that can be refused is refused before pixels are read. */
static wk_status prepare(show_task *task, wk_error *error)
{
    wk_status status = check_options(task, error);
    if (!status)
        status = show_open(task, error);
    if (!status && task->count > MOST_IMAGES)
        status = cli_fail(error, WK_ARGUMENT, "", "%zu images are more than %d in one picture",
                          task->count, MOST_IMAGES);
    if (!status)
        status = show_read_options(task, error);
    if (!status)
        status = check_picture(task, error);
    return status ? status : show_read_marks(task, error);
}

static wk_status create(show_task *task, wk_error *error)
{
    wk_preview_image *images = cli_new(task->count, sizeof *images, error);
    if (!images)
        return WK_MEMORY;
    for (size_t i = 0; i < task->count; i++) {
        const show_source *source = &task->sources[i];
        wk_preview_image *image = &images[i];
        *image = (wk_preview_image){.rows = source->rows,
                                    .flags = source->planes ? &source->coded : NULL,
                                    .planes = source->planes,
                                    .plane_count = source->plane_count,
                                    .wcs = source->wcs,
                                    .name = source->name,
                                    .unit = source->unit,
                                    .marks = source->marks,
                                    .mark_count = source->mark_count};
        if (source->exposure)
            wk_exposure_origin(&image->x0, &image->y0, source->exposure);
        else {
            image->x0 = source->own.list.x0;
            image->y0 = source->own.list.y0;
        }
    }
    wk_status status = wk_preview_create(&task->preview, images, task->count, &task->options,
                                         &task->session->context, error);
    free(images);
    return status;
}

static wk_status draw(show_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const char *path = cli_get_text(values, "output");
    if (!path)
        return WK_OK;
    wk_status status =
        wk_preview_draw(path, task->preview, cli_get_switch(values, "overwrite"), error);
    cli_outputs_beside(&task->outputs, status ? NULL : path);
    return status;
}

static wk_status run(cli_session *session, wk_error *error)
{
    show_task task = {.session = session};
    wk_status status = prepare(&task, error);
    if (!status)
        status = create(&task, error);
    if (!status)
        status = cli_check_cancel(error);
    if (!status)
        status = draw(&task, error);
    if (!status)
        status = show_print(&task, error);
    if (status)
        cli_outputs_undo(&task.outputs, &session->options);
    wk_preview_free(task.preview);
    show_close(&task);
    return status;
}

static const cli_section *const sections[] = {&cli_show_section, &cli_plane_section,
                                              &cli_choice_section, &cli_general_section, NULL};

const cli_command cli_show = {
    .name = "show",
    .arguments = "FILE...",
    .summary = "draw images as pictures: limits, stretches, axes on the sky, masks, marks",
    .detail =
        "Draws an image, or with --panel several side by side, as PNG, SVG or PDF, and prints "
        "the limits. Large images are binned by the mean, small ones enlarged, by whole "
        "numbers. Stored lists of backgrounds are evaluated and drawn like images.",
    .sections = sections,
    .run = run,
};
