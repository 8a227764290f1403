#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "catalog.h"
#include "catalog_where.h"
#include "input.h"
#include "memory.h"
#include "status.h"

/* Folders without links, but the file's own name: the layout may depend on it. */
static char *absolute(const char *path, wk_error *error)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    char *folder = wk_memory_text(path, error);
    if (!folder)
        return NULL;
    folder[name - path] = '\0';
    char *real = realpath(*folder ? folder : ".", NULL);
    wk_memory_free(folder);
    if (!real) {
        wk_error_set(error, WK_FILE, path, "cannot be opened: %s", wk_input_cause(errno));
        return NULL;
    }
    size_t room = strlen(real) + strlen(name) + 2;
    char *out = wk_memory_new(room, 1, error);
    if (out)
        snprintf(out, room, "%s%s%s", strcmp(real, "/") ? real : "", "/", name);
    wk_memory_free(real);
    return out;
}

wk_status wk_catalog_locate(wk_catalog_file *file, const wk_catalog *catalog, const char *path,
                            wk_error *error)
{
    struct stat facts;
    wk_error own;
    memset(&own, 0, sizeof own);
    if (stat(path, &facts))
        return wk_error_set(error, WK_FILE, path, "cannot be opened: %s", wk_input_cause(errno));
    char *full = absolute(path, &own);
    if (!full) {
        if (error)
            *error = own;
        return own.code;
    }
    size_t length = strlen(catalog->real);
    int below = strncmp(full, catalog->real, length) == 0;
    file->stored = below ? wk_memory_text(full + length, error) : full;
    if (below)
        wk_memory_free(full);
    file->size = facts.st_size;
    file->changed = (int64_t)facts.st_mtim.tv_sec * 1000000000 + facts.st_mtim.tv_nsec;
    return file->stored ? WK_OK : WK_MEMORY;
}

char *wk_catalog_reach(const wk_catalog *catalog, const char *stored, wk_error *error)
{
    const char *folder = *stored == '/' ? "" : catalog->folder;
    size_t room = strlen(folder) + strlen(stored) + 1;
    char *path = wk_memory_new(room, 1, error);
    if (path)
        snprintf(path, room, "%s%s", folder, stored);
    return path;
}

wk_status wk_catalog_writer_open(wk_catalog_writer *writer, wk_catalog *catalog, wk_error *error)
{
    static const char *const statements[] = {
        "SELECT size, changed, exposures,"
        " (SELECT count(*) FROM exposure WHERE exposure.file = f.id) FROM file f WHERE path = ?1",
        "DELETE FROM file WHERE path = ?1",
        "INSERT INTO file(path, size, changed, layout, exposures) VALUES (?1, ?2, ?3, ?4, ?5)",
        "INSERT INTO exposure(file, hdu, detector, filter, visit, exposure_time, date, width,"
        " height, ra, dec, pixel_scale, outline)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        "INSERT INTO footprint VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    };
    memset(writer, 0, sizeof *writer);
    writer->catalog = catalog;
    wk_query **queries[] = {&writer->find, &writer->drop, &writer->file, &writer->exposure,
                            &writer->footprint};
    wk_status status = WK_OK;
    for (int i = 0; i < 5 && !status; i++)
        status = wk_query_open(queries[i], catalog->database, statements[i], error);
    if (status)
        wk_catalog_writer_close(writer);
    return status;
}

void wk_catalog_writer_close(wk_catalog_writer *writer)
{
    wk_query_close(writer->find);
    wk_query_close(writer->drop);
    wk_query_close(writer->file);
    wk_query_close(writer->exposure);
    wk_query_close(writer->footprint);
    memset(writer, 0, sizeof *writer);
}

/* A file of which exposures were removed is read again, so that adding brings them back. */
wk_status wk_catalog_look(wk_catalog_state *state, wk_catalog_writer *writer,
                          const wk_catalog_file *file, wk_error *error)
{
    int row = 0;
    wk_query *find = writer->find;
    wk_status status = wk_query_bind_text(find, 1, file->stored, error);
    if (!status)
        status = wk_query_step(&row, find, error);
    if (status)
        return status;
    *state = WK_CATALOG_NEW;
    if (row)
        *state = wk_query_integer(find, 0) == file->size &&
                         wk_query_integer(find, 1) == file->changed &&
                         wk_query_integer(find, 2) == wk_query_integer(find, 3)
                     ? WK_CATALOG_SAME
                     : WK_CATALOG_CHANGED;
    wk_query_reset(find);
    return WK_OK;
}

