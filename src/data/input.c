#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "status.h"

const char *wk_input_cause(int code)
{
    switch (code) {
    case ENOENT:
        return "there is no such file";
    case EACCES:
        return "permission denied";
    case EMFILE:
    case ENFILE:
        return "too many files are open";
    case ENAMETOOLONG:
        return "the name is too long";
    case ENOTDIR:
        return "part of the path is not a directory";
    default:
        return "the system refuses it";
    }
}

wk_status wk_input_check(const char *path, const char *wanted, wk_error *error)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return wk_error_set(error, WK_FILE, path, "cannot be opened: %s", wk_input_cause(errno));
    if (S_ISDIR(info.st_mode))
        return wk_error_set(error, WK_FILE, path, "is a directory, not %s", wanted);
    if (!S_ISREG(info.st_mode))
        return wk_error_set(error, WK_FILE, path, "is not a regular file");
    if (info.st_size == 0)
        return wk_error_set(error, WK_FILE, path, "is empty");
    return WK_OK;
}

wk_status wk_input_look(wk_input_kind *kind, const char *path, const char *wanted, wk_error *error)
{
    static const char fits[] = "SIMPLE  =", gzip[] = "\037\213";
    char start[sizeof fits] = "";
    wk_status status = wk_input_check(path, wanted, error);
    if (status != WK_OK)
        return status;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return wk_error_set(error, WK_FILE, path, "cannot be opened: %s", wk_input_cause(errno));
    ssize_t got = read(descriptor, start, sizeof start - 1);
    int code = errno;
    close(descriptor);
    if (got < 0)
        return wk_error_set(error, WK_FILE, path, "cannot be read: %s", wk_input_cause(code));
    *kind = memcmp(start, fits, sizeof fits - 1) == 0   ? WK_INPUT_FITS
            : memcmp(start, gzip, sizeof gzip - 1) == 0 ? WK_INPUT_GZIP
                                                        : WK_INPUT_OTHER;
    return WK_OK;
}
