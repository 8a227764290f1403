#include "command.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "inputs.h"
#include "outputs.h"
#include "section.h"
#include "welkin/ledger.h"

static const cli_option options[] = {
    {.name = "ledger",
     .type = CLI_INPUT,
     .argument = "FILE",
     .help = "the solution, as welkin match --ledger wrote it"},
    {.name = NULL},
};

/* One exposure of the ledger; texts are borrowed from it. */
typedef struct stored_level {
    const char *file, *base, *detector;
    double hdu, sky;
} stored_level;

typedef struct stored_solution {
    wk_ledger *ledger;
    stored_level *list;
    size_t count;
    const char *method;
} stored_solution;

static void reach(char *path, size_t size, size_t index, const char *key)
{
    snprintf(path, size, "exposures/%zu/%s", index, key);
}

static wk_status read_entry(stored_level *entry, const wk_ledger *ledger, size_t index,
                            const char *file, wk_error *error)
{
    char path[64];
    int found;
    reach(path, sizeof path, index, "file");
    entry->file = wk_ledger_get_text(ledger, path);
    reach(path, sizeof path, index, "detector");
    entry->detector = wk_ledger_get_text(ledger, path);
    reach(path, sizeof path, index, "hdu");
    entry->hdu = wk_ledger_get_number(ledger, path, NULL);
    reach(path, sizeof path, index, "sky");
    entry->sky = wk_ledger_get_number(ledger, path, &found);
    if (!entry->file || !found)
        return cli_fail(error, WK_FILE, file, "exposures/%zu has no file or no sky", index);
    entry->base = cli_base_name(entry->file);
    return WK_OK;
}

static wk_status read_entries(stored_solution *stored, const char *file, wk_error *error)
{
    wk_status status = wk_ledger_read(&stored->ledger, file, error);
    if (status)
        return status;
    int64_t count = wk_ledger_length(stored->ledger, "exposures");
    stored->method = wk_ledger_get_text(stored->ledger, "method");
    if (count < 0 || !stored->method)
        return cli_fail(error, WK_FILE, file, "is no solution: it has no exposures or no method");
    stored->list = cli_new((size_t)count, sizeof *stored->list, error);
    if (!stored->list)
        return WK_MEMORY;
    stored->count = (size_t)count;
    for (size_t i = 0; i < stored->count && !status; i++)
        status = read_entry(&stored->list[i], stored->ledger, i, file, error);
    return status;
}

/* How well an entry fits: the path or the name of the file, then detector and HDU; 0: not at all.
 * The HDU decides among detectors of one name, but a file may have got other HDUs meanwhile. */
static int fit(const stored_level *entry, const wk_exposure_header *header)
{
    int file = !strcmp(entry->file, header->file)                  ? 8
               : !strcmp(entry->base, cli_base_name(header->file)) ? 4
                                                                   : 0;
    int detector = entry->detector && !strcmp(entry->detector, header->detector);
    int hdu = entry->hdu == (double)header->image_hdu;
    return file && (detector || (!entry->detector && hdu)) ? file + 2 * detector + hdu : 0;
}

static wk_status find_level(double *level, const stored_solution *stored,
                            const wk_exposure *exposure, wk_error *error)
{
    const wk_exposure_header *header = wk_exposure_describe(exposure);
    int best = 0, count = 0;
    for (size_t i = 0; i < stored->count; i++) {
        int now = fit(&stored->list[i], header);
        if (now > best) {
            best = now;
            count = 0;
            *level = stored->list[i].sky;
        }
        count += now && now == best;
    }
    if (count == 1)
        return WK_OK;
    return cli_fail(error, WK_ARGUMENT, wk_exposure_name(exposure), "%s",
                    count ? "the ledger has more than one level for it"
                          : "the ledger has no level for it");
}

static wk_status set_levels(cli_outputs *outputs, const cli_inputs *inputs,
                            const stored_solution *stored, cli_session *session, wk_error *error)
{
    wk_status status = WK_OK;
    for (size_t i = 0; i < inputs->count && !status; i++) {
        double level = (double)NAN;
        status = find_level(&level, stored, inputs->exposures[i], error);
        if (status)
            break;
        cli_outputs_set(outputs, i, level);
        if (isnan(level))
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

static wk_status run(cli_session *session, wk_error *error)
{
    cli_inputs inputs = {0};
    cli_outputs outputs = {0};
    stored_solution stored = {0};
    wk_status status = check_options(&session->options, error);
    if (!status)
        status = read_entries(&stored, cli_get_text(&session->options, "ledger"), error);
    if (!status)
        status = cli_inputs_open(&inputs, session, error);
    if (!status)
        status = cli_outputs_plan(&outputs, &inputs, &session->options, error);
    if (!status)
        status = set_levels(&outputs, &inputs, &stored, session, error);
    if (!status)
        status = cli_outputs_write(&outputs, session, stored.method, 1, error);
    cli_outputs_free(&outputs);
    cli_inputs_free(&inputs);
    free(stored.list);
    wk_ledger_free(stored.ledger);
    return status;
}

static const cli_section own = {"Options", options, 0, 1};
static const cli_section *const sections[] = {&own, &cli_output_section, &cli_plane_section,
                                              &cli_general_section, NULL};

const cli_command cli_apply = {
    .name = "apply",
    .arguments = "FILE...",
    .summary = "subtract a stored solution",
    .detail = "Subtracts the levels of a ledger from files. An exposure is found in the ledger by "
              "its file's path, else its file's name, and its detector.",
    .sections = sections,
    .run = run,
};
