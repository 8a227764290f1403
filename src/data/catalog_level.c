#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "catalog.h"
#include "memory.h"
#include "status.h"
#include "welkin/ledger.h"

/* One recording. */
typedef struct record {
    wk_catalog *catalog;
    const char *path; /* of the ledger, as given */
    wk_ledger *ledger;
    wk_catalog_file file; /* the ledger as a file: its path and what tells a change */
    int64_t count, run;
} record;

static const char *text_at(const record *all, int64_t index, const char *key)
{
    char path[64];
    snprintf(path, sizeof path, "exposures/%lld/%s", (long long)index, key);
    return wk_ledger_get_text(all->ledger, path);
}

static double number_at(const record *all, int64_t index, const char *key, int *found)
{
    char path[64];
    snprintf(path, sizeof path, "exposures/%lld/%s", (long long)index, key);
    return wk_ledger_get_number(all->ledger, path, found);
}

static wk_status check_ledger(record *all, wk_error *error)
{
    int sky = 1, hdu = 1;
    all->count = wk_ledger_length(all->ledger, "exposures");
    int whole = all->count >= 0 && wk_ledger_get_text(all->ledger, "method");
    for (int64_t i = 0; i < all->count && whole; i++) {
        number_at(all, i, "sky", &sky);
        double number = number_at(all, i, "hdu", &hdu);
        whole = text_at(all, i, "file") && sky && hdu && number >= 0 && number < 1e6;
    }
    return whole ? WK_OK
                 : wk_error_set(error, WK_FILE, all->path, "is no solution of welkin match");
}

/* The ledger's paths hold where match was run: here, or where the ledger lies. */
static wk_status locate(char **stored, const record *all, const char *path, wk_error *error)
{
    wk_catalog_file file;
    const char *slash = strrchr(all->path, '/');
    memset(&file, 0, sizeof file);
    wk_status status = WK_FILE;
    if (*path != '/' && slash && access(path, F_OK) != 0) {
        size_t room = strlen(all->path) + strlen(path) + 2;
        char *beside = wk_memory_new(room, 1, error);
        if (!beside)
            return WK_MEMORY;
        snprintf(beside, room, "%.*s%s", (int)(slash - all->path) + 1, all->path, path);
        status = wk_catalog_locate(&file, all->catalog, beside, error);
        wk_memory_free(beside);
    }
    if (status && status != WK_MEMORY)
        status = wk_catalog_locate(&file, all->catalog, path, error);
    *stored = file.stored;
    return status;
}

static wk_status find_exposure(int64_t *key, wk_query *find, const record *all, int64_t index,
                               wk_error *error)
{
    const char *path = text_at(all, index, "file");
    int64_t hdu = (int64_t)number_at(all, index, "hdu", NULL);
    char *stored = NULL, subject[600];
    int row = 0;
    wk_status status = locate(&stored, all, path, error);
    if (!status)
        status = wk_query_bind_text(find, 1, stored, error);
    if (!status)
        status = wk_query_bind_integer(find, 2, hdu, error);
    if (!status)
        status = wk_query_step(&row, find, error);
    if (row)
        *key = wk_query_integer(find, 0);
    wk_query_reset(find);
    wk_memory_free(stored);
    if (status || row)
        return status;
    snprintf(subject, sizeof subject, "%s[%lld]", path, (long long)hdu);
    return wk_error_set(error, WK_ARGUMENT, subject,
                        "is in the ledger but not in the catalogue; add its file first");
}

static wk_status put_levels(record *all, wk_error *error)
{
    wk_query *find = NULL, *put = NULL;
    wk_status status = wk_query_open(&find, all->catalog->database,
                                     "SELECT e.id FROM file f JOIN exposure e ON e.file = f.id"
                                     " WHERE f.path = ?1 AND e.hdu = ?2",
                                     error);
    if (!status)
        status = wk_query_open(&put, all->catalog->database,
                               "INSERT OR REPLACE INTO level VALUES (?1, ?2, ?3, ?4, ?5)", error);
    for (int64_t i = 0; i < all->count && !status; i++) {
        int64_t key = 0;
        double sky = number_at(all, i, "sky", NULL);
        status = find_exposure(&key, find, all, i, error);
        if (!status)
            status = wk_query_bind_integer(put, 1, all->run, error);
        if (!status)
            status = wk_query_bind_integer(put, 2, key, error);
        if (!status)
            status = wk_query_bind_real(put, 3, sky, error);
        if (!status)
            status = wk_query_bind_real(put, 4, number_at(all, i, "error", NULL), error);
        if (!status)
            status = wk_query_bind_integer(put, 5, isfinite(sky), error);
        if (!status)
            status = wk_query_run(put, error);
    }
    wk_query_close(find);
    wk_query_close(put);
    return status;
}

static void print_time(char *out, size_t size, int64_t changed)
{
    time_t seconds = (time_t)(changed / 1000000000);
    struct tm parts;
    if (!gmtime_r(&seconds, &parts) || !strftime(out, size, "%Y-%m-%dT%H:%M:%SZ", &parts))
        out[0] = '\0';
}

/* Replaces the run of the same ledger, unless its file has changed. */
static wk_status put_run(record *all, wk_error *error)
{
    wk_query *put = NULL;
    char time[40];
    print_time(time, sizeof time, all->file.changed);
    wk_status status =
        wk_query_open(&put, all->catalog->database,
                      "INSERT OR REPLACE INTO run(ledger, size, changed, time, method)"
                      " VALUES (?1, ?2, ?3, ?4, ?5)",
                      error);
    if (!status)
        status = wk_query_bind_text(put, 1, all->file.stored, error);
    if (!status)
        status = wk_query_bind_integer(put, 2, all->file.size, error);
    if (!status)
        status = wk_query_bind_integer(put, 3, all->file.changed, error);
    if (!status)
        status = wk_query_bind_text(put, 4, time, error);
    if (!status)
        status = wk_query_bind_text(put, 5, wk_ledger_get_text(all->ledger, "method"), error);
    if (!status)
        status = wk_query_run(put, error);
    if (!status)
        all->run = wk_database_last_key(all->catalog->database);
    wk_query_close(put);
    return status;
}

wk_status wk_catalog_record(int64_t *recorded, wk_catalog *catalog, const char *ledger,
                            wk_error *error)
{
    record all = {.catalog = catalog, .path = ledger};
    wk_status status = wk_ledger_read(&all.ledger, ledger, error);
    if (!status)
        status = check_ledger(&all, error);
    if (!status)
        status = wk_catalog_locate(&all.file, catalog, ledger, error);
    if (!status)
        status = wk_database_begin(catalog->database, error);
    if (!status)
        status = put_run(&all, error);
    if (!status)
        status = put_levels(&all, error);
    if (!status)
        status = wk_database_commit(catalog->database, error);
    if (status)
        wk_database_undo(catalog->database);
    else
        *recorded = all.count;
    wk_memory_free(all.file.stored);
    wk_ledger_free(all.ledger);
    return status;
}
