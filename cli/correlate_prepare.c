#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "correlate_task.h"
#include "provenance.h"

static const char *variable(const char *name, void *payload)
{
    (void)payload;
    return getenv(name);
}

static wk_status read_options(correlate_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    task->options = wk_correlation_options_default();
    task->options.lag = cli_get_integer(values, "lag");
    task->options.correct_mean = cli_get_switch(values, "correct-mean");
    cli_get_extent(task->options.blocks, values, "jackknife");
    if (task->options.blocks[0] * task->options.blocks[1] < 2)
        task->options.blocks[0] = task->options.blocks[1] = 0;
    if (cli_get_text(values, "tile") && task->session->file_count)
        return cli_fail(error, WK_ARGUMENT, task->session->files[0], "--tile takes no other file");
    if (!cli_get_text(values, "tile") && !task->session->file_count)
        return cli_fail(error, WK_ARGUMENT, "", "no file is given");
    if (!cli_get_text(values, "tile") && cli_get_text(values, "subset"))
        return cli_fail(error, WK_ARGUMENT, "", "--subset needs --tile");
    if (cli_get_text(values, "tile") && cli_get_switch(values, "weighted"))
        return cli_fail(error, WK_ARGUMENT, "",
                        "--weighted needs a noise plane, which images of a tile are not read with");
    return wk_correlation_check(&task->options, error);
}

static int is_plane(const char *path, const wk_tile_image *image)
{
    const wk_tile_plane *planes[] = {&image->image, &image->weight, &image->bmask, &image->seg,
                                     &image->background};
    for (int i = 0; i < 5; i++)
        if (planes[i]->path && cli_same_file(path, planes[i]->path))
            return 1;
    return 0;
}

/* Whether an output is a file that is read beside the exposures. */
static int is_read(const char *path, const correlate_task *task)
{
    static const char *const names[] = {"tile", "background", "source-mask"};
    for (int i = 0; i < 3; i++) {
        char plain[4096]; /* without the bracket that names an HDU */
        const char *name = cli_get_text(&task->session->options, names[i]);
        snprintf(plain, sizeof plain, "%.*s", name ? (int)strcspn(name, "[") : 0, name ? name : "");
        if (name && (cli_same_file(path, name) || cli_same_file(path, plain)))
            return 1;
    }
    if (!task->tile)
        return 0;
    for (size_t i = 0; i < wk_tile_count(task->tile); i++)
        if (is_plane(path, wk_tile_source(task->tile, i)))
            return 1;
    return is_plane(path, wk_tile_coadd(task->tile));
}

static wk_status check_outputs(const correlate_task *task, wk_error *error)
{
    static const char *const names[] = {"figure", "table", "cube", "output"};
    const cli_options *values = &task->session->options;
    const char *figure = cli_get_text(values, "figure");
    wk_status status = figure ? cli_check_figure(figure, error) : WK_OK;
    for (int i = 0; i < 4 && !status; i++) {
        const char *path = cli_get_text(values, names[i]);
        if (path && is_read(path, task))
            return cli_fail(error, WK_ARGUMENT, path, "an output may not replace an input");
        status = path ? cli_check_output(path, &task->inputs, values, error) : WK_OK;
        for (int k = 0; k < i && path && !status; k++)
            if (cli_get_text(values, names[k]) && !strcmp(path, cli_get_text(values, names[k])))
                status = cli_fail(error, WK_ARGUMENT, path, "--%s and --%s have the same name",
                                  names[k], names[i]);
    }
    return status;
}

static int64_t number_of(const wk_exposure *exposure, const char *keyword)
{
    char text[80];
    char *end;
    if (wk_exposure_keyword(text, sizeof text, exposure, keyword, NULL))
        return -1;
    long long number = strtoll(text, &end, 10);
    return end == text ? -1 : number;
}

static wk_status describe_file(correlate_image *image, const wk_exposure *exposure, size_t index,
                               wk_error *error)
{
    const wk_exposure_header *header = wk_exposure_describe(exposure);
    image->index = (int64_t)index;
    image->expnum = number_of(exposure, "EXPNUM");
    image->ccdnum = number_of(exposure, "CCDNUM");
    snprintf(image->band, sizeof image->band, "%s", header->filter);
    image->file = cli_copy(header->file, error);
    return image->file ? WK_OK : WK_MEMORY;
}

