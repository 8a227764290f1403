/* The pixels of an image as colours. */
#include <math.h>
#include <string.h>

#include "memory.h"
#include "preview_panel.h"

enum { SHADES = 1024 };

/* of a mask: over a picture pixel with one flagged image pixel, and with all */
static const double faintest = 0.2, densest = 0.5;

wk_colour wk_preview_colour(const wk_preview_options *options, double shade)
{
    static const wk_colour_map maps[] = {WK_COLOUR_GRAY, WK_COLOUR_VIRIDIS, WK_COLOUR_MAGMA,
                                         WK_COLOUR_DIVERGING};
    /* the diverging map runs from blue to red */
    int backward = (options->reversed != 0) != (options->map == WK_PREVIEW_RDBU);
    if (isnan(shade))
        return wk_colour_hex(options->map == WK_PREVIEW_GRAY ? 0x8a6650 : 0xb4b4b4);
    return wk_colour_at(maps[options->map], backward ? 1 - shade : shade);
}

static unsigned packed(wk_colour colour)
{
    unsigned red = (unsigned)lround(255 * colour.red), green = (unsigned)lround(255 * colour.green);
    return red << 16 | green << 8 | (unsigned)lround(255 * colour.blue);
}

typedef struct shades {
    unsigned tones[SHADES], unknown;
} shades;

static void fill_shades(shades *out, const wk_preview_options *options)
{
    for (int k = 0; k < SHADES; k++)
        out->tones[k] = packed(wk_preview_colour(options, (double)k / (SHADES - 1)));
    out->unknown = packed(wk_preview_colour(options, (double)NAN));
}

static unsigned blended(unsigned under, wk_colour over, double alpha)
{
    unsigned out = 0;
    const double parts[3] = {over.red, over.green, over.blue};
    for (int k = 0; k < 3; k++) {
        int shift = 16 - 8 * k;
        double below = (under >> shift & 255) / 255.0;
        out |= (unsigned)lround(255 * (below + (parts[k] - below) * alpha)) << shift;
    }
    return out;
}

/* The first row of the values is the lowest, that of the surface the highest. */
static unsigned *row_of(cairo_surface_t *surface, int64_t height, int64_t y)
{
    size_t stride = (size_t)cairo_image_surface_get_stride(surface);
    return (unsigned *)(void *)(cairo_image_surface_get_data(surface) +
                                (size_t)(height - 1 - y) * stride);
}

static void paint_values(cairo_surface_t *surface, const wk_preview *preview,
                         const wk_thumbnail *thumbnail, const shades *all)
{
    for (int64_t y = 0; y < thumbnail->height; y++) {
        unsigned *out = row_of(surface, thumbnail->height, y);
        const float *values = thumbnail->values + y * thumbnail->width;
        for (int64_t x = 0; x < thumbnail->width; x++) {
            double shade = wk_stretch_at(&preview->stretch, (double)values[x]);
            out[x] = isnan(shade) ? all->unknown : all->tones[lround(shade * (SHADES - 1))];
        }
    }
}

static void paint_plane(cairo_surface_t *surface, const wk_thumbnail *thumbnail, size_t plane,
                        wk_colour colour)
{
    const uint8_t *shares =
        thumbnail->shares + (int64_t)plane * thumbnail->width * thumbnail->height;
    for (int64_t y = 0; y < thumbnail->height; y++) {
        unsigned *out = row_of(surface, thumbnail->height, y);
        for (int64_t x = 0; x < thumbnail->width; x++) {
            double share = shares[y * thumbnail->width + x] / 255.0;
            if (share > 0)
                out[x] = blended(out[x], colour, faintest + (densest - faintest) * share);
        }
    }
}

static void draw_surface(cairo_t *cairo, cairo_surface_t *surface, double enlarging)
{
    cairo_scale(cairo, enlarging, enlarging);
    cairo_set_source_surface(cairo, surface, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_NEAREST);
    cairo_paint(cairo);
}

/* Viewers of vector files would blur what is enlarged only there. */
static cairo_surface_t *enlarged(cairo_surface_t *surface, int enlarging)
{
    int width = cairo_image_surface_get_width(surface) * enlarging;
    int height = cairo_image_surface_get_height(surface) * enlarging;
    cairo_surface_t *large = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    cairo_t *cairo = cairo_create(large);
    draw_surface(cairo, surface, enlarging);
    cairo_destroy(cairo);
    return large;
}

static void show(wk_figure *figure, wk_box box, cairo_surface_t *surface, int enlarging)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    int vector = !wk_figure_image(figure) && enlarging > 1;
    cairo_surface_t *large = vector ? enlarged(surface, enlarging) : surface;
    cairo_save(cairo);
    cairo_rectangle(cairo, box.x, box.y, box.width, box.height);
    cairo_clip(cairo);
    cairo_translate(cairo, box.x, box.y);
    draw_surface(cairo, large, vector ? 1 : enlarging);
    cairo_restore(cairo);
    if (vector)
        cairo_surface_destroy(large);
}

wk_status wk_preview_paint(wk_figure *figure, wk_box box, const wk_preview *preview, size_t index,
                           wk_error *error)
{
    const wk_preview_panel *panel = &preview->panels[index];
    const wk_thumbnail *thumbnail = &panel->thumbnail;
    shades *all = wk_memory_raw(1, sizeof *all, error);
    if (!all)
        return WK_MEMORY;
    fill_shades(all, &preview->options);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)thumbnail->width,
                                                          (int)thumbnail->height);
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS) {
        cairo_surface_flush(surface);
        paint_values(surface, preview, thumbnail, all);
        for (size_t plane = 0; thumbnail->shares && plane < panel->image.plane_count; plane++)
            if (thumbnail->flagged[plane] > 0)
                paint_plane(surface, thumbnail, plane,
                            wk_preview_plane_colour(wk_preview_plane_index(preview, index, plane)));
        cairo_surface_mark_dirty(surface);
    }
    show(figure, box, surface, (int)panel->enlarging);
    cairo_surface_destroy(surface);
    wk_memory_free(all);
    return WK_OK;
}
