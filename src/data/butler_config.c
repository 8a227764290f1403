#include "butler_config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "butler_path.h"
#include "database.h"
#include "input.h"
#include "memory.h"
#include "status.h"
#include "tile_yaml.h"

static const char ROOT[] = "<butlerRoot>";

void wk_butler_config_release(wk_butler_config *config)
{
    wk_memory_free(config->file);
    wk_memory_free(config->root);
    wk_memory_free(config->database);
    wk_memory_free(config->datastore);
    wk_memory_free(config->table);
    memset(config, 0, sizeof *config);
}

/* The text of a member of a map; NULL: none. */
static const char *text_of(const wk_yaml_node *map, const char *key)
{
    const wk_yaml_node *node = wk_yaml_find(map, key);
    return node ? node->text : NULL;
}

/* The last part of a class's name: lsst.daf.butler....FileDatastore. */
static const char *class_of(const wk_yaml_node *map)
{
    const char *name = text_of(map, "cls"), *point = name ? strrchr(name, '.') : NULL;
    return point ? point + 1 : name;
}

static wk_status look(int *there, const char *folder, const char *name, wk_error *error)
{
    struct stat facts;
    char *path = wk_path_join(folder, name, error);
    if (!path)
        return WK_MEMORY;
    *there = stat(path, &facts) == 0;
    wk_memory_free(path);
    return WK_OK;
}

static wk_status check_folder(const char *folder, wk_error *error)
{
    static const char *const names[] = {"butler.yaml", "_mapper", "repositoryCfg.yaml",
                                        "registry.sqlite3"};
    for (int i = 0; i < 4; i++) {
        int there = 0;
        wk_status status = look(&there, folder, names[i], error);
        if (status || (there && i == 0))
            return status;
        if (there)
            return wk_error_set(error, WK_HEADER, folder,
                                "is a repository of generation 2 (it has %s but no butler.yaml): "
                                "only generation 3 is read",
                                names[i]);
    }
    return wk_error_set(error, WK_FILE, folder, "is no Butler repository: it has no butler.yaml");
}

/* Find butler.yaml, and the folder that it is in. */
static wk_status find_file(wk_butler_config *config, const char *path, wk_error *error)
{
    struct stat facts;
    if (wk_uri_scheme(path))
        return wk_error_set(error, WK_HEADER, path,
                            "is not on this system: only local repositories are read");
    if (stat(path, &facts))
        return wk_error_set(error, WK_FILE, path, "cannot be opened: %s", wk_input_cause(errno));
    if (S_ISDIR(facts.st_mode)) {
        config->root = wk_memory_text(path, error);
        config->file = wk_path_join(path, "butler.yaml", error);
        wk_status status = config->root && config->file ? check_folder(path, error) : WK_MEMORY;
        if (status)
            return status;
    } else {
        config->root = wk_path_folder(path, error);
        config->file = wk_memory_text(path, error);
    }
    for (size_t n = config->root ? strlen(config->root) : 0; n > 1 && config->root[n - 1] == '/';)
        config->root[--n] = '\0';
    return config->root && config->file ? WK_OK : WK_MEMORY;
}

/* A local path out of a text of the file: <butlerRoot> replaced, file: URIs understood, relative
 * ones from the root. */
static wk_status local_path(char **out, const wk_butler_config *config, const char *text,
                            wk_error *error)
{
    size_t mark = sizeof ROOT - 1;
    if (!strncmp(text, ROOT, mark)) {
        const char *rest = text + mark + strspn(text + mark, "/");
        *out =
            *rest ? wk_path_join(config->root, rest, error) : wk_memory_text(config->root, error);
        return *out ? WK_OK : WK_MEMORY;
    }
    if (wk_uri_scheme(text))
        return wk_uri_path(out, text, config->file, error);
    *out = text[0] == '/' ? wk_memory_text(text, error) : wk_path_join(config->root, text, error);
    return *out ? WK_OK : WK_MEMORY;
}

/* root: of the file, if it says one. */
static wk_status take_root(wk_butler_config *config, const wk_yaml_node *top, wk_error *error)
{
    const char *text = text_of(top, "root");
    char *root = NULL;
    if (!text || !*text)
        return WK_OK;
    wk_status status = local_path(&root, config, text, error);
    if (!status) {
        wk_memory_free(config->root);
        config->root = root;
    }
    return status;
}

