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

static wk_status write_jobs(cli_outputs *outputs, const wk_edit_job *jobs, size_t count,
                            const wk_context *context, cli_session *session, wk_error *error)
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
        status = wk_exposures_edit_all(jobs, count, &options, context, error);
    cli_provenance_cards_free(cards);
    return status;
}

wk_status cli_edits_write(cli_outputs *outputs, size_t job, const cli_inputs *inputs,
                          cli_edit_make make, void *payload, cli_session *session, wk_error *error)
{
    const wk_output_job *of = &outputs->jobs[job];
    wk_context quiet = session->context; /* the progress is that of the caller's loop */
    wk_plane_edit *edits = cli_new(of->count, sizeof *edits, error);
    if (!edits)
        return WK_MEMORY;
    for (size_t i = 0; i < of->count; i++) {
        edits[i].exposure = of->edits[i].exposure;
        edits[i].plane = outputs->plane;
        make(&edits[i], place_of(inputs, of->edits[i].exposure), payload);
    }
    quiet.progress = NULL;
    const wk_edit_job one = {of->path, edits, of->count};
    wk_status status = write_jobs(outputs, &one, 1, &quiet, session, error);
    outputs->done += !status;
    free(edits);
    return status;
}

/* The edits of all exposures, those of a file together, and a job for each file. */
static void make_all(wk_edit_job *jobs, wk_plane_edit *edits, const cli_outputs *outputs,
                     const cli_inputs *inputs, cli_edit_make make, void *payload)
{
    for (size_t i = 0; i < inputs->count; i++) {
        wk_plane_edit *edit = &edits[outputs->place[i]];
        edit->exposure = inputs->exposures[i];
        edit->plane = outputs->plane;
        make(edit, i, payload);
    }
    for (size_t j = 0; j < outputs->count; j++) {
        const wk_output_job *job = &outputs->jobs[j];
        jobs[j] = (wk_edit_job){job->path, edits + (job->edits - outputs->edits), job->count};
    }
}

wk_status cli_edits_write_all(cli_outputs *outputs, const cli_inputs *inputs, cli_edit_make make,
                              void *payload, cli_session *session, wk_error *error)
{
    wk_plane_edit *edits = cli_new(inputs->count, sizeof *edits, error);
    wk_edit_job *jobs = cli_new(outputs->count, sizeof *jobs, error);
    wk_status status = edits && jobs ? WK_OK : WK_MEMORY;
    if (!status) {
        make_all(jobs, edits, outputs, inputs, make, payload);
        status = write_jobs(outputs, jobs, outputs->count, &session->context, session, error);
    }
    outputs->done = status ? 0 : outputs->count;
    free(edits);
    free(jobs);
    if (status)
        cli_outputs_undo(outputs, &session->options);
    return status;
}
