#include "catalog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "memory.h"
#include "status.h"

/* "wlkn" in the file's head, and the version of the tables below */
enum { application = 0x776c6b6e, version = 1 };

/* detector and visit have no type: a value stays what it is, integer or text.  outline: float64,
 * little-endian. */
static const char schema[] =
    "CREATE TABLE file(id INTEGER PRIMARY KEY, path TEXT NOT NULL UNIQUE, size INTEGER NOT NULL,"
    " changed INTEGER NOT NULL, layout TEXT NOT NULL, exposures INTEGER NOT NULL);"
    "CREATE TABLE exposure(id INTEGER PRIMARY KEY,"
    " file INTEGER NOT NULL REFERENCES file ON DELETE CASCADE, hdu INTEGER NOT NULL,"
    " detector, filter TEXT, visit, exposure_time REAL, date TEXT, width INTEGER NOT NULL,"
    " height INTEGER NOT NULL, ra REAL, dec REAL, pixel_scale REAL, outline BLOB,"
    " UNIQUE(file, hdu));"
    "CREATE INDEX exposure_visit ON exposure(visit);"
    "CREATE INDEX exposure_filter ON exposure(filter);"
    "CREATE VIRTUAL TABLE footprint USING rtree(id, x0, x1, y0, y1, z0, z1);"
    "CREATE TRIGGER exposure_gone AFTER DELETE ON exposure"
    " BEGIN DELETE FROM footprint WHERE id = old.id; END;"
    "CREATE TABLE run(id INTEGER PRIMARY KEY, ledger TEXT NOT NULL, size INTEGER NOT NULL,"
    " changed INTEGER NOT NULL, time TEXT NOT NULL, method TEXT NOT NULL,"
    " UNIQUE(ledger, size, changed));"
    "CREATE TABLE level(run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE,"
    " exposure INTEGER NOT NULL REFERENCES exposure ON DELETE CASCADE, sky REAL, error REAL,"
    " valid INTEGER NOT NULL, PRIMARY KEY(run, exposure)) WITHOUT ROWID;"
    "CREATE INDEX level_exposure ON level(exposure);";

static wk_status ask_number(int64_t *value, wk_catalog *catalog, const char *statement,
                            wk_error *error)
{
    wk_query *query = NULL;
    int row = 0;
    wk_status status = wk_query_open(&query, catalog->database, statement, error);
    if (!status)
        status = wk_query_step(&row, query, error);
    if (!status)
        *value = row ? wk_query_integer(query, 0) : 0;
    wk_query_close(query);
    return status;
}

/* Without its R*Tree module SQLite can read everything but footprints. */
static wk_status create_tables(wk_catalog *catalog, wk_error *error)
{
    char marks[96];
    snprintf(marks, sizeof marks, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
             application, version);
    wk_status status = wk_database_run(catalog->database, schema, error);
    return status ? status : wk_database_run(catalog->database, marks, error);
}

static wk_status check_marks(int *empty, wk_catalog *catalog, wk_error *error)
{
    int64_t id = 0, number = 0, tables = 0;
    wk_status status = ask_number(&id, catalog, "PRAGMA application_id", error);
    if (!status)
        status = ask_number(&number, catalog, "PRAGMA user_version", error);
    if (!status)
        status = ask_number(&tables, catalog, "SELECT count(*) FROM sqlite_master", error);
    *empty = !status && id == 0 && number == 0 && tables == 0;
    if (status || *empty)
        return status;
    if (id != application)
        return wk_error_set(error, WK_FILE, catalog->path,
                            "is a database of another program, not a catalogue of welkin");
    if (number != version)
        return wk_error_set(error, WK_FILE, catalog->path,
                            "is a catalogue of version %lld; this welkin knows version %d",
                            (long long)number, version);
    return WK_OK;
}

/* All marks from one moment: another program may be about to write them. */
static wk_status check_at_once(int *empty, wk_catalog *catalog, wk_error *error)
{
    wk_status status = wk_database_run(catalog->database, "BEGIN", error);
    if (!status)
        status = check_marks(empty, catalog, error);
    if (!status)
        status = wk_database_run(catalog->database, "COMMIT", error);
    if (status)
        wk_database_undo(catalog->database);
    return status;
}

