#include "command.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "offsets_task.h"
#include "provenance.h"
#include "section.h"

/* SWarp looks offsets up at predicted places. */
static void move_to_predicted(const offsets_stars *stars)
{
    for (int64_t i = 0; i < stars->count; i++) {
        stars->x[i] -= stars->offset_x[i];
        stars->y[i] -= stars->offset_y[i];
    }
}

static wk_status fit(wk_offset **out, offsets_entry *entry, const offsets_stars *stars,
                     const offsets_task *task, wk_error *error)
{
    const double zero = 0;
    const wk_offset_stars given = {stars->x, stars->y, stars->offset_x, stars->offset_y,
                                   stars->count};
    const wk_offset_stars one = {&zero, &zero, &zero, &zero, 1};
    entry->empty = stars->count == 0 && cli_get_switch(&task->session->options, "allow-empty");
    wk_offset_options options = task->options;
    if (entry->empty)
        options = wk_offset_options_default();
    return wk_offset_fit(out, entry->empty ? &one : &given, task->size[0], task->size[1], &options,
                         &task->session->context, error);
}

/* What the offset knows of itself, for after it is freed. */
static void keep_facts(offsets_entry *entry, const wk_offset *offset)
{
    entry->facts = *wk_offset_describe(offset);
    if (entry->facts.trial_count > OFFSETS_TRIALS)
        entry->facts.trial_count = OFFSETS_TRIALS;
    for (size_t i = 0; i < entry->facts.trial_count; i++)
        entry->trials[i] = entry->facts.trials[i];
    entry->facts.trials = entry->trials;
    if (entry->empty)
        entry->facts.stars = entry->facts.outside = 0;
}

static wk_status write_map(offsets_task *task, size_t index, const wk_offset *offset,
                           wk_error *error)
{
    const cli_options *values = &task->session->options;
    char **cards;
    wk_status status = cli_provenance_cards(&cards, task->session, error);
    if (status)
        return status;
    const wk_offset_file file = {
        .path = task->outputs.count ? task->outputs.paths[index] : NULL,
        .format = task->format,
        .wide = cli_get_switch(values, "double"),
        .errors = task->options.errors,
        .cards = (const char *const *)cards,
        .overwrite = cli_get_switch(values, "overwrite"),
        .durable = cli_get_switch(values, "durable"),
    };
    if (task->outputs.count)
        status = cli_outputs_folder(&task->outputs, values, error);
    if (!status)
        status = wk_offset_write(&file, &task->entries[index].summary, offset,
                                 &task->session->context, error);
    if (!status && task->outputs.count)
        task->outputs.done = index + 1;
    cli_provenance_cards_free(cards);
    return status;
}

static wk_status finish(offsets_task *task, size_t index, const wk_offset *offset,
                        const offsets_stars *stars, wk_error *error)
{
    const cli_options *values = &task->session->options;
    const char *figure = cli_get_text(values, "figure"), *table = cli_get_text(values, "table");
    offsets_entry *entry = &task->entries[index];
    keep_facts(entry, offset);
    wk_status status = write_map(task, index, offset, error);
    if (!status)
        offsets_warn(task, entry);
    if (!status && figure) {
        status = offsets_draw(figure, entry, offset, stars, task, error);
        cli_outputs_beside(&task->outputs, status ? NULL : figure);
    }
    if (!status && table) {
        status = offsets_tabulate(table, offset, stars, task, error);
        cli_outputs_beside(&task->outputs, status ? NULL : table);
    }
    return status;
}

static wk_status work_on_table(offsets_task *task, size_t index, wk_error *error)
{
    const cli_options *values = &task->session->options;
    offsets_entry *entry = &task->entries[index];
    offsets_stars stars = {0};
    wk_offset *offset = NULL;
    wk_status status = cli_get_switch(values, "from-catalogues")
                           ? offsets_match(&stars, entry, task, error)
                           : offsets_read(&stars, task, entry->file, error);
    if (!status && task->format == WK_OFFSET_DGEO)
        move_to_predicted(&stars);
    if (!status)
        status = fit(&offset, entry, &stars, task, error);
    if (!status)
        status = finish(task, index, offset, &stars, error);
    if (status && status != WK_CANCELLED && !error->subject[0])
        snprintf(error->subject, sizeof error->subject, "%s", entry->file);
    wk_offset_free(offset);
    offsets_stars_free(&stars);
    return status;
}

static wk_status work_on_wcs(offsets_task *task, wk_error *error)
{
    wk_offset *offset = NULL;
    wk_status status = offsets_from_wcs(&offset, task, error);
    if (!status)
        status = finish(task, 0, offset, NULL, error);
    wk_offset_free(offset);
    return status;
}

static wk_status work(offsets_task *task, wk_error *error)
{
    wk_status status = offsets_prepare(task, error);
    if (!status && cli_get_switch(&task->session->options, "from-wcs"))
        status = work_on_wcs(task, error);
    else
        for (size_t i = 0; i < task->count && !status; i++) {
            status = cli_check_cancel(error);
            if (!status)
                status = work_on_table(task, i, error);
        }
    return status ? status : offsets_print(task, error);
}

static wk_status run(cli_session *session, wk_error *error)
{
    offsets_task task = {.session = session};
    wk_status status = work(&task, error);
    if (status)
        cli_outputs_undo(&task.outputs, &session->options);
    for (size_t i = 0; i < task.column_count; i++)
        free(task.columns[i]);
    free(task.entries);
    cli_outputs_free(&task.outputs);
    return status;
}

static const cli_section *const sections[] = {&cli_offsets_section, &cli_output_section,
                                              &cli_general_section, NULL};

const cli_command cli_offsets = {
    .name = "offsets",
    .arguments = "TABLE...",
    .summary = "make offset arrays for drizzle from the offsets of stars",
    .detail = "From the offsets of stars, image less reference, to an X and a Y offset for every "
              "pixel; one output for each table (FITS, ECSV or text). Instead of a table of "
              "offsets two catalogues of stars (--from-catalogues) or the world coordinates of "
              "two images (--from-wcs) may be given. Without an output name the numbers are "
              "printed alone.",
    .sections = sections,
    .run = run,
};
