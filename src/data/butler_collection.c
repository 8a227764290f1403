#include "butler_collection.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "butler_near.h"
#include "butler_text.h"
#include "memory.h"
#include "status.h"

enum { DEEPEST = 100, NAMES = 300 };

void wk_collections_release(wk_collections *collections)
{
    for (size_t i = 0; i < collections->count; i++)
        wk_memory_free((char *)collections->list[i].name);
    wk_memory_free(collections->list);
    wk_memory_free(collections->ids);
    wk_memory_free(collections->children);
    memset(collections, 0, sizeof *collections);
}

/* Make room for one more of what doubles at powers of two. */
static wk_status make_room(void **block, size_t count, size_t size, wk_error *error)
{
    if (count & (count - 1))
        return WK_OK;
    return wk_memory_grow(block, count ? 2 * count : 1, size, error);
}

static wk_status take_collection(wk_collections *all, wk_query *query, const char *path,
                                 wk_error *error)
{
    int64_t type = wk_query_integer(query, 2);
    const char *name = wk_query_text(query, 1);
    if (!name || type < WK_COLLECTION_RUN || type > WK_COLLECTION_CALIBRATION)
        return wk_error_set(error, WK_HEADER, path,
                            "the collection %.200s has the unknown type %lld",
                            name ? name : "without a name", (long long)type);
    wk_status status = make_room((void **)&all->list, all->count, sizeof *all->list, error);
    if (!status)
        status = make_room((void **)&all->ids, all->count, sizeof *all->ids, error);
    char *copy = status ? NULL : wk_memory_text(name, error);
    if (!copy)
        return WK_MEMORY;
    all->list[all->count] = (wk_butler_collection){.name = copy, .type = (wk_collection_type)type};
    all->ids[all->count++] = wk_query_integer(query, 0);
    return WK_OK;
}

/* id and place of a collection, sorted by id. */
typedef struct place {
    int64_t id;
    size_t place;
} place;

static int compare_places(const void *left, const void *right)
{
    const place *a = left, *b = right;
    return (a->id > b->id) - (a->id < b->id);
}

static wk_status sort_places(place **out, const wk_collections *all, wk_error *error)
{
    place *places = wk_memory_new(all->count, sizeof *places, error);
    if (!places)
        return WK_MEMORY;
    for (size_t i = 0; i < all->count; i++)
        places[i] = (place){all->ids[i], i};
    qsort(places, all->count, sizeof *places, compare_places);
    *out = places;
    return WK_OK;
}

static wk_status take_link(wk_collections *all, const place *places, wk_query *query,
                           const char *path, wk_error *error)
{
    const place wanted[] = {{wk_query_integer(query, 0), 0}, {wk_query_integer(query, 1), 0}};
    const place *found[2];
    for (int i = 0; i < 2; i++) {
        found[i] = bsearch(&wanted[i], places, all->count, sizeof *places, compare_places);
        if (!found[i])
            return wk_error_set(error, WK_HEADER, path,
                                "a chain of collections names the number %lld, which none has",
                                (long long)wanted[i].id);
    }
    wk_status status =
        make_room((void **)&all->children, all->child_count, sizeof *all->children, error);
    if (status)
        return status;
    all->children[all->child_count++] = found[1]->place;
    all->list[found[1]->place].is_child = 1;
    all->list[found[0]->place].child_count++;
    return WK_OK;
}

/* Run a statement and take its rows. */
static wk_status read_rows(wk_collections *all, const place *places, wk_database *database,
                           const char *statement, const char *path, wk_error *error)
{
    wk_query *query = NULL;
    int row = 1;
    wk_status status = wk_query_open(&query, database, statement, error);
    while (!status && !(status = wk_query_step(&row, query, error)) && row)
        status = places ? take_link(all, places, query, path, error)
                        : take_collection(all, query, path, error);
    wk_query_close(query);
    return status;
}

/* The links came sorted by their parents' names, as the list is. */
static void share_children(wk_collections *all)
{
    size_t next = 0;
    for (size_t i = 0; i < all->count; i++) {
        all->list[i].children = all->children + next;
        next += all->list[i].child_count;
    }
}

wk_status wk_collections_read(wk_collections *out, wk_database *database, const char *path,
                              wk_error *error)
{
    place *places = NULL;
    memset(out, 0, sizeof *out);
    wk_status status =
        read_rows(out, NULL, database,
                  "SELECT collection_id, name, type FROM collection ORDER BY name, collection_id",
                  path, error);
    if (!status)
        status = sort_places(&places, out, error);
    if (!status)
        status = read_rows(out, places, database,
                           "SELECT k.parent, k.child FROM collection_chain k LEFT JOIN collection c"
                           " ON c.collection_id = k.parent"
                           " ORDER BY c.name, c.collection_id, k.position",
                           path, error);
    if (!status)
        share_children(out);
    else
        wk_collections_release(out);
    wk_memory_free(places);
    return status;
}

