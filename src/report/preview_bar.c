/* The colour bar of a preview, for any stretch. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "figure_axis.h"
#include "preview_panel.h"

enum { TEXT = 128, LEVELS = 256 };

static const double bar_width = 22, bar_gap = 26, mark = 7, gap = 7;
/* how far a round number's shade may lie from where a tick was wanted */
static const double slack = 0.035;

static double value_at(const wk_stretch *stretch, double shade)
{
    double low = stretch->low, high = wk_stretch_top(stretch);
    for (int k = 0; k < 100; k++) {
        double middle = low + (high - low) / 2;
        if (wk_stretch_at(stretch, middle) < shade)
            low = middle;
        else
            high = middle;
    }
    return high;
}

double wk_preview_round(double *step, const wk_stretch *stretch, double shade)
{
    static const double leads[] = {5, 2, 1};
    double value = value_at(stretch, shade), top = wk_stretch_top(stretch);
    double power = pow(10, ceil(log10(fmax(fabs(stretch->low), fabs(top)))));
    for (int decade = 0; decade < 16; decade++, power /= 10)
        for (int k = 0; k < 3; k++) {
            *step = leads[k] * power;
            double round_value = round(value / *step) * *step;
            int inside = round_value >= stretch->low && round_value <= top;
            if (inside && fabs(wk_stretch_at(stretch, round_value) - shade) <= slack)
                return round_value == 0 ? 0 : round_value;
        }
    return value;
}

static void label(char text[TEXT], double value, double step)
{
    int digit = (int)floor(log10(step) + 1e-9);
    int size = value == 0 ? digit : (int)floor(log10(fabs(value)) + 1e-9);
    if (value != 0 && (size > 6 || digit < -5))
        wk_number_text(text, TEXT, value, size - digit + 1 > 1 ? size - digit + 1 : 1);
    else
        wk_fixed_text(text, TEXT, value, digit < 0 ? -digit : 0);
}

static void fill(wk_figure *figure, wk_box bar, const wk_preview_options *options)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    cairo_pattern_t *pattern = cairo_pattern_create_linear(0, bar.y + bar.height, 0, bar.y);
    for (int k = 0; k < LEVELS; k++) {
        double shade = (double)k / (LEVELS - 1);
        wk_colour colour = wk_preview_colour(options, shade);
        cairo_pattern_add_color_stop_rgb(pattern, shade, colour.red, colour.green, colour.blue);
    }
    cairo_rectangle(cairo, bar.x, bar.y, bar.width, bar.height);
    cairo_set_source(cairo, pattern);
    cairo_fill(cairo);
    cairo_pattern_destroy(pattern);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_frame(figure, bar, 1);
}

/* The unit of all images, when they agree. */
static const char *unit_of(const wk_preview *preview)
{
    const char *unit = preview->panels[0].image.unit;
    for (size_t k = 1; unit && k < preview->count; k++) {
        const char *other = preview->panels[k].image.unit;
        unit = other && strcmp(other, unit) == 0 ? unit : NULL;
    }
    return unit && *unit ? unit : NULL;
}

void wk_preview_bar(wk_figure *figure, wk_box box, const wk_preview *preview)
{
    char text[TEXT], last[TEXT] = "";
    wk_box bar = {box.x + bar_gap, box.y, bar_width, box.height};
    double widest = 0, step, right = bar.x + bar.width;
    int ticks = (int)fmin(fmax(bar.height / 90, 2), 8);
    fill(figure, bar, &preview->options);
    wk_figure_font(figure, WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK, 1);
    for (int k = 0; k <= ticks; k++) {
        double value = wk_preview_round(&step, &preview->stretch, (double)k / ticks);
        double y = bar.y + bar.height * (1 - wk_stretch_at(&preview->stretch, value));
        label(text, value, step);
        if (strcmp(text, last) == 0)
            continue;
        wk_figure_line(figure, right, y, right + mark, y, 1);
        wk_figure_text(figure, right + mark + gap, y, 0, 0.5, text);
        widest = fmax(widest, wk_figure_text_width(figure, text));
        snprintf(last, sizeof last, "%s", text);
    }
    const char *unit = unit_of(preview);
    snprintf(text, sizeof text, unit ? "pixel value (%s)" : "pixel value", unit);
    wk_figure_text_upward(figure, right + mark + gap + widest + 14, bar.y + bar.height / 2, 0.5, 0,
                          text);
}
