/* Offsets of detectors: what is asked for, what is told. */
#include <string.h>

#include "amplifiers.h"
#include "common.h"
#include "match_task.h"

wk_status match_check_detectors(const cli_options *options, wk_error *error)
{
    const char *what = NULL;
    int amplifiers = cli_get_choice(options, "per") == 1;
    if (amplifiers && !cli_get_switch(options, "detector-offsets"))
        what = "--per amplifier needs --detector-offsets";
    else if (!amplifiers && cli_get_text(options, "amplifiers"))
        what = "--amplifiers needs --per amplifier";
    return what ? cli_fail(error, WK_ARGUMENT, "", "%s", what) : WK_OK;
}

wk_status match_read_detector(match_task *task, size_t index, wk_error *error)
{
    const cli_options *options = &task->session->options;
    const wk_exposure *exposure = task->inputs.exposures[index];
    wk_field *field = &task->fields[index];
    field->detector = wk_exposure_describe(exposure)->detector;
    if (!field->detector[0])
        return cli_fail(error, WK_HEADER, wk_exposure_name(exposure),
                        "--detector-offsets needs its detector, and neither CCDNUM, DETECTOR nor "
                        "EXTNAME names it");
    if (cli_get_choice(options, "per") == 0)
        return WK_OK;
    wk_status status = cli_amplifiers_find(&task->amplifiers[index], &field->amplifier_count,
                                           exposure, options, error);
    field->amplifiers = task->amplifiers[index];
    return status;
}

int match_has_parts(const match_task *task)
{
    return task->solution->offset_count > 0 && task->fields && task->fields[0].amplifier_count > 0;
}

static void put_part(wk_ledger *ledger, const wk_sky_part *part, size_t place)
{
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_integer(ledger, "amplifier", (int64_t)place);
    wk_ledger_integer(ledger, "x", part->rect.x);
    wk_ledger_integer(ledger, "y", part->rect.y);
    wk_ledger_integer(ledger, "width", part->rect.width);
    wk_ledger_integer(ledger, "height", part->rect.height);
    wk_ledger_number(ledger, "offset", part->offset);
    wk_ledger_close(ledger);
}

void match_put_detector(wk_ledger *ledger, const match_task *task, size_t index)
{
    const wk_solution *solution = task->solution;
    if (solution->offset_count == 0)
        return;
    wk_ledger_number(ledger, "detector_offset", solution->levels[index].detector_offset);
    if (!match_has_parts(task))
        return;
    const wk_sky_surface *surface = &solution->surfaces[index];
    wk_ledger_open_array(ledger, "amplifiers");
    for (size_t i = 0; i < surface->part_count; i++)
        put_part(ledger, &surface->parts[i], i);
    wk_ledger_close(ledger);
}

static void put_amplifier(wk_ledger *ledger, int64_t amplifier)
{
    if (amplifier < 0)
        wk_ledger_null(ledger, "amplifier");
    else
        wk_ledger_integer(ledger, "amplifier", amplifier);
}

void match_put_offsets(wk_ledger *ledger, const match_task *task)
{
    const wk_solution *solution = task->solution;
    if (solution->offset_count == 0)
        return;
    wk_ledger_open_array(ledger, "offsets");
    for (size_t i = 0; i < solution->offset_count; i++) {
        const wk_detector_offset *one = &solution->offsets[i];
        wk_ledger_open_object(ledger, NULL);
        wk_ledger_text(ledger, "detector", one->detector);
        put_amplifier(ledger, one->amplifier);
        wk_ledger_number(ledger, "offset", one->offset);
        wk_ledger_number(ledger, "error", one->error);
        wk_ledger_integer(ledger, "cells", one->cells);
        wk_ledger_boolean(ledger, "valid", one->valid);
        wk_ledger_close(ledger);
    }
    wk_ledger_close(ledger);
}

void match_list_offsets(cli_table *table, const wk_solution *solution, int decimals)
{
    static const char *const titles[] = {"detector", "amplifier", "offset", "error", "cells"};
    table->align = "lrrrr";
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        cli_table_add(table, "%s", titles[i]);
    for (size_t i = 0; i < solution->offset_count; i++) {
        const wk_detector_offset *one = &solution->offsets[i];
        cli_table_add(table, "%s", one->detector);
        if (one->amplifier < 0)
            cli_table_add(table, "-");
        else
            cli_table_add(table, "%lld", (long long)one->amplifier);
        cli_table_number(table, one->offset, decimals);
        cli_table_number(table, one->error, decimals < 0 ? -3 : decimals);
        cli_table_add(table, "%lld", (long long)one->cells);
    }
}
