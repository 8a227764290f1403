/* A smooth function of the plane through the nodes of a mesh, evaluated row by row.
 *
 * Coordinates are pixels, counted from 0 at the centre of the first one.  Of all styles but
 * CHEBYSHEV, a column of nodes is interpolated in y first, then the row so made in x; the order
 * matters to AKIMA.
 */
#ifndef WELKIN_MATH_SURFACE_H
#define WELKIN_MATH_SURFACE_H

#include "welkin/status.h"

typedef enum wk_surface_style {
    WK_SURFACE_CONSTANT = 0, /* LSST's steps: each the mean of two neighbours, see spline.h */
    WK_SURFACE_LINEAR,
    WK_SURFACE_NATURAL, /* natural cubic spline; a straight line beyond the outer nodes */
    WK_SURFACE_AKIMA,   /* beyond the outer nodes: their value, slope and curvature */
    WK_SURFACE_CELL,    /* each pixel the value of its nearest node, half way that of the later */
    WK_SURFACE_BICUBIC, /* Source Extractor's: nearly natural spline on equal cells, see note 3 */
    WK_SURFACE_ZOOM,    /* cubic B-spline mirrored at the outer edges, held within the nodes' range:
                           photutils's BkgZoomInterpolator */
    WK_SURFACE_CHEBYSHEV /* least squares, terms T_a(x) T_b(y) with a + b <= order */
} wk_surface_style;

/* Borrowed by wk_surface_create and not kept. */
typedef struct wk_surface_nodes {
    int64_t width, height; /* of the image in pixels */
    int64_t nx, ny;
    const double *x, *y;   /* [nx], [ny] centres, ascending (all styles but BICUBIC and ZOOM) */
    int64_t box[2];        /* cell size in x and y, in pixels (BICUBIC and ZOOM) */
    const float *values;   /* [ny][nx]; not finite: no value here */
    const double *weights; /* [ny][nx] for CHEBYSHEV; NULL: all 1; not finite or <= 0: left out */
    int order;             /* of CHEBYSHEV, 0..32 */
    int fail; /* nonzero: too few nodes for the style are an error; zero: a simpler style is used */
} wk_surface_nodes;

typedef struct wk_surface wk_surface;

/* Make the function.
 *
 * Returned   out           caller frees with wk_surface_free; NULL after a failure
 * Status     WK_NO_DATA    fail is set and there are too few nodes; CHEBYSHEV: no usable node, or
 *                          the equations do not determine all terms, whether fail is set or not
 *            WK_ARGUMENT   no pixel or no node, a cell without pixels, centres that do not ascend,
 *                          an order outside its range, a hole in the mesh of BICUBIC or ZOOM
 *            WK_MEMORY
 * Notes      1. CONSTANT, LINEAR, NATURAL, AKIMA: when either axis has fewer nodes than the style
 *               needs (1, 2, 3, 5), the best style for the smaller of nx, ny serves both axes
 *               (1 CONSTANT, 2 LINEAR, 3-4 NATURAL, else AKIMA); then nodes without a value are
 *               dropped from each column, and columns without any from each row, with the same
 *               fall back to the best style for what is left.  No node at all: NaN everywhere.
 *               With fail, each of these is WK_NO_DATA.
 *            2. BICUBIC and ZOOM want a value at every node; if none has one, the function is NaN,
 *               or WK_NO_DATA with fail.  CELL is NaN where the nearest node has no value; if none
 *               has one, it is WK_NO_DATA with fail.
 *            3. BICUBIC takes the place of row y as y / box - 1/2, half a pixel off the cell
 *               centres, and that of column x as (x + 1/2) / box - 1/2, as Source Extractor does.
 *               Beyond the outer nodes the outer cubic goes on.  With one column of nodes it is
 *               constant in x, with one row constant in y and linear in x.  From four nodes on
 *               it is not the natural spline, see note 3 in spline.h.
 *            4. ZOOM takes the places of both as (x + 1/2) / box - 1/2.  Its spline is exact; that
 *               of scipy 1.10 is off by some 3.5 * 0.268^(2 n) of the nodes' scatter on an axis of
 *               n (1 % at 2, 5e-7 at 6, 1e-11 at 10), see tests/oracle/test_surface.py.
 *            5. CHEBYSHEV: order >= min(nx, ny): WK_NO_DATA with fail, else lowered to
 *               min(nx, ny) - 1.
 */
wk_status wk_surface_create(wk_surface **out, const wk_surface_nodes *nodes, wk_surface_style style,
                            wk_error *error);

void wk_surface_free(wk_surface *surface);

/* The style in force after any fall back for both axes, and Chebyshev's order (of other styles 0);
 * order may be NULL. */
wk_surface_style wk_surface_used(const wk_surface *surface, int *order);

/* Doubles of working room that wk_surface_row needs. */
size_t wk_surface_room(const wk_surface *surface);

/* The values of row y at x, x + 1, ... x + count - 1, rounded to float32.  Values are those of the
 * whole image whatever the piece asked for.  Many threads may ask at once, each with its room. */
void wk_surface_row(float *out, const wk_surface *surface, int64_t y, int64_t x, int64_t count,
                    double *room);

#endif
