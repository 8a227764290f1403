/* Mean, scatter, extremes and median of values that come strip by strip, from several workers.
 *
 *     wk_survey_begin; wk_survey_add for every strip; wk_survey_next; while it wants more: all
 * strips once more; wk_survey_end
 */
#ifndef WELKIN_SKY_SURVEY_H
#define WELKIN_SKY_SURVEY_H

#include "moment.h"
#include "quantile.h"

typedef struct wk_survey_strip {
    wk_moment moment;
    float min, max;
} wk_survey_strip;

typedef struct wk_survey {
    wk_survey_strip *strips; /* by index: the same bits for any number of workers */
    int64_t count;
    float shift;
    wk_quantile_set *median;
} wk_survey;

typedef struct wk_survey_result {
    int64_t count;                           /* finite values */
    double mean, variance, min, max, median; /* variance with n */
} wk_survey_result;

/* sample: some of the values, reordered; most: values that may be gathered for the median. */
wk_status wk_survey_begin(wk_survey *survey, int64_t strips, int workers, float *sample,
                          int64_t size, int64_t most, wk_error *error);

wk_status wk_survey_add(wk_survey *survey, int worker, int64_t strip, const float *values,
                        int64_t n, wk_error *error);

wk_status wk_survey_next(wk_survey *survey, int *more, wk_error *error);

wk_survey_result wk_survey_end(wk_survey *survey);

#endif
