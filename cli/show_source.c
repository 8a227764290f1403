#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "show_task.h"

/* Files that all workers may have open for all images together. */
enum { MOST_OPEN = 256 };

static wk_status read_list(void *payload, int worker, wk_rect rect, float *data, uint8_t *bad,
                           float *variance, wk_error *error)
{
    const wk_background_list *list = payload;
    int64_t count = rect.width * rect.height;
    (void)worker;
    (void)variance;
    wk_status status = WK_OK;
    if (data)
        status = wk_background_list_fill(
            list, rect, (wk_view){data, rect.width, rect.height, rect.width}, error);
    for (int64_t i = 0; bad && data && i < count && !status; i++)
        bad[i] = data[i] - data[i] == 0 ? 0 : WK_BAD_VALUE;
    return status;
}

static wk_status open_list(show_pixels *pixels, const char *path, wk_error *error)
{
    wk_status status = wk_background_list_read(&pixels->list, path, error);
    if (status)
        return status;
    pixels->rows = (wk_rows){.workers = 4096, .read = read_list, .payload = &pixels->list};
    wk_background_size(pixels->list.backgrounds[0], &pixels->rows.width, &pixels->rows.height);
    return WK_OK;
}

static wk_status open_exposure(show_pixels *pixels, const wk_exposure *exposure, int workers,
                               const show_task *task, wk_error *error)
{
    size_t keep = task->session->context.memory / (task->count + 1);
    wk_status status = wk_exposure_rows_open(&pixels->open, exposure, workers, keep, 1, error);
    if (!status)
        pixels->rows = wk_exposure_rows_get(pixels->open);
    return status;
}

static void close_pixels(show_pixels *pixels)
{
    wk_exposure_rows_close(pixels->open);
    wk_background_list_release(&pixels->list);
}

/* The difference in double, rounded once; what is bad in either is bad. */
static wk_status read_difference(void *payload, int worker, wk_rect rect, float *data, uint8_t *bad,
                                 float *variance, wk_error *error)
{
    const show_source *source = payload;
    size_t count = (size_t)(rect.width * rect.height);
    float *other = cli_new(count, sizeof *other, error);
    uint8_t *other_bad = bad ? cli_new(count, 1, error) : NULL;
    const wk_rows *a = &source->own.rows, *b = &source->minus.rows;
    (void)variance;
    wk_status status = other && (!bad || other_bad) ? WK_OK : WK_MEMORY;
    if (!status)
        status = a->read(a->payload, worker, rect, data, bad, NULL, error);
    if (!status)
        status = b->read(b->payload, worker, rect, other, other_bad, NULL, error);
    for (size_t i = 0; i < count && !status; i++) {
        data[i] = (float)((double)data[i] - (double)other[i]);
        if (bad)
            bad[i] |= other_bad[i];
    }
    free(other);
    free(other_bad);
    return status;
}

/* The files of a session that are exposures, opened; those that are lists are left out. */
static wk_status open_inputs(cli_inputs *inputs, const show_task *task, char *const *files,
                             const int *lists, size_t count, wk_error *error)
{
    cli_session other = *task->session;
    char **chosen = cli_new(count + 1, sizeof *chosen, error);
    if (!chosen)
        return WK_MEMORY;
    other.files = chosen;
    other.file_count = 0;
    for (size_t i = 0; i < count; i++)
        if (!lists[i])
            chosen[other.file_count++] = files[i];
    wk_status status = other.file_count > 0 ? cli_inputs_open(inputs, &other, error) : WK_OK;
    free(chosen);
    return status;
}

static wk_status find_lists(int **out, char *const *files, size_t count, wk_error *error)
{
    int *lists = *out = cli_new(count + 1, sizeof *lists, error);
    for (size_t i = 0; lists && i < count; i++) {
        lists[i] = wk_background_list_is(files[i]);
        if (lists[i] < 0)
            return cli_fail(error, WK_MEMORY, files[i], "no memory to look into it");
    }
    return lists ? WK_OK : WK_MEMORY;
}

/* One source for each list, and for each exposure of the other files, in the order given. */
static wk_status list_sources(show_task *task, const int *lists, wk_error *error)
{
    const cli_session *session = task->session;
    size_t count = task->inputs.count, file = 0;
    for (size_t i = 0; i < session->file_count; i++)
        count += lists[i] != 0;
    task->sources = cli_new(count, sizeof *task->sources, error);
    if (!task->sources)
        return WK_MEMORY;
    for (size_t i = 0; i < session->file_count; i++) {
        const cli_file *from = lists[i] ? NULL : &task->inputs.files[file++];
        for (size_t k = 0; k < (from ? from->count : 1); k++) {
            show_source *source = &task->sources[task->count++];
            source->path = session->files[i];
            source->exposure = from ? from->exposures[k] : NULL;
        }
    }
    return WK_OK;
}

