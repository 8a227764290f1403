/* Writing copies in which planes of exposures are changed. */
#ifndef WELKIN_CLI_EDITS_H
#define WELKIN_CLI_EDITS_H

#include "outputs.h"
#include "welkin/edit.h"

/* Fills the edit of one exposure; exposure and plane are set. */
typedef void (*cli_edit_make)(wk_plane_edit *edit, size_t exposure, void *payload);

/* Write the output of one job of the plan.  The exposure of each edit is told by its place among
 * the inputs. */
wk_status cli_edits_write(cli_outputs *outputs, size_t job, const cli_inputs *inputs,
                          cli_edit_make make, void *payload, cli_session *session, wk_error *error);

/* Write all outputs of the plan side by side.  After a failure none of them is left. */
wk_status cli_edits_write_all(cli_outputs *outputs, const cli_inputs *inputs, cli_edit_make make,
                              void *payload, cli_session *session, wk_error *error);

#endif
