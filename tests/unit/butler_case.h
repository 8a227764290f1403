/* A small repository for the tests of butler*.c: two instruments, three runs, a tag, chains. */
#ifndef BUTLER_CASE_H
#define BUTLER_CASE_H

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

#include "butler_registry.h"
#include "memory.h"
#include "welkin/butler.h"

static char case_folder[] = "/tmp/welkin-butler-XXXXXX";

/* A path in the folder; some at a time. */
static const char *case_path(const char *name)
{
    static char paths[8][300];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", case_folder, name);
    return path;
}

static inline const char *case_file(const char *name, const char *text)
{
    const char *path = case_path(name);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
    return path;
}

static int case_begin(void **state)
{
    (void)state;
    return mkdtemp(case_folder) ? 0 : -1;
}

static int case_end(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", case_folder);
    return system(command);
}

static const char *const case_managers =
    "CREATE TABLE butler_attributes (name TEXT, value TEXT);"
    "INSERT INTO butler_attributes VALUES"
    " ('config:registry.managers.collections', 'a.SynthIntKeyCollectionManager'),"
    " ('version:a.SynthIntKeyCollectionManager', '2.0.0'),"
    " ('config:registry.managers.datasets', 'b.ByDimensionsDatasetRecordStorageManagerUUID'),"
    " ('version:b.ByDimensionsDatasetRecordStorageManagerUUID', '1.0.0');";

static const char *const case_tables =
    "CREATE TABLE collection (collection_id INTEGER, name TEXT, type INTEGER);"
    "CREATE TABLE collection_chain (parent INTEGER, position INTEGER, child INTEGER);"
    "CREATE TABLE dataset_type (id INTEGER, name TEXT, storage_class TEXT, dimensions_key INTEGER,"
    " tag_association_table TEXT);"
    "CREATE TABLE dataset (id TEXT, run_id INTEGER);"
    "CREATE TABLE dataset_tags_1 (dataset_type_id INTEGER, dataset_id TEXT, collection_id INTEGER,"
    " instrument TEXT, detector INTEGER, visit INTEGER, more TEXT);"
    "CREATE TABLE dimension_graph_definition (dimension_graph_id INTEGER, dimension_name TEXT);"
    "CREATE TABLE file_datastore_records (dataset_id TEXT, path TEXT, formatter TEXT,"
    " storage_class TEXT, component TEXT, file_size INTEGER);"
    "CREATE TABLE visit (instrument TEXT, id INTEGER, physical_filter TEXT);"
    "CREATE TABLE physical_filter (instrument TEXT, name TEXT, band TEXT);"
    "CREATE TABLE detector (instrument TEXT, id INTEGER, full_name TEXT);"
    "CREATE TABLE collection_summary_instrument (collection_id INTEGER, instrument TEXT);";

/* run1 and run2 both have visit 7 of detector 3; run2 alone visit 9; the tag has run2's of 7. */
static const char *const case_rows =
    "INSERT INTO collection VALUES (1, 'run1', 1), (2, 'run2', 1), (3, 'tag', 2), (4, 'top', 3),"
    " (5, 'below', 3), (6, 'calib', 4);"
    "INSERT INTO collection_chain VALUES (4, 1, 5), (4, 0, 6), (5, 0, 1), (5, 1, 2), (4, 2, 3);"
    "INSERT INTO dataset_type VALUES (11, 'calexp', 'ExposureF', 1, 'dataset_tags_1'),"
    " (12, 'parts', 'ExposureF', 1, 'dataset_tags_1');"
    "INSERT INTO dimension_graph_definition VALUES (1, 'instrument'), (1, 'detector'), (1, "
    "'visit');"
    "INSERT INTO dataset VALUES ('0123456789abcdef0123456789abcdef', 1), ('b', 2), ('c', 2),"
    " ('d', 1);"
    "INSERT INTO dataset_tags_1 VALUES"
    " (11, '0123456789abcdef0123456789abcdef', 1, 'Cam', 3, 7, 'x'), (11, 'b', 2, 'Cam', 3, 7, "
    "'x'),"
    " (11, 'b', 3, 'Cam', 3, 7, 'x'), (11, 'c', 2, 'Cam', 3, 9, 'x'),"
    " (12, 'd', 1, 'Cam', 3, 7, 'x');"
    "INSERT INTO file_datastore_records VALUES"
    " ('0123456789abcdef0123456789abcdef', 'a.fits', 'F', 'ExposureF', '__NULL_STRING__', 1),"
    " ('b', 'b.fits', 'F', 'ExposureF', '', -1), ('c', 'c.fits', 'F', 'ExposureF', NULL, 1),"
    " ('d', 'i.fits', 'F', 'ImageF', 'image', 1), ('d', 'm.fits', 'F', 'Mask', 'mask', 1);"
    "INSERT INTO visit VALUES ('Cam', 7, 'r.1'), ('Cam', 9, 'i.1');"
    "INSERT INTO physical_filter VALUES ('Cam', 'r.1', 'r'), ('Cam', 'i.1', 'i');"
    "INSERT INTO detector VALUES ('Cam', 3, 'S3'), ('Other', 5, 'S3');"
    "INSERT INTO collection_summary_instrument VALUES (1, 'Cam'), (2, 'Cam'), (3, 'Cam'), (6, "
    "'Other');";

/* Make the repository and change it by the statements (NULL: none). */
static inline void case_repository(const char *changes)
{
    wk_database *database = NULL;
    wk_error error = {0};
    const char *path = case_path("gen3.sqlite3");
    const char *const all[] = {case_managers, case_tables, case_rows, changes ? changes : ""};
    static const char *const files[] = {"a.fits", "b.fits", "c.fits", "i.fits", "m.fits"};
    unlink(path);
    assert_int_equal(wk_database_open(&database, path, WK_DATABASE_CREATE, 0, &error), WK_OK);
    for (int i = 0; i < 4; i++)
        if (wk_database_run(database, all[i], &error))
            fail_msg("%s", error.message);
    wk_database_close(database);
    case_file("butler.yaml", "datastore: {root: <butlerRoot>}\n");
    for (int i = 0; i < 5; i++)
        case_file(files[i], "x");
}

static inline wk_butler *case_open(const char *changes)
{
    wk_butler *butler = NULL;
    wk_error error = {0};
    case_repository(changes);
    if (wk_butler_open(&butler, case_folder, &error))
        fail_msg("%s", error.message);
    return butler;
}

/* A failure with this status whose sentence has this word. */
static inline void case_failed(wk_status status, wk_status expected, const wk_error *error,
                               const char *said)
{
    if (status != expected || !strstr(error->message, said))
        fail_msg("status %d: %s: %s", (int)status, error->subject, error->message);
}

#endif
