#include "common.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>

/* Large buffers lie in large pages where the system has them, as the library's do: to touch some
 * ten thousand small pages for the first time takes longer than to read an image. */
static void advise(void *block, size_t bytes)
{
#if defined(MADV_HUGEPAGE)
    const uintptr_t page = 4096;
    uintptr_t first = ((uintptr_t)block + page - 1) / page * page, end = (uintptr_t)block + bytes;
    if (bytes >= (size_t)1 << 22)
        madvise((void *)first, (end - first) / page * page, MADV_HUGEPAGE); /* may be refused */
#else
    (void)block, (void)bytes;
#endif
}

void *cli_new(size_t count, size_t size, wk_error *error)
{
    void *block = calloc(count ? count : 1, size);
    if (!block)
        cli_fail(error, WK_MEMORY, "", "no memory for %zu items of %zu bytes", count, size);
    else
        advise(block, count * size);
    return block;
}

wk_status cli_grow(void **block, size_t count, size_t size, wk_error *error)
{
    void *grown = count > SIZE_MAX / 2 / size ? NULL : realloc(*block, count * size);
    if (!grown)
        return cli_fail(error, WK_MEMORY, "", "no memory for %zu items of %zu bytes", count, size);
    *block = grown;
    advise(grown, count * size);
    return WK_OK;
}

char *cli_copy(const char *text, wk_error *error)
{
    char *copy = cli_new(strlen(text) + 1, 1, error);
    return copy ? strcpy(copy, text) : NULL;
}

char *cli_format(wk_error *error, const char *format, ...)
{
    char *text;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length >= 0)
        return text;
    cli_fail(error, WK_MEMORY, "", "no memory for a text");
    return NULL;
}

wk_status cli_fail(wk_error *error, wk_status code, const char *subject, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    snprintf(error->subject, sizeof error->subject, "%s", subject);
    error->code = code;
    return code;
}

int cli_exit_status(wk_status status)
{
    switch (status) {
    case WK_OK:
    case WK_DISCONNECTED:
    case WK_SPARSE:
        return 0;
    case WK_WCS:
    case WK_NO_DATA:
    case WK_NO_OVERLAP:
    case WK_NO_CONVERGENCE:
        return 1;
    case WK_ARGUMENT:
        return 2;
    case WK_FILE:
    case WK_HEADER:
    case WK_EXISTS:
        return 3;
    case WK_MEMORY:
        return 4;
    case WK_CANCELLED:
        return 130;
    }
    return 1;
}

/* Cut comment and blanks off; the first character that counts. */
static char *trim(char *line)
{
    char *start = line + strspn(line, " \t");
    char *end = start;
    for (char *s = start; *s && *s != '\n' && *s != '\r'; s++) {
        int blank_before = s == start || s[-1] == ' ' || s[-1] == '\t';
        if (*s == '#' && blank_before)
            break;
        if (*s != ' ' && *s != '\t')
            end = s + 1;
    }
    *end = '\0';
    return start;
}

static wk_status take_lines(char ***lines, size_t *count, FILE *file, const char *path,
                            wk_error *error)
{
    char *line = NULL;
    size_t room = 0, places = 0;
    wk_status status = WK_OK;
    while (!status && getline(&line, &room, file) >= 0) {
        const char *word = trim(line);
        if (!*word)
            continue;
        if (*count == places) {
            places = 2 * places + 16;
            status = cli_grow((void **)lines, places, sizeof **lines, error);
        }
        if (!status && !((*lines)[*count] = cli_copy(word, error)))
            status = WK_MEMORY;
        *count += !status;
    }
    if (!status && !feof(file))
        status = errno == ENOMEM
                     ? cli_fail(error, WK_MEMORY, path, "no memory for a line")
                     : cli_fail(error, WK_FILE, path, "cannot be read: %s", strerror(errno));
    free(line);
    return status;
}

wk_status cli_lines_read(char ***lines, size_t *count, const char *path, wk_error *error)
{
    *lines = NULL;
    *count = 0;
    FILE *file = fopen(path, "r");
    if (!file)
        return cli_fail(error, errno == ENOMEM ? WK_MEMORY : WK_FILE, path, "cannot be opened: %s",
                        strerror(errno));
    wk_status status = take_lines(lines, count, file, path, error);
    fclose(file);
    if (status) {
        cli_lines_free(*lines, *count);
        *lines = NULL;
        *count = 0;
    }
    return status;
}

void cli_lines_free(char **lines, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(lines[i]);
    free(lines);
}

const char *cli_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Whether base, of length characters, ends so; length is shortened then. */
static int drop_ending(const char *base, size_t *length, const char *ending)
{
    size_t n = strlen(ending);
    if (*length <= n || strncasecmp(base + *length - n, ending, n))
        return 0;
    *length -= n;
    return 1;
}

size_t cli_stem_length(const char *base)
{
    static const char *const packed[] = {".fz", ".gz", ".bz2", ".Z"};
    static const char *const plain[] = {".fits", ".fit", ".fts"};
    size_t length = strlen(base);
    int dropped = 0;
    for (size_t i = 0; i < sizeof packed / sizeof *packed && !dropped; i++)
        dropped = drop_ending(base, &length, packed[i]);
    dropped = 0;
    for (size_t i = 0; i < sizeof plain / sizeof *plain && !dropped; i++)
        dropped = drop_ending(base, &length, plain[i]);
    return length;
}
