#include "figure.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include <cairo-pdf.h>
#include <cairo-svg.h>

#include "memory.h"
#include "output.h"
#include "status.h"

typedef enum figure_kind { KIND_PNG, KIND_SVG, KIND_PDF, KIND_UNKNOWN } figure_kind;

enum { BUFFER = 1 << 16 };

struct wk_figure {
    cairo_t *cairo;
    cairo_t *vector; /* what cairo was before the raster began; else NULL */
    wk_box raster;
    cairo_surface_t *surface;
    wk_output output;
    wk_error failure; /* the first write that failed; code WK_OK: none */
    figure_kind kind;
    char *path;
    size_t used; /* bytes that wait in the buffer */
    unsigned char buffer[BUFFER];
};

/* Points a canvas unit: 1800 units make a page of 12 inches, and 19 units a text of 9 points. */
static const double vector_scale = 0.48;

static figure_kind kind_of(const char *path)
{
    const char *ending = strrchr(path, '.');
    static const char *const endings[] = {".png", ".svg", ".pdf"};
    for (int k = 0; ending && k < 3; k++)
        if (strcasecmp(ending, endings[k]) == 0)
            return (figure_kind)k;
    return KIND_UNKNOWN;
}

static void flush(wk_figure *figure)
{
    if (figure->failure.code == WK_OK)
        wk_output_write(&figure->output, figure->buffer, figure->used, &figure->failure);
    figure->used = 0;
}

/* Cairo writes a few bytes at a time. */
static cairo_status_t write_bytes(void *payload, const unsigned char *bytes, unsigned length)
{
    wk_figure *figure = payload;
    while (length > 0) {
        size_t room = BUFFER - figure->used;
        unsigned part = length < room ? length : (unsigned)room;
        memcpy(figure->buffer + figure->used, bytes, part);
        figure->used += part;
        bytes += part;
        length -= part;
        if (figure->used == BUFFER)
            flush(figure);
    }
    return figure->failure.code == WK_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

/* A date inside the file would make equal figures differ. */
static cairo_surface_t *open_pdf(wk_figure *figure, double width, double height)
{
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(write_bytes, figure, width, height);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "welkin " WELKIN_VERSION);
    return surface;
}

static cairo_surface_t *open_surface(wk_figure *figure, int width, int height)
{
    double x = width * vector_scale, y = height * vector_scale;
    switch (figure->kind) {
    case KIND_SVG:
        return cairo_svg_surface_create_for_stream(write_bytes, figure, x, y);
    case KIND_PDF:
        return open_pdf(figure, x, y);
    default:
        return cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    }
}

/* Letters must have the same shape and width at every size and in every kind of file. */
static void plain_fonts(cairo_t *cairo)
{
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_set_font_options(cairo, options);
    cairo_font_options_destroy(options);
}

static void open_canvas(wk_figure *figure, int width, int height)
{
    figure->surface = open_surface(figure, width, height);
    figure->cairo = cairo_create(figure->surface);
    if (figure->kind != KIND_PNG)
        cairo_scale(figure->cairo, vector_scale, vector_scale);
    plain_fonts(figure->cairo);
    cairo_set_source_rgb(figure->cairo, 1, 1, 1);
    cairo_paint(figure->cairo);
    cairo_set_line_join(figure->cairo, CAIRO_LINE_JOIN_ROUND);
    wk_figure_font(figure, WK_TEXT_SIZE, 0);
}

static void release(wk_figure *figure)
{
    cairo_destroy(figure->cairo);
    cairo_surface_destroy(figure->surface);
    wk_memory_free(figure->path);
    wk_memory_free(figure);
}

wk_status wk_figure_open(wk_figure **out, const char *path, int width, int height, int overwrite,
                         wk_error *error)
{
    *out = NULL;
    figure_kind kind = kind_of(path);
    if (kind == KIND_UNKNOWN)
        return wk_error_set(error, WK_ARGUMENT, path,
                            "a figure's name must end in .png, .svg or .pdf");
    wk_figure *figure = wk_memory_new(1, sizeof *figure, error);
    if (!figure)
        return WK_MEMORY;
    figure->kind = kind;
    figure->path = wk_memory_text(path, error);
    wk_status status = WK_MEMORY;
    if (figure->path)
        status = wk_output_begin(&figure->output, path, overwrite, 0, error);
    if (status != WK_OK) {
        release(figure);
        return status;
    }
    open_canvas(figure, width, height);
    *out = figure;
    return WK_OK;
}

static cairo_status_t finish_drawing(wk_figure *figure)
{
    cairo_status_t state = cairo_status(figure->cairo);
    if (state == CAIRO_STATUS_SUCCESS && figure->kind == KIND_PNG)
        state = cairo_surface_write_to_png_stream(figure->surface, write_bytes, figure);
    cairo_surface_finish(figure->surface);
    cairo_status_t end = cairo_surface_status(figure->surface);
    return state != CAIRO_STATUS_SUCCESS ? state : end;
}

