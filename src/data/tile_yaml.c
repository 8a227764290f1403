#include "tile_yaml.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <yaml.h>

#include "memory.h"
#include "status.h"

enum { BLOCK = 1 << 16, ALIGN = 16 };

typedef struct wk_yaml_block {
    struct wk_yaml_block *next;
    size_t used, room;
    _Alignas(ALIGN) char bytes[];
} wk_yaml_block;

typedef struct building {
    wk_yaml *tree;
    yaml_parser_t parser;
    FILE *file;
    size_t bytes; /* read so far */
    int too_large, documents, ended;
    wk_yaml_node *open[WK_YAML_DEPTH];
    int depth;
    const char *key; /* waits for its value in the innermost map */
    const char *path;
    wk_error *error;
} building;

void *wk_yaml_room(wk_yaml *tree, size_t bytes, wk_error *error)
{
    wk_yaml_block *block = tree->blocks;
    bytes = (bytes + ALIGN - 1) / ALIGN * ALIGN;
    if (!block || block->room - block->used < bytes) {
        size_t room = bytes > BLOCK ? bytes : BLOCK;
        block = wk_memory_raw(sizeof *block + room, 1, error);
        if (!block)
            return NULL;
        *block = (wk_yaml_block){.next = tree->blocks, .room = room};
        tree->blocks = block;
    }
    block->used += bytes;
    return block->bytes + block->used - bytes;
}

void wk_yaml_release(wk_yaml *tree)
{
    while (tree->blocks) {
        wk_yaml_block *next = tree->blocks->next;
        wk_memory_free(tree->blocks);
        tree->blocks = next;
    }
    memset(tree, 0, sizeof *tree);
}

static wk_status refuse(const building *b, wk_status status, const yaml_mark_t *mark,
                        const char *problem)
{
    return wk_error_set(b->error, status, b->path, "line %zu: %s", mark->line + 1, problem);
}

static wk_status too_large(const building *b)
{
    return wk_error_set(b->error, WK_FILE, b->path, "is larger than %d MB: no info file is",
                        WK_YAML_BYTES >> 20);
}

static int read_bytes(void *payload, unsigned char *buffer, size_t size, size_t *got)
{
    building *b = payload;
    *got = fread(buffer, 1, size, b->file);
    b->bytes += *got;
    b->too_large = b->bytes > WK_YAML_BYTES;
    return !b->too_large && !ferror(b->file);
}

static int is_nothing(const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    return event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (!*text || !strcmp(text, "~") || !strcmp(text, "null") || !strcmp(text, "Null") ||
            !strcmp(text, "NULL"));
}

static wk_status keep_text(const char **out, const building *b, const yaml_event_t *event)
{
    size_t length = event->data.scalar.length;
    if (memchr(event->data.scalar.value, '\0', length))
        return refuse(b, WK_FILE, &event->start_mark, "a text holds a zero byte");
    char *text = wk_yaml_room(b->tree, length + 1, b->error);
    if (!text)
        return WK_MEMORY;
    memcpy(text, event->data.scalar.value, length + 1);
    *out = text;
    return WK_OK;
}

/* Put a node, whose key has been read before, into what is open. */
static wk_status add_node(wk_yaml_node **out, building *b, wk_yaml_kind kind,
                          const yaml_event_t *event)
{
    wk_yaml_node *parent = b->depth > 0 ? b->open[b->depth - 1] : NULL;
    if (parent && parent->kind == WK_YAML_MAP && !b->key)
        return refuse(b, WK_FILE, &event->start_mark, "a key is not a text");
    if (++b->tree->nodes > WK_YAML_NODES)
        return refuse(b, WK_FILE, &event->start_mark, "the file holds more than 500000 values");
    wk_yaml_node *node = wk_yaml_room(b->tree, sizeof *node, b->error);
    if (!node)
        return WK_MEMORY;
    *node = (wk_yaml_node){.kind = kind, .line = (int)event->start_mark.line + 1, .key = b->key};
    b->key = NULL;
    if (!parent) {
        b->tree->root = node;
    } else {
        *(parent->end ? &parent->end->next : &parent->first) = node;
        parent->end = node;
        parent->count++;
    }
    *out = node;
    return WK_OK;
}

static wk_status add_scalar(building *b, const yaml_event_t *event)
{
    wk_yaml_node *node = NULL;
    if (b->depth > 0 && b->open[b->depth - 1]->kind == WK_YAML_MAP && !b->key)
        return keep_text(&b->key, b, event);
    int nothing = is_nothing(event);
    wk_status status = add_node(&node, b, nothing ? WK_YAML_NULL : WK_YAML_TEXT, event);
    return status == WK_OK && !nothing ? keep_text(&node->text, b, event) : status;
}

static wk_status begin(building *b, wk_yaml_kind kind, const yaml_event_t *event)
{
    wk_yaml_node *node = NULL;
    if (b->depth == WK_YAML_DEPTH)
        return refuse(b, WK_FILE, &event->start_mark,
                      "lists and maps are nested more than 32 deep");
    wk_status status = add_node(&node, b, kind, event);
    if (status == WK_OK)
        b->open[b->depth++] = node;
    return status;
}

static int compare_keys(const void *left, const void *right)
{
    const wk_yaml_node *a = *(const wk_yaml_node *const *)left;
    const wk_yaml_node *b = *(const wk_yaml_node *const *)right;
    int order = strcmp(a->key, b->key);
    return order ? order : (a->line > b->line) - (a->line < b->line);
}

