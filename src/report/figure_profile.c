#include "figure_profile.h"

#include <math.h>
#include <stdio.h>

enum { LISTED = 3 };

static double shown(double value, int logarithmic)
{
    if (!logarithmic)
        return isfinite(value) ? value : (double)NAN;
    return isfinite(value) && value > 0 ? log10(value) : (double)NAN;
}

static double error_of(const wk_profile_line *line, size_t index)
{
    double error = line->errors ? line->errors[index] : 0;
    return isfinite(error) && error > 0 ? error : 0;
}

wk_profile_reach wk_profile_reach_start(double level, int logarithmic)
{
    double value = shown(level, logarithmic);
    wk_profile_reach reach = {value, value, 0, 0};
    return reach;
}

static void widen(wk_profile_reach *reach, double value)
{
    if (reach->cut > 0)
        value = value > reach->cut ? reach->cut : value < -reach->cut ? -reach->cut : value;
    reach->low = fmin(reach->low, value);
    reach->high = fmax(reach->high, value);
}

static void add_line(wk_profile_reach *reach, const wk_profile *profile,
                     const wk_profile_line *line)
{
    for (size_t k = 0; k < line->count; k++) {
        double value = shown(line->y[k], profile->logarithmic);
        double error = profile->logarithmic ? 0 : fmin(error_of(line, k), 2 * reach->largest);
        widen(reach, value - error);
        widen(reach, value + error);
    }
}

void wk_profile_reach_add(wk_profile_reach *reach, const wk_profile *profile)
{
    for (int n = 0; n < profile->count; n++)
        for (size_t k = 0; k < profile->lines[n].count; k++)
            reach->largest =
                fmax(reach->largest, fabs(shown(profile->lines[n].y[k], profile->logarithmic)));
    for (int n = 0; n < profile->count; n++)
        add_line(reach, profile, &profile->lines[n]);
    for (size_t k = 0; profile->band && profile->count > 0 && k < profile->lines[0].count; k++) {
        double half = profile->band[k];
        if (!isfinite(half) || (reach->largest > 0 && half > 3 * reach->largest))
            continue;
        widen(reach, -half);
        widen(reach, half);
    }
}

void wk_profile_reach_take(const wk_profile_reach *reach, wk_profile *profile)
{
    double low = reach->low, high = reach->high;
    double big = fmax(fabs(low), fabs(high));
    if (!(high - low > 1e-6 * big)) {
        low -= big > 0 ? big / 2 : 1;
        high += big > 0 ? big / 2 : 1;
    }
    double room = 0.08 * (high - low);
    profile->bottom = low - room;
    profile->top = high + room;
}

static void draw_band(wk_figure *figure, const wk_profile *profile, const wk_scale *x,
                      const wk_scale *y)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    const wk_profile_line *line = &profile->lines[0];
    for (size_t k = 0; k < line->count; k++) {
        if (!isfinite(profile->band[k]))
            continue;
        double half = fmin(profile->band[k], 2 * fmax(fabs(y->low), fabs(y->high)));
        double left = round(wk_scale_at(x, line->x[k] - 0.5));
        double right = round(wk_scale_at(x, line->x[k] + 0.5));
        double top = wk_scale_at(y, half), bottom = wk_scale_at(y, -half);
        cairo_rectangle(cairo, left, top, right - left, bottom - top);
    }
    wk_figure_colour(figure, WK_INK_FAINT, 0.8);
    cairo_fill(cairo);
}

static int is_beyond(const wk_scale *y, double value)
{
    return value > y->high || value < y->low;
}

static void draw_curve(wk_figure *figure, const wk_profile *profile, const wk_profile_line *line,
                       const wk_scale *x, const wk_scale *y)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    int joined = 0;
    for (size_t k = 0; k < line->count; k++) {
        double value = shown(line->y[k], profile->logarithmic);
        if (isnan(value) || is_beyond(y, value)) {
            joined = 0;
            continue;
        }
        double place = wk_scale_at(x, line->x[k]), height = wk_scale_at(y, value);
        if (joined)
            cairo_line_to(cairo, place, height);
        else
            cairo_move_to(cairo, place, height);
        joined = 1;
    }
    wk_figure_colour(figure, line->colour, line->dots ? 0.5 : 0.9);
    cairo_set_line_width(cairo, line->dots ? 1.2 : 2);
    cairo_stroke(cairo);
}

/* A value off the scale is a triangle at the edge that it is behind. */
static void draw_beyond(wk_figure *figure, double x, const wk_scale *y, int above)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    double edge = above ? y->end + 1 : y->start - 1, back = above ? 11 : -11;
    cairo_move_to(cairo, x, edge);
    cairo_line_to(cairo, x - 7, edge + back);
    cairo_line_to(cairo, x + 7, edge + back);
    cairo_close_path(cairo);
    cairo_fill(cairo);
}

