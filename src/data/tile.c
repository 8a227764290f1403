#include "tile.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "status.h"
#include "tile_path.h"

/* One map of the file on its way into a wk_tile_image. */
typedef struct reading {
    wk_tile *tile;
    const wk_yaml_node *map;
    char label[WK_TILE_LABEL];
    wk_tile_variable variable;
    void *payload;
    wk_error *error;
} reading;

void wk_tile_label(char label[WK_TILE_LABEL], int64_t index)
{
    if (index < 0)
        snprintf(label, WK_TILE_LABEL, "the coadd");
    else
        snprintf(label, WK_TILE_LABEL, "src_info[%lld]", (long long)index);
}

static wk_status missing(const reading *r, const char *key)
{
    return wk_error_set(r->error, WK_HEADER, r->tile->path, "%s has no %s (line %d)", r->label, key,
                        r->map->line);
}

static wk_status wrong(const reading *r, const wk_yaml_node *node, const char *wanted)
{
    static const char *const kinds[] = {"null", "", "a list", "a map"};
    char text[64];
    if (node->kind == WK_YAML_TEXT)
        snprintf(text, sizeof text, "'%.50s'", node->text);
    else
        snprintf(text, sizeof text, "%s", kinds[node->kind]);
    return wk_error_set(r->error, WK_HEADER, r->tile->path, "%s: %s is %s, not %s (line %d)",
                        r->label, node->key, text, wanted, node->line);
}

/* A text; NULL where the key is absent or its value null. */
static wk_status take_text(const char **out, const reading *r, const char *key)
{
    const wk_yaml_node *node = wk_yaml_find(r->map, key);
    *out = NULL;
    if (!node || node->kind == WK_YAML_NULL)
        return WK_OK;
    if (node->kind != WK_YAML_TEXT)
        return wrong(r, node, "a text");
    *out = node->text;
    return WK_OK;
}

static wk_status take_word(const char **out, const reading *r, const char *key)
{
    wk_status status = take_text(out, r, key);
    if (!*out)
        *out = "";
    return status;
}

static wk_status take_path(const char **out, const reading *r, const char *key)
{
    char name[WK_TILE_LABEL + 40];
    char *path = NULL;
    const char *text;
    *out = NULL;
    wk_status status = take_text(&text, r, key);
    if (status != WK_OK || !text || !*text)
        return status;
    snprintf(name, sizeof name, "%s: %s", r->label, key);
    wk_tile_place place = {r->tile->path, name, wk_yaml_find(r->map, key)->line};
    status = wk_tile_path(&path, text, r->variable, r->payload, &place, r->error);
    if (status != WK_OK)
        return status;
    size_t size = strlen(path) + 1;
    char *kept = wk_yaml_room(&r->tile->tree, size, r->error);
    if (kept)
        memcpy(kept, path, size);
    wk_memory_free(path);
    *out = kept;
    return kept ? WK_OK : WK_MEMORY;
}

/* NAME_path and NAME_ext.  Both keys must be there if needed, but either may be null: a file that
 * is not named is missed when it is to be read. */
static wk_status take_plane(wk_tile_plane *plane, const reading *r, const char *name, int needed)
{
    char path[24], ext[24];
    snprintf(path, sizeof path, "%s_path", name);
    snprintf(ext, sizeof ext, "%s_ext", name);
    if (needed && !wk_yaml_find(r->map, path))
        return missing(r, path);
    wk_status status = take_path(&plane->path, r, path);
    if (status == WK_OK && needed && plane->path && !wk_yaml_find(r->map, ext))
        return missing(r, ext);
    if (status == WK_OK)
        status = take_text(&plane->ext, r, ext);
    return status;
}

static wk_status take_number(double *out, const reading *r, const char *key, double otherwise)
{
    const wk_yaml_node *node = wk_yaml_find(r->map, key);
    *out = otherwise;
    if (!node || node->kind == WK_YAML_NULL || wk_yaml_number(out, node))
        return WK_OK;
    return wrong(r, node, "a number");
}

