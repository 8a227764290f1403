/* A catalogue in a folder of its own, and exposures for it that no file holds. */
#ifndef WELKIN_TESTS_CATALOG_CASE_H
#define WELKIN_TESTS_CATALOG_CASE_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "catalog.h"

#define CASE static __attribute__((unused))

static char case_folder[64];
static char case_database[96];

CASE int case_setup(void **state)
{
    (void)state;
    char made[] = "/tmp/welkin-catalog-XXXXXX", *real = mkdtemp(made) ? realpath(made, NULL) : NULL;
    if (!real)
        return -1;
    snprintf(case_folder, sizeof case_folder, "%s", real);
    free(real);
    snprintf(case_database, sizeof case_database, "%s/c.sqlite3", case_folder);
    return 0;
}

CASE int case_teardown(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", case_folder);
    return system(command);
}

/* A path in the folder; good for the next seven calls. */
CASE const char *case_path(const char *name)
{
    static char paths[8][400];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", case_folder, name);
    return path;
}

CASE void case_write(const char *name, const char *text)
{
    FILE *file = fopen(case_path(name), "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* An empty catalogue. */
CASE wk_catalog *case_open(void)
{
    wk_catalog *catalog = NULL;
    wk_error error = {WK_OK, "", ""};
    unlink(case_database);
    if (wk_catalog_open(&catalog, case_database, WK_CATALOG_CREATE, 0, &error))
        fail_msg("%s: %s", error.subject, error.message);
    return catalog;
}

/* What a made-up exposure is like; all else is zero or unknown. */
CASE wk_exposure_header case_header(int hdu, const char *detector, const char *filter,
                                    const char *visit, double seconds)
{
    wk_exposure_header header;
    memset(&header, 0, sizeof header);
    header.layout = WK_LAYOUT_STSCI;
    header.image_hdu = hdu;
    header.detector = detector;
    header.filter = filter;
    header.visit = visit;
    header.date = "2026-01-31T01:02:03";
    header.exposure_time = seconds;
    header.width = 100;
    header.height = 50;
    return header;
}

/* Put one file in whose name is stored as it is. */
CASE void case_put(wk_catalog *catalog, const char *stored, const wk_catalog_row *rows,
                   size_t count)
{
    wk_catalog_writer writer;
    wk_error error = {WK_OK, "", ""};
    wk_catalog_file file = {(char *)(uintptr_t)stored, 1000, 77, rows, count};
    assert_int_equal(wk_catalog_writer_open(&writer, catalog, &error), WK_OK);
    assert_int_equal(wk_database_begin(catalog->database, &error), WK_OK);
    if (wk_catalog_put(&writer, &file, &error))
        fail_msg("%s: %s", error.subject, error.message);
    assert_int_equal(wk_database_commit(catalog->database, &error), WK_OK);
    wk_catalog_writer_close(&writer);
}

/* One exposure without a place on the sky. */
CASE void case_put_one(wk_catalog *catalog, const char *stored, const wk_exposure_header *header)
{
    wk_catalog_row row = {.header = header, .centre = {(double)NAN, (double)NAN}};
    row.pixel_scale = (double)NAN;
    case_put(catalog, stored, &row, 1);
}

/* Names "file[hdu]" that a query hands over, one after the other. */
typedef struct case_names {
    char text[4000];
    int64_t count;
} case_names;

CASE wk_status case_take(const wk_catalog_entry *entry, void *payload, wk_error *error)
{
    case_names *names = payload;
    size_t used = strlen(names->text);
    const char *slash = strrchr(entry->file, '/');
    (void)error;
    snprintf(names->text + used, sizeof names->text - used, "%s%s[%d]", used ? " " : "",
             slash ? slash + 1 : entry->file, entry->hdu);
    names->count++;
    return WK_OK;
}

#endif
