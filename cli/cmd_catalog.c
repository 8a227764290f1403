#include <stdint.h>
#include <string.h>

#include "catalog_task.h"
#include "common.h"
#include "section.h"

/* What may stand behind welkin catalog. */
typedef struct action {
    const char *name;
    wk_status (*run)(catalog_task *task, wk_error *error);
    size_t least, most;       /* words behind it */
    int where, names, levels; /* nonzero: the option has a meaning */
} action;

static const action actions[] = {
    {"add", catalog_add, 1, SIZE_MAX, 0, 0, 0},    {"list", catalog_list, 0, 0, 1, 1, 1},
    {"overlaps", catalog_overlaps, 1, 3, 1, 1, 0}, {"remove", catalog_remove, 0, 0, 1, 0, 0},
    {"forget", catalog_forget, 0, 0, 0, 0, 0},     {"record", catalog_record, 1, 1, 0, 0, 0},
};

static wk_status check_options(const action *chosen, const catalog_task *task, wk_error *error)
{
    const cli_options *values = &task->session->options;
    int names = cli_get_switch(values, "names"), levels = cli_get_switch(values, "levels");
    if (task->where && !chosen->where)
        return cli_fail(error, WK_ARGUMENT, "", "--where is for list, overlaps and remove");
    if (names && !chosen->names)
        return cli_fail(error, WK_ARGUMENT, "", "--names is for list and overlaps");
    if (levels && !chosen->levels)
        return cli_fail(error, WK_ARGUMENT, "", "--levels is for list");
    if (names + levels + task->json > 1 && names)
        return cli_fail(error, WK_ARGUMENT, "", "--names goes with neither --json nor --levels");
    return WK_OK;
}

static wk_status find_action(const action **out, const catalog_task *task, const char *word,
                             wk_error *error)
{
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (!strcmp(word, actions[i].name))
            *out = &actions[i];
    if (!*out)
        return cli_fail(error, WK_ARGUMENT, word,
                        "is no action of catalog; there are add, list, overlaps, remove, forget "
                        "and record");
    if (task->count < (*out)->least)
        return cli_fail(error, WK_ARGUMENT, "", "%s needs more words behind it", word);
    if (task->count > (*out)->most)
        return cli_fail(error, WK_ARGUMENT, task->words[(*out)->most], "%s takes fewer words",
                        word);
    return check_options(*out, task, error);
}

static wk_status run(cli_session *session, wk_error *error)
{
    catalog_task task = {.session = session,
                         .path = cli_get_text(&session->options, "catalog"),
                         .where = cli_get_text(&session->options, "where"),
                         .words = session->files + 1,
                         .count = session->file_count - 1,
                         .json = cli_get_switch(&session->options, "json")};
    const action *chosen = NULL;
    wk_status status = find_action(&chosen, &task, session->files[0], error);
    if (!status)
        status = chosen->run(&task, error);
    wk_catalog_close(task.catalog);
    return status;
}

static const cli_section *const sections[] = {&cli_catalog_section, &cli_general_section, NULL};

const cli_command cli_catalog = {
    .name = "catalog",
    .arguments = "ACTION [WORD...]",
    .summary = "keep a catalogue of exposures, and choose from it by header and by sky",
    .detail =
        "add DIR|FILE... reads headers and puts the exposures of files, and of all FITS files in "
        "folders and below, into the catalogue; what it knows unchanged is passed over. list shows "
        "them. overlaps RA DEC RADIUS shows those that meet a circle (degrees; a radius may end in "
        "' or \"), overlaps FILE those that share sky with the exposures of a file. remove takes "
        "out what --where says, forget what files that are gone held. record LEDGER keeps the "
        "levels that welkin match --ledger found. Other commands take exposures from a catalogue "
        "with --catalog and --where.",
    .sections = sections,
    .run = run,
};
