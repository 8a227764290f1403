/* SQLite files: the catalogue of exposures, and the registries of Butler repositories.
 *
 * Statements are constant texts whose values are bound; where a name of a table must come from a
 * database, wk_database_is_name has judged it first.  A connection belongs to one thread. */
#ifndef WELKIN_DATA_DATABASE_H
#define WELKIN_DATA_DATABASE_H

#include "welkin/status.h"

typedef struct wk_database wk_database;
typedef struct wk_query wk_query;

typedef enum wk_database_mode {
    WK_DATABASE_READ,  /* nothing is written, nothing is created */
    WK_DATABASE_WRITE, /* the file must be there */
    WK_DATABASE_CREATE /* an empty one is made if it is not */
} wk_database_mode;

/* Open a file and read its schema.  WK_FILE: missing, not SQLite, damaged, locked for longer than
 * wait milliseconds.  A database in WAL mode that nobody has open, or whose folder cannot be
 * written, is read as it is in the file alone, so that no files are made beside it. */
wk_status wk_database_open(wk_database **out, const char *path, wk_database_mode mode, int wait,
                           wk_error *error);
void wk_database_close(wk_database *database);

/* Run statements that give no rows, one after the other. */
wk_status wk_database_run(wk_database *database, const char *statements, wk_error *error);

/* One transaction for all that is written until the end; begin waits for other writers. */
wk_status wk_database_begin(wk_database *database, wk_error *error);
wk_status wk_database_commit(wk_database *database, wk_error *error);
void wk_database_undo(wk_database *database);

/* Columns of a table in order into names[count] (caller frees each with wk_memory_free and the
 * array); *count 0: no such table. */
wk_status wk_database_columns(char ***names, size_t *count, wk_database *database,
                              const char *table, wk_error *error);
void wk_database_columns_free(char **names, size_t count);

/* Nonzero if a name is small letters, digits and underscores, does not begin with a digit, and is
 * shorter than 64 characters: it may stand in a statement. */
int wk_database_is_name(const char *name);

/* Prepare one statement; the database must outlive it. */
wk_status wk_query_open(wk_query **out, wk_database *database, const char *statement,
                        wk_error *error);
void wk_query_close(wk_query *query);

/* Bind a value to ?place, from 1.  Text and bytes are copied; NULL and NaN are the database's NULL.
 */
wk_status wk_query_bind_text(wk_query *query, int place, const char *value, wk_error *error);
wk_status wk_query_bind_integer(wk_query *query, int place, int64_t value, wk_error *error);
wk_status wk_query_bind_real(wk_query *query, int place, double value, wk_error *error);
wk_status wk_query_bind_bytes(wk_query *query, int place, const void *bytes, size_t size,
                              wk_error *error);

/* Go to the next row; *row 0: there is none, and the statement is ready to be bound and run again.
 */
wk_status wk_query_step(int *row, wk_query *query, wk_error *error);

/* Run a statement that gives no rows, and make it ready again. */
wk_status wk_query_run(wk_query *query, wk_error *error);
void wk_query_reset(wk_query *query);

/* The present row, columns from 0.  Text and bytes are valid until the next step; NULL, 0 and NaN
 * for the database's NULL. */
const char *wk_query_text(wk_query *query, int column);
int64_t wk_query_integer(wk_query *query, int column);
double wk_query_real(wk_query *query, int column);
const void *wk_query_bytes(size_t *size, wk_query *query, int column);

/* The key that the last insertion was given, and how many rows the last statement changed. */
int64_t wk_database_last_key(const wk_database *database);
int64_t wk_database_changes(const wk_database *database);

#endif
