/* Matching exposures by small cells of the sky.
 *
 * The other way of wk_match: instead of one value for each overlap, the sky is cut into cells some
 * pixels wide, and all exposures that cover a cell well are compared in it.  Masks that differ do
 * no harm, and backgrounds may be planes or quadratic surfaces.  Steps: wk_overlaps_find,
 * wk_sky_cells_measure (every exposure's pixels are read once), wk_sky_cells_match.
 */
#ifndef WELKIN_CELLS_H
#define WELKIN_CELLS_H

#include "welkin/match.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum wk_sky_cells_loss {
    WK_LOSS_HUBER = 0, /* beyond 2 sigma a residual pulls no more than at 2 sigma */
    WK_LOSS_SQUARE
} wk_sky_cells_loss;

typedef struct wk_sky_cells_options {
    int order;    /* of the backgrounds: 0 level (default), 1 plane, 2 quadratic */
    double cell;  /* pixels, >= 2, of the first exposure in the order of names, or of a reference
                     if they are larger; default 8 */
    double pitch; /* arcsec, rounded to the series of pitches; 0 (default): what cell says */
    wk_sky_cells_loss loss; /* default HUBER */
    int whole;     /* nonzero: measure whole exposures, too; the method global+match needs it */
    int detectors; /* nonzero: offsets of detectors, or of their amplifiers, common to all fields;
                      default 0 */
    int alone;     /* nonzero: keep cells that none of these fields shares, for tables; default 0 */
    const char *folder;                    /* for what does not fit into memory; NULL: /var/tmp */
    const wk_statistic_options *statistic; /* of whole exposures; NULL: default */
} wk_sky_cells_options;

typedef struct wk_sky_cells wk_sky_cells;

WK_API wk_sky_cells_options wk_sky_cells_options_default(void);

/* Read every field once and measure it in cells.
 *
 * Given      overlaps  found; borrowed while wk_sky_cells lives
 * Returned   out       caller frees with wk_sky_cells_free
 * Status     WK_ARGUMENT  order, cell or pitch out of range; pitch below 2 pixels of a reference
 *            WK_NO_OVERLAP  no footprint meets that of a reference
 *            what load returns; WK_CANCELLED
 * Notes      1. The sky is cut into fixed zones with tangent planes, and these into squares whose
 *               side is cell pixels, rounded to the series 2^(k/4) arcsec.
 *            2. A cell counts for an exposure that has good pixels in 0.9 of
 *               it.  Its value is their mean.
 *            3. Memory: one field a thread.  Cells are 32 bytes for each field; of the context's
 *               memory they take a quarter, what is beyond goes to a file without a name.
 */
WK_API wk_status wk_sky_cells_measure(wk_sky_cells **out, wk_overlaps *overlaps, wk_field_load load,
                                      void *payload, const wk_sky_cells_options *options,
                                      const wk_context *context, wk_error *error);

/* Solve for the backgrounds.
 *
 * Given      cells    measured; the overlaps they borrow get the results of the cells
 *            match    method MATCH or GLOBAL_MATCH, direction and anchor; the rest is not used
 * Returned   out      as from wk_match, and the backgrounds' coefficients; caller frees with
 *                     wk_solution_free
 * Status     as wk_match; WK_ARGUMENT for the other methods; WK_NO_OVERLAP, WK_NO_DATA: no cell is
 *            shared with the reference, or it has no good pixel there;
 *            WK_ARGUMENT for offsets of detectors where a
 *            field has not the amplifiers of its detector's others; WK_MEMORY, too, when offsets
 *            need more than half of the context's memory
 * Notes      1. Least squares of value = sky of the cell + background of the exposure, the sky of
 *               every cell being eliminated; weights are inverse variances.
 *            2. What surfaces common to all exposures of a component can mimic is not determined:
 *               of all solutions the one with the least sum of squared coefficients is taken, and
 *               the anchor then moves levels.
 *            3. An exposure with fewer than two shared cells for each coefficient gets a level
 *               alone; combinations of slopes along which its shared cells do not spread, as in
 *               one row of cells, are held at 0, and its error is unknown; warnings say so.
 *            4. What shares cells with a reference, also through others, is one component, whose
 *               backgrounds and errors are absolute: it has no gauge, no anchor moves it.  A part
 *               that shares fewer than two cells for each coefficient with the reference has its
 *               level from it and its common slope as in 2; warnings say so, and what the
 *               reference does not reach.
 *            5. With options->detectors every detector, or every amplifier of fields that name
 *               some, has an offset in all its fields; sky and surfaces hold it.  Fields need
 *               groups, so that one background goes over several detectors.  A constant that all
 *               offsets have in common, and whatever else cells do not determine, is chosen so
 *               that the sum of squared offsets is least, weighted by how strongly cells hold them.
 *            6. A first fit by least squares tells how much of the structure in cells counts as
 *               their error (wk_sky_report's structure); with that the fit is made.
 *            7. The same bits for any order of fields and any number of threads.
 * Accuracy   docs/methods/cell.md; tests/oracle/test_cells.py against a dense solution
 */
