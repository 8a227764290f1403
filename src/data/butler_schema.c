#include "butler_schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "status.h"

enum { COLUMNS = 8 };

/* A manager that is understood, and the major versions of its schema. */
typedef struct manager {
    const char *role;
    const char *class; /* without its module */
    int least, most;
} manager;

static const manager managers[] = {
    {"attributes", "DefaultButlerAttributeManager", 1, 1},
    {"opaque", "ByNameOpaqueTableStorageManager", 0, 0},
    {"dimensions", "StaticDimensionRecordStorageManager", 6, 6},
    {"collections", "SynthIntKeyCollectionManager", 2, 2},
    {"datasets", "ByDimensionsDatasetRecordStorageManagerUUID", 1, 2},
    {"datastores", "MonolithicDatastoreRegistryBridgeManager", 0, 0},
};

wk_status wk_butler_schema_missing(const char **missing, wk_database *database, const char *table,
                                   const char *const *columns, wk_error *error)
{
    char **names = NULL;
    size_t count = 0;
    wk_status status = wk_database_columns(&names, &count, database, table, error);
    *missing = NULL;
    for (; !status && *columns && !*missing; columns++) {
        size_t i = 0;
        while (i < count && strcmp(names[i], *columns) != 0)
            i++;
        *missing = i < count ? NULL : *columns;
    }
    wk_database_columns_free(names, count);
    return status;
}

static wk_status need(wk_database *database, const char *path, const char *table,
                      const char *const *columns, wk_error *error)
{
    const char *missing;
    wk_status status = wk_butler_schema_missing(&missing, database, table, columns, error);
    if (!status && missing)
        status = wk_error_set(error, WK_HEADER, path,
                              "the registry's table %s has no column %s: its schema is not known",
                              table, missing);
    return status;
}

static wk_status check_tables(wk_database *database, const char *path, const char *records,
                              wk_error *error)
{
    const struct {
        const char *table, *columns[COLUMNS];
    } wanted[] = {
        {"collection", {"collection_id", "name", "type"}},
        {"collection_chain", {"parent", "position", "child"}},
        {"dataset_type",
         {"id", "name", "storage_class", "dimensions_key", "tag_association_table"}},
        {records, {"dataset_id", "path", "formatter", "storage_class", "component", "file_size"}},
    };
    wk_status status = WK_OK;
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted && !status; i++)
        status = need(database, path, wanted[i].table, wanted[i].columns, error);
    return status;
}

static wk_status wrong_manager(const char *path, const char *role, const char *class,
                               wk_error *error)
{
    const char *why = strstr(class, "NameKey")
                          ? "whose collections have names for keys, as those before 2021"
                      : strstr(class, "ByDimensionsDatasetRecordStorageManager")
                          ? "whose datasets have integers for keys, as those before 2021"
                          : "which is not known here";
    return wk_error_set(error, WK_HEADER, path,
                        "the registry's manager of %s is %.120s, %s: it cannot be read", role,
                        class, why);
}

/* The version of a manager's schema, as the attributes have it. */
static wk_status check_version(wk_query *query, const char *path, const manager *known,
                               const char *class, wk_error *error)
{
    char key[300];
    int row = 0;
    snprintf(key, sizeof key, "version:%s", class);
    wk_status status = wk_query_bind_text(query, 1, key, error);
    if (!status)
        status = wk_query_step(&row, query, error);
    const char *version = !status && row ? wk_query_text(query, 0) : NULL;
    char *end = NULL;
    long major = version ? strtol(version, &end, 10) : -1;
    if (!status &&
        (!version || end == version || *end != '.' || major < known->least || major > known->most))
        status = wk_error_set(error, WK_HEADER, path,
                              "the registry's schema of %s has version %.40s: only %d.x%s is known",
                              known->role, version ? version : "(none)", known->least,
                              known->most > known->least ? " and 2.x" : "");
    wk_query_reset(query);
    return status;
}

static wk_status check_manager(wk_query *query, const char *path, const manager *known,
                               wk_error *error)
{
    char key[100], class[200] = "";
    int row = 0;
    snprintf(key, sizeof key, "config:registry.managers.%s", known->role);
    wk_status status = wk_query_bind_text(query, 1, key, error);
    if (!status)
        status = wk_query_step(&row, query, error);
    if (!status && row)
        snprintf(class, sizeof class, "%s", wk_query_text(query, 0) ? wk_query_text(query, 0) : "");
    wk_query_reset(query);
    const char *point = strrchr(class, '.');
    int needed = !strcmp(known->role, "collections") || !strcmp(known->role, "datasets");
    if (status || (!class[0] && !needed))
        return status;
    if (!class[0])
        return wk_error_set(error, WK_HEADER, path,
                            "the registry does not say which manager of %s it has", known->role);
    if (strcmp(point ? point + 1 : class, known->class) != 0)
        return wrong_manager(path, known->role, point ? point + 1 : class, error);
    return check_version(query, path, known, class, error);
}

static wk_status check_managers(wk_database *database, const char *path, wk_error *error)
{
    wk_query *query = NULL;
    wk_status status = wk_query_open(&query, database,
                                     "SELECT value FROM butler_attributes WHERE name = ?1", error);
    for (size_t i = 0; i < sizeof managers / sizeof *managers && !status; i++)
        status = check_manager(query, path, &managers[i], error);
    wk_query_close(query);
    return status;
}

wk_status wk_butler_schema_check(wk_database *database, const char *path, const char *records,
                                 wk_error *error)
{
    static const char *const attributes[] = {"name", "value", NULL};
    const char *missing;
    wk_status status =
        wk_butler_schema_missing(&missing, database, "butler_attributes", attributes, error);
    if (!status && missing)
        status = wk_error_set(error, WK_HEADER, path,
                              "is no registry of generation 3: it has no table butler_attributes; "
                              "generation 2 is not read");
    if (!status)
        status = check_managers(database, path, error);
    return status ? status : check_tables(database, path, records, error);
}