static wk_status judge(const wk_figure *figure, cairo_status_t state, wk_error *error)
{
    if (figure->failure.code != WK_OK) {
        if (error)
            *error = figure->failure;
        return figure->failure.code;
    }
    if (state == CAIRO_STATUS_NO_MEMORY)
        return wk_error_set(error, WK_MEMORY, figure->path, "no memory to draw the figure");
    if (state != CAIRO_STATUS_SUCCESS)
        return wk_error_set(error, WK_FILE, figure->path, "the figure cannot be drawn: %s",
                            cairo_status_to_string(state));
    return WK_OK;
}

wk_status wk_figure_close(wk_figure *figure, wk_error *error)
{
    cairo_status_t state = finish_drawing(figure);
    flush(figure);
    wk_status status = judge(figure, state, error);
    if (status == WK_OK)
        status = wk_output_commit(&figure->output, error);
    else
        wk_output_abandon(&figure->output);
    release(figure);
    return status;
}

void wk_figure_abandon(wk_figure *figure)
{
    if (!figure)
        return;
    cairo_surface_finish(figure->surface);
    wk_output_abandon(&figure->output);
    release(figure);
}

cairo_t *wk_figure_cairo(wk_figure *figure)
{
    return figure->cairo;
}

cairo_surface_t *wk_figure_image(wk_figure *figure)
{
    return figure->kind == KIND_PNG ? figure->surface : NULL;
}
/* Image pixels a canvas unit: 375 an inch of paper. */
static const double raster_scale = 2.5;

void wk_figure_raster_begin(wk_figure *figure, wk_box box)
{
    if (figure->kind == KIND_PNG)
        return;
    cairo_surface_t *image =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)ceil(box.width * raster_scale),
                                   (int)ceil(box.height * raster_scale));
    figure->vector = figure->cairo;
    figure->raster = box;
    figure->cairo = cairo_create(image);
    cairo_surface_destroy(image);
    cairo_scale(figure->cairo, raster_scale, raster_scale);
    cairo_translate(figure->cairo, -box.x, -box.y);
}

void wk_figure_raster_end(wk_figure *figure)
{
    if (!figure->vector)
        return;
    cairo_t *image = figure->cairo;
    figure->cairo = figure->vector;
    figure->vector = NULL;
    cairo_save(figure->cairo);
    cairo_translate(figure->cairo, figure->raster.x, figure->raster.y);
    cairo_scale(figure->cairo, 1 / raster_scale, 1 / raster_scale);
    cairo_set_source_surface(figure->cairo, cairo_get_target(image), 0, 0);
    cairo_paint(figure->cairo);
    cairo_restore(figure->cairo);
    cairo_destroy(image);
}

void wk_figure_colour(wk_figure *figure, wk_colour colour, double alpha)
{
    cairo_set_source_rgba(wk_figure_cairo(figure), colour.red, colour.green, colour.blue, alpha);
}

/* A thin upright or level line is crisp in the middle of a pixel. */
static double crisp(double place)
{
    return floor(place) + 0.5;
}

void wk_figure_line(wk_figure *figure, double x0, double y0, double x1, double y1, double width)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    int upright = x0 == x1, level = y0 == y1;
    cairo_move_to(cairo, upright ? crisp(x0) : x0, level ? crisp(y0) : y0);
    cairo_line_to(cairo, upright ? crisp(x1) : x1, level ? crisp(y1) : y1);
    cairo_set_line_width(cairo, width);
    cairo_stroke(cairo);
}

void wk_figure_disc(wk_figure *figure, double x, double y, double radius)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    cairo_new_path(cairo);
    cairo_arc(cairo, x, y, radius, 0, 6.283185307179586);
    cairo_fill(cairo);
}

void wk_figure_rectangle(wk_figure *figure, wk_box box)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    cairo_rectangle(cairo, box.x, box.y, box.width, box.height);
    cairo_fill(cairo);
}

void wk_figure_frame(wk_figure *figure, wk_box box, double width)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    double x = crisp(box.x), y = crisp(box.y);
    cairo_rectangle(cairo, x, y, crisp(box.x + box.width) - x, crisp(box.y + box.height) - y);
    cairo_set_line_width(cairo, width);
    cairo_stroke(cairo);
}

void wk_figure_message(wk_figure *figure, wk_box box, const char *text)
{
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_font(figure, WK_TEXT_SIZE, 0);
    wk_figure_text(figure, box.x + box.width / 2, box.y + box.height / 2, 0.5, 0.5, text);
}
