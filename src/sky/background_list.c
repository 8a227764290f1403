#include <math.h>
#include <string.h>

#include "background.h"
#include "background_file.h"
#include "background_survey.h"
#include "fits_card.h"
#include "fits_write.h"
#include "memory.h"
#include "status.h"

/* LSST's numbers for styles. */
enum {
    STYLE_CONSTANT = 0,
    STYLE_LINEAR = 1,
    STYLE_NATURAL = 2,
    STYLE_CUBIC = 3,
    STYLE_AKIMA = 5,
    UNDERSAMPLE_THROW = 0,
    UNDERSAMPLE_REDUCE = 1,
    APPROXIMATE_NONE = -1,
    APPROXIMATE_CHEBYSHEV = 0
};

/* Whether LSST's software makes the same image of the cells. */
static int is_storable(const wk_background_options *options)
{
    int fixed = options->cells == WK_CELLS_FIXED;
    int own_steps = options->interpolation == WK_INTERPOLATE_CONSTANT && !options->compat_steps;
    return !fixed && !own_steps;
}

/* The style in force, after any fall back for want of cells. */
static int style_number(wk_surface_style used)
{
    switch (used) {
    case WK_SURFACE_CONSTANT:
    case WK_SURFACE_CELL:
        return STYLE_CONSTANT;
    case WK_SURFACE_LINEAR:
        return STYLE_LINEAR;
    case WK_SURFACE_NATURAL:
        return STYLE_NATURAL;
    case WK_SURFACE_AKIMA:
    case WK_SURFACE_BICUBIC:
    case WK_SURFACE_ZOOM:
    case WK_SURFACE_CHEBYSHEV:
        break;
    }
    return STYLE_AKIMA;
}

/* What LSST's software takes the inverse of for the weights: the error, or our own weights'
 * inverse. */
static void put_errors(wk_background_element *out, const wk_background *b)
{
    int64_t cells = b->grid.nx * b->grid.ny;
    int own = b->options.interpolation == WK_INTERPOLATE_CHEBYSHEV &&
              b->options.weights == WK_CELL_WEIGHTS_VARIANCE;
    for (int64_t i = 0; i < cells; i++)
        out->error[i] = own ? (float)(1.0 / b->weights[i]) : b->measured.error[i];
}

static wk_status put_element(wk_background_element *out, const wk_background *b,
                             const wk_background_list *list, wk_error *error)
{
    const wk_background_options *options = &b->options;
    size_t cells = (size_t)(b->grid.nx * b->grid.ny);
    int chebyshev = options->interpolation == WK_INTERPOLATE_CHEBYSHEV;
    int order = 0, style = style_number(wk_surface_used(b->surfaces[WK_BACKGROUND_LEVEL], &order));
    if (!is_storable(options))
        return wk_error_set(error, WK_ARGUMENT, "background-list",
                            "LSST's software has no model like this one: interpolate by smooth, "
                            "spline, akima, linear or chebyshev, in cells of nearly equal size");
    *out = (wk_background_element){
        .nx = b->grid.nx,
        .ny = b->grid.ny,
        .interpstyle = style,
        /* LSST's software tries the interpolation's style even where a polynomial is wanted */
        .undersamplestyle = options->undersample == WK_UNDERSAMPLE_FAIL && !chebyshev
                                ? UNDERSAMPLE_THROW
                                : UNDERSAMPLE_REDUCE,
        .approxstyle = chebyshev ? APPROXIMATE_CHEBYSHEV : APPROXIMATE_NONE,
        .approxorderx = chebyshev ? order : 1,
        .approxordery = chebyshev ? order : -1,
        .approxweighting = options->weights != WK_CELL_WEIGHTS_NONE,
        .x0 = list->x0,
        .y0 = list->y0,
        .width = b->grid.width,
        .height = b->grid.height};
    out->level = wk_memory_raw(cells, sizeof *out->level, error);
    out->error = out->level ? wk_memory_raw(cells, sizeof *out->error, error) : NULL;
    if (!out->error)
        return WK_MEMORY;
    memcpy(out->level, b->level, cells * sizeof *out->level);
    put_errors(out, b);
    return WK_OK;
}

