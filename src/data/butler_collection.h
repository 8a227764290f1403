/* The collections of a registry, and the order in which some of them are searched. */
#ifndef WELKIN_DATA_BUTLER_COLLECTION_H
#define WELKIN_DATA_BUTLER_COLLECTION_H

#include "database.h"
#include "welkin/butler.h"

typedef struct wk_collections {
    wk_butler_collection *list; /* [count] sorted by name */
    int64_t *ids;               /* [count] */
    size_t count;
    size_t *children; /* of all chains, one behind the other */
    size_t child_count;
} wk_collections;

/* Leaves in order, as a JSON list of their ids for a statement's json_each. */
typedef struct wk_search {
    char *leaves; /* NULL: nothing was chosen yet */
    char *names;  /* of the collections chosen, for messages */
    size_t count; /* of leaves */
} wk_search;

/* Given      path   of the registry, the subject of messages
 * Status     WK_HEADER for a type or a chain that makes no sense */
wk_status wk_collections_read(wk_collections *out, wk_database *database, const char *path,
                              wk_error *error);
void wk_collections_release(wk_collections *collections);

/* As wk_butler_search; the subject is the registry's path.  What search was stays after a failure.
 */
wk_status wk_collections_search(wk_search *search, const wk_collections *collections,
                                const char *names, const char *path, wk_error *error);
void wk_search_release(wk_search *search);

#endif
