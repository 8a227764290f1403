/* Repositories of the Rubin Observatory's Data Butler (generation 3), for reading: which
 * collections and dataset types there are, and in which file the dataset of a data ID lies.
 *
 * What is read is butler.yaml, an SQLite registry and the datastore's records in it.  Nothing in a
 * repository is written, created or locked for longer than a query takes.
 */
#ifndef WELKIN_BUTLER_H
#define WELKIN_BUTLER_H

#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wk_butler wk_butler;

/* The numbers are those of the registry. */
typedef enum wk_collection_type {
    WK_COLLECTION_RUN = 1,
    WK_COLLECTION_TAGGED = 2,
    WK_COLLECTION_CHAINED = 3,
    WK_COLLECTION_CALIBRATION = 4
} wk_collection_type;

typedef struct wk_butler_collection {
    const char *name;
    wk_collection_type type;
    const size_t *children; /* [child_count] of a chain in the order of search: places among all */
    size_t child_count;
    int is_child; /* nonzero: a chain holds it */
} wk_butler_collection;

typedef struct wk_butler_type {
    char *name, *storage_class;
    char **dimensions; /* [dimension_count] the keys of its data IDs */
    size_t dimension_count;
    int64_t datasets; /* how many there are */
} wk_butler_type;

/* One key of a data ID with its value as text. */
typedef struct wk_butler_key {
    char *name, *value;
    int integer;  /* nonzero: the value is a number */
    int required; /* zero: it follows from the others, as the band of a visit does */
} wk_butler_key;

/* One file of a dataset. */
typedef struct wk_butler_file {
    char *component; /* NULL: the dataset in one file */
    char *path;      /* absolute, or relative if the repository was opened so */
    char *storage_class;
    char *formatter;
    int64_t size;     /* bytes */
    int64_t recorded; /* bytes as the datastore has them; negative: unknown */
} wk_butler_file;

typedef struct wk_butler_dataset {
    char *type, *storage_class;
    char *id;  /* a UUID in its usual form */
    char *run; /* the RUN collection that it was made in; NULL: the registry does not say */
    wk_butler_key *keys; /* [key_count] required ones first */
    size_t key_count;
    wk_butler_file *files; /* [file_count] one, or one for each component */
    size_t file_count;
} wk_butler_dataset;

/* Open a repository.
 *
 * Given      path   its folder, or its butler.yaml
 * Returned   out    caller frees with wk_butler_free
 * Status     WK_FILE    missing, no repository, a registry that is missing, damaged or locked
 *            WK_HEADER  a repository that this reader does not understand: of generation 2, remote,
 *                       with another database than SQLite, with managers or schema versions other
 *                       than those of docs/methods/butler.md, a table or column that is missing.
 *                       The message says what was found
 * Notes      A repository belongs to one thread.
 * Source     docs/methods/butler.md
 */
WK_API wk_status wk_butler_open(wk_butler **out, const char *path, wk_error *error);
WK_API void wk_butler_free(wk_butler *butler);

/* All collections, sorted by name; they live as long as the repository. */
WK_API const wk_butler_collection *wk_butler_collections(size_t *count, const wk_butler *butler);

/* Say where to search.
 *
 * Given      names   collections with commas between, searched in this order.  NULL: the only chain
 *                    that is part of no other, else the only collection that is not for
 *                    calibrations
 * Status     WK_ARGUMENT  no such collection (the message has similar names), one for
 *                         calibrations, or names is NULL and there are several
 *            WK_HEADER    a chain that contains itself, or a collection that is not there
 * Notes      Chains are followed depth first in their order; what was met before is passed over,
 *            CALIBRATION collections in chains are, too.
 */
WK_API wk_status wk_butler_search(wk_butler *butler, const char *names, wk_error *error);

/* The dataset types, sorted by name, with the number of their data IDs in the collections searched,
 * or, before wk_butler_search, the number of their datasets in all.
 *
 * Given      pattern   NULL: all; else with * ? [ ] as in a shell
 * Returned   out       [count]; caller frees with wk_butler_types_free
 * Status     WK_FILE, WK_HEADER; no type is no failure
 */
WK_API wk_status wk_butler_types(wk_butler_type **out, size_t *count, wk_butler *butler,
                                 const char *pattern, wk_error *error);
WK_API void wk_butler_types_free(wk_butler_type *types, size_t count);

/* Find one dataset.
 *
 * Given      type    its type; TYPE.COMPONENT for one file of a dataset that is kept in several
 *            keys    [count] "KEY=VALUE".  Of the type's required keys, instrument and skymap may
 * be missing if the collections searched have one only.  band and physical_filter of a visit or
 * exposure may be given, too, and must be right; a detector may be given by its name Returned   out
 * release with wk_butler_dataset_release Status     WK_ARGUMENT  no such type (the message has
 * similar names); a key that is missing, unknown, given twice, or contradicted by the registry; a
 * value that is no integer where one is needed WK_NO_DATA   there is no such dataset in the
 * collections searched WK_FILE      its file is missing, or the datastore has no record of it
 *            WK_HEADER    its path leads out of the datastore, or is on another system
 * Notes      wk_butler_search goes before.
 */
WK_API wk_status wk_butler_find(wk_butler_dataset *out, wk_butler *butler, const char *type,
                                const char *const *keys, size_t count, wk_error *error);
WK_API void wk_butler_dataset_release(wk_butler_dataset *dataset);

/* Find all datasets of a type that agree with the keys, sorted by data ID; of several with one data
 * ID the first in the order of search.
 * Returned   out     [found]; caller frees with wk_butler_datasets_free
 * Status     as for wk_butler_find, but no key need be given
 */
WK_API wk_status wk_butler_find_all(wk_butler_dataset **out, size_t *found, wk_butler *butler,
                                    const char *type, const char *const *keys, size_t count,
                                    wk_error *error);
WK_API void wk_butler_datasets_free(wk_butler_dataset *datasets, size_t count);

/* Nonzero if path is there and is a file of the repository, which an output may not replace. */
WK_API int wk_butler_owns(const wk_butler *butler, const char *path);

/* Copy a file of a dataset byte for byte.
 * Given      output   appears when it is whole, or not at all
 * Status     WK_EXISTS, WK_FILE */
WK_API wk_status wk_butler_copy(const char *output, const wk_butler_file *file, int overwrite,
                                int durable, const wk_context *context, wk_error *error);

#ifdef __cplusplus
}
#endif

#endif
