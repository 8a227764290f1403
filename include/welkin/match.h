/* Matching the skies of overlapping exposures.
 *
 * Three steps, each of which can be used alone: wk_overlaps_find (who meets whom, from the
 * coordinates only), wk_overlaps_measure (every exposure's pixels are read once), wk_match (solve
 * for one level an exposure).  Files never appear here: pixels come through a callback, so arrays
 * in memory do as well.
 */
#ifndef WELKIN_MATCH_H
#define WELKIN_MATCH_H

#include "welkin/image.h"
#include "welkin/statistic.h"
#include "welkin/status.h"
#include "welkin/wcs.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum wk_match_method {
    WK_MATCH_LOCAL = 0,
    WK_MATCH_GLOBAL,
    WK_MATCH_MATCH,
    WK_MATCH_GLOBAL_MATCH,
    WK_MATCH_USER
} wk_match_method;

typedef enum wk_match_weights {
    WK_WEIGHTS_PIXELS = 0, /* stcal's: the square of the mean pixel count of the two sides */
    WK_WEIGHTS_VARIANCE    /* inverse variance of the difference */
} wk_match_weights;

typedef enum wk_anchor {
    WK_ANCHOR_SHIFT = 0, /* one shift for all components together: the peer's rule */
    WK_ANCHOR_MINIMUM,   /* the lowest level of each component stays */
    WK_ANCHOR_MAXIMUM,   /* the highest level of each component stays */
    WK_ANCHOR_MEAN,      /* the mean level of each component stays */
    WK_ANCHOR_EXPOSURE   /* the field anchor_name stays; in other components as MINIMUM or, with up,
                            MAXIMUM */
} wk_anchor;

typedef struct wk_match_options {
    wk_match_method method;         /* default GLOBAL_MATCH */
    int up;                         /* nonzero: match to the highest level; default to the lowest */
    wk_match_weights weights;       /* default PIXELS */
    wk_anchor anchor;               /* default SHIFT */
    const char *anchor_name;        /* for ANCHOR_EXPOSURE: a field's name */
    wk_statistic_options statistic; /* default median */
    const double *user; /* method USER: double[count], a level for every field; NaN: none */
} wk_match_options;

/* One exposure as the matching sees it; all pointers are borrowed while wk_overlaps lives. */
typedef struct wk_field {
    const char *name;  /* unique; results do not depend on the order of the fields, but on names */
    const char *group; /* fields of one group share one level; NULL: stands alone */
    const wk_wcs *wcs; /* copied where a thread needs it */
    int64_t width, height;
    double flux;   /* data are multiplied by this before they are compared; normally 1 */
    int reference; /* nonzero: its background is known to be zero and is not sought; for cells
                      alone, behind all other fields, in no group.  All such fields are one item,
                      the last */
    const char *detector;      /* for offsets of detectors; NULL: it has no offset */
    const wk_rect *amplifiers; /* [amplifier_count] parts of the image with offsets of their own, in
                                  one order for all fields of a detector; cells that no part holds
                                  as a whole are left out */
    size_t amplifier_count;    /* 0: the detector is one */
} wk_field;

/* Fill pixels with field index; called by several threads at once, for different indices. */
typedef wk_status (*wk_field_load)(void *payload, size_t index, wk_pixels *pixels, wk_error *error);

/* What was measured on one side of an overlap, or on a whole exposure; in compared units. */
typedef struct wk_region {
    wk_measure measure; /* measure.pixels 0: nothing could be measured */
    double error;       /* standard error of measure.value from the pixel noise */
    double area;        /* arcsec^2, masked pixels included */
    int64_t covered;    /* pixels whose centre lies in the region, masked ones included */
} wk_region;

/* An edge: items a < b (an item is a group, or a field that stands alone; numbered in the order of
 * their first fields). */
typedef struct wk_overlap {
    size_t a, b;
    wk_region side_a, side_b;
    double residual; /* after wk_match: (value_a - x_a) - (value_b - x_b); NaN if not used */
    int used;        /* nonzero: both sides were measured */
    int64_t cells;   /* shared, from wk_sky_cells_match */
    double chi2;     /* of their differences, from wk_sky_cells_match */
} wk_overlap;

