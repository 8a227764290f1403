#include "figure_variance.h"

#include <math.h>
#include <stdio.h>

#include "welkin/figure.h"
#include "memory.h"
#include "status.h"

enum { TEXT = 512 };

static const double left = 130;

wk_box wk_figure_variance_box(int logarithmic)
{
    wk_box box = {logarithmic ? 1010 : left, 180, 700, 480};
    return box;
}

double wk_bins_median(const wk_bins *bins)
{
    double width = (bins->high - bins->low) / bins->size;
    double half = (double)bins->total / 2, passed = (double)bins->below;
    if (bins->total == 0)
        return 0;
    if (passed > half)
        return bins->low;
    for (int k = 0; k < bins->size; k++) {
        double count = (double)bins->counts[k];
        if (count > 0 && passed + count >= half)
            return bins->low + width * (k + (half - passed) / count);
        passed += count;
    }
    return bins->high;
}

/* The width of the histogram is that of the pixel factor, whichever factor is applied. */
static int make_bells(wk_bell bells[2], const wk_bins *bins, const wk_variance_result *result)
{
    double median = wk_bins_median(bins);
    bells[0] = (wk_bell){median, 1, WK_INK};
    bells[1] = (wk_bell){median, sqrt(result->pixel), WK_INK_WARM};
    return result->good > 1 && result->pixel > 0 && isfinite(result->pixel) ? 2 : 1;
}

static void draw_charts(wk_figure *figure, const wk_bins *bins, const wk_variance_result *result)
{
    wk_bell bells[2];
    wk_bins_style style = {.colour = WK_INK_COOL,
                           .bells = bells,
                           .bell_count = make_bells(bells, bins, result),
                           .title = "Pixels in each bin",
                           .name = "value / sqrt(variance)",
                           .counted = "pixels"};
    wk_bins_draw(figure, wk_figure_variance_box(0), bins, &style);
    style.logarithmic = 1;
    style.title = "The same on a logarithmic axis";
    wk_bins_draw(figure, wk_figure_variance_box(1), bins, &style);
}

/* Returns where the next entry may start. */
static double write_entry(wk_figure *figure, double x, double y, const char *text)
{
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, x + 50, y, 0, 0.5, text);
    return x + 50 + wk_figure_text_width(figure, text) + 50;
}

static double explain_line(wk_figure *figure, double x, double y, wk_colour colour,
                           const char *text)
{
    wk_figure_colour(figure, colour, 0.9);
    wk_figure_line(figure, x, y, x + 40, y, 2);
    return write_entry(figure, x, y, text);
}

static void draw_legend(wk_figure *figure, const wk_bins *bins, const wk_variance_result *result)
{
    char number[64], text[TEXT];
    wk_bell bells[2];
    double x = left, y = 752;
    wk_box patch = {x, y - 9, 40, 18};
    int count = make_bells(bells, bins, result);
    wk_figure_font(figure, WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK_COOL, 0.75);
    wk_figure_rectangle(figure, patch);
    x = write_entry(figure, x, y, "pixels");
    x = explain_line(figure, x, y, bells[0].colour, "normal, width 1: as the variance plane says");
    if (count < 2)
        return;
    wk_number_text(number, sizeof number, bells[1].stddev, 4);
    snprintf(text, sizeof text, "normal, width %s: as measured", number);
    explain_line(figure, x, y, bells[1].colour, text);
}

static void draw_fact(wk_figure *figure, int place, const char *name, const char *value)
{
    double x = place % 2 ? 1010 : left, y = 812 + 36 * (place / 2);
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_text(figure, x, y, 0, 1, name);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, x + 220, y, 0, 1, value);
}

static void describe_factor(char text[TEXT], const wk_variance_result *result)
{
    char factor[64], error[96] = "", number[64];
    int digits = 4;
    if (isfinite(result->error) && result->error > 0) {
        wk_number_text(number, sizeof number, result->error, 2);
        snprintf(error, sizeof error, ", error %s", number);
        double ratio = log10(fabs(result->factor) / result->error);
        digits = isfinite(ratio) ? (int)fmin(fmax(ceil(ratio) + 2, 4), 8) : 4;
    }
    wk_number_text(factor, sizeof factor, result->factor, digits);
    snprintf(text, TEXT, "%s%s%s", factor, error, result->raised ? ", raised to the floor" : "");
}

static const char *method_name(const wk_variance_result *result)
{
    return result->used == WK_VARIANCE_IMAGE ? "image: scatter² / median variance"
                                             : "pixel: scatter² of value / sqrt(variance)";
}

