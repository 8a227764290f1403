#include "figure_cells.h"

#include "cells_offset.h"

#include <math.h>
#include <stdio.h>

#include "memory.h"
#include "status.h"
#include "welkin/figure.h"

enum { TEXT = 256, NUMBER = 64 };

static const double arcsecond = 4.848136811095359935899e-6, widest = 6.0; /* sigma */
static const char *const unit = "image units";

wk_box wk_figure_cells_map(int which)
{
    wk_box box = {which % 2 ? 1030 : 130, which / 2 ? 895 : 160, 610, 570};
    return box;
}

wk_box wk_figure_cells_chart(void)
{
    wk_box box = {130, 1630, 610, 340};
    return box;
}

static void count_residual(wk_cells_seen *seen, double sigmas)
{
    wk_bins *bins = &seen->bins;
    double place = (sigmas - bins->low) / (bins->high - bins->low) * bins->size;
    if (!isfinite(sigmas))
        return;
    bins->total++;
    if (place < 0.0)
        bins->below++;
    else if (place >= bins->size)
        bins->above++;
    else
        bins->counts[(int)place]++;
}

/* The last exposure's value less the mean of those before it: what one sees where pictures are laid
 * over each other in the order of names. */
static void add_cell(wk_cells_seen *seen, const wk_sky_cell_value *values, int32_t count,
                     int64_t key, double sky)
{
    const wk_sky_cell_model *model = seen->model;
    double total = 0, before = 0, after = 0, place[2];
    for (int32_t i = 0; i < count; i++) {
        double left = wk_sky_cell_residual(model, &values[i], 0);
        double sigma = wk_sky_cell_sigma(model, &values[i]);
        count_residual(seen, (left - sky) / sigma);
        if (i + 1 == count) {
            before = values[i].value - before / total;
            after = left - after / total;
        } else {
            double weight = wk_sky_cell_weight(&values[i]);
            total += weight;
            before += weight * values[i].value;
            after += weight * left;
        }
    }
    double pitch = model->cells->pitch, differences[2] = {before, after};
    wk_zone_cell(place, &seen->zone, key, pitch * arcsecond);
    wk_mosaic_add(&seen->mosaic, place, pitch / 3600, differences);
    seen->before += before * before;
    seen->after += after * after;
}

static wk_status add_block(void *payload, const wk_sky_cell_block *block, wk_error *error)
{
    (void)error;
    for (int64_t c = 0; c < block->count; c++) {
        int32_t from = block->start[c];
        add_cell(payload, block->values + from, block->start[c + 1] - from, block->key[c],
                 block->sky[c]);
    }
    return WK_OK;
}

wk_status wk_cells_see(wk_cells_seen *seen, const wk_sky_cells *cells, wk_box box,
                       const wk_sky_view *view, wk_error *error)
{
    *seen = (wk_cells_seen){.model = &cells->fit->model, .zone = {.number = -1}};
    seen->bins = (wk_bins){
        .low = -widest, .high = widest, .counts = seen->counts, .size = WK_FIGURE_CELLS_BINS};
    wk_status status = wk_mosaic_open(&seen->mosaic, box, view, 2, error);
    if (status == WK_OK)
        status = wk_sky_cells_visit(cells, add_block, seen, 0, error);
    if (status < 0)
        return status;
    wk_mosaic_finish(&seen->mosaic);
    seen->before = sqrt(seen->before / (double)cells->count);
    seen->after = sqrt(seen->after / (double)cells->count);
    return WK_OK;
}

static void draw_mosaic(wk_figure *figure, int which, const wk_cells_picture *picture,
                        const wk_cells_seen *seen, double half)
{
    static const char *const when[] = {"Before", "After, in the same colours",
                                       "After, in colours of its own"};
    char title[TEXT], number[NUMBER];
    double rms = which ? seen->after : seen->before;
    wk_number_text(number, sizeof number, rms, 3);
    snprintf(title, sizeof title, "%s: rms difference %s", when[which], number);
    wk_mosaic_paint paint = {half > 0 ? half : 1, title, "later − earlier exposures", unit};
    wk_mosaic_draw(figure, wk_figure_cells_map(which), &seen->mosaic, which > 0, &picture->shapes,
                   &paint);
}

static wk_status draw_mosaics(wk_figure *figure, const wk_cells_picture *picture,
                              const wk_cells_seen *seen, wk_error *error)
{
    double half, own;
    wk_status status = wk_mosaic_spread(&half, &seen->mosaic, 0, error);
    if (status == WK_OK)
        status = wk_mosaic_spread(&own, &seen->mosaic, 1, error);
    if (status < 0)
        return status;
    draw_mosaic(figure, 0, picture, seen, half);
    draw_mosaic(figure, 1, picture, seen, half);
    draw_mosaic(figure, 2, picture, seen, own);
    return WK_OK;
}

