#include "match_task.h"

#include <math.h>

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
        wk_ledger_text(ledger, NULL, task->exposures[component->fields[i]].name);
    wk_ledger_close(ledger);
    wk_ledger_integer(ledger, "overlaps", component->overlaps);
    wk_ledger_number(ledger, "rms_before", component->rms_before);
    wk_ledger_number(ledger, "rms_after", component->rms_after);
    wk_ledger_close(ledger);
}

/* A reference is not among the exposures: null. */
static void put_field(wk_ledger *ledger, const match_task *task, const char *key, size_t field)
{
    if (field < task->count)
        wk_ledger_integer(ledger, key, (int64_t)field);
    else
        wk_ledger_null(ledger, key);
}

static void put_outlier(wk_ledger *ledger, const match_task *task, const wk_sky_outlier *outlier)
{
    wk_ledger_open_object(ledger, NULL);
    put_field(ledger, task, "exposure", outlier->field);
    put_field(ledger, task, "other", outlier->other);
    wk_ledger_integer(ledger, "exposures", outlier->exposures);
    wk_ledger_number(ledger, "ra", outlier->sky[0]);
    wk_ledger_number(ledger, "dec", outlier->sky[1]);
    wk_ledger_number(ledger, "x", outlier->place[0]);
    wk_ledger_number(ledger, "y", outlier->place[1]);
    wk_ledger_number(ledger, "value", outlier->value);
    wk_ledger_number(ledger, "residual", outlier->residual);
    wk_ledger_number(ledger, "sigma", outlier->sigma);
    wk_ledger_close(ledger);
}

static void put_outliers(wk_ledger *ledger, const match_task *task)
{
    const wk_sky_report *report = task->report;
    wk_ledger_integer(ledger, "outlying_values", report->outlying);
    wk_ledger_open_array(ledger, "outlying_cells");
    for (size_t i = 0; i < report->outlier_count; i++)
        put_outlier(ledger, task, &report->outliers[i]);
    wk_ledger_close(ledger);
    wk_ledger_open_array(ledger, "outlying_overlaps");
    for (size_t k = 0; k < report->overlap_count; k++) {
        if (!(fabs(report->pulls[k]) > 5.0))
            continue;
        wk_ledger_open_object(ledger, NULL);
        wk_ledger_integer(ledger, "overlap", (int64_t)k);
        wk_ledger_integer(ledger, "a", (int64_t)task->solution->overlaps[k].a);
        wk_ledger_integer(ledger, "b", (int64_t)task->solution->overlaps[k].b);
        wk_ledger_number(ledger, "pull", report->pulls[k]);
        wk_ledger_close(ledger);
    }
    wk_ledger_close(ledger);
}

static void put_weak_mode(wk_ledger *ledger, const match_task *task, size_t number)
{
    const wk_sky_weak_mode *mode = &task->report->weak_modes[number];
    size_t count = task->report->components[mode->component].count;
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_integer(ledger, "component", (int64_t)mode->component);
    wk_ledger_number(ledger, "error", mode->error);
    wk_ledger_number(ledger, "explained_by_plane", mode->plane);
    wk_ledger_number(ledger, "explained_by_quadratic", mode->quadratic);
    wk_ledger_open_array(ledger, "pattern");
    for (size_t i = 0; i < count; i++)
        wk_ledger_number(ledger, NULL, mode->pattern[i]);
    wk_ledger_close(ledger);
    wk_ledger_close(ledger);
}

void match_put_report(wk_ledger *ledger, const match_task *task)
{
    const wk_sky_report *report = task->report;
    put_outliers(ledger, task);
    wk_ledger_open_array(ledger, "connected_components");
    for (size_t i = 0; i < report->component_count; i++)
        put_component(ledger, task, i);
    wk_ledger_close(ledger);
    if (!report->weak_known) {
        wk_ledger_null(ledger, "weak_modes");
        return;
    }
    wk_ledger_open_array(ledger, "weak_modes");
    for (size_t i = 0; i < report->weak_mode_count; i++)
        put_weak_mode(ledger, task, i);
    wk_ledger_close(ledger);
}
