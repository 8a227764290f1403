/* Level and scatter of the good pixels of one cell. */
#ifndef WELKIN_SKY_CELL_H
#define WELKIN_SKY_CELL_H

#include "welkin/background.h"

typedef struct wk_cell {
    double level;  /* NaN: none */
    double error;  /* standard error of level; NaN: unknown */
    double rms;    /* standard deviation of the pixels that were kept */
    int64_t count; /* of these */
} wk_cell;

/* Working room of one worker, reused from cell to cell; zeroed: empty. */
typedef struct wk_cell_scratch {
    void *order, *more; /* of wk_order_make */
    size_t order_room, more_room;
    float *copy; /* absolute deviations */
    size_t copy_room;
    int64_t *sums; /* of Source Extractor's histogram */
    size_t sums_room;
} wk_cell_scratch;

void wk_cell_scratch_release(wk_cell_scratch *scratch);

/* Measure n finite values, which stay as they are.
 *
 * Given      area   pixels that the cell has, good or not
 * Notes      A cell with too few good pixels (options->minimum_good) has no level.  Statistics of
 *            LSST's kind (MEANCLIP, or clip NONE) have the unbiased standard deviation, the others
 *            the population's.
 */
wk_status wk_cell_measure(wk_cell *out, const float *values, int64_t n, int64_t area,
                          const wk_background_options *options, wk_cell_scratch *scratch,
                          wk_error *error);

/* Source Extractor's recipe; n > 0. */
wk_status wk_cell_sextractor(wk_cell *out, const float *values, int64_t n, wk_cell_scratch *scratch,
                             wk_error *error);

#endif
