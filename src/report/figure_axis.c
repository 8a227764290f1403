#include "figure_axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABEL = 64, MOST = 64 };

static const double mark = 7, gap = 7;

static double nice_step(double raw)
{
    double power = pow(10, floor(log10(raw)));
    double lead = raw / power;
    double nice = lead <= 1.0000001 ? 1 : lead <= 2.0000001 ? 2 : lead <= 5.0000001 ? 5 : 10;
    return nice * power;
}

static int whole_log10(double value)
{
    return (int)floor(log10(value) + 1e-9);
}

wk_ticks wk_ticks_nice(double low, double high, int most)
{
    wk_ticks ticks = {0};
    double big = fmax(fabs(low), fabs(high));
    ticks.step = nice_step((high - low) / most);
    double slack = 1e-6 * ticks.step;
    ticks.first = ceil((low - slack) / ticks.step) * ticks.step;
    ticks.count = (int)fmin(floor((high + slack - ticks.first) / ticks.step) + 1, MOST);
    if (big >= 99999.5 || big < 0.00999)
        ticks.exponent = whole_log10(big);
    int decimals = ticks.exponent - whole_log10(ticks.step);
    ticks.decimals = decimals < 0 ? 0 : decimals > 15 ? 15 : decimals;
    return ticks;
}

double wk_ticks_value(const wk_ticks *ticks, int index)
{
    double value = (round(ticks->first / ticks->step) + index) * ticks->step;
    return value == 0 ? 0 : value;
}

static size_t digits_at(const char *text)
{
    return strspn(text, "0123456789");
}

/* printf writes the decimal sign of the caller's locale and a hyphen; here a point, a minus, and
 * commas between the thousands of long numbers. */
static void typeset(char *text, size_t size, const char *number)
{
    size_t used = 0;
    int negative = *number == '-';
    if (negative)
        used = (size_t)snprintf(text, size, "−");
    number += negative;
    size_t whole = digits_at(number);
    for (size_t k = 0; number[k] && used + 3 < size; k++) {
        if (k > 0 && k < whole && whole > 4 && (whole - k) % 3 == 0)
            text[used++] = ',';
        text[used++] = k == whole && digits_at(number + k + 1) ? '.' : number[k];
    }
    text[used] = '\0';
}

void wk_fixed_text(char *text, size_t size, double value, int decimals)
{
    char number[LABEL];
    snprintf(number, sizeof number, "%.*f", decimals, value);
    typeset(text, size, number);
}

void wk_ticks_label(char *text, size_t size, const wk_ticks *ticks, int index)
{
    double value = wk_ticks_value(ticks, index) / pow(10, ticks->exponent);
    wk_fixed_text(text, size, value, ticks->decimals);
}

static void power_text(char *text, size_t size, int exponent)
{
    static const char *const digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char number[16];
    snprintf(number, sizeof number, "%d", exponent);
    snprintf(text, size, "10");
    for (const char *c = number; *c; c++) {
        size_t used = strlen(text);
        snprintf(text + used, size - used, "%s", *c == '-' ? "⁻" : digits[*c - '0']);
    }
}

void wk_ticks_unit(char *text, size_t size, const wk_ticks *ticks, const char *unit)
{
    char power[LABEL] = "";
    if (ticks->exponent)
        power_text(power, sizeof power, ticks->exponent);
    const char *between = *power && unit ? " " : "";
    text[0] = '\0';
    if (*power || unit)
        snprintf(text, size, " (%s%s%s)", power, between, unit ? unit : "");
}

void wk_range_widen(double *low, double *high)
{
    double big = fmax(fabs(*low), fabs(*high));
    double least = fmax(1e-9 * big, 1e-300);
    if (*high - *low >= least)
        return;
    double room = big > 0 ? 1e-3 * big : 1;
    *low -= room;
    *high += room;
}

/* Of the number as it is written: 0.00999 with two digits is 0.010. */
static int rounded_exponent(double value, int digits)
{
    int exponent = whole_log10(value);
    return exponent + (value / pow(10, exponent) >= 10 - 0.5 * pow(10, 1 - digits));
}

