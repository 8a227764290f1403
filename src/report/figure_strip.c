#include "figure_strip.h"

#include <math.h>
#include <stdio.h>

enum { TEXT = 256, NAMED = 6 };

static const double apart = 26;

wk_box wk_strips_box(wk_box box, const wk_strips *strips, int index)
{
    double height = floor((box.height + apart) / strips->strip_count - apart);
    wk_box strip = {box.x, box.y + index * (height + apart), box.width, height};
    return strip;
}

static double error_of(const wk_strip *strip, size_t index)
{
    double error = strip->errors[index];
    return isfinite(error) && error > 0 ? error : 0;
}

static double largest_value(const wk_strip *strip, size_t count)
{
    double largest = 0;
    for (size_t k = 0; k < count; k++)
        if (isfinite(strip->values[k]))
            largest = fmax(largest, fabs(strip->values[k]));
    return largest;
}

/* low > high without any value. */
static void find_range(const wk_strip *strip, size_t count, double *low, double *high)
{
    double largest = largest_value(strip, count);
    *low = isfinite(strip->mean) ? strip->mean : (double)INFINITY;
    *high = isfinite(strip->mean) ? strip->mean : -(double)INFINITY;
    for (size_t k = 0; k < count; k++) {
        double error = fmin(error_of(strip, k), 2 * largest);
        if (!isfinite(strip->values[k]))
            continue;
        *low = fmin(*low, strip->values[k] - error);
        *high = fmax(*high, strip->values[k] + error);
    }
}

wk_scale wk_strip_scale(wk_box box, const wk_strip *strip, size_t count)
{
    double low, high;
    find_range(strip, count, &low, &high);
    if (!(low <= high))
        low = high = 0;
    double width = high - low;
    if (low - width <= 0 && high + width >= 0) {
        low = fmin(low, 0);
        high = fmax(high, 0);
    }
    wk_range_widen(&low, &high);
    double room = 0.1 * (high - low);
    wk_scale scale = {low - room, high + room, box.y + box.height, box.y};
    return scale;
}

static void clip_to(wk_figure *figure, wk_box box)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    cairo_save(cairo);
    cairo_rectangle(cairo, box.x, box.y, box.width, box.height);
    cairo_clip(cairo);
}

static void draw_level(wk_figure *figure, wk_box box, const wk_scale *y, double value, double width)
{
    if (value > y->low && value < y->high) {
        double place = wk_scale_at(y, value);
        wk_figure_line(figure, box.x, place, box.x + box.width, place, width);
    }
}

static void draw_value(wk_figure *figure, const wk_strip *strip, const wk_scale *y, size_t index,
                       double x, double radius)
{
    double value = strip->values[index];
    double error = fmin(error_of(strip, index), 4 * (y->high - y->low));
    if (!isfinite(value))
        return;
    if (error > 0)
        wk_figure_line(figure, x, wk_scale_at(y, value - error), x, wk_scale_at(y, value + error),
                       fmin(1.6, 0.7 * radius));
    wk_figure_disc(figure, x, wk_scale_at(y, value), radius);
}

static int is_marked(const wk_strips *strips, size_t index)
{
    return strips->marked && strips->marked[index];
}

static void draw_marks(wk_figure *figure, wk_box box, const wk_strips *strips, const wk_scale *x)
{
    double slot = box.width / (double)strips->count;
    double width = fmin(fmax(0.9 * slot, 2), 40);
    wk_figure_colour(figure, WK_INK_WARM, 0.13);
    for (size_t k = 0; k < strips->count; k++) {
        wk_box column = {wk_scale_at(x, (double)k + 1) - width / 2, box.y, width, box.height};
        if (is_marked(strips, k))
            wk_figure_rectangle(figure, column);
    }
}

static void draw_strip(wk_figure *figure, wk_box box, const wk_strips *strips, int index,
                       const wk_scale *x)
{
    const wk_strip *strip = &strips->strips[index];
    wk_scale y = wk_strip_scale(box, strip, strips->count);
    double radius = fmin(fmax(0.3 * box.width / (double)strips->count, 1.4), 5);
    clip_to(figure, box);
    draw_marks(figure, box, strips, x);
    wk_figure_colour(figure, WK_INK_SOFT, 0.8);
    draw_level(figure, box, &y, 0, 0.8);
    wk_figure_colour(figure, WK_INK_COOL, 0.5);
    draw_level(figure, box, &y, strip->mean, 2);
    for (size_t k = 0; k < strips->count; k++) {
        wk_figure_colour(figure, is_marked(strips, k) ? WK_INK_WARM : WK_INK_COOL, 0.9);
        draw_value(figure, strip, &y, k, wk_scale_at(x, (double)k + 1), radius);
    }
    cairo_restore(wk_figure_cairo(figure));
    wk_axis_left(figure, box, &y, 4, NULL, NULL);
    wk_figure_font(figure, 0.9 * WK_TEXT_SIZE, 0);
    wk_figure_text(figure, box.x + box.width + 12, box.y + box.height / 2, 0, 0.5, strip->name);
}

