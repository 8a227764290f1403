#include "ledger.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "memory.h"
#include "status.h"

void wk_ledger_release_tree(wk_ledger *ledger)
{
    json_decref(ledger->tree);
    ledger->tree = NULL;
}

/* When jansson has no memory for a token it finds fault with the text, or even loses a part of it
 * in silence: only errno tells. */
static wk_status parse(json_t **tree, FILE *file, const char *path, wk_error *error)
{
    json_error_t cause = {.line = -1};
    errno = 0;
    *tree = json_loadf(file, 0, &cause);
    if (errno == ENOMEM || (!*tree && cause.text[0] == '\0'))
        return wk_error_set(error, WK_MEMORY, path, "no memory for the document");
    if (*tree)
        return WK_OK;
    if (ferror(file))
        return wk_error_set(error, WK_FILE, path, "cannot be read: %s", strerror(errno));
    return wk_error_set(error, WK_FILE, path, "not JSON: line %d, column %d: %s", cause.line,
                        cause.column, cause.text);
}

static wk_status open_file(FILE **file, const char *path, wk_error *error)
{
    struct stat about;
    *file = fopen(path, "rb");
    if (!*file)
        return wk_error_set(error, errno == ENOMEM ? WK_MEMORY : WK_FILE, path,
                            "cannot be opened: %s", strerror(errno));
    if (fstat(fileno(*file), &about) == 0 && S_ISDIR(about.st_mode)) {
        fclose(*file);
        return wk_error_set(error, WK_FILE, path, "is a folder, not a JSON file");
    }
    return WK_OK;
}

wk_status wk_ledger_read(wk_ledger **out, const char *path, wk_error *error)
{
    FILE *file;
    *out = NULL;
    wk_status status = open_file(&file, path, error);
    if (status)
        return status;
    wk_ledger *ledger = wk_memory_new(1, sizeof *ledger, error);
    status = ledger ? parse(&ledger->tree, file, path, error) : WK_MEMORY;
    fclose(file);
    if (status)
        wk_ledger_free(ledger);
    else
        *out = ledger;
    return status;
}

static const json_t *element(const json_t *array, const char *digits, size_t length)
{
    size_t index = 0;
    if (length == 0 || length > 18)
        return NULL;
    for (size_t i = 0; i < length; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return NULL;
        index = 10 * index + (size_t)(digits[i] - '0');
    }
    return json_array_get(array, index);
}

static const json_t *find(const wk_ledger *ledger, const char *path)
{
    const json_t *node = ledger->tree;
    while (node && *path) {
        size_t length = strcspn(path, "/");
        node = json_is_array(node) ? element(node, path, length)
                                   : json_object_getn(node, path, length);
        path += length;
        path += *path == '/';
    }
    return node;
}

int64_t wk_ledger_length(const wk_ledger *ledger, const char *path)
{
    const json_t *node = find(ledger, path);
    if (json_is_array(node))
        return (int64_t)json_array_size(node);
    return json_is_object(node) ? (int64_t)json_object_size(node) : -1;
}

double wk_ledger_get_number(const wk_ledger *ledger, const char *path, int *found)
{
    const json_t *node = find(ledger, path);
    if (found)
        *found = json_is_number(node) || json_is_null(node);
    return json_is_number(node) ? json_number_value(node) : (double)NAN;
}

const char *wk_ledger_get_text(const wk_ledger *ledger, const char *path)
{
    return json_string_value(find(ledger, path));
}

int wk_ledger_get_boolean(const wk_ledger *ledger, const char *path, int fallback)
{
    const json_t *node = find(ledger, path);
    return json_is_boolean(node) ? json_is_true(node) : fallback;
}

static void replay_value(wk_ledger *ledger, const char *key, json_t *node);

static void replay_members(wk_ledger *ledger, json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach(object, key, value) replay_value(ledger, key, value);
}

static void replay_container(wk_ledger *ledger, const char *key, json_t *node)
{
    if (json_is_object(node)) {
        wk_ledger_open_object(ledger, key);
        replay_members(ledger, node);
    } else {
        wk_ledger_open_array(ledger, key);
        for (size_t i = 0; i < json_array_size(node); i++)
            replay_value(ledger, NULL, json_array_get(node, i));
    }
    wk_ledger_close(ledger);
}

static void replay_value(wk_ledger *ledger, const char *key, json_t *node)
{
    if (ledger->error.code)
        return;
    if (json_is_object(node) || json_is_array(node))
        replay_container(ledger, key, node);
    else if (json_is_string(node))
        wk_ledger_text(ledger, key, json_string_value(node));
    else if (json_is_integer(node))
        wk_ledger_integer(ledger, key, (int64_t)json_integer_value(node));
    else if (json_is_real(node))
        wk_ledger_number(ledger, key, json_real_value(node));
    else if (json_is_boolean(node))
        wk_ledger_boolean(ledger, key, json_is_true(node));
    else
        wk_ledger_null(ledger, key);
}

void wk_ledger_replay(wk_ledger *ledger, const wk_ledger *source)
{
    if (json_is_object(source->tree))
        replay_members(ledger, source->tree);
    else
        wk_error_set(&ledger->error, WK_ARGUMENT, "ledger", "the document is no object");
}
