#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "catalog.h"
#include "catalog_where.h"
#include "memory.h"
#include "status.h"

#define COLUMNS                                                                                    \
    "f.path, f.size, f.layout, f.exposures, e.hdu, e.detector, e.filter, e.visit,"                 \
    " e.exposure_time, e.date, e.width, e.height, e.ra, e.dec, e.pixel_scale, e.outline"

/* The one that runs, and the buffers of its present row. */
typedef struct selection {
    wk_catalog *catalog;
    wk_query *query;
    int levels;
    double *outline;
    size_t room;
    wk_catalog_take take;
    void *payload;
} selection;

/* Little-endian bytes as numbers; *count 0: there are none. */
static wk_status read_outline(double **outline, size_t *room, size_t *count, wk_query *query,
                              int column, wk_error *error)
{
    size_t size;
    const unsigned char *bytes = wk_query_bytes(&size, query, column);
    *count = bytes ? size / 8 : 0;
    wk_status status =
        wk_memory_reserve((void **)outline, room, *count + 1, sizeof **outline, error);
    for (size_t i = 0; i < *count && !status; i++) {
        uint64_t bits = 0;
        for (int k = 0; k < 8; k++)
            bits |= (uint64_t)bytes[8 * i + (size_t)k] << 8 * k;
        memcpy(&(*outline)[i], &bits, sizeof bits);
    }
    return status;
}

static wk_layout layout_of(const char *name)
{
    static const char *const names[] = {"auto", "plain", "stsci", "lsst", "des", "decam"};
    for (int i = 0; i < 6; i++)
        if (name && strcmp(name, names[i]) == 0)
            return (wk_layout)i;
    return WK_LAYOUT_PLAIN;
}

static const char *text_of(wk_query *query, int column)
{
    const char *text = wk_query_text(query, column);
    return text ? text : "";
}

static void fill_level(wk_catalog_level *level, wk_query *query)
{
    level->run = wk_query_integer(query, 16);
    level->time = text_of(query, 17);
    level->ledger = text_of(query, 18);
    level->method = text_of(query, 19);
    level->sky = wk_query_real(query, 20);
    level->error = wk_query_real(query, 21);
    level->valid = (int)wk_query_integer(query, 22);
}

static void fill_entry(wk_catalog_entry *entry, wk_query *query)
{
    memset(entry, 0, sizeof *entry);
    entry->size = wk_query_integer(query, 1);
    entry->layout = layout_of(wk_query_text(query, 2));
    entry->siblings = wk_query_integer(query, 3);
    entry->hdu = (int)wk_query_integer(query, 4);
    entry->detector = text_of(query, 5);
    entry->filter = text_of(query, 6);
    entry->visit = text_of(query, 7);
    entry->exposure_time = wk_query_real(query, 8);
    entry->date = text_of(query, 9);
    entry->width = wk_query_integer(query, 10);
    entry->height = wk_query_integer(query, 11);
    entry->centre[0] = wk_query_real(query, 12);
    entry->centre[1] = wk_query_real(query, 13);
    entry->pixel_scale = wk_query_real(query, 14);
}

static wk_status hand_over(selection *all, wk_error *error)
{
    wk_catalog_entry entry;
    wk_catalog_level level;
    size_t count;
    wk_status status = read_outline(&all->outline, &all->room, &count, all->query, 15, error);
    char *file = status ? NULL : wk_catalog_reach(all->catalog, text_of(all->query, 0), error);
    if (!file)
        return WK_MEMORY;
    fill_entry(&entry, all->query);
    entry.file = file;
    if (count > wk_catalog_outline_head) {
        entry.border = all->outline + wk_catalog_outline_head;
        entry.vertices = (int64_t)(count - wk_catalog_outline_head) / 2;
    }
    if (all->levels) {
        fill_level(&level, all->query);
        entry.level = &level;
    }
    status = all->take(&entry, all->payload, error);
    wk_memory_free(file);
    return status < 0 ? status : WK_OK;
}

static wk_status step_all(selection *all, wk_error *error)
{
    int row = 0;
    wk_status status;
    while (!(status = wk_query_step(&row, all->query, error)) && row) {
        status = hand_over(all, error);
        if (status)
            break;
    }
    wk_memory_free(all->outline);
    return status;
}

/* A statement with a condition in it; caller frees. */
static char *make_statement(wk_error *error, const char *format, const char *condition)
{
    size_t room = strlen(format) + strlen(condition) + 1;
    char *statement = wk_memory_new(room, 1, error);
    const char *mark = strstr(format, "%s");
    if (statement)
        snprintf(statement, room, "%.*s%s%s", (int)(mark - format), format, condition, mark + 2);
    return statement;
}

/* Prepare a statement for an expression and bind its values. */
static wk_status open_query(wk_query **out, wk_catalog *catalog, const char *format,
                            const char *where, wk_error *error)
{
    wk_where parsed;
    char *statement = NULL;
    memset(&parsed, 0, sizeof parsed);
    wk_status status = wk_where_parse(&parsed, where, error);
    if (!status && !(statement = make_statement(error, format, parsed.condition)))
        status = WK_MEMORY;
    if (!status)
        status = wk_query_open(out, catalog->database, statement, error);
    if (!status)
        status = wk_where_bind(&parsed, *out, error);
    wk_memory_free(statement);
    wk_where_release(&parsed);
    return status;
}

