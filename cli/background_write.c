#include <math.h>
#include <stdlib.h>

#include "background_task.h"
#include "common.h"
#include "provenance.h"
#include "welkin/figure.h"

static const char *const maps[] = {"model", "rms", "mesh"};
static const char *const singles[] = {"background-list", "figure"};

int background_wants_maps(const background_task *task)
{
    int wanted = 0;
    for (int i = 0; i < 3; i++)
        wanted |= cli_get_text(&task->session->options, maps[i]) != NULL;
    return wanted;
}

/* What the edit of an exposure borrows while its file is written. */
typedef struct subtraction {
    const background_task *task;
    background_change *changes;
    wk_keyword (*keywords)[2];
} subtraction;

/* Numbers that a header can hold: one pixel alone has no variance. */
static size_t drop_unknown(wk_keyword *keywords, size_t count)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++)
        if (isfinite(keywords[i].number))
            keywords[kept++] = keywords[i];
    return kept;
}

static void make_edit(wk_plane_edit *edit, size_t exposure, void *payload)
{
    subtraction *all = payload;
    const wk_background_summary *summary = &all->task->summaries[exposure];
    int primary =
        wk_exposure_describe(all->task->inputs.exposures[exposure])->layout == WK_LAYOUT_LSST;
    all->changes[exposure] =
        (background_change){(const wk_background *const *)&all->task->models[exposure], 1, -1.0};
    all->keywords[exposure][0] =
        (wk_keyword){"BGMEAN", NULL, summary->mean, "mean of the background taken off", primary, 0};
    all->keywords[exposure][1] = (wk_keyword){
        "BGVAR", NULL, summary->variance, "variance of the background taken off", primary, 0};
    edit->change = background_change_rows;
    edit->payload = &all->changes[exposure];
    edit->keywords = all->keywords[exposure];
    edit->keyword_count = drop_unknown(all->keywords[exposure], 2);
}

wk_status background_write_copy(background_task *task, size_t job, wk_error *error)
{
    size_t count = task->inputs.count;
    subtraction all = {.task = task};
    all.changes = cli_new(count, sizeof *all.changes, error);
    all.keywords = cli_new(count, sizeof *all.keywords, error);
    wk_status status = all.changes && all.keywords ? WK_OK : WK_MEMORY;
    if (!status)
        status = cli_edits_write(&task->outputs, job, &task->inputs, make_edit, &all, task->session,
                                 error);
    free(all.changes);
    free(all.keywords);
    return status;
}

wk_status background_write_maps(background_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    char **cards = NULL;
    wk_background_entry *entries = cli_new(task->inputs.count, sizeof *entries, error);
    wk_status status = entries ? cli_provenance_cards(&cards, task->session, error) : WK_MEMORY;
    wk_background_files files = {.model = cli_get_text(values, maps[0]),
                                 .rms = cli_get_text(values, maps[1]),
                                 .mesh = cli_get_text(values, maps[2]),
                                 .overwrite = cli_get_switch(values, "overwrite"),
                                 .durable = cli_get_switch(values, "durable"),
                                 .cards = (const char *const *)cards};
    for (size_t i = 0; i < task->inputs.count && !status; i++)
        entries[i] = (wk_background_entry){task->models[i], task->inputs.exposures[i]};
    if (!status)
        status = wk_backgrounds_write(&files, entries, task->inputs.count, task->summaries,
                                      &task->session->context, error);
    for (int i = 0; i < 3 && !status; i++)
        cli_outputs_beside(&task->outputs, cli_get_text(values, maps[i]));
    cli_provenance_cards_free(cards);
    free(entries);
    return status;
}

wk_status background_write_singles(background_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const char *list = cli_get_text(values, singles[0]), *figure = cli_get_text(values, singles[1]);
    int overwrite = cli_get_switch(values, "overwrite");
    wk_background_list one = {.backgrounds = task->models, .count = 1};
    wk_status status = WK_OK;
    if (list) {
        wk_exposure_origin(&one.x0, &one.y0, task->inputs.exposures[0]);
        status = wk_background_list_save(list, &one, overwrite, cli_get_switch(values, "durable"),
                                         error);
        cli_outputs_beside(&task->outputs, status ? NULL : list);
    }
    if (figure && !status) {
        status = wk_figure_background(figure, task->models[0],
                                      cli_base_name(wk_exposure_name(task->inputs.exposures[0])),
                                      NULL, overwrite, error);
        cli_outputs_beside(&task->outputs, status ? NULL : figure);
    }
    return status;
}
