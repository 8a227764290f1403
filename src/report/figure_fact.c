#include "figure_fact.h"

#include <math.h>
#include <stdio.h>

#include "figure_axis.h"
#include "figure_lag.h"
#include "memory.h"

enum { TEXT = 512, NUMBER = 64 };

static const double line_height = 36, name_room = 190;

static size_t listed_outliers(const wk_correlation_picture *picture)
{
    size_t count = wk_lag_outliers(picture);
    return count < WK_FACT_OUTLIERS ? count : WK_FACT_OUTLIERS;
}

/* Outliers stand two side by side, below a heading. */
double wk_fact_height(const wk_correlation_picture *picture)
{
    size_t listed = listed_outliers(picture);
    if (!picture->stack)
        return 7 * line_height;
    return line_height * (3 + (listed > 0 ? 1.5 + ceil((double)listed / 2) : 0));
}

static void head_line(char text[TEXT], const wk_correlation_picture *picture)
{
    const wk_correlation *first = picture->correlations[0];
    char pixels[NUMBER];
    double good = 0;
    size_t images = picture->stack ? picture->count : 1;
    for (size_t k = 0; k < images; k++)
        good += (double)picture->correlations[k]->good;
    wk_count_text(pixels, sizeof pixels, good > 0 ? (size_t)good : 0);
    snprintf(text, TEXT, "correlation of pixels up to %lld %s apart in x and y, %s good %s%s",
             (long long)first->lag, first->lag == 1 ? "pixel" : "pixels", pixels,
             good == 1 ? "pixel" : "pixels",
             picture->stack ? "; matrix and profiles: mean weighted by errors" : "");
}

void wk_fact_draw_head(wk_figure *figure, double x, double y, double room,
                       const wk_correlation_picture *picture)
{
    char line[TEXT], text[TEXT], count[NUMBER];
    wk_count_text(count, sizeof count, picture->count);
    if (picture->stack)
        snprintf(line, sizeof line, "Correlation of %s images", count);
    else
        snprintf(line, sizeof line, "Correlation of %s", picture->names[0]);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_font(figure, 1.5 * WK_TEXT_SIZE, 1);
    wk_figure_text_shorten(figure, text, sizeof text, line, room);
    wk_figure_text(figure, x, y, 0, 1, text);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    head_line(line, picture);
    wk_figure_text_shorten(figure, text, sizeof text, line, room);
    wk_figure_text(figure, x, y + 34, 0, 1, text);
}

static void write_fact(wk_figure *figure, wk_box box, int line, const char *name, const char *value)
{
    char text[TEXT];
    double y = box.y + line_height * line + 20;
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_text(figure, box.x, y, 0, 1, name);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text_shorten(figure, text, sizeof text, value, box.width - name_room);
    wk_figure_text(figure, box.x + name_room, y, 0, 1, text);
}

/* As many decimals as two digits of the error have. */
static void with_error(char text[TEXT], double value, double error)
{
    char number[NUMBER], other[NUMBER];
    int digits = 4;
    int known = isfinite(error) && error > 0;
    if (known) {
        double ratio = floor(log10(fabs(value))) - floor(log10(error)) + 2;
        digits = isfinite(ratio) ? (int)fmin(fmax(ratio, 2), 9) : 4;
    }
    wk_number_text(number, sizeof number, value, digits);
    wk_number_text(other, sizeof other, error, 2);
    snprintf(text, TEXT, known ? "%s, error %s" : "%s, error unknown", number, other);
    if (!isfinite(value))
        snprintf(text, TEXT, "unknown");
}

static double reduced(const wk_correlation *c)
{
    return c->dof > 0 ? c->chi2 / (double)c->dof : (double)NAN;
}

static void count_fact(char text[TEXT], const wk_correlation *c)
{
    char good[NUMBER], left[NUMBER];
    wk_count_text(good, sizeof good, (size_t)c->good);
    wk_count_text(left, sizeof left, (size_t)c->nonfinite);
    snprintf(text, TEXT, c->nonfinite > 0 ? "%s good, %s not finite" : "%s good", good, left);
}

static void probability(char text[TEXT], double value)
{
    char number[NUMBER];
    wk_number_text(number, sizeof number, value, 3);
    snprintf(text, TEXT, "%s", value >= 0 && value < 1e-300 ? "below 10⁻³⁰⁰" : number);
}

static void draw_single(wk_figure *figure, wk_box box, const wk_correlation_picture *picture)
{
    const wk_correlation *c = picture->correlations[0];
    char text[TEXT], number[NUMBER], other[NUMBER];
    count_fact(text, c);
    write_fact(figure, box, 0, "pixels", text);
    wk_number_text(number, sizeof number, c->variance, 6);
    write_fact(figure, box, 1, "variance", number);
    wk_number_text(number, sizeof number, c->mean, 5);
    write_fact(figure, box, 2, "mean", number);
    wk_number_text(number, sizeof number, reduced(c), 4);
    wk_count_text(other, sizeof other, c->dof > 0 ? (size_t)c->dof : 0);
    snprintf(text, sizeof text, "%s for %s lags, against white noise", number, other);
    write_fact(figure, box, 3, "chi² / dof", isfinite(reduced(c)) ? text : "unknown");
    probability(text, c->p_value);
    write_fact(figure, box, 4, "p value", text);
    with_error(text, c->area_factor, c->area_error);
    write_fact(figure, box, 5, "area factor", text);
    write_fact(figure, box, 6, "error bars", wk_lag_error_name(picture));
}

