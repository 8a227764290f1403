#include "figure_offset.h"

#include <math.h>
#include <stdio.h>

#include "figure_arrow.h"
#include "figure_background.h"
#include "memory.h"
#include "select.h"
#include "status.h"

enum { TEXT = 512 };

static const double left = 130;

/* A second line below a panel's axis, which a background has not. */
static const int second_line = 26;

/* Pixels that neighbours differ by are torn apart, or onto each other, beyond this. */
static const double tear = 1;

void wk_figure_offset_size(int *width, int *height, int64_t image_width, int64_t image_height)
{
    wk_figure_background_size(width, height, image_width, image_height);
    *height += 2 * second_line;
}

wk_box wk_figure_offset_box(int64_t image_width, int64_t image_height, int panel)
{
    wk_box box = wk_figure_background_box(image_width, image_height, panel);
    box.y += panel / 2 ? second_line : 0;
    return box;
}

static wk_stars stars_of(const wk_offset_picture *picture)
{
    wk_stars stars = {picture->star_x, picture->star_y,        picture->used,
                      picture->stars,  (double)picture->width, (double)picture->height};
    return stars;
}

static void describe_stars(char *text, size_t size, const wk_offset_picture *picture)
{
    char all[32], used[32];
    int64_t count = 0;
    wk_stars stars = stars_of(picture);
    for (int64_t k = 0; k < stars.count; k++)
        count += wk_star_used(&stars, k);
    wk_count_text(all, sizeof all, (size_t)stars.count);
    wk_count_text(used, sizeof used, (size_t)count);
    if (stars.count == 0)
        snprintf(text, size, "no stars");
    else if (count == stars.count)
        snprintf(text, size, "%s star%s", all, count == 1 ? "" : "s");
    else
        snprintf(text, size, "%s of %s stars used", used, all);
}

static void describe_model(char *text, size_t size, const wk_offset_picture *picture)
{
    char stars[128];
    describe_stars(stars, sizeof stars, picture);
    snprintf(text, size, "model: %s; %s; image of %lld × %lld pixels",
             picture->model ? picture->model : "unknown", stars, (long long)picture->width,
             (long long)picture->height);
}

static void describe_rms(char *text, size_t size, const wk_offset_picture *picture)
{
    char x[64], y[64];
    if (!isfinite(picture->rms_x) && !isfinite(picture->rms_y)) {
        snprintf(text, size, "rms of measured − predicted by the other stars: unknown");
        return;
    }
    wk_number_text(x, sizeof x, picture->rms_x, 3);
    wk_number_text(y, sizeof y, picture->rms_y, 3);
    snprintf(text, size, "rms of measured − predicted by the other stars: %s px in x, %s px in y",
             x, y);
}

static void write_line(wk_figure *figure, double y, const char *line, double room)
{
    char text[TEXT];
    wk_figure_text_shorten(figure, text, sizeof text, line, room);
    wk_figure_text(figure, left, y, 0, 1, text);
}

static void draw_head(wk_figure *figure, const wk_offset_picture *picture)
{
    int width, height;
    char line[TEXT];
    wk_figure_offset_size(&width, &height, picture->width, picture->height);
    double room = width - left - 40;
    snprintf(line, sizeof line, "Offsets of %s", picture->name ? picture->name : "an image");
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_font(figure, 1.5 * WK_TEXT_SIZE, 1);
    write_line(figure, 60, line, room);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    describe_model(line, sizeof line, picture);
    write_line(figure, 94, line, room);
    if (picture->stars == 0)
        return;
    describe_rms(line, sizeof line, picture);
    write_line(figure, 125, line, room);
}

static wk_panel panel_of(const wk_offset_picture *picture, const float *values)
{
    wk_panel panel = {.values = values,
                      .nx = picture->nx,
                      .ny = picture->ny,
                      .width = (double)picture->width,
                      .height = (double)picture->height,
                      .unit = "px",
                      .unknown = "no value"};
    return panel;
}

/* Below the axis, and below what the panel itself notes there. */
static double note_level(wk_box image, const wk_panel_range *range, const wk_panel *panel)
{
    int noted = range->constant || range->finite < panel->nx * panel->ny;
    return image.y + image.height + (noted ? 88 + second_line : 88);
}

/* Zero is a place on the scale that matters only where offsets of both signs do. */
static void choose_colours(wk_panel *panel, const wk_panel_range *range)
{
    double least = fmin(-range->low, range->high), most = fmax(-range->low, range->high);
    int both = !range->constant && least > 0.2 * most;
    panel->map = both ? WK_COLOUR_DIVERGING : WK_COLOUR_VIRIDIS;
    panel->limits = both ? WK_PANEL_ABOUT_ZERO : WK_PANEL_FOUND;
}

