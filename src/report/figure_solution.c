#include "figure_solution.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "figure_chart.h"
#include "memory.h"

enum { MANY = 500, TEXT = 256 };

static const char *const unit = "image units";

wk_box wk_figure_map_box(int after)
{
    wk_box box = {after ? 1030 : 130, 160, 610, 570};
    return box;
}

wk_box wk_figure_chart_box(int after)
{
    wk_box box = {130, after ? 1085 : 880, 1590, 150};
    return box;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

wk_status wk_figure_spread(double *median, double *spread, const double *values, size_t count,
                           wk_error *error)
{
    size_t finite = 0;
    *median = *spread = 0;
    double *sorted = wk_memory_raw(count, sizeof *sorted, error);
    if (!sorted)
        return WK_MEMORY;
    for (size_t k = 0; k < count; k++)
        if (isfinite(values[k]))
            sorted[finite++] = values[k];
    qsort(sorted, finite, sizeof *sorted, ascending);
    if (finite > 0)
        *median = (sorted[(finite - 1) / 2] + sorted[finite / 2]) / 2;
    for (size_t k = 0; k < finite; k++)
        sorted[k] = fabs(sorted[k] - *median);
    qsort(sorted, finite, sizeof *sorted, ascending);
    if (finite > 0)
        *spread = sorted[finite > 200 ? (size_t)(0.99 * (double)(finite - 1)) : finite - 1];
    wk_memory_free(sorted);
    return WK_OK;
}

static void draw_heading(wk_figure *figure, wk_box box, const char *text)
{
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, box.x, box.y - 16, 0, 1, text);
}

static void draw_map(wk_figure *figure, wk_box box, const wk_sky_view *view,
                     const wk_sky_shapes *shapes, const wk_sky_paint *paint, const char *heading)
{
    draw_heading(figure, box, heading);
    if (view->drawn > 0) {
        wk_sky_draw(figure, box, view, shapes, paint);
        return;
    }
    wk_figure_colour(figure, WK_INK_FAINT, 1);
    wk_figure_frame(figure, box, 1);
    wk_figure_message(figure, box,
                      shapes->count ? "the footprints are not known" : "there is no exposure");
}

static int any_finite(const double *values, size_t count)
{
    for (size_t k = 0; k < count; k++)
        if (isfinite(values[k]))
            return 1;
    return 0;
}

static void head_before(char heading[TEXT], double median, double spread, int known)
{
    char number[64];
    wk_number_text(number, sizeof number, median, 4);
    if (!known)
        snprintf(heading, TEXT, "Levels: none is determined");
    else if (spread > 0)
        snprintf(heading, TEXT, "Levels, relative to their median %s", number);
    else
        snprintf(heading, TEXT, "Levels: all are equal, %s", number);
}

static wk_status draw_before(wk_figure *figure, const wk_sky_view *view,
                             const wk_figure_levels *levels, wk_error *error)
{
    char heading[TEXT];
    double median, spread;
    size_t count = levels->shapes.count;
    int known = any_finite(levels->levels, count);
    double *relative = wk_memory_raw(count, sizeof *relative, error);
    if (!relative)
        return WK_MEMORY;
    wk_status status = wk_figure_spread(&median, &spread, levels->levels, count, error);
    for (size_t k = 0; k < count; k++)
        relative[k] = isfinite(levels->levels[k]) ? levels->levels[k] - median : (double)NAN;
    head_before(heading, median, spread, known);
    double half = !known ? 0 : spread > 0 ? spread : 1;
    wk_sky_paint paint = {relative,         -half, half,          WK_COLOUR_DIVERGING,
                          "level − median", unit,  "undetermined"};
    if (status == WK_OK)
        draw_map(figure, wk_figure_map_box(0), view, &levels->shapes, &paint, heading);
    wk_memory_free(relative);
    return status;
}

/* The signed mean of an exposure's residuals is zero by the equations that gave the levels; their
 * rms tells what remains. */
