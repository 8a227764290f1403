/* The parts of the picture of cells that tell what is not known well. */
#include <math.h>
#include <stdio.h>

#include "figure_cells.h"
#include "figure_solution.h"
#include "memory.h"

enum { TEXT = 512, NUMBER = 64, WORST = 4 };

static const double line_height = 34, name_room = 160;
static const char *const unit = "image units";

static void draw_heading(wk_figure *figure, wk_box box, const char *text)
{
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text(figure, box.x, box.y - 16, 0, 1, text);
}

/* The weakest mode of each component at one standard deviation: double[fields].  Returns the one
 * with the largest error; NULL: there is none. */
static const wk_sky_weak_mode *lay_modes(double *values, const wk_sky_report *report)
{
    const wk_sky_weak_mode *largest = NULL;
    for (size_t i = 0; i < report->fields; i++)
        values[i] = (double)NAN;
    for (size_t k = 0; k < report->weak_mode_count; k++) {
        const wk_sky_weak_mode *mode = &report->weak_modes[k];
        const wk_sky_component *own = &report->components[mode->component];
        if (k > 0 && report->weak_modes[k - 1].component == mode->component)
            continue;
        for (size_t i = 0; i < own->count; i++)
            values[own->fields[i]] = mode->error * mode->pattern[i];
        if (!largest || mode->error > largest->error)
            largest = mode;
    }
    return largest;
}

/* What a mode looks like, in a word. */
static const char *shape_of(const wk_sky_weak_mode *mode)
{
    return mode->plane > 0.8       ? "a gradient over the mosaic"
           : mode->quadratic > 0.8 ? "a bend of the mosaic"
                                   : "no simple shape";
}

static wk_status draw_modes(wk_figure *figure, wk_box box, const wk_sky_view *view,
                            const wk_cells_picture *picture, const double *values,
                            const wk_sky_weak_mode *weakest, wk_error *error)
{
    char title[TEXT], number[NUMBER];
    double median, spread, high = 0;
    wk_status status = wk_figure_spread(&median, &spread, values, picture->shapes.count, error);
    if (status < 0)
        return status;
    high = spread + fabs(median);
    wk_number_text(number, sizeof number, weakest->error, 3);
    snprintf(title, sizeof title, "Bound most weakly: %s, rms %s", shape_of(weakest), number);
    draw_heading(figure, box, title);
    high = high > 0 ? high : 1;
    wk_sky_paint paint = {values,
                          -high,
                          high,
                          WK_COLOUR_DIVERGING,
                          "levels at one standard error",
                          unit,
                          "not in a component of three"};
    wk_sky_draw(figure, box, view, &picture->shapes, &paint);
    return WK_OK;
}

static wk_status draw_errors(wk_figure *figure, wk_box box, const wk_sky_view *view,
                             const wk_cells_picture *picture, double *values, wk_error *error)
{
    double median, spread;
    for (size_t i = 0; i < picture->shapes.count; i++)
        values[i] = picture->solution->levels[i].error;
    wk_status status = wk_figure_spread(&median, &spread, values, picture->shapes.count, error);
    double high = median + spread > 0 ? median + spread : 1;
    wk_sky_paint paint = {values, 0, high, WK_COLOUR_EMBER, "standard error", unit, "unknown"};
    if (status < 0)
        return status;
    draw_heading(figure, box, "Errors of the levels");
    wk_sky_draw(figure, box, view, &picture->shapes, &paint);
    return WK_OK;
}

wk_status wk_cells_weak_draw(wk_figure *figure, wk_box box, const wk_sky_view *view,
                             const wk_cells_picture *picture, wk_error *error)
{
    double *values = wk_memory_new(picture->shapes.count, sizeof *values, error);
    if (!values)
        return WK_MEMORY;
    const wk_sky_weak_mode *weakest = lay_modes(values, picture->report);
    wk_status status = weakest ? draw_modes(figure, box, view, picture, values, weakest, error)
                               : draw_errors(figure, box, view, picture, values, error);
    wk_memory_free(values);
    return status;
}

