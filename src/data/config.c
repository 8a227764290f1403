#include "welkin/config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <yaml.h>

#include "memory.h"
#include "status.h"

void wk_settings_free(wk_setting *settings, size_t count)
{
    for (size_t i = 0; settings && i < count; i++) {
        wk_memory_free(settings[i].name);
        wk_memory_free(settings[i].value);
    }
    wk_memory_free(settings);
}

static const char *scalar(const yaml_node_t *node)
{
    return (const char *)node->data.scalar.value;
}

/* What YAML means by nothing: only unquoted. */
static int is_null(const yaml_node_t *node)
{
    if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return 0;
    return !strcmp(scalar(node), "~") || !strcmp(scalar(node), "null") ||
           !strcmp(scalar(node), "Null") || !strcmp(scalar(node), "NULL");
}

static wk_status append(char **text, const char *tail, wk_error *error)
{
    size_t length = *text ? strlen(*text) : 0;
    wk_status status = wk_memory_grow((void **)text, length + strlen(tail) + 1, 1, error);
    if (!status)
        memcpy(*text + length, tail, strlen(tail) + 1);
    return status;
}

static wk_status refuse(const yaml_node_t *node, const char *name, const char *path,
                        wk_error *error)
{
    return wk_error_set(error, WK_ARGUMENT, path, "line %zu: %s is neither a value nor a list",
                        node->start_mark.line + 1, name);
}

/* One value, or the values of a list joined with commas. */
static wk_status take_value(wk_setting *setting, yaml_document_t *document, yaml_node_t *node,
                            const char *path, wk_error *error)
{
    if (node->type == YAML_SCALAR_NODE)
        return append(&setting->value, is_null(node) ? "" : scalar(node), error);
    if (node->type != YAML_SEQUENCE_NODE)
        return refuse(node, setting->name, path, error);
    wk_status status = append(&setting->value, "", error);
    yaml_node_item_t *first = node->data.sequence.items.start;
    for (yaml_node_item_t *item = first; item < node->data.sequence.items.top && !status; item++) {
        const yaml_node_t *value = yaml_document_get_node(document, *item);
        if (value->type != YAML_SCALAR_NODE)
            return refuse(value, setting->name, path, error);
        if (item > first)
            status = append(&setting->value, ",", error);
        if (!status)
            status = append(&setting->value, scalar(value), error);
    }
    return status;
}

static wk_status take_name(wk_setting *setting, const wk_setting *before, const yaml_node_t *node,
                           const char *path, wk_error *error)
{
    if (node->type != YAML_SCALAR_NODE)
        return wk_error_set(error, WK_FILE, path, "line %zu: a name is no text",
                            node->start_mark.line + 1);
    for (const wk_setting *other = before; other < setting; other++)
        if (!strcmp(other->name, scalar(node)))
            return wk_error_set(error, WK_FILE, path, "line %zu: %s is given twice",
                                node->start_mark.line + 1, scalar(node));
    setting->name = wk_memory_text(scalar(node), error);
    return setting->name ? WK_OK : WK_MEMORY;
}

static wk_status take_mapping(wk_setting **out, size_t *count, yaml_document_t *document,
                              const char *path, wk_error *error)
{
    yaml_node_t *root = yaml_document_get_root_node(document);
    if (!root)
        return WK_OK;
    if (root->type != YAML_MAPPING_NODE)
        return wk_error_set(error, WK_FILE, path, "holds no names with values");
    yaml_node_pair_t *first = root->data.mapping.pairs.start;
    size_t room = (size_t)(root->data.mapping.pairs.top - first);
    wk_setting *settings = wk_memory_new(room, sizeof *settings, error);
    wk_status status = settings ? WK_OK : WK_MEMORY;
    size_t i = 0;
    for (; i < room && !status; i++) {
        status = take_name(&settings[i], settings, yaml_document_get_node(document, first[i].key),
                           path, error);
        if (!status)
            status = take_value(&settings[i], document,
                                yaml_document_get_node(document, first[i].value), path, error);
    }
    if (status) {
        wk_settings_free(settings, i);
    } else {
        *out = settings;
        *count = room;
    }
    return status;
}

static wk_status parser_error(const yaml_parser_t *parser, const char *path, wk_error *error)
{
    if (parser->error == YAML_MEMORY_ERROR || !parser->problem)
        return wk_error_set(error, WK_MEMORY, path, "no memory for the document");
    return wk_error_set(error, WK_FILE, path, "line %zu: %s", parser->problem_mark.line + 1,
                        parser->problem);
}

static wk_status read_document(wk_setting **out, size_t *count, FILE *file, const char *path,
                               wk_error *error)
{
    yaml_parser_t parser;
    yaml_document_t document;
    if (!yaml_parser_initialize(&parser))
        return wk_error_set(error, WK_MEMORY, path, "no memory for the document");
    yaml_parser_set_input_file(&parser, file);
    wk_status status = WK_OK;
    if (yaml_parser_load(&parser, &document)) {
        status = take_mapping(out, count, &document, path, error);
        yaml_document_delete(&document);
    } else {
        status = parser_error(&parser, path, error);
    }
    yaml_parser_delete(&parser);
    return status;
}

wk_status wk_settings_read(wk_setting **out, size_t *count, const char *path, wk_error *error)
{
    struct stat about;
    *out = NULL;
    *count = 0;
    FILE *file = fopen(path, "rb");
    if (!file)
        return wk_error_set(error, errno == ENOMEM ? WK_MEMORY : WK_FILE, path,
                            "cannot be opened: %s", strerror(errno));
    wk_status status = WK_OK;
    if (fstat(fileno(file), &about) == 0 && S_ISDIR(about.st_mode))
        status = wk_error_set(error, WK_FILE, path, "is a folder, not a configuration");
    else
        status = read_document(out, count, file, path, error);
    fclose(file);
    return status;
}
