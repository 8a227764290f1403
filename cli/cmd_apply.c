#include "command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "inputs.h"
#include "outputs.h"
#include "provenance.h"
#include "section.h"
#include "stored.h"
#include "surfaces.h"
#include "welkin/ledger.h"

static const cli_option options[] = {
    {.name = "ledger",
     .type = CLI_INPUT,
     .argument = "FILE",
     .help = "the solution, as welkin match --ledger wrote it"},
    {.name = NULL},
};

static wk_status find_surfaces(wk_sky_surface **out, cli_outputs *outputs, const cli_inputs *inputs,
                               const cli_stored *stored, cli_session *session, wk_error *error)
{
    wk_sky_surface *surfaces = *out = cli_new(inputs->count, sizeof *surfaces, error);
    wk_status status = surfaces ? WK_OK : WK_MEMORY;
    for (size_t i = 0; i < inputs->count && !status; i++) {
        status = cli_stored_find(&surfaces[i], stored, inputs->exposures[i], error);
        if (status)
            break;
        int known = surfaces[i].terms > 0;
        cli_outputs_set(outputs, i, known ? surfaces[i].coefficients[0] : (double)NAN);
        if (!known)
            cli_log(session, WK_LOG_WARNING,
                    "%s: the sky is undetermined, the image is copied as it is",
                    wk_exposure_name(inputs->exposures[i]));
    }
    return status;
}

static wk_status check_options(const cli_options *values, wk_error *error)
{
    if (!cli_get_text(values, "ledger"))
        return cli_fail(error, WK_ARGUMENT, "", "--ledger is missing");
    if (!cli_outputs_wanted(values))
        return cli_fail(error, WK_ARGUMENT, "", "--output, --output-dir or --suffix is missing");
    return WK_OK;
}

static wk_status print_json(const cli_session *session, const cli_inputs *inputs,
                            const cli_outputs *outputs, wk_error *error)
{
    wk_ledger *ledger;
    wk_status status = wk_ledger_create(&ledger, error);
    if (status)
        return status;
    cli_provenance_put(ledger, session);
    wk_ledger_open_array(ledger, "exposures");
    for (size_t i = 0; i < inputs->count; i++) {
        const wk_level_edit *edit = &outputs->edits[outputs->place[i]];
        wk_ledger_open_object(ledger, NULL);
        wk_ledger_text(ledger, "file", wk_exposure_describe(edit->exposure)->file);
        wk_ledger_text(ledger, "detector", wk_exposure_describe(edit->exposure)->detector);
        wk_ledger_number(ledger, "sky", edit->valid ? edit->level : (double)NAN);
        wk_ledger_close(ledger);
    }
    wk_ledger_close(ledger);
    status = cli_ledger_print(ledger, error);
    wk_ledger_free(ledger);
    return status;
}

static wk_status run(cli_session *session, wk_error *error)
{
    cli_inputs inputs = {0};
    cli_outputs outputs = {0};
    cli_stored stored = {0};
    wk_sky_surface *surfaces = NULL;
    wk_status status = check_options(&session->options, error);
    if (!status)
        status = cli_stored_read(&stored, cli_get_text(&session->options, "ledger"), error);
    if (!status)
        status = cli_inputs_open(&inputs, session, error);
    if (!status)
        status = cli_outputs_plan(&outputs, &inputs, &session->options, error);
    if (!status)
        status = find_surfaces(&surfaces, &outputs, &inputs, &stored, session, error);
    if (!status)
        status =
            stored.order || stored.parts
                ? cli_surfaces_write(&outputs, &inputs, surfaces, stored.method, 1, session, error)
                : cli_outputs_write(&outputs, session, stored.method, 1, error);
    if (!status && cli_get_switch(&session->options, "json"))
        status = print_json(session, &inputs, &outputs, error);
    if (status)
        cli_outputs_undo(&outputs, &session->options);
    free(surfaces);
    cli_outputs_free(&outputs);
    cli_inputs_free(&inputs);
    cli_stored_free(&stored);
    return status;
}

static const cli_section own = {"Options", options, 0, 1};
static const cli_section *const sections[] = {
    &own, &cli_output_section, &cli_plane_section, &cli_choice_section, &cli_general_section, NULL};

const cli_command cli_apply = {
    .name = "apply",
    .arguments = "FILE...",
    .summary = "subtract a stored solution",
    .detail = "Subtracts the levels or surfaces of a ledger from files. An exposure is found in "
              "the ledger by "
              "its file's path, else its file's name, and its detector.",
    .sections = sections,
    .run = run,
};
