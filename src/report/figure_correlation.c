#include "figure_correlation.h"

#include <math.h>
#include <stdio.h>

#include "welkin/figure.h"
#include "figure_fact.h"
#include "figure_lag.h"
#include "figure_matrix.h"
#include "figure_profile.h"
#include "figure_strip.h"
#include "memory.h"
#include "status.h"

enum { WIDTH = 1800, CHARTS = 4, NEIGHBOURS = 4, NAME = 32, MOST_WRITTEN = 4 };

static const double left = 130, right = 1000, top = 180, side = 560, power_side = 500, apart = 185,
                    chart_width = 300, chart_height = 205, strips_height = 540, bars_height = 300;

/* Half a plane of lags holds all: the other half has the same values. */
static const int directions[CHARTS][2] = {{0, 1}, {1, 0}, {1, 1}, {-1, 1}};     /* dy, dx */
static const int neighbours[NEIGHBOURS][2] = {{0, 1}, {1, 0}, {1, 1}, {1, -1}}; /* dy, dx */

static double third_row(const wk_correlation_picture *picture)
{
    return top + side + apart + (picture->power ? power_side + apart : 0);
}

wk_box wk_figure_correlation_box(const wk_correlation_picture *picture, wk_correlation_panel panel)
{
    double second = top + side + apart, third = third_row(picture);
    double facts = picture->stack ? third + strips_height + 100 : third;
    wk_box boxes[] = {
        [WK_CORRELATION_MATRIX] = {left, top, side, side},
        [WK_CORRELATION_PROFILES] = {right, top, 2 * chart_width + 110, side},
        [WK_CORRELATION_POWER] = {left, second, power_side, power_side},
        [WK_CORRELATION_POWER_PROFILES] = {right, second, 710, power_side},
        [WK_CORRELATION_NEIGHBOURS] = {left, third, picture->stack ? 1520 : side,
                                       picture->stack ? strips_height : bars_height},
        [WK_CORRELATION_FACTS] = {picture->stack ? left : right, facts, picture->stack ? 1620 : 750,
                                  wk_fact_height(picture)},
    };
    if (!picture->power)
        boxes[WK_CORRELATION_POWER] = boxes[WK_CORRELATION_POWER_PROFILES] = (wk_box){0, 0, 0, 0};
    return boxes[panel];
}

wk_box wk_figure_correlation_chart(const wk_correlation_picture *picture, int chart)
{
    wk_box all = wk_figure_correlation_box(picture, WK_CORRELATION_PROFILES);
    wk_box box = {all.x + (chart % 2 ? chart_width + 110 : 0),
                  all.y + (chart / 2 ? all.height - chart_height : 0), chart_width, chart_height};
    return box;
}

void wk_figure_correlation_size(int *width, int *height, const wk_correlation_picture *picture)
{
    wk_box neighbours_box = wk_figure_correlation_box(picture, WK_CORRELATION_NEIGHBOURS);
    wk_box facts = wk_figure_correlation_box(picture, WK_CORRELATION_FACTS);
    *width = WIDTH;
    *height =
        (int)(fmax(neighbours_box.y + neighbours_box.height + 60, facts.y + facts.height) + 40);
}

/* What stands behind the pictures, made once. */
typedef struct arrays {
    double *memory;
    double *values, *errors; /* [size][size] */
    double *steps;           /* [lag], 1 to lag */
    double *profile[CHARTS]; /* [lag] */
    double *profile_error[CHARTS], *band[CHARTS];
    double *strip[NEIGHBOURS], *strip_error[NEIGHBOURS]; /* [count] */
    double *room;                                        /* [CHARTS * lag] */
    double *frequencies;                                 /* [n / 2 + 1] */
    unsigned char *marked;                               /* [count] */
} arrays;

