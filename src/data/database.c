#include "database.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "memory.h"
#include "status.h"

struct wk_database {
    sqlite3 *handle;
    char *path;
};

struct wk_query {
    sqlite3_stmt *handle;
    wk_database *database;
};

static wk_status fail(const wk_database *database, int code, wk_error *error)
{
    const char *path = database->path;
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return wk_error_set(error, WK_MEMORY, path, "no memory for the database");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return wk_error_set(error, WK_FILE, path, "the database is locked by another program");
    case SQLITE_NOTADB:
        return wk_error_set(error, WK_FILE, path, "is not an SQLite database");
    case SQLITE_CORRUPT:
        return wk_error_set(error, WK_FILE, path, "the database is damaged");
    case SQLITE_FULL:
        return wk_error_set(error, WK_FILE, path, "no room left on the disk");
    case SQLITE_READONLY:
        return wk_error_set(error, WK_FILE, path, "cannot be written");
    case SQLITE_CANTOPEN:
        return wk_error_set(error, WK_FILE, path, "cannot be opened or made");
    case SQLITE_IOERR:
        return wk_error_set(error, WK_FILE, path, "cannot be read or written");
    default:
        return wk_error_set(error, WK_FILE, path, "%s",
                            database->handle ? sqlite3_errmsg(database->handle)
                                             : sqlite3_errstr(code));
    }
}

/* file:PATH?immutable=1 with what is special in it written as %XX; NULL without memory. */
static char *immutable_name(const char *path, wk_error *error)
{
    size_t room = 3 * strlen(path) + 32, used;
    char *name = wk_memory_new(room, 1, error);
    if (!name)
        return NULL;
    used = (size_t)snprintf(name, room, "file:");
    for (; *path; path++)
        used +=
            (size_t)snprintf(name + used, room - used,
                             *path == '%' || *path == '?' || *path == '#' ? "%%%02X" : "%c", *path);
    snprintf(name + used, room - used, "?immutable=1");
    return name;
}

/* The schema is read, so that a file that is no database is refused here. */
static int open_handle(wk_database *database, const char *name, int flags, int wait)
{
    int code = sqlite3_open_v2(name, &database->handle, flags, NULL);
    if (code == SQLITE_OK) {
        sqlite3_extended_result_codes(database->handle, 1);
        sqlite3_busy_timeout(database->handle, wait);
        code =
            sqlite3_exec(database->handle, "SELECT count(*) FROM sqlite_master", NULL, NULL, NULL);
    }
    return code;
}

static wk_status open_immutable(wk_database *database, int wait, wk_error *error)
{
    char *name = immutable_name(database->path, error);
    if (!name)
        return WK_MEMORY;
    sqlite3_close_v2(database->handle);
    database->handle = NULL;
    int code = open_handle(database, name, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, wait);
    wk_memory_free(name);
    return code == SQLITE_OK ? WK_OK : fail(database, code, error);
}

/* Whether a file is in WAL mode while nobody has it open: to open it as usual would make files
 * beside it. */
static int rests(const char *path)
{
    unsigned char header[20] = {0};
    char log[4096]; /* the system knows no longer path */
    struct stat facts;
    int length = snprintf(log, sizeof log, "%s-wal", path);
    FILE *file = fopen(path, "rb");
    int known = file && fread(header, sizeof header, 1, file) == 1;
    if (file)
        fclose(file);
    return known && length > 0 && length < (int)sizeof log && header[18] == 2 &&
           stat(log, &facts) != 0;
}

static wk_status check_file(const char *path, wk_database_mode mode, wk_error *error)
{
    struct stat facts;
    int there = stat(path, &facts) == 0;
    if (there && S_ISDIR(facts.st_mode))
        return wk_error_set(error, WK_FILE, path, "is a folder, not a database");
    if (!there && mode != WK_DATABASE_CREATE)
        return wk_error_set(error, WK_FILE, path, "no such file");
    if (there && facts.st_size == 0 && mode != WK_DATABASE_CREATE)
        return wk_error_set(error, WK_FILE, path, "is empty, not an SQLite database");
    return WK_OK;
}

