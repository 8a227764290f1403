#include "command.h"

#include <stdlib.h>

#include "common.h"
#include "correlate_task.h"
#include "provenance.h"
#include "section.h"
#include "welkin/figure.h"

enum { POWER_SIZE = 64 };

/* An image without variance has no spectrum. */
static const wk_correlation *first_that_varies(const wk_correlation *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (list[i]->variance > 0)
            return list[i];
    return NULL;
}

static wk_status draw(correlate_task *task, const char *path, wk_error *error)
{
    const wk_correlation **list = NULL;
    const char **names = cli_new(task->count, sizeof *names, error);
    wk_correlation_power *power = NULL;
    size_t count = 0, named = 0;
    wk_status status = names ? correlate_collect(&list, &count, task, NULL, error) : WK_MEMORY;
    for (size_t i = 0; i < task->count && !status; i++)
        if (task->images[i].whole)
            names[named++] = cli_base_name(task->images[i].file);
    const wk_correlation *shown = status ? NULL : first_that_varies(list, count);
    if (!status)
        status = shown ? wk_correlation_power_make(&power, shown, POWER_SIZE, error)
                       : cli_fail(error, WK_NO_DATA, names[0],
                                  "all pixels are equal: there is no spectrum to draw");
    if (!status)
        status = wk_figure_correlation(path, list, names, count, task->stack, power,
                                       cli_get_switch(&task->session->options, "overwrite"), error);
    cli_outputs_beside(&task->outputs, status ? NULL : path);
    wk_correlation_power_free(power);
    free(list);
    free(names);
    return status;
}

static wk_status tell(correlate_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const char *path = cli_get_text(values, "output");
    int json = cli_get_switch(values, "json");
    wk_ledger *ledger = NULL;
    wk_status status = path || json ? correlate_ledger(&ledger, task, error) : WK_OK;
    if (!status && path)
        status = wk_ledger_save(ledger, path, cli_get_switch(values, "overwrite"),
                                cli_get_switch(values, "durable"), error);
    cli_outputs_beside(&task->outputs, status ? NULL : path);
    if (!status && json)
        status = cli_ledger_print(ledger, error);
    else if (!status)
        status = correlate_print_table(task, error);
    wk_ledger_free(ledger);
    return status;
}

static wk_status write_all(correlate_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const char *figure = cli_get_text(values, "figure"), *table = cli_get_text(values, "table");
    const char *cube = cli_get_text(values, "cube");
    wk_status status = figure ? draw(task, figure, error) : WK_OK;
    if (!status && table) {
        status = correlate_write_table(table, task, error);
        cli_outputs_beside(&task->outputs, status ? NULL : table);
    }
    if (!status && cube) {
        status = correlate_write_cube(cube, task, error);
        cli_outputs_beside(&task->outputs, status ? NULL : cube);
    }
    return status ? status : tell(task, error);
}

static wk_status work(correlate_task *task, wk_error *error)
{
    wk_status status = correlate_prepare(task, error);
    if (!status && cli_get_switch(&task->session->options, "check-tile"))
        return task->tile ? correlate_check_tile(task, error)
                          : cli_fail(error, WK_ARGUMENT, "", "--check-tile needs --tile");
    if (!status)
        status = correlate_measure_all(task, error);
    if (!status)
        status = correlate_stack_all(task, error);
    return status ? status : write_all(task, error);
}

static void free_task(correlate_task *task)
{
    for (size_t i = 0; i < task->count; i++) {
        correlate_image *image = &task->images[i];
        for (size_t k = 0; image->regions && k < image->region_count; k++)
            wk_correlation_free(image->regions[k]);
        wk_correlation_free(image->whole);
        free(image->regions);
        free(image->rects);
        free(image->file);
    }
    for (size_t g = 0; g < task->group_count; g++)
        wk_correlation_stack_free(task->groups[g].stack);
    wk_correlation_stack_free(task->stack);
    free(task->groups);
    free(task->images);
    wk_tile_free(task->tile);
    cli_inputs_free(&task->inputs);
}

static wk_status run(cli_session *session, wk_error *error)
{
    correlate_task task = {.session = session};
    wk_status status = work(&task, error);
    if (status)
        cli_outputs_undo(&task.outputs, &session->options);
    free_task(&task);
    return status;
}

static const cli_section *const sections[] = {&cli_correlate_section, &cli_plane_section,
                                              &cli_choice_section, &cli_general_section, NULL};

const cli_command cli_correlate = {
    .name = "correlate",
    .arguments = "[FILE...]",
    .summary = "measure how pixels of the background correlate with their neighbours",
    .detail = "Measures the covariance of good pixels with their neighbours at every lag up to "
              "--lag, with errors, for each exposure or for the images of a DES tile (--tile), "
              "whose sky pixels are judged on the coadd. Matrices have the row lag first, from "
              "-L; an image of a tile that cannot be read is reported and the others go on.",
    .sections = sections,
    .run = run,
};
