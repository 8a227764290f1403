/* Paths as repositories have them: relative ones, file: URIs, %XX. */
#ifndef WELKIN_DATA_BUTLER_PATH_H
#define WELKIN_DATA_BUTLER_PATH_H

#include "welkin/status.h"

/* folder/name; NULL without memory. */
char *wk_path_join(const char *folder, const char *name, wk_error *error);

/* The folder in which a path stands, "." for a bare name. */
char *wk_path_folder(const char *path, wk_error *error);

/* How many characters a scheme has ("s3" of s3://...); 0: the text is a plain path. */
size_t wk_uri_scheme(const char *text);

/* A copy with %XX replaced by its byte; WK_HEADER for %00.  What is no %XX stays. */
wk_status wk_uri_decode(char **out, const char *text, const char *subject, wk_error *error);

/* The path of a file: URI; WK_HEADER for another scheme, another machine or a relative path. */
wk_status wk_uri_path(char **out, const char *text, const char *subject, wk_error *error);

/* The file of a record.
 * Given      root     the datastore's folder
 *            stored   as the record has it: relative to root, with or without %XX, or absolute
 *            subject  of messages
 * Returned   out      caller frees with wk_memory_free
 * Status     WK_FILE    missing, or no regular file
 *            WK_HEADER  leads out of root, by .. or a symbolic link; a part of a file (#...);
 * another scheme than file: */
wk_status wk_butler_path(char **out, int64_t *size, const char *root, const char *stored,
                         const char *subject, wk_error *error);

#endif