static wk_status open_file(wk_database *database, wk_database_mode mode, int wait, wk_error *error)
{
    static const int flags[] = {SQLITE_OPEN_READONLY, SQLITE_OPEN_READWRITE,
                                SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
    if (mode == WK_DATABASE_READ && rests(database->path))
        return open_immutable(database, wait, error);
    int code = open_handle(database, database->path, flags[mode], wait);
    int closed = (code & 0xff) == SQLITE_CANTOPEN || code == SQLITE_READONLY_CANTINIT ||
                 code == SQLITE_READONLY_RECOVERY;
    if (code == SQLITE_OK)
        return WK_OK;
    return mode == WK_DATABASE_READ && closed ? open_immutable(database, wait, error)
                                              : fail(database, code, error);
}

wk_status wk_database_open(wk_database **out, const char *path, wk_database_mode mode, int wait,
                           wk_error *error)
{
    *out = NULL;
    wk_status status = check_file(path, mode, error);
    if (status)
        return status;
    wk_database *database = wk_memory_new(1, sizeof *database, error);
    if (!database)
        return WK_MEMORY;
    database->path = wk_memory_text(path, error);
    if (!database->path) {
        wk_memory_free(database);
        return WK_MEMORY;
    }
    status = open_file(database, mode, wait, error);
    if (status)
        wk_database_close(database);
    else
        *out = database;
    return status;
}

void wk_database_close(wk_database *database)
{
    if (!database)
        return;
    sqlite3_close_v2(database->handle);
    wk_memory_free(database->path);
    wk_memory_free(database);
}

wk_status wk_database_run(wk_database *database, const char *statements, wk_error *error)
{
    int code = sqlite3_exec(database->handle, statements, NULL, NULL, NULL);
    return code == SQLITE_OK ? WK_OK : fail(database, code, error);
}

wk_status wk_database_begin(wk_database *database, wk_error *error)
{
    return wk_database_run(database, "BEGIN IMMEDIATE", error);
}

wk_status wk_database_commit(wk_database *database, wk_error *error)
{
    return wk_database_run(database, "COMMIT", error);
}

void wk_database_undo(wk_database *database)
{
    if (database && !sqlite3_get_autocommit(database->handle))
        sqlite3_exec(database->handle, "ROLLBACK", NULL, NULL, NULL);
}

static wk_status add_column(char ***names, size_t *count, const char *name, wk_error *error)
{
    wk_status status = wk_memory_grow((void **)names, *count + 1, sizeof **names, error);
    char *copy = status ? NULL : wk_memory_text(name, error);
    if (!copy)
        return WK_MEMORY;
    (*names)[(*count)++] = copy;
    return WK_OK;
}

wk_status wk_database_columns(char ***names, size_t *count, wk_database *database,
                              const char *table, wk_error *error)
{
    wk_query *query = NULL;
    int row = 0;
    *names = NULL;
    *count = 0;
    wk_status status =
        wk_query_open(&query, database, "SELECT name FROM pragma_table_info(?1)", error);
    if (!status)
        status = wk_query_bind_text(query, 1, table, error);
    while (!status && !(status = wk_query_step(&row, query, error)) && row)
        status = add_column(names, count, wk_query_text(query, 0), error);
    wk_query_close(query);
    if (status) {
        wk_database_columns_free(*names, *count);
        *names = NULL;
        *count = 0;
    }
    return status;
}

void wk_database_columns_free(char **names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        wk_memory_free(names[i]);
    wk_memory_free(names);
}

int wk_database_is_name(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");
    return length > 0 && length < 64 && !name[length] && !(name[0] >= '0' && name[0] <= '9');
}

wk_status wk_query_open(wk_query **out, wk_database *database, const char *statement,
                        wk_error *error)
{
    *out = NULL;
    wk_query *query = wk_memory_new(1, sizeof *query, error);
    if (!query)
        return WK_MEMORY;
    query->database = database;
    int code = sqlite3_prepare_v2(database->handle, statement, -1, &query->handle, NULL);
    if (code != SQLITE_OK) {
        wk_memory_free(query);
        return fail(database, code, error);
    }
    *out = query;
    return WK_OK;
}

void wk_query_close(wk_query *query)
{
    if (query)
        sqlite3_finalize(query->handle);
    wk_memory_free(query);
}

static wk_status bound(const wk_query *query, int code, wk_error *error)
{
    return code == SQLITE_OK ? WK_OK : fail(query->database, code, error);
}

wk_status wk_query_bind_text(wk_query *query, int place, const char *value, wk_error *error)
{
    return bound(query, sqlite3_bind_text(query->handle, place, value, -1, SQLITE_TRANSIENT),
                 error);
}

wk_status wk_query_bind_integer(wk_query *query, int place, int64_t value, wk_error *error)
{
    return bound(query, sqlite3_bind_int64(query->handle, place, value), error);
}

wk_status wk_query_bind_real(wk_query *query, int place, double value, wk_error *error)
{
    int code = isnan(value) ? sqlite3_bind_null(query->handle, place)
                            : sqlite3_bind_double(query->handle, place, value);
    return bound(query, code, error);
}

wk_status wk_query_bind_bytes(wk_query *query, int place, const void *bytes, size_t size,
                              wk_error *error)
{
    return bound(query, sqlite3_bind_blob64(query->handle, place, bytes, size, SQLITE_TRANSIENT),
                 error);
}

wk_status wk_query_step(int *row, wk_query *query, wk_error *error)
{
    int code = sqlite3_step(query->handle);
    *row = code == SQLITE_ROW;
    if (*row)
        return WK_OK;
    wk_status status = code == SQLITE_DONE ? WK_OK : fail(query->database, code, error);
    sqlite3_reset(query->handle);
    return status;
}

wk_status wk_query_run(wk_query *query, wk_error *error)
{
    int row = 0;
    wk_status status = wk_query_step(&row, query, error);
    if (row)
        sqlite3_reset(query->handle);
    return status;
}

void wk_query_reset(wk_query *query)
{
    sqlite3_reset(query->handle);
}

const char *wk_query_text(wk_query *query, int column)
{
    return (const char *)sqlite3_column_text(query->handle, column);
}

int64_t wk_query_integer(wk_query *query, int column)
{
    return sqlite3_column_int64(query->handle, column);
}

double wk_query_real(wk_query *query, int column)
{
    return sqlite3_column_type(query->handle, column) == SQLITE_NULL
               ? (double)NAN
               : sqlite3_column_double(query->handle, column);
}

const void *wk_query_bytes(size_t *size, wk_query *query, int column)
{
    const void *bytes = sqlite3_column_blob(query->handle, column);
    *size = (size_t)sqlite3_column_bytes(query->handle, column);
    return bytes;
}

int64_t wk_database_last_key(const wk_database *database)
{
    return sqlite3_last_insert_rowid(database->handle);
}

int64_t wk_database_changes(const wk_database *database)
{
    return sqlite3_changes(database->handle);
}