/* "" is unknown; an integer as it is printed is one. */
static wk_status bind_mixed(wk_query *query, int place, const char *text, wk_error *error)
{
    int64_t integer;
    if (wk_where_is_integer(&integer, text))
        return wk_query_bind_integer(query, place, integer, error);
    return wk_query_bind_text(query, place, *text ? text : NULL, error);
}

static wk_status bind_outline(wk_query *query, int place, const wk_catalog_row *row,
                              wk_error *error)
{
    size_t size = 8 * row->outline_count;
    if (!size)
        return wk_query_bind_text(query, place, NULL, error);
    unsigned char *bytes = wk_memory_raw(size, 1, error);
    if (!bytes)
        return WK_MEMORY;
    for (size_t i = 0; i < row->outline_count; i++) {
        uint64_t bits;
        memcpy(&bits, &row->outline[i], sizeof bits);
        for (int k = 0; k < 8; k++)
            bytes[8 * i + (size_t)k] = (unsigned char)(bits >> 8 * k);
    }
    wk_status status = wk_query_bind_bytes(query, place, bytes, size, error);
    wk_memory_free(bytes);
    return status;
}

static wk_status bind_exposure(wk_query *query, int64_t file, const wk_catalog_row *row,
                               wk_error *error)
{
    const wk_exposure_header *header = row->header;
    const double reals[] = {row->centre[0], row->centre[1], row->pixel_scale};
    wk_status status = wk_query_bind_integer(query, 1, file, error);
    if (!status)
        status = wk_query_bind_integer(query, 2, header->image_hdu, error);
    if (!status)
        status = bind_mixed(query, 3, header->detector, error);
    if (!status)
        status = wk_query_bind_text(query, 4, *header->filter ? header->filter : NULL, error);
    if (!status)
        status = bind_mixed(query, 5, header->visit, error);
    if (!status)
        status = wk_query_bind_real(query, 6, header->exposure_time, error);
    if (!status)
        status = wk_query_bind_text(query, 7, *header->date ? header->date : NULL, error);
    if (!status)
        status = wk_query_bind_integer(query, 8, header->width, error);
    if (!status)
        status = wk_query_bind_integer(query, 9, header->height, error);
    for (int i = 0; i < 3 && !status; i++)
        status = wk_query_bind_real(query, 10 + i, reals[i], error);
    return status ? status : bind_outline(query, 13, row, error);
}

static wk_status put_footprint(wk_catalog_writer *writer, const double box[6], wk_error *error)
{
    int64_t key = wk_database_last_key(writer->catalog->database);
    wk_status status = wk_query_bind_integer(writer->footprint, 1, key, error);
    for (int i = 0; i < 6 && !status; i++)
        status = wk_query_bind_real(writer->footprint, i + 2, box[i], error);
    return status ? status : wk_query_run(writer->footprint, error);
}

static wk_status put_file(wk_catalog_writer *writer, const wk_catalog_file *file, wk_error *error)
{
    static const char *const layouts[] = {"auto", "plain", "stsci", "lsst", "des", "decam"};
    wk_query *query = writer->file;
    wk_status status = wk_query_bind_text(writer->drop, 1, file->stored, error);
    if (!status)
        status = wk_query_run(writer->drop, error);
    if (!status)
        status = wk_query_bind_text(query, 1, file->stored, error);
    if (!status)
        status = wk_query_bind_integer(query, 2, file->size, error);
    if (!status)
        status = wk_query_bind_integer(query, 3, file->changed, error);
    if (!status)
        status = wk_query_bind_text(query, 4, layouts[file->rows[0].header->layout], error);
    if (!status)
        status = wk_query_bind_integer(query, 5, (int64_t)file->count, error);
    return status ? status : wk_query_run(query, error);
}

wk_status wk_catalog_put(wk_catalog_writer *writer, const wk_catalog_file *file, wk_error *error)
{
    wk_status status = put_file(writer, file, error);
    int64_t key = wk_database_last_key(writer->catalog->database);
    for (size_t i = 0; i < file->count && !status; i++) {
        status = bind_exposure(writer->exposure, key, &file->rows[i], error);
        if (!status)
            status = wk_query_run(writer->exposure, error);
        if (!status && file->rows[i].outline_count)
            status = put_footprint(writer, file->rows[i].box, error);
    }
    return status;
}
