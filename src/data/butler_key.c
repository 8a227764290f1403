#include "butler_key.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "butler_text.h"
#include "memory.h"
#include "status.h"

enum { NAMES = 300 };

void wk_data_id_release(wk_data_id *id)
{
    wk_names_free(id->values, id->count);
    wk_memory_free(id->band);
    wk_memory_free(id->physical_filter);
    memset(id, 0, sizeof *id);
}

const char *wk_data_id_observation(const wk_dataset_type *type, const wk_butler *butler)
{
    if (wk_dataset_type_dimension(type, "instrument") < 0)
        return NULL;
    if (butler->has.visit && wk_dataset_type_dimension(type, "visit") >= 0)
        return "visit";
    if (butler->has.exposure && wk_dataset_type_dimension(type, "exposure") >= 0)
        return "exposure";
    return NULL;
}

static int is_integer(const char *text)
{
    char *end;
    size_t sign = *text == '-' || *text == '+';
    if (!text[sign] || text[sign + strspn(text + sign, "0123456789")])
        return 0;
    errno = 0;
    strtoll(text, &end, 10);
    return !errno;
}

/* Where the value of a key belongs; NULL: the type has no such key. */
static char **slot_of(wk_data_id *id, const wk_dataset_type *type, const char *key,
                      const wk_butler *butler)
{
    int place = wk_dataset_type_dimension(type, key);
    if (place >= 0)
        return &id->values[place];
    if (!wk_data_id_observation(type, butler))
        return NULL;
    if (!strcmp(key, "physical_filter"))
        return &id->physical_filter;
    return !strcmp(key, "band") && butler->has.physical_filter ? &id->band : NULL;
}

static wk_status unknown_key(const char *key, const wk_dataset_type *type, const wk_butler *butler,
                             wk_error *error)
{
    char names[NAMES];
    wk_text_names(names, sizeof names, (const char *const *)type->dimensions, type->count);
    return wk_error_set(error, WK_ARGUMENT, key, "%.100s has no such key; its keys are %s%s",
                        type->name, names,
                        wk_data_id_observation(type, butler) ? " (and band, physical_filter)" : "");
}

/* The value in a form that can be compared: an integer without sign and zeros in front. */
static char *plain_value(const char *value, int integer, wk_error *error)
{
    char text[32];
    if (!integer || !is_integer(value))
        return wk_memory_text(value, error);
    snprintf(text, sizeof text, "%lld", strtoll(value, NULL, 10));
    return wk_memory_text(text, error);
}

static wk_status take_value(wk_data_id *id, const wk_dataset_type *type, const char *key,
                            const char *value, const wk_butler *butler, wk_error *error)
{
    int place = wk_dataset_type_dimension(type, key);
    int integer = place >= 0 && type->integer[place];
    char **slot = slot_of(id, type, key, butler);
    if (!slot)
        return unknown_key(key, type, butler, error);
    if (!*value)
        return wk_error_set(error, WK_ARGUMENT, key, "has no value");
    if (integer && !is_integer(value) && strcmp(key, "detector") != 0)
        return wk_error_set(error, WK_ARGUMENT, key, "%.100s is no integer", value);
    char *plain = plain_value(value, integer, error);
    if (!plain)
        return WK_MEMORY;
    if (*slot) {
        int same = !strcmp(*slot, plain);
        wk_memory_free(plain);
        return same ? WK_OK
                    : wk_error_set(error, WK_ARGUMENT, key, "is given twice: %.100s and %.100s",
                                   *slot, value);
    }
    *slot = plain;
    return WK_OK;
}

wk_status wk_data_id_read(wk_data_id *out, const wk_dataset_type *type, const char *const *keys,
                          size_t count, const wk_butler *butler, wk_error *error)
{
    memset(out, 0, sizeof *out);
    out->values = wk_memory_new(type->count, sizeof *out->values, error);
    wk_status status = out->values ? WK_OK : WK_MEMORY;
    out->count = status ? 0 : type->count;
    for (size_t i = 0; i < count && !status; i++) {
        const char *sign = strchr(keys[i], '=');
        if (!sign || sign == keys[i])
            return wk_error_set(error, WK_ARGUMENT, keys[i], "is not of the form KEY=VALUE");
        char *key = wk_memory_text(keys[i], error);
        if (!key)
            return WK_MEMORY;
        key[sign - keys[i]] = '\0';
        status = take_value(out, type, key, sign + 1, butler, error);
        wk_memory_free(key);
    }
    return status;
}

/* The values of a governor dimension in the collections searched. */
static wk_status read_governors(char ***values, size_t *count, const char *statement,
                                const wk_butler *butler, wk_error *error)
{
    wk_query *query = NULL;
    int row = 1;
    wk_status status = wk_query_open(&query, butler->database, statement, error);
    if (!status)
        status = wk_query_bind_text(query, 1, butler->search.leaves, error);
    while (!status && !(status = wk_query_step(&row, query, error)) && row)
        if (wk_query_text(query, 0))
            status = wk_names_add(values, count, wk_query_text(query, 0), error);
    wk_query_close(query);
    return status;
}

