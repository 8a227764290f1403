#include "ledger.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memory.h"
#include "output.h"
#include "status.h"

wk_status wk_ledger_create(wk_ledger **out, wk_error *error)
{
    *out = wk_memory_new(1, sizeof **out, error);
    if (!*out)
        return WK_MEMORY;
    (*out)->levels[0].end = '}';
    (*out)->depth = 1;
    return WK_OK;
}

void wk_ledger_free(wk_ledger *ledger)
{
    if (!ledger)
        return;
    wk_ledger_release_tree(ledger);
    wk_memory_free(ledger->text);
    wk_memory_free(ledger);
}

static int failed(const wk_ledger *ledger)
{
    return ledger->error.code != WK_OK;
}

static void put_bytes(wk_ledger *ledger, const char *bytes, size_t count)
{
    if (failed(ledger))
        return;
    if (ledger->room - ledger->length < count) {
        size_t room = 2 * ledger->room + count + 256;
        if (wk_memory_grow((void **)&ledger->text, room, 1, &ledger->error))
            return;
        ledger->room = room;
    }
    memcpy(ledger->text + ledger->length, bytes, count);
    ledger->length += count;
}

static void put(wk_ledger *ledger, const char *text)
{
    put_bytes(ledger, text, strlen(text));
}

static void put_line(wk_ledger *ledger, int indent)
{
    put(ledger, "\n");
    for (int i = 0; i < indent; i++)
        put(ledger, "  ");
}

/* How many bytes at s are one well-formed UTF-8 character; 0: they are none. */
static size_t character_length(const unsigned char *s)
{
    size_t length = s[0] < 0x80   ? 1
                    : s[0] < 0xc2 ? 0
                    : s[0] < 0xe0 ? 2
                    : s[0] < 0xf0 ? 3
                    : s[0] < 0xf5 ? 4
                                  : 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    int overlong = (s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xf0 && s[1] < 0x90);
    int surrogate = s[0] == 0xed && s[1] > 0x9f;
    int beyond = s[0] == 0xf4 && s[1] > 0x8f;
    return overlong || surrogate || beyond ? 0 : length;
}

static void put_escape(wk_ledger *ledger, unsigned char c)
{
    char escape[8];
    if (c == '"' || c == '\\')
        snprintf(escape, sizeof escape, "\\%c", c);
    else if (c == '\n')
        snprintf(escape, sizeof escape, "\\n");
    else if (c == '\t')
        snprintf(escape, sizeof escape, "\\t");
    else
        snprintf(escape, sizeof escape, "\\u%04x", c);
    put(ledger, escape);
}

/* JSON is UTF-8, file names are any bytes: a byte that is no UTF-8 is taken for Latin-1. */
static void put_string(wk_ledger *ledger, const char *text)
{
    put(ledger, "\"");
    for (const unsigned char *s = (const unsigned char *)text; *s;) {
        size_t plain = 0;
        while (s[plain] >= 0x20 && s[plain] < 0x80 && s[plain] != '"' && s[plain] != '\\')
            plain++;
        size_t length = plain ? plain : character_length(s);
        if (plain || length > 1)
            put_bytes(ledger, (const char *)s, length);
        else
            put_escape(ledger, *s);
        s += length ? length : 1;
    }
    put(ledger, "\"");
}

/* The place for the next value: a comma after the one before, the key, and in an object, or for a
 * value that is not short, a line of its own. */
static void put_place(wk_ledger *ledger, const char *key, int is_short)
{
    if (failed(ledger))
        return;
    if (ledger->depth == 0) {
        wk_error_set(&ledger->error, WK_ARGUMENT, "ledger", "it is not open for writing");
        return;
    }
    wk_ledger_level *level = &ledger->levels[ledger->depth - 1];
    if ((level->end == '}') != (key != NULL)) {
        wk_error_set(&ledger->error, WK_ARGUMENT, "ledger", "a value %s",
                     key ? "inside an array has a key" : "inside an object has no key");
        return;
    }
    if (ledger->length == 0)
        put(ledger, "{");
    if (level->count++)
        put(ledger, ",");
    if (key || !is_short) {
        put_line(ledger, ledger->depth);
        level->broken = 1;
    } else if (level->count > 1) {
        put(ledger, " ");
    }
    if (key) {
        put_string(ledger, key);
        put(ledger, ": ");
    }
}

/* Digits, sign and exponent are the same in every locale; whatever else stands between them is the
 * locale's decimal point. */
static void use_plain_point(char *number)
{
    char *to = number;
    int real = 0;
    for (const char *from = number; *from; from++) {
        int other = !strchr("0123456789+-e", *from);
        if (!other)
            *to++ = *from;
        else if (to == number || to[-1] != '.')
            *to++ = '.';
        real |= other || *from == 'e';
    }
    memcpy(to, real ? "" : ".0", real ? 1 : 3);
}

