#include "figure_panel.h"

#include <math.h>
#include <stdio.h>

#include "memory.h"
#include "select.h"

enum { TONES = 1024, TEXT = 256 };

static const double thinnest = 60, bar_least = 200;

/* Values of rounding only: a few units in the last place of float32. */
static const double rounding = 1e-6;

static void extremes(const wk_panel *panel, double *low, double *high, int64_t *finite)
{
    *low = INFINITY;
    *high = -INFINITY;
    *finite = 0;
    for (int64_t k = 0; k < panel->nx * panel->ny; k++) {
        double value = (double)panel->values[k];
        if (!isfinite(value))
            continue;
        *low = fmin(*low, value);
        *high = fmax(*high, value);
        ++*finite;
    }
}

/* The percentiles of the finite values, or of their sizes. */
static wk_status percentiles(double found[2], const wk_panel *panel, int sizes, wk_error *error)
{
    static const double fractions[] = {0.005, 0.995};
    int64_t count = 0;
    float *finite = wk_memory_raw((size_t)(panel->nx * panel->ny), sizeof *finite, error);
    if (!finite)
        return WK_MEMORY;
    for (int64_t k = 0; k < panel->nx * panel->ny; k++)
        if (isfinite(panel->values[k]))
            finite[count++] = sizes ? fabsf(panel->values[k]) : panel->values[k];
    wk_status status = wk_select_quantiles(found, fractions, 2, finite, count, error);
    wk_memory_free(finite);
    return status;
}

/* A cut that leaves out next to nothing is not worth its arrow. */
static void cut(wk_panel_range *range, const double found[2], double low, double high)
{
    double slack = (found[1] - found[0]) / 4;
    range->low = low >= found[0] - slack ? low : found[0];
    range->high = high <= found[1] + slack ? high : found[1];
    if (!(range->high > range->low)) {
        range->low = low;
        range->high = high;
    }
}

static void cut_about_zero(wk_panel_range *range, const double found[2], double largest,
                           double least)
{
    double half = largest <= 1.25 * found[1] || found[1] == 0 ? largest : found[1];
    range->high = fmax(half, least);
    range->low = -range->high;
}

wk_status wk_panel_range_find(wk_panel_range *range, const wk_panel *panel, wk_error *error)
{
    double low, high, found[2];
    *range = (wk_panel_range){0};
    extremes(panel, &low, &high, &range->finite);
    if (range->finite == 0)
        return WK_OK;
    double largest = fmax(fabs(low), fabs(high));
    range->constant = high - low <= rounding * largest;
    range->low = panel->low;
    range->high = panel->high;
    if (panel->limits != WK_PANEL_GIVEN) {
        int sizes = panel->limits == WK_PANEL_ABOUT_ZERO;
        wk_status status = percentiles(found, panel, sizes, error);
        if (status != WK_OK)
            return status;
        if (sizes)
            cut_about_zero(range, found, largest, panel->high);
        else
            cut(range, found, low, high);
    }
    range->beyond = (low < range->low) + 2 * (high > range->high);
    return WK_OK;
}

wk_box wk_panel_image(wk_box box, double width, double height)
{
    double scale = fmin(box.width / width, box.height / height);
    wk_box image = {round(box.x), 0, round(width * scale), round(height * scale)};
    image.width = fmax(image.width, fmin(thinnest, floor(box.width)));
    image.height = fmax(image.height, fmin(thinnest, floor(box.height)));
    image.y = round(box.y + (box.height - image.height) / 2);
    return image;
}

int wk_panel_place(double place[2], wk_box image, double width, double height, double x, double y)
{
    place[0] = image.x + (x + 0.5) / width * image.width;
    place[1] = image.y + image.height - (y + 0.5) / height * image.height;
    return x >= -0.5 && x <= width - 0.5 && y >= -0.5 && y <= height - 0.5;
}

/* What a row or column of the picture shows: two neighbours of the grid, and the second's share. */
typedef struct blend {
    int64_t first, second;
    double share;
} blend;

static blend blend_smooth(int64_t count, double place)
{
    double centre = fmin(fmax(place * (double)count - 0.5, 0), (double)(count - 1));
    int64_t first = (int64_t)centre;
    blend b = {first, first + 1 < count ? first + 1 : first, centre - (double)first};
    return b;
}

static blend blend_block(int64_t count, double place)
{
    int64_t index = (int64_t)(place * (double)count);
    index = index < count ? index : count - 1;
    blend b = {index, index, 0};
    return b;
}

/* place: 0..1 along the image.  size: of the image in pixels. */
static blend blend_edges(const double *edges, int64_t count, double place, double size)
{
    double pixel = place * size - 0.5;
    int64_t low = 0, high = count;
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        if (pixel < edges[middle])
            high = middle;
        else
            low = middle;
    }
    blend b = {low, low, 0};
    return b;
}

