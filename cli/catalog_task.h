/* One run of welkin catalog. */
#ifndef WELKIN_CLI_CATALOG_TASK_H
#define WELKIN_CLI_CATALOG_TASK_H

#include "command.h"
#include "table.h"
#include "welkin/catalog.h"
#include "welkin/ledger.h"

typedef struct catalog_task {
    cli_session *session;
    const char *path, *where;
    char *const *words; /* behind the action */
    size_t count;
    wk_catalog *catalog;
    int json;
} catalog_task;

wk_status catalog_open(catalog_task *task, wk_catalog_mode mode, wk_error *error);

/* The actions. */
wk_status catalog_add(catalog_task *task, wk_error *error);
wk_status catalog_list(catalog_task *task, wk_error *error);
wk_status catalog_overlaps(catalog_task *task, wk_error *error);
wk_status catalog_remove(catalog_task *task, wk_error *error);
wk_status catalog_forget(catalog_task *task, wk_error *error);
wk_status catalog_record(catalog_task *task, wk_error *error);

/* The files in folders and below that may be exposures, and the files given; sorted within a
 * folder.  Free with cli_lines_free. */
wk_status catalog_scan(char ***paths, size_t *count, char *const *words, size_t word_count,
                       wk_error *error);

/* What a query hands over, printed when it has ended: a table, names, or JSON. */
typedef struct catalog_listing {
    catalog_task *task;
    cli_table table;
    wk_ledger *ledger;
    void *names; /* a cli_names */
    int levels;
} catalog_listing;

wk_status catalog_listing_begin(catalog_listing *listing, catalog_task *task, wk_error *error);
/* A wk_catalog_take whose payload is a listing. */
wk_status catalog_listing_take(const wk_catalog_entry *entry, void *listing, wk_error *error);
wk_status catalog_listing_end(catalog_listing *listing, wk_error *error);
void catalog_listing_free(catalog_listing *listing);

#endif
