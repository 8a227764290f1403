#include "figure_sky.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { LABELLED = 40, MIDDLE = 4, CANDIDATES = 5, MANY = 10000 };

static const double alpha = 0.66;

/* A view laid into a box of the canvas. */
typedef struct sheet {
    wk_figure *figure;
    cairo_t *cairo;
    const wk_sky_view *view;
    wk_box box;
    double scale;     /* canvas units a degree */
    double middle[2]; /* degrees, at the middle of the box */
} sheet;

static sheet lay(wk_figure *figure, wk_box box, const wk_sky_view *view)
{
    sheet s = {figure, figure ? wk_figure_cairo(figure) : NULL, view, box, 1, {0, 0}};
    double width = view->high[0] - view->low[0], height = view->high[1] - view->low[1];
    double fit = fmin(box.width / width, box.height / height);
    s.scale = isfinite(fit) ? 0.92 * fit : 1;
    for (int c = 0; c < 2; c++)
        s.middle[c] = (view->low[c] + view->high[c]) / 2;
    return s;
}

static void to_canvas(const sheet *s, const double xy[2], double *x, double *y)
{
    *x = s->box.x + s->box.width / 2 - (xy[0] - s->middle[0]) * s->scale;
    *y = s->box.y + s->box.height / 2 - (xy[1] - s->middle[1]) * s->scale;
}

/* In the equal-area view a shape that holds the point opposite the centre is what its outline
 * leaves of the whole disc. */
static void add_disc(const sheet *s)
{
    double x, y, origin[2] = {0, 0};
    to_canvas(s, origin, &x, &y);
    double radius = 2 * 57.29577951308232 * s->scale;
    cairo_new_sub_path(s->cairo);
    cairo_arc(s->cairo, x, y, radius, 0, 6.283185307179586);
}

/* An outline on its way into the path. */
typedef struct pen {
    double xy[2];   /* degrees, the last point */
    double x, y;    /* canvas, the last point of the path */
    double winding; /* about the centre of the view */
    double nearest; /* to the centre, degrees */
    size_t count;   /* points of the path */
} pen;

static double turn(const double from[2], const double to[2])
{
    return atan2(from[0] * to[1] - from[1] * to[0], from[0] * to[0] + from[1] * to[1]);
}

/* Points nearer than a third of a unit add nothing to see. */
static void go(const sheet *s, pen *p, const double xy[2], int last)
{
    double x, y;
    to_canvas(s, xy, &x, &y);
    p->winding += p->count > 0 ? turn(p->xy, xy) : 0;
    p->nearest = fmin(p->nearest, hypot(xy[0], xy[1]));
    p->xy[0] = xy[0];
    p->xy[1] = xy[1];
    if (p->count > 0 && !last && hypot(x - p->x, y - p->y) < 0.33)
        return;
    cairo_line_to(s->cairo, x, y);
    p->x = x;
    p->y = y;
    p->count++;
}

/* Far from the centre of a wide view a straight side of a shape becomes an arc: its inner points,
 * found by halving. */
static void bend(const sheet *s, pen *p, const double *from, const double *to, int depth)
{
    double middle[2], xy[2], end[2];
    if (depth == 0 || !wk_sky_project(s->view, to[0], to[1], end) || fabs(turn(p->xy, end)) < 0.05)
        return;
    wk_sky_middle(from, to, middle);
    bend(s, p, from, middle, depth - 1);
    if (wk_sky_project(s->view, middle[0], middle[1], xy))
        go(s, p, xy, 0);
    bend(s, p, middle, to, depth - 1);
}

static int trace(const sheet *s, const double *outline, size_t corners)
{
    double xy[2];
    pen p = {.nearest = (double)INFINITY};
    cairo_new_path(s->cairo);
    for (size_t k = 0; outline && k < corners; k++) {
        const double *corner = outline + 2 * k;
        if (!wk_sky_project(s->view, corner[0], corner[1], xy))
            continue;
        if (s->view->wide && p.count > 0)
            bend(s, &p, corner - 2, corner, 7);
        go(s, &p, xy, k + 1 == corners);
    }
    if (p.count == 0)
        return 0;
    cairo_close_path(s->cairo);
    /* 81.03 is the equal-area distance of a point 90 degrees away */
    if (s->view->wide && p.nearest > 81.03 && fabs(p.winding) > 6)
        add_disc(s);
    return 1;
}

