/* The background of an image: measured in cells, joined to a smooth model, evaluated anywhere.
 *
 * wk_background_fit reads every pixel once, a row of cells at a time; memory is some rows of cells
 * however large the image is.  The model is evaluated by rectangles and never as a whole unless
 * that is asked for.
 */
#ifndef WELKIN_BACKGROUND_H
#define WELKIN_BACKGROUND_H

#include "welkin/image.h"
#include "welkin/rows.h"
#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which program's habits the defaults are. */
typedef enum wk_background_preset {
    WK_PRESET_WELKIN = 0,
    WK_PRESET_LSST,       /* SubtractBackgroundTask's cells, Akima spline, Chebyshev weights */
    WK_PRESET_SEXTRACTOR, /* Source Extractor's and SEP's background */
    WK_PRESET_PHOTUTILS   /* Background2D with SExtractorBackground, StdBackgroundRMS */
} wk_background_preset;

/* How the image is cut into cells. */
typedef enum wk_cell_rule {
    WK_CELLS_CEIL = 0,   /* ceil(width / box) cells of nearly equal size */
    WK_CELLS_FLOOR_PLUS, /* floor(width / box) + 1 of nearly equal size: LSST before May 2025 */
    WK_CELLS_FIXED       /* cells of exactly box pixels; the last one is cut off by the edge */
} wk_cell_rule;

/* What stands for the level of a cell. */
typedef enum wk_cell_statistic {
    WK_CELL_MEANCLIP = 0, /* mean after clipping: about the median with the quartiles' width, then
                             about the mean (LSST's) */
    WK_CELL_MEAN,
    WK_CELL_MEDIAN,
    WK_CELL_MODE,      /* 2.5 median - 1.5 mean; the median where they differ by 0.3 stddev */
    WK_CELL_BIWEIGHT,  /* Tukey's biweight location, c = 6 */
    WK_CELL_SEXTRACTOR /* Source Extractor's histogram */
} wk_cell_statistic;

/* What is thrown out of a cell before MEAN, MEDIAN, MODE and BIWEIGHT. */
typedef enum wk_cell_clip {
    WK_CLIP_NONE = 0,
    WK_CLIP_MEDIAN /* beyond sigma standard deviations from the median, until nothing changes or
                      iterations times; as astropy.stats.sigma_clip */
} wk_cell_clip;

typedef enum wk_interpolation {
    WK_INTERPOLATE_SMOOTH = 0, /* the smoothest surface that the cells' scatter allows */
    WK_INTERPOLATE_CONSTANT,
    WK_INTERPOLATE_LINEAR,
    WK_INTERPOLATE_SPLINE, /* natural cubic, y then x */
    WK_INTERPOLATE_AKIMA,
    WK_INTERPOLATE_BICUBIC,  /* Source Extractor's */
    WK_INTERPOLATE_ZOOM,     /* photutils's */
    WK_INTERPOLATE_CHEBYSHEV /* polynomial of total degree order */
} wk_interpolation;

typedef enum wk_undersample { WK_UNDERSAMPLE_REDUCE = 0, WK_UNDERSAMPLE_FAIL } wk_undersample;

/* Weights of the cells in a Chebyshev fit. */
typedef enum wk_cell_weights {
    WK_CELL_WEIGHTS_VARIANCE = 0, /* 1 / error^2 */
    WK_CELL_WEIGHTS_SIGMA,        /* 1 / error: LSST's */
    WK_CELL_WEIGHTS_NONE
} wk_cell_weights;

/* What becomes of cells without a value, and how the mesh is filtered.  BICUBIC and ZOOM want a
 * value in every cell: what a rule leaves empty they fill as SEXTRACTOR and PHOTUTILS do. */
typedef enum wk_mesh_rule {
    WK_MESH_WELKIN =
        0,        /* empty cells are left to the interpolation.  SMOOTH: the filter's window only
                     finds cells that stand out, which then count for nothing; other styles:
                     median of the window, which shrinks towards the edges to stay centred */
    WK_MESH_LSST, /* empty cells are left to the interpolation; with a filter they first become
                     the median of all, and the window is mirrored at the edges */
    WK_MESH_SEXTRACTOR, /* mean of the nearest cells; a window that shrinks to stay centred */
    WK_MESH_PHOTUTILS   /* inverse distance of the 10 nearest; a window cut at the edges */
} wk_mesh_rule;

