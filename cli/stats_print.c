#include <math.h>
#include <stdio.h>

#include "provenance.h"
#include "stats_task.h"
#include "table.h"
#include "welkin/ledger.h"

static void put_line(wk_ledger *ledger, const char *key, const wk_summary_line *line)
{
    wk_ledger_open_object(ledger, key);
    wk_ledger_number(ledger, "min", line->min);
    wk_ledger_number(ledger, "max", line->max);
    wk_ledger_number(ledger, "mean", line->mean);
    wk_ledger_number(ledger, "median", line->median);
    wk_ledger_number(ledger, "std", line->std);
    wk_ledger_close(ledger);
}

static void put_clipped(wk_ledger *ledger, const wk_clipped *clipped)
{
    wk_ledger_open_object(ledger, "clipped");
    wk_ledger_number(ledger, "mean", clipped->mean);
    wk_ledger_number(ledger, "median", clipped->median);
    wk_ledger_number(ledger, "std", clipped->std);
    wk_ledger_integer(ledger, "n", clipped->n);
    wk_ledger_close(ledger);
}

static void put_histogram(wk_ledger *ledger, const wk_summary *summary)
{
    wk_ledger_open_object(ledger, "histogram");
    wk_ledger_open_array(ledger, "edges");
    for (int k = 0; summary->bins && k <= summary->bins; k++)
        wk_ledger_number(ledger, NULL, summary->edges[k]);
    wk_ledger_close(ledger);
    wk_ledger_open_array(ledger, "counts");
    for (int k = 0; k < summary->bins; k++)
        wk_ledger_integer(ledger, NULL, summary->counts[k]);
    wk_ledger_close(ledger);
    wk_ledger_close(ledger);
}

static void put_image(wk_ledger *ledger, const void *payload, size_t index)
{
    const stats_task *task = payload;
    const wk_exposure_header *header = wk_exposure_describe(task->inputs.exposures[index]);
    const wk_summary *summary = &task->images[index];
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_text(ledger, "file", header->file);
    wk_ledger_integer(ledger, "hdu", header->image_hdu);
    wk_ledger_integer(ledger, "pixels", summary->pixels);
    wk_ledger_integer(ledger, "nonfinite", summary->nonfinite);
    wk_ledger_integer(ledger, "nan", summary->nan);
    put_line(ledger, "plain", &summary->plain);
    put_line(ledger, "finite", &summary->finite);
    put_line(ledger, "good", &summary->good);
    put_clipped(ledger, &summary->clipped);
    put_histogram(ledger, summary);
    wk_ledger_close(ledger);
}

/* Ten digits: more than float32 has, and all of them numpy's. */
static void add_number(cli_table *table, double value)
{
    if (isnan(value))
        cli_table_add(table, "-");
    else
        cli_table_add(table, "%.10g", value);
}

static void add_row(cli_table *table, const char *image, const char *kind,
                    const wk_summary_line *line)
{
    cli_table_add(table, "%s", image);
    cli_table_add(table, "%s", kind);
    cli_table_add(table, "%lld", (long long)line->n);
    add_number(table, line->min);
    add_number(table, line->max);
    add_number(table, line->mean);
    add_number(table, line->median);
    add_number(table, line->std);
}

static wk_status print_table(const stats_task *task, wk_error *error)
{
    static const char *const titles[] = {"image", "pixels", "n",      "min",
                                         "max",   "mean",   "median", "std"};
    const double none = (double)NAN;
    cli_table table = {.align = "llrrrrrr", .error = error};
    for (int i = 0; i < 8; i++)
        cli_table_add(&table, "%s", titles[i]);
    for (size_t i = 0; i < task->inputs.count; i++) {
        const wk_summary *summary = &task->images[i];
        const wk_clipped *clipped = &summary->clipped;
        wk_summary_line line = {clipped->n,      none,        none, clipped->mean,
                                clipped->median, clipped->std};
        add_row(&table, wk_exposure_name(task->inputs.exposures[i]), "all", &summary->plain);
        add_row(&table, "", "finite", &summary->finite);
        add_row(&table, "", "good", &summary->good);
        add_row(&table, "", "clipped", &line);
    }
    wk_status status = cli_table_print(&table, stdout);
    cli_table_free(&table);
    return status;
}

static const char *const plane_names[WK_ACROSS_PLANES] = {"mean", "std", "min", "max", "count"};

static wk_status print_across_json(const stats_planes *planes, const cli_session *session,
                                   wk_error *error)
{
    wk_ledger *ledger;
    wk_status status = wk_ledger_create(&ledger, error);
    if (status)
        return status;
    cli_provenance_put(ledger, session);
    wk_ledger_open_object(ledger, "across");
    wk_ledger_integer(ledger, "files", (int64_t)planes->files);
    wk_ledger_integer(ledger, "images", (int64_t)planes->images);
    wk_ledger_integer(ledger, "width", planes->width);
    wk_ledger_integer(ledger, "height", planes->height);
    wk_ledger_integer(ledger, "empty", planes->width * planes->height - planes->lines[0].n);
    for (int k = 0; k < WK_ACROSS_PLANES; k++)
        put_line(ledger, plane_names[k], &planes->lines[k]);
    wk_ledger_close(ledger);
    status = cli_ledger_print(ledger, error);
    wk_ledger_free(ledger);
    return status;
}

wk_status stats_print_across(const stats_planes *planes, const cli_session *session,
                             wk_error *error)
{
    static const char *const titles[] = {"plane", "images", "n",      "min",
                                         "max",   "mean",   "median", "std"};
    char images[32];
    if (cli_get_switch(&session->options, "json"))
        return print_across_json(planes, session, error);
    cli_table table = {.align = "lrrrrrrr", .error = error};
    for (int i = 0; i < 8; i++)
        cli_table_add(&table, "%s", titles[i]);
    snprintf(images, sizeof images, "%zu", planes->images);
    for (int k = 0; k < WK_ACROSS_PLANES; k++)
        add_row(&table, plane_names[k], images, &planes->lines[k]);
    wk_status status = cli_table_print(&table, stdout);
    cli_table_free(&table);
    return status;
}

wk_status stats_print(const stats_task *task, wk_error *error)
{
    if (cli_get_switch(&task->session->options, "json"))
        return cli_images_print(task->session, put_image, task, task->inputs.count, error);
    return print_table(task, error);
}