static double placed(const wk_sky_paint *paint, double value)
{
    return (value - paint->low) / (paint->high - paint->low);
}

static void hatch(const sheet *s)
{
    double x0, y0, x1, y1;
    cairo_path_extents(s->cairo, &x0, &y0, &x1, &y1);
    cairo_save(s->cairo);
    cairo_clip(s->cairo);
    wk_figure_colour(s->figure, WK_INK_SOFT, 0.55);
    cairo_set_line_width(s->cairo, 1);
    for (double c = floor((x0 + y0) / 9) * 9; c < x1 + y1; c += 9) {
        cairo_move_to(s->cairo, c - y0, y0);
        cairo_line_to(s->cairo, c - y1, y1);
    }
    cairo_stroke(s->cairo);
    cairo_restore(s->cairo);
}

static void fill(const sheet *s, const wk_sky_paint *paint, double value)
{
    int unknown = isnan(value);
    wk_colour colour = wk_colour_at(paint->map, unknown ? (double)NAN : placed(paint, value));
    wk_figure_colour(s->figure, colour, unknown ? 0.4 : alpha);
    cairo_fill_preserve(s->cairo);
    if (unknown && s->view->corner * s->scale > 12)
        hatch(s);
    cairo_new_path(s->cairo);
}

/* Of small shapes outlines would hide the colours. */
static void stroke_shapes(const sheet *s, const wk_sky_shapes *shapes, double least)
{
    double size = s->view->corner * s->scale;
    if (size < least)
        return;
    wk_figure_colour(s->figure, WK_INK, size < 30 ? 0.35 : 0.7);
    cairo_set_line_width(s->cairo, size < 30 ? 0.4 : size < 90 ? 0.7 : 1);
    for (size_t k = 0; k < shapes->count; k++)
        if (trace(s, shapes->outlines[k], shapes->corners[k]))
            cairo_stroke(s->cairo);
    cairo_new_path(s->cairo);
}

static void draw_shapes(const sheet *s, const wk_sky_shapes *shapes, const wk_sky_paint *paint)
{
    cairo_set_fill_rule(s->cairo, CAIRO_FILL_RULE_EVEN_ODD);
    for (size_t k = 0; k < shapes->count; k++)
        if (trace(s, shapes->outlines[k], shapes->corners[k]))
            fill(s, paint, paint->values[k]);
    stroke_shapes(s, shapes, 5);
}

static const char *label_of(const wk_sky_shapes *shapes, size_t index, int by_name, char number[24])
{
    if (by_name)
        return shapes->names[index];
    snprintf(number, 24, "%zu", index + 1);
    return number;
}

/* Names are used where each is narrower than a typical shape; else numbers in input order. */
static int names_fit(const sheet *s, const wk_sky_shapes *shapes)
{
    for (size_t k = 0; shapes->names && k < shapes->count; k++)
        if (!shapes->names[k] ||
            wk_figure_text_width(s->figure, shapes->names[k]) > 0.9 * s->view->corner * s->scale)
            return 0;
    return shapes->names != NULL;
}

/* The labels that stand already. */
typedef struct labels {
    wk_box taken[LABELLED]; /* about their middles */
    size_t count;
    int corners_first;
} labels;

static int apart(const wk_box *a, const wk_box *b)
{
    return fabs(a->x - b->x) > (a->width + b->width) / 2 ||
           fabs(a->y - b->y) > (a->height + b->height) / 2;
}

static int is_free(const wk_box *box, const wk_box *taken, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (!apart(box, &taken[k]))
            return 0;
    return 1;
}

