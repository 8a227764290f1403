/* Offsets of an image against a reference for every pixel, from those measured at stars.
 *
 * An offset is position in the image less position in the reference, in pixels: what drizzle wants
 * is the pixmap, (x - offset_x, y - offset_y).  A model is fitted once and evaluated by rows, so
 * that the maps of an image of any size need the memory of some rows.
 */
#ifndef WELKIN_OFFSET_H
#define WELKIN_OFFSET_H

#include "welkin/status.h"
#include "welkin/wcs.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum wk_offset_model {
    WK_OFFSET_NEAREST = 0, /* the nearest star of each quadrant, by inverse distance; with smooth:
                              the nearest stars, by weights that fade, without jumps */
    WK_OFFSET_SEED,        /* the notebook Offsets_3's numbers: strict quadrants on every third
                              pixel of eight sections, the others filled by a 9 x 9 Gaussian */
    WK_OFFSET_POLYNOMIAL,  /* least squares with clipping */
    WK_OFFSET_SPLINE,      /* thin-plate smoothing spline */
    WK_OFFSET_AUTO,        /* of the others but SEED the one that predicts left-out stars best */
    WK_OFFSET_WCS          /* no stars: from two sets of world coordinates */
} wk_offset_model;

typedef enum wk_offset_quadrants {
    WK_OFFSET_HALF_OPEN = 0, /* every star is in one quadrant of every other place */
    WK_OFFSET_STRICT         /* none on the pixel's own row or column, nor on the pixel; NaN where
                                none is in any */
} wk_offset_quadrants;

/* Stars; borrowed.  Rows with a number that is not finite are dropped and counted. */
typedef struct wk_offset_stars {
    const double *x, *y;               /* [count] where they are in the image, pixels from 0 */
    const double *offset_x, *offset_y; /* [count] image less reference, pixels */
    int64_t count;
} wk_offset_stars;

/* What WK_OFFSET_SEED takes over from the notebook; all zero but stride and sections 1: none. */
typedef struct wk_offset_quirks {
    int64_t sections; /* 8: vertical sections of floor(width / sections) columns, each with a stride
                         of its own; what remains at their right is filled; 1 to 4096 */
    int64_t stride;   /* 3: every so many columns and rows are computed; 1 to 4 */
    int lose_first;   /* 1: the star of row 0 counts in the weights' sum, but not in the offsets' */
    int zero_missing; /* 1: an offset of exactly 0 is taken for missing */
    int zero_border;  /* 1: in the filling, places outside the image count as offsets of 0 */
} wk_offset_quirks;

typedef struct wk_offset_options {
    wk_offset_model model;         /* NEAREST */
    wk_offset_quadrants quadrants; /* NEAREST: HALF_OPEN */
    double power;  /* NEAREST: weights are distance^-power; 1; 0.1 to 16.  With smooth the power of
                      (R - d) / (R d), 2 if power is NaN.  NaN: the default */
    double smooth; /* NaN.  NEAREST: all stars within so many pixels share, at least the nearest
                      twelve, and the plane through them by their weights is taken; NaN:
                      quadrants.  SPLINE: weight of the bending energy, 0 interpolates; NaN: found
                      by cross validation */
    int order;     /* POLYNOMIAL: largest total degree, 0 to 9; 3 */
    double clip;   /* POLYNOMIAL: residuals beyond so many sigma are left out; 3; 0: none */
    wk_offset_quirks quirks;
    int errors; /* SPLINE: nonzero: error planes are wanted; zero: they are NaN */
} wk_offset_options;

WK_API wk_offset_options wk_offset_options_default(void);

/* One model that was tried; of AUTO there are several. */
typedef struct wk_offset_trial {
    wk_offset_model model;
    int order;          /* of POLYNOMIAL */
    int smooth;         /* nonzero: NEAREST with weights that fade */
    double left_out[2]; /* rms of the stars' offsets less what the other stars predict, x and y,
                           pixels; of AUTO over the stars that all models share */
    double parameters;  /* effective number for each of x and y */
    int fitted;         /* zero: there are too few stars for it */
} wk_offset_trial;

/* What is known of a fitted model. */
typedef struct wk_offset_facts {
    wk_offset_model model; /* never AUTO */
    int order;
    double smooth;         /* in force; NaN: none, or one each for x and y */
    int64_t width, height; /* of the image */
    int64_t stars;         /* with finite numbers */
    int64_t dropped;       /* the other rows */
    int64_t clipped;       /* of stars, left out of the fit */
    int64_t duplicates;    /* stars at the place of an earlier one */
    int64_t outside;       /* stars outside the image */
    double left_out[2];    /* leave-one-out rms, x and y, pixels; NaN: unknown */
    double noise[2];       /* standard deviation of one star's offset, pixels; NaN: unknown */
    double parameters;
    const wk_offset_trial *trials; /* best first */
    size_t trial_count;
} wk_offset_facts;

typedef struct wk_offset wk_offset;

/* Fit a model.
 *
 * Given      width, height  of the image in pixels; at most 10^10 pixels
 *            options        NULL: defaults
 * Returned   out            free with wk_offset_free; keeps nothing of what was given
 * Status     WK_NO_DATA     no star, or too few for the model: the message says how many it needs
 *            WK_ARGUMENT    an option or the size is out of its range
 *            WK_NO_CONVERGENCE, WK_MEMORY
 * Notes      1. NEAREST: a star within 1e-9 of a pixel gives it its own offset; of several at one
 *               place, the first.  One star: a constant.
 *            2. POLYNOMIAL leaves out a star if its x or its y offset is beyond the clip.
 *            3. SPLINE: up to 2000 stars the exact smoothing spline, beyond that one with fewer
 *               basis functions; interpolated between exact nodes to 1e-4 px, or not as well
 *               beside stars where it is rough.
 *            4. AUTO: among the models whose squared leave-one-out residuals are not larger than
 *               the smallest by more than two standard errors of the difference, the one with the
 *               fewest parameters.
 * Accuracy   NEAREST is exact at every pixel [test_quadrant, test_offset_nearest].  Errors: pulls
 *            against a simulated truth 0.8 to 1.2 [oracle_offset].
 * Source     docs/methods/offset.md
 */
