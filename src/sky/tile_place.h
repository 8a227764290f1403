/* Where the pixels of an image lie in the coadd, and what the coadd says of these places. */
#ifndef WELKIN_SKY_TILE_PLACE_H
#define WELKIN_SKY_TILE_PLACE_H

#include "tile_sky.h"

/* Look every pixel of an image up in the coadd.
 *
 * Given      wcs    of the image; used as scratch
 * Returned   bad    uint8[height][width]: what sky->bad has at the pixel floor(place + 0.5) of the
 *                   coadd; 1 off the coadd, on the far side of the sky, and where there is no
 *                   place
 * Status     WK_MEMORY, WK_WCS
 * Notes      The coordinates are interpolated on a grid whose error is measured in every cell.
 *            Pixels whose place is closer to a boundary between two coadd pixels than this error
 *            may reach, and cells where it is too large, are evaluated exactly. */
wk_status wk_tile_place(uint8_t *bad, int64_t width, int64_t height, wk_wcs *wcs,
                        const wk_tile_sky *sky, wk_error *error);

#endif
