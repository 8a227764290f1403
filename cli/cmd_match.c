#include "command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "match_task.h"
#include "provenance.h"
#include "section.h"
#include "surfaces.h"

/* Tables have no images: there is nothing to open but themselves. */
static wk_status prepare_tables(match_task *task, const char *const extra[3], wk_error *error)
{
    wk_status status = cli_check_apart(extra, 3, &task->outputs, error);
    for (int i = 0; i < 3 && !status; i++) {
        status = extra[i] ? match_check_tables(task, extra[i], error) : WK_OK;
        if (!status && extra[i])
            status = cli_check_output(extra[i], &task->inputs, &task->session->options, error);
    }
    if (!status)
        status = match_load_tables(task, error);
    return status ? status : match_read_names(task, error);
}

/* No output may replace the reference. */
static wk_status spare_reference(const match_task *task, const char *const *extra, size_t count,
                                 wk_error *error)
{
    const char *taken = NULL;
    for (size_t i = 0; i < count; i++)
        if (extra[i] && cli_inputs_hold(&task->reference, extra[i]))
            taken = extra[i];
    for (size_t i = 0; i < task->outputs.count; i++)
        if (cli_inputs_hold(&task->reference, task->outputs.paths[i]))
            taken = task->outputs.paths[i];
    return taken ? cli_fail(error, WK_ARGUMENT, taken, "an output may not replace an input")
                 : WK_OK;
}

/* Everything that can be refused is refused before pixels are read. */
static wk_status prepare(match_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const char *const extra[] = {cli_get_text(values, "ledger"), cli_get_text(values, "figure"),
                                 cli_get_text(values, "check")};
    wk_status status = match_read_options(task, error);
    if (!status && extra[1])
        status = cli_check_figure(extra[1], error);
    if (!status && task->from_tables)
        return prepare_tables(task, extra, error);
    if (!status)
        status = cli_inputs_open(&task->inputs, task->session, error);
    if (!status)
        status = match_open_reference(task, error);
    if (!status && cli_outputs_wanted(values))
        status = cli_outputs_plan(&task->outputs, &task->inputs, values, error);
    if (!status)
        status = cli_check_apart(extra, 3, &task->outputs, error);
    for (int i = 0; i < 3 && !status; i++)
        status = extra[i] ? cli_check_output(extra[i], &task->inputs, values, error) : WK_OK;
    if (!status)
        status = spare_reference(task, extra, 3, error);
    if (!status)
        status = match_make_fields(task, error);
    return status ? status : match_read_names(task, error);
}

static wk_status solve_cells(match_task *task, wk_error *error)
{
    const wk_context *context = &task->session->context;
    wk_status status = WK_OK;
    if (!task->from_tables)
        status = wk_sky_cells_measure(&task->cells, task->overlaps, match_load_field, task,
                                      &task->cell_options, context, error);
    if (status >= 0)
        status = wk_sky_cells_match(&task->solution, task->cells, &task->cell_options,
                                    &task->options, context, error);
    return status;
}

static wk_status solve(match_task *task, wk_error *error)
{
    const wk_context *context = &task->session->context;
    wk_match_method method = task->options.method;
    int whole =
        method == WK_MATCH_LOCAL || method == WK_MATCH_GLOBAL || method == WK_MATCH_GLOBAL_MATCH;
    wk_status status = WK_OK;
    if (!task->from_tables)
        status = wk_overlaps_find(&task->overlaps, task->fields, task->field_count, context, error);
    if (status >= 0 && task->by_cells) {
        status = solve_cells(task, error);
        return status < 0 ? status : WK_OK;
    }
    if (status >= 0)
        status = wk_overlaps_measure(task->overlaps, match_load_field, task,
                                     &task->options.statistic, whole, context, error);
    if (status >= 0)
        status = wk_match(&task->solution, task->overlaps, &task->options, context, error);
    return status < 0 ? status : WK_OK;
}

