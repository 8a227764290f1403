#include "butler_path.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "input.h"
#include "memory.h"
#include "status.h"

char *wk_path_join(const char *folder, const char *name, wk_error *error)
{
    size_t length = strlen(folder), room = length + strlen(name) + 2;
    char *path = wk_memory_new(room, 1, error);
    if (path)
        snprintf(path, room, "%s%s%s", folder, length && folder[length - 1] == '/' ? "" : "/",
                 name);
    return path;
}

char *wk_path_folder(const char *path, wk_error *error)
{
    const char *slash = strrchr(path, '/');
    char *folder = wk_memory_text(slash ? path : ".", error);
    if (folder && slash)
        folder[slash == path ? 1 : slash - path] = '\0';
    return folder;
}

size_t wk_uri_scheme(const char *text)
{
    size_t length = 0;
    if (!isalpha((unsigned char)text[0]))
        return 0;
    while (isalnum((unsigned char)text[length]) || (text[length] && strchr("+-.", text[length])))
        length++;
    if (!strncmp(text + length, "://", 3))
        return length;
    return !strncmp(text, "file:/", 6) ? 4 : 0;
}

static int digit(char letter)
{
    const char *digits = "0123456789abcdef";
    const char *place = letter ? strchr(digits, tolower((unsigned char)letter)) : NULL;
    return place ? (int)(place - digits) : -1;
}

wk_status wk_uri_decode(char **out, const char *text, const char *subject, wk_error *error)
{
    char *copy = wk_memory_text(text, error), *end = copy;
    if (!copy)
        return WK_MEMORY;
    for (const char *s = text; *s; s++) {
        int high = *s == '%' ? digit(s[1]) : -1, low = high < 0 ? -1 : digit(s[2]);
        if (low < 0) {
            *end++ = *s;
            continue;
        }
        if (high == 0 && low == 0) {
            wk_memory_free(copy);
            return wk_error_set(error, WK_HEADER, subject, "the path %.300s has a zero byte", text);
        }
        *end++ = (char)(high * 16 + low);
        s += 2;
    }
    *end = '\0';
    *out = copy;
    return WK_OK;
}

wk_status wk_uri_path(char **out, const char *text, const char *subject, wk_error *error)
{
    size_t scheme = wk_uri_scheme(text);
    if (scheme != 4 || strncmp(text, "file", 4) != 0)
        return wk_error_set(error, WK_HEADER, subject,
                            "%.300s is not on this system: only files of its own are read", text);
    const char *path = text + 5;
    if (!strncmp(path, "//", 2)) {
        path += 2;
        path += strncmp(path, "localhost/", 10) == 0 ? 9 : 0;
    }
    if (path[0] != '/')
        return wk_error_set(error, WK_HEADER, subject,
                            "%.300s is on another machine, or no absolute path", text);
    return wk_uri_decode(out, path, subject, error);
}

/* Whether the parts of a relative path climb above where they begin. */
static int climbs(const char *path)
{
    int depth = 0;
    while (*path) {
        size_t length = strcspn(path, "/");
        if (length == 2 && !strncmp(path, "..", 2))
            depth--;
        else if (length && !(length == 1 && *path == '.'))
            depth++;
        if (depth < 0)
            return 1;
        path += length;
        path += *path == '/';
    }
    return 0;
}

/* Whether path is inside root, both without links. */
static int is_inside(const char *root, const char *path)
{
    size_t length = strlen(root);
    while (length > 0 && root[length - 1] == '/')
        length--;
    return !strncmp(root, path, length) && path[length] == '/';
}

static wk_status no_real_path(const char *subject, const char *path, wk_error *error)
{
    return wk_error_set(error, errno == ENOMEM ? WK_MEMORY : WK_FILE, subject,
                        "%.300s cannot be followed: %s", path, wk_input_cause(errno));
}