/* Close the innermost list or map; no key of a map may be there twice. */
static wk_status finish(building *b)
{
    const wk_yaml_node *map = b->open[--b->depth];
    if (map->kind != WK_YAML_MAP || map->count < 2)
        return WK_OK;
    const wk_yaml_node **sorted = wk_memory_raw(map->count, sizeof *sorted, b->error);
    if (!sorted)
        return WK_MEMORY;
    size_t count = 0;
    for (const wk_yaml_node *node = map->first; node; node = node->next)
        sorted[count++] = node;
    qsort(sorted, count, sizeof *sorted, compare_keys);
    wk_status status = WK_OK;
    for (size_t i = 1; i < count && status == WK_OK; i++)
        if (!strcmp(sorted[i - 1]->key, sorted[i]->key))
            status = wk_error_set(b->error, WK_FILE, b->path, "line %d: %.100s is given twice",
                                  sorted[i]->line, sorted[i]->key);
    wk_memory_free((void *)sorted);
    return status;
}

/* What makes one value stand for another, or for a type. */
static const char *marked(const yaml_event_t *event)
{
    const unsigned char *anchor = NULL, *tag = NULL;
    if (event->type == YAML_ALIAS_EVENT)
        return "an alias (*name) is not understood here";
    if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
        tag = event->data.scalar.tag;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        anchor = event->data.sequence_start.anchor;
        tag = event->data.sequence_start.tag;
    } else if (event->type == YAML_MAPPING_START_EVENT) {
        anchor = event->data.mapping_start.anchor;
        tag = event->data.mapping_start.tag;
    }
    if (anchor)
        return "an anchor (&name) is not understood here";
    return tag ? "a tag (!name) is not understood here" : NULL;
}

static wk_status take_event(building *b, const yaml_event_t *event)
{
    const char *mark = marked(event);
    if (mark)
        return refuse(b, WK_HEADER, &event->start_mark, mark);
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return b->documents++ ? refuse(b, WK_FILE, &event->start_mark, "a second document begins")
                              : WK_OK;
    case YAML_SCALAR_EVENT:
        return add_scalar(b, event);
    case YAML_SEQUENCE_START_EVENT:
        return begin(b, WK_YAML_LIST, event);
    case YAML_MAPPING_START_EVENT:
        return begin(b, WK_YAML_MAP, event);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return finish(b);
    default:
        b->ended = event->type == YAML_STREAM_END_EVENT;
        return WK_OK;
    }
}

static wk_status parser_error(const building *b)
{
    const yaml_parser_t *parser = &b->parser;
    if (b->too_large)
        return too_large(b);
    if (ferror(b->file))
        return wk_error_set(b->error, WK_FILE, b->path, "cannot be read");
    if (parser->error == YAML_MEMORY_ERROR || !parser->problem)
        return wk_error_set(b->error, WK_MEMORY, b->path, "no memory for the document");
    if (parser->error == YAML_READER_ERROR)
        return wk_error_set(b->error, WK_FILE, b->path, "line %zu: %s", parser->mark.line + 1,
                            parser->problem);
    return refuse(b, WK_FILE, &parser->problem_mark, parser->problem);
}

static wk_status read_events(building *b)
{
    if (!yaml_parser_initialize(&b->parser))
        return wk_error_set(b->error, WK_MEMORY, b->path, "no memory for the document");
    yaml_parser_set_input(&b->parser, read_bytes, b);
    wk_status status = WK_OK;
    while (status == WK_OK && !b->ended) {
        yaml_event_t event;
        if (!yaml_parser_parse(&b->parser, &event)) {
            status = parser_error(b);
            break;
        }
        status = take_event(b, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&b->parser);
    return status;
}

wk_status wk_yaml_read(wk_yaml *tree, const char *path, wk_error *error)
{
    building b = {.tree = tree, .path = path, .error = error};
    struct stat about;
    memset(tree, 0, sizeof *tree);
    b.file = fopen(path, "rb");
    if (!b.file)
        return wk_error_set(error, errno == ENOMEM ? WK_MEMORY : WK_FILE, path,
                            "cannot be opened: %s", strerror(errno));
    int known = fstat(fileno(b.file), &about) == 0;
    wk_status status;
    if (known && S_ISDIR(about.st_mode))
        status = wk_error_set(error, WK_FILE, path, "is a folder, not an info file");
    else if (known && S_ISREG(about.st_mode) && about.st_size > WK_YAML_BYTES)
        status = too_large(&b);
    else
        status = read_events(&b);
    fclose(b.file);
    return status;
}

const wk_yaml_node *wk_yaml_find(const wk_yaml_node *map, const char *key)
{
    if (!map || map->kind != WK_YAML_MAP)
        return NULL;
    const wk_yaml_node *node = map->first;
    while (node && strcmp(node->key, key) != 0)
        node = node->next;
    return node;
}

/* The locale may have a comma for the point. */
static double plain_number(const char *text, char **end)
{
    locale_t plain = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (plain == (locale_t)0)
        return strtod(text, end);
    double number = strtod_l(text, end, plain);
    freelocale(plain);
    return number;
}

int wk_yaml_number(double *value, const wk_yaml_node *node)
{
    char *end;
    if (!node || node->kind != WK_YAML_TEXT || !node->text[0] ||
        node->text[strspn(node->text, "0123456789+-.eE")])
        return 0;
    double number = plain_number(node->text, &end);
    if (*end || !isfinite(number))
        return 0;
    *value = number;
    return 1;
}

int wk_yaml_integer(int64_t *value, const wk_yaml_node *node)
{
    char *end;
    if (!node || node->kind != WK_YAML_TEXT || !node->text[0] ||
        node->text[strspn(node->text, "0123456789+-")])
        return 0;
    errno = 0;
    long long number = strtoll(node->text, &end, 10);
    if (*end || errno)
        return 0;
    *value = number;
    return 1;
}