WK_API wk_status wk_offset_fit(wk_offset **out, const wk_offset_stars *stars, int64_t width,
                               int64_t height, const wk_offset_options *options,
                               const wk_context *context, wk_error *error);

/* From world coordinates: where pixels of the image are in the reference.
 *
 * Given      bound  pixels: interpolation between exact places is better than this; 1e-4 if NaN
 * Status     WK_WCS  no part of the image has a place in the reference; where only some has none,
 *                    offsets are NaN
 * Notes      image and reference are used as scratch: no other thread may use them meanwhile.
 */
WK_API wk_status wk_offset_from_wcs(wk_offset **out, wk_wcs *image, wk_wcs *reference,
                                    int64_t width, int64_t height, double bound,
                                    const wk_context *context, wk_error *error);

WK_API void wk_offset_free(wk_offset *offset);

/* Borrowed while the offset lives. */
WK_API const wk_offset_facts *wk_offset_describe(const wk_offset *offset);

/* Each star of the table as given: its offset less what the others predict.
 *
 * Returned   residual_x, residual_y  [count as given]; NaN: dropped or unknown
 *            used                    [count] zero: dropped or clipped
 */
WK_API void wk_offset_residuals(double *residual_x, double *residual_y, unsigned char *used,
                                const wk_offset *offset);

/* Bits of the flag plane. */
typedef enum wk_offset_flag {
    WK_OFFSET_OUTSIDE = 1,  /* outside the convex hull of the stars: extrapolated */
    WK_OFFSET_ONE_SIDE = 2, /* a quadrant about the pixel holds no star */
    WK_OFFSET_UNKNOWN = 4   /* there is no offset */
} wk_offset_flag;

/* Some planes of some rows, [rows][width]; NULL: not wanted. */
typedef struct wk_offset_planes {
    double *x, *y;             /* offsets, pixels; never NULL */
    double *error_x, *error_y; /* standard errors, pixels; both or none */
    double *distance;          /* to the nearest star, pixels */
    uint8_t *flag;             /* wk_offset_flag */
} wk_offset_planes;

/* Evaluate rows of the image; the same bits whatever the rows and the threads. */
WK_API wk_status wk_offset_fill(const wk_offset_planes *planes, const wk_offset *offset,
                                int64_t row, int64_t rows, const wk_context *context,
                                wk_error *error);

/* What a map looks like as a whole. */
typedef struct wk_offset_summary {
    double min[2], max[2], mean[2]; /* of x and y over the pixels that have an offset */
    int64_t unknown;                /* pixels that have none */
    double largest_jump;            /* between neighbours in a row or column, in x or y */
    int64_t jump_x, jump_y;         /* the left or lower one of the two pixels */
    double largest_bend;            /* of |neighbours' sum - 4 own| inside the image */
    double error[2]; /* mean square root of the squared errors; NaN: unknown, or not asked for */
    int64_t outside; /* pixels outside the hull; -1: not asked for */
} wk_offset_summary;

typedef enum wk_offset_format {
    WK_OFFSET_IMAGES = 0, /* an empty primary HDU, then X and Y offsets, then what --errors adds */
    WK_OFFSET_PIXMAP,     /* one array [height][width][2] of float64: place in the reference */
    WK_OFFSET_DGEO        /* one array [2][height][width]: SWarp's, see note 2 */
} wk_offset_format;

/* A file to be written. */
typedef struct wk_offset_file {
    const char *path; /* NULL: nothing is written, only the summary made */
    wk_offset_format format;
    int wide;                 /* nonzero: float64, else float32; pixmaps are float64 */
    int errors;               /* nonzero: IMAGES get XERR, YERR, FLAG and DISTANCE */
    const char *const *cards; /* HISTORY lines, NULL-terminated; may be NULL */
    int overwrite, durable;
} wk_offset_file;

/* Evaluate all pixels: write the file, and make the summary.
 *
 * Given      summary  may be NULL
 * Status     WK_EXISTS, WK_FILE; WK_CANCELLED
 * Notes      1. The file appears when it is whole, or not at all.  Memory: some rows a worker.
 *            2. SWarp adds to the place that its world coordinates predict the value that the array
 *               has there.  The offset must be fitted to stars at predicted places for that: give
 *               x - offset_x, y - offset_y as their places.
 */
WK_API wk_status wk_offset_write(const wk_offset_file *file, wk_offset_summary *summary,
                                 const wk_offset *offset, const wk_context *context,
                                 wk_error *error);

/* The map in blocks, for a picture: block i of nx begins at column floor(i * width / nx).
 *
 * Given      nx, ny  at most width and height
 * Returned   x, y    [ny][nx] mean offsets, pixels; NaN where a block has none
 *            jump    [ny][nx] largest difference of a pixel of the block to its right and upper
 *                    neighbour, in x or y
 */
WK_API wk_status wk_offset_blocks(float *x, float *y, float *jump, const wk_offset *offset,
                                  int64_t nx, int64_t ny, const wk_context *context,
                                  wk_error *error);

#ifdef __cplusplus
}
#endif

#endif