static wk_status reserve(arrays *a, const wk_correlation_picture *picture, wk_error *error)
{
    const wk_correlation *first = picture->correlations[0];
    size_t cells = (size_t)(first->size * first->size), lag = (size_t)first->lag;
    size_t half = picture->power ? (size_t)picture->power->n / 2 + 1 : 0;
    size_t all = 2 * cells + (1 + 4 * CHARTS) * lag + 2 * NEIGHBOURS * picture->count + half;
    *a = (arrays){.marked = wk_memory_new(picture->count, 1, error)};
    a->memory = wk_memory_raw(all, sizeof *a->memory, error);
    if (!a->memory || !a->marked)
        return WK_MEMORY;
    double *next = a->memory;
    a->values = next;
    a->errors = next += cells;
    a->steps = next += cells;
    next += lag;
    for (int k = 0; k < CHARTS; k++, next += 3 * lag) {
        a->profile[k] = next;
        a->profile_error[k] = next + lag;
        a->band[k] = next + 2 * lag;
    }
    for (int k = 0; k < NEIGHBOURS; k++, next += 2 * picture->count) {
        a->strip[k] = next;
        a->strip_error[k] = next + picture->count;
    }
    a->room = next;
    a->frequencies = next + CHARTS * lag;
    return WK_OK;
}

static void release(arrays *a)
{
    wk_memory_free(a->memory);
    wk_memory_free(a->marked);
}

static void take_lags(arrays *a, const wk_correlation_picture *picture)
{
    const wk_correlation *first = picture->correlations[0];
    for (int64_t k = 0; k < first->size * first->size; k++) {
        a->values[k] = wk_lag_value_shown(picture, k);
        a->errors[k] = wk_lag_error_shown(picture, k);
    }
    for (int64_t k = 0; k < first->lag; k++) {
        a->steps[k] = (double)(k + 1);
        for (int c = 0; c < CHARTS; c++) {
            int64_t cell =
                wk_lag_index(first->lag, directions[c][0] * (k + 1), directions[c][1] * (k + 1));
            a->profile[c][k] = a->values[cell];
            a->profile_error[c][k] = a->errors[cell];
            a->band[c][k] = wk_lag_white_shown(picture, cell);
        }
    }
}

static void take_neighbours(arrays *a, const wk_correlation_picture *picture)
{
    int64_t lag = picture->correlations[0]->lag;
    for (size_t k = 0; k < picture->count; k++) {
        const wk_correlation *c = picture->correlations[k];
        a->marked[k] = (unsigned char)wk_lag_outlying(picture, k);
        for (int n = 0; n < NEIGHBOURS && lag > 0; n++) {
            int64_t cell = wk_lag_index(lag, neighbours[n][0], neighbours[n][1]);
            a->strip[n][k] = c->correlation[cell];
            a->strip_error[n][k] = wk_lag_error(c, cell);
        }
    }
}

static wk_status draw_matrix(wk_figure *figure, const wk_correlation_picture *picture,
                             const arrays *a, wk_error *error)
{
    const wk_correlation *first = picture->correlations[0];
    wk_matrix matrix = {
        .values = a->values,
        .errors = a->errors,
        .size = first->size,
        .first = -(double)first->lag,
        .step = 1,
        .centre = first->lag,
        .written = first->lag <= MOST_WRITTEN,
        .signs = 1,
        .title = picture->stack ? "Correlation by lag: mean of the images" : "Correlation by lag",
        .name = "correlation",
        .across = "dx",
        .upward = "dy",
        .unit = "pixel",
        .centre_name = isfinite(a->values[wk_lag_index(first->lag, 0, 0)]) ? "the pixel itself: 1"
                                                                           : "the pixel itself",
        .unknown = "no pairs, or no variance"};
    return wk_matrix_draw(figure, wk_figure_correlation_box(picture, WK_CORRELATION_MATRIX),
                          &matrix, error);
}

/* Half the values are nearer to zero than this; infinite without any. */
static double usual_size(const double *const charts[CHARTS], double *room, size_t lag)
{
    for (size_t k = 0; k < CHARTS * lag; k++)
        room[k] = fabs(charts[k / lag][k % lag]);
    double size = wk_lag_spread_find(room, CHARTS * lag).median;
    return isfinite(size) ? size : (double)INFINITY;
}

/* Few values far above the noise would press all others flat: they leave the scale, which ends at
 * ten times the usual error or three times the usual value. */
