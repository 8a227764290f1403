#include "edits.h"

#include <stdlib.h>

#include "common.h"
#include "provenance.h"

/* The place among the inputs of an exposure of the plan. */
static size_t place_of(const cli_inputs *inputs, const wk_exposure *exposure)
{
    size_t i = 0;
    while (i < inputs->count && inputs->exposures[i] != exposure)
        i++;
    return i;
}

static wk_status write_job(cli_outputs *outputs, const wk_output_job *job,
                           const wk_plane_edit *edits, cli_session *session, wk_error *error)
{
    char **cards;
    wk_write_options options = wk_write_options_default();
    wk_status status = cli_provenance_cards(&cards, session, error);
    if (status)
        return status;
    options.overwrite = cli_get_switch(&session->options, "overwrite");
    options.durable = cli_get_switch(&session->options, "durable");
    options.cards = (const char *const *)cards;
    status = cli_outputs_folder(outputs, &session->options, error);
    if (!status)
        status =
            wk_exposures_edit(job->path, edits, job->count, &options, &session->context, error);
    cli_provenance_cards_free(cards);
    return status;
}

wk_status cli_edits_write(cli_outputs *outputs, size_t job, const cli_inputs *inputs,
                          cli_edit_make make, void *payload, cli_session *session, wk_error *error)
{
    const wk_output_job *of = &outputs->jobs[job];
    wk_plane_edit *edits = cli_new(of->count, sizeof *edits, error);
    if (!edits)
        return WK_MEMORY;
    for (size_t i = 0; i < of->count; i++) {
        edits[i].exposure = of->edits[i].exposure;
        edits[i].plane = outputs->plane;
        make(&edits[i], place_of(inputs, of->edits[i].exposure), payload);
    }
    wk_status status = write_job(outputs, of, edits, session, error);
    outputs->done += !status;
    free(edits);
    return status;
}
