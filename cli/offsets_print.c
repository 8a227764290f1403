#include <math.h>
#include <stdio.h>

#include "offsets_task.h"
#include "provenance.h"
#include "table.h"
#include "welkin/ledger.h"

void offsets_model_name(char *name, size_t size, wk_offset_model model, int order, int smooth)
{
    static const char *const names[] = {"nearest", "seed", "polynomial", "spline", "auto", "wcs"};
    if (model == WK_OFFSET_POLYNOMIAL)
        snprintf(name, size, "polynomial:%d", order);
    else if (model == WK_OFFSET_NEAREST && smooth)
        snprintf(name, size, "nearest, smooth");
    else
        snprintf(name, size, "%s", names[model]);
}

static void put_pair(wk_ledger *ledger, const char *name, const double pair[2])
{
    wk_ledger_open_object(ledger, name);
    wk_ledger_number(ledger, "x", pair[0]);
    wk_ledger_number(ledger, "y", pair[1]);
    wk_ledger_close(ledger);
}

static void put_axis(wk_ledger *ledger, const char *name, const wk_offset_summary *summary,
                     int axis)
{
    wk_ledger_open_object(ledger, name);
    wk_ledger_number(ledger, "min", summary->min[axis]);
    wk_ledger_number(ledger, "max", summary->max[axis]);
    wk_ledger_number(ledger, "mean", summary->mean[axis]);
    wk_ledger_close(ledger);
}

static void put_model(wk_ledger *ledger, wk_offset_model model, int order, int smooth)
{
    char name[48];
    offsets_model_name(name, sizeof name, model, order, 0);
    wk_ledger_text(ledger, "model", name);
    if (model == WK_OFFSET_NEAREST)
        wk_ledger_boolean(ledger, "fading", smooth);
}

static void put_trials(wk_ledger *ledger, const wk_offset_facts *facts)
{
    wk_ledger_open_array(ledger, "models");
    for (size_t i = 0; i < facts->trial_count; i++) {
        const wk_offset_trial *trial = &facts->trials[i];
        wk_ledger_open_object(ledger, NULL);
        put_model(ledger, trial->model, trial->order, trial->smooth);
        wk_ledger_boolean(ledger, "fitted", trial->fitted);
        put_pair(ledger, "leave_one_out_rms", trial->left_out);
        wk_ledger_number(ledger, "parameters", trial->parameters);
        wk_ledger_close(ledger);
    }
    wk_ledger_close(ledger);
}

static void put_match(wk_ledger *ledger, const offsets_task *task, const wk_star_match *match)
{
    wk_ledger_open_object(ledger, "match");
    wk_ledger_text(ledger, "reference", task->session->files[1]);
    wk_ledger_integer(ledger, "pairs", match->count);
    wk_ledger_number(ledger, "scale", match->scale);
    wk_ledger_number(ledger, "rotation", match->rotation);
    put_pair(ledger, "shift", match->shift);
    wk_ledger_number(ledger, "rms", match->rms);
    wk_ledger_close(ledger);
}

static void put_summary(wk_ledger *ledger, const wk_offset_summary *summary)
{
    put_axis(ledger, "x", summary, 0);
    put_axis(ledger, "y", summary, 1);
    wk_ledger_integer(ledger, "unknown", summary->unknown);
    wk_ledger_number(ledger, "largest_jump", summary->largest_jump);
    wk_ledger_open_array(ledger, "largest_jump_at");
    wk_ledger_integer(ledger, NULL, summary->jump_x);
    wk_ledger_integer(ledger, NULL, summary->jump_y);
    wk_ledger_close(ledger);
    wk_ledger_number(ledger, "largest_bend", summary->largest_bend);
    if (summary->outside >= 0) {
        put_pair(ledger, "error", summary->error);
        wk_ledger_integer(ledger, "outside_hull", summary->outside);
    }
}

static void put_entry(wk_ledger *ledger, const offsets_task *task, size_t index)
{
    const offsets_entry *entry = &task->entries[index];
    const wk_offset_facts *facts = &entry->facts;
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_text(ledger, "file", entry->file);
    if (index < task->outputs.count)
        wk_ledger_text(ledger, "output", task->outputs.paths[index]);
    wk_ledger_integer(ledger, "stars", facts->stars);
    wk_ledger_integer(ledger, "dropped", facts->dropped);
    wk_ledger_integer(ledger, "clipped", facts->clipped);
    wk_ledger_integer(ledger, "duplicates", facts->duplicates);
    wk_ledger_integer(ledger, "outside", facts->outside);
    wk_ledger_integer(ledger, "width", facts->width);
    wk_ledger_integer(ledger, "height", facts->height);
    put_model(ledger, facts->model, facts->order, !isnan(facts->smooth));
    wk_ledger_number(ledger, "smooth", facts->smooth);
    wk_ledger_number(ledger, "parameters", facts->parameters);
    put_summary(ledger, &entry->summary);
    put_pair(ledger, "leave_one_out_rms", facts->left_out);
    put_pair(ledger, "noise", facts->noise);
    if (task->options.model == WK_OFFSET_AUTO)
        put_trials(ledger, facts);
    if (entry->match.count)
        put_match(ledger, task, &entry->match);
    wk_ledger_close(ledger);
}

static wk_status print_json(const offsets_task *task, wk_error *error)
{
    wk_ledger *ledger;
    wk_status status = wk_ledger_create(&ledger, error);
    if (status)
        return status;
    cli_provenance_put(ledger, task->session);
    wk_ledger_open_array(ledger, "tables");
    for (size_t i = 0; i < task->count; i++)
        put_entry(ledger, task, i);
    wk_ledger_close(ledger);
    status = cli_ledger_print(ledger, error);
    wk_ledger_free(ledger);
    return status;
}

