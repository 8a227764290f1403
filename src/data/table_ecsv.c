#include "table_ecsv.h"

#include <string.h>
#include <yaml.h>

#include "memory.h"
#include "status.h"

enum { LARGEST = 16 << 20 };

int wk_ecsv_begins(const char *line, size_t length)
{
    static const char mark[] = "# %ECSV ";
    return length >= sizeof mark - 1 && strncmp(line, mark, sizeof mark - 1) == 0;
}

wk_status wk_ecsv_append(wk_ecsv *ecsv, const char *line, size_t length, wk_error *error)
{
    size_t skip = length > 1 && line[1] == ' ' ? 2 : length > 0;
    if (wk_ecsv_begins(line, length)) /* a directive to YAML, but none that it knows */
        skip = length;
    length -= skip;
    if (ecsv->length + length > LARGEST)
        return wk_error_set(error, WK_HEADER, "", "the header is larger than %d MB", LARGEST >> 20);
    if (ecsv->room < ecsv->length + length + 1) {
        wk_status status = wk_memory_reserve((void **)&ecsv->text, &ecsv->room,
                                             2 * (ecsv->length + length) + 1024, 1, error);
        if (status != WK_OK)
            return status;
    }
    if (length > 0)
        memcpy(ecsv->text + ecsv->length, line + skip, length);
    ecsv->length += length;
    ecsv->text[ecsv->length++] = '\n';
    return WK_OK;
}

void wk_ecsv_free(wk_ecsv *ecsv)
{
    wk_memory_free(ecsv->text);
    memset(ecsv, 0, sizeof *ecsv);
}

/* The value of a map's key, NULL if there is none. */
static yaml_node_t *find(yaml_document_t *document, const yaml_node_t *map, const char *key)
{
    if (!map || map->type != YAML_MAPPING_NODE)
        return NULL;
    for (yaml_node_pair_t *pair = map->data.mapping.pairs.start; pair < map->data.mapping.pairs.top;
         pair++) {
        const yaml_node_t *name = yaml_document_get_node(document, pair->key);
        if (name && name->type == YAML_SCALAR_NODE &&
            strcmp((const char *)name->data.scalar.value, key) == 0)
            return yaml_document_get_node(document, pair->value);
    }
    return NULL;
}

/* The text of a map's key, NULL if there is none. */
static const char *find_text(yaml_document_t *document, const yaml_node_t *map, const char *key)
{
    const yaml_node_t *node = find(document, map, key);
    return node && node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

static int is_one_of(const char *text, const char *const *words)
{
    for (; *words; words++)
        if (strcmp(text, *words) == 0)
            return 1;
    return 0;
}

/* -1: a type that ECSV has not. */
static int content_of(const char *type, const char *subtype)
{
    static const char *const numbers[] = {"int8",    "int16",   "int32",   "int64",    "uint8",
                                          "uint16",  "uint32",  "uint64",  "float8",   "float16",
                                          "float32", "float64", "float96", "float128", NULL};
    static const char *const pairs[] = {"complex64", "complex128", "complex256", NULL};
    if (strcmp(type, "string") == 0 && subtype && strchr(subtype, '['))
        return strstr(subtype, "null") ? WK_CONTENT_VARIABLE : WK_CONTENT_VECTOR;
    if (strcmp(type, "string") == 0)
        return WK_CONTENT_TEXT;
    if (strcmp(type, "bool") == 0)
        return WK_CONTENT_LOGICAL;
    if (is_one_of(type, pairs))
        return WK_CONTENT_COMPLEX;
    return is_one_of(type, numbers) ? WK_CONTENT_NUMBER : -1;
}

static wk_status take_column(wk_table *table, yaml_document_t *document, const yaml_node_t *node,
                             wk_error *error)
{
    const char *name = find_text(document, node, "name");
    const char *type = find_text(document, node, "datatype");
    long line = node ? (long)node->start_mark.line + 1 : 0;
    if (!name || !type)
        return wk_error_set(error, WK_HEADER, table->path,
                            "line %ld: a column of the header lacks its name or datatype", line);
    int content = content_of(type, find_text(document, node, "subtype"));
    if (content < 0)
        return wk_error_set(error, WK_HEADER, table->path,
                            "line %ld: the datatype %.60s of the column %.100s is unknown", line,
                            type, name);
    wk_status status =
        wk_table_append(table, wk_memory_text(name, error), (wk_content)content, error);
    if (status != WK_OK)
        return status;
    table->items[table->count - 1].declared = 1;
    table->items[table->count - 1].single = strcmp(type, "float32") == 0;
    return WK_OK;
}

static wk_status take_document(wk_table *table, char *delimiter, yaml_document_t *document,
                               wk_error *error)
{
    const yaml_node_t *root = yaml_document_get_root_node(document);
    const yaml_node_t *list = find(document, root, "datatype");
    const char *between = find_text(document, root, "delimiter");
    wk_status status = WK_OK;
    *delimiter = between ? between[0] : ' ';
    if (between && strcmp(between, " ") != 0 && strcmp(between, ",") != 0)
        return wk_error_set(error, WK_HEADER, table->path,
                            "the delimiter \"%.20s\" of the header is neither a blank nor a comma",
                            between);
    if (!list || list->type != YAML_SEQUENCE_NODE ||
        list->data.sequence.items.start == list->data.sequence.items.top)
        return wk_error_set(error, WK_HEADER, table->path,
                            "the ECSV header has no list of columns (datatype)");
    for (yaml_node_item_t *item = list->data.sequence.items.start;
         status == WK_OK && item < list->data.sequence.items.top; item++)
        status = take_column(table, document, yaml_document_get_node(document, *item), error);
    return status;
}

static wk_status refuse_yaml(const yaml_parser_t *parser, const char *path, wk_error *error)
{
    if (parser->error == YAML_MEMORY_ERROR)
        return wk_error_set(error, WK_MEMORY, path, "no memory for the header");
    return wk_error_set(error, WK_HEADER, path, "line %zu: the ECSV header is no YAML: %s",
                        parser->problem_mark.line + 1,
                        parser->problem ? parser->problem : "it makes no sense");
}

wk_status wk_ecsv_read(wk_table *table, char *delimiter, const wk_ecsv *ecsv, wk_error *error)
{
    yaml_parser_t parser;
    yaml_document_t document;
    wk_status status;
    if (!yaml_parser_initialize(&parser))
        return wk_error_set(error, WK_MEMORY, table->path, "no memory for the header");
    yaml_parser_set_input_string(&parser, (const unsigned char *)ecsv->text, ecsv->length);
    if (yaml_parser_load(&parser, &document)) {
        status = take_document(table, delimiter, &document, error);
        yaml_document_delete(&document);
    } else {
        status = refuse_yaml(&parser, table->path, error);
    }
    yaml_parser_delete(&parser);
    return status;
}
