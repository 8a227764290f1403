/* One run of welkin background. */
#ifndef WELKIN_CLI_BACKGROUND_TASK_H
#define WELKIN_CLI_BACKGROUND_TASK_H

#include "edits.h"
#include "welkin/background.h"

typedef struct background_task {
    cli_session *session;
    wk_background_options options;
    cli_inputs inputs;
    cli_outputs outputs;
    wk_background **models; /* of each exposure; NULL: not yet, or no more needed */
    wk_background_summary *summaries;
    wk_mesh *meshes; /* of each exposure: only the numbers are used, not the arrays */
} background_task;

/* Whether model, rms or mesh are to be written; they are for all exposures together. */
int background_wants_maps(const background_task *task);
wk_status background_write_maps(background_task *task, wk_error *error);

/* The copy of one file less the models of its exposures. */
wk_status background_write_copy(background_task *task, size_t job, wk_error *error);

/* What is written of a single exposure: list and figure. */
wk_status background_write_singles(background_task *task, wk_error *error);

/* Print what was found, as a table or JSON. */
wk_status background_print(const background_task *task, wk_error *error);

/* --evaluate and --restore. */
int background_is_stored(const cli_session *session);
wk_status background_run_stored(cli_session *session, wk_error *error);

/* The level of a summary as members of an open JSON object. */
struct wk_ledger;
void background_put_level(struct wk_ledger *ledger, const wk_background_summary *summary);

/* Take the model off, or add it back: wk_plane_edit's change, its payload a background_change. */
typedef struct background_change {
    const wk_background *const *models; /* which add up in float32 */
    size_t count;
    double sign; /* of what is added to the pixels */
} background_change;
wk_status background_change_rows(void *payload, int worker, wk_rect rect, double *values,
                                 wk_error *error);

#endif