static void draw_residuals(wk_figure *figure, const wk_cells_seen *seen)
{
    const wk_bell bell = {0, 1, WK_INK};
    wk_bins_style style = {.colour = WK_INK_COOL,
                           .bells = &bell,
                           .bell_count = 1,
                           .logarithmic = 1,
                           .title = "Residuals of cells, and the normal distribution",
                           .name = "residual / standard deviation",
                           .counted = "values"};
    wk_bins_draw(figure, wk_figure_cells_chart(), &seen->bins, &style);
}

/* "1 exposure", "12,000 exposures" */
static void amount(char text[TEXT], size_t count, const char *noun)
{
    char number[32];
    wk_count_text(number, sizeof number, count);
    snprintf(text, TEXT, "%s %s%s", number, noun, count == 1 ? "" : "s");
}

static void draw_title(wk_figure *figure, const wk_cells_picture *picture)
{
    static const char *const names[] = {"Levels", "Planes", "Quadratic surfaces"};
    const wk_solution *solution = picture->solution;
    char exposures[TEXT], cells[TEXT], components[TEXT], pitch[NUMBER], text[4 * TEXT];
    amount(exposures, solution->fields, "exposure");
    amount(cells, (size_t)solution->cells, "shared cell");
    amount(components, solution->components, "connected component");
    snprintf(pitch, sizeof pitch, "%.4g", picture->cells->pitch);
    snprintf(text, sizeof text, "%s of %s, matched by cells", names[solution->order], exposures);
    wk_figure_colour(figure, WK_INK, 1);
    wk_figure_font(figure, 1.5 * WK_TEXT_SIZE, 1);
    wk_figure_text(figure, 130, 66, 0, 1, text);
    snprintf(text, sizeof text, "%s of %s arcsec in %s", cells, pitch, components);
    wk_figure_colour(figure, WK_INK_SOFT, 1);
    wk_figure_font(figure, 1.1 * WK_TEXT_SIZE, 0);
    wk_figure_text(figure, 130, 100, 0, 1, text);
}

static wk_status draw(wk_figure *figure, const wk_cells_picture *picture, wk_error *error)
{
    wk_sky_view view;
    wk_cells_seen seen;
    wk_box facts = {1030, 1644, 740, 400};
    wk_status status = wk_sky_view_fit(&view, &picture->shapes, error);
    if (status < 0)
        return status;
    status = wk_cells_see(&seen, picture->cells, wk_figure_cells_map(0), &view, error);
    if (status == WK_OK) {
        draw_title(figure, picture);
        status = draw_mosaics(figure, picture, &seen, error);
    }
    if (status == WK_OK)
        status = wk_cells_weak_draw(figure, wk_figure_cells_map(3), &view, picture, error);
    if (status == WK_OK) {
        draw_residuals(figure, &seen);
        wk_cells_facts_draw(figure, facts, picture);
    }
    wk_mosaic_release(&seen.mosaic);
    return status;
}

static wk_status draw_page(const char *path, const wk_cells_picture *picture, int overwrite,
                           wk_error *error)
{
    wk_figure *figure;
    wk_status status = wk_figure_open(&figure, path, WK_FIGURE_CELLS_WIDTH, WK_FIGURE_CELLS_HEIGHT,
                                      overwrite, error);
    if (status < 0)
        return status;
    status = draw(figure, picture, error);
    if (status == WK_OK)
        return wk_figure_close(figure, error);
    wk_figure_abandon(figure);
    return status;
}

wk_status wk_figure_cells(const char *path, const wk_sky_cells *cells, const wk_solution *solution,
                          const wk_sky_report *report, const char *const *names, int overwrite,
                          wk_error *error)
{
    if (!cells->fit || solution->fields != wk_overlaps_fields(cells->overlaps))
        return wk_error_set(error, WK_ARGUMENT, "", "the cells have not been matched");
    const double **outlines = wk_memory_new(solution->fields, sizeof *outlines, error);
    size_t *corners = wk_memory_new(solution->fields, sizeof *corners, error);
    wk_status status = outlines && corners ? WK_OK : WK_MEMORY;
    for (size_t i = 0; i < solution->fields && status == WK_OK; i++)
        outlines[i] = wk_overlaps_footprint(cells->overlaps, i, &corners[i]);
    wk_cells_picture picture = {
        {outlines, corners, names, solution->fields}, cells, solution, report};
    if (status == WK_OK)
        status = draw_page(path, &picture, overwrite, error);
    wk_memory_free(outlines);
    wk_memory_free(corners);
    return status;
}