static double profile_cut(const arrays *a, size_t lag)
{
    double cut = 0, largest = 0;
    if (lag < 2)
        return 0;
    for (size_t k = 0; k < CHARTS * lag; k++)
        if (isfinite(a->profile[k / lag][k % lag]))
            largest = fmax(largest, fabs(a->profile[k / lag][k % lag]));
    cut = 3 * usual_size((const double *const *)a->profile, a->room, lag);
    cut = fmax(cut, 10 * usual_size((const double *const *)a->profile_error, a->room, lag));
    cut = fmax(cut, 10 * usual_size((const double *const *)a->band, a->room, lag));
    return largest > 2.5 * cut ? cut : 0;
}

static void explain_profiles(wk_figure *figure, const wk_correlation_picture *picture)
{
    char name[2 * NAME];
    wk_profile_line line = {.colour = WK_INK_COOL, .dots = 1, .name = name};
    snprintf(name, sizeof name, "error bars: %s", wk_lag_error_name(picture));
    wk_box box = wk_figure_correlation_chart(picture, 2);
    double y = box.y + box.height + 88;
    double x = wk_profile_explain(figure, box.x, y, &line);
    wk_profile_explain_band(figure, x, y, "one sigma of white noise");
}

static void draw_profiles(wk_figure *figure, const wk_correlation_picture *picture, const arrays *a)
{
    static const char *const titles[] = {"Along x", "Along y", "Along one diagonal",
                                         "Along the other diagonal"};
    static const char *const across[] = {"dx", "dy", "dx = dy", "dx = −dy"};
    int64_t lag = picture->correlations[0]->lag;
    wk_profile_line lines[CHARTS];
    wk_profile profiles[CHARTS];
    wk_profile_reach reach = wk_profile_reach_start(0, 0);
    reach.cut = profile_cut(a, (size_t)lag);
    for (int k = 0; k < CHARTS; k++) {
        lines[k] = (wk_profile_line){
            a->steps, a->profile[k], a->profile_error[k], (size_t)lag, WK_INK_COOL, 1, NULL};
        profiles[k] = (wk_profile){.lines = &lines[k],
                                   .count = 1,
                                   .band = a->band[k],
                                   .low = 0.5,
                                   .high = fmax((double)lag, 1) + 0.5,
                                   .ticks = lag > 60 ? 4 : (int)fmin(fmax((double)lag, 1), 8),
                                   .title = titles[k],
                                   .across = across[k],
                                   .unit = "pixel",
                                   .upward = k % 2 ? NULL : "correlation"};
        wk_profile_reach_add(&reach, &profiles[k]);
    }
    for (int k = 0; k < CHARTS; k++) {
        wk_profile_reach_take(&reach, &profiles[k]);
        wk_profile_draw(figure, wk_figure_correlation_chart(picture, k), &profiles[k]);
    }
    if (lag > 0)
        explain_profiles(figure, picture);
}

/* Over a hundredfold range only the logarithm shows anything but the peak. */
static int power_spans(const wk_correlation_power *power)
{
    double least = INFINITY, most = 0;
    for (int64_t k = 0; k < power->n * power->n; k++) {
        if (!isfinite(power->power[k]))
            continue;
        least = fmin(least, power->power[k]);
        most = fmax(most, power->power[k]);
    }
    return least > 0 && most >= 100 * least;
}

static wk_status draw_power(wk_figure *figure, const wk_correlation_picture *picture,
                            int logarithmic, wk_error *error)
{
    const wk_correlation_power *power = picture->power;
    double n = (double)power->n;
    wk_matrix matrix = {.values = power->power,
                        .size = power->n,
                        .first = -floor(n / 2) / n,
                        .step = 1 / n,
                        .centre = -1,
                        .logarithmic = logarithmic,
                        .title =
                            logarithmic ? "Power spectrum, logarithmic" : "Power spectrum, linear",
                        .name = "power",
                        .across = "frequency in x",
                        .upward = "frequency in y",
                        .unit = "cycles per pixel",
                        .unknown = "no value"};
    wk_box box = wk_figure_correlation_box(picture, WK_CORRELATION_POWER);
    wk_status status = wk_matrix_draw(figure, box, &matrix, error);
    if (power->negative > 0) {
        char count[NAME], text[2 * NAME];
        wk_count_text(count, sizeof count, (size_t)power->negative);
        snprintf(text, sizeof text, "%s below 0", count);
        wk_figure_font(figure, 0.85 * WK_TEXT_SIZE, 0);
        wk_figure_colour(figure, WK_INK_WARM, 1);
        wk_figure_text(figure, box.x + box.width, box.y - 16, 1, 1, text);
    }
    return status;
}

