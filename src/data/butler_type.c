#include "butler_type.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "butler_near.h"
#include "butler_text.h"
#include "memory.h"
#include "status.h"

enum { NAMES = 300, MOST_DIMENSIONS = 64 };

void wk_dataset_type_release(wk_dataset_type *type)
{
    wk_memory_free(type->name);
    wk_memory_free(type->storage_class);
    wk_memory_free(type->table);
    wk_names_free(type->dimensions, type->count);
    wk_memory_free(type->integer);
    memset(type, 0, sizeof *type);
}

int wk_dataset_type_dimension(const wk_dataset_type *type, const char *key)
{
    for (size_t i = 0; i < type->count; i++)
        if (!strcmp(type->dimensions[i], key))
            return (int)i;
    return -1;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

/* Names out of a registry stand in statements: they are judged before. */
static wk_status check_table(const wk_dataset_type *type, const char *path, wk_error *error)
{
    static const char *const forms = "dataset_tags_";
    if (wk_database_is_name(type->table) && !strncmp(type->table, forms, strlen(forms)))
        return WK_OK;
    return wk_error_set(error, WK_HEADER, path,
                        "the dataset type %.100s has \"%.100s\" for its table, which is no name of "
                        "such a table",
                        type->name, type->table);
}

/* id, name, storage_class, dimensions_key, tag_association_table */
static wk_status take_type(wk_dataset_type *type, wk_query *query, const char *path,
                           wk_error *error)
{
    type->id = wk_query_integer(query, 0);
    type->name = wk_memory_text(or_empty(wk_query_text(query, 1)), error);
    type->storage_class = wk_memory_text(or_empty(wk_query_text(query, 2)), error);
    type->dimensions_key = wk_query_integer(query, 3);
    type->table = wk_memory_text(or_empty(wk_query_text(query, 4)), error);
    if (!type->name || !type->storage_class || !type->table)
        return WK_MEMORY;
    return check_table(type, path, error);
}

static int is_fixed(const char *column)
{
    return !strcmp(column, "dataset_type_id") || !strcmp(column, "dataset_id") ||
           !strcmp(column, "collection_id");
}

static wk_status add_dimension(wk_dataset_type *type, const char *name, const char *declared,
                               const char *path, wk_error *error)
{
    if (!wk_database_is_name(name))
        return wk_error_set(error, WK_HEADER, path,
                            "the table %s has a column \"%.100s\": that is no key of a data ID",
                            type->table, name);
    if (type->count == MOST_DIMENSIONS)
        return wk_error_set(error, WK_HEADER, path, "the table %s has more than %d columns",
                            type->table, MOST_DIMENSIONS);
    wk_status status = wk_names_add(&type->dimensions, &type->count, name, error);
    if (!status)
        type->integer[type->count - 1] = strcasestr(declared, "INT") != NULL;
    return status;
}

/* Columns of the table of data IDs; of several databases' versions the graph, where there is one,
 * says which of them are keys. */
static wk_status read_dimensions(wk_dataset_type *type, const wk_butler *butler, wk_error *error)
{
    static const char *const with_graph =
        "SELECT p.name, p.type FROM pragma_table_info(?1) p WHERE p.name IN"
        " ('dataset_type_id', 'dataset_id', 'collection_id')"
        " OR p.name IN (SELECT dimension_name FROM dimension_graph_definition"
        " WHERE dimension_graph_id = ?2)"
        " OR NOT EXISTS (SELECT 1 FROM dimension_graph_definition WHERE dimension_graph_id = ?2)";
    static const char *const without =
        "SELECT p.name, p.type FROM pragma_table_info(?1) p WHERE ?2 = ?2";
    wk_query *query = NULL;
    int row = 1, fixed = 0;
    type->integer = wk_memory_new(MOST_DIMENSIONS, sizeof *type->integer, error);
    if (!type->integer)
        return WK_MEMORY;
    wk_status status =
        wk_query_open(&query, butler->database, butler->has.graph ? with_graph : without, error);
    if (!status)
        status = wk_query_bind_text(query, 1, type->table, error);
    if (!status)
        status = wk_query_bind_integer(query, 2, type->dimensions_key, error);
    while (!status && !(status = wk_query_step(&row, query, error)) && row) {
        const char *name = or_empty(wk_query_text(query, 0));
        if (is_fixed(name))
            fixed++;
        else
            status = add_dimension(type, name, or_empty(wk_query_text(query, 1)),
                                   butler->config.database, error);
    }
    wk_query_close(query);
    if (!status && fixed < 3)
        status = wk_error_set(error, WK_HEADER, butler->config.database,
                              "the table %s of the dataset type %.100s is not there, or not as it "
                              "should be",
                              type->table, type->name);
    return status;
}

static wk_status open_types(wk_query **query, const wk_butler *butler, wk_error *error)
{
    return wk_query_open(query, butler->database,
                         "SELECT id, name, storage_class, dimensions_key, tag_association_table"
                         " FROM dataset_type WHERE ?1 IS NULL OR name = ?1 ORDER BY name",
                         error);
}

static wk_status unknown(const wk_butler *butler, const char *name, wk_error *error)
{
    char near[NAMES] = "";
    char **names = NULL;
    size_t count = 0;
    int row = 1;
    wk_query *query = NULL;
    wk_status status = open_types(&query, butler, error);
    while (!status && !(status = wk_query_step(&row, query, error)) && row)
        status = wk_names_add(&names, &count, or_empty(wk_query_text(query, 1)), error);
    wk_query_close(query);
    if (!status) {
        wk_near_names(near, sizeof near, name, (const char *const *)names, count);
        status = wk_error_set(error, WK_ARGUMENT, butler->config.database,
                              "there is no dataset type %.100s%s%s", name,
                              near[0] ? "; similar: " : "", near);
    }
    wk_names_free(names, count);
    return status;
}

wk_status wk_dataset_type_find(wk_dataset_type *out, const wk_butler *butler, const char *name,
                               wk_error *error)
{
    wk_query *query = NULL;
    int row = 0;
    memset(out, 0, sizeof *out);
    wk_status status = open_types(&query, butler, error);
    if (!status)
        status = wk_query_bind_text(query, 1, name, error);
    if (!status)
        status = wk_query_step(&row, query, error);
    if (!status && row)
        status = take_type(out, query, butler->config.database, error);
    wk_query_close(query);
    if (status)
        return status;
    return row ? read_dimensions(out, butler, error) : unknown(butler, name, error);
}

/* How many data IDs of a type the leaves have, or how many datasets there are: each is in one RUN.
 */
static wk_status count_datasets(int64_t *found, const wk_dataset_type *type,
                                const wk_butler *butler, wk_error *error)
{
    wk_text text = {0};
    wk_query *query = NULL;
    int row = 0;
    const char *leaves = butler->search.leaves;
    wk_status status =
        wk_text_add(&text, error, "SELECT count(*) FROM (SELECT %s", leaves ? "DISTINCT 0" : "0");
    for (size_t i = 0; leaves && i < type->count && !status; i++)
        status = wk_text_add(&text, error, ", t.\"%s\"", type->dimensions[i]);
    if (!status)
        status = wk_text_add(&text, error,
                             " FROM \"%s\" t WHERE t.dataset_type_id = ?1 AND t.collection_id IN"
                             " (%s))",
                             type->table,
                             leaves ? "SELECT value FROM json_each(?2)"
                                    : "SELECT collection_id FROM collection WHERE type = 1");
    if (!status)
        status = wk_query_open(&query, butler->database, text.data, error);
    if (!status)
        status = wk_query_bind_integer(query, 1, type->id, error);
    if (!status && leaves)
        status = wk_query_bind_text(query, 2, leaves, error);
    if (!status)
        status = wk_query_step(&row, query, error);
    *found = !status && row ? wk_query_integer(query, 0) : 0;
    wk_query_close(query);
    wk_text_free(&text);
    return status;
}

/* Give the public struct what the inner one owns. */
static void hand_over(wk_butler_type *out, wk_dataset_type *type, int64_t datasets)
{
    *out =
        (wk_butler_type){type->name, type->storage_class, type->dimensions, type->count, datasets};
    type->name = type->storage_class = NULL;
    type->dimensions = NULL;
    type->count = 0;
}

static wk_status add_type(wk_butler_type **out, size_t *count, wk_query *query, wk_butler *butler,
                          wk_error *error)
{
    wk_dataset_type type = {0};
    int64_t datasets = 0;
    wk_status status = take_type(&type, query, butler->config.database, error);
    if (!status)
        status = read_dimensions(&type, butler, error);
    if (!status)
        status = count_datasets(&datasets, &type, butler, error);
    if (!status && (*count & (*count - 1)) == 0)
        status = wk_memory_grow((void **)out, *count ? 2 * *count : 1, sizeof **out, error);
    if (!status)
        hand_over(&(*out)[(*count)++], &type, datasets);
    wk_dataset_type_release(&type);
    return status;
}

wk_status wk_butler_types(wk_butler_type **out, size_t *count, wk_butler *butler,
                          const char *pattern, wk_error *error)
{
    wk_query *query = NULL;
    int row = 1;
    *out = NULL;
    *count = 0;
    wk_status status = open_types(&query, butler, error);
    while (!status && !(status = wk_query_step(&row, query, error)) && row)
        if (!pattern || !fnmatch(pattern, or_empty(wk_query_text(query, 1)), 0))
            status = add_type(out, count, query, butler, error);
    wk_query_close(query);
    if (status) {
        wk_butler_types_free(*out, *count);
        *out = NULL;
        *count = 0;
    }
    return status;
}

void wk_butler_types_free(wk_butler_type *types, size_t count)
{
    for (size_t i = 0; types && i < count; i++) {
        wk_memory_free(types[i].name);
        wk_memory_free(types[i].storage_class);
        wk_names_free(types[i].dimensions, types[i].dimension_count);
    }
    wk_memory_free(types);
}
