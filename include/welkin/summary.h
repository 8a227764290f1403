/* What the pixels of an image are like: extremes, mean, median, scatter, and their histogram.
 *
 * The numbers are numpy's on the same values as float64: over all pixels, where one NaN makes all
 * unknown, over the finite ones, over the good ones, and over those that clipping leaves.
 */
#ifndef WELKIN_SUMMARY_H
#define WELKIN_SUMMARY_H

#include "welkin/image.h"
#include "welkin/rows.h"
#include "welkin/statistic.h"
#include "welkin/status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Borrowed pixels of one image, n of them in any order. */
typedef struct wk_summary_image {
    const float *data;  /* [n], or NULL: the values are in wide */
    const double *wide; /* [n], where float32 does not hold all digits */
    const float *minus; /* [n] what is taken off first, in double; or NULL */
    const double *minus_wide;
    const uint8_t *bad; /* [n] wk_bad, nonzero: not good; NULL: every finite pixel is good */
    int64_t n;
} wk_summary_image;

typedef struct wk_summary_options {
    double sigma;   /* clipping limit in standard deviations, > 0; default 3 */
    int iterations; /* rounds of clipping at most, >= 0; default 5 */
    int bins;       /* of the histogram, 1..1000000; default 20 */
} wk_summary_options;

/* Not a number is what is unknown: of no pixel, or over all where one is NaN. */
typedef struct wk_summary_line {
    int64_t n; /* pixels */
    double min, max, mean, median;
    double std; /* population: the root of the mean square deviation from the mean */
} wk_summary_line;

typedef struct wk_summary {
    int64_t pixels, nonfinite, nan; /* nonfinite: NaN and infinite */
    wk_summary_line plain;          /* of all pixels, as numpy gives them; infinities count */
    wk_summary_line finite;
    wk_summary_line good; /* finite and not bad */
    wk_clipped clipped;   /* of the good ones; n 0 and NaN for none */
    int bins;             /* 0: no histogram: no finite pixel, or no range in double */
    double *edges;        /* [bins + 1] equal steps from min - 0.001 to max + 0.001 of finite */
    int64_t *counts;      /* [bins] finite pixels; an edge belongs to the bin above it, the last one
                             to the last bin */
} wk_summary;

WK_API wk_summary_options wk_summary_options_default(void);

/* WK_ARGUMENT if an option is out of range, naming it. */
WK_API wk_status wk_summary_check(const wk_summary_options *options, wk_error *error);

/* Measure an image.
 *
 * Given      options   NULL for defaults
 * Returned   out       release with wk_summary_release
 * Status     WK_ARGUMENT, WK_MEMORY, WK_CANCELLED; no good pixel is no failure
 * Notes      1. Medians are exact.  No variance is a difference of sums of squares.
 *            2. The same bits for any number of threads.
 *            3. Memory beyond the pixels: as of wk_summary_measure_rows.
 *            4. Edges are numpy.linspace's, counts numpy.histogram's for them.  Where all finite
 *               pixels are one number so large that 0.001 is lost, the range is that number and
 *               0.5 on both sides, as numpy has it.
 * Accuracy   1e-14 relative against numpy for mean and std, all others the same
 *            [tests/command/test_stats.py]
 * Source     docs/methods/summary.md
 */
WK_API wk_status wk_summary_measure(wk_summary *out, const wk_summary_image *image,
                                    const wk_summary_options *options, const wk_context *context,
                                    wk_error *error);

/* Measure an image that is read in pieces, and anew for each pass.
 *
 * Given      minus    what is taken off first, in double, of the same size; or NULL
 *            judged   zero: every finite pixel is good, whatever rows says
 *            options  NULL for defaults
 * Returned   out      release with wk_summary_release
 * Status     as wk_summary_measure and what the rows return
 * Notes      1. A pixel that is bad in rows or minus is not good.
 *            2. Most images take one pass, and a second one where edges of the histogram lie among
 *               the bulk of the pixels; strange ones take up to some twenty.
 *            3. Memory: a strip of rows a worker, and values that are kept, 16 bytes each: usually
 *               one of forty, at most one of four, and no more than context's budget but for two
 *               megabytes.
 */
WK_API wk_status wk_summary_measure_rows(wk_summary *out, const wk_rows *rows, const wk_rows *minus,
                                         int judged, const wk_summary_options *options,
                                         const wk_context *context, wk_error *error);

/* Release what a measurement gave and zero the struct. */
WK_API void wk_summary_release(wk_summary *summary);

#ifdef __cplusplus
}
#endif

#endif