typedef enum fact { FACT_GOOD, FACT_VARIANCE, FACT_CHI2, FACT_P_VALUE, FACT_AREA } fact;

static double fact_of(const wk_correlation *c, fact which)
{
    return which == FACT_GOOD       ? (double)c->good
           : which == FACT_VARIANCE ? c->variance
           : which == FACT_CHI2     ? reduced(c)
           : which == FACT_P_VALUE  ? c->p_value
                                    : c->area_factor;
}

static void describe_spread(char text[TEXT], const wk_correlation_picture *picture, fact which,
                            int digits, double *room)
{
    char low[NUMBER], median[NUMBER], high[NUMBER];
    for (size_t k = 0; k < picture->count; k++)
        room[k] = fact_of(picture->correlations[k], which);
    wk_lag_spread spread = wk_lag_spread_find(room, picture->count);
    wk_number_text(low, sizeof low, spread.low, digits);
    wk_number_text(median, sizeof median, spread.median, digits);
    wk_number_text(high, sizeof high, spread.high, digits);
    snprintf(text, TEXT,
             spread.known == 0           ? "unknown"
             : spread.low == spread.high ? "%s"
                                         : "median %s, from %s to %s",
             median, low, high);
}

/* The sum of the mean's lags: the area factor of all images together. */
static double mean_area(const wk_correlation_picture *picture)
{
    double sum = 0;
    const wk_correlation_stack *stack = picture->stack;
    for (int64_t k = 0; k < stack->size * stack->size; k++) {
        double value = wk_lag_value_shown(picture, k);
        sum += isfinite(value) ? value : 0;
    }
    return sum;
}

static void draw_spreads(wk_figure *figure, wk_box box, const wk_correlation_picture *picture,
                         double *room)
{
    static const char *const names[] = {"good pixels", "variance", "chi² / dof", "p value",
                                        "area factor"};
    static const int digits[] = {7, 4, 4, 3, 4};
    char text[TEXT], number[NUMBER];
    wk_box half = {box.x, box.y, 750, box.height};
    for (fact which = FACT_GOOD; which <= FACT_AREA; which++) {
        half.x = which < 3 ? box.x : box.x + 870;
        describe_spread(text, picture, which, digits[which], room);
        write_fact(figure, half, (int)which % 3, names[which], text);
    }
    wk_number_text(number, sizeof number, mean_area(picture), 4);
    snprintf(text, sizeof text, "area factor %s", number);
    write_fact(figure, half, 2, "weighted mean", text);
}

static void write_outlier(wk_figure *figure, double x, double y, double room, size_t image,
                          const wk_correlation_picture *picture)
{
    char text[TEXT], number[NUMBER], count[NUMBER];
    wk_count_text(count, sizeof count, image + 1);
    wk_number_text(number, sizeof number, picture->stack->outlier[image], 3);
    if (!isfinite(picture->stack->outlier[image]))
        snprintf(number, sizeof number, "no bound");
    wk_figure_colour(figure, WK_INK_WARM, 1);
    wk_figure_text(figure, x + 50, y, 1, 1, count);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, x + 160, y, 1, 1, number);
    wk_figure_text_shorten(figure, text, sizeof text, picture->names[image], room - 185);
    wk_figure_text(figure, x + 185, y, 0, 1, text);
}

static void list_outliers(wk_figure *figure, wk_box box, const wk_correlation_picture *picture)
{
    char text[TEXT], count[NUMBER];
    size_t all = wk_lag_outliers(picture), written = 0;
    wk_count_text(count, sizeof count, all);
    snprintf(
        text, sizeof text,
        "%s %s from the others by more than %g standard deviations (number, deviation, name)%s",
        count, all == 1 ? "image differs" : "images differ", WK_CORRELATION_OUTLIER,
        all > WK_FACT_OUTLIERS ? "; the first are" : "");
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_text(figure, box.x, box.y + 20, 0, 1, text);
    for (size_t k = 0; k < picture->count && written < WK_FACT_OUTLIERS; k++) {
        if (!wk_lag_outlying(picture, k))
            continue;
        double y = box.y + line_height * (double)(1 + written / 2) + 20;
        wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
        write_outlier(figure, box.x + (written % 2 ? 870 : 0), y, 750, k, picture);
        written++;
    }
}

wk_status wk_fact_draw(wk_figure *figure, wk_box box, const wk_correlation_picture *picture,
                       wk_error *error)
{
    if (!picture->stack) {
        draw_single(figure, box, picture);
        return WK_OK;
    }
    double *room = wk_memory_raw(picture->count, sizeof *room, error);
    if (!room)
        return WK_MEMORY;
    draw_spreads(figure, box, picture, room);
    wk_memory_free(room);
    box.y += 3.5 * line_height;
    if (wk_lag_outliers(picture) > 0)
        list_outliers(figure, box, picture);
    return WK_OK;
}
