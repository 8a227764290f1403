#include "welkin/butler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "butler_file.h"
#include "butler_dataset.h"
#include "butler_schema.h"
#include "memory.h"
#include "status.h"

enum { PATIENCE = 3000 /* milliseconds that another program may hold the registry */ };

/* Look which of the tables that need not be there can be used. */
static wk_status look_around(wk_butler *butler, wk_error *error)
{
    const struct {
        int *has;
        const char *table, *columns[4];
    } list[] = {
        {&butler->has.dataset, "dataset", {"id", "run_id"}},
        {&butler->has.visit, "visit", {"instrument", "id", "physical_filter"}},
        {&butler->has.exposure, "exposure", {"instrument", "id", "physical_filter"}},
        {&butler->has.physical_filter, "physical_filter", {"instrument", "name", "band"}},
        {&butler->has.detector, "detector", {"instrument", "id", "full_name"}},
        {&butler->has.graph,
         "dimension_graph_definition",
         {"dimension_graph_id", "dimension_name"}},
        {&butler->has.instrument_summary,
         "collection_summary_instrument",
         {"collection_id", "instrument"}},
        {&butler->has.skymap_summary, "collection_summary_skymap", {"collection_id", "skymap"}},
    };
    wk_status status = WK_OK;
    for (size_t i = 0; i < sizeof list / sizeof *list && !status; i++) {
        const char *missing = NULL;
        status = wk_butler_schema_missing(&missing, butler->database, list[i].table,
                                          list[i].columns, error);
        *list[i].has = !missing;
    }
    return status;
}

static wk_status open_all(wk_butler *butler, const char *path, wk_error *error)
{
    wk_butler_config *config = &butler->config;
    wk_status status = wk_butler_config_read(config, path, error);
    if (!status)
        status = wk_database_open(&butler->database, config->database, WK_DATABASE_READ, PATIENCE,
                                  error);
    if (!status)
        status = wk_butler_schema_check(butler->database, config->database, config->table, error);
    if (!status)
        status = look_around(butler, error);
    if (!status)
        status =
            wk_collections_read(&butler->collections, butler->database, config->database, error);
    return status;
}

wk_status wk_butler_open(wk_butler **out, const char *path, wk_error *error)
{
    *out = NULL;
    wk_butler *butler = wk_memory_new(1, sizeof *butler, error);
    if (!butler)
        return WK_MEMORY;
    wk_status status = open_all(butler, path, error);
    if (status)
        wk_butler_free(butler);
    else
        *out = butler;
    return status;
}

void wk_butler_free(wk_butler *butler)
{
    if (!butler)
        return;
    wk_search_release(&butler->search);
    wk_collections_release(&butler->collections);
    wk_database_close(butler->database);
    wk_butler_config_release(&butler->config);
    wk_memory_free(butler);
}

const wk_butler_collection *wk_butler_collections(size_t *count, const wk_butler *butler)
{
    *count = butler->collections.count;
    return butler->collections.list;
}

wk_status wk_butler_search(wk_butler *butler, const char *names, wk_error *error)
{
    return wk_collections_search(&butler->search, &butler->collections, names,
                                 butler->config.database, error);
}

void wk_butler_dataset_release(wk_butler_dataset *dataset)
{
    for (size_t i = 0; i < dataset->key_count; i++) {
        wk_memory_free(dataset->keys[i].name);
        wk_memory_free(dataset->keys[i].value);
    }
    for (size_t i = 0; i < dataset->file_count; i++) {
        wk_memory_free(dataset->files[i].component);
        wk_memory_free(dataset->files[i].path);
        wk_memory_free(dataset->files[i].storage_class);
        wk_memory_free(dataset->files[i].formatter);
    }
    wk_memory_free(dataset->keys);
    wk_memory_free(dataset->files);
    wk_memory_free(dataset->type);
    wk_memory_free(dataset->storage_class);
    wk_memory_free(dataset->id);
    wk_memory_free(dataset->run);
    memset(dataset, 0, sizeof *dataset);
}

void wk_butler_datasets_free(wk_butler_dataset *datasets, size_t count)
{
    for (size_t i = 0; datasets && i < count; i++)
        wk_butler_dataset_release(&datasets[i]);
    wk_memory_free(datasets);
}

/* What is looked for: a type, perhaps one component, a data ID. */
typedef struct wanted {
    wk_butler *butler;
    wk_dataset_type type;
    wk_data_id id;
    char *name, *component; /* name: TYPE, cut at the point before the component */
} wanted;

static void release(wanted *w)
{
    wk_data_id_release(&w->id);
    wk_dataset_type_release(&w->type);
    wk_memory_free(w->name);
}

