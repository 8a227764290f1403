/* An output file that appears under its name when it is whole, or not at all.
 *
 * The bytes go to a hidden file of another name in the same folder; commit gives it its name.
 * A zeroed wk_output stands for none: it may be abandoned. */
#ifndef WELKIN_BASE_OUTPUT_H
#define WELKIN_BASE_OUTPUT_H

#include "welkin/status.h"

typedef struct wk_output {
    int fd; /* open for reading and writing */
    int overwrite;
    int durable;
    char *path;      /* the final name, also the subject of messages */
    char *temporary; /* NULL: the file has no name */
} wk_output;

/* Open a hidden file beside path.  WK_EXISTS when path is there and may not be overwritten, WK_FILE
 * when it cannot be made or when path is something else than a regular file (a device or a folder
 * is never replaced).  durable: commit waits until file and folder are on the disk.  After a
 * failure the output is none. */
wk_status wk_output_begin(wk_output *output, const char *path, int overwrite, int durable,
                          wk_error *error);

/* A file without a name in the folder of path, for what is only needed meanwhile; abandon it. */
wk_status wk_output_scratch(wk_output *scratch, const char *path, wk_error *error);

/* Write at the end of what wk_output_write wrote before. */
wk_status wk_output_write(wk_output *output, const void *data, size_t size, wk_error *error);

/* Write at a place counted from the start; wk_output_write's own place stays.  Several threads may
 * do so at once. */
wk_status wk_output_write_at(const wk_output *output, int64_t place, const void *data, size_t size,
                             wk_error *error);

/* Close, and give the file its name.  Without overwrite a file that appeared meanwhile stays
 * and the status is WK_EXISTS.  Whatever the status, the output is none afterwards. */
wk_status wk_output_commit(wk_output *output, wk_error *error);

/* Close and remove the hidden file; the output is none afterwards. */
void wk_output_abandon(wk_output *output);

/* WK_FILE with the system's words for cause (an errno): "cannot VERB: No space left on device". */
wk_status wk_output_failed(const char *path, const char *verb, int cause, wk_error *error);

#endif
