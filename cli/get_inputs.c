#include <math.h>
#include <stdio.h>

#include "get_task.h"
#include "provenance.h"
#include "table.h"
#include "welkin/coadd.h"

static void put_input(wk_ledger *ledger, const wk_coadd_input *input, int detector)
{
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_integer(ledger, "id", input->id);
    if (detector)
        wk_ledger_integer(ledger, "visit", input->visit);
    if (detector && input->detector >= 0)
        wk_ledger_integer(ledger, "detector", input->detector);
    else if (detector)
        wk_ledger_null(ledger, "detector");
    wk_ledger_number(ledger, "weight", input->weight);
    wk_ledger_text(ledger, "filter", input->filter[0] ? input->filter : NULL);
    wk_ledger_close(ledger);
}

static void put_list(wk_ledger *ledger, const char *key, const wk_coadd_input *list, size_t count,
                     int detector)
{
    wk_ledger_open_array(ledger, key);
    for (size_t i = 0; i < count; i++)
        put_input(ledger, &list[i], detector);
    wk_ledger_close(ledger);
}

static wk_status print_json(const wk_coadd_inputs *inputs, const cli_session *session,
                            const char *path, const wk_butler_dataset *dataset, wk_error *error)
{
    wk_ledger *ledger;
    wk_status status = wk_ledger_create(&ledger, error);
    if (status)
        return status;
    cli_provenance_put(ledger, session);
    if (dataset)
        get_put_dataset(ledger, dataset);
    else
        wk_ledger_text(ledger, "file", path);
    put_list(ledger, "visits", inputs->visits, inputs->visit_count, 0);
    put_list(ledger, "detectors", inputs->detectors, inputs->detector_count, 1);
    status = cli_ledger_print(ledger, error);
    wk_ledger_free(ledger);
    return status;
}

/* The visits; weight and filter where the file has them. */
static wk_status print_table(const wk_coadd_inputs *inputs, wk_error *error)
{
    static const char *const aligns[] = {"r", "rr", "rl", "rrl"};
    cli_table table = {.align = aligns[2 * !!inputs->has_filter + !!inputs->has_weight],
                       .error = error};
    cli_table_add(&table, "visit");
    if (inputs->has_weight)
        cli_table_add(&table, "weight");
    if (inputs->has_filter)
        cli_table_add(&table, "filter");
    for (size_t i = 0; i < inputs->visit_count; i++) {
        const wk_coadd_input *visit = &inputs->visits[i];
        cli_table_add(&table, "%lld", (long long)visit->id);
        if (inputs->has_weight && isnan(visit->weight))
            cli_table_add(&table, "-");
        else if (inputs->has_weight)
            cli_table_add(&table, "%.10g", visit->weight);
        if (inputs->has_filter)
            cli_table_add(&table, "%s", visit->filter);
    }
    wk_status status = cli_table_print(&table, stdout);
    cli_table_free(&table);
    return status;
}

wk_status get_inputs(const get_task *task, const char *path, const wk_butler_dataset *dataset,
                     wk_error *error)
{
    wk_coadd_inputs inputs;
    wk_status status = wk_coadd_inputs_read(&inputs, path, error);
    if (status)
        return status;
    status = cli_get_switch(&task->session->options, "json")
                 ? print_json(&inputs, task->session, path, dataset, error)
                 : print_table(&inputs, error);
    wk_coadd_inputs_release(&inputs);
    return status;
}
