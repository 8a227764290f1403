#include "figure_colour.h"

#include <math.h>

enum { KNOTS = 9 };

/* Equidistant knots.  Viridis and magma are the public-domain (CC0) maps of S. van der Walt and
 * N. Smith at every eighth of their range. */
static const unsigned knots[][KNOTS] = {
    [WK_COLOUR_VIRIDIS] = {0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962,
                           0xaddc30, 0xfde725},
    [WK_COLOUR_MAGMA] = {0x000004, 0x1c1044, 0x4f127b, 0x812581, 0xb5367a, 0xe55064, 0xfb8761,
                         0xfec287, 0xfcfdbf},
    [WK_COLOUR_EMBER] = {0xfdf6dc, 0xfee0b0, 0xfec287, 0xfb9a6a, 0xef6763, 0xc9406f, 0x952c80,
                         0x5f187f, 0x331067},
    [WK_COLOUR_DIVERGING] = {0x143d78, 0x2f6eb0, 0x6fa6d2, 0xb6d3e6, 0xf1f1ef, 0xf6cbb0, 0xe5936c,
                             0xc3513e, 0x7d1522},
};

wk_colour wk_colour_hex(unsigned hex)
{
    wk_colour colour = {(hex >> 16 & 255) / 255.0, (hex >> 8 & 255) / 255.0, (hex & 255) / 255.0};
    return colour;
}

static double between(double a, double b, double fraction)
{
    return a + (b - a) * fraction;
}

wk_colour wk_colour_at(wk_colour_map map, double value)
{
    if (isnan(value))
        return wk_colour_hex(0xb4b4b4);
    if (map == WK_COLOUR_GRAY) { /* exact: a level is the value */
        double level = fmin(fmax(value, 0), 1);
        return (wk_colour){level, level, level};
    }
    double place = fmin(fmax(value, 0), 1) * (KNOTS - 1);
    int knot = place < KNOTS - 1 ? (int)place : KNOTS - 2;
    wk_colour a = wk_colour_hex(knots[map][knot]), b = wk_colour_hex(knots[map][knot + 1]);
    double fraction = place - knot;
    wk_colour colour = {between(a.red, b.red, fraction), between(a.green, b.green, fraction),
                        between(a.blue, b.blue, fraction)};
    return colour;
}

static double linear(double value)
{
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

double wk_colour_luminance(wk_colour colour)
{
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) +
           0.0722 * linear(colour.blue);
}
