/* Exposures that a catalogue names, as arguments of a command. */
#ifndef WELKIN_CLI_CATALOG_CHOICE_H
#define WELKIN_CLI_CATALOG_CHOICE_H

#include "command.h"
#include "welkin/catalog.h"

/* Names in order: FILE where all exposures of a file are chosen, else FILE[HDU] of each.  Start
 * from all zero bytes. */
typedef struct cli_names {
    char **names;
    size_t count, room;
    char *file; /* of the last exposures, and how many of its siblings have come */
    int64_t come, siblings;
    size_t first; /* the name of the first of them */
} cli_names;

/* A wk_catalog_take whose payload is a cli_names. */
wk_status cli_names_take(const wk_catalog_entry *entry, void *names, wk_error *error);

/* After the last exposure. */
void cli_names_end(cli_names *names);
void cli_names_free(cli_names *names);

/* Nonzero if a command takes exposures from catalogues. */
int cli_takes_catalog(const cli_command *command);

/* Add what --catalog and --where choose to the files of the session.  WK_NO_DATA: nothing. */
wk_status cli_catalog_choose(cli_session *session, wk_error *error);

#endif
