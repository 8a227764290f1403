#include "match_task.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"

const char *match_method_name(const match_task *task)
{
    static const char *const names[] = {"local", "global", "match", "global+match", "user"};
    return names[task->options.method];
}

/* What only cells can do must not be passed over in silence, nor what they cannot. */
static wk_status check_compare(const cli_options *options, int cells, wk_error *error)
{
    const char *method = cli_get_text(options, "method");
    const char *what = NULL;
    if (!cells && cli_get_integer(options, "order") > 0)
        what = "--order above 0 needs --compare cells";
    else if (!cells && cli_get_text(options, "cell"))
        what = "--cell needs --compare cells";
    else if (!cells && cli_get_text(options, "loss"))
        what = "--loss needs --compare cells";
    else if (!cells && cli_get_text(options, "outliers"))
        what = "--outliers needs --compare cells";
    else if (!cells && cli_get_text(options, "weak-modes"))
        what = "--weak-modes needs --compare cells";
    else if (!cells && !isnan(cli_get_real(options, "pitch")))
        what = "--pitch needs --compare cells";
    else if (!cells && cli_get_text(options, "reference"))
        what = "--reference needs --compare cells";
    else if (!cells && cli_get_switch(options, "detector-offsets"))
        what = "--detector-offsets needs --compare cells";
    else if (cells && cli_get_text(options, "sky-list"))
        what = "--sky-list needs --compare regions";
    else if (cells && (!strcmp(method, "local") || !strcmp(method, "global")))
        what = "--compare cells needs --method match or global+match";
    return what ? cli_fail(error, WK_ARGUMENT, "", "%s", what)
                : match_check_detectors(options, error);
}

/* Images are not read, and what was measured is as it is. */
static wk_status check_tables(const cli_options *options, wk_error *error)
{
    static const char *const others[] = {"cell",    "flux-keyword", "layout",     "image-ext",
                                         "catalog", "mask-ext",     "mask-file",  "weight-file",
                                         "where",   "reference",    "weight-ext", "variance-ext",
                                         "bad-bits"};
    if (cli_outputs_wanted(options) || cli_get_switch(options, "subtract"))
        return cli_fail(error, WK_ARGUMENT, "",
                        "--cells reads no images: write --ledger and use welkin apply");
    if (strcmp(cli_get_text(options, "group"), "none") != 0)
        return cli_fail(error, WK_ARGUMENT, "",
                        "the groups are those of the tables: --group belongs to welkin cells");
    if (!isnan(cli_get_real(options, "pitch")))
        return cli_fail(error, WK_ARGUMENT, "", "--pitch belongs to welkin cells");
    if (cli_get_choice(options, "per") == 1)
        return cli_fail(error, WK_ARGUMENT, "",
                        "tables do not say where amplifiers are: --per amplifier needs images");
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (cli_get_text(options, others[i]) && strcmp(cli_get_text(options, others[i]), "auto"))
            return cli_fail(error, WK_ARGUMENT, "", "--%s belongs to welkin cells%s", others[i],
                            strcmp(others[i], "reference") ? "" : ": --as-reference");
    return WK_OK;
}

wk_status match_read_width(wk_sky_cells_options *cells, const cli_options *options, wk_error *error)
{
    const char *folder = getenv("TMPDIR");
    double pitch = cli_get_real(options, "pitch");
    *cells = wk_sky_cells_options_default();
    cells->folder = folder && folder[0] ? folder : NULL;
    if (cli_get_text(options, "cell") && !isnan(pitch))
        return cli_fail(error, WK_ARGUMENT, "", "--cell and --pitch exclude each other");
    if (cli_get_text(options, "cell"))
        cells->cell = (double)cli_get_integer(options, "cell");
    if (!isnan(pitch))
        cells->pitch = pitch;
    return WK_OK;
}

/* Who asks for weak modes gets them, however many exposures there are. */
static void read_report(wk_sky_report_options *report, const cli_options *options)
{
    *report = wk_sky_report_options_default();
    if (cli_get_text(options, "outliers"))
        report->outliers = (size_t)cli_get_integer(options, "outliers");
    if (cli_get_text(options, "weak-modes")) {
        report->weak_modes = (int)cli_get_integer(options, "weak-modes");
        report->weak_most = 0;
    }
}

static wk_status read_cells(match_task *task, const cli_options *options, wk_error *error)
{
    const char *loss = cli_get_text(options, "loss");
    wk_status status = match_read_width(&task->cell_options, options, error);
    read_report(&task->report_options, options);
    task->cell_options.order = (int)cli_get_integer(options, "order");
    if (loss && !strcmp(loss, "square"))
        task->cell_options.loss = WK_LOSS_SQUARE;
    task->cell_options.detectors = cli_get_switch(options, "detector-offsets");
    task->cell_options.statistic = &task->options.statistic;
    task->cell_options.whole = task->options.method == WK_MATCH_GLOBAL_MATCH;
    return status;
}

wk_status match_read_statistic(wk_statistic_options *statistic, const cli_options *options,
                               wk_error *error)
{
    *statistic = wk_statistic_options_default();
    statistic->statistic = (wk_statistic)cli_get_choice(options, "statistic");
    statistic->lower = cli_get_real(options, "lower");
    statistic->upper = cli_get_real(options, "upper");
    statistic->nclip = (int)cli_get_integer(options, "nclip");
    statistic->lsigma = cli_get_real(options, "lsigma");
    statistic->usigma = cli_get_real(options, "usigma");
    statistic->bin_width = cli_get_real(options, "bin-width");
    statistic->compat = cli_get_text(options, "compat") != NULL;
    return wk_statistic_check(statistic, error);
}

