#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "catalog_task.h"
#include "common.h"
#include "provenance.h"

wk_status catalog_open(catalog_task *task, wk_catalog_mode mode, wk_error *error)
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

wk_status catalog_add(catalog_task *task, wk_error *error)
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
        status = catalog_open(task, WK_CATALOG_CREATE, error);
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

wk_status catalog_remove(catalog_task *task, wk_error *error)
{
    static const counted what = {"removed", "exposure removed", "exposures removed"};
    int64_t removed = 0;
    if (!task->where)
        return cli_fail(error, WK_ARGUMENT, "", "remove needs --where");
    wk_status status = catalog_open(task, WK_CATALOG_WRITE, error);
    if (!status)
        status = wk_catalog_remove(&removed, task->catalog, task->where, error);
    return status ? status : tell(task, &what, &removed, 1, error);
}

wk_status catalog_forget(catalog_task *task, wk_error *error)
{
    static const counted what = {"removed", "exposure of a missing file removed",
                                 "exposures of missing files removed"};
    int64_t removed = 0;
    wk_status status = catalog_open(task, WK_CATALOG_WRITE, error);
    if (!status)
        status = wk_catalog_forget(&removed, task->catalog, error);
    return status ? status : tell(task, &what, &removed, 1, error);
}

wk_status catalog_record(catalog_task *task, wk_error *error)
{
    static const counted what = {"recorded", "level recorded", "levels recorded"};
    int64_t recorded = 0;
    wk_status status = catalog_open(task, WK_CATALOG_WRITE, error);
    if (!status)
        status = wk_catalog_record(&recorded, task->catalog, task->words[0], error);
    return status ? status : tell(task, &what, &recorded, 1, error);
}
