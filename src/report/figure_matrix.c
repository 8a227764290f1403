#include "figure_matrix.h"

#include <math.h>
#include <stdio.h>

#include "figure_panel.h"
#include "memory.h"

enum { TEXT = 256 };

/* Smaller letters than these are not read; values above their errors take so many of a cell's side.
 */
static const double least_font = 11, least_above = 15, lines = 4.6;

static int at_centre(const wk_matrix *matrix, int64_t cell)
{
    return matrix->centre >= 0 && cell == matrix->centre * (matrix->size + 1);
}

/* What the colours follow; NaN: no colour. */
static double shade_value(const wk_matrix *matrix, int64_t cell)
{
    double value = matrix->values[cell];
    if (!isfinite(value) || at_centre(matrix, cell) || (matrix->logarithmic && !(value > 0)))
        return (double)NAN;
    return matrix->logarithmic ? log10(value) : value;
}

static double largest_size(const wk_matrix *matrix)
{
    double largest = 0;
    for (int64_t k = 0; k < matrix->size * matrix->size; k++)
        largest = fmax(largest, fabs(shade_value(matrix, k))); /* passes NaN by */
    return largest > 0 ? largest : 1;
}

/* In units of the largest, since float32 does not reach as far as double. */
wk_status wk_matrix_range_find(wk_matrix_range *range, const wk_matrix *matrix, wk_error *error)
{
    wk_panel_range found;
    int64_t count = matrix->size * matrix->size;
    double unit = largest_size(matrix);
    *range = (wk_matrix_range){0};
    float *values = wk_memory_raw((size_t)count, sizeof *values, error);
    if (!values)
        return WK_MEMORY;
    for (int64_t k = 0; k < count; k++)
        values[k] = (float)(shade_value(matrix, k) / unit);
    wk_panel panel = {.values = values,
                      .nx = matrix->size,
                      .ny = matrix->size,
                      .limits = matrix->signs ? WK_PANEL_ABOUT_ZERO : WK_PANEL_FOUND};
    wk_status status = wk_panel_range_find(&found, &panel, error);
    wk_memory_free(values);
    if (status != WK_OK)
        return status;
    *range = (wk_matrix_range){found.low * unit, found.high * unit, found.beyond, found.finite};
    if (found.constant && !matrix->signs)
        range->low = range->high; /* rounding gets one colour */
    return WK_OK;
}

static wk_colour_map map_of(const wk_matrix *matrix)
{
    return matrix->signs ? WK_COLOUR_DIVERGING : WK_COLOUR_VIRIDIS;
}

static wk_colour cell_colour(const wk_matrix *matrix, const wk_matrix_range *range, int64_t cell)
{
    double value = shade_value(matrix, cell);
    if (at_centre(matrix, cell))
        return WK_INK;
    if (isnan(value))
        return wk_colour_at(map_of(matrix), value);
    double place = (value - range->low) / (range->high - range->low);
    return wk_colour_at(map_of(matrix), isfinite(place) ? place : 0.5);
}

static unsigned packed(wk_colour colour)
{
    unsigned red = (unsigned)lround(255 * colour.red);
    unsigned green = (unsigned)lround(255 * colour.green);
    unsigned blue = (unsigned)lround(255 * colour.blue);
    return red << 16 | green << 8 | blue;
}

/* Cells that share a row or column of the picture. */
typedef struct span {
    int64_t first, end;
} span;

static span span_at(int64_t size, int side, int place)
{
    span cells = {place * size / side, (place + 1) * size / side};
    if (cells.end <= cells.first)
        cells.end = cells.first + 1;
    return cells;
}

/* Where cells are finer than the picture, what stands out most is seen. */
static int64_t shown_cell(const wk_matrix *matrix, span rows, span columns)
{
    int64_t shown = rows.first * matrix->size + columns.first;
    for (int64_t row = rows.first; row < rows.end; row++)
        for (int64_t column = columns.first; column < columns.end; column++) {
            int64_t cell = row * matrix->size + column;
            if (at_centre(matrix, cell))
                return cell;
            double before = matrix->values[shown], value = matrix->values[cell];
            if (!isfinite(before) || fabs(value) > fabs(before))
                shown = cell;
        }
    return shown;
}

static void paint(cairo_surface_t *surface, const wk_matrix *matrix, const wk_matrix_range *range)
{
    int side = cairo_image_surface_get_width(surface);
    int stride = cairo_image_surface_get_stride(surface);
    cairo_surface_flush(surface);
    for (int y = 0; y < side; y++) {
        unsigned *out = (unsigned *)(void *)(cairo_image_surface_get_data(surface) + y * stride);
        span rows = span_at(matrix->size, side, side - 1 - y);
        for (int x = 0; x < side; x++) {
            span columns = span_at(matrix->size, side, x);
            out[x] = packed(cell_colour(matrix, range, shown_cell(matrix, rows, columns)));
        }
    }
    cairo_surface_mark_dirty(surface);
}