static void write_fact(wk_figure *figure, wk_box *box, const char *name, const char *value)
{
    char text[TEXT];
    wk_figure_font(figure, 1.05 * WK_TEXT_SIZE, 0);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_text(figure, box->x, box->y, 0, 0, name);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_text_shorten(figure, text, sizeof text, value, box->width - name_room);
    wk_figure_text(figure, box->x + name_room, box->y, 0, 0, text);
    box->y += line_height;
}

static void write_numbers(wk_figure *figure, wk_box *box, const wk_cells_picture *picture)
{
    const wk_solution *solution = picture->solution;
    const wk_sky_report *report = picture->report;
    char text[TEXT], a[NUMBER], b[NUMBER], c[NUMBER];
    wk_number_text(a, sizeof a, solution->rms_before, 3);
    wk_number_text(b, sizeof b, solution->rms_after, 3);
    wk_count_text(c, sizeof c, solution->overlap_count);
    snprintf(text, sizeof text, "rms difference %s before, %s after (%s)", a, b, c);
    write_fact(figure, box, "overlaps", text);
    double dof = solution->dof > 0 ? (double)solution->dof : (double)NAN;
    wk_number_text(a, sizeof a, solution->chi2 / dof, 3);
    wk_number_text(b, sizeof b, report->chi2 / dof, 3);
    snprintf(text, sizeof text, "%s as fitted, %s of all values", a, b);
    write_fact(figure, box, "chi² / dof", text);
    wk_number_text(a, sizeof a, report->scale, 3);
    snprintf(text, sizeof text, "%s of the nominal errors", a);
    write_fact(figure, box, "scatter", text);
    wk_count_text(a, sizeof a, (size_t)report->outlying);
    wk_count_text(b, sizeof b, (size_t)picture->cells->values);
    snprintf(text, sizeof text, "%s of %s values", a, b);
    write_fact(figure, box, "beyond 5σ", text);
}

/* The errors of the modes of the component with the weakest one. */
static void write_modes(wk_figure *figure, wk_box *box, const wk_sky_report *report)
{
    char text[TEXT], number[NUMBER];
    size_t weakest = 0, length = 0;
    for (size_t k = 0; k < report->weak_mode_count; k++)
        if (report->weak_modes[k].error > report->weak_modes[weakest].error)
            weakest = k;
    if (report->weak_mode_count == 0) {
        write_fact(figure, box, "weakly bound",
                   report->weak_known ? "no component of three exposures" : "not sought");
        return;
    }
    size_t component = report->weak_modes[weakest].component;
    for (size_t k = 0; k < report->weak_mode_count && length < TEXT / 2; k++) {
        if (report->weak_modes[k].component != component)
            continue;
        wk_number_text(number, sizeof number, report->weak_modes[k].error, 3);
        length +=
            (size_t)snprintf(text + length, TEXT - length, "%s%s", length ? ", " : "rms ", number);
    }
    write_fact(figure, box, "weakly bound", text);
}

static const char *name_of(const wk_cells_picture *picture, size_t field)
{
    const char *const *names = picture->shapes.names;
    if (field >= picture->report->fields)
        return "reference";
    return names && names[field] ? names[field] : "";
}

static void write_worst(wk_figure *figure, wk_box *box, const wk_cells_picture *picture)
{
    const wk_sky_report *report = picture->report;
    for (size_t k = 0; k < report->outlier_count && k < WORST; k++) {
        const wk_sky_outlier *worst = &report->outliers[k];
        const char *name = name_of(picture, worst->field);
        char text[TEXT], ra[NUMBER], dec[NUMBER], sigmas[NUMBER];
        wk_fixed_text(ra, sizeof ra, worst->sky[0], 5);
        wk_fixed_text(dec, sizeof dec, worst->sky[1], 5);
        wk_fixed_text(sigmas, sizeof sigmas, worst->residual / worst->sigma, 1);
        snprintf(text, sizeof text, "%sσ at %s°, %s%s°: %.200s", sigmas, ra,
                 worst->sky[1] < 0 ? "" : "+", dec, name);
        write_fact(figure, box, k == 0 ? "worst cells" : "", text);
    }
}

void wk_cells_facts_draw(wk_figure *figure, wk_box box, const wk_cells_picture *picture)
{
    write_numbers(figure, &box, picture);
    write_modes(figure, &box, picture->report);
    write_worst(figure, &box, picture);
}