/* The outline's corner that lies farthest in one of the four diagonal directions. */
static void corner_of(const sheet *s, const double *outline, size_t corners, int k, double place[2])
{
    double xy[2], x, y, best = -(double)INFINITY;
    for (size_t j = 0; j < corners; j++) {
        if (!wk_sky_project(s->view, outline[2 * j], outline[2 * j + 1], xy))
            continue;
        to_canvas(s, xy, &x, &y);
        double far = (k & 1 ? x : -x) + (k & 2 ? y : -y);
        if (far <= best)
            continue;
        best = far;
        place[0] = x;
        place[1] = y;
    }
}

/* Places for a label in a shape whose path is set: its middle, or near one of its corners. */
static wk_box candidate(const sheet *s, const wk_sky_shapes *shapes, size_t index, int k)
{
    double x0, y0, x1, y1, corner[2] = {0, 0};
    cairo_path_extents(s->cairo, &x0, &y0, &x1, &y1);
    wk_box box = {(x0 + x1) / 2, (y0 + y1) / 2, 0, WK_TEXT_SIZE + 2};
    if (k == MIDDLE)
        return box;
    corner_of(s, shapes->outlines[index], shapes->corners[index], k, corner);
    double inward = fmin(24 / fmax(hypot(corner[0] - box.x, corner[1] - box.y), 1), 1);
    box.x = corner[0] + inward * (box.x - corner[0]);
    box.y = corner[1] + inward * (box.y - corner[1]);
    return box;
}

/* Dithered shapes lie on each other: only near their corners are they told apart. */
static int crowded(const sheet *s, const wk_sky_shapes *shapes)
{
    double area = (s->view->high[0] - s->view->low[0]) * (s->view->high[1] - s->view->low[1]);
    return (double)shapes->count * s->view->corner * s->view->corner > 2.5 * area;
}

static void draw_label(const sheet *s, const wk_sky_shapes *shapes, size_t index, const char *text,
                       labels *done)
{
    double width = wk_figure_text_width(s->figure, text) + 8;
    int start = done->corners_first ? (int)(index % MIDDLE) : MIDDLE;
    if (!trace(s, shapes->outlines[index], shapes->corners[index]))
        return;
    for (int k = 0; k < CANDIDATES; k++) {
        wk_box box = candidate(s, shapes, index, (start + k) % CANDIDATES);
        box.width = width;
        if (!is_free(&box, done->taken, done->count))
            continue;
        done->taken[done->count++] = box;
        cairo_new_path(s->cairo);
        wk_figure_text_rimmed(s->figure, box.x, box.y, 0.5, 0.5, text);
        return;
    }
}

static void draw_labels(const sheet *s, const wk_sky_shapes *shapes)
{
    char number[24];
    labels done = {.corners_first = crowded(s, shapes)};
    if (shapes->count > LABELLED || s->view->corner * s->scale < 2 * WK_TEXT_SIZE)
        return;
    wk_figure_font(s->figure, WK_TEXT_SIZE, 0);
    int by_name = names_fit(s, shapes);
    for (size_t k = 0; k < shapes->count; k++) {
        wk_figure_colour(s->figure, WK_INK, 1);
        draw_label(s, shapes, k, label_of(shapes, k, by_name, number), &done);
    }
    cairo_new_path(s->cairo);
}

static void draw_meridian(const sheet *s, double ra)
{
    double xy[2], x, y;
    for (int dec = -88; dec <= 88; dec += 2)
        if (wk_sky_project(s->view, ra, dec, xy)) {
            to_canvas(s, xy, &x, &y);
            cairo_line_to(s->cairo, x, y);
        } else {
            cairo_new_sub_path(s->cairo);
        }
    cairo_stroke(s->cairo);
}

static void draw_parallel(const sheet *s, double dec)
{
    double xy[2], x, y, before = 0;
    for (int step = 0; step <= 180; step++) {
        double ra = s->view->ra + 180 + 2 * step;
        if (!wk_sky_project(s->view, ra, dec, xy))
            continue;
        to_canvas(s, xy, &x, &y);
        if (step > 0 && fabs(x - before) > s->box.width / 4)
            cairo_new_sub_path(s->cairo);
        cairo_line_to(s->cairo, x, y);
        before = x;
    }
    cairo_stroke(s->cairo);
}

