#include "match_task.h"

#include <stdlib.h>

#include "common.h"
#include "welkin/check.h"
#include "welkin/figure.h"

wk_status match_draw(const match_task *task, const char *path, wk_error *error)
{
    size_t count = task->count;
    const char **names = cli_new(count, sizeof *names, error);
    if (!names)
        return WK_MEMORY;
    for (size_t i = 0; i < count; i++)
        names[i] = cli_base_name(task->exposures[i].name);
    int overwrite = cli_get_switch(&task->session->options, "overwrite");
    wk_status status = task->by_cells ? wk_figure_cells(path, task->cells, task->solution,
                                                        task->report, names, overwrite, error)
                                      : wk_figure_match(path, task->overlaps, task->solution, names,
                                                        overwrite, error);
    free(names);
    return status;
}

/* The pixels that each overlap was measured on. */
static wk_status show_pixels(const match_task *task, const char *path, const char *const *names,
                             int overwrite, wk_error *error)
{
    int64_t(*sizes)[2] = cli_new(task->count, sizeof *sizes, error);
    if (!sizes)
        return WK_MEMORY;
    for (size_t i = 0; i < task->count; i++) {
        sizes[i][0] = task->fields[i].width;
        sizes[i][1] = task->fields[i].height;
    }
    wk_status status =
        wk_check_match(path, task->overlaps, names, (const int64_t(*)[2])sizes, task->count,
                       match_load_field, (void *)task, overwrite, error);
    free(sizes);
    return status;
}

wk_status match_show(const match_task *task, const char *path, wk_error *error)
{
    int overwrite = cli_get_switch(&task->session->options, "overwrite");
    const char **names = cli_new(task->count, sizeof *names, error);
    if (!names)
        return WK_MEMORY;
    for (size_t i = 0; i < task->count; i++)
        names[i] = task->exposures[i].name;
    wk_status status = task->by_cells ? wk_check_cells(path, task->cells, task->solution,
                                                       task->report, names, overwrite, error)
                                      : show_pixels(task, path, names, overwrite, error);
    free(names);
    return status;
}
