#include "command.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common.h"
#include "provenance.h"
#include "section.h"
#include "welkin/ledger.h"
#include "welkin/simulate.h"

static void read_scene(wk_simulation_options *simulation, const cli_options *values)
{
    double sky[2];
    cli_get_range(sky, values, "sky");
    simulation->sky_low = sky[0];
    simulation->sky_high = sky[1];
    simulation->gradient = cli_get_real(values, "gradient");
    simulation->stars = cli_get_integer(values, "stars");
    simulation->galaxies = cli_get_integer(values, "galaxies");
    simulation->nebula = cli_get_real(values, "nebula");
    simulation->noise = cli_get_real(values, "noise");
    simulation->mask = cli_get_switch(values, "mask");
    simulation->seed = (uint64_t)cli_get_integer(values, "seed");
}

static wk_simulation_options read_options(const cli_options *values)
{
    static const wk_layout layouts[] = {WK_LAYOUT_STSCI, WK_LAYOUT_LSST, WK_LAYOUT_PLAIN};
    wk_simulation_options simulation = wk_simulation_options_default();
    int64_t size[2];
    cli_get_extent(size, values, "size");
    simulation.width = size[0];
    simulation.height = size[1];
    simulation.exposures = cli_get_integer(values, "exposures");
    simulation.detectors = cli_get_integer(values, "detectors");
    simulation.overlap = cli_get_real(values, "overlap");
    simulation.dither = cli_get_switch(values, "dither");
    simulation.rotation = cli_get_real(values, "rotation");
    simulation.distortion = (wk_distortion)cli_get_choice(values, "distortion");
    simulation.ra = cli_get_real(values, "ra");
    simulation.dec = cli_get_real(values, "dec");
    simulation.pixel_scale = cli_get_real(values, "pixel-scale");
    simulation.layout = layouts[cli_get_choice(values, "layout")];
    read_scene(&simulation, values);
    return simulation;
}

/* The document, to be freed with wk_ledger_text_free; *text stays NULL without --json. */
static wk_status make_json(char **text, const cli_session *session, const char *folder,
                           int64_t exposures, wk_error *error)
{
    wk_ledger *ledger;
    *text = NULL;
    if (!cli_get_switch(&session->options, "json"))
        return WK_OK;
    wk_status status = wk_ledger_create(&ledger, error);
    if (status)
        return status;
    cli_provenance_put(ledger, session);
    wk_ledger_text(ledger, "directory", folder);
    wk_ledger_integer(ledger, "exposures", exposures);
    status = wk_ledger_print(text, ledger, error);
    wk_ledger_free(ledger);
    return status;
}

static wk_status write_all(cli_session *session, const wk_simulation *simulation,
                           const char *folder, wk_error *error)
{
    int made = mkdir(folder, 0777) == 0;
    if (!made && errno != EEXIST)
        return cli_fail(error, WK_FILE, folder, "cannot be made: %s", strerror(errno));
    wk_status status =
        wk_simulation_write(simulation, folder, cli_get_switch(&session->options, "overwrite"),
                            &session->context, error);
    if (status < 0 && made)
        rmdir(folder);
    return status;
}

static wk_status run(cli_session *session, wk_error *error)
{
    const cli_options *values = &session->options;
    const char *folder = cli_get_text(values, "output-dir");
    wk_simulation_options scene = read_options(values);
    wk_simulation *simulation;
    char *text = NULL;
    if (!folder)
        return cli_fail(error, WK_ARGUMENT, "", "--output-dir is missing");
    wk_status status = wk_simulation_create(&simulation, &scene, error);
    if (status < 0)
        return status;
    /* nothing may fail once the files are there */
    status = make_json(&text, session, folder, scene.exposures, error);
    if (status >= 0)
        status = write_all(session, simulation, folder, error);
    wk_simulation_free(simulation);
    if (status >= 0 && text)
        fputs(text, stdout);
    else if (status >= 0 && !cli_get_switch(values, "quiet"))
        printf("%lld exposures and truth.json are in %s\n", (long long)scene.exposures, folder);
    wk_ledger_text_free(text);
    return status < 0 ? status : WK_OK;
}

static const cli_section *const sections[] = {&cli_simulate_section, &cli_general_section, NULL};

const cli_command cli_simulate = {
    .name = "simulate",
    .arguments = "",
    .summary = "make overlapping exposures of one sky, with known truth",
    .detail = "Writes overlapping exposures of one simulated sky, each with a level of its own, "
              "and beside them truth.json with what is true of each. The same seed gives the same "
              "bytes.",
    .sections = sections,
    .run = run,
};
