/* What made a result: program, version, command, and the options that matter. */
#ifndef WELKIN_CLI_PROVENANCE_H
#define WELKIN_CLI_PROVENANCE_H

#include "command.h"
#include "welkin/ledger.h"

/* Put an object "provenance". */
void cli_provenance_put(wk_ledger *ledger, const cli_session *session);

/* Print a document to standard output. */
wk_status cli_ledger_print(const wk_ledger *ledger, wk_error *error);

/* Put the image of this index, of a command's task, as an object. */
typedef void (*cli_put_image)(wk_ledger *ledger, const void *task, size_t index);

/* Print the document of a command that answers image by image: provenance, and an array "images".
 */
wk_status cli_images_print(const cli_session *session, cli_put_image put, const void *task,
                           size_t count, wk_error *error);

/* HISTORY lines of at most 72 characters, ended by NULL: the version, and what differs from the
 * defaults.  Threads, memory and names of outputs are left out: they do not change a result. */
wk_status cli_provenance_cards(char ***cards, const cli_session *session, wk_error *error);
void cli_provenance_cards_free(char **cards);

#endif
