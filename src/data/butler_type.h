/* Dataset types of a registry. */
#ifndef WELKIN_DATA_BUTLER_TYPE_H
#define WELKIN_DATA_BUTLER_TYPE_H

#include "butler_registry.h"
#include "welkin/butler.h"

/* What is needed to look for datasets of a type. */
typedef struct wk_dataset_type {
    int64_t id, dimensions_key;
    char *name, *storage_class;
    char *table;       /* of its data IDs; fit to stand in a statement, in double quotes */
    char **dimensions; /* [count] keys of its data IDs in the table's order; fit, too */
    int *integer;      /* [count] nonzero: the values are integers */
    size_t count;
} wk_dataset_type;

/* Status   WK_ARGUMENT  no such type, with similar names
 *          WK_HEADER    names in the registry that are none, a table that is not as it should be
 * Notes    Release it after a failure, too. */
wk_status wk_dataset_type_find(wk_dataset_type *out, const wk_butler *butler, const char *name,
                               wk_error *error);
void wk_dataset_type_release(wk_dataset_type *type);

/* The place of a key among the dimensions; -1: it is none. */
int wk_dataset_type_dimension(const wk_dataset_type *type, const char *key);

#endif
