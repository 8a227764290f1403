/* Clipping rounds over a list of pixels. */
#ifndef WELKIN_SKY_CLIP_H
#define WELKIN_SKY_CLIP_H

#include "bracket.h"
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
    wk_bracket bracket; /* around the median of what is kept, if the statistic is the median */
    int bracketed;      /* the bracket was filled together with core and tail */
    void *select_room;  /* wk_select_room bytes for the values in the bracket */
    int64_t kept;       /* results of the last round */
    float mean, stddev, min, max;
} wk_clip;

/* Clip nclip times: fills lo, hi, kept, mean, stddev, min and max.  WK_NO_DATA if nothing is left.
 */
wk_status wk_clip_run(wk_clip *all, wk_error *error);

/* The median of the values kept, from the bracket; 0 if that does not tell and all values must be
 * asked. */
int wk_clip_median(double *value, const wk_clip *all);

/* How many values say enough of n of them; and so many from all over. */
int64_t wk_clip_sample_size(int64_t n);
void wk_clip_sample(float *sample, int64_t size, const float *values, int64_t n);

/* Sum the core once and put the rest aside: the rounds then look only at the few that they may
 * clip.  What may be the median is gathered on the same way through the data.  Wants lower, upper,
 * shift, core_lo, core_hi, the rooms of tail and bracket, and the bracket's limits if bracketed. */
void wk_clip_split(wk_clip *all);

/* The sums over the values within lo..hi, about a shift that keeps the digits of the scatter. */
wk_moment wk_clip_sum(wk_clip *all);

/* At least size bytes of the scratch, whose content is lost. */
void *wk_clip_room(wk_statistic_scratch *scratch, size_t size, wk_error *error);

#endif