static wk_status check_inside(const char *root, const char *path, const char *subject,
                              wk_error *error)
{
    char *real_root = realpath(root, NULL);
    if (!real_root)
        return no_real_path(subject, root, error);
    char *real = realpath(path, NULL);
    wk_status status = WK_OK;
    if (!real)
        status = no_real_path(subject, path, error);
    else if (!is_inside(real_root, real))
        status = wk_error_set(error, WK_HEADER, subject,
                              "the file %.300s leads out of the datastore, to %.100s", path, real);
    wk_memory_free(real); /* realpath's room is malloc's, as wk_memory_new's is */
    wk_memory_free(real_root);
    return status;
}

/* *found 0: there is nothing of this name. */
static wk_status look(int *found, int64_t *size, const char *path, const char *subject,
                      wk_error *error)
{
    struct stat facts;
    *found = stat(path, &facts) == 0;
    if (!*found)
        return errno == ENOENT || errno == ENOTDIR || errno == ENAMETOOLONG
                   ? WK_OK
                   : wk_error_set(error, WK_FILE, subject, "%.300s cannot be read: %s", path,
                                  wk_input_cause(errno));
    if (!S_ISREG(facts.st_mode))
        return wk_error_set(error, WK_FILE, subject, "%.300s is no regular file", path);
    *size = facts.st_size;
    return WK_OK;
}

/* Try one relative name. */
static wk_status try_relative(char **out, int *found, int64_t *size, const char *root,
                              const char *name, const char *subject, wk_error *error)
{
    if (climbs(name))
        return wk_error_set(error, WK_HEADER, subject, "the path %.300s leads out of the datastore",
                            name);
    char *path = wk_path_join(root, name, error);
    if (!path)
        return WK_MEMORY;
    wk_status status = look(found, size, path, subject, error);
    if (!status && *found)
        status = check_inside(root, path, subject, error);
    if (status)
        wk_memory_free(path);
    else
        *out = path;
    return status;
}

static wk_status find_relative(char **out, int *found, int64_t *size, const char *root,
                               const char *stored, const char *subject, wk_error *error)
{
    char *plain = NULL, *other = NULL;
    wk_status status = try_relative(out, found, size, root, stored, subject, error);
    if (status || *found)
        return status;
    if (strchr(stored, '#'))
        status = wk_error_set(error, WK_HEADER, subject,
                              "%.300s is a part of a file (#...), which is not read", stored);
    if (!status && strchr(stored, '%'))
        status = wk_uri_decode(&plain, stored, subject, error);
    if (plain)
        status = try_relative(&other, found, size, root, plain, subject, error);
    if (status || *found) {
        wk_memory_free(*out);
        *out = status ? NULL : other;
    } else {
        wk_memory_free(other);
    }
    wk_memory_free(plain);
    return status;
}

static wk_status find_absolute(char **out, int *found, int64_t *size, const char *stored,
                               const char *subject, wk_error *error)
{
    wk_status status = WK_OK;
    if (wk_uri_scheme(stored) && strchr(stored, '#'))
        return wk_error_set(error, WK_HEADER, subject,
                            "%.300s is a part of a file (#...), which is not read", stored);
    if (wk_uri_scheme(stored))
        status = wk_uri_path(out, stored, subject, error);
    else if (!(*out = wk_memory_text(stored, error)))
        status = WK_MEMORY;
    return status ? status : look(found, size, *out, subject, error);
}

wk_status wk_butler_path(char **out, int64_t *size, const char *root, const char *stored,
                         const char *subject, wk_error *error)
{
    int found = 0;
    *out = NULL;
    wk_status status = stored[0] == '/' || wk_uri_scheme(stored)
                           ? find_absolute(out, &found, size, stored, subject, error)
                           : find_relative(out, &found, size, root, stored, subject, error);
    if (!status && !found)
        status = wk_error_set(error, WK_FILE, subject,
                              "the file %.300s is recorded, but it is not there", *out);
    if (status) {
        wk_memory_free(*out);
        *out = NULL;
    }
    return status;
}
