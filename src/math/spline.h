/* Interpolation of a function of one coordinate, as pieces that are cubics.
 *
 * Nothing is allocated: a caller that fits a row of nodes for every row of an image lends the same
 * room each time.  All nodes must be finite; dropping those without a value is the caller's part.
 */
#ifndef WELKIN_MATH_SPLINE_H
#define WELKIN_MATH_SPLINE_H

#include <stddef.h>
#include <stdint.h>

typedef enum wk_spline_style {
    WK_SPLINE_CONSTANT = 0, /* LSST's steps, see note 2 */
    WK_SPLINE_LINEAR,       /* beyond the outer nodes the outer lines go on */
    WK_SPLINE_NATURAL,      /* natural cubic spline; a straight line beyond the outer nodes */
    WK_SPLINE_AKIMA,        /* Akima (1970); beyond the outer nodes their value, slope, curvature */
    WK_SPLINE_NEAREST,      /* the value of the nearest node, half way that of the later one */
    WK_SPLINE_EXTRACTOR,    /* Source Extractor's, see note 3; the outer cubics go on */
    WK_SPLINE_MIRROR        /* cubic through nodes of equal spacing, mirrored half a spacing outside
                               the outer nodes; good up to a spacing outside them */
} wk_spline_style;

/* From `from` on, up to the next piece: c[0] + h (c[1] + h (c[2] + h c[3])) with h = x - at.  The
 * first piece begins at minus infinity, the last has no end. */
typedef struct wk_piece {
    double from, at;
    double c[4];
} wk_piece;

/* The least number of nodes that a style can do with. */
int64_t wk_spline_least(wk_spline_style style);

/* LSST's choice for n nodes: 1 CONSTANT, 2 LINEAR, 3 or 4 NATURAL, more AKIMA. */
wk_spline_style wk_spline_best(int64_t n);

/* Pieces, and doubles of working room, that wk_spline_make needs for n nodes. */
int64_t wk_spline_pieces(int64_t n);
size_t wk_spline_room(int64_t n);

/* Interpolate.
 *
 * Given      x, y    n nodes, x ascending; n is at least wk_spline_least(style)
 *            room    wk_spline_room(n) doubles to work in
 * Returned   pieces  room for wk_spline_pieces(n)
 *            their number
 * Notes      1. AKIMA and NATURAL meet GSL's to some 1e-13 of the largest value
 *               (tests/oracle/spline_gsl.c).  Akima: where the slopes to both sides of a node are
 *               pairwise equal, the interval after it is a straight line.
 *            2. CONSTANT: steps change half way between nodes.  The first has the first node's
 *               value, that around a later node the mean of it and the node before; half a step
 *               beyond the last node its own value begins.
 *            3. EXTRACTOR: the equations of the natural spline, but when they are solved from the
 *               last node backward, each second derivative takes over only a sixth of what it
 *               should of the next.  Up to three nodes that is the natural spline; with more, the
 *               slope jumps at nodes.  Found from what Source Extractor 2.25 and SEP 1.2 put out,
 *               which agree (tests/oracle/test_surface.py).  Nodes are of equal spacing.
 */
int64_t wk_spline_make(wk_piece *pieces, const double *x, const double *y, int64_t n,
                       wk_spline_style style, double *room);

/* The piece in which x lies, looked for at hint first. */
int64_t wk_spline_find(const wk_piece *pieces, int64_t count, double x, int64_t hint);

double wk_piece_value(const wk_piece *piece, double x);

/* The values at x, x + 1, ... x + n - 1, rounded to float32; they do not depend on where a run
 * begins and ends. */
void wk_spline_run(float *out, const wk_piece *pieces, int64_t count, int64_t x, int64_t n);

#endif
