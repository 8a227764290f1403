#include "figure_arrow.h"

#include <math.h>
#include <stdio.h>

#include "memory.h"
#include "select.h"

enum { MANY = 1000, LEAST = 3, TEXT = 192 };

/* Residuals of rounding only. */
static const double nothing = 1e-9;

/* A median of lengths, as root of the mean square, if both components are normal. */
static const double rms_of_median = 1.2011224087864498;

typedef struct arrow {
    double place[2], x, y; /* on the canvas; in units, y upward */
    int used;
} arrow;

typedef struct field {
    arrow *arrows;
    int64_t count, used, clipped;
    int64_t unknown;       /* of those used */
    int64_t columns, rows; /* blocks; 0: each star has its own arrow */
    double typical;        /* length of the arrows in use, units; 0: there is none */
    double largest;        /* of all arrows; NaN: none is known */
    double length;         /* canvas units a unit */
    double pen;            /* width of their lines */
    double longest;        /* arrow, canvas units; the rest is cut off */
    int cut;               /* nonzero: an arrow is longer than drawn */
} field;

double wk_arrow_round(double value)
{
    double power = pow(10, floor(log10(value))), lead = value / power;
    return (lead < sqrt(2) ? 1 : lead < sqrt(10) ? 2 : lead < sqrt(50) ? 5 : 10) * power;
}

static int known(const wk_arrows *arrows, int64_t index)
{
    return arrows->x && arrows->y && isfinite(arrows->x[index]) && isfinite(arrows->y[index]);
}

static void take_each(field *f, const wk_arrows *arrows, wk_box image)
{
    for (int64_t k = 0; k < arrows->stars.count; k++) {
        arrow *a = &f->arrows[f->count];
        if (!wk_star_place(a->place, &arrows->stars, k, image))
            continue;
        int is_known = known(arrows, k);
        a->x = is_known ? arrows->x[k] : (double)NAN;
        a->y = is_known ? arrows->y[k] : (double)NAN;
        a->used = wk_star_used(&arrows->stars, k);
        f->unknown += a->used && !is_known;
        f->count++;
    }
}

static int64_t block_of(double place, double size, int64_t count)
{
    int64_t index = (int64_t)(place / size * (double)count);
    return index < count ? index : count - 1;
}

/* Sums over the stars of each block, in the order of the stars. */
static void add_stars(field *f, int64_t *counts, const wk_arrows *arrows, wk_box image)
{
    for (int64_t k = 0; k < arrows->stars.count; k++) {
        double place[2];
        if (!wk_star_place(place, &arrows->stars, k, image) || !wk_star_used(&arrows->stars, k))
            continue;
        if (!known(arrows, k)) {
            f->unknown++;
            continue;
        }
        int64_t column = block_of(place[0] - image.x, image.width, f->columns);
        int64_t row = block_of(place[1] - image.y, image.height, f->rows);
        arrow *a = &f->arrows[row * f->columns + column];
        a->x += arrows->x[k];
        a->y += arrows->y[k];
        counts[row * f->columns + column]++;
    }
}

static void take_means(field *f, int64_t *counts, wk_box image)
{
    for (int64_t k = 0; k < f->columns * f->rows; k++) {
        if (counts[k] < LEAST)
            continue;
        arrow a = f->arrows[k];
        double column = (double)(k % f->columns) + 0.5, row = (double)(k / f->columns) + 0.5;
        a.place[0] = image.x + column / (double)f->columns * image.width;
        a.place[1] = image.y + row / (double)f->rows * image.height;
        a.x /= (double)counts[k];
        a.y /= (double)counts[k];
        a.used = 1;
        f->arrows[f->count++] = a;
    }
}

/* Blocks of at least half a dozen stars, as square as the image allows. */
static void divide(field *f, wk_box image)
{
    double blocks = fmin((double)f->used / 6, 500);
    double side = sqrt(image.width * image.height / blocks);
    f->columns = (int64_t)fmax(round(image.width / side), 1);
    f->rows = (int64_t)fmax(round(image.height / side), 1);
}

static wk_status gather_means(field *f, const wk_arrows *arrows, wk_box image, wk_error *error)
{
    divide(f, image);
    size_t blocks = (size_t)(f->columns * f->rows);
    int64_t *counts = wk_memory_new(blocks, sizeof *counts, error);
    f->arrows = counts ? wk_memory_new(blocks, sizeof *f->arrows, error) : NULL;
    if (f->arrows) {
        add_stars(f, counts, arrows, image);
        take_means(f, counts, image);
    }
    wk_memory_free(counts);
    return f->arrows ? WK_OK : WK_MEMORY;
}