static void blend_all(blend *blends, int steps, int64_t count, const double *edges, double size,
                      int smooth)
{
    for (int k = 0; k < steps; k++) {
        double place = (k + 0.5) / steps;
        blends[k] = edges    ? blend_edges(edges, count, place, size)
                    : smooth ? blend_smooth(count, place)
                             : blend_block(count, place);
    }
}

/* A value that is not finite claims its own block and nothing of its neighbours'. */
static double blended(const wk_panel *panel, const blend *x, const blend *y)
{
    double sum = 0, weights = 0;
    const float *near = panel->values + (y->share < 0.5 ? y->first : y->second) * panel->nx;
    double nearest = (double)near[x->share < 0.5 ? x->first : x->second];
    if (!isfinite(nearest) || (x->first == x->second && y->first == y->second))
        return nearest;
    for (int corner = 0; corner < 4; corner++) {
        int64_t row = corner & 2 ? y->second : y->first;
        double value = (double)panel->values[row * panel->nx + (corner & 1 ? x->second : x->first)];
        double weight =
            (corner & 1 ? x->share : 1 - x->share) * (corner & 2 ? y->share : 1 - y->share);
        if (isfinite(value) && weight > 0) {
            sum += weight * value;
            weights += weight;
        }
    }
    return sum / weights;
}

static unsigned packed(wk_colour colour)
{
    unsigned red = (unsigned)lround(255 * colour.red);
    unsigned green = (unsigned)lround(255 * colour.green);
    unsigned blue = (unsigned)lround(255 * colour.blue);
    return red << 16 | green << 8 | blue;
}

/* The last tone is the colour of what is not finite. */
static void mix_tones(unsigned tones[TONES + 1], wk_colour_map map)
{
    for (int k = 0; k < TONES; k++)
        tones[k] = packed(wk_colour_at(map, k / (TONES - 1.0)));
    tones[TONES] = packed(wk_colour_at(map, (double)NAN));
}

static int tone_of(const wk_panel_range *range, double value)
{
    if (!isfinite(value))
        return TONES;
    double place = (value - range->low) / (range->high - range->low);
    return isfinite(place) ? (int)lround(fmin(fmax(place, 0), 1) * (TONES - 1)) : TONES / 2;
}

static void paint_rows(cairo_surface_t *surface, const wk_panel *panel, const wk_panel_range *range,
                       const blend *columns, const blend *rows)
{
    unsigned tones[TONES + 1];
    int width = cairo_image_surface_get_width(surface);
    int height = cairo_image_surface_get_height(surface);
    ptrdiff_t stride = cairo_image_surface_get_stride(surface);
    mix_tones(tones, panel->map);
    cairo_surface_flush(surface);
    for (int y = 0; y < height; y++) {
        unsigned *out = (unsigned *)(void *)(cairo_image_surface_get_data(surface) + y * stride);
        for (int x = 0; x < width; x++)
            out[x] = tones[tone_of(range, blended(panel, &columns[x], &rows[height - 1 - y]))];
    }
    cairo_surface_mark_dirty(surface);
}

static void show(wk_figure *figure, wk_box box, cairo_surface_t *surface, double scale)
{
    cairo_t *cairo = wk_figure_cairo(figure);
    cairo_save(cairo);
    cairo_translate(cairo, box.x, box.y);
    cairo_scale(cairo, 1 / scale, 1 / scale);
    cairo_set_source_surface(cairo, surface, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_NEAREST);
    cairo_paint(cairo);
    cairo_restore(cairo);
}

/* The picture has the canvas's own pixels, so that no scaling of Cairo's or of a viewer's blurs
 * blocks or smears grey; paper takes finer ones. */
static wk_status draw_image(wk_figure *figure, wk_box box, const wk_panel *panel,
                            const wk_panel_range *range, wk_error *error)
{
    double scale = wk_figure_image(figure) ? 1 : 2;
    int width = (int)(box.width * scale), height = (int)(box.height * scale);
    blend *blends = wk_memory_raw((size_t)(width + height), sizeof *blends, error);
    if (!blends)
        return WK_MEMORY;
    blend_all(blends, width, panel->nx, panel->edges_x, panel->width, panel->smooth);
    blend_all(blends + width, height, panel->ny, panel->edges_y, panel->height, panel->smooth);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
        paint_rows(surface, panel, range, blends, blends + width);
    show(figure, box, surface, scale);
    cairo_surface_destroy(surface);
    wk_memory_free(blends);
    return WK_OK;
}

/* As many ticks as there is room for, and none between pixels. */
static int tick_count(double length, double pixels)
{
    return (int)fmax(fmin(fmin(length / 90, 6), pixels), 1);
}

void wk_panel_frame(wk_figure *figure, wk_box image, double width, double height, const char *title)
{
    wk_scale x = {-0.5, width - 0.5, image.x, image.x + image.width};
    wk_scale y = {-0.5, height - 0.5, image.y + image.height, image.y};
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, image.x, image.y - 16, 0, 1, title);
    wk_axis_below(figure, image, &x, tick_count(image.width, width), "x", "pixel");
    wk_axis_left(figure, image, &y, tick_count(image.height, height), "y", "pixel");
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_frame(figure, image, 1);
}

