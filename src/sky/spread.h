/* The robust spread of many numbers, from a histogram of their sizes: one pass, any number. */
#ifndef WELKIN_SKY_SPREAD_H
#define WELKIN_SKY_SPREAD_H

#include <stdint.h>
#include <string.h>

#include "status.h"

enum { wk_spread_bins = 1 << 16 }; /* of sizes, by the upper half of their bits */

typedef struct wk_spread {
    int64_t *sizes; /* [wk_spread_bins] how many are so large */
    int64_t count;
} wk_spread;

/* Begin with all zero; also after a failure wk_spread_clear may be called. */
wk_status wk_spread_open(wk_spread *spread, wk_error *error);
void wk_spread_clear(wk_spread *spread);

/* Forget the numbers. */
void wk_spread_empty(wk_spread *spread);

/* The bits of a positive float ascend with it. */
static inline void wk_spread_add(wk_spread *spread, double size)
{
    float single = (float)size;
    uint32_t bits;
    memcpy(&bits, &single, sizeof bits);
    spread->sizes[bits >> 16]++;
    spread->count++;
}

/* Take the other's numbers, too. */
void wk_spread_join(wk_spread *spread, const wk_spread *other);

/* 1.4826 times the median size: the standard deviation of Gaussian numbers, whatever single ones
 * do; 1 when there is none.  Within a bin, a 128th wide or less, sizes are taken as spread evenly.
 */
double wk_spread_sigma(const wk_spread *spread);

#endif