typedef struct wk_background_options {
    wk_background_preset preset; /* where the rest comes from; informative */
    int64_t box[2];              /* cell size in pixels, x and y; >= 1 */
    wk_cell_rule cells;
    wk_cell_statistic statistic;
    wk_cell_clip clip;
    double sigma;        /* clipping limit in standard deviations, > 0 */
    int iterations;      /* most rounds of clipping, >= 1 */
    double minimum_good; /* least good fraction of a cell's pixels, 0..1 */
    wk_mesh_rule mesh;
    int64_t filter[2]; /* size of the mesh filter in cells, odd; 1: none */
    wk_interpolation interpolation;
    int order; /* of CHEBYSHEV, 0..32 */
    wk_cell_weights weights;
    wk_undersample undersample;
    int compat_steps;    /* nonzero: CONSTANT as LSST has it, half a cell off */
    int mask_sources;    /* rounds of masking sources and fitting again; 0: none */
    double source_sigma; /* detection limit above the model, in rms of the smoothed image, > 0 */
    double source_fwhm;  /* full width of the Gaussian that smooths the image, pixels, > 0 */
    int source_grow;     /* pixels by which detections are grown, >= 0 */
    uint8_t ignore;      /* kinds of bad pixels (wk_bad) that are used all the same; NaN never is */
} wk_background_options;

/* The cells. */
typedef struct wk_mesh {
    int64_t nx, ny;
    const double *x, *y;   /* [nx], [ny]: centres in pixels */
    const float *measured; /* [ny][nx] level as measured; NaN: empty */
    const float *level;    /* [ny][nx] what the model goes through: filled, filtered, smoothed */
    const float *error;    /* [ny][nx] standard error of measured; NaN: unknown */
    const float *measured_rms;
    const float *rms;     /* [ny][nx] standard deviation of the pixels, treated as level is */
    const int64_t *count; /* [ny][nx] pixels used */
    int64_t empty;        /* cells without a value */
    int64_t good, masked; /* pixels of the image */
    int64_t sources;      /* pixels masked as sources, of the good ones */
} wk_mesh;

typedef enum wk_background_plane { WK_BACKGROUND_LEVEL = 0, WK_BACKGROUND_RMS } wk_background_plane;

typedef struct wk_background wk_background;

/* A preset's options.  welkin: box 128, CEIL, MODE clipped about the median, SMOOTH.  lsst: box
 * 128, CEIL, MEANCLIP 3 sigma 3 rounds, AKIMA, no filter.  sextractor: box 64, FIXED, filter 3.
 * photutils: box 64, FIXED, MODE clipped 3 sigma 10 rounds, filter 3, ZOOM. */
WK_API wk_background_options wk_background_options_preset(wk_background_preset preset);

/* Those of WK_PRESET_WELKIN. */
WK_API wk_background_options wk_background_options_default(void);

/* WK_ARGUMENT if an option is out of range, naming it. */
WK_API wk_status wk_background_check(const wk_background_options *options, wk_error *error);

/* Measure the cells and make the model.
 *
 * Given      rows      the pixels; read once, and once more for each round of source masking
 *            options   NULL for defaults
 * Returned   out       caller frees with wk_background_free
 * Status     WK_NO_DATA   no cell has a value; too few cells for the interpolation with FAIL
 *            WK_ARGUMENT  as wk_background_check
 *            WK_MEMORY    also: one cell does not fit into the context's memory
 *            what rows->read returns
 * Notes      1. The same bits for any number of threads.
 *            2. Memory: for each worker one row of cells, or a part of it.
 * Accuracy   lsst against its formulas, sextractor to 1e-4 rms of SEP, photutils to 1e-5
 *            [tests/oracle/test_background.py]
 * Source     docs/methods/background.md
 */
WK_API wk_status wk_background_fit(wk_background **out, const wk_rows *rows,
                                   const wk_background_options *options, const wk_context *context,
                                   wk_error *error);

WK_API void wk_background_free(wk_background *background);

/* A model from cells that are known, as a stored list has them.
 *
 * Given      width, height   of the image
 *            nx, ny          cells of nearly equal size
 *            level, error    float[ny][nx]; error may be NULL
 *            options         interpolation, order, weights, undersample, compat_steps are used
 * Status     as wk_background_fit
 */
WK_API wk_status wk_background_create(wk_background **out, int64_t width, int64_t height,
                                      int64_t nx, int64_t ny, const float *level,
                                      const float *error_of_level,
                                      const wk_background_options *options, wk_error *error);