static wk_status draw_map(wk_figure *figure, const wk_offset_picture *picture, int axis,
                          wk_error *error)
{
    wk_panel_range range;
    wk_panel panel = panel_of(picture, axis ? picture->y : picture->x);
    wk_stars stars = stars_of(picture);
    wk_star_census census = wk_stars_count(&stars);
    wk_box box = wk_figure_offset_box(picture->width, picture->height, axis);
    wk_box image = wk_panel_image(box, panel.width, panel.height);
    panel.title = axis ? "Offsets in y" : "Offsets in x";
    panel.name = axis ? "y offset" : "x offset";
    wk_status status = wk_panel_range_find(&range, &panel, error);
    if (status != WK_OK)
        return status;
    choose_colours(&panel, &range);
    status = wk_panel_draw(figure, box, &panel, error);
    if (status == WK_OK)
        status = wk_stars_draw(figure, image, &stars, &census, error);
    wk_stars_note(figure, image.x, note_level(image, &range, &panel), &census);
    return status;
}

static wk_status draw_residuals(wk_figure *figure, const wk_offset_picture *picture,
                                wk_error *error)
{
    wk_arrows arrows = {.stars = stars_of(picture),
                        .x = picture->residual_x,
                        .y = picture->residual_y,
                        .unit = "px",
                        .title = "Residuals: measured − predicted by the others"};
    wk_box box = wk_figure_offset_box(picture->width, picture->height, 2);
    return wk_arrows_draw(figure, box, &arrows, error);
}

static double largest_of(const wk_panel *panel)
{
    double largest = 0;
    for (int64_t k = 0; k < panel->nx * panel->ny; k++)
        if (isfinite(panel->values[k]))
            largest = fmax(largest, (double)panel->values[k]);
    return largest;
}

/* A jump that is hardly different anywhere gets a pale colour: nothing is to be found. */
static void choose_pale(wk_panel *panel)
{
    double value = largest_of(panel);
    panel->limits = WK_PANEL_GIVEN;
    panel->high = value > 0 ? 3 * value : tear;
}

/* Steep and gentle places are seen together only on a logarithmic scale; where many blocks have no
 * jump at all there is none. */
static wk_status choose_scale(wk_panel *panel, float *logarithms, wk_error *error)
{
    static const double fractions[] = {0.05, 0.995};
    double found[2];
    wk_status status =
        wk_select_quantiles(found, fractions, 2, logarithms, panel->nx * panel->ny, error);
    if (status != WK_OK)
        return status;
    if (found[0] > 0.8 * found[1]) {
        choose_pale(panel);
        return WK_OK;
    }
    panel->logarithmic = found[0] > 0 && found[1] > 30 * found[0];
    if (!panel->logarithmic) {
        panel->limits = WK_PANEL_GIVEN;
        panel->high = fmin(1.25 * found[1], largest_of(panel));
        panel->high = panel->high > 0 ? panel->high : largest_of(panel);
        return WK_OK;
    }
    for (int64_t k = 0; k < panel->nx * panel->ny; k++)
        logarithms[k] = log10f(fmaxf(logarithms[k], (float)(found[0] / 10)));
    panel->values = logarithms;
    return WK_OK;
}

/* anywhere: nonzero: it has no place of its own */
static void describe_jump(char *text, size_t size, const wk_offset_picture *picture, int anywhere)
{
    char value[64], x[64], y[64], place[160] = "";
    if (!isfinite(picture->largest_jump)) {
        snprintf(text, size, "largest jump unknown");
        return;
    }
    wk_number_text(value, sizeof value, picture->largest_jump, 3);
    wk_fixed_text(x, sizeof x, picture->jump_x, 0);
    wk_fixed_text(y, sizeof y, picture->jump_y, 0);
    if (!anywhere && isfinite(picture->jump_x) && isfinite(picture->jump_y))
        snprintf(place, sizeof place, " at (%s, %s)", x, y);
    snprintf(text, size, "largest: %s px%s, %s 1 px", value, place,
             picture->largest_jump > tear ? "exceeds" : "within");
}

/* Where there is more room, and inside the image. */
static void label_jump(wk_figure *figure, wk_box image, const double place[2], const char *text)
{
    int before = place[0] > image.x + 0.6 * image.width;
    double y = fmin(fmax(place[1], image.y + 18), image.y + image.height - 18);
    wk_figure_font(figure, WK_TEXT_SIZE, 1);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text_plated(figure, place[0] + (before ? -25 : 25), y, before ? 1 : 0, 0.5, text);
}

