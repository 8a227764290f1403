#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "match_task.h"
#include "provenance.h"
#include "section.h"
#include "table.h"

static wk_status prepare(match_task *task, const char *path, wk_error *error)
{
    const cli_options *values = &task->session->options;
    if (!path)
        return cli_fail(error, WK_ARGUMENT, "", "--output is missing");
    wk_status status = match_read_width(&task->cell_options, values, error);
    if (!status)
        status = match_read_statistic(&task->options.statistic, values, error);
    task->cell_options.statistic = &task->options.statistic;
    task->cell_options.whole = cli_get_switch(values, "whole");
    task->cell_options.alone = 1;
    task->grouped = strcmp(cli_get_text(values, "group"), "none") != 0;
    if (!status && task->grouped && cli_get_switch(values, "as-reference"))
        status = cli_fail(error, WK_ARGUMENT, "", "a reference has no --group");
    if (!status)
        status = cli_inputs_open(&task->inputs, task->session, error);
    if (!status)
        status = cli_check_output(path, &task->inputs, values, error);
    return status ? status : match_make_fields(task, error);
}

static wk_status save(match_task *task, const char *path, wk_error *error)
{
    const cli_options *values = &task->session->options;
    char **cards = NULL;
    wk_sky_cells_source *sources = cli_new(task->count, sizeof *sources, error);
    wk_status status = sources ? cli_provenance_cards(&cards, task->session, error) : WK_MEMORY;
    for (size_t i = 0; i < task->count && !status; i++)
        sources[i] = (wk_sky_cells_source){.file = task->exposures[i].file,
                                           .detector = task->exposures[i].detector,
                                           .hdu = task->exposures[i].hdu,
                                           .reference = cli_get_switch(values, "as-reference")};
    if (!status)
        status = wk_sky_cells_save(task->cells, sources, path, (const char *const *)cards,
                                   cli_get_switch(values, "overwrite"),
                                   cli_get_switch(values, "durable"), error);
    cli_provenance_cards_free(cards);
    free(sources);
    return status;
}

static void put_exposure(wk_ledger *ledger, const match_task *task, size_t index)
{
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_text(ledger, "file", task->exposures[index].file);
    wk_ledger_text(ledger, "detector", task->exposures[index].detector);
    wk_ledger_integer(ledger, "hdu", task->exposures[index].hdu);
    wk_ledger_text(ledger, "group", task->groups[index]);
    wk_ledger_integer(ledger, "cells", wk_sky_cells_kept(task->cells, index));
    wk_ledger_close(ledger);
}

static wk_status print_json(const match_task *task, wk_error *error)
{
    wk_ledger *ledger = NULL;
    wk_status status = wk_ledger_create(&ledger, error);
    if (status)
        return status;
    cli_provenance_put(ledger, task->session);
    wk_ledger_number(ledger, "pitch", wk_sky_cells_pitch(task->cells));
    wk_ledger_open_array(ledger, "exposures");
    for (size_t i = 0; i < task->count; i++)
        put_exposure(ledger, task, i);
    wk_ledger_close(ledger);
    status = cli_ledger_print(ledger, error);
    wk_ledger_free(ledger);
    return status;
}

static wk_status print_table(const match_task *task, wk_error *error)
{
    cli_table table = {.align = "lr", .error = error};
    cli_table_add(&table, "exposure");
    cli_table_add(&table, "cells");
    for (size_t i = 0; i < task->count; i++) {
        cli_table_add(&table, "%s", task->exposures[i].name);
        cli_table_add(&table, "%lld", (long long)wk_sky_cells_kept(task->cells, i));
    }
    wk_status status = cli_table_print(&table, stdout);
    cli_table_free(&table);
    if (!status)
        printf("\ncells of %.6g arcsec\n", wk_sky_cells_pitch(task->cells));
    return status;
}

static wk_status work(match_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const wk_context *context = &task->session->context;
    const char *path = cli_get_text(values, "output");
    wk_status status = prepare(task, path, error);
    if (!status)
        status = wk_overlaps_find(&task->overlaps, task->fields, task->count, context, error);
    if (!status)
        status = wk_sky_cells_measure(&task->cells, task->overlaps, match_load_field, task,
                                      &task->cell_options, context, error);
    if (!status)
        status = save(task, path, error);
    if (status)
        return status;
    cli_outputs_beside(&task->outputs, path);
    if (cli_get_switch(values, "json"))
        status = print_json(task, error);
    else if (!cli_get_switch(values, "quiet"))
        status = print_table(task, error);
    if (status)
        cli_outputs_undo(&task->outputs, values);
    return status;
}

static wk_status run(cli_session *session, wk_error *error)
{
    match_task task = {.session = session};
    wk_status status = work(&task, error);
    wk_sky_cells_free(task.cells);
    wk_overlaps_free(task.overlaps);
    match_free_fields(&task);
    cli_outputs_free(&task.outputs);
    cli_inputs_free(&task.inputs);
    return status;
}

static const cli_section *const sections[] = {&cli_cells_section,   &cli_statistic_section,
                                              &cli_plane_section,   &cli_choice_section,
                                              &cli_general_section, NULL};

const cli_command cli_cells = {
    .name = "cells",
    .arguments = "FILE...",
    .summary = "measure exposures in small cells of the sky, to be matched later",
    .detail = "Writes what match --compare cells would measure as a table, so that exposures can "
              "be measured apart, on any number of machines, and their tables matched together by "
              "match --cells: the answer is the same to the bit.",
    .sections = sections,
    .run = run,
};
