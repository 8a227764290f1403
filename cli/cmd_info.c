#include "command.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "common.h"
#include "info.h"
#include "inputs.h"
#include "section.h"
#include "table.h"

/* A missing WCS is something to tell here, not a failure. */
static wk_status describe_wcs(info_facts *facts, wk_error *error)
{
    wk_wcs *wcs = NULL;
    wk_status status = wk_exposure_wcs(&wcs, facts->exposure, error);
    if (!status)
        status =
            wk_wcs_describe(&facts->wcs, wcs, facts->header->width, facts->header->height, error);
    wk_wcs_free(wcs);
    facts->has_wcs = !status;
    if (status != WK_WCS)
        return status;
    facts->wcs_error = *error;
    return WK_OK;
}

static wk_status gather(info_facts *facts, const wk_exposure *exposure, wk_pixels *pixels,
                        wk_error *error)
{
    facts->exposure = exposure;
    facts->header = wk_exposure_describe(exposure);
    wk_status status = describe_wcs(facts, error);
    if (!status)
        status = wk_exposure_load(pixels, exposure, 0, error);
    facts->bad = status ? 0 : pixels->width * pixels->height - pixels->good;
    return status;
}

static void add_row(cli_table *table, const info_facts *facts)
{
    const wk_exposure_header *header = facts->header;
    double pixels = (double)header->width * (double)header->height;
    cli_table_add(table, "%s", wk_exposure_name(facts->exposure));
    cli_table_add(table, "%s", info_layout_name(header->layout));
    cli_table_add(table, "%s", header->detector[0] ? header->detector : "-");
    cli_table_add(table, "%s", header->filter[0] ? header->filter : "-");
    cli_table_number(table, header->exposure_time, 1);
    cli_table_add(table, "%" PRId64 "x%" PRId64, header->width, header->height);
    cli_table_add(table, "%.2f%%", 100.0 * (double)facts->bad / pixels);
    cli_table_add(table, "%s", facts->has_wcs ? facts->wcs.distortion : "no WCS");
    cli_table_number(table, facts->has_wcs ? facts->wcs.pixel_scale : (double)NAN, 4);
    cli_table_number(table, facts->has_wcs ? facts->wcs.centre[0] : (double)NAN, 6);
    cli_table_number(table, facts->has_wcs ? facts->wcs.centre[1] : (double)NAN, 6);
}

static wk_status print_table(const info_facts *facts, size_t count, wk_error *error)
{
    static const char *const titles[] = {"exposure", "layout", "detector", "filter",
                                         "time",     "size",   "bad",      "distortion",
                                         "arcsec",   "ra",     "dec"};
    cli_table table = {.align = "llllrrrlrrr", .error = error};
    for (size_t i = 0; i < sizeof titles / sizeof *titles; i++)
        cli_table_add(&table, "%s", titles[i]);
    for (size_t i = 0; i < count; i++)
        add_row(&table, &facts[i]);
    wk_status status = cli_table_print(&table, stdout);
    cli_table_free(&table);
    return status;
}

static wk_status gather_all(info_facts *facts, const cli_inputs *inputs, cli_session *session,
                            wk_error *error)
{
    wk_pixels pixels = {0};
    wk_status status = WK_OK;
    for (size_t i = 0; i < inputs->count && !status; i++) {
        status = cli_check_cancel(error);
        if (!status)
            status = gather(&facts[i], inputs->exposures[i], &pixels, error);
        if (!status && !facts[i].has_wcs)
            cli_log(session, WK_LOG_WARNING, "%s: %s", wk_exposure_name(inputs->exposures[i]),
                    facts[i].wcs_error.message);
        else if (!status && facts[i].wcs.ignored_lookup)
            cli_log(session, WK_LOG_WARNING, "%s: distortions in lookup tables are not applied",
                    wk_exposure_name(inputs->exposures[i]));
    }
    wk_pixels_release(&pixels);
    return status;
}

static wk_status run(cli_session *session, wk_error *error)
{
    cli_inputs inputs;
    wk_status status = cli_inputs_open(&inputs, session, error);
    if (status)
        return status;
    info_facts *facts = cli_new(inputs.count, sizeof *facts, error);
    status = facts ? gather_all(facts, &inputs, session, error) : WK_MEMORY;
    if (!status && cli_get_switch(&session->options, "json"))
        status = info_print_json(facts, inputs.count, error);
    else if (!status)
        status = print_table(facts, inputs.count, error);
    free(facts);
    cli_inputs_free(&inputs);
    return status;
}

static const cli_section *const sections[] = {&cli_plane_section, &cli_choice_section,
                                              &cli_general_section, NULL};

const cli_command cli_info = {
    .name = "info",
    .arguments = "FILE...",
    .summary = "say what exposures are in files: planes, size, bad pixels, coordinates",
    .detail = "Says what exposures are in the files: where image, mask and noise plane are, size, "
              "bad pixels, the named bits of the mask, and the world coordinates.",
    .sections = sections,
    .run = run,
};
