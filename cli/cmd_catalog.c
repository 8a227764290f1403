#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog_task.h"
#include "common.h"
#include "inputs.h"
#include "option_value.h"
#include "provenance.h"
#include "section.h"

static wk_status open_catalog(catalog_task *task, wk_catalog_mode mode, wk_error *error)
{
    double seconds = cli_get_real(&task->session->options, "wait");
    return wk_catalog_open(&task->catalog, task->path, mode, (int)(1000.0 * seconds), error);
}

/* What is counted: its name in JSON, and as words for one and for several. */
typedef struct counted {
    const char *key, *one, *several;
} counted;

/* What did not happen is left out, but for the first. */
static void print_sentence(const counted *what, const int64_t *counts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (i == 0 || counts[i])
            printf("%s%" PRId64 " %s", i ? ", " : "", counts[i],
                   counts[i] == 1 ? what[i].one : what[i].several);
    printf("\n");
}

static wk_status tell(const catalog_task *task, const counted *what, const int64_t *counts,
                      size_t count, wk_error *error)
{
    wk_ledger *ledger = NULL;
    if (!task->json) {
        print_sentence(what, counts, count);
        return WK_OK;
    }
    wk_status status = wk_ledger_create(&ledger, error);
    if (status)
        return status;
    wk_ledger_text(ledger, "catalog", task->path);
    for (size_t i = 0; i < count; i++)
        wk_ledger_integer(ledger, what[i].key, counts[i]);
    status = cli_ledger_print(ledger, error);
    wk_ledger_free(ledger);
    return status;
}

static wk_status tell_added(const catalog_task *task, const wk_catalog_report *report,
                            wk_error *error)
{
    static const counted what[] = {
        {"added", "file added", "files added"},
        {"replaced", "replaced", "replaced"},
        {"unchanged", "unchanged", "unchanged"},
        {"imageless", "without an image", "without an image"},
        {"exposures", "exposure", "exposures"},
        {"unplaced", "of them without coordinates", "of them without coordinates"},
    };
    const int64_t counts[] = {report->added,     report->replaced,  report->unchanged,
                              report->imageless, report->exposures, report->unplaced};
    return tell(task, what, counts, sizeof counts / sizeof *counts, error);
}

/* What could be read is in the catalogue; that some could not is the command's failure. */
static wk_status judge_added(const catalog_task *task, const wk_catalog_report *report,
                             size_t count, wk_error *error)
{
    if (!report->failed)
        return WK_OK;
    if (count == 1)
        return cli_fail(error, WK_FILE, report->first.subject, "%s", report->first.message);
    if (report->failed == (int64_t)count)
        return cli_fail(error, WK_FILE, report->first.subject,
                        "%s (none of %zu files could be read)", report->first.message, count);
    return cli_fail(error, WK_FILE, report->first.subject,
                    "%s (%" PRId64 " of %zu files could not be read, the others are in %s)",
                    report->first.message, report->failed, count, task->path);
}

/* Names that all lead nowhere make no catalogue. */
static wk_status check_any(char *const *paths, size_t count, wk_error *error)
{
    for (size_t i = 0; i < count; i++)
        if (access(paths[i], F_OK) == 0)
            return WK_OK;
    return cli_fail(error, WK_FILE, paths[0], "cannot be opened: %s", strerror(errno));
}

static wk_status add(catalog_task *task, wk_error *error)
{
    char **paths = NULL;
    size_t count = 0;
    wk_catalog_report report;
    wk_status status = catalog_scan(&paths, &count, task->words, task->count, error);
    if (!status && !count)
        status = cli_fail(error, WK_NO_DATA, task->words[0], "there is no FITS file in it");
    if (!status)
        status = check_any(paths, count, error);
    if (!status)
        status = open_catalog(task, WK_CATALOG_CREATE, error);
    if (!status)
        status = wk_catalog_add(&report, task->catalog, (const char *const *)paths, count,
                                &task->session->context, error);
    if (!status && !report.failed)
        status = tell_added(task, &report, error);
    else if (!status)
        status = judge_added(task, &report, count, error);
    cli_lines_free(paths, count);
    return status;
}

static wk_status list(catalog_task *task, wk_error *error)
{
    catalog_listing listing = {0};
    wk_status status = open_catalog(task, WK_CATALOG_READ, error);
    if (!status)
        status = catalog_listing_begin(&listing, task, error);
    if (!status)
        status = (listing.levels ? wk_catalog_levels : wk_catalog_select)(
            task->catalog, task->where, catalog_listing_take, &listing, error);
    if (!status)
        status = catalog_listing_end(&listing, error);
    catalog_listing_free(&listing);
    return status;
}