/* A walk along chains. */
typedef struct walk {
    const wk_collections *all;
    unsigned char *marks; /* [count] 0: new, 1: on the way, 2: done */
    wk_text leaves;
    size_t count;
    const char *path;
    wk_error *error;
} walk;

static wk_status visit(walk *w, size_t at, int depth)
{
    const wk_butler_collection *one = &w->all->list[at];
    if (w->marks[at] == 1)
        return wk_error_set(w->error, WK_HEADER, w->path,
                            "the chain of collections %.300s contains itself", one->name);
    if (depth > DEEPEST)
        return wk_error_set(w->error, WK_HEADER, w->path,
                            "chains of collections are nested more than %d deep, at %.300s",
                            DEEPEST, one->name);
    if (w->marks[at] || one->type == WK_COLLECTION_CALIBRATION)
        return WK_OK;
    wk_status status = WK_OK;
    if (one->type != WK_COLLECTION_CHAINED) {
        status = wk_text_add(&w->leaves, w->error, "%s%lld", w->count ? "," : "",
                             (long long)w->all->ids[at]);
        w->count++;
    }
    w->marks[at] = 1;
    for (size_t i = 0; i < one->child_count && !status; i++)
        status = visit(w, one->children[i], depth + 1);
    w->marks[at] = 2;
    return status;
}

static wk_status unknown(const wk_collections *all, const char *name, const char *path,
                         wk_error *error)
{
    char near[NAMES] = "";
    const char **names = wk_memory_new(all->count, sizeof *names, error);
    if (!names)
        return WK_MEMORY;
    for (size_t i = 0; i < all->count; i++)
        names[i] = all->list[i].name;
    wk_near_names(near, sizeof near, name, names, all->count);
    wk_memory_free((void *)names);
    return wk_error_set(error, WK_ARGUMENT, path, "there is no collection %.100s%s%s", name,
                        near[0] ? "; similar: " : "", near);
}

static wk_status visit_named(walk *w, const char *name)
{
    for (size_t i = 0; i < w->all->count; i++) {
        if (strcmp(w->all->list[i].name, name) != 0)
            continue;
        if (w->all->list[i].type == WK_COLLECTION_CALIBRATION)
            return wk_error_set(
                w->error, WK_ARGUMENT, w->path,
                "%.300s is a CALIBRATION collection, whose datasets are valid for a "
                "time each: it is not searched",
                name);
        return visit(w, i, 0);
    }
    return unknown(w->all, name, w->path, w->error);
}

/* Names with commas between; names is written into. */
static wk_status visit_all(walk *w, char *names)
{
    wk_status status = WK_OK;
    char *rest = names;
    for (char *name = strsep(&rest, ","); name && !status; name = strsep(&rest, ","))
        status = visit_named(w, name);
    return status;
}

/* The collection that is meant where none is named. */
static wk_status choose(const char **name, const wk_collections *all, const char *path,
                        wk_error *error)
{
    char text[NAMES];
    size_t chains = 0, others = 0;
    const char **names = wk_memory_new(all->count, sizeof *names, error);
    if (!names)
        return WK_MEMORY;
    for (int round = 0; round < 2 && !chains; round++)
        for (size_t i = 0; i < all->count; i++) {
            const wk_butler_collection *one = &all->list[i];
            if (round == 0 && one->type == WK_COLLECTION_CHAINED && !one->is_child)
                names[chains++] = one->name;
            else if (round == 1 && one->type != WK_COLLECTION_CALIBRATION)
                names[others++] = one->name;
        }
    *name = names[0];
    wk_text_names(text, sizeof text, names, chains + others);
    wk_memory_free((void *)names);
    if (chains + others == 1)
        return WK_OK;
    if (chains + others == 0)
        return wk_error_set(error, WK_ARGUMENT, path, "the repository has no collections");
    return wk_error_set(error, WK_ARGUMENT, path, "name the collection to search; there are: %s",
                        text);
}

wk_status wk_collections_search(wk_search *search, const wk_collections *collections,
                                const char *names, const char *path, wk_error *error)
{
    walk w = {.all = collections, .path = path, .error = error};
    wk_text quoted = {0};
    wk_status status = names ? WK_OK : choose(&names, collections, path, error);
    if (status)
        return status;
    char *copy = wk_memory_text(names, error), *shown = wk_memory_text(names, error);
    w.marks = wk_memory_new(collections->count, 1, error);
    status = copy && shown && w.marks ? visit_all(&w, copy) : WK_MEMORY;
    if (!status)
        status = wk_text_add(&quoted, error, "[%s]", w.leaves.data ? w.leaves.data : "");
    if (!status) {
        wk_search_release(search);
        *search = (wk_search){quoted.data, shown, w.count};
        shown = NULL;
    }
    wk_memory_free(shown);
    wk_memory_free(copy);
    wk_memory_free(w.marks);
    wk_text_free(&w.leaves);
    return status;
}

void wk_search_release(wk_search *search)
{
    wk_memory_free(search->leaves);
    wk_memory_free(search->names);
    memset(search, 0, sizeof *search);
}
