/* Clipping rounds over a list of pixels. */
#ifndef WELKIN_SKY_CLIP_H
#define WELKIN_SKY_CLIP_H

#include "moment.h"
#include "welkin/statistic.h"

/* A list of pixels and what its clipping has come to.  Zeroed, with the first four and lower and
 * upper set, it is ready for wk_clip_run. */
typedef struct wk_clip {
    const float *values;
    int64_t n;
    const wk_statistic_options *options;
    wk_statistic_scratch *scratch;
    float lower, upper; /* the user's limits, or the infinities */
    float lo, hi;       /* of the present round */
    float shift;        /* near the mean */
    int split;          /* core and tail together are all values within lower and upper */
    wk_moment core;     /* of the values in core_lo..core_hi */
    float core_lo, core_hi;
    wk_moment_tail tail;
    int64_t kept; /* results of the last round */
    float mean, stddev, min, max;
} wk_clip;

/* Clip nclip times: fills lo, hi, kept, mean, stddev, min and max.  WK_NO_DATA if nothing is left.
 */
wk_status wk_clip_run(wk_clip *all, wk_error *error);

/* At least size bytes of the scratch, whose content is lost. */
void *wk_clip_room(wk_statistic_scratch *scratch, size_t size, wk_error *error);

#endif
