/* What all commands share. */
#ifndef WELKIN_CLI_COMMON_H
#define WELKIN_CLI_COMMON_H

#include "welkin/exposure.h"
#include "welkin/status.h"

/* Zeroed room for count items; NULL and WK_MEMORY in error when there is none. */
void *cli_new(size_t count, size_t size, wk_error *error);

/* Grow *block to count items; on failure it is as it was. */
wk_status cli_grow(void **block, size_t count, size_t size, wk_error *error);

/* A copy of a text, and a text made by printf's rules; NULL and WK_MEMORY in error. */
char *cli_copy(const char *text, wk_error *error);
char *cli_format(wk_error *error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Fill error and return its code. */
wk_status cli_fail(wk_error *error, wk_status code, const char *subject, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* What the program's exit status is. */
int cli_exit_status(wk_status status);

/* The lines of a text file in order, without comments (# at the start or after a blank), blanks
 * around them, and empty lines.  Free with cli_lines_free. */
wk_status cli_lines_read(char ***lines, size_t *count, const char *path, wk_error *error);
void cli_lines_free(char **lines, size_t count);

/* The part of a path behind the last slash. */
const char *cli_base_name(const char *path);

/* How many characters of a file name are its stem: all before .fits, .fits.fz, .fit.gz, ... */
size_t cli_stem_length(const char *base);

#endif
