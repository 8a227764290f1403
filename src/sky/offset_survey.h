/* Numbers of a map of offsets, row by row. */
#ifndef WELKIN_SKY_OFFSET_SURVEY_H
#define WELKIN_SKY_OFFSET_SURVEY_H

#include "welkin/offset.h"

/* What some rows add up to; the same bits however rows are given to threads, as long as the parts
 * that are joined are the same. */
typedef struct wk_offset_tally {
    double min[2], max[2], sum[2], square[2];      /* square: of the errors */
    int64_t known[2], judged[2], unknown, outside; /* judged: with an error */
    double jump, bend;
    int64_t jump_x, jump_y;
} wk_offset_tally;

wk_offset_tally wk_offset_tally_start(void);

/* Add one row's values. */
void wk_offset_tally_row(wk_offset_tally *tally, const double *x, const double *y, int64_t count);

/* Errors and flags of one row. */
void wk_offset_tally_errors(wk_offset_tally *tally, const double *x, const double *y,
                            const uint8_t *flag, int64_t count);

/* Differences of a row (middle, number `row`) to its neighbours: along it, to the one above; NULL:
 * there is none. */
void wk_offset_tally_jumps(wk_offset_tally *tally, const double *below, const double *middle,
                           const double *above, int64_t row, int64_t count);

void wk_offset_tally_join(wk_offset_tally *all, const wk_offset_tally *part);

/* Largest |a - b|, differences that are not known left out; 0 for none. */
double wk_offset_apart(const double *a, const double *b, int64_t count);

wk_offset_summary wk_offset_tally_summary(const wk_offset_tally *tally, int errors);

#endif