static wk_status prepare_files(correlate_task *task, wk_error *error)
{
    wk_status status = cli_inputs_open(&task->inputs, task->session, error);
    if (status)
        return status;
    for (size_t i = 0; i < task->inputs.count; i++)
        if (cli_get_switch(&task->session->options, "weighted") &&
            wk_exposure_describe(task->inputs.exposures[i])->noise_hdu < 0)
            return cli_fail(error, WK_HEADER, wk_exposure_name(task->inputs.exposures[i]),
                            "--weighted needs a variance, weight or error plane");
    task->images = cli_new(task->inputs.count, sizeof *task->images, error);
    if (!task->images)
        return WK_MEMORY;
    for (; task->count < task->inputs.count && !status; task->count += !status)
        status = describe_file(&task->images[task->count], task->inputs.exposures[task->count],
                               task->count, error);
    return status;
}

/* Whether an image is among those that --subset names; no --subset: all are. */
static wk_status is_wanted(int *wanted, const cli_options *options, size_t index, size_t count,
                           wk_error *error)
{
    const char *text = cli_get_text(options, "subset");
    *wanted = text == NULL;
    while (text) {
        char *end;
        long long number = strtoll(text, &end, 10);
        if (end == text || (*end && *end != ',') || number < 0 || number >= (long long)count)
            return cli_fail(error, WK_ARGUMENT, "",
                            "--subset: '%s' does not begin with the number of an image, 0 to %lld",
                            text, (long long)count - 1);
        *wanted |= (size_t)number == index;
        text = *end ? end + 1 : NULL;
    }
    return WK_OK;
}

static wk_status describe_source(correlate_task *task, size_t index, wk_error *error)
{
    const wk_tile_image *source = wk_tile_source(task->tile, index);
    int wanted;
    wk_status status =
        is_wanted(&wanted, &task->session->options, index, wk_tile_count(task->tile), error);
    if (status || !wanted)
        return status;
    correlate_image *image = &task->images[task->count];
    image->index = (int64_t)index;
    image->expnum = source->expnum;
    image->ccdnum = source->ccdnum;
    snprintf(image->band, sizeof image->band, "%s", source->band);
    image->file = cli_copy(source->image.path ? source->image.path : source->filename, error);
    if (!image->file)
        return WK_MEMORY;
    task->count++;
    if (source->image_flags && !cli_get_switch(&task->session->options, "all-flags"))
        snprintf(image->reason, sizeof image->reason, "image_flags is %lld",
                 (long long)source->image_flags);
    return WK_OK;
}

static wk_status prepare_tile(correlate_task *task, wk_error *error)
{
    wk_status status = wk_tile_read(&task->tile, cli_get_text(&task->session->options, "tile"),
                                    variable, NULL, error);
    if (status)
        return status;
    task->images = cli_new(wk_tile_count(task->tile), sizeof *task->images, error);
    if (!task->images)
        return WK_MEMORY;
    for (size_t i = 0; i < wk_tile_count(task->tile) && !status; i++)
        status = describe_source(task, i, error);
    return status;
}

wk_status correlate_prepare(correlate_task *task, wk_error *error)
{
    wk_status status = read_options(task, error);
    if (!status)
        status = cli_get_text(&task->session->options, "tile") ? prepare_tile(task, error)
                                                               : prepare_files(task, error);
    return status ? status : check_outputs(task, error);
}

static wk_status print_problems(char *const *problems, size_t count, const cli_session *session,
                                wk_error *error)
{
    wk_ledger *ledger = NULL;
    char *text = NULL;
    if (!cli_get_switch(&session->options, "json")) {
        for (size_t i = 0; i < count; i++)
            printf("%s\n", problems[i]);
        return WK_OK;
    }
    wk_status status = wk_ledger_create(&ledger, error);
    if (!status) {
        cli_provenance_put(ledger, session);
        wk_ledger_open_array(ledger, "problems");
        for (size_t i = 0; i < count; i++)
            wk_ledger_text(ledger, NULL, problems[i]);
        wk_ledger_close(ledger);
        status = wk_ledger_print(&text, ledger, error);
    }
    if (!status)
        fputs(text, stdout);
    wk_ledger_text_free(text);
    wk_ledger_free(ledger);
    return status;
}

wk_status correlate_check_tile(const correlate_task *task, wk_error *error)
{
    char **problems;
    size_t count;
    wk_status status = wk_tile_check(&problems, &count, task->tile, error);
    if (status)
        return status;
    status = print_problems(problems, count, task->session, error);
    wk_tile_problems_free(problems, count);
    if (!status && count)
        return cli_fail(error, WK_HEADER, cli_get_text(&task->session->options, "tile"),
                        "breaks %zu rule%s", count, count == 1 ? "" : "s");
    return status;
}
