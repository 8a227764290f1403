#include "butler_dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "butler_text.h"
#include "memory.h"
#include "status.h"

/* Places of the statement's values: leaves, type, then dimensions by their index. */
enum { LEAVES = 1, TYPE, BAND, FILTER, FIRST };

/* Names in it are the type's, which were judged; all values are bound. */
static wk_status compose(wk_text *text, const wk_dataset_type *type, const wk_data_id *id,
                         const char *observation, wk_error *error)
{
    wk_status status = wk_text_add(text, error, "SELECT t.dataset_id, t.collection_id");
    for (size_t i = 0; i < type->count && !status; i++)
        status = wk_text_add(text, error, ", t.\"%s\"", type->dimensions[i]);
    if (!status)
        status = wk_text_add(text, error,
                             " FROM json_each(?%d) j CROSS JOIN \"%s\" t"
                             " WHERE t.collection_id = j.value AND t.dataset_type_id = ?%d",
                             LEAVES, type->table, TYPE);
    for (size_t i = 0; i < type->count && !status; i++)
        if (id->values[i])
            status = wk_text_add(text, error, " AND t.\"%s\" = ?%d", type->dimensions[i],
                                 FIRST + (int)i);
    if (!status && id->band)
        status = wk_text_add(text, error,
                             " AND EXISTS (SELECT 1 FROM %s o JOIN physical_filter f"
                             " ON f.instrument = o.instrument AND f.name = o.physical_filter"
                             " WHERE o.instrument = t.instrument AND o.id = t.%s AND f.band = ?%d)",
                             observation, observation, BAND);
    if (!status && id->physical_filter)
        status = wk_text_add(text, error,
                             " AND EXISTS (SELECT 1 FROM %s o WHERE o.instrument = t.instrument"
                             " AND o.id = t.%s AND o.physical_filter = ?%d)",
                             observation, observation, FILTER);
    if (!status)
        status = wk_text_add(text, error, " ORDER BY ");
    for (size_t i = 0; i < type->count && !status; i++)
        status = wk_text_add(text, error, "t.\"%s\", ", type->dimensions[i]);
    return status ? status : wk_text_add(text, error, "j.key");
}

static wk_status bind(wk_query *query, const wk_dataset_type *type, const wk_data_id *id,
                      const wk_butler *butler, wk_error *error)
{
    wk_status status = wk_query_bind_text(query, LEAVES, butler->search.leaves, error);
    if (!status)
        status = wk_query_bind_integer(query, TYPE, type->id, error);
    if (!status && id->band)
        status = wk_query_bind_text(query, BAND, id->band, error);
    if (!status && id->physical_filter)
        status = wk_query_bind_text(query, FILTER, id->physical_filter, error);
    for (size_t i = 0; i < type->count && !status; i++) {
        int place = FIRST + (int)i;
        if (id->values[i])
            status =
                type->integer[i]
                    ? wk_query_bind_integer(query, place, strtoll(id->values[i], NULL, 10), error)
                    : wk_query_bind_text(query, place, id->values[i], error);
    }
    return status;
}

wk_status wk_dataset_query(wk_query **out, const wk_dataset_type *type, const wk_data_id *id,
                           const wk_butler *butler, wk_error *error)
{
    wk_text text = {0};
    wk_query *query = NULL;
    const char *observation = wk_data_id_observation(type, butler);
    wk_status status = compose(&text, type, id, observation ? observation : "", error);
    if (!status)
        status = wk_query_open(&query, butler->database, text.data, error);
    if (!status)
        status = bind(query, type, id, butler, error);
    wk_text_free(&text);
    if (status)
        wk_query_close(query);
    else
        *out = query;
    return status;
}
