#include "butler_file.h"

#include <stdio.h>
#include <string.h>

#include "butler_path.h"
#include "butler_text.h"
#include "memory.h"
#include "status.h"

enum { NAMES = 300 };

static wk_status open_files(wk_lookup *lookup, wk_error *error)
{
    wk_text text = {0};
    wk_status status = wk_text_add(&text, error,
                                   "SELECT path, component, storage_class, formatter, file_size"
                                   " FROM \"%s\" WHERE dataset_id = ?1 ORDER BY component",
                                   lookup->butler->config.table);
    if (!status)
        status = wk_query_open(&lookup->files, lookup->butler->database, text.data, error);
    wk_text_free(&text);
    return status;
}

static wk_status open_implied(wk_lookup *lookup, wk_error *error)
{
    wk_text text = {0};
    const char *table = wk_data_id_observation(lookup->type, lookup->butler);
    if (!table)
        return WK_OK;
    wk_status status =
        lookup->butler->has.physical_filter
            ? wk_text_add(&text, error,
                          "SELECT o.physical_filter, f.band FROM %s o LEFT JOIN physical_filter f"
                          " ON f.instrument = o.instrument AND f.name = o.physical_filter"
                          " WHERE o.instrument = ?1 AND o.id = ?2",
                          table)
            : wk_text_add(&text, error,
                          "SELECT physical_filter, NULL FROM %s WHERE instrument = ?1 AND id = ?2",
                          table);
    if (!status)
        status = wk_query_open(&lookup->implied, lookup->butler->database, text.data, error);
    wk_text_free(&text);
    return status;
}

wk_status wk_lookup_open(wk_lookup *lookup, const wk_dataset_type *type, const char *component,
                         const wk_butler *butler, wk_error *error)
{
    *lookup = (wk_lookup){.butler = butler, .type = type, .component = component};
    wk_status status = open_files(lookup, error);
    if (!status && butler->has.dataset)
        status = wk_query_open(&lookup->run, butler->database,
                               "SELECT c.name FROM dataset d JOIN collection c"
                               " ON c.collection_id = d.run_id WHERE d.id = ?1",
                               error);
    return status ? status : open_implied(lookup, error);
}

void wk_lookup_close(wk_lookup *lookup)
{
    wk_query_close(lookup->files);
    wk_query_close(lookup->run);
    wk_query_close(lookup->implied);
    memset(lookup, 0, sizeof *lookup);
}

/* 32 hexadecimal digits with dashes; anything else as it is. */
static char *uuid(const char *id, wk_error *error)
{
    char text[40];
    if (strlen(id) != 32)
        return wk_memory_text(id, error);
    snprintf(text, sizeof text, "%.8s-%.4s-%.4s-%.4s-%.12s", id, id + 8, id + 12, id + 16, id + 20);
    return wk_memory_text(text, error);
}

static wk_status copy_text(char **out, const char *text, wk_error *error)
{
    *out = wk_memory_text(text ? text : "", error);
    return *out ? WK_OK : WK_MEMORY;
}

/* Put a key behind the others; there is room. */
static wk_status add_key(wk_butler_dataset *out, const char *name, const char *value, int integer,
                         int required, wk_error *error)
{
    wk_butler_key *key = &out->keys[out->key_count++];
    *key = (wk_butler_key){.integer = integer, .required = required};
    wk_status status = copy_text(&key->name, name, error);
    return status ? status : copy_text(&key->value, value, error);
}

/* Keys that follow from the visit or exposure. */
static wk_status take_implied(wk_butler_dataset *out, wk_lookup *lookup, wk_error *error)
{
    static const char *const names[] = {"physical_filter", "band"};
    const wk_dataset_type *type = lookup->type;
    int row = 0;
    if (!lookup->implied)
        return WK_OK;
    int instrument = wk_dataset_type_dimension(type, "instrument");
    int observation = wk_dataset_type_dimension(type, wk_data_id_observation(type, lookup->butler));
    wk_status status = wk_query_bind_text(lookup->implied, 1, out->keys[instrument].value, error);
    if (!status)
        status = wk_query_bind_text(lookup->implied, 2, out->keys[observation].value, error);
    if (!status)
        status = wk_query_step(&row, lookup->implied, error);
    for (int i = 0; i < 2 && row && !status; i++) {
        const char *value = wk_query_text(lookup->implied, i);
        if (value && wk_dataset_type_dimension(type, names[i]) < 0)
            status = add_key(out, names[i], value, 0, 0, error);
    }
    wk_query_reset(lookup->implied);
    return status;
}