typedef struct wk_overlaps wk_overlaps;

/* Find which items overlap.
 *
 * Given      fields   field[count]
 * Returned   out      caller frees with wk_overlaps_free; may hold no overlap at all
 * Status     WK_ARGUMENT  a name is missing or given twice, a size is not positive, a reference is
 *                         not last, has a group, or is all there is
 *            WK_WCS       a footprint cannot be computed; the subject is the field's name
 * Notes      1. A footprint is the border of the outer pixel edges, followed to 0.1 px, as a
 *               polygon of great-circle arcs with a bounding cap; caps are kept in a tree, so that
 *               N exposures cost about N log N.
 *            2. A pixel of A lies in the overlap with B when its centre, carried to the sky and
 *               into B, has -0.5 <= x < width - 0.5 and the same in y.
 * Accuracy   the pixels are those of the exact coordinates: an interpolated position is used only
 *            where it is farther from the edge than its error  [tests/unit/test_overlap.c]
 */
WK_API wk_status wk_overlaps_find(wk_overlaps **out, const wk_field *fields, size_t count,
                                  const wk_context *context, wk_error *error);

/* Read every field once and measure it: its overlaps, and the whole of it when whole is nonzero.
 *
 * Status     what load returns; WK_CANCELLED; WK_NO_DATA never: what has no pixel is marked so
 *            WK_ARGUMENT: a field is a reference
 * Notes      Memory: the pixels of one field a thread, their masks, and a copy of the good pixels
 *            of one region a thread.
 */
WK_API wk_status wk_overlaps_measure(wk_overlaps *overlaps, wk_field_load load, void *payload,
                                     const wk_statistic_options *statistic, int whole,
                                     const wk_context *context, wk_error *error);

/* Build overlaps from measurements made elsewhere (another program, a table): items 0..items-1. */
WK_API wk_status wk_overlaps_create(wk_overlaps **out, size_t items, const wk_overlap *edges,
                                    size_t count, wk_error *error);

WK_API size_t wk_overlaps_count(const wk_overlaps *overlaps);
WK_API const wk_overlap *wk_overlaps_get(const wk_overlaps *overlaps, size_t index);
WK_API void wk_overlaps_free(wk_overlaps *overlaps);

/* The item that a field belongs to, in the numbers of wk_overlap. */
WK_API size_t wk_overlaps_item(const wk_overlaps *overlaps, size_t field);

/* The footprint of a field as sky positions: ra, dec in degrees, closed, double[*count][2],
 * borrowed.  NULL for overlaps made by wk_overlaps_create. */
WK_API const double *wk_overlaps_footprint(const wk_overlaps *overlaps, size_t field,
                                           size_t *count);

/* Mark which overlaps each pixel of a field serves, to look at what was measured.
 *
 * Given      field   its number; it is loaded again
 * Returned   mask    int32[height][width]: bit k is set where the pixel is good and lies in the
 *                    k-th overlap of the field's item (in the order of wk_overlaps_get); overlaps
 *                    beyond the 31st are left out
 * Status     what load returns; WK_ARGUMENT: no such field
 */
WK_API wk_status wk_overlaps_mask(int32_t *mask, const wk_overlaps *overlaps, size_t field,
                                  wk_field_load load, void *payload, wk_error *error);

/* The level of one field, and what is known about it. */
typedef struct wk_level_result {
    double sky;       /* to subtract, in the image's own units; NaN if undetermined */
    double error;     /* standard error relative to the mean of its component; NaN if unknown */
    int valid;        /* measured, or connected to what was measured */
    size_t item;      /* group or lone field */
    size_t component; /* connected component of the overlaps, from 0; lone items have their own */
    int64_t pixels;   /* good pixels of the whole exposure; -1 if it was not measured whole */
    double whole;     /* statistic of the whole exposure, image's units; NaN if not measured */
    double detector_offset; /* what sky has of its detector, image's units: of amplifiers the mean
                               by area; 0 unless offsets were asked for */
} wk_level_result;