static void draw_power_profiles(wk_figure *figure, const wk_correlation_picture *picture,
                                const arrays *a, int logarithmic)
{
    const wk_correlation_power *power = picture->power;
    size_t half = (size_t)power->n / 2 + 1;
    double last = power->bins > 0 ? power->frequency[power->bins - 1] : 0;
    const wk_profile_line lines[] = {
        {a->frequencies, power->along_x, NULL, half, WK_INK_COOL, 0, "along x"},
        {a->frequencies, power->along_y, NULL, half, WK_INK_WARM, 0, "along y"},
        {power->frequency, power->radial, NULL, (size_t)power->bins, WK_INK, 0,
         "mean of all directions"},
    };
    wk_profile profile = {.lines = lines,
                          .count = 3,
                          .level = 1,
                          .high = fmax(isfinite(last) ? last : 0, 0.5),
                          .logarithmic = logarithmic,
                          .ticks = 7,
                          .title = "Power along the axes and by distance from zero",
                          .across = "frequency",
                          .unit = "cycles per pixel",
                          .upward = "power (white noise: 1)"};
    wk_box box = wk_figure_correlation_box(picture, WK_CORRELATION_POWER_PROFILES);
    for (size_t k = 0; k < half; k++)
        a->frequencies[k] = (double)k / (double)power->n;
    wk_profile_reach reach = wk_profile_reach_start(profile.level, logarithmic);
    wk_profile_reach_add(&reach, &profile);
    wk_profile_reach_take(&reach, &profile);
    wk_profile_draw(figure, box, &profile);
    for (int k = 0, x = (int)box.x; k < 3; k++)
        x = (int)wk_profile_explain(figure, x, box.y + box.height + 88, &lines[k]);
}

static void neighbour_name(char text[NAME], int neighbour)
{
    char dx[NAME / 4], dy[NAME / 4];
    wk_fixed_text(dx, sizeof dx, neighbours[neighbour][1], 0);
    wk_fixed_text(dy, sizeof dy, neighbours[neighbour][0], 0);
    snprintf(text, NAME, "dx %s, dy %s", dx, dy);
}

static void draw_neighbours(wk_figure *figure, const wk_correlation_picture *picture,
                            const arrays *a)
{
    char names[NEIGHBOURS][NAME];
    wk_strip strips[NEIGHBOURS];
    int64_t lag = picture->correlations[0]->lag;
    wk_box box = wk_figure_correlation_box(picture, WK_CORRELATION_NEIGHBOURS);
    for (int k = 0; k < NEIGHBOURS; k++) {
        neighbour_name(names[k], k);
        strips[k] = (wk_strip){a->strip[k], a->strip_error[k], (double)NAN, names[k]};
        if (picture->stack && lag > 0)
            strips[k].mean =
                wk_lag_value_shown(picture, wk_lag_index(lag, neighbours[k][0], neighbours[k][1]));
    }
    wk_strips all = {.strips = strips,
                     .strip_count = NEIGHBOURS,
                     .count = picture->stack ? picture->count : 1,
                     .marked = a->marked,
                     .names = picture->names,
                     .title = picture->stack
                                  ? "Correlation of neighbours, image by image; lines: mean"
                                  : "Correlation of neighbours",
                     .places = "image"};
    if (lag < 1)
        wk_figure_message(figure, box, "no neighbours within lag 0");
    else if (picture->stack)
        wk_strips_draw(figure, box, &all);
    else
        wk_strips_draw_bars(figure, box, &all, "correlation");
}