static wk_status take_integer(int64_t *out, const reading *r, const char *key, int64_t otherwise)
{
    const wk_yaml_node *node = wk_yaml_find(r->map, key);
    *out = otherwise;
    if (!node || node->kind == WK_YAML_NULL || wk_yaml_integer(out, node))
        return WK_OK;
    return wrong(r, node, "a whole number");
}

static wk_status take_scale(double *out, const reading *r, int needed)
{
    const wk_yaml_node *node = wk_yaml_find(r->map, "scale");
    *out = 1.0;
    if (!node)
        return needed ? missing(r, "scale") : WK_OK;
    return wk_yaml_number(out, node) && *out > 0.0 ? WK_OK : wrong(r, node, "a positive number");
}

static wk_status take_shape(int64_t shape[2], const reading *r)
{
    const wk_yaml_node *node = wk_yaml_find(r->map, "image_shape");
    shape[0] = shape[1] = 0;
    if (!node || node->kind == WK_YAML_NULL)
        return WK_OK;
    if (node->kind != WK_YAML_LIST || node->count != 2 ||
        !wk_yaml_integer(&shape[0], node->first) || !wk_yaml_integer(&shape[1], node->end) ||
        shape[0] < 1 || shape[1] < 1)
        return wrong(r, node, "the numbers of rows and columns");
    return WK_OK;
}

static wk_status take_numbers(wk_tile_image *image, const reading *r, int source)
{
    wk_status status = take_scale(&image->scale, r, source);
    if (status == WK_OK)
        status = take_number(&image->magzp, r, "magzp", (double)NAN);
    if (status == WK_OK)
        status = take_integer(&image->expnum, r, "expnum", -1);
    if (status == WK_OK)
        status = take_integer(&image->ccdnum, r, "ccdnum", -1);
    if (status == WK_OK)
        status = take_integer(&image->image_flags, r, "image_flags", 0);
    return status == WK_OK ? take_shape(image->shape, r) : status;
}

static wk_status take_image(wk_tile_image *image, const reading *r, int source)
{
    image->line = r->map->line;
    wk_status status = take_plane(&image->image, r, "image", 1);
    if (status == WK_OK)
        status = take_plane(&image->weight, r, "weight", 1);
    if (status == WK_OK)
        status = take_plane(&image->bmask, r, "bmask", 1);
    if (status == WK_OK)
        status = take_plane(&image->seg, r, "seg", !source);
    if (status == WK_OK)
        status = take_plane(&image->background, r, "bkg", source);
    if (status == WK_OK)
        status = take_numbers(image, r, source);
    if (status == WK_OK)
        status = take_word(&image->band, r, "band");
    if (status == WK_OK)
        status = take_word(&image->tilename, r, "tilename");
    return status == WK_OK ? take_word(&image->filename, r, "filename") : status;
}

/* The texts of a list of texts, joined with commas. */
static wk_status join_list(wk_yaml_node *list, wk_yaml *tree, wk_error *error)
{
    size_t size = 1;
    for (const wk_yaml_node *item = list->first; item; item = item->next) {
        if (item->kind != WK_YAML_TEXT && item->kind != WK_YAML_NULL)
            return WK_OK;
        size += (item->text ? strlen(item->text) : 0) + 1;
    }
    char *text = wk_yaml_room(tree, size, error);
    if (!text)
        return WK_MEMORY;
    list->text = text;
    for (const wk_yaml_node *item = list->first; item; item = item->next) {
        size_t length = item->text ? strlen(item->text) : 0;
        if (length)
            memcpy(text, item->text, length);
        text += length;
        if (item->next)
            *text++ = ',';
    }
    *text = '\0';
    return WK_OK;
}

static wk_status join_lists(const wk_yaml_node *map, wk_yaml *tree, wk_error *error)
{
    wk_status status = WK_OK;
    for (wk_yaml_node *node = map->first; node && status == WK_OK; node = node->next)
        if (node->kind == WK_YAML_LIST)
            status = join_list(node, tree, error);
    return status;
}

