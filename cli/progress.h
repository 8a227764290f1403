/* What the user sees while it works, and how he stops it. */
#ifndef WELKIN_CLI_PROGRESS_H
#define WELKIN_CLI_PROGRESS_H

#include <signal.h>
#include <time.h>

#include "welkin/status.h"

/* The payload of the context's callbacks. */
typedef struct cli_progress {
    const char *command;
    wk_level least;        /* messages below this level are not shown */
    int silent;            /* nonzero: none at all */
    int bar;               /* nonzero: stderr is a terminal, and a bar is wanted */
    int drawn;             /* nonzero: a bar stands on the current line */
    char stage[32];        /* of the bar */
    struct timespec start; /* when the stage was first seen */
    int64_t start_bytes;   /* and what it had done by then */
    struct timespec last;  /* drawing */
} cli_progress;

/* What the signals did before. */
typedef struct cli_signals {
    struct sigaction interrupt, terminate, pipe, size;
} cli_signals;

/* SIGINT and SIGTERM from now on only ask to stop, so that hidden files are removed; a broken pipe
 * and a file too large fail as errors where they happen. */
void cli_signals_begin(cli_signals *before);
void cli_signals_end(const cli_signals *before);

/* WK_CANCELLED once the user has asked to stop. */
wk_status cli_check_cancel(wk_error *error);

/* Callbacks for wk_context. */
int cli_progress_show(const wk_progress *progress, void *payload);
void cli_progress_log(wk_level level, const char *message, void *payload);

/* Take the bar off the terminal. */
void cli_progress_clear(cli_progress *progress);

#endif