static wk_status draw_panels(wk_figure *figure, const wk_correlation_picture *picture,
                             const arrays *a, wk_error *error)
{
    int logarithmic = picture->power ? power_spans(picture->power) : 0;
    wk_box facts = wk_figure_correlation_box(picture, WK_CORRELATION_FACTS);
    wk_status status = draw_matrix(figure, picture, a, error);
    if (status == WK_OK && picture->power)
        status = draw_power(figure, picture, logarithmic, error);
    if (status == WK_OK)
        status = wk_fact_draw(figure, facts, picture, error);
    if (status != WK_OK)
        return status;
    wk_fact_draw_head(figure, left, 66, WIDTH - left - 60, picture);
    draw_profiles(figure, picture, a);
    if (picture->power)
        draw_power_profiles(figure, picture, a, logarithmic);
    draw_neighbours(figure, picture, a);
    return WK_OK;
}

wk_status wk_figure_correlation_draw(wk_figure *figure, const wk_correlation_picture *picture,
                                     wk_error *error)
{
    arrays a;
    wk_status status = reserve(&a, picture, error);
    if (status == WK_OK) {
        take_lags(&a, picture);
        take_neighbours(&a, picture);
        status = draw_panels(figure, picture, &a, error);
    }
    release(&a);
    return status;
}

static wk_status check(const wk_correlation *const *correlations, size_t count,
                       const wk_correlation_stack *stack, wk_error *error)
{
    if (!correlations || count == 0)
        return wk_error_set(error, WK_ARGUMENT, "correlations", "there is no correlation to draw");
    for (size_t k = 1; k < count; k++)
        if (correlations[k]->lag != correlations[0]->lag)
            return wk_error_set(error, WK_ARGUMENT, "correlations",
                                "correlation %zu has lag %lld, but the first has %lld", k,
                                (long long)correlations[k]->lag, (long long)correlations[0]->lag);
    if (count > 1 && !stack)
        return wk_error_set(error, WK_ARGUMENT, "stack",
                            "%zu correlations need a stack to be drawn together", count);
    if (stack && (stack->lag != correlations[0]->lag || stack->count != (int64_t)count))
        return wk_error_set(
            error, WK_ARGUMENT, "stack",
            "the stack has lag %lld and %lld images, but there are lag %lld and %zu",
            (long long)stack->lag, (long long)stack->count, (long long)correlations[0]->lag, count);
    return WK_OK;
}

/* A name for each: the caller's, or its number. */
static const char **make_names(const char *const *names, size_t count, wk_error *error)
{
    const char **out = wk_memory_raw(count, sizeof *out + NAME, error);
    if (!out)
        return NULL;
    char *room = (char *)(out + count);
    for (size_t k = 0; k < count; k++, room += NAME) {
        snprintf(room, NAME, count > 1 ? "image %zu" : "an image", k + 1);
        out[k] = names && names[k] ? names[k] : room;
    }
    return out;
}

static wk_status draw_file(const char *path, const wk_correlation_picture *picture, int overwrite,
                           wk_error *error)
{
    int width, height;
    wk_figure *figure;
    wk_figure_correlation_size(&width, &height, picture);
    wk_status status = wk_figure_open(&figure, path, width, height, overwrite, error);
    if (status != WK_OK)
        return status;
    status = wk_figure_correlation_draw(figure, picture, error);
    if (status == WK_OK)
        return wk_figure_close(figure, error);
    wk_figure_abandon(figure);
    return status;
}

wk_status wk_figure_correlation(const char *path, const wk_correlation *const *correlations,
                                const char *const *names, size_t count,
                                const wk_correlation_stack *stack,
                                const wk_correlation_power *power, int overwrite, wk_error *error)
{
    wk_status status = check(correlations, count, stack, error);
    if (status != WK_OK)
        return status;
    const char **all = make_names(names, count, error);
    if (!all)
        return WK_MEMORY;
    /* one image is drawn as such, even as a stack */
    wk_correlation_picture picture = {correlations, all, count, count > 1 ? stack : NULL, power};
    status = draw_file(path, &picture, overwrite, error);
    wk_memory_free(all);
    return status;
}