void wk_number_text(char *text, size_t size, double value, int digits)
{
    char plain[LABEL], power[LABEL];
    if (!isfinite(value) || value == 0) {
        snprintf(text, size, "%s", value == 0 ? "0" : "unknown");
        return;
    }
    int exponent = rounded_exponent(fabs(value), digits);
    int far = exponent < -4 || exponent > 6;
    int decimals = far ? digits - 1 : digits - 1 - exponent;
    double lead = far ? value / pow(10, exponent) : value;
    wk_fixed_text(plain, sizeof plain, lead, decimals > 0 ? decimals : 0);
    power_text(power, sizeof power, exponent);
    snprintf(text, size, far ? "%s×%s" : "%s", plain, power);
}

void wk_count_text(char *text, size_t size, size_t count)
{
    char number[LABEL];
    snprintf(number, sizeof number, "%zu", count);
    typeset(text, size, number);
}

double wk_scale_at(const wk_scale *scale, double value)
{
    double fraction = (value - scale->low) / (scale->high - scale->low);
    return scale->start + fraction * (scale->end - scale->start);
}

static wk_ticks ticks_of(const wk_scale *scale, int most)
{
    return wk_ticks_nice(fmin(scale->low, scale->high), fmax(scale->low, scale->high), most);
}

static void axis_name(char *text, size_t size, const wk_ticks *ticks, const char *name,
                      const char *unit)
{
    char tail[LABEL];
    wk_ticks_unit(tail, sizeof tail, ticks, unit);
    snprintf(text, size, "%s%s", name, tail);
}