/* In the canvas's own pixels, as a panel: no scaling blurs the cells; paper takes finer ones. */
static void draw_cells(wk_figure *figure, wk_box box, const wk_matrix *matrix,
                       const wk_matrix_range *range)
{
    double scale = wk_figure_image(figure) ? 1 : 2;
    int side = (int)(box.width * scale);
    cairo_t *cairo = wk_figure_cairo(figure);
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, side, side);
    if (cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS)
        paint(surface, matrix, range);
    cairo_save(cairo);
    cairo_translate(cairo, box.x, box.y);
    cairo_scale(cairo, 1 / scale, 1 / scale);
    cairo_set_source_surface(cairo, surface, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cairo), CAIRO_FILTER_NEAREST);
    cairo_paint(cairo);
    cairo_restore(cairo);
    cairo_surface_destroy(surface);
}

/* How the numbers in the cells are written: divided by the power of ten at the colour bar. */
typedef struct script {
    double power;
    int decimals;
    double font;
} script;

/* What rounds to zero has no sign. */
static void fixed(char text[TEXT], const script *hand, double value)
{
    double lead = value / hand->power;
    wk_fixed_text(text, TEXT, fabs(lead) < 0.5 * pow(10, -hand->decimals) ? 0 : lead,
                  hand->decimals);
}

static void write_value(char text[TEXT], const wk_matrix *matrix, const script *hand, int64_t cell)
{
    double value = matrix->values[cell];
    if (at_centre(matrix, cell))
        wk_number_text(text, TEXT, value, fabs(value - 1) < 1e-9 ? 1 : 4);
    else if (isfinite(value))
        fixed(text, hand, value);
    else
        snprintf(text, TEXT, "none");
}

static double least_error(const wk_matrix *matrix)
{
    double least = (double)INFINITY;
    for (int64_t k = 0; matrix->errors && k < matrix->size * matrix->size; k++)
        if (isfinite(matrix->errors[k]) && matrix->errors[k] > 0 && !at_centre(matrix, k))
            least = fmin(least, matrix->errors[k]);
    return least;
}

/* Three digits of the largest value, and more only where errors have digits there. */
static script script_of(const wk_matrix *matrix, const wk_matrix_range *range)
{
    script hand = {1, 3, WK_TEXT_SIZE};
    if (!(range->high > range->low))
        return hand;
    wk_ticks ticks = wk_ticks_nice(range->low, range->high, 6);
    hand.power = pow(10, ticks.exponent);
    double lead = log10(fmax(fabs(range->low), fabs(range->high)) / hand.power);
    double digits = fmax(2 - floor(lead + 1e-9), 0);
    double wanted = ceil(-log10(least_error(matrix) / hand.power) - 1e-9);
    hand.decimals = (int)fmin(fmax(digits, fmin(wanted, digits + 2)), 5);
    return hand;
}

/* The font in which the widest value leaves a margin in its cell. */
static void fit_font(wk_figure *figure, script *hand, const wk_matrix *matrix, double side)
{
    char text[TEXT];
    double widest = 1;
    wk_figure_font(figure, WK_TEXT_SIZE, 0);
    for (int64_t k = 0; k < matrix->size * matrix->size; k++) {
        write_value(text, matrix, hand, k);
        widest = fmax(widest, wk_figure_text_width(figure, text));
    }
    hand->font = fmin(WK_TEXT_SIZE * fmin(0.86 * side / widest, 1.3), 0.5 * side);
    if (matrix->errors && side / lines >= least_above)
        hand->font = fmin(hand->font, side / lines);
}

static void write_cell(wk_figure *figure, const wk_matrix *matrix, const script *hand, double x,
                       double y, double side, int64_t cell)
{
    char text[TEXT], line[TEXT + 8];
    double error = matrix->errors && !at_centre(matrix, cell) ? matrix->errors[cell] : (double)NAN;
    int both = isfinite(error) && side >= lines * hand->font;
    wk_figure_font(figure, hand->font, 0);
    write_value(text, matrix, hand, cell);
    wk_figure_text(figure, x, y - (both ? 0.45 * hand->font : 0), 0.5, 0.5, text);
    if (!both)
        return;
    fixed(text, hand, error);
    snprintf(line, sizeof line, "± %s", text);
    wk_figure_font(figure, 0.85 * hand->font, 0);
    wk_figure_text(figure, x, y + 0.85 * hand->font, 0.5, 0.5, line);
}

