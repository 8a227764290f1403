#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "catalog.h"
#include "memory.h"

/* A file that cannot be reached for other reasons, as in a folder that may not be looked into, is
 * not gone. */
static int is_gone(const char *path)
{
    return access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR);
}

/* The keys of files that are gone. */
static wk_status find_gone(int64_t **keys, size_t *count, wk_catalog *catalog, wk_error *error)
{
    wk_query *query = NULL;
    int row = 0;
    wk_status status = wk_query_open(&query, catalog->database, "SELECT id, path FROM file", error);
    while (!status && !(status = wk_query_step(&row, query, error)) && row) {
        char *path = wk_catalog_reach(catalog, wk_query_text(query, 1), error);
        int gone = path && is_gone(path); /* asked once: a file may go between two questions */
        if (!path)
            status = WK_MEMORY;
        else if (gone && (*count & (*count - 1)) == 0)
            status = wk_memory_grow((void **)keys, *count ? 2 * *count : 1, sizeof **keys, error);
        if (gone && !status)
            (*keys)[(*count)++] = wk_query_integer(query, 0);
        wk_memory_free(path);
    }
    wk_query_close(query);
    return status;
}

static wk_status drop_files(int64_t *removed, wk_catalog *catalog, const int64_t *keys,
                            size_t count, wk_error *error)
{
    wk_query *exposures = NULL, *file = NULL;
    wk_status status =
        wk_query_open(&exposures, catalog->database, "DELETE FROM exposure WHERE file = ?1", error);
    if (!status)
        status = wk_query_open(&file, catalog->database, "DELETE FROM file WHERE id = ?1", error);
    for (size_t i = 0; i < count && !status; i++) {
        status = wk_query_bind_integer(exposures, 1, keys[i], error);
        if (!status)
            status = wk_query_run(exposures, error);
        if (!status)
            *removed += wk_database_changes(catalog->database);
        if (!status)
            status = wk_query_bind_integer(file, 1, keys[i], error);
        if (!status)
            status = wk_query_run(file, error);
    }
    wk_query_close(exposures);
    wk_query_close(file);
    return status;
}

wk_status wk_catalog_forget(int64_t *removed, wk_catalog *catalog, wk_error *error)
{
    int64_t *keys = NULL;
    size_t count = 0;
    *removed = 0;
    wk_status status = find_gone(&keys, &count, catalog, error);
    if (!status && count)
        status = wk_database_begin(catalog->database, error);
    if (!status && count)
        status = drop_files(removed, catalog, keys, count, error);
    if (!status && count)
        status = wk_database_commit(catalog->database, error);
    if (status)
        wk_database_undo(catalog->database);
    wk_memory_free(keys);
    return status;
}