void wk_ledger_number(wk_ledger *ledger, const char *key, double value)
{
    char number[64];
    if (!isfinite(value)) {
        wk_ledger_null(ledger, key);
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(number, sizeof number - 4, "%.*g", digits, value);
        if (strtod(number, NULL) == value)
            break;
    }
    use_plain_point(number);
    put_place(ledger, key, 1);
    put(ledger, number);
}

void wk_ledger_integer(wk_ledger *ledger, const char *key, int64_t value)
{
    char number[32];
    snprintf(number, sizeof number, "%" PRId64, value);
    put_place(ledger, key, 1);
    put(ledger, number);
}

void wk_ledger_text(wk_ledger *ledger, const char *key, const char *value)
{
    if (!value) {
        wk_ledger_null(ledger, key);
        return;
    }
    put_place(ledger, key, 0);
    put_string(ledger, value);
}

void wk_ledger_boolean(wk_ledger *ledger, const char *key, int value)
{
    put_place(ledger, key, 1);
    put(ledger, value ? "true" : "false");
}

void wk_ledger_null(wk_ledger *ledger, const char *key)
{
    put_place(ledger, key, 1);
    put(ledger, "null");
}

static void open_level(wk_ledger *ledger, const char *key, char begin, char end)
{
    put_place(ledger, key, 0);
    if (failed(ledger))
        return;
    if (ledger->depth == WK_LEDGER_DEPTH) {
        wk_error_set(&ledger->error, WK_ARGUMENT, "ledger", "more than %d levels are open",
                     (int)WK_LEDGER_DEPTH);
        return;
    }
    put_bytes(ledger, &begin, 1);
    ledger->levels[ledger->depth++] = (wk_ledger_level){.end = end};
}

void wk_ledger_open_object(wk_ledger *ledger, const char *key)
{
    open_level(ledger, key, '{', '}');
}

void wk_ledger_open_array(wk_ledger *ledger, const char *key)
{
    open_level(ledger, key, '[', ']');
}

void wk_ledger_close(wk_ledger *ledger)
{
    if (failed(ledger))
        return;
    if (ledger->depth <= 1) {
        wk_error_set(&ledger->error, WK_ARGUMENT, "ledger", "nothing is open that can be closed");
        return;
    }
    const wk_ledger_level *level = &ledger->levels[--ledger->depth];
    if (level->broken)
        put_line(ledger, ledger->depth);
    put_bytes(ledger, &level->end, 1);
}

static wk_status check_closed(const wk_ledger *ledger, wk_error *error)
{
    if (failed(ledger)) {
        if (error)
            *error = ledger->error;
        return ledger->error.code;
    }
    if (ledger->depth > 1)
        return wk_error_set(error, WK_ARGUMENT, "ledger", "%d objects or arrays are still open",
                            ledger->depth - 1);
    return WK_OK;
}

static wk_status print_written(char **out, const wk_ledger *ledger, wk_error *error)
{
    wk_status status = check_closed(ledger, error);
    if (status)
        return status;
    const char *end = ledger->length ? "\n}\n" : "{}\n";
    *out = wk_memory_raw(ledger->length + strlen(end) + 1, 1, error);
    if (!*out)
        return WK_MEMORY;
    if (ledger->length)
        memcpy(*out, ledger->text, ledger->length);
    memcpy(*out + ledger->length, end, strlen(end) + 1);
    return WK_OK;
}

wk_status wk_ledger_print(char **out, const wk_ledger *ledger, wk_error *error)
{
    *out = NULL;
    if (!ledger->tree || failed(ledger))
        return print_written(out, ledger, error);
    wk_ledger *copy;
    wk_status status = wk_ledger_create(&copy, error);
    if (status)
        return status;
    wk_ledger_replay(copy, ledger);
    status = print_written(out, copy, error);
    wk_ledger_free(copy);
    return status;
}

void wk_ledger_text_free(char *text)
{
    wk_memory_free(text);
}

wk_status wk_ledger_save(const wk_ledger *ledger, const char *path, int overwrite, int durable,
                         wk_error *error)
{
    char *text;
    wk_output output = {0};
    wk_status status = wk_ledger_print(&text, ledger, error);
    if (!status)
        status = wk_output_begin(&output, path, overwrite, durable, error);
    if (!status)
        status = wk_output_write(&output, text, strlen(text), error);
    if (status)
        wk_output_abandon(&output);
    else
        status = wk_output_commit(&output, error);
    wk_ledger_text_free(text);
    return status;
}
