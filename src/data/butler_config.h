/* butler.yaml: where a repository's registry and files are. */
#ifndef WELKIN_DATA_BUTLER_CONFIG_H
#define WELKIN_DATA_BUTLER_CONFIG_H

#include "welkin/status.h"

typedef struct wk_butler_config {
    char *file;      /* the butler.yaml itself */
    char *root;      /* what <butlerRoot> stands for */
    char *database;  /* the SQLite registry */
    char *datastore; /* the folder that records' paths begin at */
    char *table;     /* the datastore's records; fit to stand in a statement */
} wk_butler_config;

/* Read the configuration of a repository.
 * Given      path   its folder, or the file
 * Status     WK_FILE    missing, no repository, no YAML
 *            WK_HEADER  generation 2, remote, another database than SQLite, a datastore without
 *                       local files, files that are included
 * Notes      Release it after a failure, too. */
wk_status wk_butler_config_read(wk_butler_config *out, const char *path, wk_error *error);
void wk_butler_config_release(wk_butler_config *config);

#endif
