/* A file that is to be read: whether it can be, and what its first bytes say. */
#ifndef WELKIN_DATA_INPUT_H
#define WELKIN_DATA_INPUT_H

#include "welkin/status.h"

typedef enum wk_input_kind {
    WK_INPUT_OTHER = 0,
    WK_INPUT_FITS,
    WK_INPUT_GZIP /* of which CFITSIO makes FITS */
} wk_input_kind;

/* Why a file cannot be opened, by errno, in the same words everywhere. */
const char *wk_input_cause(int code);

/* A regular file with bytes; everything else is WK_FILE.  Readers would wait for ever on a pipe
 * and call most other things by one name.
 * Given   wanted   "a FITS file": what a directory is not */
wk_status wk_input_check(const char *path, const char *wanted, wk_error *error);

/* The kind of a file that wk_input_check lets pass. */
wk_status wk_input_look(wk_input_kind *kind, const char *path, const char *wanted, wk_error *error);

#endif