static wk_status gather(field *f, const wk_arrows *arrows, wk_box image, wk_error *error)
{
    wk_star_census census = wk_stars_count(&arrows->stars);
    *f = (field){.used = census.used, .clipped = census.clipped};
    if (census.used > MANY)
        return gather_means(f, arrows, image, error);
    f->arrows = wk_memory_new((size_t)arrows->stars.count + 1, sizeof *f->arrows, error);
    if (!f->arrows)
        return WK_MEMORY;
    take_each(f, arrows, image);
    return WK_OK;
}

/* The median resists the few stars that are far off. */
static wk_status measure(field *f, wk_error *error)
{
    static const double half = 0.5;
    int64_t count = 0;
    double used = 0;
    f->largest = (double)NAN;
    float *lengths = wk_memory_raw((size_t)f->count + 1, sizeof *lengths, error);
    if (!lengths)
        return WK_MEMORY;
    for (int64_t k = 0; k < f->count; k++) {
        double length = hypot(f->arrows[k].x, f->arrows[k].y);
        f->largest = fmax(f->largest, length);
        if (!f->arrows[k].used || !isfinite(length))
            continue;
        used = fmax(used, length);
        lengths[count++] = (float)length;
    }
    wk_status status = WK_OK;
    if (count > 0)
        status = wk_select_quantiles(&f->typical, &half, 1, lengths, count, error);
    f->typical = f->typical > nothing ? rms_of_median * f->typical : used;
    wk_memory_free(lengths);
    return status;
}

/* A typical arrow is about as long as stars lie apart. */
static void scale(field *f, wk_box image)
{
    double apart = sqrt(image.width * image.height / fmax((double)f->count, 1));
    double typical = f->typical > nothing ? f->typical : f->largest;
    f->pen = fmin(fmax(apart / 14, 1.1), 1.8);
    double drawn = fmin(fmax(0.8 * apart, 15), 46);
    f->length = drawn / (typical > nothing ? typical : 1);
    f->longest = fmin(fmax(4.5 * drawn, 70), 130);
}

static void head(cairo_t *cairo, double x, double y, double angle, double size)
{
    cairo_save(cairo);
    cairo_translate(cairo, x, y);
    cairo_rotate(cairo, angle);
    cairo_new_path(cairo);
    cairo_move_to(cairo, 0, 0);
    cairo_line_to(cairo, -size, -0.42 * size);
    cairo_line_to(cairo, -size, 0.42 * size);
    cairo_close_path(cairo);
    cairo_fill(cairo);
    cairo_restore(cairo);
}

/* From (x, y), dx to the right and dy upward, on the canvas. */
static void draw_arrow(wk_figure *figure, double x, double y, double dx, double dy, double pen,
                       int dashed)
{
    static const double dash[] = {5, 3};
    cairo_t *cairo = wk_figure_cairo(figure);
    double length = hypot(dx, dy), size = fmin(0.5 * length, 2 + 4 * pen);
    double shaft = length > 0 ? (length - 0.8 * size) / length : 0;
    cairo_set_line_width(cairo, pen);
    if (dashed)
        cairo_set_dash(cairo, dash, 2, 0);
    cairo_move_to(cairo, x, y);
    cairo_line_to(cairo, x + shaft * dx, y - shaft * dy);
    cairo_stroke(cairo);
    cairo_set_dash(cairo, NULL, 0, 0);
    head(cairo, x + dx, y - dy, atan2(-dy, dx), size);
}

static void cross(wk_figure *figure, double x, double y)
{
    wk_figure_line(figure, x - 4.5, y - 4.5, x + 4.5, y + 4.5, 2);
    wk_figure_line(figure, x - 4.5, y + 4.5, x + 4.5, y - 4.5, 2);
}

static wk_colour unknown_ink(void)
{
    return wk_colour_hex(0x9a9a9a);
}

static void draw_one(wk_figure *figure, field *f, const arrow *a)
{
    double length = f->length * hypot(a->x, a->y);
    int is_known = isfinite(length), cut = length > f->longest;
    wk_colour colour = !a->used ? WK_INK_WARM : is_known ? WK_INK_COOL : unknown_ink();
    wk_figure_colour(figure, colour, 1);
    if (!a->used)
        cross(figure, a->place[0], a->place[1]);
    else if (f->columns == 0)
        wk_figure_disc(figure, a->place[0], a->place[1], 1.6 * f->pen);
    if (!is_known || length < 0.5)
        return;
    double factor = f->length * (cut ? f->longest / length : 1);
    f->cut = f->cut || cut;
    draw_arrow(figure, a->place[0], a->place[1], factor * a->x, factor * a->y, f->pen, cut);
}