static int inside(const wk_box *box, double x, double y, double margin)
{
    return x > box->x + margin && x < box->x + box->width - margin && y > box->y + margin &&
           y < box->y + box->height - margin;
}

static void grid_label(const sheet *s, double ra, double dec, int degrees)
{
    char text[32];
    double xy[2], x, y;
    if (!wk_sky_project(s->view, ra, dec, xy))
        return;
    to_canvas(s, xy, &x, &y);
    if (!inside(&s->box, x, y, 26))
        return;
    snprintf(text, sizeof text, "%s%d°", degrees < 0 ? "−" : "", abs(degrees));
    wk_figure_colour(s->figure, WK_INK, 1);
    wk_figure_text_rimmed(s->figure, x + 4, y - 5, 0, 1, text);
}

/* Half the sky has no straight axes: right ascension and declination every 30 degrees instead. */
static void draw_grid(const sheet *s)
{
    wk_figure_colour(s->figure, WK_INK_SOFT, 0.45);
    cairo_set_line_width(s->cairo, 0.8);
    for (int step = 0; step < 12; step++)
        draw_meridian(s, 30 * step);
    for (int dec = -60; dec <= 60; dec += 30)
        draw_parallel(s, dec);
    wk_figure_colour(s->figure, WK_INK_SOFT, 1);
    wk_figure_font(s->figure, 0.8 * WK_TEXT_SIZE, 0);
    double level = fabs(s->view->dec) < 75 ? 0 : s->view->dec > 0 ? 30 : -30;
    for (int step = 0; step < 12; step++)
        grid_label(s, 30 * step, level, 30 * step);
    for (int dec = -60; dec <= 60; dec += 30)
        if (dec != (int)level)
            grid_label(s, 30 * round(s->view->ra / 30), dec, dec);
}

static double unit_of(const sheet *s, const char **name)
{
    double span = fmax(s->box.width, s->box.height) / s->scale;
    *name = span > 3 ? "deg" : span > 0.05 ? "arcmin" : "arcsec";
    return span > 3 ? 1 : span > 0.05 ? 60 : 3600;
}

static void draw_axes(const sheet *s)
{
    char place[32], name[96];
    const char *unit;
    wk_box box = s->box;
    double factor = unit_of(s, &unit);
    int decimals = factor < 2 ? 2 : factor < 100 ? 4 : 6;
    double half_x = box.width / 2 / s->scale, half_y = box.height / 2 / s->scale;
    wk_scale x = {(s->middle[0] + half_x) * factor, (s->middle[0] - half_x) * factor, box.x,
                  box.x + box.width};
    wk_scale y = {(s->middle[1] - half_y) * factor, (s->middle[1] + half_y) * factor,
                  box.y + box.height, box.y};
    wk_fixed_text(place, sizeof place, s->view->ra, decimals);
    snprintf(name, sizeof name, "East of RA %s°", place);
    wk_axis_below(s->figure, box, &x, 6, name, unit);
    wk_fixed_text(place, sizeof place, s->view->dec, decimals);
    snprintf(name, sizeof name, "North of Dec %s%s°", s->view->dec < 0 ? "" : "+", place);
    wk_axis_left(s->figure, box, &y, 6, name, unit);
}

static int beyond(const wk_sky_shapes *shapes, const wk_sky_paint *paint)
{
    int ends = 0;
    double slack = 1e-9 * (paint->high - paint->low);
    for (size_t k = 0; k < shapes->count; k++) {
        ends |= paint->values[k] < paint->low - slack ? 1 : 0;
        ends |= paint->values[k] > paint->high + slack ? 2 : 0;
    }
    return ends;
}

