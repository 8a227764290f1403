/* The picture of a preview: what stands around the pixels. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "figure_axis.h"
#include "memory.h"
#include "preview_grid.h"
#include "preview_panel.h"

enum { TEXT = 512, PLANES = 64 };

static double ticks_for(double length, double pixels)
{
    return fmax(fmin(fmin(length / 110, 7), pixels), 1);
}

static void draw_pixel_axes(wk_figure *figure, wk_box box, const wk_preview_image *image)
{
    double x0 = (double)image->x0, y0 = (double)image->y0;
    double width = (double)image->rows.width, height = (double)image->rows.height;
    wk_scale x = {x0 - 0.5, x0 + width - 0.5, box.x, box.x + box.width};
    wk_scale y = {y0 - 0.5, y0 + height - 0.5, box.y + box.height, box.y};
    wk_axis_below(figure, box, &x, (int)ticks_for(box.width, width), "x", "pixel");
    wk_axis_left(figure, box, &y, (int)ticks_for(box.height, height), "y", "pixel");
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_frame(figure, box, 1);
}

/* Image pixels that a square of the picture only partly covers make the picture a little larger
 * than the image. */
static wk_box covered(wk_box box, const wk_preview_panel *panel)
{
    double square = (double)panel->thumbnail.binning / (double)panel->enlarging;
    wk_box inside = {box.x, box.y, (double)panel->image.rows.width / square,
                     (double)panel->image.rows.height / square};
    inside.y += box.height - inside.height;
    return inside;
}

static wk_status draw_axes(wk_figure *figure, wk_box box, const wk_preview *preview, size_t index,
                           wk_error *error)
{
    const wk_preview_panel *panel = &preview->panels[index];
    wk_box inside = covered(box, panel);
    if (preview->options.axes == WK_PREVIEW_AXES_PIXEL)
        draw_pixel_axes(figure, inside, &panel->image);
    if (preview->options.axes != WK_PREVIEW_AXES_SKY)
        return WK_OK;
    return wk_preview_grid(figure, inside, panel->image.wcs, (double)panel->image.rows.width,
                           (double)panel->image.rows.height, error);
}

static void draw_marks(wk_figure *figure, wk_box box, const wk_preview_panel *panel)
{
    const wk_preview_image *image = &panel->image;
    cairo_t *cairo = wk_figure_cairo(figure);
    wk_box inside = covered(box, panel);
    double radius = fmin(fmax(0.011 * fmax(box.width, box.height), 5), 12);
    cairo_save(cairo);
    cairo_rectangle(cairo, box.x, box.y, box.width, box.height);
    cairo_clip(cairo);
    cairo_new_path(cairo);
    for (int64_t k = 0; k < image->mark_count; k++) {
        double x = (image->marks[2 * k] + 0.5) / (double)image->rows.width;
        double y = (image->marks[2 * k + 1] + 0.5) / (double)image->rows.height;
        if (!(x >= 0 && x <= 1 && y >= 0 && y <= 1))
            continue;
        cairo_new_sub_path(cairo);
        cairo_arc(cairo, inside.x + x * inside.width, inside.y + (1 - y) * inside.height, radius, 0,
                  6.283185307179586);
    }
    wk_figure_colour(figure, wk_colour_hex(0xffffff), 0.85);
    cairo_set_line_width(cairo, 3.6);
    cairo_stroke_preserve(cairo);
    wk_figure_colour(figure, wk_colour_hex(0xd1246c), 1);
    cairo_set_line_width(cairo, 1.6);
    cairo_stroke(cairo);
    cairo_restore(cairo);
}

/* Of an image whose pixels tell nothing. */
static int plain_words(char text[TEXT], const wk_preview_panel *panel)
{
    char number[64];
    const wk_thumbnail *from = &panel->thumbnail;
    const char *unit = panel->image.unit ? panel->image.unit : "";
    if (from->finite == 0) {
        snprintf(text, TEXT, "no finite pixel");
        return 1;
    }
    if (from->min < from->max)
        return 0;
    wk_number_text(number, sizeof number, from->min, 6);
    snprintf(text, TEXT, "constant: %s%s%s", number, *unit ? " " : "", unit);
    return 1;
}

static void draw_words(wk_figure *figure, wk_box box, const wk_preview_panel *panel)
{
    char text[TEXT];
    if (!plain_words(text, panel))
        return;
    wk_figure_font(figure, WK_TEXT_SIZE, 0);
    double width = wk_figure_text_width(figure, text);
    if (width > 0.9 * box.width)
        wk_figure_font(figure, WK_TEXT_SIZE * 0.9 * box.width / width, 0);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text_plated(figure, box.x + box.width / 2, box.y + box.height / 2, 0.5, 0.5, text);
}

static void draw_title(wk_figure *figure, wk_box box, const char *name)
{
    char text[TEXT];
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text_shorten(figure, text, sizeof text, name, fmax(box.width, 120));
    wk_figure_text(figure, box.x, box.y - 18, 0, 1, text);
}