/* The numbers of marked images above their columns, leaving out what would touch the one before. */
static void number_marks(wk_figure *figure, wk_box box, const wk_strips *strips, const wk_scale *x)
{
    char text[32];
    double end = -INFINITY;
    wk_figure_font(figure, 0.85 * WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK_WARM, 1);
    for (size_t k = 0; k < strips->count; k++) {
        if (!is_marked(strips, k))
            continue;
        wk_count_text(text, sizeof text, k + 1);
        double width = wk_figure_text_width(figure, text), middle = wk_scale_at(x, (double)k + 1);
        if (middle - width / 2 < end + 6)
            continue;
        wk_figure_text(figure, middle, box.y - 7, 0.5, 1, text);
        end = middle + width / 2;
    }
}

static void name_places(wk_figure *figure, wk_box last, const wk_strips *strips, const wk_scale *x)
{
    char text[TEXT];
    double room = last.width / (double)strips->count - 16;
    wk_axis_below(figure, last, x, (int)strips->count, NULL, NULL);
    wk_figure_font(figure, 0.9 * WK_TEXT_SIZE, 0);
    for (size_t k = 0; k < strips->count; k++) {
        wk_figure_text_shorten(figure, text, sizeof text, strips->names[k], room);
        wk_figure_colour(figure, is_marked(strips, k) ? WK_INK_WARM : WK_INK, 1);
        wk_figure_text(figure, wk_scale_at(x, (double)k + 1), last.y + last.height + 46, 0.5, 0,
                       text);
    }
}

void wk_strips_draw(wk_figure *figure, wk_box box, const wk_strips *strips)
{
    double count = (double)strips->count;
    wk_scale x = {0.5, count + 0.5, box.x, box.x + box.width};
    wk_box last = wk_strips_box(box, strips, strips->strip_count - 1);
    for (int k = 0; k < strips->strip_count; k++)
        draw_strip(figure, wk_strips_box(box, strips, k), strips, k, &x);
    number_marks(figure, box, strips, &x);
    if (strips->names && strips->count <= NAMED)
        name_places(figure, last, strips, &x);
    else
        wk_axis_below(figure, last, &x, count < 12 ? (int)count : 12, strips->places, NULL);
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, box.x, box.y - 34, 0, 1, strips->title);
}

/* Bars stand on zero, so it always is on their scale. */
static wk_scale bar_scale(wk_box box, const wk_strips *strips)
{
    double low = 0, high = 0;
    for (int k = 0; k < strips->strip_count; k++) {
        double first, last;
        find_range(&strips->strips[k], 1, &first, &last);
        if (first <= last) {
            low = fmin(low, first);
            high = fmax(high, last);
        }
    }
    wk_range_widen(&low, &high);
    double room = 0.1 * (high - low);
    wk_scale scale = {low - room, high + room, box.y + box.height, box.y};
    return scale;
}

static void draw_bar(wk_figure *figure, const wk_strip *strip, const wk_scale *y, double x,
                     double width)
{
    double value = strip->values[0], error = fmin(error_of(strip, 0), 4 * (y->high - y->low));
    double zero = wk_scale_at(y, 0), place = wk_scale_at(y, value);
    if (!isfinite(value))
        return;
    wk_box bar = {x - width / 2, fmin(zero, place), width, fabs(zero - place)};
    wk_figure_colour(figure, WK_INK_COOL, 0.75);
    wk_figure_rectangle(figure, bar);
    wk_figure_colour(figure, WK_INK, 0.9);
    if (error > 0)
        wk_figure_line(figure, x, wk_scale_at(y, value - error), x, wk_scale_at(y, value + error),
                       1.6);
}

void wk_strips_draw_bars(wk_figure *figure, wk_box box, const wk_strips *strips, const char *name)
{
    wk_scale y = bar_scale(box, strips);
    double slot = box.width / strips->strip_count, zero = wk_scale_at(&y, 0);
    clip_to(figure, box);
    for (int k = 0; k < strips->strip_count; k++)
        draw_bar(figure, &strips->strips[k], &y, box.x + (k + 0.5) * slot, 0.5 * slot);
    cairo_restore(wk_figure_cairo(figure));
    wk_figure_colour(figure, WK_INK_SOFT, 0.8);
    wk_figure_line(figure, box.x, zero, box.x + box.width, zero, 0.8);
    wk_axis_left(figure, box, &y, 6, name, NULL);
    wk_figure_font(figure, 0.9 * WK_TEXT_SIZE, 0);
    for (int k = 0; k < strips->strip_count; k++) {
        double x = box.x + (k + 0.5) * slot;
        wk_figure_text(figure, x, box.y + box.height + 14, 0.5, 0, strips->strips[k].name);
        if (!isfinite(strips->strips[k].values[0]))
            wk_figure_text(figure, x, zero - 10, 0.5, 1, "none");
    }
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    wk_figure_text(figure, box.x, box.y - 16, 0, 1, strips->title);
}
