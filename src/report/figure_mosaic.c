#include "figure_mosaic.h"

#include <math.h>
#include <stdlib.h>

#include "memory.h"

/* A pixel that squares cover less has no colour. */
static const double least_cover = 0.2;

wk_status wk_mosaic_open(wk_mosaic *mosaic, wk_box box, const wk_sky_view *view, int layers,
                         wk_error *error)
{
    *mosaic = (wk_mosaic){.box = box, .view = view, .layers = layers};
    mosaic->width = (int)box.width;
    mosaic->height = (int)box.height;
    mosaic->scale = wk_sky_scale(box, view);
    size_t pixels = (size_t)mosaic->width * (size_t)mosaic->height;
    mosaic->values = wk_memory_new(pixels * (size_t)layers, sizeof *mosaic->values, error);
    mosaic->covers = wk_memory_new(pixels, sizeof *mosaic->covers, error);
    return mosaic->values && mosaic->covers ? WK_OK : WK_MEMORY;
}

void wk_mosaic_release(wk_mosaic *mosaic)
{
    wk_memory_free(mosaic->values);
    wk_memory_free(mosaic->covers);
    mosaic->values = mosaic->covers = NULL;
}

/* What a stretch covers of the pixel from at to at + 1. */
static double shared(double from, double to, int at)
{
    return fmax(fmin(to, at + 1) - fmax(from, at), 0);
}

static void add_pixel(wk_mosaic *mosaic, int x, int y, double cover, const double *values)
{
    size_t pixels = (size_t)mosaic->width * (size_t)mosaic->height;
    size_t at = (size_t)y * (size_t)mosaic->width + (size_t)x;
    mosaic->covers[at] += cover;
    for (int k = 0; k < mosaic->layers; k++)
        mosaic->values[(size_t)k * pixels + at] += cover * values[k];
}

void wk_mosaic_add(wk_mosaic *mosaic, const double sky[2], double side, const double *values)
{
    double xy[2], place[2], half = 0.5 * side * mosaic->scale;
    if (!wk_sky_project(mosaic->view, sky[0], sky[1], xy))
        return;
    wk_sky_place(place, mosaic->box, mosaic->view, xy);
    double left = place[0] - mosaic->box.x - half, top = place[1] - mosaic->box.y - half;
    double right = left + 2 * half, bottom = top + 2 * half;
    if (!(right > 0 && left < mosaic->width && bottom > 0 && top < mosaic->height))
        return;
    int last_x = (int)fmin(right, mosaic->width - 1),
        last_y = (int)fmin(bottom, mosaic->height - 1);
    for (int y = (int)fmax(top, 0); y <= last_y; y++)
        for (int x = (int)fmax(left, 0); x <= last_x; x++)
            add_pixel(mosaic, x, y, shared(left, right, x) * shared(top, bottom, y), values);
}

void wk_mosaic_finish(wk_mosaic *mosaic)
{
    size_t pixels = (size_t)mosaic->width * (size_t)mosaic->height;
    for (size_t i = 0; i < pixels * (size_t)mosaic->layers; i++) {
        double cover = mosaic->covers[i % pixels];
        mosaic->values[i] = cover >= least_cover ? mosaic->values[i] / cover : (double)NAN;
    }
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

wk_status wk_mosaic_spread(double *spread, const wk_mosaic *mosaic, int layer, wk_error *error)
{
    size_t pixels = (size_t)mosaic->width * (size_t)mosaic->height, count = 0;
    const double *values = mosaic->values + (size_t)layer * pixels;
    double *sizes = wk_memory_raw(pixels, sizeof *sizes, error);
    if (!sizes)
        return WK_MEMORY;
    for (size_t i = 0; i < pixels; i++)
        if (isfinite(values[i]))
            sizes[count++] = fabs(values[i]);
    qsort(sizes, count, sizeof *sizes, ascending);
    *spread = count > 0 ? sizes[(size_t)(0.99 * (double)(count - 1))] : 0;
    wk_memory_free(sizes);
    return WK_OK;
}

static unsigned tone(double value, double half)
{
    wk_colour colour = wk_colour_at(WK_COLOUR_DIVERGING, 0.5 + 0.5 * value / half);
    unsigned red = (unsigned)lround(255 * colour.red);
    unsigned green = (unsigned)lround(255 * colour.green);
    unsigned blue = (unsigned)lround(255 * colour.blue);
    return 0xff000000U | red << 16 | green << 8 | blue;
}

/* Where there is nothing the picture is clear.  Returns which ends values lie beyond, as
 * wk_colour_bar has it. */
static int paint_pixels(cairo_surface_t *surface, const wk_mosaic *mosaic, int layer, double half)
{
    ptrdiff_t stride = cairo_image_surface_get_stride(surface);
    const double *from =
        mosaic->values + (size_t)layer * (size_t)mosaic->width * (size_t)mosaic->height;
    double slack = half * (1 + 1e-9);
    int ends = 0;
    cairo_surface_flush(surface);
    for (int y = 0; y < mosaic->height; y++) {
        unsigned *out = (unsigned *)(void *)(cairo_image_surface_get_data(surface) + y * stride);
        for (int x = 0; x < mosaic->width; x++, from++) {
            out[x] = isnan(*from) ? 0 : tone(*from, half);
            ends |= (*from < -slack ? 1 : 0) | (*from > slack ? 2 : 0);
        }
    }
    cairo_surface_mark_dirty(surface);
    return ends;
}

static int draw_image(wk_figure *figure, wk_box box, const wk_mosaic *mosaic, int layer,
                      double half)
{
    int ends = 0;
    cairo_t *cairo = wk_figure_cairo(figure);
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, mosaic->width, mosaic->height);
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
        ends = paint_pixels(surface, mosaic, layer, half);
    cairo_save(cairo);
    cairo_set_source_surface(cairo, surface, box.x, box.y);
    cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_NEAREST);
    cairo_paint(cairo);
    cairo_restore(cairo);
    cairo_surface_destroy(surface);
    return ends;
}

void wk_mosaic_draw(wk_figure *figure, wk_box box, const wk_mosaic *mosaic, int layer,
                    const wk_sky_shapes *shapes, const wk_mosaic_paint *paint)
{
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, box.x, box.y - 16, 0, 1, paint->title);
    int ends = draw_image(figure, box, mosaic, layer, paint->half);
    wk_sky_draw_ground(figure, box, mosaic->view, shapes);
    double low = ends & 1 ? 18 : 0, high = ends & 2 ? 18 : 0;
    wk_box bar = {box.x + box.width + 22, box.y + high, 22, box.height - low - high};
    wk_colour_bar(figure, bar, WK_COLOUR_DIVERGING, 1, -paint->half, paint->half, ends, paint->name,
                  paint->unit);
}