/* Evaluate the model in a rectangle that lies in the image.  out has at least rect's size. */
WK_API wk_status wk_background_fill(const wk_background *background, wk_background_plane plane,
                                    wk_rect rect, wk_view out, wk_error *error);

/* Borrowed. */
WK_API const wk_mesh *wk_background_mesh(const wk_background *background);
WK_API const wk_background_options *wk_background_in_force(const wk_background *background);

/* Size of the image. */
WK_API void wk_background_size(const wk_background *background, int64_t *width, int64_t *height);

/* What the model of a whole image is like. */
typedef struct wk_background_summary {
    double mean, median, min, max, std; /* of the level over all pixels; std with n */
    double variance;                    /* unbiased, LSST's BGVAR */
    double rms;                         /* median of the mesh's rms */
} wk_background_summary;

/* Summarise the sum of count models of one size (one: itself). */
WK_API wk_status wk_background_summarise(wk_background_summary *out,
                                         const wk_background *const *backgrounds, size_t count,
                                         const wk_context *context, wk_error *error);

/* What is written of models: paths, NULL: not written. */
typedef struct wk_background_files {
    const char *model; /* float32 images of the level */
    const char *rms;   /* the same of the rms */
    const char *mesh;  /* per model the images LEVEL, ERROR, COUNT, RMS, MEASURED and MEASRMS, see
                          wk_mesh */
    int overwrite, durable;
    const char *const *cards; /* HISTORY lines, NULL-terminated; may be NULL */
} wk_background_files;

/* One model to write. */
typedef struct wk_background_entry {
    const wk_background *background;
    const wk_exposure *exposure; /* whose header, with world coordinates, goes along; or NULL */
} wk_background_entry;

/* Write models as FITS files, and summarise them in the same pass over their pixels.
 *
 * Given      files      NULL: only summarise
 * Returned   summaries  [count], or NULL
 * Status     WK_EXISTS, WK_FILE; after a failure none of the files is left
 * Notes      1. One model is the primary array; several are image extensions in order, EXTVER
 *               counted from 1, behind an empty primary HDU.
 *            2. Memory: some strips a worker.
 */
WK_API wk_status wk_backgrounds_write(const wk_background_files *files,
                                      const wk_background_entry *entries, size_t count,
                                      wk_background_summary *summaries, const wk_context *context,
                                      wk_error *error);

/* Several models that add up, in LSST's BackgroundList layout: three image HDUs each.
 *
 * Notes      A model can be stored if LSST's software would evaluate it to the same numbers:
 *            SMOOTH, SPLINE, AKIMA, LINEAR, CHEBYSHEV, and CONSTANT with compat_steps, on cells of
 *            nearly equal size.  SMOOTH is stored as natural spline through its smoothed nodes.
 *            The VARIANCE plane holds the error as LSST has it; for a Chebyshev fit the inverse of
 *            the weights.
 */
typedef struct wk_background_list {
    wk_background **backgrounds;
    size_t count;
    int64_t x0, y0; /* parent coordinates of the first pixel */
} wk_background_list;

/* Status     WK_ARGUMENT  a model that cannot be stored; WK_EXISTS, WK_FILE */
WK_API wk_status wk_background_list_save(const char *path, const wk_background_list *list,
                                         int overwrite, int durable, wk_error *error);

/* Status     WK_FILE      missing, truncated, not FITS
 *            WK_HEADER    a number of HDUs that is not divisible by 3, a keyword that is missing or
 *                         makes no sense */
WK_API wk_status wk_background_list_read(wk_background_list *out, const char *path,
                                         wk_error *error);

/* Nonzero if the file looks like one of these: its first header has BKGD_WIDTH.  Negative: there is
 * no memory to look. */
WK_API int wk_background_list_is(const char *path);

/* Write the image of a list, float32, with its summary.
 * Given      path      NULL: only the summary is made
 *            cards     HISTORY lines, NULL-terminated; may be NULL
 * Status     WK_EXISTS, WK_FILE */
WK_API wk_status wk_background_list_write(const char *path, const wk_background_list *list,
                                          wk_background_summary *summary, const char *const *cards,
                                          int overwrite, int durable, const wk_context *context,
                                          wk_error *error);

/* Release what a read gave and zero the struct. */
WK_API void wk_background_list_release(wk_background_list *list);

/* The sum over the elements, in float32. */
WK_API wk_status wk_background_list_fill(const wk_background_list *list, wk_rect rect, wk_view out,
                                         wk_error *error);

#ifdef __cplusplus
}
#endif

#endif