/* What documents, figures and tables of cells have beyond the levels. */
static wk_status report_cells(match_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    int wanted = cli_get_switch(values, "json") || cli_get_text(values, "ledger") ||
                 cli_get_text(values, "check") || cli_get_text(values, "figure");
    if (!task->by_cells || !wanted)
        return WK_OK;
    return wk_sky_cells_report(&task->report, task->cells, task->solution, &task->report_options,
                               error);
}

static void warn(match_task *task)
{
    const wk_solution *solution = task->solution;
    for (size_t i = 0; i < solution->warning_count; i++)
        cli_log(task->session, WK_LOG_WARNING, "%s", solution->warnings[i]);
    for (size_t i = 0; i < solution->fields && task->outputs.count; i++)
        if (!isfinite(solution->levels[i].sky))
            cli_log(task->session, WK_LOG_WARNING,
                    "%s: the sky is undetermined, the image is copied as it is",
                    task->exposures[i].name);
}

static wk_status write_images(match_task *task, wk_error *error)
{
    int subtract = cli_get_switch(&task->session->options, "subtract");
    if (task->solution->order > 0 || match_has_parts(task))
        return cli_surfaces_write(&task->outputs, &task->inputs, task->solution->surfaces,
                                  match_method_name(task), subtract, task->session, error);
    for (size_t i = 0; i < task->solution->fields; i++)
        cli_outputs_set(&task->outputs, i, task->solution->levels[i].sky);
    return cli_outputs_write(&task->outputs, task->session, match_method_name(task), subtract,
                             error);
}

static wk_status tell(match_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const char *path = cli_get_text(values, "ledger");
    int json = cli_get_switch(values, "json");
    wk_ledger *ledger = NULL;
    wk_status status = path || json ? match_make_ledger(&ledger, task, error) : WK_OK;
    if (!status && path)
        status = wk_ledger_save(ledger, path, cli_get_switch(values, "overwrite"),
                                cli_get_switch(values, "durable"), error);
    cli_outputs_beside(&task->outputs, status ? NULL : path);
    if (!status && json)
        status = cli_ledger_print(ledger, error);
    else if (!status)
        status = match_print_table(task, error);
    wk_ledger_free(ledger);
    return status;
}

static wk_status work(match_task *task, wk_error *error)
{
    const char *figure = cli_get_text(&task->session->options, "figure");
    const char *check = cli_get_text(&task->session->options, "check");
    wk_status status = prepare(task, error);
    if (!status)
        status = solve(task, error);
    if (!status)
        status = report_cells(task, error);
    if (!status)
        warn(task);
    if (!status && task->outputs.count)
        status = write_images(task, error);
    if (!status && figure) {
        status = match_draw(task, figure, error);
        cli_outputs_beside(&task->outputs, status ? NULL : figure);
    }
    if (!status && check) {
        status = match_show(task, check, error);
        cli_outputs_beside(&task->outputs, status ? NULL : check);
    }
    if (!status)
        status = tell(task, error);
    if (status)
        cli_outputs_undo(&task->outputs, &task->session->options);
    return status;
}

static wk_status run(cli_session *session, wk_error *error)
{
    match_task task = {.session = session};
    wk_status status = work(&task, error);
    wk_sky_report_free(task.report);
    wk_solution_free(task.solution);
    wk_sky_cells_free(task.cells);
    wk_overlaps_free(task.overlaps);
    match_free_fields(&task);
    cli_outputs_free(&task.outputs);
    cli_inputs_free(&task.inputs);
    cli_inputs_free(&task.reference);
    return status;
}

static const cli_section *const sections[] = {&cli_match_section,
                                              &cli_statistic_section,
                                              &cli_output_section,
                                              &cli_plane_section,
                                              &cli_choice_section,
                                              &cli_general_section,
                                              NULL};

const cli_command cli_match = {
    .name = "match",
    .arguments = "FILE...",
    .summary = "find the sky levels that make overlapping exposures agree",
    .detail = "Finds one sky level an exposure so that exposures agree where they overlap, and "
              "prints, stores, draws or subtracts them. Each exposure's pixels are read once.",
    .sections = sections,
    .run = run,
};