/* Degrees, or with ' or " or m or s behind it minutes and seconds of arc. */
static int parse_radius(double *out, const char *word)
{
    static const char *const units[] = {"d", "deg", "'", "m", "arcmin", "\"", "s", "arcsec"};
    static const double sizes[] = {1, 1, 60, 60, 60, 3600, 3600, 3600};
    char *end;
    double number = strtod(word, &end), size = *end ? 0 : 1;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (!strcmp(end, units[i]))
            size = sizes[i];
    *out = number / size;
    return end == word || size == 0;
}

static wk_status overlap_circle(catalog_task *task, catalog_listing *listing, wk_error *error)
{
    double centre[2], radius;
    for (int i = 0; i < 2; i++)
        if (cli_parse_real(&centre[i], task->words[i]))
            return cli_fail(error, WK_ARGUMENT, task->words[i], "is no position in degrees");
    if (parse_radius(&radius, task->words[2]))
        return cli_fail(error, WK_ARGUMENT, task->words[2],
                        "is no radius, as 0.5 (degrees), 30' or 10\"");
    return wk_catalog_around(task->catalog, centre, radius, task->where, catalog_listing_take,
                             listing, error);
}

static wk_status overlap_file(catalog_task *task, catalog_listing *listing, wk_error *error)
{
    wk_exposure **exposures = NULL;
    size_t count = 0;
    wk_status status = wk_exposures_open(&exposures, &count, task->words[0], NULL, error);
    if (status)
        return status;
    status = wk_catalog_meet(task->catalog, (const wk_exposure *const *)exposures, count,
                             task->where, catalog_listing_take, listing, error);
    wk_exposures_free(exposures, count);
    return status;
}

static wk_status overlaps(catalog_task *task, wk_error *error)
{
    catalog_listing listing = {0};
    if (task->count != 1 && task->count != 3)
        return cli_fail(error, WK_ARGUMENT, "", "overlaps wants RA DEC RADIUS, or one FILE");
    wk_status status = open_catalog(task, WK_CATALOG_READ, error);
    if (!status)
        status = catalog_listing_begin(&listing, task, error);
    if (!status)
        status = (task->count == 1 ? overlap_file : overlap_circle)(task, &listing, error);
    if (!status)
        status = catalog_listing_end(&listing, error);
    catalog_listing_free(&listing);
    return status;
}

static wk_status remove_some(catalog_task *task, wk_error *error)
{
    static const counted what = {"removed", "exposure removed", "exposures removed"};
    int64_t removed = 0;
    if (!task->where)
        return cli_fail(error, WK_ARGUMENT, "", "remove needs --where");
    wk_status status = open_catalog(task, WK_CATALOG_WRITE, error);
    if (!status)
        status = wk_catalog_remove(&removed, task->catalog, task->where, error);
    return status ? status : tell(task, &what, &removed, 1, error);
}

static wk_status forget(catalog_task *task, wk_error *error)
{
    static const counted what = {"removed", "exposure of a missing file removed",
                                 "exposures of missing files removed"};
    int64_t removed = 0;
    wk_status status = open_catalog(task, WK_CATALOG_WRITE, error);
    if (!status)
        status = wk_catalog_forget(&removed, task->catalog, error);
    return status ? status : tell(task, &what, &removed, 1, error);
}

static wk_status record(catalog_task *task, wk_error *error)
{
    static const counted what = {"recorded", "level recorded", "levels recorded"};
    int64_t recorded = 0;
    wk_status status = open_catalog(task, WK_CATALOG_WRITE, error);
    if (!status)
        status = wk_catalog_record(&recorded, task->catalog, task->words[0], error);
    return status ? status : tell(task, &what, &recorded, 1, error);
}

/* What may stand behind welkin catalog. */
typedef struct action {
    const char *name;
    wk_status (*run)(catalog_task *task, wk_error *error);
    size_t least, most;       /* words behind it */
    int where, names, levels; /* nonzero: the option has a meaning */
} action;

static const action actions[] = {
    {"add", add, 1, SIZE_MAX, 0, 0, 0},    {"list", list, 0, 0, 1, 1, 1},
    {"overlaps", overlaps, 1, 3, 1, 1, 0}, {"remove", remove_some, 0, 0, 1, 0, 0},
    {"forget", forget, 0, 0, 0, 0, 0},     {"record", record, 1, 1, 0, 0, 0},
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
