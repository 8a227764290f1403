#include "figure_histogram.h"

#include <math.h>
#include <stdio.h>

#include "welkin/figure.h"
#include "status.h"

enum { TEXT = 512 };

static const double left = 130;

wk_box wk_figure_histogram_box(int logarithmic)
{
    return (wk_box){logarithmic ? 1010 : left, 180, 700, 480};
}

/* The margin is that of wk_bins_draw. */
double wk_figure_histogram_place(wk_box box, const wk_summary *summary, double value)
{
    double low = summary->edges[0], high = summary->edges[summary->bins];
    double room = 0.03 * (high - low);
    wk_scale x = {low - room, high + room, box.x, box.x + box.width};
    return wk_scale_at(&x, value);
}

static void draw_chart(wk_figure *figure, const wk_summary *summary, int logarithmic,
                       const char *unit)
{
    wk_box box = wk_figure_histogram_box(logarithmic);
    wk_bins bins = {.low = summary->bins ? summary->edges[0] : 0,
                    .high = summary->bins ? summary->edges[summary->bins] : 1,
                    .counts = summary->counts,
                    .size = summary->bins,
                    .total = summary->bins ? summary->finite.n : 0};
    wk_bins_style style = {.colour = WK_INK_COOL,
                           .logarithmic = logarithmic,
                           .title = logarithmic ? "The same on a logarithmic axis"
                                                : "Finite pixels in each bin",
                           .name = "value",
                           .unit = unit,
                           .counted = "pixels"};
    wk_bins_draw(figure, box, &bins, &style);
    if (!summary->bins)
        return;
    double x = wk_figure_histogram_place(box, summary, summary->finite.mean);
    wk_figure_colour(figure, WK_INK_WARM, 1);
    wk_figure_line(figure, x, box.y, x, box.y + box.height, 2.4);
}

static void draw_head(wk_figure *figure, const wk_summary *summary, const char *name)
{
    char count[32], masked[32], line[TEXT], text[TEXT];
    snprintf(line, sizeof line, "Pixel values of %s", name ? name : "an image");
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_font(figure, 1.5 * WK_TEXT_SIZE, 1);
    wk_figure_text_shorten(figure, text, sizeof text, line, WK_FIGURE_HISTOGRAM_WIDTH - left - 90);
    wk_figure_text(figure, left, 66, 0, 1, text);
    wk_count_text(count, sizeof count, (size_t)summary->finite.n);
    wk_count_text(masked, sizeof masked, (size_t)summary->nonfinite);
    snprintf(line, sizeof line, "%s finite pixels, %s not finite", count, masked);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    wk_figure_text(figure, left, 100, 0, 1, line);
}

static void draw_legend(wk_figure *figure, const wk_summary *summary)
{
    char mean[64], median[64], std[64], text[TEXT];
    double y = 780;
    if (!summary->bins)
        return;
    wk_number_text(mean, sizeof mean, summary->finite.mean, 6);
    wk_number_text(median, sizeof median, summary->finite.median, 6);
    wk_number_text(std, sizeof std, summary->finite.std, 4);
    wk_figure_font(figure, WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK_WARM, 1);
    wk_figure_line(figure, left, y, left + 40, y, 2.4);
    wk_figure_colour(figure, WK_INK, 1);
    snprintf(text, sizeof text, "mean %s; median %s, standard deviation %s", mean, median, std);
    wk_figure_text(figure, left + 50, y, 0, 0.5, text);
}

void wk_figure_histogram_draw(wk_figure *figure, const wk_summary *summary, const char *name,
                              const char *unit)
{
    draw_head(figure, summary, name);
    draw_chart(figure, summary, 0, unit);
    draw_chart(figure, summary, 1, unit);
    draw_legend(figure, summary);
}

wk_status wk_figure_histogram(const char *path, const wk_summary *summary, const char *name,
                              const char *unit, int overwrite, wk_error *error)
{
    wk_figure *figure;
    wk_status status = wk_figure_open(&figure, path, WK_FIGURE_HISTOGRAM_WIDTH,
                                      WK_FIGURE_HISTOGRAM_HEIGHT, overwrite, error);
    if (status != WK_OK)
        return status;
    wk_figure_histogram_draw(figure, summary, name, unit);
    return wk_figure_close(figure, error);
}