/* What else must be said of an image: what a mark is, what pixels have no value. */
static void draw_note(wk_figure *figure, const wk_preview_layout *layout, wk_box box,
                      const wk_preview *preview, size_t index)
{
    const wk_preview_panel *panel = &preview->panels[index];
    char text[TEXT] = "", count[32];
    double x = box.x, y = box.y + box.height + layout->below - 22;
    wk_figure_font(figure, 0.9 * WK_TEXT_SIZE, 0);
    if (panel->thumbnail.finite < panel->thumbnail.pixels && panel->thumbnail.finite > 0) {
        wk_figure_colour(figure, wk_preview_colour(&preview->options, (double)NAN), 1);
        wk_figure_rectangle(figure, (wk_box){x, y - 8, 28, 17});
        wk_count_text(count, sizeof count,
                      (size_t)(panel->thumbnail.pixels - panel->thumbnail.finite));
        snprintf(text, sizeof text, "not finite: %s px", count);
        wk_figure_colour(figure, WK_INK, 1);
        wk_figure_text(figure, x + 38, y, 0, 0.5, text);
        x += 38 + wk_figure_text_width(figure, text) + 26;
    }
    if (panel->image.mark_count > 0) {
        wk_count_text(count, sizeof count, (size_t)wk_preview_describe(preview, index).marked);
        snprintf(text, sizeof text, "○ %s marks", count);
        wk_figure_colour(figure, WK_INK, 1);
        wk_figure_text(figure, x, y, 0, 0.5, text);
    }
}

static wk_status draw_panel(wk_figure *figure, const wk_preview_layout *layout,
                            const wk_preview *preview, size_t index, wk_error *error)
{
    const wk_preview_panel *panel = &preview->panels[index];
    wk_box box = wk_preview_box(layout, preview, index);
    wk_status status = wk_preview_paint(figure, box, preview, index, error);
    if (status == WK_OK && !layout->bare)
        status = draw_axes(figure, box, preview, index, error);
    if (status != WK_OK)
        return status;
    draw_marks(figure, box, panel);
    draw_words(figure, box, panel);
    int titled = preview->options.axes != WK_PREVIEW_AXES_NONE || preview->count > 1;
    if (titled && panel->image.name)
        draw_title(figure, box, panel->image.name);
    if (!layout->bare)
        draw_note(figure, layout, box, preview, index);
    return WK_OK;
}

static void draw_entry(wk_figure *figure, double x, double y, const wk_preview_plane *plane)
{
    char text[TEXT], share[32];
    double percent = 100 * (double)plane->flagged / (double)plane->pixels;
    wk_number_text(share, sizeof share, percent, 2);
    snprintf(text, sizeof text, "%s  %s %%", plane->name, share);
    wk_figure_colour(figure, wk_preview_plane_colour(plane->index), 1);
    wk_figure_rectangle(figure, (wk_box){x, y - 9, 28, 18});
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, x + 38, y, 0, 0.5, text);
}

static void draw_legend(wk_figure *figure, const wk_preview_layout *layout,
                        const wk_preview *preview)
{
    wk_preview_plane planes[PLANES];
    size_t count = wk_preview_planes(planes, PLANES, preview);
    double x = wk_preview_box(layout, preview, 0).x, y = layout->legend + WK_LEGEND_LINE / 2.0;
    size_t across = (size_t)fmax(floor(layout->width / (double)WK_LEGEND_COLUMN), 1);
    int masked = 0;
    for (size_t k = 0; k < preview->count; k++)
        masked |= preview->panels[k].thumbnail.shares != NULL;
    wk_figure_font(figure, 0.9 * WK_TEXT_SIZE, 0);
    for (size_t k = 0; k < count; k++)
        draw_entry(figure, x + WK_LEGEND_COLUMN * (double)(k % across),
                   y + WK_LEGEND_LINE * (double)(k / across), &planes[k]);
    wk_figure_colour(figure, WK_INK, 1);
    if (masked && count == 0)
        wk_figure_text(figure, x, y, 0, 0.5, "no pixel is flagged");
}

static void draw_bar(wk_figure *figure, const wk_preview_layout *layout, const wk_preview *preview)
{
    wk_box first = wk_preview_box(layout, preview, 0);
    wk_box side = {layout->columns * layout->cell.width - layout->right, first.y, 0,
                   layout->rows * layout->cell.height - layout->top - layout->below};
    if (!preview->options.colour_bar || !(preview->limits[1] > preview->limits[0]))
        return;
    if (preview->count == 1)
        side.x = first.x + first.width;
    wk_preview_bar(figure, side, preview);
}

static int is_png(const char *path)
{
    const char *ending = strrchr(path, '.');
    return ending && !strcasecmp(ending, ".png");
}

wk_status wk_preview_draw(const char *path, const wk_preview *preview, int overwrite,
                          wk_error *error)
{
    wk_preview_layout layout;
    wk_figure *figure = NULL;
    char text[TEXT];
    wk_status status = wk_preview_lay(&layout, preview, error);
    if (status == WK_OK && layout.bare && is_png(path) && !plain_words(text, &preview->panels[0]))
        return wk_preview_write_bare(path, preview, overwrite, error);
    if (status == WK_OK)
        status = wk_figure_open(&figure, path, layout.width, layout.height, overwrite, error);
    for (size_t k = 0; status == WK_OK && k < preview->count; k++)
        status = draw_panel(figure, &layout, preview, k, error);
    if (status != WK_OK) {
        wk_figure_abandon(figure);
        return status;
    }
    draw_bar(figure, &layout, preview);
    draw_legend(figure, &layout, preview);
    return wk_figure_close(figure, error);
}