/* A round number within the range: the ticks of the coarsest scale that has one there. */
static wk_ticks coarse_ticks(const wk_panel_range *range)
{
    wk_ticks ticks = {0};
    for (int most = 1; most < 6 && ticks.count == 0; most++)
        ticks = wk_ticks_nice(range->low, range->high, most);
    return ticks;
}

/* What is taken off the numbers at the colour bar where they would differ in late digits only. */
static double bar_base(const wk_panel_range *range)
{
    double width = range->high - range->low;
    double largest = fmax(fabs(range->low), fabs(range->high));
    if (largest < 500 * width)
        return 0;
    wk_ticks ticks = coarse_ticks(range);
    return ticks.count > 0 ? wk_ticks_value(&ticks, ticks.count / 2) : 0;
}

/* All digits of the base, which is a tick. */
static void bar_name(char text[TEXT], const wk_panel *panel, const wk_panel_range *range,
                     double base)
{
    char number[64];
    if (base == 0) {
        snprintf(text, TEXT, "%s", panel->name);
        return;
    }
    double step = coarse_ticks(range).step;
    int digits = 1 + (int)floor(log10(fabs(base)) + 1e-9) - (int)floor(log10(step) + 1e-9);
    wk_number_text(number, sizeof number, fabs(base), digits > 1 ? digits : 1);
    snprintf(text, TEXT, "%s %s %s", panel->name, base > 0 ? "−" : "+", number);
}

static void draw_bar(wk_figure *figure, wk_box box, wk_box image, const wk_panel *panel,
                     const wk_panel_range *range)
{
    char name[TEXT];
    double base = bar_base(range);
    double height = fmin(fmax(image.height, bar_least), fmax(box.height, image.height));
    double low = range->beyond & 1 ? 18 : 0, high = range->beyond & 2 ? 18 : 0;
    double top = image.y + (image.height - height) / 2 + high;
    wk_box bar = {image.x + image.width + 22, top, 22, height - low - high};
    if (panel->logarithmic) {
        wk_colour_bar_powers(figure, bar, panel->map, range->low, range->high, range->beyond,
                             panel->name, panel->unit);
        return;
    }
    bar_name(name, panel, range, base);
    wk_colour_bar(figure, bar, panel->map, 1, range->low - base, range->high - base, range->beyond,
                  name, panel->unit);
}

/* Returns where the next part of the note may start. */
static double note_unknown(wk_figure *figure, double x, double y, const wk_panel *panel)
{
    wk_box patch = {x, y - 8, 28, 17};
    wk_figure_colour(figure, wk_colour_at(panel->map, (double)NAN), 1);
    wk_figure_rectangle(figure, patch);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_frame(figure, patch, 0.8);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, x + 40, y, 0, 0.5, panel->unknown);
    return x + 40 + wk_figure_text_width(figure, panel->unknown) + 30;
}

static void draw_note(wk_figure *figure, wk_box image, const wk_panel *panel,
                      const wk_panel_range *range)
{
    char number[64], text[TEXT];
    double x = image.x, y = image.y + image.height + 88;
    wk_figure_font(figure, 0.9 * WK_TEXT_SIZE, 0);
    if (range->finite < panel->nx * panel->ny)
        x = note_unknown(figure, x, y, panel);
    if (range->finite == 0 || !range->constant)
        return;
    double value = 0;
    for (int64_t k = 0; k < panel->nx * panel->ny; k++)
        if (isfinite(panel->values[k]))
            value = (double)panel->values[k];
    wk_number_text(number, sizeof number, panel->logarithmic ? pow(10, value) : value, 5);
    snprintf(text, sizeof text, "constant: %s%s%s", number, panel->unit ? " " : "",
             panel->unit ? panel->unit : "");
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, x, y, 0, 0.5, text);
}

wk_status wk_panel_draw(wk_figure *figure, wk_box box, const wk_panel *panel, wk_error *error)
{
    wk_panel_range range;
    wk_box image = wk_panel_image(box, panel->width, panel->height);
    wk_status status = wk_panel_range_find(&range, panel, error);
    if (status == WK_OK && range.constant && panel->limits == WK_PANEL_FOUND)
        range.low = range.high; /* rounding gets one colour */
    if (status == WK_OK)
        status = draw_image(figure, image, panel, &range, error);
    if (status != WK_OK)
        return status;
    wk_panel_frame(figure, image, panel->width, panel->height, panel->title);
    draw_note(figure, image, panel, &range);
    if (range.high > range.low)
        draw_bar(figure, box, image, panel, &range);
    if (range.finite == 0) {
        wk_figure_colour(figure, WK_INK, 1);
        wk_figure_font(figure, WK_TEXT_SIZE, 0);
        wk_figure_text_rimmed(figure, image.x + image.width / 2, image.y + image.height / 2, 0.5,
                              0.5, "no finite value");
    }
    return WK_OK;
}