wk_status wk_catalog_select(wk_catalog *catalog, const char *where, wk_catalog_take take,
                            void *payload, wk_error *error)
{
    selection all = {.catalog = catalog, .take = take, .payload = payload};
    wk_status status = open_query(&all.query, catalog,
                                  "SELECT " COLUMNS " FROM exposure e JOIN file f ON f.id = e.file"
                                  " WHERE %s ORDER BY f.path, e.hdu",
                                  where, error);
    if (!status)
        status = step_all(&all, error);
    wk_query_close(all.query);
    return status;
}

wk_status wk_catalog_levels(wk_catalog *catalog, const char *where, wk_catalog_take take,
                            void *payload, wk_error *error)
{
    selection all = {.catalog = catalog, .levels = 1, .take = take, .payload = payload};
    wk_status status =
        open_query(&all.query, catalog,
                   "SELECT " COLUMNS ", r.id, r.time, r.ledger, r.method, l.sky, l.error, l.valid"
                   " FROM exposure e JOIN file f ON f.id = e.file"
                   " JOIN level l ON l.exposure = e.id JOIN run r ON r.id = l.run"
                   " WHERE %s ORDER BY f.path, e.hdu, r.id",
                   where, error);
    if (!status)
        status = step_all(&all, error);
    wk_query_close(all.query);
    return status;
}

/* "[1,2,3]": a list that is one value to bind. */
static char *list_keys(const int64_t *keys, size_t count, wk_error *error)
{
    size_t room = 21 * count + 3, used = 1;
    char *list = wk_memory_new(room, 1, error);
    if (!list)
        return NULL;
    list[0] = '[';
    for (size_t i = 0; i < count; i++)
        used +=
            (size_t)snprintf(list + used, room - used, "%s%lld", i ? "," : "", (long long)keys[i]);
    snprintf(list + used, room - used, "]");
    return list;
}

wk_status wk_catalog_select_keys(wk_catalog *catalog, const int64_t *keys, size_t count,
                                 const char *where, wk_catalog_take take, void *payload,
                                 wk_error *error)
{
    selection all = {.catalog = catalog, .take = take, .payload = payload};
    char *list = NULL;
    wk_status status = open_query(&all.query, catalog,
                                  "SELECT " COLUMNS " FROM json_each(?1) k CROSS JOIN exposure e"
                                  " ON e.id = k.value CROSS JOIN file f ON f.id = e.file"
                                  " WHERE %s ORDER BY f.path, e.hdu",
                                  where, error);
    if (!status && !(list = list_keys(keys, count, error)))
        status = WK_MEMORY;
    if (!status)
        status = wk_query_bind_text(all.query, 1, list, error);
    if (!status)
        status = step_all(&all, error);
    wk_memory_free(list);
    wk_query_close(all.query);
    return status;
}

wk_status wk_catalog_search(wk_catalog *catalog, const double box[6], wk_catalog_near near,
                            void *payload, wk_error *error)
{
    wk_query *query = NULL;
    double *outline = NULL;
    size_t room = 0, count;
    int row = 0;
    wk_status status =
        wk_query_open(&query, catalog->database,
                      "SELECT p.id, e.outline FROM footprint p CROSS JOIN exposure e ON e.id = p.id"
                      " WHERE p.x1 >= ?1 AND p.x0 <= ?2 AND p.y1 >= ?3 AND p.y0 <= ?4"
                      " AND p.z1 >= ?5 AND p.z0 <= ?6",
                      error);
    for (int i = 0; i < 6 && !status; i++)
        status = wk_query_bind_real(query, i + 1, box[i], error);
    while (!status && !(status = wk_query_step(&row, query, error)) && row) {
        status = read_outline(&outline, &room, &count, query, 1, error);
        if (!status)
            status = near(wk_query_integer(query, 0), outline, count, payload, error);
    }
    wk_query_close(query);
    wk_memory_free(outline);
    return status;
}

/* Files without an exposure left are not known any more. */
wk_status wk_catalog_remove(int64_t *removed, wk_catalog *catalog, const char *where,
                            wk_error *error)
{
    wk_query *query = NULL;
    wk_status status = open_query(&query, catalog,
                                  "DELETE FROM exposure WHERE id IN (SELECT e.id FROM exposure e"
                                  " JOIN file f ON f.id = e.file WHERE %s)",
                                  where, error);
    if (!status)
        status = wk_database_begin(catalog->database, error);
    if (!status)
        status = wk_query_run(query, error);
    if (!status)
        *removed = wk_database_changes(catalog->database);
    if (!status)
        status =
            wk_database_run(catalog->database,
                            "DELETE FROM file WHERE id NOT IN (SELECT file FROM exposure)", error);
    wk_query_close(query);
    if (!status)
        status = wk_database_commit(catalog->database, error);
    if (status)
        wk_database_undo(catalog->database);
    return status;
}