wk_status wk_background_list_save(const char *path, const wk_background_list *list, int overwrite,
                                  int durable, wk_error *error)
{
    if (list->count < 1)
        return wk_error_set(error, WK_ARGUMENT, path, "an empty list cannot be stored");
    wk_background_element *elements = wk_memory_new(list->count, sizeof *elements, error);
    wk_status status = elements ? WK_OK : WK_MEMORY;
    for (size_t i = 0; status == WK_OK && i < list->count; i++)
        status = put_element(&elements[i], list->backgrounds[i], list, error);
    if (status == WK_OK)
        status = wk_background_file_write(path, elements, list->count, overwrite, durable, error);
    if (elements)
        wk_background_elements_free(elements, list->count);
    return status;
}

static wk_status take_style(wk_background_options *options, const wk_background_element *from,
                            size_t index, const char *path, wk_error *error)
{
    static const wk_interpolation styles[] = {WK_INTERPOLATE_CONSTANT, WK_INTERPOLATE_LINEAR,
                                              WK_INTERPOLATE_SPLINE,   WK_INTERPOLATE_SPLINE,
                                              WK_INTERPOLATE_SPLINE,   WK_INTERPOLATE_AKIMA};
    *options = wk_background_options_preset(WK_PRESET_LSST);
    options->undersample =
        from->undersamplestyle == UNDERSAMPLE_THROW ? WK_UNDERSAMPLE_FAIL : WK_UNDERSAMPLE_REDUCE;
    options->weights = from->approxweighting ? WK_CELL_WEIGHTS_SIGMA : WK_CELL_WEIGHTS_NONE;
    if (from->approxstyle == APPROXIMATE_CHEBYSHEV) {
        int y = from->approxordery;
        if (from->approxorderx < 0 || from->approxorderx > 32 ||
            (y != -1 && y != from->approxorderx))
            return wk_error_set(error, WK_HEADER, path,
                                "element %zu is a polynomial of orders %d and %d", index,
                                from->approxorderx, y);
        options->interpolation = WK_INTERPOLATE_CHEBYSHEV;
        options->order = from->approxorderx;
        return WK_OK;
    }
    int style = from->interpstyle;
    if (style < 0 || style > STYLE_AKIMA || style == STYLE_CUBIC + 1)
        return wk_error_set(error, WK_HEADER, path, "element %zu has the interpolation style %d",
                            index, style);
    options->interpolation = styles[style];
    return WK_OK;
}

static wk_status take_element(wk_background **out, const wk_background_element *from, size_t index,
                              const char *path, wk_error *error)
{
    wk_background_options options;
    wk_status status = take_style(&options, from, index, path, error);
    if (status == WK_OK)
        status = wk_background_create(out, from->width, from->height, from->nx, from->ny,
                                      from->level, from->error, &options, error);
    if (status != WK_OK)
        wk_error_subject(error, path);
    return status;
}

static wk_status check_sizes(const wk_background_element *elements, size_t count, const char *path,
                             wk_error *error)
{
    for (size_t i = 1; i < count; i++)
        if (elements[i].width != elements[0].width || elements[i].height != elements[0].height)
            return wk_error_set(error, WK_HEADER, path,
                                "element %zu is of an image of %lld x %lld pixels, the first of "
                                "%lld x %lld",
                                i, (long long)elements[i].width, (long long)elements[i].height,
                                (long long)elements[0].width, (long long)elements[0].height);
    return WK_OK;
}

wk_status wk_background_list_read(wk_background_list *out, const char *path, wk_error *error)
{
    wk_background_element *elements = NULL;
    size_t count = 0;
    *out = (wk_background_list){0};
    wk_status status = wk_background_file_read(&elements, &count, path, error);
    if (status != WK_OK)
        return status;
    status = check_sizes(elements, count, path, error);
    if (status == WK_OK) {
        out->backgrounds = wk_memory_new(count, sizeof *out->backgrounds, error);
        status = out->backgrounds ? WK_OK : WK_MEMORY;
        out->count = count;
        out->x0 = elements[0].x0;
        out->y0 = elements[0].y0;
    }
    for (size_t i = 0; status == WK_OK && i < count; i++)
        status = take_element(&out->backgrounds[i], &elements[i], i, path, error);
    wk_background_elements_free(elements, count);
    if (status != WK_OK)
        wk_background_list_release(out);
    return status;
}