wk_status wk_catalog_prepare(wk_catalog *catalog, int create, wk_error *error)
{
    int empty = 0;
    wk_status status = wk_database_run(catalog->database, "PRAGMA foreign_keys = ON", error);
    if (!status)
        status = check_at_once(&empty, catalog, error);
    if (status || !empty)
        return status;
    if (!create)
        return wk_error_set(error, WK_FILE, catalog->path,
                            "is an empty database, not a catalogue of welkin");
    status = wk_database_begin(catalog->database, error);
    if (!status)
        status = check_marks(&empty, catalog, error); /* another program may have been faster */
    if (!status && empty)
        status = create_tables(catalog, error);
    if (!status)
        status = wk_database_commit(catalog->database, error);
    if (status)
        wk_database_undo(catalog->database);
    return status;
}

/* The part of a path before its last slash, which it keeps. */
static char *folder_of(const char *path, wk_error *error)
{
    char *folder = wk_memory_text(path, error);
    char *slash = folder ? strrchr(folder, '/') : NULL;
    if (folder)
        *(slash ? slash + 1 : folder) = '\0';
    return folder;
}

static char *real_path(const char *path, wk_error *error)
{
    char *real = realpath(path, NULL);
    char *copy = real ? wk_memory_text(real, error) : NULL;
    if (!real)
        wk_error_set(error, WK_FILE, path, "its folder cannot be found");
    wk_memory_free(real);
    return copy;
}

/* Of a link the folder of what it leads to. */
static wk_status find_folders(wk_catalog *catalog, wk_error *error)
{
    char link[2], *real = NULL;
    int linked = readlink(catalog->path, link, sizeof link) >= 0;
    if (linked)
        real = real_path(catalog->path, error);
    if (!linked || real)
        catalog->folder = folder_of(linked ? real : catalog->path, error);
    wk_memory_free(real);
    if (!catalog->folder)
        return error && error->code == WK_FILE ? WK_FILE : WK_MEMORY;
    real = real_path(*catalog->folder ? catalog->folder : ".", error);
    if (!real)
        return error && error->code == WK_FILE ? WK_FILE : WK_MEMORY;
    size_t length = strlen(real);
    catalog->real = wk_memory_new(length + 2, 1, error);
    if (catalog->real)
        snprintf(catalog->real, length + 2, "%s%s", real, strcmp(real, "/") ? "/" : "");
    wk_memory_free(real);
    return catalog->real ? WK_OK : WK_MEMORY;
}

/* Also a reader opens the file for writing where it may: only so can it undo what a program that
 * was killed left half done. */
wk_status wk_catalog_open(wk_catalog **out, const char *path, wk_catalog_mode mode, int wait,
                          wk_error *error)
{
    wk_error own;
    *out = NULL;
    memset(&own, 0, sizeof own);
    wk_catalog *catalog = wk_memory_new(1, sizeof *catalog, &own);
    wk_status status = catalog ? WK_OK : WK_MEMORY;
    if (!status && !(catalog->path = wk_memory_text(path, &own)))
        status = WK_MEMORY;
    if (!status)
        status = wk_database_open(
            &catalog->database, path,
            mode == WK_CATALOG_CREATE ? WK_DATABASE_CREATE : WK_DATABASE_WRITE, wait, &own);
    if (!status)
        status = find_folders(catalog, &own);
    if (!status)
        status = wk_catalog_prepare(catalog, mode == WK_CATALOG_CREATE, &own);
    if (status) {
        wk_catalog_close(catalog);
        if (error)
            *error = own;
        return status;
    }
    *out = catalog;
    return WK_OK;
}

void wk_catalog_close(wk_catalog *catalog)
{
    if (!catalog)
        return;
    wk_database_close(catalog->database);
    wk_memory_free(catalog->path);
    wk_memory_free(catalog->folder);
    wk_memory_free(catalog->real);
    wk_memory_free(catalog);
}
