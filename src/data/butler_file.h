/* From a row of data IDs to a dataset with its files. */
#ifndef WELKIN_DATA_BUTLER_FILE_H
#define WELKIN_DATA_BUTLER_FILE_H

#include "butler_key.h"

/* Statements that are used for each dataset. */
typedef struct wk_lookup {
    const wk_butler *butler;
    const wk_dataset_type *type;
    const char *component; /* the only one wanted; NULL: all */
    wk_query *files;
    wk_query *run;     /* NULL: the registry cannot tell */
    wk_query *implied; /* band and physical_filter; NULL: the type has none */
} wk_lookup;

/* Close it after a failure, too. */
wk_status wk_lookup_open(wk_lookup *lookup, const wk_dataset_type *type, const char *component,
                         const wk_butler *butler, wk_error *error);
void wk_lookup_close(wk_lookup *lookup);

/* Take the present row of a wk_dataset_query. */
wk_status wk_lookup_dataset(wk_butler_dataset *out, wk_lookup *lookup, wk_query *row,
                            wk_error *error);

#endif