/* The registry's address, from which no password may come into a message. */
static wk_status take_database(wk_butler_config *config, const wk_yaml_node *top, wk_error *error)
{
    static const char prefix[] = "sqlite:///";
    const char *text = text_of(wk_yaml_find(top, "registry"), "db");
    if (!text || !*text)
        text = "sqlite:///<butlerRoot>/gen3.sqlite3";
    if (strncmp(text, prefix, sizeof prefix - 1) != 0)
        return wk_error_set(error, WK_HEADER, config->file,
                            "the registry is at %.*s://...: only SQLite files (sqlite:///PATH) are "
                            "read, no database servers",
                            (int)strcspn(text, ":"), text);
    text += sizeof prefix - 1;
    if (!*text || !strcmp(text, ":memory:"))
        return wk_error_set(error, WK_HEADER, config->file,
                            "the registry is in memory: there is no file of it to read");
    return local_path(&config->database, config, text, error);
}

/* The datastore with local files, itself or among those of a chain. */
static wk_status find_datastore(const wk_yaml_node **out, const wk_butler_config *config,
                                const wk_yaml_node *top, wk_error *error)
{
    const wk_yaml_node *store = wk_yaml_find(top, "datastore");
    const char *class = class_of(store);
    *out = store;
    if (!class || !strcmp(class, "FileDatastore") || !strcmp(class, "PosixDatastore"))
        return WK_OK;
    if (strcmp(class, "ChainedDatastore") != 0)
        return wk_error_set(error, WK_HEADER, config->file,
                            "the datastore is a %.100s: only a FileDatastore is read", class);
    const wk_yaml_node *list = wk_yaml_find(store, "datastores");
    for (const wk_yaml_node *one = list ? list->first : NULL; one; one = one->next) {
        const wk_yaml_node *inner = wk_yaml_find(one, "datastore");
        const char *own = class_of(inner ? inner : one);
        *out = inner ? inner : one;
        if (own && (!strcmp(own, "FileDatastore") || !strcmp(own, "PosixDatastore")))
            return WK_OK;
    }
    return wk_error_set(error, WK_HEADER, config->file,
                        "the ChainedDatastore has no FileDatastore: there are no files to read");
}

static wk_status take_datastore(wk_butler_config *config, const wk_yaml_node *top, wk_error *error)
{
    const wk_yaml_node *store = NULL;
    wk_status status = find_datastore(&store, config, top, error);
    if (status)
        return status;
    const char *root = text_of(store, "root");
    const char *table = text_of(wk_yaml_find(store, "records"), "table");
    status = local_path(&config->datastore, config, root && *root ? root : "<butlerRoot>/datastore",
                        error);
    if (status)
        return status;
    if (!table || !*table)
        table = "file_datastore_records";
    if (!wk_database_is_name(table))
        return wk_error_set(error, WK_HEADER, config->file,
                            "datastore.records.table = %.100s is no name of a table", table);
    config->table = wk_memory_text(table, error);
    return config->table ? WK_OK : WK_MEMORY;
}

static wk_status take_all(wk_butler_config *config, const wk_yaml_node *top, wk_error *error)
{
    const char *class = class_of(top);
    if (top && top->kind != WK_YAML_MAP)
        return wk_error_set(error, WK_FILE, config->file, "holds no names with values");
    if (class && !strcmp(class, "RemoteButler"))
        return wk_error_set(error, WK_HEADER, config->file,
                            "is a remote repository (RemoteButler): only local ones are read");
    if (wk_yaml_find(top, "includeConfigs"))
        return wk_error_set(error, WK_HEADER, config->file,
                            "has includeConfigs: files that are included are not read");
    wk_status status = take_root(config, top, error);
    if (!status)
        status = take_database(config, top, error);
    return status ? status : take_datastore(config, top, error);
}

wk_status wk_butler_config_read(wk_butler_config *out, const char *path, wk_error *error)
{
    wk_yaml tree = {0};
    memset(out, 0, sizeof *out);
    wk_status status = find_file(out, path, error);
    if (!status)
        status = wk_input_check(out->file, "a butler.yaml", error);
    if (!status)
        status = wk_yaml_read(&tree, out->file, error);
    if (!status)
        status = take_all(out, tree.root, error);
    wk_yaml_release(&tree);
    return status;
}
