/* Runs of pixels in rows: the shape of an overlap. */
#ifndef WELKIN_SKY_SPAN_H
#define WELKIN_SKY_SPAN_H

#include "pixmap.h"
#include "welkin/image.h"
#include "welkin/status.h"

/* Pixels first <= x < end of row y. */
typedef struct wk_span {
    int64_t y, first, end;
} wk_span;

/* A growing list; start from all zero bytes. */
typedef struct wk_spans {
    wk_span *span;
    int64_t count;
    size_t room;
} wk_spans;

void wk_spans_release(wk_spans *spans);

/* Add a span; one that continues the last is joined to it. */
wk_status wk_spans_add(wk_spans *spans, wk_span span, wk_error *error);

/* Add the pixels of A whose centres lie within the pixel edges of B, in the order of rows.
 *
 * Given      pixmap   from A to B, laid
 *            width, height  of B
 * Notes      The pixels are those of the exact coordinates: cells that lie wholly inside or outside
 *            are decided by bounds on the interpolation, the others pixel by pixel, and exactly
 *            where the interpolated place is within the bound of an edge of B.
 */
wk_status wk_spans_inside(wk_spans *spans, wk_pixmap *pixmap, int64_t width, int64_t height,
                          wk_error *error);

/* Sort by row and column and join what overlaps or touches. */
void wk_spans_unite(wk_spans *spans);

/* How many pixels the spans hold, and their solid angle in arcsec^2. */
int64_t wk_spans_pixels(const wk_spans *spans);
double wk_spans_area(const wk_spans *spans, const wk_grid *grid);

/* Copy the good pixels of the spans, times factor, to values (room for wk_spans_pixels of them);
 * returns how many. */
int64_t wk_spans_gather(float *values, const wk_spans *spans, const wk_pixels *pixels,
                        double factor);

#endif