static wk_status open_minus(show_task *task, int workers, wk_error *error)
{
    char *path = (char *)cli_get_text(&task->session->options, "minus");
    int list = path ? wk_background_list_is(path) : 0;
    if (!path)
        return WK_OK;
    wk_status status = open_inputs(&task->minus, task, &path, &list, 1, error);
    size_t found = list ? 1 : task->minus.count;
    if (!status && found != task->count)
        status = cli_fail(error, WK_ARGUMENT, path,
                          "has %zu images to take off, but there are %zu to take them from", found,
                          task->count);
    for (size_t i = 0; i < task->count && !status; i++) {
        show_source *source = &task->sources[i];
        const wk_rows *a = &source->own.rows, *b = &source->minus.rows;
        status =
            list ? open_list(&source->minus, path, error)
                 : open_exposure(&source->minus, task->minus.exposures[i], workers, task, error);
        if (!status && (a->width != b->width || a->height != b->height))
            status = cli_fail(error, WK_HEADER, path, "has %lld x %lld pixels, %s has %lld x %lld",
                              (long long)b->width, (long long)b->height, source->path,
                              (long long)a->width, (long long)a->height);
        source->rows = (wk_rows){.width = a->width,
                                 .height = a->height,
                                 .workers = a->workers < b->workers ? a->workers : b->workers,
                                 .read = read_difference,
                                 .payload = source};
    }
    return status;
}

static wk_status describe(show_source *source, const show_task *task, int workers, wk_error *error)
{
    const char *minus = cli_get_text(&task->session->options, "minus");
    const char *name = source->exposure ? wk_exposure_name(source->exposure) : source->path;
    const char *base = cli_base_name(name);
    source->name =
        minus ? cli_format(error, "%s − %s", base, cli_base_name(minus)) : cli_copy(base, error);
    if (!source->name)
        return WK_MEMORY;
    source->rows = source->own.rows;
    if (!source->exposure)
        return WK_OK;
    if (wk_exposure_keyword(source->unit, sizeof source->unit, source->exposure, "BUNIT", NULL))
        source->unit[0] = '\0';
    wk_status status = wk_exposure_wcs(&source->wcs, source->exposure, error);
    if (status == WK_WCS) {
        int asked = cli_get_choice(&task->session->options, "axes") == 0;
        status = asked ? status : WK_OK;
    }
    if (!status && cli_get_switch(&task->session->options, "mask-overlay"))
        status = show_open_mask(source, task, workers, error);
    return status;
}

static wk_status open_sources(show_task *task, wk_error *error)
{
    int workers = wk_context_workers(&task->session->context);
    int most = MOST_OPEN / (int)(task->count < MOST_OPEN ? task->count : MOST_OPEN);
    wk_status status = WK_OK;
    workers = workers < most ? workers : most;
    for (size_t i = 0; i < task->count && !status; i++) {
        show_source *source = &task->sources[i];
        status = source->exposure
                     ? open_exposure(&source->own, source->exposure, workers, task, error)
                     : open_list(&source->own, source->path, error);
        if (!status)
            status = describe(source, task, workers, error);
    }
    return status ? status : open_minus(task, workers, error);
}

wk_status show_open(show_task *task, wk_error *error)
{
    const cli_session *session = task->session;
    int *lists = NULL;
    wk_status status = find_lists(&lists, session->files, session->file_count, error);
    if (!status)
        status =
            open_inputs(&task->inputs, task, session->files, lists, session->file_count, error);
    if (!status)
        status = list_sources(task, lists, error);
    free(lists);
    if (!status && task->count > 1 && !cli_get_switch(&session->options, "panel"))
        status = cli_fail(error, WK_ARGUMENT, "",
                          "there are %zu images: name one, as FILE[HDU], or draw them with --panel",
                          task->count);
    return status ? status : open_sources(task, error);
}

void show_close(show_task *task)
{
    for (size_t i = 0; i < task->count; i++) {
        show_source *source = &task->sources[i];
        close_pixels(&source->own);
        close_pixels(&source->minus);
        wk_exposure_flags_close(source->flags);
        wk_wcs_free(source->wcs);
        free(source->name);
        free(source->planes);
        free(source->marks);
    }
    free(task->sources);
    cli_inputs_free(&task->inputs);
    cli_inputs_free(&task->minus);
}
