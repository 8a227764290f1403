/* Pixels of a row added to the sums of the cells that they lie in. */
#ifndef WELKIN_SKY_TALLY_ADD_H
#define WELKIN_SKY_TALLY_ADD_H

#include "tally_walk.h"

/* A cell while pixels come in, each with the part of it that lies in the cell. */
typedef struct wk_tally_sum {
    double sum, square; /* of good pixels, from origin */
    double x, y;        /* of good pixels */
    double good, all;   /* pixels */
    float origin;       /* the first good pixel: near the cell's mean, so that no digit is lost */
    int32_t edge;       /* nonzero: a pixel on the image's border lies in it */
} wk_tally_sum;

/* Pixels of one row of an image. */
typedef struct wk_tally_row {
    const float *data;
    const uint8_t *bad;
    int64_t width, y;
    int border;    /* nonzero: the first or last row of the image */
    int64_t first; /* the pixel that the walk counts from */
    int clean;     /* nonzero: no pixel from first on that is added is bad */
} wk_tally_row;

/* Add pixels from..to-1, counted from the row's first.
 *
 * Notes      1. At a border that crosses the row steeply a pixel is cut where its middle line is;
 *               at one that runs along the row it is shared by the distance of its centre.  For
 *               pixels that are parallel to cells both are the areas.
 */
void wk_tally_add(wk_tally_sum *sums, const wk_tally_walk *walk, const wk_tally_row *row,
                  int64_t from, int64_t to);

#endif