static wk_status prepare(wanted *w, const char *type, const char *const *keys, size_t count,
                         wk_error *error)
{
    if (!w->butler->search.leaves)
        return wk_error_set(error, WK_ARGUMENT, type, "no collections to search were named");
    w->name = wk_memory_text(type, error);
    if (!w->name)
        return WK_MEMORY;
    w->component = strchr(w->name, '.');
    if (w->component)
        *w->component++ = '\0';
    wk_status status = wk_dataset_type_find(&w->type, w->butler, w->name, error);
    if (!status)
        status = wk_data_id_read(&w->id, &w->type, keys, count, w->butler, error);
    return status ? status : wk_data_id_infer(&w->id, &w->type, w->butler, error);
}

static wk_status nothing(const wanted *w, wk_error *error)
{
    char text[200];
    wk_data_id_text(text, sizeof text, &w->id, &w->type);
    return wk_error_set(error, WK_NO_DATA, w->name, "there is none%s%s in the collection %.150s",
                        text[0] ? " with " : "", text, w->butler->search.names);
}

/* Whether the present row has the data ID of a dataset. */
static int is_same(const wk_butler_dataset *dataset, wk_query *row, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *value = wk_query_text(row, 2 + (int)i);
        if (strcmp(dataset->keys[i].value, value ? value : "") != 0)
            return 0;
    }
    return 1;
}

static wk_status collect(wk_butler_dataset **out, size_t *found, const wanted *w,
                         const wk_data_id *id, size_t most, wk_error *error)
{
    wk_lookup lookup;
    wk_query *query = NULL;
    int row = 1;
    wk_status status = wk_lookup_open(&lookup, &w->type, w->component, w->butler, error);
    if (!status)
        status = wk_dataset_query(&query, &w->type, id, w->butler, error);
    while (!status && *found < most && !(status = wk_query_step(&row, query, error)) && row) {
        if (*found && is_same(&(*out)[*found - 1], query, w->type.count))
            continue;
        if ((*found & (*found - 1)) == 0)
            status = wk_memory_grow((void **)out, *found ? 2 * *found : 1, sizeof **out, error);
        if (!status)
            status = wk_lookup_dataset(&(*out)[*found], &lookup, query, error);
        *found += !status;
    }
    wk_query_close(query);
    wk_lookup_close(&lookup);
    return status ? status : *found ? WK_OK : nothing(w, error);
}

wk_status wk_butler_find_all(wk_butler_dataset **out, size_t *found, wk_butler *butler,
                             const char *type, const char *const *keys, size_t count,
                             wk_error *error)
{
    wanted w = {.butler = butler};
    *out = NULL;
    *found = 0;
    wk_status status = prepare(&w, type, keys, count, error);
    if (!status)
        status = collect(out, found, &w, &w.id, SIZE_MAX, error);
    if (status) {
        wk_butler_datasets_free(*out, *found);
        *out = NULL;
        *found = 0;
    }
    release(&w);
    return status;
}

/* A key that follows from the others was given, too: it must be what the registry says. */
static wk_status confirm(const wk_butler_dataset *dataset, const char *key, const char *given,
                         wk_error *error)
{
    if (!given)
        return WK_OK;
    for (size_t i = 0; i < dataset->key_count; i++) {
        if (strcmp(dataset->keys[i].name, key) != 0)
            continue;
        return !strcmp(dataset->keys[i].value, given)
                   ? WK_OK
                   : wk_error_set(error, WK_ARGUMENT, key,
                                  "%.100s contradicts the rest of the data ID, for which the "
                                  "registry has %.100s",
                                  given, dataset->keys[i].value);
    }
    return wk_error_set(error, WK_ARGUMENT, key,
                        "%.100s cannot be judged: the registry has no record that tells it", given);
}

/* All of the type's own keys are known, so that there is one data ID. */
static wk_status find_one(wk_butler_dataset *out, const wanted *w, wk_error *error)
{
    wk_butler_dataset *list = NULL;
    size_t found = 0;
    wk_data_id own = w->id;
    own.band = own.physical_filter = NULL;
    wk_status status = collect(&list, &found, w, &own, 1, error);
    if (!status)
        status = confirm(list, "band", w->id.band, error);
    if (!status)
        status = confirm(list, "physical_filter", w->id.physical_filter, error);
    if (!status)
        *out = list[0];
    else
        wk_butler_datasets_free(list, found);
    if (!status)
        wk_memory_free(list);
    return status;
}

wk_status wk_butler_find(wk_butler_dataset *out, wk_butler *butler, const char *type,
                         const char *const *keys, size_t count, wk_error *error)
{
    wanted w = {.butler = butler};
    memset(out, 0, sizeof *out);
    wk_status status = prepare(&w, type, keys, count, error);
    if (!status)
        status = wk_data_id_complete(&w.id, &w.type, error);
    if (!status)
        status = find_one(out, &w, error);
    release(&w);
    return status;
}