static wk_status take_keys(wk_butler_dataset *out, wk_lookup *lookup, wk_query *row,
                           wk_error *error)
{
    const wk_dataset_type *type = lookup->type;
    out->keys = wk_memory_new(type->count + 2, sizeof *out->keys, error);
    wk_status status = out->keys ? WK_OK : WK_MEMORY;
    for (size_t i = 0; i < type->count && !status; i++)
        status = add_key(out, type->dimensions[i], wk_query_text(row, 2 + (int)i), type->integer[i],
                         1, error);
    return status ? status : take_implied(out, lookup, error);
}

static wk_status take_run(wk_butler_dataset *out, const wk_lookup *lookup, const char *id,
                          wk_error *error)
{
    int row = 0;
    if (!lookup->run)
        return WK_OK;
    wk_status status = wk_query_bind_text(lookup->run, 1, id, error);
    if (!status)
        status = wk_query_step(&row, lookup->run, error);
    if (!status && row && wk_query_text(lookup->run, 0))
        status = copy_text(&out->run, wk_query_text(lookup->run, 0), error);
    wk_query_reset(lookup->run);
    return status;
}

/* What stands for the whole in the records: the mark, or nothing. */
static int is_whole(const char *component)
{
    return !component || !*component || !strcmp(component, "__NULL_STRING__");
}

static wk_status take_file(wk_butler_dataset *out, wk_query *row, const wk_butler *butler,
                           wk_error *error)
{
    char subject[160];
    const char *component = wk_query_text(row, 1), *path = wk_query_text(row, 0);
    snprintf(subject, sizeof subject, "%.100s %.50s", out->type, out->id);
    wk_status status =
        wk_memory_grow((void **)&out->files, out->file_count + 1, sizeof *out->files, error);
    if (status)
        return status;
    wk_butler_file *file = &out->files[out->file_count++];
    *file = (wk_butler_file){.recorded = wk_query_integer(row, 4)};
    if (!is_whole(component))
        status = copy_text(&file->component, component, error);
    if (!status)
        status = copy_text(&file->storage_class, wk_query_text(row, 2), error);
    if (!status)
        status = copy_text(&file->formatter, wk_query_text(row, 3), error);
    if (!status)
        status = wk_butler_path(&file->path, &file->size, butler->config.datastore,
                                path ? path : "", subject, error);
    return status;
}

/* There are files, but not the one that was asked for. */
static wk_status no_component(const char *const *names, size_t count, const char *component,
                              const char *type, wk_error *error)
{
    char text[NAMES];
    wk_text_names(text, sizeof text, names, count);
    if (count == 0)
        return wk_error_set(error, WK_ARGUMENT, type,
                            "is kept in one file, of which no component is cut out: leave .%.100s "
                            "away",
                            component);
    return wk_error_set(error, WK_ARGUMENT, type, "has no component %.100s; it has: %s", component,
                        text);
}

static wk_status take_rows(wk_butler_dataset *out, char ***names, size_t *count, wk_lookup *lookup,
                           wk_error *error)
{
    int row = 1, rows = 0;
    wk_status status = WK_OK;
    while (!status && !(status = wk_query_step(&row, lookup->files, error)) && row) {
        const char *component = wk_query_text(lookup->files, 1);
        int whole = is_whole(component);
        int wanted = !lookup->component || (!whole && !strcmp(component, lookup->component));
        rows++;
        if (!whole)
            status = wk_names_add(names, count, component, error);
        if (!status && wanted)
            status = take_file(out, lookup->files, lookup->butler, error);
    }
    if (!status && !rows)
        status = wk_error_set(error, WK_FILE, out->type,
                              "the dataset %s is registered, but %.64s has no file of it", out->id,
                              lookup->butler->config.table);
    return status;
}

static wk_status take_files(wk_butler_dataset *out, wk_lookup *lookup, const char *id,
                            wk_error *error)
{
    char **names = NULL;
    size_t count = 0;
    wk_status status = wk_query_bind_text(lookup->files, 1, id, error);
    if (!status)
        status = take_rows(out, &names, &count, lookup, error);
    wk_query_reset(lookup->files);
    if (!status && !out->file_count)
        status =
            no_component((const char *const *)names, count, lookup->component, out->type, error);
    wk_names_free(names, count);
    return status;
}

wk_status wk_lookup_dataset(wk_butler_dataset *out, wk_lookup *lookup, wk_query *row,
                            wk_error *error)
{
    const char *id = wk_query_text(row, 0);
    memset(out, 0, sizeof *out);
    id = id ? id : "";
    out->id = uuid(id, error);
    wk_status status = out->id ? copy_text(&out->type, lookup->type->name, error) : WK_MEMORY;
    if (!status)
        status = copy_text(&out->storage_class, lookup->type->storage_class, error);
    if (!status)
        status = take_keys(out, lookup, row, error);
    if (!status)
        status = take_run(out, lookup, id, error);
    if (!status)
        status = take_files(out, lookup, id, error);
    if (status)
        wk_butler_dataset_release(out);
    return status;
}
