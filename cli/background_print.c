#include <math.h>
#include <stdio.h>

#include "background_options.h"
#include "background_task.h"
#include "provenance.h"
#include "table.h"
#include "welkin/ledger.h"

void background_put_level(wk_ledger *ledger, const wk_background_summary *summary)
{
    wk_ledger_open_object(ledger, "level");
    wk_ledger_number(ledger, "mean", summary->mean);
    wk_ledger_number(ledger, "median", summary->median);
    wk_ledger_number(ledger, "min", summary->min);
    wk_ledger_number(ledger, "max", summary->max);
    wk_ledger_number(ledger, "std", summary->std);
    wk_ledger_close(ledger);
}

static void put_image(wk_ledger *ledger, const void *payload, size_t index)
{
    const background_task *task = payload;
    const wk_exposure_header *header = wk_exposure_describe(task->inputs.exposures[index]);
    const wk_mesh *mesh = &task->meshes[index];
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_text(ledger, "file", header->file);
    wk_ledger_text(ledger, "detector", header->detector);
    wk_ledger_integer(ledger, "hdu", header->image_hdu);
    wk_ledger_text(ledger, "preset", cli_background_preset_name(task->options.preset));
    wk_ledger_open_object(ledger, "mesh");
    wk_ledger_integer(ledger, "nx", mesh->nx);
    wk_ledger_integer(ledger, "ny", mesh->ny);
    wk_ledger_integer(ledger, "empty", mesh->empty);
    wk_ledger_close(ledger);
    background_put_level(ledger, &task->summaries[index]);
    wk_ledger_open_object(ledger, "rms");
    wk_ledger_number(ledger, "median", task->summaries[index].rms);
    wk_ledger_close(ledger);
    wk_ledger_integer(ledger, "good", mesh->good);
    wk_ledger_integer(ledger, "masked", mesh->masked);
    wk_ledger_integer(ledger, "sources", mesh->sources);
    wk_ledger_close(ledger);
}

/* Decimals that show two digits of the smallest cell error, in the noise of a cell of a hundred by
 * a hundred pixels. */
static int choose_decimals(const background_task *task)
{
    double least = HUGE_VAL;
    for (size_t i = 0; i < task->inputs.count; i++)
        if (task->summaries[i].rms > 0 && task->summaries[i].rms < least)
            least = task->summaries[i].rms;
    double digits = isfinite(least) ? 3 - floor(log10(least)) : 4;
    return digits < 2 ? 2 : digits > 6 ? 6 : (int)digits;
}

static wk_status print_table(const background_task *task, wk_error *error)
{
    static const char *const titles[] = {"exposure", "cells", "empty", "mean",
                                         "min",      "max",   "rms",   "good"};
    cli_table table = {.align = "lrrrrrrr", .error = error};
    int decimals = choose_decimals(task);
    for (int i = 0; i < 8; i++)
        cli_table_add(&table, "%s", titles[i]);
    for (size_t i = 0; i < task->inputs.count; i++) {
        const wk_mesh *mesh = &task->meshes[i];
        const wk_background_summary *summary = &task->summaries[i];
        cli_table_add(&table, "%s", wk_exposure_name(task->inputs.exposures[i]));
        cli_table_add(&table, "%lldx%lld", (long long)mesh->nx, (long long)mesh->ny);
        cli_table_add(&table, "%lld", (long long)mesh->empty);
        cli_table_number(&table, summary->mean, decimals);
        cli_table_number(&table, summary->min, decimals);
        cli_table_number(&table, summary->max, decimals);
        cli_table_number(&table, summary->rms, decimals);
        cli_table_add(&table, "%lld", (long long)mesh->good);
    }
    wk_status status = cli_table_print(&table, stdout);
    cli_table_free(&table);
    return status;
}

wk_status background_print(const background_task *task, wk_error *error)
{
    if (cli_get_switch(&task->session->options, "json"))
        return cli_images_print(task->session, put_image, task, task->inputs.count, error);
    return print_table(task, error);
}