static wk_status infer_governor(wk_data_id *id, const wk_dataset_type *type, const char *key,
                                const char *statement, const wk_butler *butler, wk_error *error)
{
    char **values = NULL;
    char names[NAMES];
    size_t count = 0;
    int place = wk_dataset_type_dimension(type, key);
    if (place < 0 || id->values[place])
        return WK_OK;
    wk_status status = read_governors(&values, &count, statement, butler, error);
    if (!status && count == 1) {
        id->values[place] = values[0];
        values[0] = NULL;
    } else if (!status && count > 1) {
        wk_text_names(names, sizeof names, (const char *const *)values, count);
        status = wk_error_set(error, WK_ARGUMENT, key,
                              "is not given, and the collections have several: %s", names);
    }
    wk_names_free(values, count);
    return status;
}

/* The number of a detector that has this name. */
static wk_status find_detector(wk_data_id *id, size_t place, const char *instrument,
                               const wk_butler *butler, wk_error *error)
{
    wk_query *query = NULL;
    int row = 0, more = 0;
    char number[32] = "";
    wk_status status = wk_query_open(
        &query, butler->database,
        "SELECT DISTINCT id FROM detector WHERE full_name = ?1 AND (?2 IS NULL OR instrument = ?2)",
        error);
    if (!status)
        status = wk_query_bind_text(query, 1, id->values[place], error);
    if (!status)
        status = wk_query_bind_text(query, 2, instrument, error);
    if (!status)
        status = wk_query_step(&row, query, error);
    if (!status && row)
        snprintf(number, sizeof number, "%lld", (long long)wk_query_integer(query, 0));
    if (!status && row)
        status = wk_query_step(&more, query, error);
    wk_query_close(query);
    if (!status && (!row || more))
        return wk_error_set(error, WK_ARGUMENT, "detector",
                            more ? "%.100s is the name of several: the instrument is missing"
                                 : "%.100s is neither a number nor the name of a detector",
                            id->values[place]);
    char *value = status ? NULL : wk_memory_text(number, error);
    if (!value)
        return status ? status : WK_MEMORY;
    wk_memory_free(id->values[place]);
    id->values[place] = value;
    return WK_OK;
}

static wk_status infer_detector(wk_data_id *id, const wk_dataset_type *type,
                                const wk_butler *butler, wk_error *error)
{
    int place = wk_dataset_type_dimension(type, "detector");
    int instrument = wk_dataset_type_dimension(type, "instrument");
    if (place < 0 || !id->values[place] || !type->integer[place] || is_integer(id->values[place]))
        return WK_OK;
    if (!butler->has.detector)
        return wk_error_set(error, WK_ARGUMENT, "detector",
                            "%.100s is no integer, and the registry has no names of detectors",
                            id->values[place]);
    return find_detector(id, (size_t)place, instrument < 0 ? NULL : id->values[instrument], butler,
                         error);
}

wk_status wk_data_id_infer(wk_data_id *id, const wk_dataset_type *type, const wk_butler *butler,
                           wk_error *error)
{
    wk_status status = WK_OK;
    if (butler->has.instrument_summary)
        status = infer_governor(id, type, "instrument",
                                "SELECT DISTINCT instrument FROM collection_summary_instrument"
                                " WHERE collection_id IN (SELECT value FROM json_each(?1))"
                                " ORDER BY instrument",
                                butler, error);
    if (!status && butler->has.skymap_summary)
        status = infer_governor(id, type, "skymap",
                                "SELECT DISTINCT skymap FROM collection_summary_skymap"
                                " WHERE collection_id IN (SELECT value FROM json_each(?1))"
                                " ORDER BY skymap",
                                butler, error);
    return status ? status : infer_detector(id, type, butler, error);
}

wk_status wk_data_id_complete(const wk_data_id *id, const wk_dataset_type *type, wk_error *error)
{
    char names[NAMES], all[NAMES];
    size_t count = 0;
    const char **missing = wk_memory_new(type->count, sizeof *missing, error);
    if (!missing)
        return WK_MEMORY;
    for (size_t i = 0; i < type->count; i++)
        if (!id->values[i])
            missing[count++] = type->dimensions[i];
    wk_text_names(names, sizeof names, missing, count);
    wk_text_names(all, sizeof all, (const char *const *)type->dimensions, type->count);
    wk_memory_free((void *)missing);
    if (!count)
        return WK_OK;
    return wk_error_set(error, WK_ARGUMENT, type->name,
                        "the data ID is not complete: %.200s %s missing (the keys are %.200s)",
                        names, count == 1 ? "is" : "are", all);
}

static size_t add_key(char *out, size_t size, size_t used, const char *key, const char *value)
{
    if (!value || used >= size)
        return used;
    return used +
           (size_t)snprintf(out + used, size - used, "%s%s=%.60s", used ? ", " : "", key, value);
}

void wk_data_id_text(char *out, size_t size, const wk_data_id *id, const wk_dataset_type *type)
{
    size_t used = 0;
    *out = '\0';
    for (size_t i = 0; i < type->count; i++)
        used = add_key(out, size, used, type->dimensions[i], id->values[i]);
    used = add_key(out, size, used, "band", id->band);
    add_key(out, size, used, "physical_filter", id->physical_filter);
}
