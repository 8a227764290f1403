#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "get_task.h"
#include "provenance.h"
#include "table.h"

static void put_type(wk_ledger *ledger, const wk_butler_type *type)
{
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_text(ledger, "name", type->name);
    wk_ledger_text(ledger, "storage_class", type->storage_class);
    wk_ledger_open_array(ledger, "dimensions");
    for (size_t i = 0; i < type->dimension_count; i++)
        wk_ledger_text(ledger, NULL, type->dimensions[i]);
    wk_ledger_close(ledger);
    wk_ledger_integer(ledger, "datasets", type->datasets);
    wk_ledger_close(ledger);
}

static wk_status print_types_json(const wk_butler_type *types, size_t count,
                                  const cli_session *session, wk_error *error)
{
    wk_ledger *ledger;
    wk_status status = wk_ledger_create(&ledger, error);
    if (status)
        return status;
    cli_provenance_put(ledger, session);
    wk_ledger_open_array(ledger, "dataset_types");
    for (size_t i = 0; i < count; i++)
        put_type(ledger, &types[i]);
    wk_ledger_close(ledger);
    status = cli_ledger_print(ledger, error);
    wk_ledger_free(ledger);
    return status;
}

static void add_dimensions(cli_table *table, const wk_butler_type *type)
{
    char text[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < type->dimension_count && used < sizeof text; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? "," : "",
                                 type->dimensions[i]);
    cli_table_add(table, "%s", text);
}

static wk_status print_types(const wk_butler_type *types, size_t count, wk_error *error)
{
    cli_table table = {.align = "llrl", .error = error};
    cli_table_add(&table, "dataset type");
    cli_table_add(&table, "storage class");
    cli_table_add(&table, "datasets");
    cli_table_add(&table, "dimensions");
    for (size_t i = 0; i < count; i++) {
        cli_table_add(&table, "%s", types[i].name);
        cli_table_add(&table, "%s", types[i].storage_class);
        cli_table_add(&table, "%lld", (long long)types[i].datasets);
        add_dimensions(&table, &types[i]);
    }
    wk_status status = cli_table_print(&table, stdout);
    cli_table_free(&table);
    return status;
}

wk_status get_list_types(get_task *task, wk_error *error)
{
    const cli_session *session = task->session;
    wk_butler_type *types = NULL;
    size_t count = 0;
    wk_status status = wk_butler_types(&types, &count, task->butler,
                                       session->file_count ? session->files[0] : NULL, error);
    if (!status)
        status = cli_get_switch(&session->options, "json")
                     ? print_types_json(types, count, session, error)
                     : print_types(types, count, error);
    wk_butler_types_free(types, count);
    return status;
}

static const char *type_name(wk_collection_type type)
{
    static const char *const names[] = {"", "RUN", "TAGGED", "CHAINED", "CALIBRATION"};
    return names[type];
}

/* The tree of collections; each chain is unfolded where it is met first. */
typedef struct tree {
    const wk_butler_collection *list;
    size_t count;
    unsigned char *shown; /* [count] */
    cli_table table;
} tree;

enum { DEEPEST = 100 };

static void add_branch(tree *t, size_t place, int depth)
{
    const wk_butler_collection *one = &t->list[place];
    int again = t->shown[place] && one->child_count;
    cli_table_add(&t->table, "%*s%s", 2 * depth, "", one->name);
    cli_table_add(&t->table, "%s%s", type_name(one->type), again ? " (as above)" : "");
    t->shown[place] = 1;
    for (size_t i = 0; i < one->child_count && !again && depth < DEEPEST; i++)
        add_branch(t, one->children[i], depth + 1);
}

/* What no chain holds, and chains that only hold each other. */
static void add_tree(tree *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (!t->list[i].is_child)
            add_branch(t, i, 0);
    for (size_t i = 0; i < t->count; i++)
        if (!t->shown[i])
            add_branch(t, i, 0);
}

/* The collections that --collection names; they are there, for they have been searched. */
static wk_status add_named(tree *t, const char *names, wk_error *error)
{
    char *copy = cli_copy(names, error), *rest = copy;
    if (!copy)
        return WK_MEMORY;
    for (const char *name = strsep(&rest, ","); name; name = strsep(&rest, ","))
        for (size_t i = 0; i < t->count; i++)
            if (!strcmp(t->list[i].name, name))
                add_branch(t, i, 0);
    free(copy);
    return WK_OK;
}

/* Make the tree: all of it, or what --collection names. */
static wk_status grow(tree *t, const get_task *task, wk_error *error)
{
    const char *names = cli_get_text(&task->session->options, "collection");
    t->list = wk_butler_collections(&t->count, task->butler);
    t->table = (cli_table){.align = "ll", .error = error};
    t->shown = cli_new(t->count, 1, error);
    if (!t->shown)
        return WK_MEMORY;
    cli_table_add(&t->table, "collection");
    cli_table_add(&t->table, "type");
    if (names)
        return add_named(t, names, error);
    add_tree(t);
    return WK_OK;
}

static void put_collection(wk_ledger *ledger, const tree *t, size_t place)
{
    const wk_butler_collection *one = &t->list[place];
    wk_ledger_open_object(ledger, NULL);
    wk_ledger_text(ledger, "name", one->name);
    wk_ledger_text(ledger, "type", type_name(one->type));
    wk_ledger_open_array(ledger, "children");
    for (size_t k = 0; k < one->child_count; k++)
        wk_ledger_text(ledger, NULL, t->list[one->children[k]].name);
    wk_ledger_close(ledger);
    wk_ledger_close(ledger);
}

static wk_status print_tree_json(const tree *t, const cli_session *session, wk_error *error)
{
    wk_ledger *ledger;
    wk_status status = wk_ledger_create(&ledger, error);
    if (status)
        return status;
    cli_provenance_put(ledger, session);
    wk_ledger_open_array(ledger, "collections");
    for (size_t i = 0; i < t->count; i++)
        if (t->shown[i])
            put_collection(ledger, t, i);
    wk_ledger_close(ledger);
    status = cli_ledger_print(ledger, error);
    wk_ledger_free(ledger);
    return status;
}

wk_status get_list_collections(get_task *task, wk_error *error)
{
    tree t = {0};
    wk_status status = grow(&t, task, error);
    if (!status)
        status = cli_get_switch(&task->session->options, "json")
                     ? print_tree_json(&t, task->session, error)
                     : cli_table_print(&t.table, stdout);
    cli_table_free(&t.table);
    free(t.shown);
    return status;
}
