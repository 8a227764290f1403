/* A YAML file as a tree of texts, lists and maps, with limits that hostile files cannot pass.
 *
 * Scalars stay texts: what is a number is decided by who asks for one.  Anchors, aliases and tags
 * are refused. */
#ifndef WELKIN_DATA_TILE_YAML_H
#define WELKIN_DATA_TILE_YAML_H

#include "welkin/status.h"

enum {
    WK_YAML_DEPTH = 32,       /* lists and maps in each other */
    WK_YAML_NODES = 500000,   /* an info file of a thousand images has a tenth of it */
    WK_YAML_BYTES = 64 << 20, /* of the file */
};

typedef enum wk_yaml_kind { WK_YAML_NULL, WK_YAML_TEXT, WK_YAML_LIST, WK_YAML_MAP } wk_yaml_kind;

typedef struct wk_yaml_node {
    wk_yaml_kind kind;
    int line;                         /* where it begins, from 1 */
    const char *key;                  /* of a member of a map, else NULL */
    const char *text;                 /* of a text; of others NULL */
    struct wk_yaml_node *first, *end; /* members of a list or map */
    struct wk_yaml_node *next;
    size_t count; /* of members */
} wk_yaml_node;

/* Start from all zero bytes. */
typedef struct wk_yaml {
    wk_yaml_node *root; /* NULL: an empty document */
    struct wk_yaml_block *blocks;
    size_t nodes;
} wk_yaml;

/* Status   WK_FILE    missing, malformed (with the line), too large, nested too deeply, a key twice
 *          WK_HEADER  anchors, aliases or tags
 * Notes    Release the tree after a failure, too. */
wk_status wk_yaml_read(wk_yaml *tree, const char *path, wk_error *error);
void wk_yaml_release(wk_yaml *tree);

/* Room that lives as long as the tree. */
void *wk_yaml_room(wk_yaml *tree, size_t bytes, wk_error *error);

/* The member of a map; NULL: none, or map is no map. */
const wk_yaml_node *wk_yaml_find(const wk_yaml_node *map, const char *key);

/* A text as a finite number, an integer; 0: it is none. */
int wk_yaml_number(double *value, const wk_yaml_node *node);
int wk_yaml_integer(int64_t *value, const wk_yaml_node *node);

#endif