/* The clipped ones last: they are few, and looked for. */
static void draw_all(wk_figure *figure, field *f, wk_box image)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    cairo_save(cairo);
    cairo_rectangle(cairo, image.x, image.y, image.width, image.height);
    cairo_clip(cairo);
    for (int used = 1; used >= 0; used--)
        for (int64_t k = 0; k < f->count; k++)
            if (f->arrows[k].used == used)
                draw_one(figure, f, &f->arrows[k]);
    cairo_restore(cairo);
}

static void label(wk_figure *figure, double x, double y, const char *text)
{
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, x, y, 0, 0.5, text);
}

static void label_count(wk_figure *figure, double x, double y, int64_t count, const char *what)
{
    char number[32], text[TEXT];
    wk_count_text(number, sizeof number, (size_t)count);
    snprintf(text, sizeof text, "%s %s", number, what);
    label(figure, x, y, text);
}

static void draw_key(wk_figure *figure, const field *f, double x, double y, const char *unit)
{
    char number[64], text[TEXT];
    double key = wk_arrow_round(f->typical > nothing ? f->typical : f->largest);
    wk_number_text(number, sizeof number, key, 1);
    snprintf(text, sizeof text, "%s %s", number, unit);
    wk_figure_colour(figure, f->typical > nothing ? WK_INK_COOL : WK_INK_WARM, 1);
    draw_arrow(figure, x, y, key * f->length, 0, f->pen, 0);
    label(figure, x + key * f->length + 12, y, text);
}

/* At the right, where the other panels have their colour bars. */
static void draw_legend(wk_figure *figure, const field *f, wk_box image, const char *unit)
{
    double x = image.x + image.width + 24, y = image.y + image.height / 2 - 56, line = 30;
    int64_t shown = f->used - f->unknown;
    wk_figure_font(figure, WK_TEXT_SIZE, 0);
    if (f->largest > nothing)
        draw_key(figure, f, x, y, unit);
    if (f->columns == 0 && shown > 0) {
        wk_figure_colour(figure, WK_INK_COOL, 1);
        wk_figure_disc(figure, x + 8, y += line, 3);
        label_count(figure, x + 24, y, shown, shown == 1 ? "star" : "stars");
    }
    if (f->columns == 0 && f->clipped > 0) {
        wk_figure_colour(figure, WK_INK_WARM, 1);
        cross(figure, x + 8, y += line);
        label_count(figure, x + 24, y, f->clipped, "clipped");
    }
    if (f->columns == 0 && f->unknown > 0) {
        wk_figure_colour(figure, unknown_ink(), 1);
        wk_figure_disc(figure, x + 8, y += line, 3);
        label_count(figure, x + 24, y, f->unknown, "unknown");
    }
    if (f->cut)
        label(figure, x, y + line, "dashed: longer");
}

static void draw_note(wk_figure *figure, const field *f, wk_box image)
{
    char text[TEXT], clipped[32], tail[TEXT] = "";
    if (f->columns == 0)
        return;
    wk_count_text(clipped, sizeof clipped, (size_t)f->clipped);
    if (f->clipped > 0)
        snprintf(tail, sizeof tail, "; without %s clipped", clipped);
    snprintf(text, sizeof text, "means of the stars in %lld × %lld blocks%s", (long long)f->columns,
             (long long)f->rows, tail);
    wk_figure_font(figure, 0.9 * WK_TEXT_SIZE, 0);
    label(figure, image.x, image.y + image.height + 88, text);
}

/* What is to be said where there is nothing to see; NULL: there is. */
static const char *message_of(const field *f, const wk_arrows *arrows)
{
    if (arrows->stars.count == 0)
        return "no stars";
    if (f->used + f->clipped == 0)
        return "no star in the image";
    if (f->count == 0 || isnan(f->largest))
        return "residuals unknown";
    if (f->largest == 0)
        return "all residuals are zero";
    return f->largest <= nothing ? "all residuals are below 10⁻⁹" : NULL;
}

wk_status wk_arrows_draw(wk_figure *figure, wk_box box, const wk_arrows *arrows, wk_error *error)
{
    field f;
    wk_box image = wk_panel_image(box, arrows->stars.width, arrows->stars.height);
    wk_status status = gather(&f, arrows, image, error);
    if (status == WK_OK)
        status = measure(&f, error);
    if (status == WK_OK) {
        const char *message = message_of(&f, arrows);
        scale(&f, image);
        draw_all(figure, &f, image);
        wk_panel_frame(figure, image, arrows->stars.width, arrows->stars.height, arrows->title);
        draw_legend(figure, &f, image, arrows->unit);
        draw_note(figure, &f, image);
        wk_figure_colour(figure, WK_INK, 1);
        wk_figure_font(figure, WK_TEXT_SIZE, 0);
        if (message)
            wk_figure_text_plated(figure, image.x + image.width / 2, image.y + image.height / 2,
                                  0.5, 0.5, message);
    }
    wk_memory_free(f.arrows);
    return status;
}
