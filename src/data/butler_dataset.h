/* Datasets: the statement that finds them. */
#ifndef WELKIN_DATA_BUTLER_DATASET_H
#define WELKIN_DATA_BUTLER_DATASET_H

#include "butler_key.h"

/* Prepare and bind the statement whose rows are dataset_id, collection_id and the values of the
 * dimensions, sorted by these, then by the order of search. */
wk_status wk_dataset_query(wk_query **out, const wk_dataset_type *type, const wk_data_id *id,
                           const wk_butler *butler, wk_error *error);

#endif
