/* Quantities of several images: a strip for each quantity, a place in it for each image. */
#ifndef WELKIN_REPORT_FIGURE_STRIP_H
#define WELKIN_REPORT_FIGURE_STRIP_H

#include "figure_axis.h"

typedef struct wk_strip {
    const double *values; /* [count]; not finite: a gap */
    const double *errors; /* [count]; NaN: none */
    double mean;          /* where a line runs across; NaN: none */
    const char *name;
} wk_strip;

/* Everything is borrowed. */
typedef struct wk_strips {
    const wk_strip *strips; /* [strip_count] */
    int strip_count;
    size_t count;                /* images */
    const unsigned char *marked; /* [count], nonzero: stands out; or NULL */
    const char *const *names;    /* [count], written below where there is room; or NULL */
    const char *title;
    const char *places; /* what the numbers below count */
} wk_strips;

/* Where a strip lies within the box of all. */
wk_box wk_strips_box(wk_box box, const wk_strips *strips, int index);

/* The values of a strip: all of them, and the error bars as far as they do not dwarf these; zero
 * unless it is far. */
wk_scale wk_strip_scale(wk_box box, const wk_strip *strip, size_t count);

/* Draw, with 40 units above, 140 at the right, 66 below and 110 at the left. */
void wk_strips_draw(wk_figure *figure, wk_box box, const wk_strips *strips);

/* Bars from zero with error bars: the strips' values of the first image side by side, each with its
 * strip's name below. */
void wk_strips_draw_bars(wk_figure *figure, wk_box box, const wk_strips *strips, const char *name);

#endif
