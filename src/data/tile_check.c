/* The rules that names, bands and scales of one tile's files keep. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"
#include "tile.h"

typedef struct checking {
    const wk_tile *tile;
    const char *name, *band; /* of the tile; NULL: not known */
    char **problems;
    size_t count, room;
    wk_error *error;
    wk_status status;
} checking;

static void report(checking *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void report(checking *c, const char *format, ...)
{
    char sentence[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    size_t room = c->room ? 2 * c->room : 16;
    if (c->status == WK_OK && c->count == c->room) {
        c->status = wk_memory_grow((void **)&c->problems, room, sizeof *c->problems, c->error);
        if (c->status == WK_OK)
            c->room = room;
    }
    char *kept = c->status == WK_OK ? wk_memory_text(sentence, c->error) : NULL;
    if (kept)
        c->problems[c->count++] = kept;
    else
        c->status = WK_MEMORY;
}

/* The last part of a path in the file, as it stands there; NULL: there is none, or it is empty. */
static const char *base_of(const wk_yaml_node *node)
{
    if (!node || node->kind != WK_YAML_TEXT || !node->text[0])
        return NULL;
    const char *slash = strrchr(node->text, '/');
    return slash ? slash + 1 : node->text;
}

static int ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && !strcmp(text + length - tail, end);
}

static void check_start(checking *c, int64_t index, const char *key, const char *start)
{
    char label[WK_TILE_LABEL];
    const wk_yaml_node *node = wk_tile_node(c->tile, index, key);
    const char *base = base_of(node);
    wk_tile_label(label, index);
    if (base && strncmp(base, start, strlen(start)) != 0)
        report(c, "%s: %s %.300s does not start with %.100s (line %d)", label, key, base, start,
               node->line);
}

static void check_end(checking *c, int64_t index, const char *key, const char *end, int packable)
{
    char label[WK_TILE_LABEL], packed[120];
    const wk_yaml_node *node = wk_tile_node(c->tile, index, key);
    const char *base = base_of(node);
    snprintf(packed, sizeof packed, "%.100s.fz", end);
    wk_tile_label(label, index);
    if (base && !ends_with(base, end) && !(packable && ends_with(base, packed)))
        report(c, "%s: %s %.300s does not end with %.100s%s (line %d)", label, key, base, end,
               packable ? " or that and .fz" : "", node->line);
}

/* The tile's name is what the coadd says, else what its image is called. */
static void check_names(checking *c)
{
    static const char *const keys[] = {"image_path", "weight_path", "bmask_path",     "seg_path",
                                       "cat_path",   "psf_path",    "gaia_stars_file"};
    char name[104];
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const wk_yaml_node *node = wk_tile_node(c->tile, -1, keys[i]);
        const char *base = base_of(node);
        if (!base || !c->name)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(base, "_"), base);
        if (strcmp(name, c->name) != 0)
            report(c, "the coadd: %s is of the tile %.100s, not %.100s (line %d)", keys[i], name,
                   c->name, node->line);
    }
}

static void check_endings(checking *c)
{
    static const struct {
        const char *key, *end;
        int packable;
    } rules[] = {{"image_path", ".fits", 1},   {"weight_path", ".fits", 1},
                 {"bmask_path", ".fits", 1},   {"seg_path", "_segmap.fits", 1},
                 {"cat_path", "_cat.fits", 0}, {"psf_path", "_psfcat.psf", 0}};
    char end[80];
    for (size_t i = 0; c->band && i < sizeof rules / sizeof *rules; i++) {
        snprintf(end, sizeof end, "_%.40s%s", c->band, rules[i].end);
        check_end(c, -1, rules[i].key, end, rules[i].packable);
    }
}

/* A word that every image must have and have alike. */
static void check_word(checking *c, int64_t index, const char *key, const char *expected)
{
    char label[WK_TILE_LABEL];
    const wk_yaml_node *node = wk_tile_node(c->tile, index, key);
    wk_tile_label(label, index);
    if (!node || node->kind == WK_YAML_NULL)
        report(c, "%s has no %s (line %d)", label, key,
               index < 0 ? c->tile->coadd.line : c->tile->sources[index].line);
    else if (expected && node->text && strcmp(node->text, expected) != 0)
        report(c, "%s: %s is %.100s, not %.100s (line %d)", label, key, node->text, expected,
               node->line);
}

static void check_source(checking *c, int64_t index)
{
    static const char *const keys[] = {"image_path", "weight_path", "bmask_path", "bkg_path",
                                       "seg_path",   "psf_path",    "psfex_path", "piff_path"};
    const wk_tile_image *image = &c->tile->sources[index];
    char slug[120];
    check_word(c, index, "band", c->band);
    check_word(c, index, "tilename", c->name);
    check_word(c, index, "ccdnum", NULL);
    check_word(c, index, "expnum", NULL);
    if (c->name)
        check_start(c, index, "head_path", c->name);
    if (!c->band || image->ccdnum < 0)
        return;
    snprintf(slug, sizeof slug, "_%.40s_c%02lld_scamp.ohead", c->band, (long long)image->ccdnum);
    check_end(c, index, "head_path", slug, 0);
    snprintf(slug, sizeof slug, "D%08lld_%.40s_c%02lld_", (long long)image->expnum, c->band,
             (long long)image->ccdnum);
    for (size_t i = 0; image->expnum >= 0 && i < sizeof keys / sizeof *keys; i++)
        check_start(c, index, keys[i], slug);
}

static void check_coadd(checking *c)
{
    const wk_tile_image *coadd = &c->tile->coadd;
    check_word(c, -1, "band", NULL);
    if (coadd->scale < 1.0 || coadd->scale > 1.0)
        report(c, "the coadd: scale is %.17g, not 1 (line %d)", coadd->scale,
               wk_tile_node(c->tile, -1, "scale")->line);
    check_names(c);
    check_endings(c);
}

wk_status wk_tile_check(char ***problems, size_t *count, const wk_tile *tile, wk_error *error)
{
    checking c = {.tile = tile, .error = error};
    char name[104];
    const char *base = base_of(wk_tile_node(tile, -1, "image_path"));
    if (tile->coadd.tilename[0]) {
        c.name = tile->coadd.tilename;
    } else if (base) {
        snprintf(name, sizeof name, "%.*s", (int)strcspn(base, "_"), base);
        c.name = name;
    }
    c.band = tile->coadd.band[0] ? tile->coadd.band : NULL;
    check_coadd(&c);
    for (size_t i = 0; i < tile->count && c.status == WK_OK; i++)
        check_source(&c, (int64_t)i);
    *problems = NULL;
    *count = 0;
    if (c.status != WK_OK) {
        wk_tile_problems_free(c.problems, c.count);
        return c.status;
    }
    *problems = c.problems;
    *count = c.count;
    return WK_OK;
}

void wk_tile_problems_free(char **problems, size_t count)
{
    for (size_t i = 0; problems && i < count; i++)
        wk_memory_free(problems[i]);
    wk_memory_free((void *)problems);
}
