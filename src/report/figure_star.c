#include "figure_star.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "memory.h"

enum { MANY = 1500, SHAPES = 400, TEXT = 128 };

static const double square = 16; /* in which one of many stars is drawn */

int wk_star_used(const wk_stars *stars, int64_t index)
{
    return !stars->used || stars->used[index];
}

int wk_star_place(double place[2], const wk_stars *stars, int64_t index, wk_box image)
{
    return wk_panel_place(place, image, stars->width, stars->height, stars->x[index],
                          stars->y[index]);
}

wk_star_census wk_stars_count(const wk_stars *stars)
{
    wk_star_census census = {0};
    double place[2];
    wk_box nowhere = {0, 0, 1, 1};
    for (int64_t k = 0; k < stars->count; k++)
        if (!wk_star_place(place, stars, k, nowhere))
            census.outside++;
        else if (wk_star_used(stars, k))
            census.used++;
        else
            census.clipped++;
    return census;
}

/* White on a dark rim is seen on every colour. */
static void stroke_rimmed(cairo_t *cairo, double width)
{
    cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_width(cairo, 2.4 * width);
    cairo_set_source_rgba(cairo, 0.1, 0.1, 0.1, 0.8);
    cairo_stroke_preserve(cairo);
    cairo_set_line_width(cairo, width);
    cairo_set_source_rgb(cairo, 1, 1, 1);
    cairo_stroke(cairo);
    cairo_set_line_cap(cairo, CAIRO_LINE_CAP_BUTT);
}

static void circle(wk_figure *figure, double x, double y, double radius)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    cairo_new_path(cairo);
    cairo_arc(cairo, x, y, radius, 0, 6.283185307179586);
    stroke_rimmed(cairo, fmin(0.4 * radius, 1.6));
}

static void cross(wk_figure *figure, double x, double y, double radius)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    cairo_new_path(cairo);
    cairo_move_to(cairo, x - radius, y - radius);
    cairo_line_to(cairo, x + radius, y + radius);
    cairo_move_to(cairo, x - radius, y + radius);
    cairo_line_to(cairo, x + radius, y - radius);
    stroke_rimmed(cairo, fmin(0.45 * radius, 1.8));
}

/* The more, the smaller. */
static double mark_radius(wk_box image, int64_t count)
{
    double apart = sqrt(image.width * image.height / fmax((double)count, 1));
    return fmin(fmax(0.165 * apart, 1.9), 6);
}

/* What is taken of each square: bit 1 a star that is used, bit 2 one that is not. */
typedef struct squares {
    unsigned char *taken; /* NULL: every star is drawn */
    int64_t columns, rows;
} squares;

static wk_status squares_open(squares *s, wk_box image, int64_t count, wk_error *error)
{
    *s = (squares){.columns = (int64_t)ceil(image.width / square),
                   .rows = (int64_t)ceil(image.height / square)};
    if (count <= MANY)
        return WK_OK;
    s->taken = wk_memory_new((size_t)(s->columns * s->rows), 1, error);
    return s->taken ? WK_OK : WK_MEMORY;
}

static int64_t square_of(double place, int64_t count)
{
    int64_t index = (int64_t)(place / square);
    return index < count ? index : count - 1;
}

/* Is the star one that is drawn?  Then its square is taken. */
static int take(squares *s, wk_box image, const double place[2], int used)
{
    if (!s->taken)
        return 1;
    int64_t column = square_of(place[0] - image.x, s->columns);
    int64_t row = square_of(place[1] - image.y, s->rows);
    unsigned char *taken = &s->taken[row * s->columns + column], kind = used ? 1 : 2;
    int free_yet = !(*taken & kind);
    *taken |= kind;
    return free_yet;
}

/* radius 0: only count. */
static int64_t draw_all(wk_figure *figure, wk_box image, const wk_stars *stars, squares *s,
                        double radius)
{
    int64_t drawn = 0;
    if (s->taken)
        memset(s->taken, 0, (size_t)(s->columns * s->rows));
    for (int64_t k = 0; k < stars->count; k++) {
        double place[2];
        int used = wk_star_used(stars, k);
        if (!wk_star_place(place, stars, k, image) || !take(s, image, place, used))
            continue;
        drawn++;
        if (radius > 0 && used)
            circle(figure, place[0], place[1], radius);
        else if (radius > 0)
            cross(figure, place[0], place[1], 0.9 * radius);
    }
    return drawn;
}

wk_status wk_stars_draw(wk_figure *figure, wk_box image, const wk_stars *stars,
                        wk_star_census *census, wk_error *error)
{
    squares s;
    wk_status status = squares_open(&s, image, census->used + census->clipped, error);
    if (status != WK_OK)
        return status;
    census->drawn = draw_all(figure, image, stars, &s, 0);
    int raster = census->drawn > SHAPES;
    if (raster)
        wk_figure_raster_begin(figure, image);
    draw_all(figure, image, stars, &s, mark_radius(image, census->drawn));
    if (raster)
        wk_figure_raster_end(figure);
    wk_memory_free(s.taken);
    return WK_OK;
}

/* Returns where the line goes on. */
static double note(wk_figure *figure, double x, double y, const char *text)
{
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, x, y, 0, 0.5, text);
    return x + wk_figure_text_width(figure, text) + 26;
}

static double note_count(wk_figure *figure, double x, double y, int64_t count, const char *what)
{
    char number[32], text[TEXT];
    wk_count_text(number, sizeof number, (size_t)count);
    snprintf(text, sizeof text, "%s %s", number, what);
    return note(figure, x, y, text);
}

static double note_thinned(wk_figure *figure, double x, double y, const wk_star_census *census)
{
    char drawn[32], all[32], text[2 * TEXT];
    wk_count_text(drawn, sizeof drawn, (size_t)census->drawn);
    wk_count_text(all, sizeof all, (size_t)(census->used + census->clipped));
    snprintf(text, sizeof text, "%s of %s stars drawn", drawn, all);
    return note(figure, x, y, text);
}

void wk_stars_note(wk_figure *figure, double x, double y, const wk_star_census *census)
{
    wk_figure_font(figure, 0.9 * WK_TEXT_SIZE, 0);
    if (census->used + census->clipped > census->drawn) {
        circle(figure, x + 7, y, 5);
        x = note_thinned(figure, x + 21, y, census);
    } else if (census->used > 0) {
        circle(figure, x + 7, y, 5);
        x = note_count(figure, x + 21, y, census->used, census->used == 1 ? "star" : "stars");
    }
    if (census->clipped > 0) {
        cross(figure, x + 7, y, 4.5);
        x = note_count(figure, x + 21, y, census->clipped, "clipped");
    }
    if (census->outside > 0)
        note_count(figure, x, y, census->outside, "outside the image");
}
