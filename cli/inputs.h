/* The exposures in the files a user gives. */
#ifndef WELKIN_CLI_INPUTS_H
#define WELKIN_CLI_INPUTS_H

#include "command.h"
#include "welkin/exposure.h"

typedef struct cli_file {
    const char *path; /* as given, with its bracket */
    char *real;       /* without links; the same for two ways to one file */
    size_t twin;      /* the first of the files that are the same one */
    wk_exposure **exposures;
    size_t first, count; /* its exposures among all */
} cli_file;

typedef struct cli_inputs {
    cli_file *files;
    size_t file_count;
    const wk_exposure **exposures; /* of all files, in the order given */
    size_t *file_of;               /* the file of each */
    size_t count;
    const char **reals; /* real paths, sorted */
    char **planes;      /* real paths of masks and noise planes in files of their own, sorted */
    size_t plane_count;
} cli_inputs;

/* Open the headers of all files of the session.  WK_ARGUMENT when an exposure is given twice. */
wk_status cli_inputs_open(cli_inputs *inputs, cli_session *session, wk_error *error);

/* The same; lsst_bits: the planes that make a pixel bad in the lsst layout, if the user does not
 * say. */
wk_status cli_inputs_open_for(cli_inputs *inputs, cli_session *session, const char *lsst_bits,
                              wk_error *error);
void cli_inputs_free(cli_inputs *inputs);

/* Whether path leads to one of the files, or to one that holds a plane of theirs. */
int cli_inputs_hold(const cli_inputs *inputs, const char *path);

/* The file a user means: its path, else its name, else its stem.  WK_ARGUMENT when there is none
 * or more than one. */
wk_status cli_inputs_find(size_t *file, const cli_inputs *inputs, const char *name,
                          wk_error *error);

#endif