static wk_status draw_after(wk_figure *figure, const wk_sky_view *view,
                            const wk_figure_levels *levels, wk_error *error)
{
    double median, spread;
    size_t count = levels->shapes.count;
    int known = any_finite(levels->remains, count);
    wk_status status = wk_figure_spread(&median, &spread, levels->remains, count, error);
    double high = !known ? 0 : median + spread > 0 ? median + spread : 1;
    wk_sky_paint paint = {levels->remains,      0, high, WK_COLOUR_EMBER, "rms difference", unit,
                          "no measured overlap"};
    if (status == WK_OK)
        draw_map(figure, wk_figure_map_box(1), view, &levels->shapes, &paint,
                 known ? "After matching: rms difference to neighbours"
                       : "After matching: no difference was measured");
    return status;
}

typedef struct pair {
    double before, after, error;
    size_t index;
} pair;

static int by_before(const void *a, const void *b)
{
    const pair *p = a, *q = b;
    if (p->before != q->before)
        return p->before < q->before ? -1 : 1;
    return (p->index > q->index) - (p->index < q->index);
}

/* Three columns in one block of memory: before, after, errors, in ascending order of before. */
static double *sorted_columns(const wk_figure_levels *levels, wk_error *error)
{
    size_t count = levels->overlaps;
    pair *pairs = wk_memory_raw(count, sizeof *pairs, error);
    double *columns = pairs ? wk_memory_raw(3 * count, sizeof *columns, error) : NULL;
    for (size_t k = 0; columns && k < count; k++)
        pairs[k] = (pair){levels->before[k], levels->after[k], levels->errors[k], k};
    if (columns)
        qsort(pairs, count, sizeof *pairs, by_before);
    for (size_t k = 0; columns && k < count; k++) {
        columns[k] = pairs[k].before;
        columns[count + k] = pairs[k].after;
        columns[2 * count + k] = pairs[k].error;
    }
    wk_memory_free(pairs);
    return columns;
}

static void title_with_rms(char text[TEXT], const char *when, double rms)
{
    char number[64];
    wk_number_text(number, sizeof number, rms, 3);
    snprintf(text, TEXT, "Difference of each overlap %s, in image units: rms %s", when, number);
}

static wk_status draw_stems(wk_figure *figure, const wk_figure_levels *levels, wk_error *error)
{
    char title[TEXT];
    size_t count = levels->overlaps;
    double *columns = sorted_columns(levels, error);
    if (!columns)
        return WK_MEMORY;
    wk_stems stems = {columns, columns + 2 * count, count, WK_INK_WARM,
                      title,   "difference",        NULL,  NULL};
    title_with_rms(title, "before", levels->rms_before);
    wk_stems_draw(figure, wk_figure_chart_box(0), &stems);
    stems.values = columns + count;
    stems.colour = WK_INK_COOL;
    stems.places = "overlap, in the order of its difference before";
    title_with_rms(title, "after", levels->rms_after);
    wk_stems_draw(figure, wk_figure_chart_box(1), &stems);
    wk_memory_free(columns);
    return WK_OK;
}

/* Three histograms side by side, where the stems are otherwise. */
static wk_box third_box(int place)
{
    wk_box box = {130 + 550 * place, 880, 460, 355};
    return box;
}

static wk_status draw_bins(wk_figure *figure, int place, const double *values, size_t count,
                           const char *title, wk_error *error)
{
    static const char *const names[] = {"difference", "difference", "difference / error"};
    wk_bins bins;
    wk_status status = wk_bins_count(&bins, values, count, error);
    const wk_bell bell = {0, 1, WK_INK};
    wk_bins_style style = {.colour = place == 0 ? WK_INK_WARM : WK_INK_COOL,
                           .bells = &bell,
                           .bell_count = place == 2,
                           .title = title,
                           .name = names[place],
                           .unit = place < 2 ? unit : NULL};
    if (status == WK_OK)
        wk_bins_draw(figure, third_box(place), &bins, &style);
    wk_memory_free(bins.counts);
    return status;
}

