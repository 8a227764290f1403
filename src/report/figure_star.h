/* The stars of an image as marks on a map of it. */
#ifndef WELKIN_REPORT_FIGURE_STAR_H
#define WELKIN_REPORT_FIGURE_STAR_H

#include "figure_panel.h"

/* Everything is borrowed. */
typedef struct wk_stars {
    const double *x, *y;       /* [count] pixels */
    const unsigned char *used; /* [count] zero: clipped; NULL: all used */
    int64_t count;
    double width, height; /* of the image, pixels */
} wk_stars;

/* How many stars there are of each kind. */
typedef struct wk_star_census {
    int64_t used, clipped; /* in the image */
    int64_t outside;       /* or without a finite place */
    int64_t drawn;
} wk_star_census;

int wk_star_used(const wk_stars *stars, int64_t index);

/* Where a star lies on the picture of the image; 0 if it is outside. */
int wk_star_place(double place[2], const wk_stars *stars, int64_t index, wk_box image);

wk_star_census wk_stars_count(const wk_stars *stars);

/* Draw circles for those used and crosses for those clipped.  Of too many to leave the map visible,
 * the first in each small square.  Fills in census->drawn. */
wk_status wk_stars_draw(wk_figure *figure, wk_box image, const wk_stars *stars,
                        wk_star_census *census, wk_error *error);

/* The marks and what they are, on a line that starts at (x, y). */
void wk_stars_note(wk_figure *figure, double x, double y, const wk_star_census *census);

#endif
