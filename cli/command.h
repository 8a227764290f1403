/* The command line as a function, and what a command is. */
#ifndef WELKIN_CLI_COMMAND_H
#define WELKIN_CLI_COMMAND_H

#include "option.h"
#include "progress.h"

typedef struct cli_session cli_session;

typedef struct cli_command {
    const char *name;
    const char *arguments;              /* "FILE...", "" or, where none may be given, "[FILE...]" */
    const char *summary;                /* a clause, small letters, no full stop */
    const char *detail;                 /* sentences */
    const cli_section *const *sections; /* NULL ends them */
    wk_status (*run)(cli_session *session, wk_error *error);
} cli_command;

/* One run of one command. */
struct cli_session {
    const cli_command *command;
    cli_options options;
    char **files; /* the arguments, @lists replaced by what they name */
    size_t file_count;
    cli_progress progress;
    wk_context context;
};

/* All of welkin's command line; the exit status.  Nothing is left behind: it may be called again.
 */
int welkin_main(int argc, char **argv);

/* The commands; NULL ends them. */
extern const cli_command *const cli_commands[];
extern const cli_command cli_info, cli_match, cli_cells, cli_apply, cli_background, cli_variance,
    cli_correlate, cli_offsets, cli_stats, cli_show, cli_get, cli_catalog, cli_simulate;

/* A message for the user while a command works. */
void cli_log(cli_session *session, wk_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What is made from the records. */
void cli_help_print(const cli_command *command, FILE *out);
void cli_overview_print(FILE *out);
void cli_manual_print(FILE *out);
void cli_completion_print(FILE *out);

#endif