static wk_status take_source(reading *r, size_t index, const wk_yaml_node *node)
{
    wk_tile *tile = r->tile;
    wk_tile_label(r->label, (int64_t)index);
    if (node->kind != WK_YAML_MAP)
        return wk_error_set(r->error, WK_HEADER, tile->path, "%s is not a map (line %d)", r->label,
                            node->line);
    r->map = node;
    tile->maps[index] = node;
    wk_status status = join_lists(node, &tile->tree, r->error);
    return status == WK_OK ? take_image(&tile->sources[index], r, 1) : status;
}

static wk_status take_sources(reading *r)
{
    wk_tile *tile = r->tile;
    const wk_yaml_node *list = wk_yaml_find(r->map, "src_info");
    if (!list)
        return missing(r, "src_info");
    if (list->kind != WK_YAML_LIST)
        return wrong(r, list, "a list of images");
    tile->sources = wk_yaml_room(&tile->tree, list->count * sizeof *tile->sources, r->error);
    tile->maps = wk_yaml_room(&tile->tree, list->count * sizeof *tile->maps, r->error);
    if (!tile->sources || !tile->maps)
        return WK_MEMORY;
    memset(tile->sources, 0, list->count * sizeof *tile->sources);
    tile->count = list->count;
    wk_status status = WK_OK;
    const wk_yaml_node *node = list->first;
    for (size_t i = 0; node && status == WK_OK; i++, node = node->next)
        status = take_source(r, i, node);
    return status;
}

static wk_status take_all(wk_tile *tile, wk_tile_variable variable, void *payload, wk_error *error)
{
    const wk_yaml_node *root = tile->tree.root;
    if (!root || root->kind != WK_YAML_MAP)
        return wk_error_set(error, WK_HEADER, tile->path, "is not the map of a tile (line %d)",
                            root ? root->line : 1);
    reading r = {
        .tile = tile, .map = root, .variable = variable, .payload = payload, .error = error};
    wk_tile_label(r.label, -1);
    wk_status status = join_lists(root, &tile->tree, error);
    if (status == WK_OK)
        status = take_image(&tile->coadd, &r, 0);
    return status == WK_OK ? take_sources(&r) : status;
}

wk_status wk_tile_read(wk_tile **out, const char *path, wk_tile_variable variable, void *payload,
                       wk_error *error)
{
    *out = NULL;
    wk_tile *tile = wk_memory_new(1, sizeof *tile, error);
    if (!tile)
        return WK_MEMORY;
    tile->path = wk_memory_text(path, error);
    wk_status status = tile->path ? wk_yaml_read(&tile->tree, path, error) : WK_MEMORY;
    if (status == WK_OK)
        status = take_all(tile, variable, payload, error);
    if (status == WK_OK)
        *out = tile;
    else
        wk_tile_free(tile);
    return status;
}

void wk_tile_free(wk_tile *tile)
{
    if (!tile)
        return;
    wk_yaml_release(&tile->tree);
    wk_memory_free(tile->path);
    wk_memory_free(tile);
}

const wk_tile_image *wk_tile_coadd(const wk_tile *tile)
{
    return &tile->coadd;
}

size_t wk_tile_count(const wk_tile *tile)
{
    return tile->count;
}

const wk_tile_image *wk_tile_source(const wk_tile *tile, size_t index)
{
    return index < tile->count ? &tile->sources[index] : NULL;
}

const wk_yaml_node *wk_tile_node(const wk_tile *tile, int64_t index, const char *key)
{
    if (index >= 0 && (uint64_t)index >= tile->count)
        return NULL;
    return wk_yaml_find(index < 0 ? tile->tree.root : tile->maps[index], key);
}

const char *wk_tile_value(const wk_tile *tile, int64_t index, const char *key)
{
    const wk_yaml_node *node = wk_tile_node(tile, index, key);
    return node ? node->text : NULL;
}
