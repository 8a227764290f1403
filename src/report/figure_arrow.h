/* Residuals of stars as arrows over the image. */
#ifndef WELKIN_REPORT_FIGURE_ARROW_H
#define WELKIN_REPORT_FIGURE_ARROW_H

#include "figure_star.h"

/* Everything is borrowed. */
typedef struct wk_arrows {
    wk_stars stars;
    const double *x, *y; /* [stars.count] the arrows' lengths; NaN: unknown; NULL: all unknown */
    const char *unit;
    const char *title;
} wk_arrows;

/* Draw an arrow for each star, or, of more than 1000 in use, the means of blocks of the image; a
 * key at the right of the image and a note below it.  Room around the box as for a panel. */
wk_status wk_arrows_draw(wk_figure *figure, wk_box box, const wk_arrows *arrows, wk_error *error);

/* The number 1, 2 or 5 times a power of ten that is nearest to a positive value, as a ratio. */
double wk_arrow_round(double value);

#endif
