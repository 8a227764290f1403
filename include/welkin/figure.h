/* Pictures of results: PNG, SVG or PDF by the name's ending. */
#ifndef WELKIN_FIGURE_H
#define WELKIN_FIGURE_H

#include "welkin/background.h"
#include "welkin/cells.h"
#include "welkin/correlation.h"
#include "welkin/match.h"
#include "welkin/status.h"
#include "welkin/summary.h"
#include "welkin/variance.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Draw a solution: the footprints on the sky coloured by level before and after, and the
 * difference of each overlap before and after.
 *
 * Given      names      char*[fields], short labels; may be NULL
 *            overwrite  nonzero: an existing file may be replaced
 * Status     WK_ARGUMENT for an ending that is not .png, .svg or .pdf; WK_EXISTS; WK_FILE
 * Notes      The file appears whole or not at all.  No display is needed.
 */
WK_API wk_status wk_figure_match(const char *path, const wk_overlaps *overlaps,
                                 const wk_solution *solution, const char *const *names,
                                 int overwrite, wk_error *error);

/* Draw a match by cells: differences of exposures in each cell before and after, over the sky; what
 * is bound most weakly; the residuals' distribution; the numbers.
 *
 * Given      cells     matched
 *            solution  the last one of these cells
 *            report    of this solution
 *            names     char*[fields], short labels; may be NULL
 * Status     WK_ARGUMENT  no solution; else as wk_figure_match
 * Notes      1. In each cell the maps show the last exposure's value, in the order of names, less
 *               the weighted mean of the others, averaged to the picture's resolution.
 *            2. Colours reach the 99th percentile of sizes before; the third map has its own.
 *            3. The weakest combination of levels of each component is drawn at one standard
 *               error; where there is none, the errors of levels.
 *            4. Cells are read block by block; memory is some MB.
 */
WK_API wk_status wk_figure_cells(const char *path, const wk_sky_cells *cells,
                                 const wk_solution *solution, const wk_sky_report *report,
                                 const char *const *names, int overwrite, wk_error *error);

/* Draw a background: the model of the level and of the noise, what it leaves of the measured cells,
 * and how many of their pixels were used.
 *
 * Given      name, unit  of the image, short texts; may be NULL
 *            overwrite   nonzero: an existing file may be replaced
 * Status     as wk_figure_match; what wk_background_fill and wk_background_summarise return
 * Notes      1. The model is evaluated at about 400 x 400 places at most, in rows of the image, and
 *               once everywhere for the numbers of the title.
 *            2. Differences of cells are in units of their errors where these are known.
 */
WK_API wk_status wk_figure_background(const char *path, const wk_background *background,
                                      const char *name, const char *unit, int overwrite,
                                      wk_error *error);

/* Draw how a variance plane fits the noise: the histogram of value / sqrt(variance) with the normal
 * distribution that the plane promises and the one that was measured, and the factors.
 *
 * Given      counts        int64[bins]: values in equal bins from low to high
 *            below, above  values outside
 *            name          of the image, a short text; may be NULL
 *            overwrite     nonzero: an existing file may be replaced
 * Status     WK_ARGUMENT   no bin, low not below high; else as wk_figure_match
 * Notes      Both distributions stand at the median of the histogram.
 */
WK_API wk_status wk_figure_variance(const char *path, const int64_t *counts, int bins, double low,
                                    double high, int64_t below, int64_t above,
                                    const wk_variance_result *result, const char *name,
                                    int overwrite, wk_error *error);

/* Draw how pixels correlate with their neighbours: the matrix of lags, profiles through it, the
 * nearest neighbours of each image, the power spectrum, and the numbers.
 *
 * Given      correlations  wk_correlation*[count], count >= 1, all of the same lag
 *            names         char*[count], short labels; may be NULL, or hold NULL
 *            stack         of these correlations; NULL for one
 *            power         NULL: no spectrum
 *            overwrite     nonzero: an existing file may be replaced
 * Status     WK_ARGUMENT   no correlation, different lags, several without a stack, a stack of
 *                          other ones; else as wk_figure_match
 * Notes      1. Of several images matrix and profiles show the stack's weighted mean.
 *            2. dx grows to the right, dy upward.  The colours leave out lag 0, which is 1.
 *            3. Error bars are the jackknife's, else Bartlett's, else those of white noise.
 *            4. Images whose stack->outlier is above 5 are marked and named.
 *            5. The spectrum is drawn logarithmic where it is positive and spans a factor of 100.
 */
WK_API wk_status wk_figure_correlation(const char *path, const wk_correlation *const *correlations,
                                       const char *const *names, size_t count,
                                       const wk_correlation_stack *stack,
                                       const wk_correlation_power *power, int overwrite,
                                       wk_error *error);

/* The offsets of an image from a reference, and the stars that they come from.  All is borrowed. */
typedef struct wk_offset_picture {
    int64_t width, height; /* of the image, pixels */
    int64_t nx, ny;        /* of the grids: blocks of equal size that divide the image */
    const float *x, *y;    /* [ny][nx] mean offset of each block, pixels; NaN: none */
    const float *jump;     /* [ny][nx] largest difference of neighbouring pixels' offsets, pixels */
    const double *star_x, *star_y;         /* [stars] places, pixels */
    const double *residual_x, *residual_y; /* [stars] measured offset less what the other stars
                                              predict, pixels; NaN: unknown; NULL: all unknown */
    const unsigned char *used;             /* [stars] zero: clipped; NULL: all used */
    int64_t stars;
    const char *model;     /* a word: "spline"; may be NULL */
    const char *name;      /* of the table or image, a short text; may be NULL */
    double rms_x, rms_y;   /* of the residuals, pixels; NaN: unknown */
    double largest_jump;   /* pixels; NaN: unknown */
    double jump_x, jump_y; /* where that is, pixels; NaN: unknown */
} wk_offset_picture;

/* Draw offsets: maps of both with the stars, the residuals of the stars as arrows, and the largest
 * difference between neighbouring pixels.
 *
 * Given      picture    of an image of at least one pixel, with grids of at least one block
 *            overwrite  nonzero: an existing file may be replaced
 * Status     WK_ARGUMENT   no pixel, no block, or a negative number of stars; else as
 *                          wk_figure_match
 * Notes      1. Of more than some thousand stars the maps show a part, spread evenly.
 *            2. Of more than 1000 stars the residuals are shown as means of blocks.
 *            3. Stars outside the image are counted, not drawn.
 */
WK_API wk_status wk_figure_offset(const char *path, const wk_offset_picture *picture, int overwrite,
                                  wk_error *error);

/* Draw the histogram of an image's finite pixels, on a linear and on a logarithmic axis, with a
 * line at their mean.
 *
 * Given      summary     as wk_summary_measure gives it
 *            name, unit  of the image, short texts; may be NULL
 *            overwrite   nonzero: an existing file may be replaced
 * Status     as wk_figure_match
 */
WK_API wk_status wk_figure_histogram(const char *path, const wk_summary *summary, const char *name,
                                     const char *unit, int overwrite, wk_error *error);

#ifdef __cplusplus
}
#endif

#endif
