/* What a coadd says of every place in it: whether background may be measured there. */
#ifndef WELKIN_SKY_TILE_SKY_H
#define WELKIN_SKY_TILE_SKY_H

#include "footprint.h"
#include "welkin/tile.h"
#include "welkin/wcs.h"

struct wk_tile_sky {
    wk_wcs *wcs; /* to be copied before use */
    wk_footprint footprint;
    int64_t width, height;
    uint8_t *bad; /* [height][width]: 0 where seg == 0, bmask == 0 and weight > 0 */
};

/* Note the values that spoil a pixel: those that are not 0; those that are not positive.  NaN does
 * both. */
void wk_tile_mark_flagged(uint8_t *bad, const double *values, int64_t n);
void wk_tile_mark_weightless(uint8_t *bad, const double *values, int64_t n);

#endif
