#include "match_task.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

wk_status match_load_field(void *payload, size_t index, wk_pixels *pixels, wk_error *error)
{
    const match_task *task = payload;
    return wk_exposure_load(pixels, match_opened(task, index), 0, error);
}

wk_status match_check_tables(const match_task *task, const char *path, wk_error *error)
{
    for (size_t i = 0; i < task->session->file_count; i++)
        if (cli_same_file(path, task->session->files[i]))
            return cli_fail(error, WK_ARGUMENT, path, "an output cannot replace an input");
    return WK_OK;
}

static int same(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static int same_statistic(const wk_statistic_options *a, const wk_statistic_options *b)
{
    return a->statistic == b->statistic && a->nclip == b->nclip && a->compat == b->compat &&
           same(a->lower, b->lower) && same(a->upper, b->upper) && same(a->lsigma, b->lsigma) &&
           same(a->usigma, b->usigma) && same(a->bin_width, b->bin_width);
}

/* Whole exposures were measured when the tables were made; asking for something else is an error,
 * not asking is none. */
static wk_status take_statistic(match_task *task, wk_error *error)
{
    wk_statistic_options stored = wk_sky_cells_statistic(task->cells);
    wk_statistic_options usual = wk_statistic_options_default();
    const wk_statistic_options *asked = &task->options.statistic;
    if (!same_statistic(asked, &usual) && !same_statistic(asked, &stored))
        return cli_fail(error, WK_ARGUMENT, "",
                        "the tables were measured with another statistic: its options belong to "
                        "welkin cells");
    task->options.statistic = stored;
    return WK_OK;
}

static wk_status describe(match_task *task, wk_error *error)
{
    size_t count = wk_sky_cells_exposures(task->cells);
    task->field_count = count;
    task->exposures = cli_new(count, sizeof *task->exposures, error);
    task->groups = cli_new(count, sizeof *task->groups, error);
    if (!task->exposures || !task->groups)
        return WK_MEMORY;
    for (size_t i = 0; i < count; i++) {
        wk_sky_cells_source source = wk_sky_cells_source_of(task->cells, i);
        task->count += !source.reference;
        task->exposures[i] = (match_exposure){wk_sky_cells_name(task->cells, i), source.file,
                                              source.detector, source.hdu};
        if (task->cell_options.detectors && !source.reference && !source.detector[0])
            return cli_fail(error, WK_HEADER, task->exposures[i].name,
                            "--detector-offsets needs its detector, which its table does not name");
        if (!source.group)
            continue;
        task->groups[i] = cli_copy(source.group, error);
        if (!task->groups[i])
            return WK_MEMORY;
        task->grouped = 1;
    }
    return WK_OK;
}

wk_status match_load_tables(match_task *task, wk_error *error)
{
    cli_session *session = task->session;
    wk_status status =
        wk_sky_cells_load(&task->cells, &task->overlaps, (const char *const *)session->files,
                          session->file_count, task->cell_options.folder, &session->context, error);
    if (!status)
        status = take_statistic(task, error);
    return status ? status : describe(task, error);
}