int wk_background_list_is(const char *path)
{
    return wk_background_file_is(path);
}

void wk_background_list_release(wk_background_list *list)
{
    for (size_t i = 0; list->backgrounds && i < list->count; i++)
        wk_background_free(list->backgrounds[i]);
    wk_memory_free(list->backgrounds);
    *list = (wk_background_list){0};
}

wk_status wk_background_list_fill(const wk_background_list *list, wk_rect rect, wk_view out,
                                  wk_error *error)
{
    wk_status status =
        wk_background_fill(list->backgrounds[0], WK_BACKGROUND_LEVEL, rect, out, error);
    if (status != WK_OK || list->count == 1)
        return status;
    float *row = wk_memory_raw((size_t)rect.width, sizeof *row, error);
    if (!row)
        return WK_MEMORY;
    for (size_t k = 1; status == WK_OK && k < list->count; k++)
        for (int64_t y = 0; status == WK_OK && y < rect.height; y++) {
            wk_rect line = {rect.x, rect.y + y, rect.width, 1};
            wk_view view = {row, rect.width, 1, rect.width};
            status =
                wk_background_fill(list->backgrounds[k], WK_BACKGROUND_LEVEL, line, view, error);
            for (int64_t x = 0; status == WK_OK && x < rect.width; x++)
                out.data[y * out.stride + x] += row[x];
        }
    wk_memory_free(row);
    return status;
}

/* LSST's coordinates of the parent image. */
static wk_status origin_cards(wk_cards *cards, const wk_background_list *list,
                              const char *const *lines, wk_error *error)
{
    const struct {
        const char *keyword, *text;
        double value;
    } records[] = {{"CTYPE1A", "LINEAR", 0},
                   {"CTYPE2A", "LINEAR", 0},
                   {"CUNIT1A", "PIXEL", 0},
                   {"CUNIT2A", "PIXEL", 0},
                   {"CRPIX1A", NULL, 1},
                   {"CRPIX2A", NULL, 1},
                   {"CRVAL1A", NULL, (double)list->x0},
                   {"CRVAL2A", NULL, (double)list->y0}};
    wk_status status = WK_OK;
    for (size_t i = 0; status == WK_OK && i < sizeof records / sizeof records[0]; i++)
        status = records[i].text ? wk_cards_set_text(cards, records[i].keyword, records[i].text,
                                                     "coordinates of the parent image", error)
                                 : wk_cards_set_real(cards, records[i].keyword, records[i].value,
                                                     "coordinates of the parent image", error);
    for (; status == WK_OK && lines && *lines; lines++)
        status = wk_cards_history(cards, *lines, error);
    return status;
}

wk_status wk_background_list_write(const char *path, const wk_background_list *list,
                                   wk_background_summary *summary, const char *const *lines,
                                   int overwrite, int durable, const wk_context *context,
                                   wk_error *error)
{
    wk_fits_writer *writer = NULL;
    wk_cards cards = {0};
    const wk_cells *grid = &list->backgrounds[0]->grid;
    wk_status status = origin_cards(&cards, list, lines, error);
    if (status == WK_OK && path)
        status = wk_fits_create(&writer, path, overwrite, durable, error);
    if (status == WK_OK && path)
        status = wk_fits_begin_image(writer, cards.text, (int64_t)cards.count, NULL, 0, -32,
                                     grid->width, grid->height, error);
    wk_background_pass pass = {.backgrounds = (const wk_background *const *)list->backgrounds,
                               .count = list->count,
                               .writers = {writer, NULL},
                               .summary = summary};
    if (status == WK_OK)
        status = wk_background_pass_run(&pass, context, error);
    if (status == WK_OK && path)
        status = wk_fits_end_image(writer, pass.sums[WK_BACKGROUND_LEVEL], error);
    wk_cards_free(&cards);
    if (status == WK_OK && path)
        return wk_fits_finish(writer, error);
    wk_fits_abandon(writer);
    return status;
}
