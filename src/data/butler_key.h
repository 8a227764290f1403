/* Data IDs: what the user says, what follows from it, what is missing. */
#ifndef WELKIN_DATA_BUTLER_KEY_H
#define WELKIN_DATA_BUTLER_KEY_H

#include "butler_type.h"

/* Values of a type's dimensions, and of band and physical_filter where these are none. */
typedef struct wk_data_id {
    char **values; /* [count of the type's dimensions] NULL: not given */
    size_t count;
    char *band, *physical_filter; /* NULL: not given, or a dimension */
} wk_data_id;

/* Take "KEY=VALUE" texts.
 * Status   WK_ARGUMENT  as wk_butler_find
 * Notes    Release it after a failure, too.  A detector may still have its name. */
wk_status wk_data_id_read(wk_data_id *out, const wk_dataset_type *type, const char *const *keys,
                          size_t count, const wk_butler *butler, wk_error *error);
void wk_data_id_release(wk_data_id *id);

/* Fill instrument and skymap in where the collections searched have one only, and put numbers in
 * place of names of detectors. */
wk_status wk_data_id_infer(wk_data_id *id, const wk_dataset_type *type, const wk_butler *butler,
                           wk_error *error);

/* WK_ARGUMENT if a dimension has no value, naming them. */
wk_status wk_data_id_complete(const wk_data_id *id, const wk_dataset_type *type, wk_error *error);

/* "visit=703697, detector=80" of what has a value; "" for none. */
void wk_data_id_text(char *out, size_t size, const wk_data_id *id, const wk_dataset_type *type);

/* The record table that tells the filter of a data ID, "visit" or "exposure", which is also the
 * dimension's name; NULL: there is none. */
const char *wk_data_id_observation(const wk_dataset_type *type, const wk_butler *butler);

#endif
