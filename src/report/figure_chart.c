#include "figure_chart.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "memory.h"

static double error_of(const wk_stems *stems, size_t index)
{
    double error = stems->errors ? stems->errors[index] : 0;
    return isfinite(error) ? error : 0;
}

/* Zero, all values, and the error bars as far as they do not dwarf the values. */
static wk_scale value_scale(const wk_stems *stems, wk_box box)
{
    double low = 0, high = 0, largest = 0;
    for (size_t k = 0; k < stems->count; k++)
        if (isfinite(stems->values[k]))
            largest = fmax(largest, fabs(stems->values[k]));
    for (size_t k = 0; k < stems->count; k++) {
        double error = fmin(error_of(stems, k), 2 * largest);
        if (!isfinite(stems->values[k]))
            continue;
        low = fmin(low, stems->values[k] - error);
        high = fmax(high, stems->values[k] + error);
    }
    double room = 0.08 * (high - low);
    if (!(room > 0))
        room = 1;
    wk_scale scale = {low - room, high + room, box.y + box.height, box.y};
    return scale;
}

static void draw_stem(wk_figure *figure, const wk_stems *stems, const wk_scale *y, size_t index,
                      double x, double radius)
{
    double value = stems->values[index], error = error_of(stems, index);
    if (!isfinite(value))
        return;
    double place = wk_scale_at(y, value);
    wk_figure_colour(figure, stems->colour, 0.4);
    wk_figure_line(figure, x, wk_scale_at(y, 0), x, place, fmin(1.2, 0.5 * radius));
    wk_figure_colour(figure, stems->colour, 0.9);
    if (error > 0) {
        double low = wk_scale_at(y, value - error), high = wk_scale_at(y, value + error);
        if (low - high > 2 * radius)
            wk_figure_line(figure, x, low, x, high, fmin(1.6, 0.7 * radius));
    }
    wk_figure_disc(figure, x, place, radius);
}

static void draw_title(wk_figure *figure, wk_box box, wk_colour colour, const char *title)
{
    wk_figure_font(figure, WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, colour, 1);
    wk_figure_text(figure, box.x, box.y - 11, 0, 1, title);
}

static void clip_to(wk_figure *figure, wk_box box)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    cairo_save(cairo);
    cairo_rectangle(cairo, box.x, box.y, box.width, box.height);
    cairo_clip(cairo);
}

void wk_stems_draw(wk_figure *figure, wk_box box, const wk_stems *stems)
{
    double count = (double)stems->count;
    wk_scale y = value_scale(stems, box);
    wk_scale x = {0.5, count + 0.5, box.x, box.x + box.width};
    double radius = fmin(fmax(0.3 * box.width / fmax(count, 1), 1.4), 5);
    double zero = wk_scale_at(&y, 0);
    wk_figure_colour(figure, WK_INK_SOFT, 0.8);
    wk_figure_line(figure, box.x, zero, box.x + box.width, zero, 0.8);
    clip_to(figure, box);
    for (size_t k = 0; k < stems->count; k++)
        draw_stem(figure, stems, &y, k, wk_scale_at(&x, (double)k + 1), radius);
    cairo_restore(wk_figure_cairo(figure));
    wk_axis_left(figure, box, &y, 5, stems->name, stems->unit);
    if (stems->places)
        wk_axis_below(figure, box, &x, count < 12 ? (int)count + 1 : 12, stems->places, NULL);
    draw_title(figure, box, stems->colour, stems->title);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Twice the range of the middle 98 per cent, if the rest reaches beyond that. */
static void bulk(const double *sorted, size_t count, double *low, double *high)
{
    *low = sorted[0];
    *high = sorted[count - 1];
    size_t tail = count / 100;
    double first = sorted[tail], last = sorted[count - 1 - tail], room = (last - first) / 2;
    if (last > first) {
        *low = fmax(*low, first - room);
        *high = fmin(*high, last + room);
    }
    wk_range_widen(low, high);
}

static void sort_in(wk_bins *bins, const double *sorted, size_t count)
{
    double width = (bins->high - bins->low) / bins->size;
    for (size_t k = 0; k < count; k++) {
        int bin = (int)fmin((sorted[k] - bins->low) / width, bins->size - 1);
        if (sorted[k] < bins->low)
            bins->below++;
        else if (sorted[k] > bins->high)
            bins->above++;
        else
            bins->counts[bin]++;
    }
}

wk_status wk_bins_count(wk_bins *bins, const double *values, size_t count, wk_error *error)
{
    size_t finite = 0;
    *bins = (wk_bins){.high = 1, .size = 1};
    double *sorted = wk_memory_raw(count, sizeof *sorted, error);
    if (!sorted)
        return WK_MEMORY;
    for (size_t k = 0; k < count; k++)
        if (isfinite(values[k]))
            sorted[finite++] = values[k];
    qsort(sorted, finite, sizeof *sorted, ascending);
    bins->total = (int64_t)finite;
    bins->size = (int)fmin(fmax(2 * cbrt((double)finite), 8), 80);
    bins->counts = wk_memory_new((size_t)bins->size, sizeof *bins->counts, error);
    if (bins->counts && finite > 0) {
        bulk(sorted, finite, &bins->low, &bins->high);
        sort_in(bins, sorted, finite);
    }
    wk_memory_free(sorted);
    return bins->counts ? WK_OK : WK_MEMORY;
}

static double bell_at(const wk_bins *bins, const wk_bell *bell, double value)
{
    double width = (bins->high - bins->low) / bins->size;
    double place = (value - bell->mean) / bell->stddev;
    return (double)bins->total * width / bell->stddev * exp(-0.5 * place * place) /
           2.5066282746310002;
}

/* Less than one value is below the end of a logarithmic axis. */
static double height_of(const wk_scale *y, int logarithmic, double count)
{
    if (logarithmic)
        count = count > 0 ? fmax(log10(count), y->low - 1) : y->low - 1;
    return wk_scale_at(y, count);
}

static void draw_bell(wk_figure *figure, const wk_bins *bins, const wk_bell *bell,
                      const wk_scale *x, const wk_scale *y, int logarithmic)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    for (int k = 0; k <= 400; k++) {
        double value = x->low + (x->high - x->low) * k / 400;
        cairo_line_to(cairo, wk_scale_at(x, value),
                      height_of(y, logarithmic, bell_at(bins, bell, value)));
    }
    wk_figure_colour(figure, bell->colour, 0.9);
    cairo_set_line_width(cairo, 1.6);
    cairo_stroke(cairo);
}