void wk_axis_below(wk_figure *figure, wk_box box, const wk_scale *scale, int most, const char *name,
                   const char *unit)
{
    char text[256];
    double y = box.y + box.height;
    wk_ticks ticks = ticks_of(scale, most);
    wk_figure_font(figure, WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_line(figure, box.x, y, box.x + box.width, y, 1);
    for (int k = 0; k < ticks.count; k++) {
        double x = wk_scale_at(scale, wk_ticks_value(&ticks, k));
        wk_figure_line(figure, x, y, x, y + mark, 1);
        wk_ticks_label(text, sizeof text, &ticks, k);
        wk_figure_text(figure, x, y + mark + gap, 0.5, 0, text);
    }
    if (!name)
        return;
    axis_name(text, sizeof text, &ticks, name, unit);
    wk_figure_text(figure, box.x + box.width / 2, y + 46, 0.5, 0, text);
}

void wk_axis_left(wk_figure *figure, wk_box box, const wk_scale *scale, int most, const char *name,
                  const char *unit)
{
    char text[256];
    double widest = 0;
    wk_ticks ticks = ticks_of(scale, most);
    wk_figure_font(figure, WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_line(figure, box.x, box.y, box.x, box.y + box.height, 1);
    for (int k = 0; k < ticks.count; k++) {
        double y = wk_scale_at(scale, wk_ticks_value(&ticks, k));
        wk_figure_line(figure, box.x - mark, y, box.x, y, 1);
        wk_ticks_label(text, sizeof text, &ticks, k);
        wk_figure_text(figure, box.x - mark - gap, y, 1, 0.5, text);
        widest = fmax(widest, wk_figure_text_width(figure, text));
    }
    if (!name)
        return;
    axis_name(text, sizeof text, &ticks, name, unit);
    double x = box.x - mark - gap - widest - 16;
    wk_figure_text_upward(figure, x, box.y + box.height / 2, 0.5, 1, text);
}

static void power_label(char *text, size_t size, int exponent)
{
    if (exponent > 3)
        power_text(text, size, exponent);
    else
        wk_fixed_text(text, size, pow(10, exponent), 0);
}

void wk_axis_left_powers(wk_figure *figure, wk_box box, const wk_scale *scale, const char *name)
{
    char text[LABEL];
    double widest = 0;
    int first = (int)ceil(scale->low), last = (int)floor(scale->high);
    int step = (int)fmax((last - first + 7) / 8, 1);
    wk_figure_font(figure, WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_line(figure, box.x, box.y, box.x, box.y + box.height, 1);
    for (int power = first; power <= last; power += step) {
        double y = wk_scale_at(scale, power);
        wk_figure_line(figure, box.x - mark, y, box.x, y, 1);
        power_label(text, sizeof text, power);
        wk_figure_text(figure, box.x - mark - gap, y, 1, 0.5, text);
        widest = fmax(widest, wk_figure_text_width(figure, text));
    }
    if (name)
        wk_figure_text_upward(figure, box.x - mark - gap - widest - 16, box.y + box.height / 2, 0.5,
                              1, name);
}

static cairo_pattern_t *ramp(wk_box box, wk_colour_map map, double alpha)
{
    cairo_pattern_t *pattern = cairo_pattern_create_linear(0, box.y + box.height, 0, box.y);
    for (int k = 0; k <= 32; k++) {
        wk_colour colour = wk_colour_at(map, k / 32.0);
        cairo_pattern_add_color_stop_rgba(pattern, k / 32.0, colour.red, colour.green, colour.blue,
                                          alpha);
    }
    return pattern;
}

/* The outline of a bar, with a point at each end beyond which values lie. */
static void bar_path(cairo_t *cairo, wk_box box, int beyond)
{
    double right = box.x + box.width, bottom = box.y + box.height, middle = box.x + box.width / 2;
    cairo_move_to(cairo, box.x, box.y);
    if (beyond & 2)
        cairo_line_to(cairo, middle, box.y - box.width * 0.8);
    cairo_line_to(cairo, right, box.y);
    cairo_line_to(cairo, right, bottom);
    if (beyond & 1)
        cairo_line_to(cairo, middle, bottom + box.width * 0.8);
    cairo_line_to(cairo, box.x, bottom);
    cairo_close_path(cairo);
}

static void bar_fill(wk_figure *figure, wk_box box, wk_colour_map map, double alpha, int beyond)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    cairo_pattern_t *pattern = ramp(box, map, alpha);
    bar_path(cairo, box, beyond);
    cairo_set_source(cairo, pattern);
    cairo_fill_preserve(cairo);
    cairo_pattern_destroy(pattern);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    cairo_set_line_width(cairo, 1);
    cairo_stroke(cairo);
}

/* A tick and its label; returns the label's width. */
static double bar_tick(wk_figure *figure, double right, double y, const char *text)
{
    wk_figure_line(figure, right, y, right + mark, y, 1);
    wk_figure_text(figure, right + mark + gap, y, 0, 0.5, text);
    return wk_figure_text_width(figure, text);
}

static void bar_name(wk_figure *figure, wk_box box, double widest, const char *text)
{
    double x = box.x + box.width + mark + gap + widest + 14;
    wk_figure_text_upward(figure, x, box.y + box.height / 2, 0.5, 0, text);
}

void wk_colour_bar(wk_figure *figure, wk_box box, wk_colour_map map, double alpha, double low,
                   double high, int beyond, const char *name, const char *unit)
{
    char text[256];
    double widest = 0, right = box.x + box.width;
    wk_scale scale = {low, high, box.y + box.height, box.y};
    wk_ticks ticks = ticks_of(&scale, 6);
    bar_fill(figure, box, map, alpha, beyond);
    wk_figure_font(figure, WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK, 1);
    for (int k = 0; k < ticks.count; k++) {
        wk_ticks_label(text, sizeof text, &ticks, k);
        double y = wk_scale_at(&scale, wk_ticks_value(&ticks, k));
        widest = fmax(widest, bar_tick(figure, right, y, text));
    }
    axis_name(text, sizeof text, &ticks, name, unit);
    bar_name(figure, box, widest, text);
}

/* Which multiples of the powers of ten fit on a scale so long. */
static const double *multiples(double decades, int *count)
{
    static const double all[] = {1, 2, 5};
    *count = decades > 2.5 ? 1 : 3;
    return all;
}

void wk_colour_bar_powers(wk_figure *figure, wk_box box, wk_colour_map map, double low, double high,
                          int beyond, const char *name, const char *unit)
{
    char text[256];
    int count;
    double widest = 0, right = box.x + box.width;
    wk_scale scale = {low, high, box.y + box.height, box.y};
    const double *lead = multiples(high - low, &count);
    bar_fill(figure, box, map, 1, beyond);
    wk_figure_font(figure, WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK, 1);
    for (int power = (int)floor(low); power <= (int)ceil(high); power++)
        for (int k = 0; k < count; k++) {
            double value = power + log10(lead[k]);
            if (value < low - 1e-6 || value > high + 1e-6)
                continue;
            wk_number_text(text, sizeof text, lead[k] * pow(10, power), 1);
            widest = fmax(widest, bar_tick(figure, right, wk_scale_at(&scale, value), text));
        }
    snprintf(text, sizeof text, unit ? "%s (%s)" : "%s", name, unit);
    bar_name(figure, box, widest, text);
}
