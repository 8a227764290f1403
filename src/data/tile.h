/* What the files of a tile share. */
#ifndef WELKIN_DATA_TILE_H
#define WELKIN_DATA_TILE_H

#include "tile_yaml.h"
#include "welkin/tile.h"

struct wk_tile {
    wk_yaml tree; /* holds all texts, maps and sources too */
    char *path;   /* of the info file */
    wk_tile_image coadd;
    wk_tile_image *sources;
    const wk_yaml_node **maps; /* of src_info */
    size_t count;
};

enum { WK_TILE_LABEL = 40 };

/* "the coadd" or "src_info[3]". */
void wk_tile_label(char label[WK_TILE_LABEL], int64_t index);

/* A value of the top level (index -1) or of src_info; NULL: absent. */
const wk_yaml_node *wk_tile_node(const wk_tile *tile, int64_t index, const char *key);

#endif
