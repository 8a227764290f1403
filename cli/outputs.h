/* The files that are written from the files that were read. */
#ifndef WELKIN_CLI_OUTPUTS_H
#define WELKIN_CLI_OUTPUTS_H

#include "inputs.h"
#include "welkin/edit.h"

typedef struct cli_outputs {
    wk_output_job *jobs; /* one a file; paths and edits belong to this struct */
    size_t count;
    wk_level_edit *edits;  /* one an exposure, those of a file together */
    size_t *place;         /* of each exposure among the edits */
    char **paths;          /* [count] */
    size_t done;           /* how many of them, from the first on, are there */
    wk_plane plane;        /* the one whose file is copied; set before the plan */
    int made_folder;       /* nonzero: their folder was not there before */
    const char *beside[6]; /* figure, ledger, ..., once they are there; borrowed */
    size_t beside_count;
} cli_outputs;

/* Whether the user asked for written files. */
int cli_outputs_wanted(const cli_options *options);

/* Find the names and make sure, before any work, that they can be written. */
wk_status cli_outputs_plan(cli_outputs *outputs, const cli_inputs *inputs,
                           const cli_options *options, wk_error *error);
void cli_outputs_free(cli_outputs *outputs);

/* Say what is to be taken off an exposure; not finite: nothing. */
void cli_outputs_set(cli_outputs *outputs, size_t exposure, double level);

/* After a failure none of them is left. */
wk_status cli_outputs_write(cli_outputs *outputs, cli_session *session, const char *method,
                            int subtract, wk_error *error);

/* Make the folder of the outputs if it is missing. */
wk_status cli_outputs_folder(cli_outputs *outputs, const cli_options *options, wk_error *error);

/* Note that something else was written for this run; NULL is passed over. */
void cli_outputs_beside(cli_outputs *outputs, const char *path);

/* Remove what was written, for a run that fails later; what replaced something stays. */
void cli_outputs_undo(const cli_outputs *outputs, const cli_options *options);

/* WK_ARGUMENT unless a figure can have this name. */
wk_status cli_check_figure(const char *path, wk_error *error);

/* WK_EXISTS when path is there and may not be overwritten, WK_ARGUMENT when it is an input, WK_FILE
 * when its folder cannot be written into. */
wk_status cli_check_output(const char *path, const cli_inputs *inputs, const cli_options *options,
                           wk_error *error);

/* WK_ARGUMENT when a name (NULL: none) is also another one's or that of a planned output. */
wk_status cli_check_apart(const char *const *names, size_t count, const cli_outputs *outputs,
                          wk_error *error);

/* Nonzero if both are there and the same file, whatever their names. */
int cli_same_file(const char *a, const char *b);

#endif