static double rms_of(const double *values, size_t count)
{
    double sum = 0;
    size_t finite = 0;
    for (size_t k = 0; k < count; k++)
        if (isfinite(values[k])) {
            sum += values[k] * values[k];
            finite++;
        }
    return finite > 0 ? sqrt(sum / (double)finite) : (double)NAN;
}

static wk_status draw_pulls(wk_figure *figure, const wk_figure_levels *levels, wk_error *error)
{
    char number[64], title[TEXT];
    size_t count = levels->overlaps;
    double *pulls = wk_memory_raw(count, sizeof *pulls, error);
    if (!pulls)
        return WK_MEMORY;
    for (size_t k = 0; k < count; k++)
        pulls[k] = levels->after[k] / levels->errors[k];
    wk_number_text(number, sizeof number, rms_of(pulls, count), 3);
    snprintf(title, sizeof title, "After, in errors: rms %s", number);
    wk_status status = draw_bins(figure, 2, pulls, count, title, error);
    wk_memory_free(pulls);
    return status;
}

static wk_status draw_histograms(wk_figure *figure, const wk_figure_levels *levels, wk_error *error)
{
    char number[64], title[TEXT];
    size_t count = levels->overlaps;
    wk_number_text(number, sizeof number, levels->rms_before, 3);
    snprintf(title, sizeof title, "Overlaps before: rms %s", number);
    wk_status status = draw_bins(figure, 0, levels->before, count, title, error);
    wk_number_text(number, sizeof number, levels->rms_after, 3);
    snprintf(title, sizeof title, "Overlaps after: rms %s", number);
    if (status == WK_OK)
        status = draw_bins(figure, 1, levels->after, count, title, error);
    return status == WK_OK ? draw_pulls(figure, levels, error) : status;
}

static wk_status draw_overlaps(wk_figure *figure, const wk_figure_levels *levels, wk_error *error)
{
    if (levels->overlaps > MANY)
        return draw_histograms(figure, levels, error);
    if (levels->overlaps > 0)
        return draw_stems(figure, levels, error);
    wk_box box = wk_figure_chart_box(0);
    box.height = 355;
    wk_figure_colour(figure, WK_INK_FAINT, 1);
    wk_figure_frame(figure, box, 1);
    wk_figure_message(figure, box, "no overlap was measured");
    return WK_OK;
}

/* "1 exposure", "12,000 exposures" */
static void amount(char text[TEXT], size_t count, const char *noun)
{
    char number[32];
    wk_count_text(number, sizeof number, count);
    snprintf(text, TEXT, "%s %s%s", number, noun, count == 1 ? "" : "s");
}

static void draw_title(wk_figure *figure, const wk_figure_levels *levels)
{
    char exposures[TEXT], overlaps[TEXT], components[TEXT], rest[64] = "", text[4 * TEXT];
    amount(exposures, levels->shapes.count, "exposure");
    amount(overlaps, levels->overlaps, "overlap");
    amount(components, levels->components, "connected component");
    if (levels->unmeasured > 0)
        snprintf(rest, sizeof rest, " (and %zu without data)", levels->unmeasured);
    snprintf(text, sizeof text, "Sky levels of %s", exposures);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_font(figure, 1.5 * WK_TEXT_SIZE, 1);
    wk_figure_text(figure, 130, 66, 0, 1, text);
    snprintf(text, sizeof text, "%s%s in %s", overlaps, rest, components);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    wk_figure_text(figure, 130, 100, 0, 1, text);
}

wk_status wk_figure_levels_draw(wk_figure *figure, const wk_figure_levels *levels, wk_error *error)
{
    wk_sky_view view;
    wk_status status = wk_sky_view_fit(&view, &levels->shapes, error);
    if (status != WK_OK)
        return status;
    draw_title(figure, levels);
    status = draw_before(figure, &view, levels, error);
    if (status == WK_OK)
        status = draw_after(figure, &view, levels, error);
    return status == WK_OK ? draw_overlaps(figure, levels, error) : status;
}
