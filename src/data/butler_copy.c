/* Copies of a repository's files, and what an output may not replace. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "butler_registry.h"
#include "input.h"
#include "memory.h"
#include "output.h"
#include "status.h"
#include "welkin/butler.h"

enum { PIECE = 1 << 20 };

/* Whether path, without links, is folder or in it. */
static int is_in(const char *folder, const char *path)
{
    char *real = realpath(folder, NULL);
    size_t length = real ? strlen(real) : 0;
    while (length > 0 && real[length - 1] == '/')
        length--;
    int in = real && !strncmp(real, path, length) && (path[length] == '/' || !path[length]);
    wk_memory_free(real);
    return in;
}

int wk_butler_owns(const wk_butler *butler, const char *path)
{
    const wk_butler_config *config = &butler->config;
    const char *const all[] = {config->root, config->datastore, config->database, config->file};
    char *real = realpath(path, NULL);
    int owns = 0;
    for (int i = 0; real && i < 4 && !owns; i++)
        owns = is_in(all[i], real);
    wk_memory_free(real);
    return owns;
}

static wk_status report(const wk_context *context, int64_t done, int64_t total, wk_error *error)
{
    wk_progress progress = {"copy", done, total, done};
    if (context && context->progress && context->progress(&progress, context->payload))
        return wk_error_set(error, WK_CANCELLED, "", "cancelled");
    return WK_OK;
}

static wk_status copy_bytes(wk_output *output, int descriptor, const wk_butler_file *file,
                            const wk_context *context, wk_error *error)
{
    int64_t done = 0;
    ssize_t got = 1;
    char *piece = wk_memory_raw(PIECE, 1, error);
    wk_status status = piece ? WK_OK : WK_MEMORY;
    while (!status && got > 0) {
        do
            got = read(descriptor, piece, PIECE);
        while (got < 0 && errno == EINTR);
        if (got < 0)
            status = wk_error_set(error, WK_FILE, file->path, "cannot be read: %s",
                                  wk_input_cause(errno));
        else if (got > 0)
            status = wk_output_write(output, piece, (size_t)got, error);
        done += got > 0 ? got : 0;
        if (!status)
            status = report(context, done, file->size > done ? file->size : done, error);
    }
    wk_memory_free(piece);
    if (!status && done != file->size)
        status = wk_error_set(error, WK_FILE, file->path, "has changed while it was copied");
    return status;
}

wk_status wk_butler_copy(const char *output, const wk_butler_file *file, int overwrite, int durable,
                         const wk_context *context, wk_error *error)
{
    wk_output out = {0};
    wk_status status = wk_input_check(file->path, "a file of a dataset", error);
    if (status)
        return status;
    int descriptor = open(file->path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return wk_error_set(error, WK_FILE, file->path, "cannot be opened: %s",
                            wk_input_cause(errno));
    status = wk_output_begin(&out, output, overwrite, durable, error);
    if (!status)
        status = copy_bytes(&out, descriptor, file, context, error);
    if (!status)
        status = wk_output_commit(&out, error);
    else
        wk_output_abandon(&out);
    close(descriptor);
    return status;
}