/* A part of an image whose background is this much higher. */
typedef struct wk_sky_part {
    wk_rect rect;
    double offset; /* image's units */
} wk_sky_part;

/* The background of one field as a polynomial of its pixels: terms 1, x, y, xx, xy, yy of the place
 * from the centre, -1..1 from edge to edge. */
typedef struct wk_sky_surface {
    int terms;              /* 1, 3 or 6; 0: undetermined */
    double coefficients[6]; /* image's units; the first is the level at the centre */
    double centre[2];       /* 0-based pixels */
    double scale[2];        /* pixels that are one unit */
    wk_sky_part *parts; /* [part_count] amplifiers, relative to the mean of all; a solution's are
                           freed with it */
    size_t part_count;
} wk_sky_surface;

/* What a detector, or one of its amplifiers, adds to all exposures. */
typedef struct wk_detector_offset {
    char *detector;
    int64_t amplifier; /* its place among the fields' amplifiers; -1: the whole detector */
    double offset; /* compared units; what the cells do not determine is as small as it can be */
    double error;  /* relative to what is not determined; NaN if unknown */
    int64_t cells; /* that it measured and another exposure, too */
    int valid;     /* zero: nothing tells it from others, offset is 0 */
} wk_detector_offset;

typedef struct wk_solution {
    wk_level_result *levels; /* [fields], in the order of the fields */
    size_t fields;           /* without references, and so are items */
    double *item_levels;     /* [items], compared units; NaN if undetermined */
    double *item_errors;     /* [items] */
    size_t items;
    wk_overlap *overlaps; /* [overlap_count] between items, residuals filled in */
    size_t overlap_count;
    wk_overlap *reference_overlaps; /* [reference_count] of items a with the reference, b */
    size_t reference_count;
    int64_t reference_cells;      /* that exposures share with the reference */
    int64_t reference_component;  /* whose levels are absolute; -1: there is no reference */
    size_t components;            /* connected components, lone items included */
    size_t rank;                  /* independent equations */
    double rms_before, rms_after; /* of the used overlaps' differences; NaN if there is none */
    int order;                 /* of the backgrounds; 0 unless wk_sky_cells_match says otherwise */
    wk_sky_surface *surfaces;  /* [fields] from wk_sky_cells_match, else NULL */
    double (*covariances)[36]; /* [fields] from wk_sky_cells_match, else NULL: of the coefficients,
                                  terms x terms numbers row by row, image's units; NaN: unknown */
    int64_t cells;             /* that exposures share; -1 unless from wk_sky_cells_match */
    double chi2; /* of the cells' values with their errors, and its degrees of freedom */
    int64_t dof;
    wk_detector_offset *offsets; /* [offset_count] by detectors' names, if they were asked for */
    size_t offset_count;
    char **warnings; /* [warning_count] sentences for the user */
    size_t warning_count;
} wk_solution;

WK_API wk_match_options wk_match_options_default(void);

/* Solve for the levels.
 *
 * Given      overlaps  measured
 * Returned   out       caller frees with wk_solution_free
 * Status     WK_NO_OVERLAP    the method needs an overlap and there is none
 *            WK_NO_DATA       nothing could be measured at all
 *            WK_ARGUMENT      a field is a reference
 *            WK_NO_CONVERGENCE the factorisation failed
 *            WK_DISCONNECTED, WK_SPARSE (+)  said in warnings, too
 * Notes      match minimises sum w^2 ((s_a - x_a) - (s_b - x_b))^2 with the zero mean of each
 *            connected component, then shifts all by one number.  global+match then adds the least
 *            statistic of whole exposures.  docs/methods/match.md.
 * Source     stcal.skymatch; Briggs, Henson & McCormick for the graph Laplacian's null space
 */
WK_API wk_status wk_match(wk_solution **out, const wk_overlaps *overlaps,
                          const wk_match_options *options, const wk_context *context,
                          wk_error *error);

WK_API void wk_solution_free(wk_solution *solution);

#ifdef __cplusplus
}
#endif

#endif