/* A ring and the value beside it, inside the image. */
static void mark_jump(wk_figure *figure, wk_box image, const wk_offset_picture *picture)
{
    double place[2];
    char number[64], text[96];
    cairo_t *cairo = wk_figure_cairo(figure);
    if (!isfinite(picture->largest_jump) ||
        !wk_panel_place(place, image, (double)picture->width, (double)picture->height,
                        picture->jump_x, picture->jump_y))
        return;
    cairo_new_path(cairo);
    cairo_arc(cairo, place[0], place[1], 10, 0, 6.283185307179586);
    wk_figure_colour(figure, wk_colour_hex(0xffffff), 1);
    cairo_set_line_width(cairo, 5);
    cairo_stroke_preserve(cairo);
    wk_figure_colour(figure, WK_INK, 1);
    cairo_set_line_width(cairo, 2);
    cairo_stroke(cairo);
    if (image.width < 240 || image.height < 40)
        return; /* the note has the value */
    wk_number_text(number, sizeof number, picture->largest_jump, 3);
    snprintf(text, sizeof text, "%s px", number);
    label_jump(figure, image, place, text);
}

static wk_status draw_jump_panel(wk_figure *figure, wk_box box, wk_panel *panel,
                                 const wk_panel_range *found, float *room, wk_error *error)
{
    wk_status status = WK_OK;
    if (found->finite > 0 && found->constant)
        choose_pale(panel);
    else if (found->finite > 0)
        status = choose_scale(panel, room, error);
    return status == WK_OK ? wk_panel_draw(figure, box, panel, error) : status;
}

static void note_jump(wk_figure *figure, double x, double y, const wk_offset_picture *picture,
                      int anywhere)
{
    char text[TEXT];
    int torn = picture->largest_jump > tear;
    describe_jump(text, sizeof text, picture, anywhere);
    wk_figure_font(figure, 0.9 * WK_TEXT_SIZE, torn);
    wk_figure_colour(figure, torn ? WK_INK_WARM : WK_INK, 1);
    wk_figure_text(figure, x, y, 0, 0.5, text);
}

static wk_status draw_jumps(wk_figure *figure, const wk_offset_picture *picture, wk_error *error)
{
    wk_panel_range range;
    wk_panel panel = panel_of(picture, picture->jump);
    wk_box box = wk_figure_offset_box(picture->width, picture->height, 3);
    wk_box image = wk_panel_image(box, panel.width, panel.height);
    panel.map = WK_COLOUR_EMBER;
    panel.title = "Largest jump between neighbouring pixels";
    panel.name = "jump";
    float *room = wk_memory_raw((size_t)(panel.nx * panel.ny), sizeof *room, error);
    if (!room)
        return WK_MEMORY;
    for (int64_t k = 0; k < panel.nx * panel.ny; k++)
        room[k] = isfinite(panel.values[k]) ? panel.values[k] : NAN;
    wk_status status = wk_panel_range_find(&range, &panel, error);
    if (status == WK_OK)
        status = draw_jump_panel(figure, box, &panel, &range, room, error);
    wk_memory_free(room);
    if (status != WK_OK)
        return status;
    if (!range.constant)
        mark_jump(figure, image, picture);
    note_jump(figure, image.x, note_level(image, &range, &panel), picture, range.constant);
    return WK_OK;
}

wk_status wk_figure_offset_draw(wk_figure *figure, const wk_offset_picture *picture,
                                wk_error *error)
{
    draw_head(figure, picture);
    wk_status status = draw_map(figure, picture, 0, error);
    if (status == WK_OK)
        status = draw_map(figure, picture, 1, error);
    if (status == WK_OK)
        status = draw_residuals(figure, picture, error);
    return status == WK_OK ? draw_jumps(figure, picture, error) : status;
}

static wk_status check(const char *path, const wk_offset_picture *picture, wk_error *error)
{
    if (picture->width < 1 || picture->height < 1)
        return wk_error_set(error, WK_ARGUMENT, path,
                            "an image of %lld x %lld pixels has no offsets",
                            (long long)picture->width, (long long)picture->height);
    if (picture->nx < 1 || picture->ny < 1)
        return wk_error_set(error, WK_ARGUMENT, path, "a grid of %lld x %lld blocks is empty",
                            (long long)picture->nx, (long long)picture->ny);
    if (picture->stars < 0)
        return wk_error_set(error, WK_ARGUMENT, path, "there cannot be %lld stars",
                            (long long)picture->stars);
    return WK_OK;
}

wk_status wk_figure_offset(const char *path, const wk_offset_picture *picture, int overwrite,
                           wk_error *error)
{
    int width, height;
    wk_figure *figure;
    wk_status status = check(path, picture, error);
    if (status != WK_OK)
        return status;
    wk_figure_offset_size(&width, &height, picture->width, picture->height);
    status = wk_figure_open(&figure, path, width, height, overwrite, error);
    if (status != WK_OK)
        return status;
    status = wk_figure_offset_draw(figure, picture, error);
    if (status == WK_OK)
        return wk_figure_close(figure, error);
    wk_figure_abandon(figure);
    return status;
}