/* Narrow bars touch: gaps as wide as a pixel would flicker with the magnification. */
static void draw_bars(wk_figure *figure, const wk_bins *bins, const wk_scale *x, const wk_scale *y,
                      int logarithmic)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    double width = (bins->high - bins->low) / bins->size;
    for (int k = 0; k < bins->size; k++) {
        double left = wk_scale_at(x, bins->low + k * width);
        double right = wk_scale_at(x, bins->low + (k + 1) * width);
        double top = fmin(height_of(y, logarithmic, (double)bins->counts[k]), y->start);
        double room = right - left > 8 ? 0.5 : 0;
        cairo_rectangle(cairo, left + room, top, right - left - 2 * room, y->start - top);
    }
    cairo_fill(cairo);
}

static void say_outside(wk_figure *figure, wk_box box, const wk_bins *bins)
{
    char count[32], text[64];
    if (bins->below + bins->above == 0)
        return;
    wk_count_text(count, sizeof count, (size_t)(bins->below + bins->above));
    snprintf(text, sizeof text, "%s outside", count);
    wk_figure_font(figure, 0.85 * WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_text(figure, box.x + box.width, box.y - 11, 1, 1, text);
}

/* Bells much narrower than the histogram may be cut off: it shall not shrink to nothing. */
static wk_scale count_scale(wk_box box, const wk_bins *bins, const wk_bins_style *style)
{
    double most = 0, peak = 0;
    for (int k = 0; k < bins->size; k++)
        most = fmax(most, (double)bins->counts[k]);
    for (int k = 0; k < style->bell_count; k++)
        peak = fmax(peak, bell_at(bins, &style->bells[k], style->bells[k].mean));
    most = fmax(most > 0 ? fmax(most, fmin(peak, 4 * most)) : peak, 1);
    wk_scale scale = {0, 1.08 * most, box.y + box.height, box.y};
    if (style->logarithmic) {
        scale.low = -0.30102999566398120; /* half a value */
        scale.high = 1.05 * log10(most) + 0.1;
    }
    return scale;
}

void wk_bins_draw(wk_figure *figure, wk_box box, const wk_bins *bins, const wk_bins_style *style)
{
    double room = 0.03 * (bins->high - bins->low);
    wk_scale x = {bins->low - room, bins->high + room, box.x, box.x + box.width};
    wk_scale y = count_scale(box, bins, style);
    draw_title(figure, box, style->colour, style->title);
    say_outside(figure, box, bins);
    if (bins->total == 0)
        wk_figure_message(figure, box, "no values");
    clip_to(figure, box);
    wk_figure_colour(figure, style->colour, 0.75);
    draw_bars(figure, bins, &x, &y, style->logarithmic);
    for (int k = 0; k < style->bell_count && bins->total > 0; k++)
        draw_bell(figure, bins, &style->bells[k], &x, &y, style->logarithmic);
    cairo_restore(wk_figure_cairo(figure));
    wk_axis_below(figure, box, &x, 5, style->name, style->unit);
    if (style->logarithmic)
        wk_axis_left_powers(figure, box, &y, style->counted);
    else
        wk_axis_left(figure, box, &y, 5, style->counted, NULL);
}
