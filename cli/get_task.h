/* One run of welkin get. */
#ifndef WELKIN_CLI_GET_TASK_H
#define WELKIN_CLI_GET_TASK_H

#include "outputs.h"
#include "welkin/background.h"
#include "welkin/butler.h"
#include "welkin/ledger.h"

typedef struct get_task {
    cli_session *session;
    wk_butler *butler; /* NULL: only a file is read */
    wk_butler_dataset *datasets;
    size_t count;
    cli_outputs outputs;
    const char *output;            /* what was written; NULL: nothing */
    int evaluated;                 /* nonzero: output is the image of a background list */
    wk_background_summary summary; /* of that image */
} get_task;

/* Print the dataset types, and the collections as a tree. */
wk_status get_list_types(get_task *task, wk_error *error);
wk_status get_list_collections(get_task *task, wk_error *error);

/* Print the datasets found: the only one, or all with their data IDs. */
wk_status get_print_one(const get_task *task, wk_error *error);
wk_status get_print_all(const get_task *task, wk_error *error);

/* Write the dataset to --output; what can be refused is refused before. */
wk_status get_write(get_task *task, wk_error *error);

/* Print the visits of the coadd in a file; dataset NULL: the user named the file. */
wk_status get_inputs(const get_task *task, const char *path, const wk_butler_dataset *dataset,
                     wk_error *error);

/* Members of a document: what is known of a dataset. */
void get_put_dataset(wk_ledger *ledger, const wk_butler_dataset *dataset);

#endif
