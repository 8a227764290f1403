#include "tile_path.h"

#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "status.h"

enum { NAME = 128 };

/* A text that grows. */
typedef struct growing {
    char *text;
    size_t length, room;
} growing;

static wk_status append(growing *out, const char *piece, size_t length, wk_error *error)
{
    size_t room = out->length + length + 1;
    wk_status status =
        wk_memory_reserve((void **)&out->text, &out->room, room < 256 ? 256 : 2 * room, 1, error);
    if (status != WK_OK)
        return status;
    memcpy(out->text + out->length, piece, length);
    out->length += length;
    out->text[out->length] = '\0';
    return WK_OK;
}

static size_t name_length(const char *text)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    return text[0] >= '0' && text[0] <= '9' ? 0 : strspn(text, letters);
}

/* The variable that text, behind a $, begins with.
 * Returned   used   characters of text; 0: no name follows */
static wk_status expand(growing *out, size_t *used, const char *text, wk_tile_variable variable,
                        void *payload, const wk_tile_place *place, wk_error *error)
{
    char name[NAME];
    int brace = text[0] == '{';
    size_t length = name_length(text + brace);
    *used = 0;
    if (brace && (length == 0 || text[1 + length] != '}'))
        return wk_error_set(error, WK_HEADER, place->info,
                            "%s has ${ without a name and } behind it (line %d)", place->key,
                            place->line);
    if (length == 0)
        return WK_OK;
    snprintf(name, sizeof name, "%.*s", (int)(length < NAME ? length : NAME), text + brace);
    const char *value = variable && length < NAME ? variable(name, payload) : NULL;
    if (!value)
        return wk_error_set(error, WK_HEADER, place->info,
                            "%s needs the variable %s, which is not known (line %d)", place->key,
                            name, place->line);
    *used = length + (brace ? 2 : 0);
    return append(out, value, strlen(value), error);
}

static wk_status expand_all(growing *out, const char *text, wk_tile_variable variable,
                            void *payload, const wk_tile_place *place, wk_error *error)
{
    wk_status status = append(out, "", 0, error);
    while (status == WK_OK && *text) {
        size_t plain = strcspn(text, "$"), used = 0;
        status = append(out, text, plain, error);
        text += plain;
        if (status != WK_OK || !*text)
            break;
        status = expand(out, &used, text + 1, variable, payload, place, error);
        if (status == WK_OK && used == 0)
            status = append(out, "$", 1, error);
        text += 1 + used;
    }
    return status;
}

static wk_status prepend_folder(growing *out, const char *info, wk_error *error)
{
    growing whole = {NULL, 0, 0};
    const char *slash = strrchr(info, '/');
    if (!slash || out->text[0] == '/')
        return WK_OK;
    wk_status status = append(&whole, info, (size_t)(slash + 1 - info), error);
    if (status == WK_OK)
        status = append(&whole, out->text, out->length, error);
    if (status != WK_OK) {
        wk_memory_free(whole.text);
        return status;
    }
    wk_memory_free(out->text);
    *out = whole;
    return WK_OK;
}

wk_status wk_tile_path(char **out, const char *text, wk_tile_variable variable, void *payload,
                       const wk_tile_place *place, wk_error *error)
{
    growing path = {NULL, 0, 0};
    wk_status status = expand_all(&path, text, variable, payload, place, error);
    if (status == WK_OK)
        status = prepend_folder(&path, place->info, error);
    if (status != WK_OK) {
        wk_memory_free(path.text);
        path.text = NULL;
    }
    *out = path.text;
    return status;
}
