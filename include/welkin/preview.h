/* Pictures of images: limits, stretches, colour maps, axes on the sky, masks, marks.
 *
 * wk_preview_create reads the pixels once, in strips, and keeps what will be drawn; wk_preview_draw
 * draws it as PNG, SVG or PDF.  No display is needed.
 */
#ifndef WELKIN_PREVIEW_H
#define WELKIN_PREVIEW_H

#include "welkin/exposure.h"
#include "welkin/rows.h"
#include "welkin/status.h"
#include "welkin/wcs.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How values between the limits become shades between 0 and 1.  x is (value - low) / (high - low).
 * ASINH   asinh(Q x) / asinh(0.1 Q) / 10: linear near low, logarithmic far above; high itself has
 *         the shade 0.38 for Q = 8, and shade 1 is reached at 95 times the range
 * LOG     log(1 + 1000 x) / log(1001)
 * HISTEQ  every shade for as many of the drawn pixels between the limits */
typedef enum wk_preview_scale {
    WK_PREVIEW_LINEAR = 0,
    WK_PREVIEW_ASINH,
    WK_PREVIEW_SQRT,
    WK_PREVIEW_LOG,
    WK_PREVIEW_HISTEQ
} wk_preview_scale;

/* How the limits are found; of several images from all their pixels together. */
typedef enum wk_preview_limits {
    WK_PREVIEW_ZSCALE = 0,  /* LSST's rule, with the true median of its sample */
    WK_PREVIEW_ZSCALE_AFW,  /* LSST's rule to the letter */
    WK_PREVIEW_ZSCALE_IRAF, /* the rule of IRAF, as astropy has it */
    WK_PREVIEW_MINMAX,      /* least and greatest good pixel */
    WK_PREVIEW_PERCENTILE,  /* of the good pixels: low and high in per cent */
    WK_PREVIEW_GIVEN        /* low and high */
} wk_preview_limits;

typedef enum wk_preview_map {
    WK_PREVIEW_GRAY = 0,
    WK_PREVIEW_VIRIDIS,
    WK_PREVIEW_MAGMA,
    WK_PREVIEW_RDBU /* red below, light, blue above: for signed values */
} wk_preview_map;

typedef enum wk_preview_axes {
    WK_PREVIEW_AXES_NONE = 0,
    WK_PREVIEW_AXES_PIXEL, /* x and y, with the origin of the image's parent */
    WK_PREVIEW_AXES_SKY    /* lines of equal right ascension and declination, ICRS */
} wk_preview_axes;

typedef struct wk_preview_options {
    wk_preview_scale scale;   /* default LINEAR */
    double q;                 /* of ASINH; finite; default 8.  |Q| < 2^-23 counts as 0.1, Q > 1e10
                                 as 1e10 */
    wk_preview_limits limits; /* default ZSCALE */
    double low, high;         /* of PERCENTILE, 0..100, and GIVEN: low < high */
    wk_preview_map map;       /* default GRAY */
    int reversed;             /* nonzero: the map from its other end */
    int about_zero;           /* nonzero: limits that are not GIVEN are made equally far from 0 */
    int colour_bar;           /* nonzero: draw one */
    wk_preview_axes axes;     /* default PIXEL */
    int64_t width, height;    /* pixels of the picture of each image at most, 1..32768; default
                                 1000 x 1000 */
} wk_preview_options;

/* One image of a picture; everything is borrowed. */
typedef struct wk_preview_image {
    wk_rows rows;
    const wk_flag_rows *flags;   /* NULL: no mask is drawn */
    const wk_mask_plane *planes; /* [plane_count] what of it is drawn, and the names */
    size_t plane_count;          /* at most 64 */
    const wk_wcs *wcs;           /* NULL: none; needed for AXES_SKY */
    int64_t x0, y0;              /* parent coordinates of the first pixel */
    const char *name, *unit;     /* short texts; may be NULL */
    const double *marks;         /* [mark_count][2] x, y in pixels of this image, from 0 */
    int64_t mark_count;
} wk_preview_image;

/* What was found of one image. */
typedef struct wk_preview_facts {
    int64_t pixels, finite;
    double min, max;       /* of the finite pixels; NaN without any */
    int64_t binning;       /* so many pixels each way are one of the picture, by their mean */
    int64_t enlarging;     /* so many of the picture each way are one pixel */
    int64_t width, height; /* of the picture of this image */
    int64_t marked;        /* marks inside */
} wk_preview_facts;

typedef struct wk_preview wk_preview;

WK_API wk_preview_options wk_preview_options_default(void);

/* Read images.
 *
 * Given      count     1..64
 *            options   NULL for defaults
 * Returned   out       caller frees with wk_preview_free
 * Status     WK_ARGUMENT  an option out of range, no image
 *            WK_WCS       sky axes of an image without coordinates
 *            WK_MEMORY, WK_CANCELLED, what reading returns
 * Notes      1. Pixels are binned by whole numbers: each pixel of the picture is the mean of the
 *               finite ones in its square, or enlarged by whole numbers.
 *            2. Images are read in strips; kept are 4 bytes, and 1 for each mask plane drawn, a
 *               pixel of the picture.
 *            3. Images without a good pixel: MINMAX and PERCENTILE take the finite ones.
 *            4. The same for any number of threads.
 * Accuracy   limits: those of astropy's ZScaleInterval to 1e-6 of the range; percentiles exact
 *            [tests/command/test_show.py]
 * Source     docs/methods/preview.md
 */
WK_API wk_status wk_preview_create(wk_preview **out, const wk_preview_image *images, size_t count,
                                   const wk_preview_options *options, const wk_context *context,
                                   wk_error *error);

WK_API void wk_preview_free(wk_preview *preview);

/* The limits of all images; NaN when no pixel is finite. */
WK_API void wk_preview_get_limits(double limits[2], const wk_preview *preview);

WK_API wk_preview_facts wk_preview_describe(const wk_preview *preview, size_t index);

/* Pixels of an image in which the plane of this index is flagged; 0 where no mask is drawn. */
WK_API int64_t wk_preview_flagged(const wk_preview *preview, size_t index, size_t plane);

/* Draw the images, side by side when there are several.
 *
 * Given      overwrite  nonzero: an existing file may be replaced
 * Status     WK_ARGUMENT   an ending that is not .png, .svg or .pdf, a picture larger than 32767
 *                          each way; WK_EXISTS; WK_FILE; WK_MEMORY
 * Notes      1. The first pixel is at the lower left.  Pixels that are not finite are grey-brown.
 *            2. One image without axes, bar, masks and marks is drawn without margins.
 *            3. Of a mask each plane that occurs has a colour of its own, the denser the more of
 *               the pixels behind it are flagged.
 */
WK_API wk_status wk_preview_draw(const char *path, const wk_preview *preview, int overwrite,
                                 wk_error *error);

#ifdef __cplusplus
}
#endif

#endif
