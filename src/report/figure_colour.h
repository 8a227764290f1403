/* Colour maps that can be told apart by colour-blind readers. */
#ifndef WELKIN_REPORT_FIGURE_COLOUR_H
#define WELKIN_REPORT_FIGURE_COLOUR_H

typedef struct wk_colour {
    double red, green, blue; /* sRGB, 0..1 */
} wk_colour;

typedef enum wk_colour_map {
    WK_COLOUR_GRAY = 0,
    WK_COLOUR_VIRIDIS,
    WK_COLOUR_MAGMA,
    WK_COLOUR_EMBER, /* magma from light to dark, without its blackest end: for quantities >= 0 */
    WK_COLOUR_DIVERGING /* blue, light grey, red: for signed quantities */
} wk_colour_map;

/* The colour of a value in 0..1; values outside take the nearer end, NaN a mid grey. */
wk_colour wk_colour_at(wk_colour_map map, double value);

/* From 0xRRGGBB. */
wk_colour wk_colour_hex(unsigned hex);

/* CIE relative luminance, 0 (black) to 1 (white). */
double wk_colour_luminance(wk_colour colour);

#endif
