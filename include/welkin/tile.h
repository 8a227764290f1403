/* A DES coadd tile and its single-epoch images, as pizza-cutter's info files describe them. */
#ifndef WELKIN_TILE_H
#define WELKIN_TILE_H

#include "welkin/exposure.h"
#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One plane: a file and its extension; path NULL: the info file does not name one. */
typedef struct wk_tile_plane {
    const char *path; /* $VARS expanded, relative to the info file's folder unless absolute */
    const char *ext;
} wk_tile_plane;

/* One image of src_info, or the coadd. */
typedef struct wk_tile_image {
    wk_tile_plane image, weight, bmask, seg, background;
    double scale, magzp;
    int64_t expnum, ccdnum; /* -1: not given */
    int64_t image_flags;
    const char *band, *tilename, *filename; /* "" if not given */
    int64_t shape[2];                       /* rows, columns; 0: not given */
    int line;                               /* of the info file where it begins */
} wk_tile_image;

typedef struct wk_tile wk_tile;

/* Looks up $NAME of a path; NULL: unknown.  The library reads no environment itself. */
typedef const char *(*wk_tile_variable)(const char *name, void *payload);

/* Read an info file.
 * Status     WK_FILE    missing, not YAML (with the line), nested too deeply or too large
 *            WK_HEADER  a key that is needed is missing or of the wrong kind (key and line are
 * named), an unknown $VAR, anchors or aliases */
WK_API wk_status wk_tile_read(wk_tile **out, const char *path, wk_tile_variable variable,
                              void *payload, wk_error *error);
WK_API void wk_tile_free(wk_tile *tile);

WK_API const wk_tile_image *wk_tile_coadd(const wk_tile *tile);
WK_API size_t wk_tile_count(const wk_tile *tile);
WK_API const wk_tile_image *wk_tile_source(const wk_tile *tile, size_t index);

/* A top-level or (index >= 0) src_info value as text, also of keys that are not known here; NULL:
 * none. */
WK_API const char *wk_tile_value(const wk_tile *tile, int64_t index, const char *key);

/* Hold the file against the rules that pizza-cutter enforces.
 * Returned   problems  sentences, each with its line; freed by wk_tile_problems_free */
WK_API wk_status wk_tile_check(char ***problems, size_t *count, const wk_tile *tile,
                               wk_error *error);
WK_API void wk_tile_problems_free(char **problems, size_t count);

/* The pixels of one image that are background, and their values.
 *
 * Returned   values    double[height][width]: (image - background) * scale; caller gives the
 * struct, its buffers are grown and reused; release with wk_tile_pixels_release bad
 * uint8[height][width]: 0 where all hold: on the coadd, coadd seg == 0, coadd bmask == 0, bmask ==
 *                      0, coadd weight > 0, weight > 0
 */
typedef struct wk_tile_pixels {
    int64_t width, height;
    double *values;
    uint8_t *bad;
    int64_t good;
    size_t room;
} wk_tile_pixels;

/* The coadd's part, loaded once and shared by all images and threads. */
typedef struct wk_tile_sky wk_tile_sky;
WK_API wk_status wk_tile_sky_load(wk_tile_sky **out, const wk_tile *tile, wk_error *error);
WK_API void wk_tile_sky_free(wk_tile_sky *sky);

/* Status   WK_FILE, WK_HEADER (extension missing, sizes differ), WK_WCS
 * Notes    The coadd pixel of (x, y) is floor(place + 0.5) of both coordinates, as the exact
 * coordinates decide it: they are interpolated, and computed exactly where the interpolation cannot
 * tell.  Places on the far side of the sky are not on the coadd. */
WK_API wk_status wk_tile_pixels_load(wk_tile_pixels *out, const wk_tile *tile,
                                     const wk_tile_sky *sky, size_t index, wk_error *error);
WK_API void wk_tile_pixels_release(wk_tile_pixels *pixels);

#ifdef __cplusplus
}
#endif

#endif
