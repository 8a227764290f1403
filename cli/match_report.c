#include "match_task.h"

static void put_covariance(wk_ledger *ledger, const wk_solution *solution, size_t index)
{
    int terms = solution->surfaces[index].terms;
    wk_ledger_open_array(ledger, "covariance");
    for (int r = 0; r < terms; r++) {
        wk_ledger_open_array(ledger, NULL);
        for (int c = 0; c < terms; c++)
            wk_ledger_number(ledger, NULL, solution->covariances[index][r * terms + c]);
        wk_ledger_close(ledger);
    }
    wk_ledger_close(ledger);
}

void match_put_fit(wk_ledger *ledger, const match_task *task, size_t index)
{
    const wk_sky_fit *fit = &task->report->fits[index];
    put_covariance(ledger, task->solution, index);
    wk_ledger_integer(ledger, "cells", fit->cells);
    wk_ledger_number(ledger, "chi2", fit->chi2);
    wk_ledger_number(ledger, "chi2_expected", fit->expected);
    wk_ledger_number(ledger, "pull", fit->pull);
    wk_ledger_integer(ledger, "outliers", fit->outliers);
}

static void put_component(wk_ledger *ledger, const match_task *task, size_t number)
{
    const wk_sky_component *component = &task->report->components[number];
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_open_array(ledger, "exposures");
    for (size_t i = 0; i < component->count; i++)
        wk_ledger_integer(ledger, NULL, (int64_t)component->fields[i]);
    wk_ledger_close(ledger);
    wk_ledger_open_array(ledger, "names");
    for (size_t i = 0; i < component->count; i++)
        wk_ledger_text(ledger, NULL, task->fields[component->fields[i]].name);
    wk_ledger_close(ledger);
    wk_ledger_integer(ledger, "overlaps", component->overlaps);
    wk_ledger_number(ledger, "rms_before", component->rms_before);
    wk_ledger_number(ledger, "rms_after", component->rms_after);
    wk_ledger_close(ledger);
}

void match_put_report(wk_ledger *ledger, const match_task *task)
{
    const wk_sky_report *report = task->report;
    wk_ledger_open_array(ledger, "connected_components");
    for (size_t i = 0; i < report->component_count; i++)
        put_component(ledger, task, i);
    wk_ledger_close(ledger);
}
