/* A DES coadd tile and its single-epoch images, as pizza-cutter's info files describe them. */
#ifndef WELKIN_TILE_H
#define WELKIN_TILE_H

#include "welkin/exposure.h"
#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One plane: a file and its extension; path NULL: the info file does not name one, or it is null
 * there. */
typedef struct wk_tile_plane {
    const char *path; /* $VARS expanded, relative to the info file's folder unless absolute */
    const char *ext;  /* EXTNAME in upper or lower case, else the number of an HDU; NULL: the first
                         image */
} wk_tile_plane;

/* One image of src_info, or the coadd. */
typedef struct wk_tile_image {
    wk_tile_plane image, weight, bmask, seg, background;
    double scale, magzp;    /* of the coadd 1 if not given; NaN if not given */
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
 *
 * Given      variable  may be NULL: then there are none
 * Status     WK_FILE    missing, not YAML (with the line), nested more than 32 deep, larger than
 *                       64 MB or half a million values, a key given twice
 *            WK_HEADER  a key that is needed is missing or of the wrong kind (key and line are
 *                       named), an unknown $VAR, anchors, aliases or tags
 * Notes      1. Needed are src_info; _path and _ext of image, weight and bmask, of seg for the
 * coadd, of bkg for an image; and the scale of an image.
 *            2. A path may be null: it is missed when its pixels are loaded. */
WK_API wk_status wk_tile_read(wk_tile **out, const char *path, wk_tile_variable variable,
                              void *payload, wk_error *error);
WK_API void wk_tile_free(wk_tile *tile);

WK_API const wk_tile_image *wk_tile_coadd(const wk_tile *tile);
WK_API size_t wk_tile_count(const wk_tile *tile);
WK_API const wk_tile_image *wk_tile_source(const wk_tile *tile, size_t index);

/* A top-level (index -1) or src_info value as text, also of keys that are not known here: a list
 * is joined with commas.  NULL: none, null, or something with an inner structure. */
WK_API const char *wk_tile_value(const wk_tile *tile, int64_t index, const char *key);

/* Hold the file against the rules that pizza-cutter enforces: one tile's name in all names of
 * files, one band, names of files with the band, exposure and CCD that the file says, a coadd of
 * scale 1.  Paths that are null or empty are not looked at.
 * Returned   problems  sentences, each with its line; freed by wk_tile_problems_free */
WK_API wk_status wk_tile_check(char ***problems, size_t *count, const wk_tile *tile,
                               wk_error *error);
WK_API void wk_tile_problems_free(char **problems, size_t count);

/* The pixels of one image that are background, and their values.  Start from all zero bytes; the
 * buffers are grown and reused; release with wk_tile_pixels_release. */
typedef struct wk_tile_pixels {
    int64_t width, height;
    double *values; /* [height][width]: (image - background) * scale.  float32 pixels are taken as
                       float32; values may be NaN where the image is, bad or not */
    uint8_t *bad;   /* [height][width]: 0 where all hold: on the coadd, coadd seg == 0, coadd bmask
                       == 0, bmask == 0, coadd weight > 0, weight > 0 */
    int64_t good;   /* pixels with bad == 0; none is no failure */
    size_t room;    /* pixels that the buffers hold */
} wk_tile_pixels;

/* The coadd's part, loaded once and shared by all images and threads. */
typedef struct wk_tile_sky wk_tile_sky;
WK_API wk_status wk_tile_sky_load(wk_tile_sky **out, const wk_tile *tile, wk_error *error);
WK_API void wk_tile_sky_free(wk_tile_sky *sky);

/* Load one image of src_info.
 *
 * Given      sky     of the same tile; not changed, so that threads may share it
 * Status     WK_FILE, WK_HEADER (extension missing, sizes differ), WK_WCS, WK_ARGUMENT (no such
 *            image)
 * Notes      1. The coadd pixel of (x, y) is floor(place + 0.5) of both coordinates, as the exact
 *               coordinates decide it: they are interpolated, and computed exactly where the
 *               interpolation cannot tell [tests/oracle/test_tile.py].
 *            2. Places on the far side of the sky, and those that have no coordinates, are not on
 *               the coadd.
 *            3. Coordinates are those of wk_wcs_create.  esutil differs: of TPV it reads no terms 3
 *               (radius) and above 10 and takes PVi_1 as 0 where it is absent; SIP it applies only
 *               where CTYPE says so; RADESYS it does not read, while here FK5 becomes ICRS. */
WK_API wk_status wk_tile_pixels_load(wk_tile_pixels *out, const wk_tile *tile,
                                     const wk_tile_sky *sky, size_t index, wk_error *error);
WK_API void wk_tile_pixels_release(wk_tile_pixels *pixels);

#ifdef __cplusplus
}
#endif

#endif
