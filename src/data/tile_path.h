/* Paths of an info file: variables, and folders they are relative to. */
#ifndef WELKIN_DATA_TILE_PATH_H
#define WELKIN_DATA_TILE_PATH_H

#include "welkin/tile.h"

/* Where a path stands, for messages. */
typedef struct wk_tile_place {
    const char *info; /* the info file */
    const char *key;  /* "src_info[3]: image_path" */
    int line;
} wk_tile_place;

/* Expand $NAME and ${NAME}, and put what is then relative under the info file's folder.  A $ that
 * no name follows stays.
 * Returned   out        freed by wk_memory_free
 * Status     WK_HEADER  a variable is unknown, or its brace is not closed */
wk_status wk_tile_path(char **out, const char *text, wk_tile_variable variable, void *payload,
                       const wk_tile_place *place, wk_error *error);

#endif