/* The first few of the values off the scale, in the corner that few curves reach. */
static void say_beyond(wk_figure *figure, wk_box box, const wk_profile *profile, const wk_scale *y)
{
    char text[128] = "", number[32];
    int found = 0;
    size_t used = 0;
    for (int n = 0; n < profile->count; n++)
        for (size_t k = 0; k < profile->lines[n].count; k++) {
            double value = shown(profile->lines[n].y[k], profile->logarithmic);
            if (!is_beyond(y, value) || ++found > LISTED)
                continue;
            wk_number_text(number, sizeof number, profile->lines[n].y[k], 3);
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s",
                                     used > 0 ? ", " : "off scale: ", number);
        }
    if (found > LISTED)
        snprintf(text + used, sizeof text - used, ", ...");
    wk_figure_font(figure, 0.8 * WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK_WARM, 1);
    wk_figure_text(figure, box.x + box.width - 4, box.y + 18, 1, 0, text);
}

static void draw_dots(wk_figure *figure, const wk_profile *profile, const wk_profile_line *line,
                      const wk_scale *x, const wk_scale *y)
{
    double apart = fabs(x->end - x->start) / fmax((double)line->count, 1);
    double radius = fmin(fmax(0.3 * apart, 1.4), 5);
    wk_figure_colour(figure, line->colour, 0.9);
    for (size_t k = 0; k < line->count; k++) {
        double value = shown(line->y[k], profile->logarithmic), error = error_of(line, k);
        if (isnan(value))
            continue;
        double place = wk_scale_at(x, line->x[k]), height = wk_scale_at(y, value);
        if (is_beyond(y, value)) {
            wk_figure_colour(figure, WK_INK_WARM, 0.9);
            draw_beyond(figure, place, y, value > y->high);
            wk_figure_colour(figure, line->colour, 0.9);
            continue;
        }
        error = fmin(error, 4 * (y->high - y->low));
        if (error > 0 && !profile->logarithmic)
            wk_figure_line(figure, place, wk_scale_at(y, value - error), place,
                           wk_scale_at(y, value + error), fmin(1.6, 0.7 * radius));
        wk_figure_disc(figure, place, height, radius);
    }
}

static int any_value(const wk_profile *profile)
{
    for (int n = 0; n < profile->count; n++)
        for (size_t k = 0; k < profile->lines[n].count; k++)
            if (!isnan(shown(profile->lines[n].y[k], profile->logarithmic)))
                return 1;
    return 0;
}

static void draw_inside(wk_figure *figure, wk_box box, const wk_profile *profile, const wk_scale *x,
                        const wk_scale *y)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    double level = wk_scale_at(y, shown(profile->level, profile->logarithmic));
    cairo_save(cairo);
    cairo_rectangle(cairo, box.x, box.y, box.width, box.height);
    cairo_clip(cairo);
    if (profile->band && profile->count > 0)
        draw_band(figure, profile, x, y);
    wk_figure_colour(figure, WK_INK_SOFT, any_value(profile) ? 0.8 : 0);
    wk_figure_line(figure, box.x, level, box.x + box.width, level, 0.8);
    for (int k = 0; k < profile->count; k++) {
        draw_curve(figure, profile, &profile->lines[k], x, y);
        if (profile->lines[k].dots)
            draw_dots(figure, profile, &profile->lines[k], x, y);
    }
    cairo_restore(cairo);
}

void wk_profile_draw(wk_figure *figure, wk_box box, const wk_profile *profile)
{
    wk_scale x = {profile->low, profile->high, box.x, box.x + box.width};
    wk_scale y = {profile->bottom, profile->top, box.y + box.height, box.y};
    wk_figure_font(figure, WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, box.x, box.y - 11, 0, 1, profile->title);
    draw_inside(figure, box, profile, &x, &y);
    say_beyond(figure, box, profile, &y);
    if (!any_value(profile))
        wk_figure_message(figure, box, "no values");
    wk_axis_below(figure, box, &x, profile->ticks, profile->across, profile->unit);
    if (profile->logarithmic)
        wk_axis_left_powers(figure, box, &y, profile->upward);
    else
        wk_axis_left(figure, box, &y, 6, profile->upward, NULL);
}

static double write_entry(wk_figure *figure, double x, double y, const char *text)
{
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, x + 40, y, 0, 0.5, text);
    return x + 40 + wk_figure_text_width(figure, text) + 28;
}

double wk_profile_explain(wk_figure *figure, double x, double y, const wk_profile_line *line)
{
    wk_figure_font(figure, 0.9 * WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, line->colour, 0.9);
    if (line->dots) {
        wk_figure_line(figure, x + 14, y - 10, x + 14, y + 10, 1.6);
        wk_figure_disc(figure, x + 14, y, 5);
    } else {
        wk_figure_line(figure, x, y, x + 28, y, 2);
    }
    return write_entry(figure, x, y, line->name);
}

double wk_profile_explain_band(wk_figure *figure, double x, double y, const char *name)
{
    wk_box patch = {x, y - 8, 28, 17};
    wk_figure_font(figure, 0.9 * WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK_FAINT, 0.8);
    wk_figure_rectangle(figure, patch);
    wk_figure_colour(figure, WK_INK_SOFT, 0.8);
    wk_figure_line(figure, x, y, x + 28, y, 0.8);
    return write_entry(figure, x, y, name);
}