/* Tiny errors of large values, or errors without bounds, would not fit below them. */
static int errors_fit(wk_figure *figure, const wk_matrix *matrix, const script *hand, double side)
{
    char text[TEXT];
    wk_figure_font(figure, 0.85 * hand->font, 0);
    if (matrix->errors && side / lines < least_above)
        return 0;
    for (int64_t k = 0; matrix->errors && k < matrix->size * matrix->size; k++) {
        if (!isfinite(matrix->errors[k]))
            continue;
        fixed(text, hand, matrix->errors[k]);
        if (wk_figure_text_width(figure, text) > 0.7 * side)
            return 0;
    }
    return 1;
}

static void write_cells(wk_figure *figure, wk_box box, const wk_matrix *matrix,
                        const wk_matrix_range *range)
{
    double side = box.width / (double)matrix->size;
    script hand = script_of(matrix, range);
    if (!matrix->written || side < 2 * least_font)
        return;
    fit_font(figure, &hand, matrix, side);
    if (hand.font < least_font)
        return;
    wk_matrix plain = *matrix;
    if (!errors_fit(figure, matrix, &hand, side))
        plain.errors = NULL;
    for (int64_t k = 0; k < matrix->size * matrix->size; k++) {
        double x = box.x + ((double)(k % matrix->size) + 0.5) * side;
        double y = box.y + box.height - ((double)(k / matrix->size) + 0.5) * side;
        double light = wk_colour_luminance(cell_colour(matrix, range, k));
        wk_figure_colour(figure, light < 0.2 ? wk_colour_hex(0xffffff) : WK_INK, 1);
        write_cell(figure, &plain, &hand, x, y, side, k);
    }
}

static void draw_axes(wk_figure *figure, wk_box box, const wk_matrix *matrix)
{
    double low = matrix->first - matrix->step / 2;
    double high = low + (double)matrix->size * matrix->step;
    int most = matrix->size <= 9 ? (int)matrix->size : 6;
    wk_scale x = {low, high, box.x, box.x + box.width};
    wk_scale y = {low, high, box.y + box.height, box.y};
    wk_axis_below(figure, box, &x, most, matrix->across, matrix->unit);
    wk_axis_left(figure, box, &y, most, matrix->upward, matrix->unit);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_frame(figure, box, 1);
}

static void draw_bar(wk_figure *figure, wk_box box, const wk_matrix *matrix,
                     const wk_matrix_range *range)
{
    char name[TEXT];
    double low = range->beyond & 1 ? 18 : 0, high = range->beyond & 2 ? 18 : 0;
    wk_box bar = {box.x + box.width + 22, box.y + high, 22, box.height - low - high};
    snprintf(name, sizeof name, matrix->logarithmic ? "log10 of %s" : "%s", matrix->name);
    wk_colour_bar(figure, bar, map_of(matrix), 1, range->low, range->high, range->beyond, name,
                  NULL);
}

/* Returns where the next part of the note may start. */
static double note_patch(wk_figure *figure, double x, double y, wk_colour colour, const char *text)
{
    wk_box patch = {x, y - 8, 28, 17};
    wk_figure_colour(figure, colour, 1);
    wk_figure_rectangle(figure, patch);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_frame(figure, patch, 0.8);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, x + 40, y, 0, 0.5, text);
    return x + 40 + wk_figure_text_width(figure, text) + 30;
}

static void draw_note(wk_figure *figure, wk_box box, const wk_matrix *matrix,
                      const wk_matrix_range *range)
{
    char number[64], text[TEXT];
    double x = box.x, y = box.y + box.height + 88;
    int64_t rest = matrix->size * matrix->size - (matrix->centre >= 0);
    wk_figure_font(figure, 0.9 * WK_TEXT_SIZE, 0);
    if (matrix->centre >= 0)
        x = note_patch(figure, x, y, WK_INK, matrix->centre_name);
    if (range->finite < rest)
        x = note_patch(figure, x, y, wk_colour_at(map_of(matrix), (double)NAN), matrix->unknown);
    if (range->finite == 0 || range->high > range->low)
        return;
    wk_number_text(number, sizeof number, matrix->logarithmic ? pow(10, range->high) : range->high,
                   5);
    snprintf(text, sizeof text, "constant: %s", number);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, x, y, 0, 0.5, text);
}

wk_status wk_matrix_draw(wk_figure *figure, wk_box box, const wk_matrix *matrix, wk_error *error)
{
    wk_matrix_range range;
    wk_status status = wk_matrix_range_find(&range, matrix, error);
    if (status != WK_OK)
        return status;
    draw_cells(figure, box, matrix, &range);
    write_cells(figure, box, matrix, &range);
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, box.x, box.y - 16, 0, 1, matrix->title);
    draw_axes(figure, box, matrix);
    draw_note(figure, box, matrix, &range);
    if (range.high > range.low)
        draw_bar(figure, box, matrix, &range);
    return WK_OK;
}
