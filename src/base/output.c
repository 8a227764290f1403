#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memory.h"
#include "status.h"

enum {
    NAME_PART = 200, /* of the name that is kept in the hidden one: names end at 255 bytes */
    NAME_TAIL = 64,
    TRIES = 100000
};

wk_status wk_output_failed(const char *path, const char *verb, int cause, wk_error *error)
{
    return wk_error_set(error, WK_FILE, path, "cannot %s: %s", verb, strerror(cause));
}

static wk_status exists(const char *path, wk_error *error)
{
    return wk_error_set(error, WK_EXISTS, path, "the output exists and may not be overwritten");
}

static size_t folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) + 1 : 0;
}

/* A link counts as what it points to, but a dangling one is there all the same. */
static wk_status check_target(const char *path, int overwrite, wk_error *error)
{
    struct stat target;
    if (path[folder_length(path)] == '\0')
        return wk_error_set(error, WK_FILE, path, "the output has no file name");
    if (lstat(path, &target) != 0)
        return WK_OK;
    if (!overwrite)
        return exists(path, error);
    if (stat(path, &target) == 0 && !S_ISREG(target.st_mode))
        return wk_error_set(error, WK_FILE, path, "the output exists and is not a regular file");
    return WK_OK;
}

/* Processes differ by their number, threads and leftovers by the count. */
static int open_hidden(char *temporary, size_t size, const char *path)
{
    size_t folder = folder_length(path);
    for (int i = 0; i < TRIES; i++) {
        snprintf(temporary, size, "%.*s.%.*s.welkin-%ld-%d.tmp", (int)folder, path, NAME_PART,
                 path + folder, (long)getpid(), i);
        int fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

static wk_status open_output(wk_output *output, const char *path, wk_error *error)
{
    size_t size = strlen(path) + NAME_TAIL;
    *output = (wk_output){.fd = -1};
    output->path = wk_memory_text(path, error);
    output->temporary = output->path ? wk_memory_raw(size, 1, error) : NULL;
    if (!output->temporary) {
        wk_output_abandon(output);
        return WK_MEMORY;
    }
    output->fd = open_hidden(output->temporary, size, path);
    if (output->fd >= 0)
        return WK_OK;
    int cause = errno;
    wk_memory_free(output->temporary);
    output->temporary = NULL;
    wk_output_abandon(output);
    return wk_output_failed(path, "write here", cause, error);
}

wk_status wk_output_begin(wk_output *output, const char *path, int overwrite, int durable,
                          wk_error *error)
{
    *output = (wk_output){0};
    wk_status status = check_target(path, overwrite, error);
    if (status == WK_OK)
        status = open_output(output, path, error);
    if (status != WK_OK)
        return status;
    output->overwrite = overwrite;
    output->durable = durable;
    return WK_OK;
}

wk_status wk_output_scratch(wk_output *scratch, const char *path, wk_error *error)
{
    wk_status status = open_output(scratch, path, error);
    if (status != WK_OK)
        return status;
    unlink(scratch->temporary);
    wk_memory_free(scratch->temporary);
    scratch->temporary = NULL;
    return WK_OK;
}

wk_status wk_output_write(wk_output *output, const void *data, size_t size, wk_error *error)
{
    const char *from = data;
    while (size > 0) {
        ssize_t done = write(output->fd, from, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return wk_output_failed(output->path, "write", done < 0 ? errno : ENOSPC, error);
        from += done;
        size -= (size_t)done;
    }
    return WK_OK;
}

wk_status wk_output_write_at(const wk_output *output, int64_t place, const void *data, size_t size,
                             wk_error *error)
{
    const char *from = data;
    while (size > 0) {
        ssize_t done = pwrite(output->fd, from, size, (off_t)place);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return wk_output_failed(output->path, "write", done < 0 ? errno : ENOSPC, error);
        from += done;
        place += done;
        size -= (size_t)done;
    }
    return WK_OK;
}

static wk_status close_file(wk_output *output, wk_error *error)
{
    int cause = output->durable && fsync(output->fd) != 0 ? errno : 0;
    if (close(output->fd) != 0 && cause == 0 && errno != EINTR)
        cause = errno;
    output->fd = -1;
    return cause ? wk_output_failed(output->path, "write", cause, error) : WK_OK;
}

/* The last resort, for file systems with neither a guarded rename nor links; a file that appears
 * between the two calls is lost. */
static int publish_checked(const char *from, const char *to)
{
    struct stat target;
    if (lstat(to, &target) == 0) {
        errno = EEXIST;
        return -1;
    }
    return rename(from, to);
}

static int publish_linked(const char *from, const char *to)
{
    if (link(from, to) == 0) {
        unlink(from);
        return 0;
    }
    return errno == EEXIST ? -1 : publish_checked(from, to);
}

static int publish_new(const char *from, const char *to)
{
#ifdef RENAME_NOREPLACE
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != ENOSYS && errno != EINVAL)
        return -1;
#endif
    return publish_linked(from, to);
}

static wk_status publish(wk_output *output, wk_error *error)
{
    int failed = output->overwrite ? rename(output->temporary, output->path)
                                   : publish_new(output->temporary, output->path);
    if (failed && errno == EEXIST)
        return exists(output->path, error);
    if (failed)
        return wk_output_failed(output->path, "give the output its name", errno, error);
    wk_memory_free(output->temporary);
    output->temporary = NULL;
    return WK_OK;
}

/* The folder's descriptor; what can fail here fails before the output has its name. */
static wk_status open_folder(int *fd, const wk_output *output, wk_error *error)
{
    size_t length = folder_length(output->path);
    char *folder = wk_memory_text(length ? output->path : ".", error);
    if (!folder)
        return WK_MEMORY;
    if (length)
        folder[length] = '\0';
    *fd = open(folder, O_RDONLY | O_CLOEXEC);
    int cause = errno;
    wk_memory_free(folder);
    return *fd < 0 ? wk_output_failed(output->path, "sync the folder", cause, error) : WK_OK;
}

/* Some file systems have no way to sync a folder and say EINVAL: nothing more can be done there. */
static wk_status sync_folder(int fd, const char *path, wk_error *error)
{
    if (fsync(fd) == 0 || errno == EINVAL)
        return WK_OK;
    return wk_output_failed(path, "sync the folder", errno, error);
}

wk_status wk_output_commit(wk_output *output, wk_error *error)
{
    int folder = -1;
    wk_status status = close_file(output, error);
    if (status == WK_OK && output->durable)
        status = open_folder(&folder, output, error);
    if (status == WK_OK)
        status = publish(output, error);
    if (status == WK_OK && folder >= 0)
        status = sync_folder(folder, output->path, error);
    if (folder >= 0)
        close(folder);
    wk_output_abandon(output);
    return status;
}

void wk_output_abandon(wk_output *output)
{
    if (!output->path)
        return;
    if (output->fd >= 0)
        close(output->fd);
    if (output->temporary)
        unlink(output->temporary);
    wk_memory_free(output->temporary);
    wk_memory_free(output->path);
    *output = (wk_output){0};
}