WK_API wk_status wk_sky_cells_match(wk_solution **out, wk_sky_cells *cells,
                                    const wk_sky_cells_options *options,
                                    const wk_match_options *match, const wk_context *context,
                                    wk_error *error);

/* How one exposure agrees with the skies of the cells that it shares. */
typedef struct wk_sky_fit {
    int64_t cells;    /* that it shares */
    double chi2;      /* sum of (residual / its standard deviation at the nominal errors)^2 */
    double expected;  /* what chi2 would be on average were the nominal errors true */
    double pull;      /* weighted mean residual over its standard deviation; NaN: no cell */
    int64_t outliers; /* cells whose residual is beyond 5 standard deviations */
} wk_sky_fit;

/* A cell that does not fit, by its worst value. */
typedef struct wk_sky_outlier {
    size_t field;    /* whose value it is; of two alone, which are equally far off, the first */
    size_t other;    /* whose value is farthest on the other side */
    int exposures;   /* that share the cell */
    int64_t key;     /* of the cell */
    double sky[2];   /* the cell's centre: ra, dec in degrees */
    double place[2]; /* mean place of the pixels used: 0-based x, y */
    double value;    /* mean of the pixels, image's units */
    double residual; /* less background and sky, image's units */
    double sigma;    /* standard deviation of the residual; 0: unknown */
} wk_sky_outlier;

/* Exposures that overlaps connect. */
typedef struct wk_sky_component {
    size_t *fields; /* [count] ascending */
    size_t count;
    int64_t overlaps;             /* used, within it */
    double rms_before, rms_after; /* of their differences; NaN: there is none */
} wk_sky_component;

/* A combination of levels that the cells bind weakly. */
typedef struct wk_sky_weak_mode {
    size_t component;
    double error;     /* standard deviation of the combination, rms over the exposures, compared
                         units */
    double plane;     /* part of the pattern's square that a plane over the sky explains, 0..1 */
    double quadratic; /* the same of a quadratic surface, plane included */
    double *pattern;  /* [component's count] rms 1; NaN: the level is not bound at all */
} wk_sky_weak_mode;

typedef struct wk_sky_report_options {
    size_t outliers;   /* how many are listed, the worst first; default 20 */
    int weak_modes;    /* how many for each component of three exposures or more, 0 to 16; default
                          4 */
    int64_t weak_most; /* groups and lone exposures: with more no weak modes are sought; default
                          20000; 0: no bound */
} wk_sky_report_options;

typedef struct wk_sky_report {
    wk_sky_fit *fits; /* [fields] */
    size_t fields;
    double *pulls; /* [overlap_count] residual over its standard deviation; NaN: not used */
    size_t overlap_count;
    double scale;     /* robust spread of the residuals in their nominal standard deviations */
    double structure; /* factor of structure's part in the squares of the values' errors, found from
                         residuals; 1: as measured */
    double chi2;      /* as the solution's, of residuals that are not cut */
    wk_sky_component *components; /* [component_count] in the solution's numbers */
    size_t component_count;
    int64_t outlying;         /* values beyond 5 standard deviations */
    wk_sky_outlier *outliers; /* [outlier_count] cells, largest residual / sigma first */
    size_t outlier_count;
    wk_sky_weak_mode *weak_modes; /* [weak_mode_count] by component, the weakest first */
    size_t weak_mode_count;
    int weak_known; /* zero: too many exposures, none was sought */
} wk_sky_report;

WK_API wk_sky_report_options wk_sky_report_options_default(void);

