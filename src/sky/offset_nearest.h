/* What the two kinds of means of near stars share. */
#ifndef WELKIN_SKY_OFFSET_NEAREST_H
#define WELKIN_SKY_OFFSET_NEAREST_H

#include "offset.h"
#include "offset_noise.h"

/* Lists of stars and weights that grow; star i's begins at starts[i]. */
typedef struct wk_share_list {
    int64_t *starts, *star;
    double *weight;
    size_t room;
} wk_share_list;

wk_status wk_share_list_make(wk_share_list *list, int64_t stars, wk_error *error);
void wk_share_list_release(wk_share_list *list);

/* Put the shares of star i, after those of i - 1. */
wk_status wk_share_list_put(wk_share_list *list, int64_t i, const int64_t *star,
                            const double *weight, int64_t count, wk_error *error);

/* From all stars' shares: residuals, noise and what the facts say of them. */
wk_status wk_share_list_judge(wk_offset_noise noise[2], wk_offset *offset,
                              const wk_share_list *list, wk_error *error);

/* Stars on pixels of one row give these their own offsets. */
void wk_offset_put_stars(const wk_offset_planes *planes, const wk_offset *offset,
                         const wk_offset_noise noise[2], int64_t row);

#endif