static void draw_facts(wk_figure *figure, const wk_bins *bins, const wk_variance_result *result)
{
    char text[TEXT], number[64], other[64];
    describe_factor(text, result);
    draw_fact(figure, 0, "factor to apply", text);
    draw_fact(figure, 2, "method", method_name(result));
    wk_number_text(number, sizeof number, 100 * result->agreement, 3);
    snprintf(text, sizeof text, "pixel / image − 1 = %s%s", number,
             isfinite(result->agreement) ? " %" : "");
    draw_fact(figure, 4, "agreement", text);
    wk_number_text(number, sizeof number, result->pixel, 5);
    wk_number_text(other, sizeof other, result->image, 5);
    snprintf(text, sizeof text, "%s by pixel, %s by image", number, other);
    draw_fact(figure, 1, "factors", text);
    wk_count_text(number, sizeof number, (size_t)result->good);
    wk_count_text(other, sizeof other, (size_t)result->masked);
    snprintf(text, sizeof text, "%s good, %s masked", number, other);
    draw_fact(figure, 3, "pixels", text);
    wk_count_text(number, sizeof number, (size_t)bins->below);
    wk_count_text(other, sizeof other, (size_t)bins->above);
    snprintf(text, sizeof text, "%s below, %s above", number, other);
    draw_fact(figure, 5, "outside the charts", text);
}

static void draw_head(wk_figure *figure, const wk_variance_result *result, const char *name)
{
    char number[64], line[TEXT], text[TEXT];
    double room = WK_FIGURE_VARIANCE_WIDTH - left - 90;
    snprintf(line, sizeof line, "Variance of %s", name ? name : "an image");
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_font(figure, 1.5 * WK_TEXT_SIZE, 1);
    wk_figure_text_shorten(figure, text, sizeof text, line, room);
    wk_figure_text(figure, left, 66, 0, 1, text);
    double factor = result->used == WK_VARIANCE_IMAGE ? result->image : result->pixel;
    wk_number_text(number, sizeof number, sqrt(factor), 4);
    snprintf(line, sizeof line, "The pixels scatter %s times as much as the variance plane says",
             number);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    wk_figure_text(figure, left, 100, 0, 1,
                   factor > 0 && result->good > 1 ? line
                                                  : "The scatter of the pixels is not known");
}

void wk_figure_variance_draw(wk_figure *figure, const wk_bins *bins,
                             const wk_variance_result *result, const char *name)
{
    draw_head(figure, result, name);
    draw_charts(figure, bins, result);
    draw_legend(figure, bins, result);
    draw_facts(figure, bins, result);
}

static wk_status check(const int64_t *counts, int bins, double low, double high, wk_error *error)
{
    if (!counts || bins < 1)
        return wk_error_set(error, WK_ARGUMENT, "bins", "a histogram needs a bin, but has %d",
                            counts ? bins : 0);
    if (!(low < high) || !isfinite(low) || !isfinite(high))
        return wk_error_set(error, WK_ARGUMENT, "low", "a histogram cannot reach from %g to %g",
                            low, high);
    return WK_OK;
}

/* A wk_bins has counts that can be filled; the caller's cannot. */
static wk_status copy_bins(wk_bins *out, const int64_t *counts, wk_error *error)
{
    out->counts = wk_memory_raw((size_t)out->size, sizeof *out->counts, error);
    if (!out->counts)
        return WK_MEMORY;
    out->total = out->below + out->above;
    for (int k = 0; k < out->size; k++) {
        out->counts[k] = counts[k];
        out->total += counts[k];
    }
    return WK_OK;
}

wk_status wk_figure_variance(const char *path, const int64_t *counts, int bins, double low,
                             double high, int64_t below, int64_t above,
                             const wk_variance_result *result, const char *name, int overwrite,
                             wk_error *error)
{
    wk_figure *figure;
    wk_bins copy = {.low = low, .high = high, .size = bins, .below = below, .above = above};
    wk_status status = check(counts, bins, low, high, error);
    if (status == WK_OK)
        status = wk_figure_open(&figure, path, WK_FIGURE_VARIANCE_WIDTH, WK_FIGURE_VARIANCE_HEIGHT,
                                overwrite, error);
    if (status != WK_OK)
        return status;
    status = copy_bins(&copy, counts, error);
    if (status == WK_OK)
        wk_figure_variance_draw(figure, &copy, result, name);
    wk_memory_free(copy.counts);
    if (status == WK_OK)
        return wk_figure_close(figure, error);
    wk_figure_abandon(figure);
    return status;
}