/* Say how well a solution fits, and where it does not.
 *
 * Given      cells     matched
 *            solution  the last one of these cells
 *            options   NULL: default
 * Returned   out       caller frees with wk_sky_report_free
 * Status     WK_ARGUMENT  no solution; weak_modes out of range
 * Notes      1. Standard deviations of residuals count that the cell's sky comes from the same
 *               values.  Those of outliers and pulls are the nominal ones times scale.
 *            2. expected is the number of cells less the part that the component's backgrounds
 *               take of its degrees of freedom.
 *            3. A lone exposure's mean residual is what outliers that were cut pull, or zero: the
 *               level has taken the rest.
 *            4. Weak modes are the eigenvectors with the largest eigenvalues of the covariance of
 *               the levels at the exposures' centres, surfaces common to a component left out, to
 *               1 per cent of the eigenvalue.
 * Source     subspace iteration: B. N. Parlett, The Symmetric Eigenvalue Problem, 14
 */
WK_API wk_status wk_sky_cells_report(wk_sky_report **out, const wk_sky_cells *cells,
                                     const wk_solution *solution,
                                     const wk_sky_report_options *options, wk_error *error);

WK_API void wk_sky_report_free(wk_sky_report *report);

WK_API void wk_sky_cells_free(wk_sky_cells *cells);

/* What a table of cells says of an exposure beside what was measured; NULL and -1: unknown. */
typedef struct wk_sky_cells_source {
    const char *file, *detector, *group;
    int hdu;
    int reference; /* nonzero: its background is zero; matched as fields' reference has it */
} wk_sky_cells_source;

/* Write what was measured as a FITS file, to be matched later.
 *
 * Given      cells    measured, best with alone and whole; not yet matched
 *            sources  [fields], in their order, or NULL; the group is the field's own
 *            history  HISTORY lines, NULL-terminated; may be NULL
 * Status     as wk_table_write; WK_ARGUMENT: matched before
 * Notes      docs/methods/cell.md has the tables' columns.
 */
WK_API wk_status wk_sky_cells_save(const wk_sky_cells *cells, const wk_sky_cells_source *sources,
                                   const char *path, const char *const *history, int overwrite,
                                   int durable, wk_error *error);

/* Read such files.
 *
 * Given      paths     [count]; fields are in the order of the files and, within one, of its rows,
 *                      references behind all others
 *            folder    as in the options
 * Returned   out, overlaps  what wk_sky_cells_measure and wk_overlaps_find would have given for the
 *                      exposures themselves, to the bit; caller frees cells before overlaps
 * Status     WK_HEADER   no table of cells, of another version, broken, contradictory
 *            WK_ARGUMENT cells of different widths, different statistics of whole exposures, an
 *                        exposure that is given twice
 *            WK_FILE     unreadable, truncated
 */
WK_API wk_status wk_sky_cells_load(wk_sky_cells **out, wk_overlaps **overlaps,
                                   const char *const *paths, size_t count, const char *folder,
                                   const wk_context *context, wk_error *error);

/* Exposures, the name of one (borrowed), how many cells it has, and what its table says of it. */
WK_API size_t wk_sky_cells_exposures(const wk_sky_cells *cells);
WK_API const char *wk_sky_cells_name(const wk_sky_cells *cells, size_t index);
WK_API int64_t wk_sky_cells_kept(const wk_sky_cells *cells, size_t index);
WK_API wk_sky_cells_source wk_sky_cells_source_of(const wk_sky_cells *cells, size_t index);

/* What whole exposures were measured by. */
WK_API wk_statistic_options wk_sky_cells_statistic(const wk_sky_cells *cells);

/* The pitch in arcsec. */
WK_API double wk_sky_cells_pitch(const wk_sky_cells *cells);

/* What a background's term number i is of x and y: "1", "x", "y", "xx", "xy", "yy"; NULL beyond. */
WK_API const char *wk_sky_surface_term(int i);

/* The background of an exposure at n pixels of one row, in the image's units.
 *
 * Given      surface  of the exposure
 *            x, y     0-based pixel
 * Returned   values   double[n], for pixels x, x + 1, ...
 */
WK_API void wk_sky_surface_row(double *values, const wk_sky_surface *surface, int64_t x, int64_t y,
                               int64_t n);

#ifdef __cplusplus
}
#endif

#endif