/* What auto has tried, best first. */
static void add_trials(cli_table *table, const offsets_entry *entry)
{
    for (size_t i = 0; i < entry->facts.trial_count; i++) {
        const wk_offset_trial *trial = &entry->facts.trials[i];
        char name[48];
        offsets_model_name(name, sizeof name, trial->model, trial->order, trial->smooth);
        cli_table_add(table, "%s", i ? "" : entry->file);
        cli_table_add(table, "%s%s", name, i ? "" : " (taken)");
        cli_table_number(table, trial->left_out[0], 5);
        cli_table_number(table, trial->left_out[1], 5);
        cli_table_number(table, trial->parameters, 1);
    }
}

static wk_status print_table(const offsets_task *task, wk_error *error)
{
    static const char *const titles[] = {"table",  "stars",        "model", "mean x",
                                         "mean y", "largest jump", "rms x", "rms y"};
    static const char *const others[] = {"table", "model", "rms x", "rms y", "parameters"};
    cli_table table = {.align = "lrlrrrrr", .error = error};
    cli_table trials = {.align = "llrrr", .error = error};
    const int best = task->options.model == WK_OFFSET_AUTO;
    for (int i = 0; i < 8; i++)
        cli_table_add(&table, "%s", titles[i]);
    for (int i = 0; i < 5 && best; i++)
        cli_table_add(&trials, "%s", others[i]);
    for (size_t i = 0; i < task->count; i++) {
        const offsets_entry *entry = &task->entries[i];
        char name[48];
        offsets_model_name(name, sizeof name, entry->facts.model, entry->facts.order,
                           !isnan(entry->facts.smooth));
        cli_table_add(&table, "%s", entry->file);
        cli_table_add(&table, "%lld", (long long)entry->facts.stars);
        cli_table_add(&table, "%s", name);
        cli_table_number(&table, entry->summary.mean[0], 3);
        cli_table_number(&table, entry->summary.mean[1], 3);
        cli_table_number(&table, entry->summary.largest_jump, 4);
        cli_table_number(&table, entry->facts.left_out[0], 4);
        cli_table_number(&table, entry->facts.left_out[1], 4);
        if (best)
            add_trials(&trials, entry);
    }
    wk_status status = table.status ? table.status : trials.status;
    if (!status)
        status = cli_table_print(&table, stdout);
    if (!status && trials.count) {
        printf("\nHow well stars are predicted by the others:\n");
        status = cli_table_print(&trials, stdout);
    }
    cli_table_free(&table);
    cli_table_free(&trials);
    return status;
}

wk_status offsets_print(const offsets_task *task, wk_error *error)
{
    if (cli_get_switch(&task->session->options, "json"))
        return print_json(task, error);
    return print_table(task, error);
}

static void warn_seed(const offsets_task *task, const offsets_entry *entry)
{
    const wk_offset_quirks *quirks = &task->options.quirks;
    const wk_offset_facts *facts = &entry->facts;
    if (facts->width < quirks->sections)
        cli_log(task->session, WK_LOG_WARNING,
                "%s: %lld columns are fewer than the %lld sections: nothing is computed, all "
                "offsets are 0, as in the notebook",
                entry->file, (long long)facts->width, (long long)quirks->sections);
    if (facts->dropped)
        cli_log(task->session, WK_LOG_WARNING,
                "%s: %lld of %lld rows hold no finite numbers: dropped, where the notebook writes "
                "zeros and says nothing",
                entry->file, (long long)facts->dropped, (long long)(facts->dropped + facts->stars));
    if (facts->stars == 1 && quirks->lose_first)
        cli_log(task->session, WK_LOG_WARNING,
                "%s: the notebook never uses the first star: with this one alone all offsets are 0",
                entry->file);
}

void offsets_warn(const offsets_task *task, const offsets_entry *entry)
{
    const wk_offset_facts *facts = &entry->facts;
    const wk_offset_summary *summary = &entry->summary;
    cli_session *session = task->session;
    if (entry->empty)
        cli_log(session, WK_LOG_WARNING, "%s: there is no star: all offsets are 0", entry->file);
    if (facts->dropped && task->options.model != WK_OFFSET_SEED)
        cli_log(session, WK_LOG_WARNING, "%s: %lld of %lld rows hold no finite numbers: dropped",
                entry->file, (long long)facts->dropped, (long long)(facts->dropped + facts->stars));
    if (facts->duplicates)
        cli_log(session, WK_LOG_WARNING, "%s: %lld star%s at the place of an earlier one",
                entry->file, (long long)facts->duplicates,
                facts->duplicates == 1 ? " stands" : "s stand");
    if (facts->stars > 0 && facts->outside == facts->stars)
        cli_log(session, WK_LOG_WARNING,
                "%s: all %lld stars are outside the image of %lld x %lld pixels: its offsets are "
                "extrapolated",
                entry->file, (long long)facts->stars, (long long)facts->width,
                (long long)facts->height);
    else if (facts->stars == 1 && facts->model != WK_OFFSET_SEED)
        cli_log(session, WK_LOG_WARNING, "%s: one star alone gives every pixel its offset",
                entry->file);
    if (facts->model == WK_OFFSET_SEED)
        warn_seed(task, entry);
    if (summary->unknown)
        cli_log(session, WK_LOG_WARNING, "%s: %lld pixels have no offset", entry->file,
                (long long)summary->unknown);
    if (summary->largest_jump > 1)
        cli_log(session, WK_LOG_WARNING,
                "%s: offsets of neighbouring pixels differ by up to %.3g pixels, near (%lld, %lld)",
                entry->file, summary->largest_jump, (long long)summary->jump_x,
                (long long)summary->jump_y);
}