static wk_anchor read_anchor(const cli_options *options)
{
    static const wk_anchor anchors[] = {WK_ANCHOR_MINIMUM, WK_ANCHOR_MAXIMUM, WK_ANCHOR_MEAN,
                                        WK_ANCHOR_EXPOSURE};
    int choice = cli_get_choice(options, "anchor");
    return choice < 0 ? WK_ANCHOR_SHIFT : anchors[choice];
}

wk_status match_read_options(match_task *task, wk_error *error)
{
    const cli_options *options = &task->session->options;
    wk_match_options *match = &task->options;
    task->from_tables = cli_get_switch(options, "cells");
    task->by_cells = task->from_tables || !strcmp(cli_get_text(options, "compare"), "cells");
    wk_status status = check_compare(options, task->by_cells, error);
    if (!status && task->from_tables)
        status = check_tables(options, error);
    if (status)
        return status;
    *match = wk_match_options_default();
    match->method = cli_get_text(options, "sky-list")
                        ? WK_MATCH_USER
                        : (wk_match_method)cli_get_choice(options, "method");
    match->up = cli_get_switch(options, "up");
    match->weights = (wk_match_weights)cli_get_choice(options, "weights");
    match->anchor = read_anchor(options);
    status = read_cells(task, options, error);
    if (status)
        return status;
    task->grouped = strcmp(cli_get_text(options, "group"), "none") != 0;
    if (cli_get_switch(options, "subtract") && !cli_outputs_wanted(options))
        return cli_fail(error, WK_ARGUMENT, "",
                        "--subtract needs --output, --output-dir or --suffix");
    return match_read_statistic(&match->statistic, options, error);
}

/* "NAME VALUE": the value is the last word, for names may have blanks. */
static wk_status take_row(match_task *task, char *row, const char *path, wk_error *error)
{
    size_t file;
    char *value = row + strlen(row);
    while (value > row && value[-1] != ' ' && value[-1] != '\t')
        value--;
    char *end = value;
    while (end > row && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    char *rest;
    double level = strtod(value, &rest);
    if (end == row || *rest || (!isfinite(level) && !isnan(level)))
        return cli_fail(error, WK_ARGUMENT, path, "\"%s\" is not a name and a level", row);
    *end = '\0';
    wk_status status = cli_inputs_find(&file, &task->inputs, row, error);
    if (status)
        return status;
    const cli_file *found = &task->inputs.files[file];
    if (!isinf(task->user[found->first]))
        return cli_fail(error, WK_ARGUMENT, path, "%s is given twice", row);
    for (size_t i = 0; i < found->count; i++)
        task->user[found->first + i] = level;
    return WK_OK;
}

static wk_status read_levels(match_task *task, const char *path, wk_error *error)
{
    char **rows;
    size_t count;
    wk_status status = cli_lines_read(&rows, &count, path, error);
    if (status)
        return status;
    if (count != task->inputs.file_count)
        status = cli_fail(error, WK_ARGUMENT, path, "%zu levels are listed for %zu files", count,
                          task->inputs.file_count);
    if (!status) {
        task->user = cli_new(task->inputs.count, sizeof *task->user, error);
        status = task->user ? WK_OK : WK_MEMORY;
    }
    /* infinity stands for a level that has not been read yet */
    for (size_t i = 0; i < task->inputs.count && !status; i++)
        task->user[i] = (double)INFINITY;
    for (size_t i = 0; i < count && !status; i++)
        status = take_row(task, rows[i], path, error);
    cli_lines_free(rows, count);
    task->options.user = task->user;
    return status;
}

/* Of exposures in tables: the only one of that file, by its path or its base name. */
static wk_status find_in_tables(match_task *task, const char *name, wk_error *error)
{
    size_t found = task->count;
    for (size_t i = 0; i < task->count; i++) {
        const char *file = task->exposures[i].file;
        if (strcmp(file, name) != 0 && strcmp(cli_base_name(file), name) != 0)
            continue;
        if (found < task->count)
            return cli_fail(error, WK_ARGUMENT, name, "the anchor is more than one exposure");
        found = i;
    }
    if (found == task->count)
        return cli_fail(error, WK_ARGUMENT, name, "no exposure of the tables has this name");
    task->options.anchor_name = task->exposures[found].name;
    return WK_OK;
}

static wk_status find_in_inputs(match_task *task, const char *name, wk_error *error)
{
    size_t file;
    wk_status status = cli_inputs_find(&file, &task->inputs, name, error);
    if (status)
        return status;
    const cli_file *found = &task->inputs.files[file];
    if (found->count > 1 && !task->grouped)
        return cli_fail(error, WK_ARGUMENT, name,
                        "the anchor has %zu exposures: name one, or use --group exposure",
                        found->count);
    task->options.anchor_name = wk_exposure_name(found->exposures[0]);
    return WK_OK;
}

static wk_status name_anchor(match_task *task, const char *name, wk_error *error)
{
    for (size_t i = 0; i < task->count; i++)
        if (!strcmp(task->exposures[i].name, name)) {
            task->options.anchor_name = task->exposures[i].name;
            return WK_OK;
        }
    return task->from_tables ? find_in_tables(task, name, error)
                             : find_in_inputs(task, name, error);
}

wk_status match_read_names(match_task *task, wk_error *error)
{
    const char *list = cli_get_text(&task->session->options, "sky-list");
    wk_status status = list ? read_levels(task, list, error) : WK_OK;
    if (!status && task->options.anchor == WK_ANCHOR_EXPOSURE)
        status = name_anchor(task, cli_get_text(&task->session->options, "anchor"), error);
    return status;
}
