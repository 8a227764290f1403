/* Axes: nice ticks, numbers as text, frames, colour bars. */
#ifndef WELKIN_REPORT_FIGURE_AXIS_H
#define WELKIN_REPORT_FIGURE_AXIS_H

#include "figure.h"

/* Values at first, first + step, ...: multiples of 1, 2 or 5 times a power of ten. */
typedef struct wk_ticks {
    double first, step;
    int count;
    int decimals; /* that tell neighbouring ticks apart */
    int exponent; /* labels are divided by 10^exponent; 0 unless numbers are large or small */
} wk_ticks;

/* From value low at pixel start to value high at pixel end; low may exceed high. */
typedef struct wk_scale {
    double low, high, start, end;
} wk_scale;

/* At most `most` + 1 ticks within low..high (low < high, both finite). */
wk_ticks wk_ticks_nice(double low, double high, int most);

double wk_ticks_value(const wk_ticks *ticks, int index);

/* The label of a tick, with a minus sign, not a hyphen. */
void wk_ticks_label(char *text, size_t size, const wk_ticks *ticks, int index);

/* " (unit)", " (10⁻³ unit)" or what else belongs behind an axis's name. */
void wk_ticks_unit(char *text, size_t size, const wk_ticks *ticks, const char *unit);

/* Make an empty or tiny range wide enough to carry ticks. */
void wk_range_widen(double *low, double *high);

/* A number with so many significant digits: "0.00312", "1234", "4.1×10⁻⁷". */
void wk_number_text(char *text, size_t size, double value, int digits);

/* A number with so many decimals. */
void wk_fixed_text(char *text, size_t size, double value, int decimals);

/* A count with its thousands apart: "1000", "100,000". */
void wk_count_text(char *text, size_t size, size_t count);

double wk_scale_at(const wk_scale *scale, double value);

/* Axes along the lower and left side of a box: tick marks outside, labels, names. NULL name: none.
 * unit NULL: a pure number.  most: how many ticks. */
void wk_axis_below(wk_figure *figure, wk_box box, const wk_scale *scale, int most, const char *name,
                   const char *unit);
void wk_axis_left(wk_figure *figure, wk_box box, const wk_scale *scale, int most, const char *name,
                  const char *unit);

/* The left axis of counts on a logarithmic scale: scale holds the powers of ten. */
void wk_axis_left_powers(wk_figure *figure, wk_box box, const wk_scale *scale, const char *name);

/* A vertical colour bar; its labels stand at the right.  The colours are as they look drawn with
 * alpha on white.  beyond: bit 1 low, bit 2 high: values beyond that end were drawn, too. */
void wk_colour_bar(wk_figure *figure, wk_box box, wk_colour_map map, double alpha, double low,
                   double high, int beyond, const char *name, const char *unit);

/* The same of a quantity whose decimal logarithm runs from low to high. */
void wk_colour_bar_powers(wk_figure *figure, wk_box box, wk_colour_map map, double low, double high,
                          int beyond, const char *name, const char *unit);

#endif