static void draw_bar(const sheet *s, const wk_sky_shapes *shapes, const wk_sky_paint *paint)
{
    wk_box box = s->box;
    int ends = beyond(shapes, paint);
    double low = ends & 1 ? 18 : 0, high = ends & 2 ? 18 : 0;
    wk_box bar = {box.x + box.width + 22, box.y + high, 22, box.height - low - high};
    wk_colour_bar(s->figure, bar, paint->map, alpha, paint->low, paint->high, ends, paint->name,
                  paint->unit);
}

/* Below the name of the lower axis: what a hatched shape is. */
static void draw_legend(const sheet *s, const wk_sky_shapes *shapes, const wk_sky_paint *paint)
{
    size_t unknown = 0;
    char count[32], text[128];
    for (size_t k = 0; k < shapes->count; k++)
        unknown += isnan(paint->values[k]) && shapes->outlines[k];
    if (unknown == 0)
        return;
    wk_count_text(count, sizeof count, unknown);
    snprintf(text, sizeof text, "%s (%s)", paint->unknown, count);
    wk_figure_font(s->figure, 0.9 * WK_TEXT_SIZE, 0);
    double width = wk_figure_text_width(s->figure, text);
    wk_box patch = {s->box.x + s->box.width - width - 40, s->box.y + s->box.height + 79, 28, 17};
    cairo_rectangle(s->cairo, patch.x, patch.y, patch.width, patch.height);
    wk_figure_colour(s->figure, wk_colour_at(paint->map, (double)NAN), 0.4);
    cairo_fill_preserve(s->cairo);
    hatch(s);
    wk_figure_colour(s->figure, WK_INK_SOFT, 1);
    wk_figure_frame(s->figure, patch, 0.8);
    wk_figure_colour(s->figure, WK_INK, 1);
    wk_figure_text(s->figure, s->box.x + s->box.width, patch.y + patch.height / 2, 1, 0.5, text);
}

static void draw_many(const sheet *s, const wk_sky_shapes *shapes, const wk_sky_paint *paint)
{
    sheet image = *s;
    if (shapes->count > MANY)
        wk_figure_raster_begin(s->figure, s->box);
    image.cairo = wk_figure_cairo(s->figure);
    draw_shapes(&image, shapes, paint);
    wk_figure_raster_end(s->figure);
}

void wk_sky_draw(wk_figure *figure, wk_box box, const wk_sky_view *view,
                 const wk_sky_shapes *shapes, const wk_sky_paint *paint)
{
    sheet s = lay(figure, box, view);
    cairo_save(s.cairo);
    cairo_rectangle(s.cairo, box.x, box.y, box.width, box.height);
    cairo_clip(s.cairo);
    draw_many(&s, shapes, paint);
    if (view->wide)
        draw_grid(&s);
    draw_labels(&s, shapes);
    cairo_restore(s.cairo);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_frame(figure, box, 1);
    if (!view->wide)
        draw_axes(&s);
    draw_legend(&s, shapes, paint);
    if (paint->high > paint->low)
        draw_bar(&s, shapes, paint);
}

double wk_sky_scale(wk_box box, const wk_sky_view *view)
{
    return lay(NULL, box, view).scale;
}

void wk_sky_place(double place[2], wk_box box, const wk_sky_view *view, const double xy[2])
{
    sheet s = lay(NULL, box, view);
    to_canvas(&s, xy, &place[0], &place[1]);
}

void wk_sky_draw_ground(wk_figure *figure, wk_box box, const wk_sky_view *view,
                        const wk_sky_shapes *shapes)
{
    sheet s = lay(figure, box, view);
    cairo_save(s.cairo);
    cairo_rectangle(s.cairo, box.x, box.y, box.width, box.height);
    cairo_clip(s.cairo);
    if (shapes->count > MANY)
        wk_figure_raster_begin(figure, box);
    sheet image = s;
    image.cairo = wk_figure_cairo(figure);
    stroke_shapes(&image, shapes, 25);
    wk_figure_raster_end(figure);
    if (view->wide)
        draw_grid(&s);
    cairo_restore(s.cairo);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_frame(figure, box, 1);
    if (!view->wide)
        draw_axes(&s);
}
